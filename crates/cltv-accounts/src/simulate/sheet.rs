//! The simulated sheet: its cells and headings.

use chrono::NaiveDate;

/// The bytes of the embedded workbook, an xlsx file.
pub const CRM_WORKBOOK: &[u8] = include_bytes!("../../../../data/crm_accounts.xlsx");

/// Months of spending in the workbook.
pub(super) const MONTHS: usize = 24;

/// Headings before the months of spending.
pub(super) const FIRST_COLUMNS: [&str; 13] = [
    "account_id",
    "name",
    "region",
    "channel",
    "plan",
    "income",
    "start_date",
    "tenure_months",
    "products",
    "engagement",
    "discount",
    "acquisition_cost",
    "churned",
];

/// A cell of the simulated sheet, as a writer should store it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum SimulatedCell {
    /// Nothing.
    Empty,
    /// A number.
    Number(f64),
    /// A share of 1 with a percent format.
    Percent(f64),
    /// A text.
    Text(String),
    /// A day.
    Day(NaiveDate),
    /// The error #N/A.
    NotAvailable,
}

/// A simulated sheet.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct SimulatedCrm {
    /// The headings.
    pub header: Vec<String>,
    /// One row for each account, and duplicates of some.
    pub rows: Vec<Vec<SimulatedCell>>,
}
