//! From what a notebook's parameters name to clean purchases.

use crate::choice::{Choice, one_of, setters};
use crate::error::Error;
use crate::progress::{Shown, working_with};
use chrono::NaiveDate;
use cltv_models::{Grain, RfmSummary, TimeUnit};
use cltv_protocol::database;
use cltv_purchases::{
    Cleaning, CleaningReport, CohortTable, DataError, OnProgress, Outputs, Periods, Returns, RfmTable,
    SegmentTable, Source, Split, Transactions,
};
use polars::prelude::DataFrame;
use std::fmt;

/// The parameters of reading, by their own names; each has a setter of its name.
///
/// # Examples
/// ```
/// use cltv_workflow::{Input, load};
/// let data = load(&Input::new("cdnow").calibration_end("1997-09-30").returns("drop"))?;
/// assert_eq!(data.purchases.customers(), 2357);
/// # Ok::<(), cltv_workflow::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Input {
    /// A named data set, a file, a folder, a pattern such as `2024-*.csv`, or a list of these; or a table of a database,
    /// such as `adbc:duckdb:shop.db#purchases`.
    pub transactions: String,
    /// The column with the customer.
    pub customer_column: String,
    /// The column with the date.
    pub date_column: String,
    /// The column with the amount; "" when there is none.
    pub amount_column: String,
    /// The column with the order; "" when there is none.
    pub order_column: String,
    /// The dates' format, as `%d/%m/%Y`; "excel" for serial numbers; "" to find it.
    pub date_format: String,
    /// The sheet of a workbook; "" for the first visible one, "*" for all that have the columns.
    pub sheet: String,
    /// Last day of the calibration, as 1997-09-30; "" for the default.
    pub calibration_end: String,
    /// Last day observed; "" for the default.
    pub observation_end: String,
    /// How negative amounts are treated: "drop" or "net".
    pub returns: String,
    /// The column with the quantity, by which the amount is multiplied; "" when there is none.
    pub quantity_column: String,
    /// The encoding of a text file, as windows-1252; "" to find it.
    pub encoding: String,
    /// The decimal mark of amounts, "." or ","; "" to find it.
    pub decimal_mark: String,
    /// The zone whose day counts for dates with a UTC offset; "" for the day as it is written.
    pub timezone: String,
    /// Conditions on rows, as `Status = paid and Country != US`; "" for none.
    pub filter: String,
    /// Which ids are one customer: "exact", "trim_case" or "number".
    pub id_match: String,
    /// Customers to leave out, with commas; "" for none.
    pub leave_out: String,
    /// Rows equal to an earlier one in every column: "keep" or "drop".
    pub duplicates: String,
    /// Rows before this day are left out, as 2000-01-01; "" for none.
    pub earliest_date: String,
    /// The line or row of the header, from 1; 0 to find it.
    pub header_row: u64,
}

impl Default for Input {
    /// The embedded CDNOW data.
    fn default() -> Self {
        let text = |value: &str| value.to_owned();
        Input {
            transactions: text("cdnow"),
            customer_column: text("customer_id"),
            date_column: text("date"),
            amount_column: text("amount"),
            order_column: text(""),
            date_format: text(""),
            sheet: text(""),
            calibration_end: text(""),
            observation_end: text(""),
            returns: text("drop"),
            quantity_column: text(""),
            encoding: text(""),
            decimal_mark: text(""),
            timezone: text(""),
            filter: text(""),
            id_match: text("exact"),
            leave_out: text(""),
            duplicates: text("keep"),
            earliest_date: text(""),
            header_row: 0,
        }
    }
}

impl Input {
    /// A data set or file with the default columns.
    pub fn new(transactions: impl ToString) -> Input {
        Input { transactions: transactions.to_string(), ..Input::default() }
    }

    /// Sets [`Input::header_row`].
    #[must_use]
    pub fn header_row(mut self, row: u64) -> Input {
        self.header_row = row;
        self
    }
}

setters! {
    Input:
    /// Sets [`Input::transactions`].
    transactions,
    /// Sets [`Input::customer_column`].
    customer_column,
    /// Sets [`Input::date_column`].
    date_column,
    /// Sets [`Input::amount_column`].
    amount_column,
    /// Sets [`Input::order_column`].
    order_column,
    /// Sets [`Input::date_format`].
    date_format,
    /// Sets [`Input::sheet`].
    sheet,
    /// Sets [`Input::calibration_end`].
    calibration_end,
    /// Sets [`Input::observation_end`].
    observation_end,
    /// Sets [`Input::returns`].
    returns,
    /// Sets [`Input::quantity_column`].
    quantity_column,
    /// Sets [`Input::encoding`].
    encoding,
    /// Sets [`Input::decimal_mark`].
    decimal_mark,
    /// Sets [`Input::timezone`].
    timezone,
    /// Sets [`Input::filter`].
    filter,
    /// Sets [`Input::id_match`].
    id_match,
    /// Sets [`Input::leave_out`].
    leave_out,
    /// Sets [`Input::duplicates`].
    duplicates,
    /// Sets [`Input::earliest_date`].
    earliest_date,
}

/// Clean purchases, the report of the cleaning, and the periods of calibration and holdout.
#[derive(Debug, Clone)]
pub struct Data {
    /// The clean rows.
    pub purchases: Transactions,
    /// What the cleaning found and did.
    pub cleaning: CleaningReport,
    /// Calibration and holdout.
    pub periods: Periods,
}

/// Reads, cleans and dates the purchases.
///
/// # Errors
/// [`Error::Data`] for an unreadable file, a missing
/// column, ambiguous dates, nothing left after cleaning, one customer, nobody who
/// bought twice, or an end date outside the data.
///
/// # Examples
/// ```
/// use cltv_workflow::*;
/// let data = load(&Input::new("cdnow"))?;
/// assert_eq!(data.purchases.customers(), 2357);
/// # Ok::<(), cltv_workflow::Error>(())
/// ```
pub fn load(input: &Input) -> Result<Data, Error> {
    let step = format!("Reading {}", database::shown(&input.transactions));
    working_with(&step, |progress| read(input, progress))
}

fn read(input: &Input, progress: &Shown) -> Result<Data, Error> {
    let returns: Returns = input.returns.parse()?;
    let drop_duplicates =
        one_of("duplicates", &input.duplicates, &[("keep", false), ("drop", true), ("", false)])?;
    let earliest = day("earliest_date", &input.earliest_date)?;
    let observation_end = day("observation_end", &input.observation_end)?;
    let shown = progress.clone();
    let source = Source::new(&input.transactions)
        .customer_column(&input.customer_column)
        .date_column(&input.date_column)
        .amount_column(&input.amount_column)
        .order_column(&input.order_column)
        .quantity_column(&input.quantity_column)
        .date_format(&input.date_format)
        .sheet(&input.sheet)
        .header_row(input.header_row)
        .encoding(&input.encoding)
        .decimal_mark(&input.decimal_mark)
        .timezone(&input.timezone)
        .filter(&input.filter)
        .id_match(&input.id_match)
        .leave_out(&input.leave_out)
        .on_progress(OnProgress::new(move |read| shown.set(read.rows, read.part)));
    let rules = Cleaning::default()
        .returns(returns)
        .drop_duplicates(drop_duplicates)
        .earliest_date(earliest)
        .observation_end(observation_end);
    let cleaned = source.purchases(&rules)?;
    let periods = cleaned.transactions.periods(&input.calibration_end, &input.observation_end)?;
    Ok(Data { purchases: cleaned.transactions, cleaning: cleaned.report, periods })
}

/// A day as 1997-09-30, or none for "".
fn day(parameter: &'static str, value: &str) -> Result<Option<NaiveDate>, Error> {
    if value.trim().is_empty() {
        return Ok(None);
    }
    let parsed = NaiveDate::parse_from_str(value.trim(), "%Y-%m-%d");
    Ok(Some(parsed.map_err(|_| DataError::BadEndDate { parameter, value: value.to_owned() })?))
}

impl Data {
    /// The clean rows as a frame.
    ///
    /// # Errors
    /// [`Error::Data`] when polars refuses the table.
    ///
    /// # Examples
    /// ```
    /// use cltv_workflow::*;
    /// let data = load(&Input::new("cdnow"))?;
    /// assert_eq!(data.frame()?.height(), data.purchases.len());
    /// # Ok::<(), cltv_workflow::Error>(())
    /// ```
    pub fn frame(&self) -> Result<DataFrame, Error> {
        Ok(self.purchases.frame()?)
    }

    /// The first clean rows as a frame.
    ///
    /// # Errors
    /// [`Error::Data`] when polars refuses the table.
    pub fn head(&self, rows: usize) -> Result<DataFrame, Error> {
        Ok(self.purchases.head(rows)?)
    }

    /// Writes the clean rows as `clv_data`, part by part.
    ///
    /// # Errors
    /// [`Error::Data`] when the file cannot be written.
    pub fn save(&self, out: &Outputs) -> Result<(), Error> {
        self.purchases.save(out)?;
        Ok(())
    }

    /// The calibration's summary, and what the same customers did in the holdout.
    ///
    /// # Errors
    /// [`Error::Data`] when nobody bought twice in the calibration; [`Error::Input`] for an unknown unit or grain.
    ///
    /// # Examples
    /// ```
    /// use cltv_workflow::*;
    /// let data = load(&Input::new("cdnow"))?;
    /// let split = data.split("week", "day")?;
    /// assert_eq!(split.calibration.len(), 2357);
    /// # Ok::<(), cltv_workflow::Error>(())
    /// ```
    pub fn split(&self, time_unit: impl Choice<TimeUnit>, grain: impl Choice<Grain>) -> Result<Split, Error> {
        let (unit, grain) = (time_unit.chosen()?, grain.chosen()?);
        Ok(self.purchases.split(&self.periods, unit, grain)?)
    }

    /// Frequency, recency, age and mean spend of every customer at the end of the observation.
    ///
    /// # Errors
    /// As [`Data::split`].
    ///
    /// # Examples
    /// ```
    /// use cltv_workflow::*;
    /// let data = load(&Input::new("cdnow"))?;
    /// let history = data.summary("week", "day")?;
    /// assert_eq!(history.len(), 2357);
    /// # Ok::<(), cltv_workflow::Error>(())
    /// ```
    pub fn summary(
        &self,
        time_unit: impl Choice<TimeUnit>,
        grain: impl Choice<Grain>,
    ) -> Result<RfmSummary, Error> {
        let (unit, grain) = (time_unit.chosen()?, grain.chosen()?);
        self.purchases.check_repeats(&self.periods, grain)?;
        Ok(self.purchases.summary(unit, grain, self.periods.observation_end)?)
    }

    /// Recency, frequency and monetary value, their scores, and segments by the table.
    ///
    /// # Errors
    /// [`Error::Input`] for an unknown grain; [`Error::Data`] when there is nothing to score.
    ///
    /// # Examples
    /// ```
    /// use cltv_workflow::*;
    /// let data = load(&Input::new("cdnow"))?;
    /// assert_eq!(data.rfm("day", &segment_table("")?)?.len(), 2357);
    /// # Ok::<(), cltv_workflow::Error>(())
    /// ```
    pub fn rfm(&self, grain: impl Choice<Grain>, segments: &SegmentTable) -> Result<RfmTable, Error> {
        Ok(self.purchases.rfm(&self.periods, grain.chosen()?, segments)?)
    }

    /// Customers by month of first purchase, and how many of them bought again in each month since.
    ///
    /// # Errors
    /// [`Error::Data`] when polars refuses the table.
    ///
    /// # Examples
    /// ```
    /// use cltv_workflow::*;
    /// let data = load(&Input::new("cdnow"))?;
    /// assert_eq!(data.cohorts()?.cohorts.len(), 3);
    /// # Ok::<(), cltv_workflow::Error>(())
    /// ```
    pub fn cohorts(&self) -> Result<CohortTable, Error> {
        Ok(self.purchases.cohorts(&self.periods)?)
    }
}

/// The segment table: the default for "", else the csv file of this name.
///
/// # Errors
/// [`Error::Data`] when the file cannot be read, or when its rules leave a pair of scores out or
/// cover one twice; all such pairs are named.
///
/// # Examples
/// ```
/// use cltv_workflow::*;
/// assert!(segment_table("")?.frame()?.height() > 0);
/// # Ok::<(), cltv_workflow::Error>(())
/// ```
pub fn segment_table(segments: &str) -> Result<SegmentTable, Error> {
    Ok(SegmentTable::open(segments)?)
}

impl fmt::Display for Data {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n{}", self.purchases, self.periods)
    }
}
