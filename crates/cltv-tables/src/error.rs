//! What can be wrong with the values of a column.

use chrono::NaiveDate;

use crate::file_error::FileError;
use crate::place::SourceValue;
use crate::words::{count, counted, quote, quote_path, quoted, reason as reason_of};

/// How many values a message shows.
pub(crate) const EXAMPLES_SHOWN: usize = 5;

/// A table that cannot be read, or a column that is not what its use needs.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TableError {
    /// The file itself.
    #[error(transparent)]
    File(#[from] FileError),
    /// A column that is not there.
    #[error(
        "{shown} has no column {column} for the {role}; its columns are {}{}{}; set {parameter}{}",
        quoted(columns), suggestion(suggested.as_deref()), elsewhere(sheets),
        if *optional { " (\"\" when there is none)" } else { "" }, shown = quote_path(shown), column = quote(column))]
    MissingColumn {
        /// As it was given.
        shown: Box<str>,
        /// The name that was given.
        column: Box<str>,
        /// What the column is for.
        role: &'static str,
        /// The parameter that names it.
        parameter: &'static str,
        /// Whether a source may do without it.
        optional: bool,
        /// What there is.
        columns: Box<[String]>,
        /// A name that looks alike.
        suggested: Option<Box<str>>,
        /// Other sheets of the workbook that have the columns.
        sheets: Box<[String]>,
    },
    /// A name that several columns have.
    #[error(
        "{shown} has {times} columns called {column}; rename one of them, or name another in {parameter}", shown = quote_path(shown), column = quote(column))]
    DoubleColumn {
        /// As it was given.
        shown: String,
        /// The name.
        column: String,
        /// The parameter that names it.
        parameter: &'static str,
        /// How often it occurs.
        times: usize,
    },
    /// A column that was not named and cannot be recognised.
    #[error(
        "none of the columns of {shown} ({}) could be recognised as the {role}; name it in {parameter}",
        quoted(columns), shown = quote_path(shown))]
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
        "column {column} of {shown} is of type {kind}, which is not read; store it as text, a number or a date", column = quote(column), shown = quote_path(shown), kind = reason_of(kind))]
    UnsupportedColumn {
        /// As it was given.
        shown: String,
        /// The column.
        column: String,
        /// Its type.
        kind: String,
    },
    /// Formulas that no program has computed.
    #[error(
        "{} of column {column} of {shown} {} without a computed value: {}; open the workbook in a spreadsheet program and save it, or paste the values",
        counted(*found, "cell"), if *found == 1 { "is a formula" } else { "are formulas" }, examples(values, *found), column = quote(column), shown = quote_path(shown))]
    Formulas {
        /// As it was given.
        shown: String,
        /// The column.
        column: String,
        /// How many there are.
        found: usize,
        /// The first of them.
        values: Box<[SourceValue]>,
    },
    /// Dates that cannot be read.
    #[error(
        "{} of {} in column {column} of {shown} cannot be read as {format}: {}; correct them, or give the format in date_format (such as \"%d/%m/%Y\")",
        count(*bad), counted(*total, "date"), examples(values, *bad), column = quote(column), shown = quote_path(shown))]
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
    },
    /// Dates that can be read in two ways.
    #[error(
        "the dates in column {column} of {shown} can be read in two ways ({} is {first} or {second}); say which in date_format, {first_format} or {second_format}",
        value, column = quote(column), shown = quote_path(shown), first_format = quote(first_format), second_format = quote(second_format))]
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
    },
    /// Day/month and month/day in one column.
    #[error(
        "the dates in column {column} of {shown} are in two orders: {} fit only {first_format} ({}), {} fit only {second_format} ({}); so each of the {} days up to 12 may be read wrongly. Export the dates again in one format, such as 2024-01-31",
        count(*first_only), first, count(*second_only), second, count(*doubtful), column = quote(column), shown = quote_path(shown), first_format = quote(first_format), second_format = quote(second_format))]
    MixedDates {
        /// As it was given.
        shown: Box<str>,
        /// The date column.
        column: String,
        /// Dates that only the first format reads.
        first_only: usize,
        /// One of them.
        first: Box<SourceValue>,
        /// The first format.
        first_format: Box<str>,
        /// Dates that only the second format reads.
        second_only: usize,
        /// One of them.
        second: Box<SourceValue>,
        /// The second format.
        second_format: Box<str>,
        /// Dates that both formats read, as different days.
        doubtful: usize,
    },
    /// A spreadsheet program read day/month as month/day where it could.
    #[error(
        "column {column} of {shown} holds {} whose day is never above 12 ({}: {}) and {} whose day is always above 12 ({}): a spreadsheet program has probably swapped day and month in the former. Import the original file again with the date column as text",
        counted(*dates, "date cell"), date.place, date.value, counted(*texts, "text"), text, column = quote(column), shown = quote_path(shown))]
    SwappedDates {
        /// As it was given.
        shown: String,
        /// The date column.
        column: String,
        /// Cells that are dates.
        dates: usize,
        /// One of them.
        date: Box<SourceValue>,
        /// Cells that are texts.
        texts: usize,
        /// One of them.
        text: Box<SourceValue>,
    },
    /// Numbers of days or seconds instead of dates.
    #[error(
        "the dates in column {column} of {shown} look like {what} ({} would be {day}); set date_format to {format} to read them so",
        value, column = quote(column), shown = quote_path(shown), format = quote(format))]
    NumbersAsDates {
        /// As it was given.
        shown: String,
        /// The date column.
        column: String,
        /// One of them.
        value: Box<SourceValue>,
        /// The day that it stands for.
        day: NaiveDate,
        /// What they look like.
        what: &'static str,
        /// The format that reads them.
        format: &'static str,
    },
    /// A date format that is none.
    #[error(
        "date_format {value} is not a date format; use one such as \"%d/%m/%Y\" or \"%Y-%m-%d %H:%M:%S\", \"excel\" for serial numbers, or \"\" to recognise it", value = quote(value))]
    BadDateFormat {
        /// What was given.
        value: String,
    },
    /// A time zone that is not known.
    #[error(
        "timezone {value} is not known; use an IANA name such as \"Europe/Berlin\", or \"\" for the day as it is written", value = quote(value))]
    UnknownTimezone {
        /// What was given.
        value: String,
    },
    /// Numbers that cannot be read.
    #[error(
        "{} of {} in column {column} of {shown} cannot be read as numbers{}: {}; correct them{}",
        count(*bad), counted(*total, "value"), mark.map(|mark| format!(" with the decimal mark {mark:?}")).unwrap_or_default(),
        examples(values, *bad), remedy, column = quote(column), shown = quote_path(shown))]
    UnreadableNumbers {
        /// As it was given.
        shown: String,
        /// The column.
        column: String,
        /// How many cannot be read.
        bad: usize,
        /// How many there are.
        total: usize,
        /// The decimal mark in use, where one was given.
        mark: Option<char>,
        /// The first of them.
        values: Vec<SourceValue>,
        /// What else can be done, as in ", or name another amount_column".
        remedy: &'static str,
    },
    /// Numbers whose mark may be a decimal mark or a thousands separator.
    #[error(
        "the numbers in column {column} of {shown} can be read in two ways ({} is {point} or {comma}); say which in decimal_mark, \".\" or \",\"",
        value, column = quote(column), shown = quote_path(shown))]
    AmbiguousNumbers {
        /// As it was given.
        shown: String,
        /// The column.
        column: String,
        /// A value that shows it.
        value: Box<SourceValue>,
        /// The value with a decimal point.
        point: f64,
        /// The value with a decimal comma.
        comma: f64,
    },
    /// Amounts in several currencies.
    #[error(
        "the amounts in column {column} of {shown} are in several currencies ({}, {}); convert them to one, or export a column for each currency",
        first, second, column = quote(column), shown = quote_path(shown))]
    SeveralCurrencies {
        /// As it was given.
        shown: String,
        /// The column.
        column: String,
        /// The first amount with a currency.
        first: Box<SourceValue>,
        /// The first amount with another one.
        second: Box<SourceValue>,
    },
    /// Numbers above 1 without a percent sign beside percentages.
    #[error(
        "column {column} of {shown} contains percentages, and {} above 1 without a percent sign: {}; write 12% or 0.12 for twelve percent",
        counted(*bad, "number"), examples(values, *bad), column = quote(column), shown = quote_path(shown))]
    BarePercentages {
        /// As it was given.
        shown: String,
        /// The column.
        column: String,
        /// How many such numbers there are.
        bad: usize,
        /// The first of them.
        values: Box<[SourceValue]>,
    },
    /// Values that are neither yes nor no.
    #[error(
        "{} of {} in column {column} of {shown} {} neither yes nor no: {}; write yes or no, or empty the cells",
        count(*bad), counted(*total, "value"), if *bad == 1 { "is" } else { "are" }, examples(values, *bad), column = quote(column), shown = quote_path(shown))]
    UnreadableFlags {
        /// As it was given.
        shown: String,
        /// The column.
        column: String,
        /// How many cannot be read.
        bad: usize,
        /// How many there are.
        total: usize,
        /// The first of them.
        values: Box<[SourceValue]>,
    },
    /// Cells with the error of a formula.
    #[error(
        "{} of column {column} of {shown} {} of formulas: {}; correct the formulas, or empty the cells",
        counted(*found, "cell"), if *found == 1 { "contains an error" } else { "contain errors" }, examples(values, *found), column = quote(column), shown = quote_path(shown))]
    ErrorCells {
        /// As it was given.
        shown: String,
        /// The column.
        column: String,
        /// How many there are.
        found: usize,
        /// The first of them.
        values: Box<[SourceValue]>,
    },
    /// What is wrong with several columns.
    #[error("{} columns cannot be read:{}", count(errors.len()), lines(errors))]
    Several {
        /// One error for each column.
        errors: Vec<TableError>,
    },
    /// A parameter that is none of its words.
    #[error("{parameter} {value} is not known; use {allowed}", value = quote(value))]
    UnknownOption {
        /// The parameter.
        parameter: &'static str,
        /// What was given.
        value: String,
        /// What is allowed.
        allowed: &'static str,
    },
    /// A filter that cannot be understood.
    #[error(
        "the filter {value} cannot be understood: {problem}; write it as in \"Status = paid and Country != US\" (=, !=, <, <=, >, >=; quote values that hold \"and\")", value = quote(value), problem = reason_of(problem))]
    BadFilter {
        /// What was given.
        value: String,
        /// What is wrong.
        problem: String,
    },
    /// A file that could not be written.
    #[error("{shown} cannot be written ({reason}); check the folder's permissions and the free space", shown = quote_path(shown), reason = reason_of(reason))]
    Unwritable {
        /// The file.
        shown: String,
        /// What the operating system says.
        reason: String,
    },
    /// A file name that would leave the output folder.
    #[error("{name} is not a name inside the output folder; use one such as \"rfm_df.csv\"", name = quote(name))]
    BadOutputName {
        /// What was given.
        name: String,
    },
    /// A table that polars refused to build.
    #[error("a table could not be built: {reason}", reason = reason_of(reason))]
    Frame {
        /// What polars says.
        reason: String,
    },
}

impl From<polars::error::PolarsError> for TableError {
    fn from(error: polars::error::PolarsError) -> Self {
        Self::Frame { reason: error.to_string() }
    }
}

fn suggestion(suggested: Option<&str>) -> String {
    suggested.map(|name| format!("; did you mean {}?", quote(name))).unwrap_or_default()
}

fn elsewhere(sheets: &[String]) -> String {
    match sheets {
        [] => String::new(),
        [one] => format!("; the sheet {} has the columns, set sheet to it", quote(one)),
        several => format!("; the sheets {} have the columns, set sheet to one of them", quoted(several)),
    }
}

fn lines(errors: &[TableError]) -> String {
    errors.iter().map(|error| format!("\n{error}")).collect()
}

/// "line 3 "a", line 5 "b" and 7 more".
pub fn examples(values: &[SourceValue], bad: usize) -> String {
    let shown: Vec<String> =
        values.iter().map(|value| format!("{} {}", value.place, quote(&value.value))).collect();
    let rest = bad.saturating_sub(shown.len());
    let more = if rest > 0 { format!(" and {} more", count(rest)) } else { String::new() };
    format!("{}{more}", shown.join(", "))
}
