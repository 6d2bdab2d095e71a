//! The concentration of value over accounts.

use serde::Serialize;

use super::check::check_values;
use super::error::DecideError;
use crate::text::{count, percent};

/// Steps of the Lorenz curve.
const STEPS: usize = 100;

/// Concentration of value.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Concentration {
    /// Accounts.
    pub accounts: usize,
    /// Sum of their values.
    pub total: f64,
    /// Share of the value that the most valuable fifth of the accounts holds.
    pub top_fifth: f64,
    /// Smallest share of the accounts that holds 80% of the value.
    pub accounts_for_80: f64,
    /// Gini coefficient: 0 when all are alike, towards 1 when one has all.
    pub gini: f64,
    /// Accounts with a negative value; with them the Lorenz curve dips below 0.
    pub negative: usize,
    /// Lorenz curve: share of the accounts from the least valuable on, and their share of the value.
    pub lorenz: Vec<[f64; 2]>,
}

/// Measures how concentrated values are.
///
/// With the values sorted upwards, `G = 2 sum(i x_i) / (n sum(x)) - (n + 1) / n`, and the top fifth
/// is the `ceil(n / 5)` largest.
///
/// # Errors
/// [`DecideError::NoAccounts`], [`DecideError::NotFinite`] or [`DecideError::NoValue`].
///
/// # Examples
/// ```
/// let found = cltv_accounts::concentration(&[1.0, 1.0, 1.0, 1.0, 6.0])?;
/// assert_eq!(found.top_fifth, 0.6);
/// assert!((found.gini - 0.4).abs() < 1e-12);
/// # Ok::<(), cltv_accounts::DecideError>(())
/// ```
///
/// # References
/// Gini, C. (1912); Lorenz, M. O. (1905). Methods of measuring the concentration of wealth.
pub fn concentration(values: &[f64]) -> Result<Concentration, DecideError> {
    check_values(values.len(), "values", values)?;
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let (n, total) = (sorted.len(), sorted.iter().sum::<f64>());
    if total <= 0.0 {
        return Err(DecideError::NoValue { total });
    }
    let weighted: f64 = (1..).zip(&sorted).map(|(i, value)| f64::from(i) * value).sum();
    let top = |k: usize| sorted[n - k..].iter().sum::<f64>() / total;
    let mut below = vec![0.0; n + 1];
    for (i, value) in sorted.iter().enumerate() {
        below[i + 1] = below[i] + value;
    }
    let enough = (1..=n).find(|&k| below[n] - below[n - k] >= 0.8 * total).unwrap_or(n);
    let point = |step: usize| {
        let k = (step * n).div_ceil(STEPS);
        [k as f64 / n as f64, below[k] / total]
    };
    Ok(Concentration {
        accounts: n,
        total,
        top_fifth: top(n.div_ceil(5)),
        accounts_for_80: enough as f64 / n as f64,
        gini: 2.0 * weighted / (n as f64 * total) - (n as f64 + 1.0) / n as f64,
        negative: sorted.iter().filter(|value| **value < 0.0).count(),
        lorenz: (0..=STEPS).map(point).collect(),
    })
}

impl Concentration {
    /// The finding in a sentence.
    #[must_use]
    pub fn sentence(&self) -> String {
        format!(
            "The most valuable fifth of {} accounts holds {} of the value (the rule of thumb says 80%); {} of the accounts hold 80%, and the Gini coefficient is {:.2}.",
            count(self.accounts),
            percent(self.top_fifth),
            percent(self.accounts_for_80),
            self.gini
        )
    }
}
