//! How lifetime value is spread over accounts.

use super::distributions::{Spread, Unit};
use crate::{Chart, PlotError};

/// Accounts by lifetime value, realised or predicted (`kind` is the word for it). Values may be negative
/// where serving cost more than was earned. The long tail shares an open last bar.
///
/// # Errors
/// [`PlotError`] when there is no account or a value is not finite.
///
/// # Examples
/// ```
/// let chart = cltv_plots::account_value_distribution(&[-20.0, 180.0, 445.0, 7100.0], "realised", "$")?;
/// assert_eq!(chart.title(), "Customer lifetime value, realised");
/// # Ok::<(), cltv_plots::PlotError>(())
/// ```
pub fn account_value_distribution(values: &[f64], kind: &str, currency: &str) -> Result<Chart, PlotError> {
    Spread {
        name: "account_value_distribution",
        input: "values",
        quantity: "value",
        title: format!("Customer lifetime value, {kind}"),
        axis_title: format!("Lifetime value of an account, {kind} ({})", currency.trim()),
        how_to_read: "Each bar counts the accounts that are worth that much. A long tail to the right is usual: few \
                      accounts hold most of the value, and the mean lies far above the median.",
        subject: "the lifetime value is",
        unit: Unit::Money(currency),
        values,
        who: "account",
    }
    .chart()
}
