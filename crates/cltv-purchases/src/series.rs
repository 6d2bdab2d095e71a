//! Purchases, customers and revenue over time.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use cltv_models::Grain;
use polars::prelude::DataFrame;

use crate::error::DataError;
use crate::frame;
use crate::periods::Periods;
use crate::purchases::{next_period, period_start};
use crate::transactions::Transactions;

/// What happened in one day, week or month.
#[derive(Debug, Clone, PartialEq)]
pub struct SeriesPoint {
    /// First day of the period.
    pub start: NaiveDate,
    /// Purchases, merged by the grain, on the day of their first row.
    pub purchases: u64,
    /// Of these, purchases after a customer's first.
    pub repeat_purchases: u64,
    /// Customers with a row in the period.
    pub customers: u64,
    /// Customers who bought for the first time.
    pub new_customers: u64,
    /// What the rows add up to; `None` without amounts.
    pub revenue: Option<f64>,
    /// Whether the whole period lies between the first purchase and the observation's end.
    pub complete: bool,
}

/// Figures for every period from the first purchase to the observation's end, empty ones included.
#[derive(Debug, Clone, PartialEq)]
pub struct PurchaseSeries {
    /// The length of a period.
    pub period: Grain,
    /// The points, in the order of time.
    pub points: Vec<SeriesPoint>,
}

impl Transactions {
    /// Purchases, customers and revenue by day, week or month, until the observation's end.
    ///
    /// `period` is the length of a point, `grain` says which rows are one purchase.
    #[must_use]
    pub fn series(&self, period: Grain, grain: Grain, periods: &Periods) -> PurchaseSeries {
        let end = periods.observation_end;
        let mut points = empty_points(periods, period, self.has_amounts());
        let mut at = |day: NaiveDate, change: &mut dyn FnMut(&mut SeriesPoint)| {
            if let Some(point) = points.get_mut(&period_start(day, period)) {
                change(point);
            }
        };
        for customer in self.purchases(grain, end) {
            at(customer.first(), &mut |point| point.new_customers += 1);
            for (i, purchase) in customer.purchases.iter().enumerate() {
                at(purchase.date, &mut |point| {
                    point.purchases += 1;
                    point.repeat_purchases += u64::from(i > 0);
                });
            }
        }
        for rows in self.by_customer() {
            let start = |row: &crate::Transaction| period_start(row.date, period);
            for rows in rows.chunk_by(|a, b| start(a) == start(b)) {
                let mut seen = rows.iter().filter(|row| row.date <= end).peekable();
                if seen.peek().is_none() {
                    continue;
                }
                let spent: f64 = seen.filter_map(|row| row.amount).sum();
                at(rows[0].date, &mut |point| {
                    point.customers += 1;
                    point.revenue = point.revenue.map(|revenue| revenue + spent);
                });
            }
        }
        PurchaseSeries { period, points: points.into_values().collect() }
    }
}

fn empty_points(periods: &Periods, period: Grain, has_amounts: bool) -> BTreeMap<NaiveDate, SeriesPoint> {
    let mut points = BTreeMap::new();
    let mut start = period_start(periods.start, period);
    while start <= periods.observation_end {
        let next = next_period(start, period);
        let point = SeriesPoint {
            start,
            purchases: 0,
            repeat_purchases: 0,
            customers: 0,
            new_customers: 0,
            revenue: has_amounts.then_some(0.0),
            complete: start >= periods.start
                && next.pred_opt().is_some_and(|last| last <= periods.observation_end),
        };
        points.insert(start, point);
        start = next;
    }
    points
}

impl PurchaseSeries {
    /// The series as a table, with the fields of [`SeriesPoint`] as columns but `complete`.
    ///
    /// # Errors
    /// [`DataError::Frame`] if polars refuses the table.
    pub fn frame(&self) -> Result<DataFrame, DataError> {
        let points = &self.points;
        frame::frame(vec![
            frame::dates("start", points.iter().map(|p| p.start)),
            frame::counts("purchases", points.iter().map(|p| p.purchases)),
            frame::counts("repeat_purchases", points.iter().map(|p| p.repeat_purchases)),
            frame::counts("customers", points.iter().map(|p| p.customers)),
            frame::counts("new_customers", points.iter().map(|p| p.new_customers)),
            frame::numbers("revenue", points.iter().map(|p| p.revenue)),
        ])
    }
}
