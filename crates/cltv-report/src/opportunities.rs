//! The page of the workflow `discrete`: what is expected at the next opportunities.

use crate::ReportError;
use crate::page::page;
use minijinja::value::Value;
use serde::Serialize;

/// Customers with one history of opportunities.
#[derive(Debug, Clone, Serialize)]
pub struct HistoryLine {
    /// Opportunities with a purchase.
    pub x: u64,
    /// The last of them.
    pub t_x: u64,
    /// Opportunities since the first purchase.
    pub n: u64,
    /// Customers.
    pub customers: u64,
    /// P(at least one purchase at the opportunities ahead).
    pub p_return: f64,
    /// Purchases expected of one.
    pub expected: f64,
    /// Purchases expected of all of them.
    pub together: f64,
}

/// The facts of the page.
#[derive(Debug, Clone, Serialize)]
pub struct OpportunitiesSummary {
    /// The data's name.
    pub source: String,
    /// What is bought: "donation".
    pub thing: String,
    /// Customers.
    pub customers: u64,
    /// Customers expected to buy at least once at the opportunities ahead.
    pub returning: f64,
    /// Opportunities ahead.
    pub ahead: u64,
    /// Purchases expected of all customers.
    pub expected: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Level of the interval.
    pub level: f64,
    /// The histories with the most expected purchases.
    pub histories: Vec<HistoryLine>,
}

/// What the page cannot show.
const CAVEATS: [&str; 3] = [
    "The interval reflects parameter uncertainty only: neither the randomness of single customers nor model error.",
    "Table and figures count purchases, not money: multiply by an amount per purchase.",
    "No data were held out, so nothing here tests the forecast.",
];

impl OpportunitiesSummary {
    /// The page as Markdown.
    ///
    /// # Errors
    /// [`ReportError::Template`] when the template meets a value it cannot show.
    pub fn to_markdown(&self) -> Result<String, ReportError> {
        let template = include_str!("../templates/opportunities_summary.md.j2");
        page(template, "", self, &CAVEATS.map(str::to_owned), Value::UNDEFINED)
    }
}
