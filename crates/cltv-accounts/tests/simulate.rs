//! The committed workbook is what the simulator gives, cell by cell.

use std::io::Cursor;

use calamine::{Data, Reader, Xlsx};
use cltv_accounts::{CrmSimulation, SimulatedCell, simulate_crm};

#[path = "../examples/crm_workbook.rs"]
#[allow(unreachable_pub, reason = "an example is a program of its own")]
mod crm_workbook;

fn open(bytes: &[u8]) -> Xlsx<Cursor<Vec<u8>>> {
    Xlsx::new(Cursor::new(bytes.to_vec())).unwrap()
}

fn same(cell: &SimulatedCell, data: &Data) -> bool {
    match (cell, data) {
        (SimulatedCell::Empty, Data::Empty) => true,
        (SimulatedCell::Number(n) | SimulatedCell::Percent(n), Data::Float(m)) => n == m,
        (SimulatedCell::Text(text), Data::String(other)) => text == other,
        (SimulatedCell::Day(day), Data::DateTime(at)) => {
            let (year, month, date, ..) = at.to_ymd_hms_milli();
            chrono::NaiveDate::from_ymd_opt(year.into(), month.into(), date.into()) == Some(*day)
        }
        (SimulatedCell::NotAvailable, Data::Error(error)) => error.to_string() == "#N/A",
        _ => false,
    }
}

#[test]
fn the_committed_workbook_holds_the_simulators_cells() {
    let committed = cltv_accounts::CRM_WORKBOOK;
    assert!(committed.len() < 1_500_000, "{} bytes", committed.len());
    let mut book = open(committed);
    assert_eq!(book.sheet_names(), ["Accounts", "About"]);
    let about = book.worksheet_range("About").unwrap();
    assert!(about.get_value((0, 0)).unwrap().to_string().contains("simulated"));
    let sheet = book.worksheet_range("Accounts").unwrap();
    let crm = simulate_crm(&CrmSimulation::default());
    assert_eq!(sheet.end(), Some((crm.rows.len() as u32 + 3, crm.header.len() as u32 - 1)));
    for (column, name) in (0..).zip(&crm.header) {
        assert_eq!(sheet.get_value((3, column)).unwrap().to_string(), *name);
    }
    for (row, cells) in (4..).zip(&crm.rows) {
        for (column, cell) in (0..).zip(cells) {
            let data = sheet.get_value((row, column)).unwrap();
            assert!(same(cell, data), "row {}, column {column}: {cell:?} is {data:?}", row + 1);
        }
    }
}

#[test]
fn the_bytes_are_the_same_each_time() {
    let month = chrono::NaiveDate::from_ymd_opt(2024, 1, 1).unwrap();
    let book = || crm_workbook::workbook(&CrmSimulation::new(60, 1, month)).unwrap();
    let first = book();
    // The dates of a workbook have the resolution of a second.
    std::thread::sleep(std::time::Duration::from_millis(1100));
    assert!(first == book());
}

#[test]
fn seeds_and_sizes_are_obeyed() {
    let month = chrono::NaiveDate::from_ymd_opt(2023, 7, 1).unwrap();
    let small = simulate_crm(&CrmSimulation::new(40, 7, month));
    assert_eq!((small.rows.len(), small.header[13].as_str()), (70, "expense_2023-07"));
    assert_ne!(small, simulate_crm(&CrmSimulation::new(40, 8, month)));
    assert!(simulate_crm(&CrmSimulation::new(0, 7, month)).rows.is_empty());
}
