//! What can be wrong with the data, each said in one sentence with its remedy.

use chrono::NaiveDate;
use cltv_models::InputError;

use cltv_protocol::text::counted;
use cltv_tables::examples;
use cltv_tables::words::{quote, quote_path, reason as reason_of};
pub use cltv_tables::{FileError, SourceValue, TableError};

/// Values that an error message prints before it only counts the rest.
pub(crate) const EXAMPLES_SHOWN: usize = 5;

/// What went wrong between a file and a fitted summary.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum DataError {
    /// The file, or a column of it, cannot be read.
    #[error(transparent)]
    Table(#[from] TableError),
    /// A table of a database cannot be read.
    #[error("{reason}")]
    Database {
        /// The sentence of `cltv-warehouse`, or why it cannot be called; without secrets.
        reason: String,
    },
    /// A date far from all others.
    #[error(
        "{} of {shown} {} far from the rest: {}; the others run from {first} to {last}. Correct {}, or set {remedy}",
        counted(*found, "date"), if *found == 1 { "is" } else { "are" }, examples(values, *found), if *found == 1 { "it" } else { "them" }, shown = quote_path(shown))]
    FarDates {
        /// As it was given.
        shown: String,
        /// How many there are.
        found: usize,
        /// The first of them.
        values: Vec<SourceValue>,
        /// First of the other dates.
        first: NaiveDate,
        /// Last of the other dates.
        last: NaiveDate,
        /// A parameter that leaves them out, with its value.
        remedy: String,
    },
    /// Purchases in the future.
    #[error(
        "{} of {shown} {} dated after today, {today}: {}; correct the dates or the date format, or leave such rows out",
        counted(*bad, "row"), if *bad == 1 { "is" } else { "are" }, examples(values, *bad), shown = quote_path(shown))]
    DatesAfterToday {
        /// As it was given.
        shown: String,
        /// The day that counts as today.
        today: NaiveDate,
        /// How many there are.
        bad: usize,
        /// The first of them.
        values: Vec<SourceValue>,
    },
    /// Nothing but returns.
    #[error(
        "all {} of {shown} with an id and a date have negative amounts, so there are returns but no purchases; check the sign of the amount column",
        counted(*rows, "row"), shown = quote_path(shown))]
    OnlyReturns {
        /// As it was given.
        shown: String,
        /// Rows with negative amounts.
        rows: usize,
    },
    /// Nothing left after cleaning.
    #[error("none of the {} of {shown} is a usable purchase ({reasons}); check the columns that were named", counted(*rows, "row"), shown = quote_path(shown))]
    NoPurchases {
        /// As it was given.
        shown: String,
        /// Rows read.
        rows: usize,
        /// Why they were left out.
        reasons: String,
    },
    /// A single customer.
    #[error(
        "all {} of {shown} belong to one customer, {customer_id}, and a model of customers needs many; check customer_column",
        counted(*purchases, "purchase"), shown = quote_path(shown), customer_id = quote(customer_id))]
    OneCustomer {
        /// As it was given.
        shown: String,
        /// The customer.
        customer_id: String,
        /// Rows of that customer.
        purchases: usize,
    },
    /// Nobody bought twice.
    #[error(
        "none of the {} of {shown} bought on two different {grain}s {period}, so there is nothing to learn about repeat purchases; check customer_column, use a longer period or a finer grain",
        counted(*customers, "customer"), shown = quote_path(shown))]
    NoRepeatCustomer {
        /// As it was given.
        shown: String,
        /// Customers in the period.
        customers: usize,
        /// The grain in use.
        grain: String,
        /// The period, as in "until 1997-09-30".
        period: String,
    },
    /// A date parameter that is none.
    #[error("{parameter} {value} is not a date; write it as 1997-09-30, or \"\" for the default", value = quote(value))]
    BadEndDate {
        /// The parameter.
        parameter: &'static str,
        /// What was given.
        value: String,
    },
    /// A calibration end that leaves no calibration or no holdout.
    #[error(
        "calibration_end {value} is outside the data, which run from {first} to {last}; choose a day from {first} on and before {last}, or \"\" for two thirds of the span"
    )]
    CalibrationEndOutside {
        /// What was given.
        value: NaiveDate,
        /// First purchase.
        first: NaiveDate,
        /// End of the observation.
        last: NaiveDate,
    },
    /// An observation end before the data or after today.
    #[error(
        "observation_end {value} is outside what was observed, {first} to {last}; choose a day after {first} and not after {last}, or \"\" for the last purchase"
    )]
    ObservationEndOutside {
        /// What was given.
        value: NaiveDate,
        /// First purchase.
        first: NaiveDate,
        /// The last day that can have been observed: today.
        last: NaiveDate,
    },
    /// All purchases on one day.
    #[error(
        "all purchases of {shown} are on one day, {day}, so there is no time to learn from; check the date column", shown = quote_path(shown))]
    OneDay {
        /// As it was given.
        shown: String,
        /// The day.
        day: NaiveDate,
    },
    /// A word that an option does not know.
    #[error("{parameter} {value} is not known; use {allowed}", value = quote(value))]
    UnknownOption {
        /// The parameter.
        parameter: &'static str,
        /// What was given.
        value: String,
        /// What is allowed.
        allowed: String,
    },
    /// A cell of the segment table that cannot be.
    #[error("line {line} of the segment table {shown}: {problem}", shown = quote_path(shown), problem = reason_of(problem))]
    BadSegmentRow {
        /// The table.
        shown: String,
        /// The line.
        line: u64,
        /// What is wrong, with the remedy.
        problem: String,
    },
    /// A segment table that does not cover every pair of scores once.
    #[error("the segment table {shown} must cover every (R, F) pair of scores 1 to 5 once: {problem}", shown = quote_path(shown))]
    SegmentCover {
        /// The table.
        shown: String,
        /// Pairs that no segment covers.
        missing: Vec<(u8, u8)>,
        /// Pairs that several segments cover, with their names.
        double: Vec<((u8, u8), Vec<String>)>,
        /// Both, in words.
        problem: String,
    },
    /// A table that polars refused to build.
    #[error("a table could not be built: {reason}", reason = reason_of(reason))]
    Frame {
        /// What polars says.
        reason: String,
    },
    /// A summary that the models refuse.
    #[error(transparent)]
    Input(#[from] InputError),
}

impl From<polars::error::PolarsError> for DataError {
    fn from(error: polars::error::PolarsError) -> Self {
        Self::Frame { reason: error.to_string() }
    }
}
