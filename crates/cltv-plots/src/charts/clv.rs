//! How lifetime value is spread over customers.

use super::distributions::{Spread, Unit};
use crate::{Chart, PlotError, text};

/// Customers by expected lifetime value within the horizon. The long tail shares an open last bar.
///
/// # Errors
/// [`PlotError`] when there is no customer or a value is negative or not finite.
///
/// # Examples
/// ```
/// let chart = cltv_plots::clv_distribution(&[3.2, 18.0, 44.5, 7.1], 6, "$")?;
/// assert_eq!(chart.title(), "Customer lifetime value, next 6 months");
/// # Ok::<(), cltv_plots::PlotError>(())
/// ```
pub fn clv_distribution(clv: &[f64], horizon_months: u32, currency: &str) -> Result<Chart, PlotError> {
    let horizon = text::counted(u64::from(horizon_months), "month");
    Spread {
        name: "clv_distribution",
        input: "clv",
        quantity: "clv",
        title: format!("Customer lifetime value, next {horizon}"),
        axis_title: format!("Expected value per customer, next {horizon} ({})", currency.trim()),
        how_to_read: "Each bar counts the customers whose purchases are expected to be worth that much. The peak at the left is customers who may never return; most of the value is in the tail.",
        subject: "the expected lifetime value is",
        unit: Unit::Money(currency),
        values: clv,
        who: "customer",
    }
    .chart()
}
