//! Purchases, customers and revenue over time.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use cltv_models::Grain;
use polars::prelude::DataFrame;

use crate::columns::{counts, days, reals};
use crate::error::DataError;
use crate::frame;
use crate::periods::Periods;
use crate::plan::queries;
use crate::transactions::Transactions;
use cltv_plan::periods::{next_period, period_start};

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
    ///
    /// # Errors
    /// [`DataError::Frame`] if polars refuses the table.
    pub fn series(
        &self,
        period: Grain,
        grain: Grain,
        periods: &Periods,
    ) -> Result<PurchaseSeries, DataError> {
        let end = periods.observation_end.to_epoch_days();
        let mut points = empty_points(periods, period, self.has_amounts());
        let mut at = |day: i32, change: &mut dyn FnMut(&mut SeriesPoint)| {
            let start = cltv_tables::date(day).map(|day| period_start(day, period));
            if let Some(point) = start.and_then(|start| points.get_mut(&start)) {
                change(point);
            }
        };
        let births = self.summed(&queries::births(end), &["first_day"])?;
        for (day, born) in days(&births, "first_day")?.into_iter().zip(counts(&births, "births")?) {
            at(day, &mut |point| point.new_customers += born);
        }
        let bought = self.summed(&queries::purchases_by_period(period, grain, end), &["start"])?;
        let repeats = counts(&bought, "repeat_purchases")?;
        for ((day, purchases), repeats) in
            days(&bought, "start")?.into_iter().zip(counts(&bought, "purchases")?).zip(repeats)
        {
            at(day, &mut |point| {
                point.purchases += purchases;
                point.repeat_purchases += repeats;
            });
        }
        let seen = self.summed(&queries::customers_by_period(period, end, self.has_amounts()), &["start"])?;
        let spent = if self.has_amounts() { reals(&seen, "revenue")? } else { vec![0.0; seen.height()] };
        for ((day, customers), spent) in
            days(&seen, "start")?.into_iter().zip(counts(&seen, "customers")?).zip(spent)
        {
            at(day, &mut |point| {
                point.customers += customers;
                point.revenue = point.revenue.map(|revenue| revenue + spent);
            });
        }
        Ok(PurchaseSeries { period, points: points.into_values().collect() })
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
