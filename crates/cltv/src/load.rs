//! From what a notebook's parameters name to clean purchases.

use crate::Error;
use crate::progress::working;
use cltv_purchases::{
    Cleaning, CleaningReport, Periods, Returns, RfmTable, SegmentTable, Source, Split, Transactions,
};
use cltv_models::{Grain, RfmSummary, TimeUnit};
use polars::prelude::DataFrame;
use std::fmt;

/// The parameters that say where purchases are and how to read them, by their own names.
///
/// # Examples
/// ```
/// use cltv::prelude::*;
/// let input = Input { transactions: "cdnow", ..Input::default() };
/// let data = load(&input)?;
/// assert_eq!(data.purchases.customers(), 2357);
/// # Ok::<(), cltv::Error>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Input {
    /// A named data set, or a csv, parquet or xlsx file.
    pub transactions: &'static str,
    /// The column that says who bought.
    pub customer_column: &'static str,
    /// The column that says when.
    pub date_column: &'static str,
    /// The column that says for how much; "" when there is none.
    pub amount_column: &'static str,
    /// The column that says in which order; "" when there is none.
    pub order_column: &'static str,
    /// The dates' format, as `%d/%m/%Y`; "" to recognise it.
    pub date_format: &'static str,
    /// The sheet of an xlsx file; "" for the first.
    pub sheet: &'static str,
    /// Last day of the calibration, as 1997-09-30; "" for the default.
    pub calibration_end: &'static str,
    /// Last day observed; "" for the default.
    pub observation_end: &'static str,
    /// What to do with negative amounts: "drop" or "net".
    pub returns: &'static str,
}

impl Default for Input {
    fn default() -> Self {
        Input {
            transactions: "cdnow",
            customer_column: "customer_id",
            date_column: "date",
            amount_column: "amount",
            order_column: "",
            date_format: "",
            sheet: "",
            calibration_end: "",
            observation_end: "",
            returns: "drop",
        }
    }
}

/// Clean purchases, what was done to them, and the periods they are looked at in.
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
/// [`Error::Data`] for a file that cannot be read as what it is called, a column that is not
/// there, dates that cannot be told, nothing left after cleaning, one customer, nobody who
/// bought twice, or an end date outside the data.
pub fn load(input: &Input) -> Result<Data, Error> {
    working(&format!("Reading {}", input.transactions), || read(input))
}

fn read(input: &Input) -> Result<Data, Error> {
    let returns: Returns = input.returns.parse()?;
    let raw = Source::new(input.transactions)
        .customer_column(input.customer_column)
        .date_column(input.date_column)
        .amount_column(input.amount_column)
        .order_column(input.order_column)
        .date_format(input.date_format)
        .sheet(input.sheet)
        .read()?;
    let cleaned = raw.clean(&Cleaning::default().returns(returns))?;
    let periods = cleaned.transactions.periods(input.calibration_end, input.observation_end)?;
    Ok(Data { purchases: cleaned.transactions, cleaning: cleaned.report, periods })
}

impl Data {
    /// The clean rows as a frame.
    ///
    /// # Errors
    /// [`Error::Data`] when polars refuses the table.
    pub fn frame(&self) -> Result<DataFrame, Error> {
        Ok(self.purchases.frame()?)
    }

    /// The calibration's summary, and what the same customers did in the holdout.
    ///
    /// # Errors
    /// [`Error::Data`] when nobody bought twice in the calibration; [`Error::Input`] for an unknown unit or grain.
    pub fn split(&self, time_unit: &str, grain: &str) -> Result<Split, Error> {
        let (unit, grain) = units(time_unit, grain)?;
        Ok(self.purchases.split(&self.periods, unit, grain)?)
    }

    /// Frequency, recency, age and mean spend of every customer at the end of the observation.
    ///
    /// # Errors
    /// As [`Data::split`].
    pub fn summary(&self, time_unit: &str, grain: &str) -> Result<RfmSummary, Error> {
        let (unit, grain) = units(time_unit, grain)?;
        self.purchases.check_repeats(&self.periods, grain)?;
        Ok(self.purchases.summary(unit, grain, self.periods.observation_end)?)
    }

    /// Recency, frequency and monetary value, their scores, and segments by the table.
    ///
    /// # Errors
    /// [`Error::Input`] for an unknown grain; [`Error::Data`] when there is nothing to score.
    pub fn rfm(&self, grain: &str, segments: &SegmentTable) -> Result<RfmTable, Error> {
        Ok(self.purchases.rfm(&self.periods, grain.parse()?, segments)?)
    }
}

fn units(time_unit: &str, grain: &str) -> Result<(TimeUnit, Grain), Error> {
    Ok((time_unit.parse()?, grain.parse()?))
}

/// The segment table: the default for "", else the csv, parquet or xlsx file that is named.
///
/// # Errors
/// [`Error::Data`] when the file cannot be read, or when its rules leave a pair of scores out or
/// cover one twice; all such pairs are named.
pub fn segment_table(segments: &str) -> Result<SegmentTable, Error> {
    Ok(SegmentTable::open(segments)?)
}

impl fmt::Display for Data {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n{}", self.purchases, self.periods)
    }
}
