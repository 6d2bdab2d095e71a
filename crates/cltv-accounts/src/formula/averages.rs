//! The formula's inputs from real orders.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Serialize;

use super::clv::ClvFormula;
use super::error::FormulaError;

/// Who could return in a period, and who did.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct RetentionPeriod {
    /// The period returned to.
    pub period: i64,
    /// Customers who bought in the period before.
    pub at_risk: usize,
    /// Those of them who bought in this one.
    pub returned: usize,
}

/// The averages of a set of orders.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Averages {
    /// Different customers.
    pub customers: usize,
    /// Orders.
    pub orders: usize,
    /// Revenue, in money.
    pub revenue: f64,
    /// Revenue by order (AOV), in money.
    pub order_value: f64,
    /// Orders by customer and period in which the customer bought.
    pub frequency: f64,
    /// Customers who returned over customers who could have, all periods together.
    pub retention: f64,
    /// The same period by period.
    pub periods: Vec<RetentionPeriod>,
}

impl Averages {
    /// The formula at these averages.
    ///
    /// # Errors
    /// [`FormulaError::OutOfBounds`] for a margin or a discount outside its bounds, or revenue below 0.
    pub fn formula(&self, margin: f64, discount: f64) -> Result<ClvFormula, FormulaError> {
        ClvFormula::new(self.order_value, self.frequency, margin, self.retention, discount)
    }
}

impl fmt::Display for Averages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} customers placed {} orders of {:.2} on average, {:.3} in each period in which they bought; \
             {:.1}% of those who bought in a period bought again in the next.",
            self.customers,
            self.orders,
            self.order_value,
            self.frequency,
            100.0 * self.retention
        )
    }
}

/// Order value, frequency and retention from orders: `customers[k]` spent `amounts[k]` in period
/// `periods[k]` (whole numbers that count periods of equal length: 2023, 2024 for years).
///
/// Retention is Σ returned / Σ at risk over each period but the first, where at risk are those who
/// bought in the period before. Who skips a period counts as lost, and as new when back: with short
/// periods retention comes out too low, and the formula with it. Give whole periods only.
///
/// # Errors
/// [`FormulaError::LengthMismatch`] for columns of unequal length, [`FormulaError::TooFew`] without
/// orders, [`FormulaError::NotFinite`] for an amount that is not a number,
/// [`FormulaError::OnePeriod`] when nobody could return.
///
/// # Examples
/// ```
/// use cltv_accounts::formula::averages_of_orders;
/// let customers = ["ann", "ann", "bob", "ann"].map(str::to_owned);
/// let averages = averages_of_orders(&customers, &[2023, 2023, 2023, 2024], &[10.0, 20.0, 30.0, 40.0])?;
/// assert_eq!((averages.order_value, averages.retention), (25.0, 0.5));
/// assert_eq!(averages.frequency, 4.0 / 3.0);
/// # Ok::<(), cltv_accounts::formula::FormulaError>(())
/// ```
pub fn averages_of_orders(
    customers: &[String],
    periods: &[i64],
    amounts: &[f64],
) -> Result<Averages, FormulaError> {
    check_columns(customers, periods, amounts)?;
    let mut buyers: BTreeMap<i64, BTreeSet<&str>> = BTreeMap::new();
    for (customer, period) in customers.iter().zip(periods) {
        buyers.entry(*period).or_default().insert(customer);
    }
    let (Some(&first), Some(&last)) = (buyers.keys().next(), buyers.keys().next_back()) else {
        return Err(FormulaError::TooFew { what: "orders", least: 1 });
    };
    if first == last {
        return Err(FormulaError::OnePeriod { period: first });
    }
    let returns = returns(&buyers);
    let (at_risk, returned) =
        returns.iter().fold((0, 0), |(risk, back), row| (risk + row.at_risk, back + row.returned));
    let revenue: f64 = amounts.iter().sum();
    let active: usize = buyers.values().map(BTreeSet::len).sum();
    Ok(Averages {
        customers: customers.iter().collect::<BTreeSet<_>>().len(),
        orders: amounts.len(),
        revenue,
        order_value: revenue / amounts.len() as f64,
        frequency: amounts.len() as f64 / active as f64,
        retention: returned as f64 / at_risk as f64,
        periods: returns,
    })
}

/// A row for each period after one with buyers, up to the last: a period without orders has none back.
fn returns(buyers: &BTreeMap<i64, BTreeSet<&str>>) -> Vec<RetentionPeriod> {
    let last = buyers.keys().next_back().copied();
    buyers
        .iter()
        .filter(|(period, _)| Some(**period) != last)
        .map(|(&before, at_risk)| {
            let period = before + 1;
            let returned = buyers.get(&period).map_or(0, |now| at_risk.intersection(now).count());
            RetentionPeriod { period, at_risk: at_risk.len(), returned }
        })
        .collect()
}

fn check_columns(customers: &[String], periods: &[i64], amounts: &[f64]) -> Result<(), FormulaError> {
    let expected = customers.len();
    for (column, found) in [("periods", periods.len()), ("amounts", amounts.len())] {
        if found != expected {
            return Err(FormulaError::LengthMismatch { column, found, expected });
        }
    }
    match amounts.iter().position(|amount| !amount.is_finite()) {
        None => Ok(()),
        Some(at) => Err(FormulaError::NotFinite { what: "amount", row: at + 1, value: amounts[at] }),
    }
}
