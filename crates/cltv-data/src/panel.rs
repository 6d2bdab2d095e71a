//! Figures about the panel that audits judge: they say nothing themselves.

use std::collections::{HashMap, HashSet};

use chrono::{Days, NaiveDate};
use cltv_models::Grain;

use crate::periods::Periods;
use crate::purchases::CustomerPurchases;
use crate::transactions::Transactions;

/// Days of the windows in which new customers are compared.
const WINDOW: u64 = 30;

/// What an audit needs to know about the purchases until the observation's end.
#[derive(Debug, Clone, PartialEq)]
pub struct PanelFigures {
    /// Rows.
    pub rows: usize,
    /// Customers.
    pub customers: usize,
    /// Customers with a purchase on a second day.
    pub repeat_customers: usize,
    /// The same at the calibration's end.
    pub calibration_repeat_customers: usize,
    /// Rows merged by day: customer-days.
    pub purchases_by_day: usize,
    /// Rows merged by calendar week.
    pub purchases_by_week: usize,
    /// Rows merged by the grain in use.
    pub purchases: usize,
    /// Orders, where there are order ids.
    pub orders: Option<usize>,
    /// Rows for each customer-day: well above 1 when rows are items, not purchases.
    pub rows_per_purchase: f64,
    /// Part of the rows that share customer and day with an earlier row.
    pub same_day_share: f64,
    /// Part of the repeat purchases by day that merging by week takes away: how much the grain matters.
    pub week_merge_share: f64,
    /// New customers in the first 30 days, over the mean of the next two such windows.
    ///
    /// Far above 1 when the panel starts in the midst of a running business: old customers then
    /// look new (left censoring). `None` when nobody is new in the next two windows.
    pub first_window_ratio: Option<f64>,
    /// New customers in the first 30 days, as a part of all.
    pub first_window_share: f64,
    /// Part of the rows with the customer, day and amount of an earlier row: above a few percent
    /// when a join has doubled the money. `None` without amounts.
    pub repeated_amount_share: Option<f64>,
    /// Regularity k of the times between purchases: 1 for a Poisson process, more when purchases
    /// are more regular. `None` with fewer than 30 customers with three purchases.
    ///
    /// From M = first interval / first two intervals, whose variance is 1 / (4 (2 k + 1)).
    pub regularity: Option<f64>,
    /// Customers with three purchases, from whom the regularity comes.
    pub regularity_customers: usize,
}

/// Fewer customers than this say nothing about a variance.
const CUSTOMERS_FOR_REGULARITY: usize = 30;

impl Transactions {
    /// The figures until the observation's end, for a grain in use.
    ///
    /// # References
    /// Wheat & Morrison 1990, "Estimating purchase regularity with two interpurchase times",
    /// Journal of Marketing Research 27, for the regularity.
    #[must_use]
    pub fn panel(&self, periods: &Periods, grain: Grain) -> PanelFigures {
        let end = periods.observation_end;
        let total = |customers: &[CustomerPurchases]| -> usize {
            customers.iter().map(|customer| customer.purchases.len()).sum()
        };
        let by_day = self.purchases(Grain::Day, end);
        let (customers, days) = (by_day.len(), total(&by_day));
        let weeks = total(&self.purchases(Grain::Week, end));
        let rows = self.rows().iter().filter(|row| row.date <= end).count();
        let (ratio, share) = first_window(&by_day, periods.start);
        let part = |part: usize, of: usize| {
            if of == 0 { 0.0 } else { part as f64 / of as f64 }
        };
        let (regularity, regularity_customers) = regularity(&by_day);
        PanelFigures {
            rows,
            customers,
            repeat_customers: repeaters(&by_day),
            calibration_repeat_customers: repeaters(&self.purchases(Grain::Day, periods.calibration_end)),
            purchases_by_day: days,
            purchases_by_week: weeks,
            purchases: total(&self.purchases(grain, end)),
            orders: self.has_orders().then(|| self.orders_until(end)),
            rows_per_purchase: part(rows, days),
            same_day_share: part(rows - days, rows),
            week_merge_share: part(days - weeks, days - customers),
            first_window_ratio: ratio,
            first_window_share: share,
            repeated_amount_share: self.has_amounts().then(|| part(self.repeated_until(end), rows)),
            regularity,
            regularity_customers,
        }
    }

    /// Different orders; an order id belongs to its customer.
    fn orders_until(&self, end: NaiveDate) -> usize {
        let rows = self.rows().iter().filter(|row| row.date <= end);
        let orders: HashSet<(&str, &str)> =
            rows.filter_map(|row| Some((row.customer_id.as_str(), row.order.as_deref()?))).collect();
        orders.len()
    }

    /// Rows with the customer, day and amount of an earlier row, amounts of 0 left aside.
    fn repeated_until(&self, end: NaiveDate) -> usize {
        let mut seen: HashMap<(&str, NaiveDate, u64), usize> = HashMap::new();
        for row in self.rows().iter().filter(|row| row.date <= end) {
            if let Some(amount) = row.amount.filter(|&amount| amount > 0.0) {
                *seen.entry((&row.customer_id, row.date, amount.to_bits())).or_default() += 1;
            }
        }
        seen.values().map(|n| n - 1).sum()
    }
}

fn repeaters(customers: &[CustomerPurchases]) -> usize {
    customers.iter().filter(|customer| !customer.repeats().is_empty()).count()
}

fn first_window(customers: &[CustomerPurchases], start: NaiveDate) -> (Option<f64>, f64) {
    let born = |from: u64, to: u64| {
        let (from, to) = (start + Days::new(from), start + Days::new(to));
        customers.iter().filter(|c| c.first() >= from && c.first() < to).count() as f64
    };
    let first = born(0, WINDOW);
    let next = born(WINDOW, 3 * WINDOW) / 2.0;
    ((next > 0.0).then(|| first / next), first / customers.len().max(1) as f64)
}

fn regularity(customers: &[CustomerPurchases]) -> (Option<f64>, usize) {
    let fractions: Vec<f64> = customers
        .iter()
        .filter_map(|customer| match &customer.purchases[..] {
            [a, b, c, ..] => {
                let whole = (c.date - a.date).num_days() as f64;
                Some((b.date - a.date).num_days() as f64 / whole)
            }
            _ => None,
        })
        .collect();
    let n = fractions.len();
    // M is symmetric around one half for any such process, so that is its mean.
    let variance = fractions.iter().map(|m| (m - 0.5).powi(2)).sum::<f64>() / n.max(1) as f64;
    let enough = n >= CUSTOMERS_FOR_REGULARITY && variance > 0.0;
    (enough.then(|| (1.0 / (4.0 * variance) - 1.0) / 2.0), n)
}
