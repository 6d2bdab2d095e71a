//! What can be wrong with the data, each said in one sentence with its remedy.

use chrono::NaiveDate;
use cltv_models::InputError;

pub use crate::file_error::FileError;
use crate::words::{count, counted, quoted};

/// Values that an error message prints before it only counts the rest.
pub(crate) const EXAMPLES_SHOWN: usize = 5;

/// A value in the source, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceValue {
    /// Line of the text file, or row of the sheet or of the parquet file, counted from 1.
    pub row: u64,
    /// The value as it stands there.
    pub value: String,
}

/// What went wrong between a file and a fitted summary.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum DataError {
    /// The file itself cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// A zone's name that is not known.
    #[error("time zone {value:?} is not known; use an IANA name such as \"Europe/Berlin\", or \"\" for UTC")]
    UnknownTimezone {
        /// What was given.
        value: String,
    },
    /// A named column that is not there.
    #[error(
        "{shown:?} has no column {column:?} for the {role}; its columns are {}; set {parameter}{}{}",
        quoted(columns),
        if *parameter == "amount_column" { " (\"\" when there are no amounts)" } else { "" },
        suggestion(suggested)
    )]
    MissingColumn {
        /// As it was given.
        shown: String,
        /// What was asked for.
        column: String,
        /// What the column is for.
        role: &'static str,
        /// The parameter that names it.
        parameter: &'static str,
        /// What there is.
        columns: Box<[String]>,
        /// The name that comes nearest.
        suggested: Option<Box<str>>,
    },
    /// A column name that occurs twice.
    #[error("{shown:?} has {times} columns called {column:?}; rename them so that {parameter} names one")]
    DoubleColumn {
        /// As it was given.
        shown: String,
        /// What was asked for.
        column: String,
        /// The parameter that names it.
        parameter: &'static str,
        /// How many there are.
        times: usize,
    },
    /// No column name says that it is the one.
    #[error(
        "no column of {shown:?} could be recognised as the {role}; its columns are {}: name one in {parameter}",
        quoted(columns)
    )]
    UnrecognisedColumn {
        /// As it was given.
        shown: String,
        /// What the column is for.
        role: &'static str,
        /// The parameter that names it.
        parameter: &'static str,
        /// What there is.
        columns: Vec<String>,
    },
    /// A parquet type that is not read.
    #[error(
        "column {column:?} of {shown:?} is of type {kind}, which is not read; store it as text, a number or a date"
    )]
    UnsupportedColumn {
        /// As it was given.
        shown: String,
        /// The column.
        column: String,
        /// Its type.
        kind: String,
    },
    /// Dates that cannot be read.
    #[error(
        "{} of {} in column {column:?} of {shown:?} cannot be read as {format}: {}; correct them, or give the format in date_format (such as \"%d/%m/%Y\")",
        count(*bad), counted(*total, "date"), examples(values, *bad, where_word)
    )]
    UnreadableDates {
        /// As it was given.
        shown: String,
        /// The date column.
        column: String,
        /// How the column was read.
        format: Box<str>,
        /// How many cannot be read.
        bad: usize,
        /// How many there are.
        total: usize,
        /// The first of them.
        values: Box<[SourceValue]>,
        /// "line" or "row".
        where_word: &'static str,
    },
    /// Dates that can be read in two ways.
    #[error(
        "the dates in column {column:?} of {shown:?} can be read in two ways ({where_word} {}: {:?} is {first} or {second}); say which in date_format, {first_format:?} or {second_format:?}",
        value.row, value.value
    )]
    AmbiguousDates {
        /// As it was given.
        shown: String,
        /// The date column.
        column: String,
        /// A value that shows it.
        value: Box<SourceValue>,
        /// One reading of it.
        first: NaiveDate,
        /// The other.
        second: NaiveDate,
        /// The format of the one.
        first_format: Box<str>,
        /// The format of the other.
        second_format: Box<str>,
        /// "line" or "row".
        where_word: &'static str,
    },
    /// A date format that is none.
    #[error(
        "date_format {value:?} is not a date format; use one such as \"%d/%m/%Y\" or \"%Y-%m-%d %H:%M:%S\", or \"\" to recognise it"
    )]
    BadDateFormat {
        /// What was given.
        value: String,
    },
    /// Amounts that cannot be read.
    #[error(
        "{} of {} in column {column:?} of {shown:?} cannot be read as numbers: {}; correct them, or name another amount_column",
        count(*bad), counted(*total, "amount"), examples(values, *bad, where_word)
    )]
    UnreadableAmounts {
        /// As it was given.
        shown: String,
        /// The amount column.
        column: String,
        /// How many cannot be read.
        bad: usize,
        /// How many there are.
        total: usize,
        /// The first of them.
        values: Vec<SourceValue>,
        /// "line" or "row".
        where_word: &'static str,
    },
    /// Amounts whose comma may be a decimal comma or a thousands separator.
    #[error(
        "the amounts in column {column:?} of {shown:?} can be read in two ways ({where_word} {}: {:?}); write them without thousands separators, or say with Source::decimal_comma whether the comma is the decimal mark",
        value.row, value.value
    )]
    AmbiguousAmounts {
        /// As it was given.
        shown: String,
        /// The amount column.
        column: String,
        /// A value that shows it.
        value: SourceValue,
        /// "line" or "row".
        where_word: &'static str,
    },
    /// Purchases in the future.
    #[error(
        "{} of {shown:?} {} dated after today, {today}: {}; correct the dates or the date format, or leave such rows out",
        counted(*bad, "row"), if *bad == 1 { "is" } else { "are" }, examples(values, *bad, where_word)
    )]
    DatesAfterToday {
        /// As it was given.
        shown: String,
        /// The day that counts as today.
        today: NaiveDate,
        /// How many there are.
        bad: usize,
        /// The first of them.
        values: Vec<SourceValue>,
        /// "line" or "row".
        where_word: &'static str,
    },
    /// Nothing but returns.
    #[error(
        "all {} of {shown:?} with an id and a date have negative amounts, so there are returns but no purchases; check the sign of the amount column",
        counted(*rows, "row")
    )]
    OnlyReturns {
        /// As it was given.
        shown: String,
        /// Rows with negative amounts.
        rows: usize,
    },
    /// Nothing left after cleaning.
    #[error("none of the {} of {shown:?} is a usable purchase ({reasons}); check the columns that were named", counted(*rows, "row"))]
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
        "all {} of {shown:?} belong to one customer, {customer_id:?}, and a model of customers needs many; check customer_column",
        counted(*purchases, "purchase")
    )]
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
        "none of the {} of {shown:?} bought on two different {grain}s {period}, so there is nothing to learn about repeat purchases; check customer_column, use a longer period or a finer grain",
        counted(*customers, "customer")
    )]
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
    #[error("{parameter} {value:?} is not a date; write it as 1997-09-30, or \"\" for the default")]
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
        "all purchases of {shown:?} are on one day, {day}, so there is no time to learn from; check the date column"
    )]
    OneDay {
        /// As it was given.
        shown: String,
        /// The day.
        day: NaiveDate,
    },
    /// A word that an option does not know.
    #[error("{parameter} {value:?} is not known; use {allowed}")]
    UnknownOption {
        /// The parameter.
        parameter: &'static str,
        /// What was given.
        value: String,
        /// What is allowed.
        allowed: String,
    },
    /// A cell of the segment table that cannot be.
    #[error("line {line} of the segment table {shown:?}: {problem}")]
    BadSegmentRow {
        /// The table.
        shown: String,
        /// The line.
        line: u64,
        /// What is wrong, with the remedy.
        problem: String,
    },
    /// A segment table that does not cover every pair of scores once.
    #[error("the segment table {shown:?} must cover every (R, F) pair of scores 1 to 5 once: {problem}")]
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
    /// A file name that would leave the output folder.
    #[error("{name:?} is not a name inside the output folder; use one such as \"rfm_df.csv\"")]
    BadOutputName {
        /// What was given.
        name: String,
    },
    /// A file that could not be written.
    #[error("{shown:?} cannot be written ({reason}); check the folder's permissions and the free space")]
    Unwritable {
        /// The file.
        shown: String,
        /// What the operating system says.
        reason: String,
    },
    /// A table that polars refused to build.
    #[error("a table could not be built: {reason}")]
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

fn suggestion(suggested: &Option<Box<str>>) -> String {
    suggested.as_ref().map(|name| format!("; did you mean {name:?}?")).unwrap_or_default()
}

fn examples(values: &[SourceValue], bad: usize, where_word: &str) -> String {
    let shown: Vec<String> =
        values.iter().map(|value| format!("{where_word} {} {:?}", value.row, value.value)).collect();
    let rest = bad.saturating_sub(shown.len());
    let more = if rest > 0 { format!(" and {} more", count(rest)) } else { String::new() };
    format!("{}{more}", shown.join(", "))
}
