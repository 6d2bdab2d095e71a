//! What the cleaning found, in figures, sentences and tables.

use std::fmt;

use chrono::NaiveDate;
use cltv_protocol::text::{count, counted};
use polars::prelude::DataFrame;
use serde::{Deserialize, Serialize};

use cltv_plan::cleaning::Reason;

use crate::error::DataError;
use crate::frame;
use crate::raw::RawTransactions;
use crate::transactions::Transactions;

/// One check of the cleaning.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// What was looked for.
    pub check: String,
    /// Rows found.
    pub rows: usize,
    /// Rows left out because of it.
    pub left_out: usize,
    /// What was done with them.
    pub done: String,
}

impl Step {
    pub(crate) fn left_out(check: &str, rows: usize) -> Self {
        Self { check: check.to_owned(), rows, left_out: rows, done: "left out".to_owned() }
    }

    pub(crate) fn kept(check: &str, rows: usize, done: &str) -> Self {
        Self { check: check.to_owned(), rows, left_out: 0, done: done.to_owned() }
    }
}

/// What the cleaning found and did: figures, one sentence a check, and every row left out.
///
/// ```
/// use cltv_purchases::{Cleaning, Source};
/// let report = Source::new("cdnow").read()?.clean(&Cleaning::default())?.report;
/// assert_eq!((report.rows_read, report.rows_kept), (6919, 6919));
/// assert_eq!((report.duplicates, report.zero_amounts), (21, 8));
/// assert!(report.to_string().contains("21 rows equal to an earlier row"));
/// # Ok::<(), cltv_purchases::DataError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CleaningReport {
    /// The source, as it was named.
    pub source: String,
    /// Rows of the source.
    pub rows_read: usize,
    /// Rows that are purchases.
    pub rows_kept: usize,
    /// Customers with a purchase.
    pub customers: usize,
    /// First and last purchase.
    #[serde(skip)]
    pub span: Option<(NaiveDate, NaiveDate)>,
    /// Rows without customer id.
    pub missing_ids: usize,
    /// Rows without date.
    pub missing_dates: usize,
    /// Rows dated after today that were left out.
    pub future_dates: usize,
    /// Rows equal to an earlier row in every column of the source.
    pub duplicates: usize,
    /// Rows without amount although amounts were named.
    pub missing_amounts: usize,
    /// Rows with a negative amount.
    pub returns: usize,
    /// What the returns add up to, as a positive amount.
    pub returned_amount: f64,
    /// What of it was taken from earlier purchases.
    pub netted_amount: f64,
    /// What of it found no earlier purchase, when netting was asked for.
    pub unmatched_returns: f64,
    /// Rows that do not meet the filter.
    pub filtered: usize,
    /// Lines that were added up with other lines of their order.
    pub merged_lines: usize,
    /// What duplicates add up to that were kept as purchases.
    pub duplicate_amount: f64,
    /// Rows of amount zero.
    pub zero_amounts: usize,
    /// Rows above the outlier limit.
    pub outliers: usize,
    /// The outlier limit, when there are enough amounts for quartiles.
    pub outlier_limit: Option<f64>,
    /// Every check in its order.
    pub steps: Vec<Step>,
    /// What was recognised while reading.
    pub notes: Vec<String>,
    /// What looks wrong and was left as it is; it belongs beside the headline of every summary.
    pub warnings: Vec<String>,
    /// Rows left out because of each reason, in the order of the checks.
    pub(crate) reasons: Vec<(Reason, usize)>,
    #[serde(skip)]
    pub(crate) left_out: DataFrame,
}

impl CleaningReport {
    pub(crate) fn new(raw: &RawTransactions) -> Self {
        Self {
            source: raw.origin.shown.clone(),
            rows_read: raw.len() + raw.filtered,
            rows_kept: 0,
            customers: 0,
            span: None,
            missing_ids: 0,
            missing_dates: 0,
            future_dates: 0,
            duplicates: 0,
            missing_amounts: 0,
            returns: 0,
            returned_amount: 0.0,
            netted_amount: 0.0,
            unmatched_returns: 0.0,
            filtered: 0,
            merged_lines: 0,
            duplicate_amount: 0.0,
            zero_amounts: 0,
            outliers: 0,
            outlier_limit: None,
            steps: Vec::new(),
            notes: raw.notes.clone(),
            warnings: raw.warnings.clone(),
            reasons: Vec::new(),
            left_out: DataFrame::empty(),
        }
    }

    pub(crate) fn step(&mut self, step: Step) {
        self.steps.push(step);
    }

    pub(crate) fn close(&mut self, transactions: &Transactions) {
        self.rows_kept = transactions.len();
        self.customers = transactions.customers();
        self.span = Some((transactions.first_date(), transactions.last_date()));
    }

    /// "12 rows: no customer id, 3 rows: no date": why rows were left out.
    pub(crate) fn reasons(&self) -> String {
        let found = self.reasons.iter().filter(|(_, rows)| *rows > 0);
        let parts: Vec<String> =
            found.map(|(reason, rows)| format!("{}: {}", counted(*rows, "row"), reason.words())).collect();
        parts.join(", ")
    }

    /// Rows of the source that are no purchases.
    #[must_use]
    pub fn rows_left_out(&self) -> usize {
        self.filtered + self.reasons.iter().map(|(_, rows)| rows).sum::<usize>()
    }

    /// The report as sentences.
    #[must_use]
    pub fn sentences(&self) -> Vec<String> {
        let mut out = vec![self.headline()];
        let found = self.steps.iter().filter(|step| step.rows > 0);
        out.extend(found.map(|step| format!("{} {}: {}.", count(step.rows), step.check, step.done)));
        let nothing: Vec<&str> =
            self.steps.iter().filter(|step| step.rows == 0).map(|step| step.check.as_str()).collect();
        if !nothing.is_empty() {
            out.push(format!("Nothing found of: {}.", nothing.join("; ")));
        }
        out.extend(self.notes.iter().chain(&self.warnings).cloned());
        out
    }

    fn headline(&self) -> String {
        let span = self.span.map(|(first, last)| format!(" from {first} to {last}")).unwrap_or_default();
        let left_out = match self.rows_left_out() {
            0 if self.merged_lines == 0 => "all of them are purchases".to_owned(),
            0 => format!("they are {}", counted(self.rows_kept, "purchase")),
            n => format!("{} are purchases and {} are left out", count(self.rows_kept), count(n)),
        };
        format!(
            "{}: {} read, {left_out}; {}{span}.",
            self.source,
            counted(self.rows_read, "row"),
            counted(self.customers, "customer"),
        )
    }

    /// The checks as a table: `check`, `rows`, `left_out`, `done`.
    ///
    /// # Errors
    /// [`DataError::Frame`] if polars refuses the table.
    pub fn frame(&self) -> Result<DataFrame, DataError> {
        let steps = &self.steps;
        frame::frame(vec![
            frame::texts("check", steps.iter().map(|step| step.check.clone())),
            frame::counts("rows", steps.iter().map(|step| step.rows as u64)),
            frame::counts("left_out", steps.iter().map(|step| step.left_out as u64)),
            frame::texts("done", steps.iter().map(|step| step.done.clone())),
        ])
    }

    /// The rows left out as a table: `row`, `customer_id`, `date`, `amount`, `reason`.
    ///
    /// # Errors
    /// [`DataError::Frame`] if polars refuses the table.
    pub fn left_out_frame(&self) -> Result<DataFrame, DataError> {
        Ok(self.left_out.clone())
    }
}

impl fmt::Display for CleaningReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentences().join("\n"))
    }
}
