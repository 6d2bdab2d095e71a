//! What comes back of a table: histories and aggregates with counts, and no customer.

use chrono::NaiveDate;
use cltv_models::{CountedHistories, CountedSpend, History, TimeUnit};
use cltv_plan::cleaning::Reason;

use crate::error::WarehouseError;

/// The width of an interval of ln(mean spend) in which mean spends are brought together, where there are too many.
///
/// Within an interval, values differ by a thousandth. Their mean stays, and the log-likelihood changes by at most the square
/// of the width over 24 a customer, times the shape parameters: some 1e-7.
pub const SPEND_WIDTH: f64 = 1e-3;

/// A history with counts, as the engine groups customers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HistoryRow {
    /// x, t_x and T.
    pub history: History,
    /// The grain periods of the first and the last purchase, by which customers are found in the database.
    pub periods: (i64, i64),
    /// Customers that have it.
    pub customers: u64,
    /// What their mean spends a repeat purchase add up to; 0 without amounts.
    pub spend: f64,
    /// What they bought after the end, until the observation's end.
    pub holdout_purchases: u64,
    /// What they paid for it.
    pub holdout_spend: f64,
}

/// Aggregates for a chart.
#[derive(Debug, Clone, PartialEq)]
pub struct ChartTable {
    /// Its name, as that of a file.
    pub name: &'static str,
    /// The names of its columns.
    pub columns: Vec<&'static str>,
    /// Its rows, in their order.
    pub rows: Vec<Vec<f64>>,
}

/// What a table contains, in counts.
#[derive(Debug, Clone, PartialEq)]
pub struct Counted {
    /// Rows of the table.
    pub rows_read: u64,
    /// Rows left out, by reason.
    pub left_out: Vec<(Reason, u64)>,
    /// Purchases: clean rows, or orders.
    pub rows: u64,
    /// What they add up to; none without amounts.
    pub amount: Option<f64>,
    /// Among them, rows of amount 0.
    pub zero_amounts: u64,
    /// Among them, rows that equal an earlier one in every column.
    pub duplicates: u64,
    /// Lines that were added up to orders.
    pub merged_lines: u64,
    /// Customers with a purchase until the observation's end.
    pub customers: u64,
    /// First purchase, calibration end and observation end.
    pub periods: (NaiveDate, NaiveDate, NaiveDate),
    /// Length of the holdout in time units.
    pub holdout_length: f64,
    /// Histories at the calibration's end, with the holdout.
    pub calibration: Vec<HistoryRow>,
    /// Histories at the observation's end.
    pub full: Vec<HistoryRow>,
    /// x and mean spend of the customers who bought again until the observation's end, with counts.
    pub spend: Option<Vec<(u32, f64, u64)>>,
    /// The width of the intervals of ln(mean spend); none where every pair came back.
    pub spend_width: Option<f64>,
    /// Customers by days since the last purchase and number of purchases, with what they paid.
    pub rfm: Vec<(u32, u64, u64, f64)>,
    /// Tables for charts, by name: columns and rows.
    pub charts: Vec<ChartTable>,
    /// Ids that differ from another one only in case.
    pub same_but_case: u64,
}

impl Counted {
    /// The histories at the calibration's end, for a fit.
    ///
    /// # Errors
    /// [`WarehouseError::Input`] for histories that cannot be.
    pub fn calibration_histories(&self, unit: TimeUnit) -> Result<CountedHistories, WarehouseError> {
        histories(&self.calibration, unit)
    }

    /// The histories at the observation's end, for a fit.
    ///
    /// # Errors
    /// [`WarehouseError::Input`] for histories that cannot be.
    pub fn full_histories(&self, unit: TimeUnit) -> Result<CountedHistories, WarehouseError> {
        histories(&self.full, unit)
    }

    /// The mean spends, for a fit; none without amounts.
    ///
    /// # Errors
    /// [`WarehouseError::Input`] for mean spends that cannot be.
    pub fn spends(&self) -> Result<Option<CountedSpend>, WarehouseError> {
        Ok(self.spend.clone().map(CountedSpend::try_new).transpose()?)
    }
}

fn histories(rows: &[HistoryRow], unit: TimeUnit) -> Result<CountedHistories, WarehouseError> {
    Ok(CountedHistories::try_new(unit, rows.iter().map(|row| (row.history, row.customers)).collect())?)
}
