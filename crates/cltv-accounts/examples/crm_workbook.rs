//! Writes the simulated CRM workbook: `cargo run -p cltv-accounts --example crm_workbook`.
//!
//! The cells are the simulator's; the bytes are the same in each run of one build, since the
//! creation date is fixed (they may differ between builds that compress by another library).

use cltv_accounts::{CrmSimulation, SimulatedCell, simulate_crm};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Formula, Workbook, Worksheet, XlsxError};

const ABOUT: [&str; 8] = [
    "Everything in this workbook is simulated; no account exists.",
    "It is the embedded example of cltv, made by examples/crm_workbook.rs of the crate cltv-accounts.",
    "Sheet Accounts: one row an account, some of them twice; the header is in row 4.",
    "expense_YYYY-MM: what the account spent in that month; empty before its start.",
    "discount: share of the list price; engagement: 0 to 100; income: a year's.",
    "acquisition_cost: what winning the account cost; churned: whether it has left by the last month.",
    "realised_ltv: contribution margin of all spending to date, before the acquisition cost.",
    "Missing values, outliers, texts for numbers and doubled rows are part of the example.",
];

/// The workbook's bytes.
pub fn workbook(simulation: &CrmSimulation) -> Result<Vec<u8>, XlsxError> {
    let crm = simulate_crm(simulation);
    let mut book = Workbook::new();
    let created = ExcelDateTime::from_ymd(2026, 1, 1)?;
    book.set_properties(
        &DocProperties::new().set_title("Simulated CRM accounts").set_creation_datetime(&created),
    );
    let sheet = book.add_worksheet().set_name("Accounts")?;
    let bold = Format::new().set_bold();
    sheet.merge_range(0, 0, 0, 5, "Accounts and their spending (simulated)", &bold)?;
    sheet.write_string(1, 0, "Every account is invented: see sheet About.")?;
    for (column, name) in (0_u16..).zip(&crm.header) {
        sheet.write_string_with_format(3, column, name, &bold)?;
    }
    let (percent, date) = (Format::new().set_num_format("0%"), Format::new().set_num_format("yyyy-mm-dd"));
    for (row, cells) in (4_u32..).zip(&crm.rows) {
        for (column, cell) in (0_u16..).zip(cells) {
            write(sheet, row, column, cell, &percent, &date)?;
        }
    }
    sheet.set_freeze_panes(4, 2)?;
    let about = book.add_worksheet().set_name("About")?;
    for (row, line) in (0_u32..).zip(ABOUT) {
        about.write_string(row, 0, line)?;
    }
    book.save_to_buffer()
}

fn write(
    sheet: &mut Worksheet,
    row: u32,
    column: u16,
    cell: &SimulatedCell,
    percent: &Format,
    date: &Format,
) -> Result<(), XlsxError> {
    match cell {
        SimulatedCell::Number(n) => sheet.write_number(row, column, *n)?,
        SimulatedCell::Percent(n) => sheet.write_number_with_format(row, column, *n, percent)?,
        SimulatedCell::Text(text) => sheet.write_string(row, column, text)?,
        SimulatedCell::Day(day) => {
            let day = ExcelDateTime::parse_from_str(&day.to_string())?;
            sheet.write_datetime_with_format(row, column, &day, date)?
        }
        SimulatedCell::NotAvailable => {
            sheet.write_formula(row, column, Formula::new("=NA()").set_result("#N/A"))?
        }
        _ => sheet,
    };
    Ok(())
}

#[allow(dead_code, reason = "the tests take the workbook only")]
fn main() -> Result<(), XlsxError> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/crm_accounts.xlsx");
    std::fs::write(path, workbook(&CrmSimulation::default())?).map_err(XlsxError::from)
}
