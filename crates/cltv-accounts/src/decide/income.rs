//! The relation of income to value.

use serde::Serialize;
use statrs::distribution::{ContinuousCDF, Normal};

use super::check::check_values;
use super::error::DecideError;
use crate::accounts::Accounts;
use crate::numeric::{correlation, mean, quantile, rank_correlation};
use crate::text::{money, percent};

/// Income against value.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct IncomeRelation {
    /// Pearson's correlation.
    pub correlation: f64,
    /// Its 95% interval, by Fisher's z.
    pub interval: [f64; 2],
    /// Spearman's rank correlation, which is robust to a long tail.
    pub rank_correlation: f64,
    /// Mean value of the accounts in each fifth of income, the lowest first.
    pub mean_by_fifth: Vec<f64>,
    /// The finding in a sentence.
    pub sentence: String,
}

/// Compares incomes with values.
///
/// The interval is `tanh(atanh(r) +- 1.96 / sqrt(n - 3))`; it assumes a bivariate normal
/// distribution and is approximate for long tails.
///
/// # Errors
/// [`DecideError::NoAccounts`], [`DecideError::UnequalLengths`] or [`DecideError::NotFinite`].
///
/// # References
/// Fisher, R. A. (1921). On the "probable error" of a coefficient of correlation.
pub fn income_relation(accounts: &Accounts, values: &[f64]) -> Result<IncomeRelation, DecideError> {
    check_values(accounts.accounts.len(), "values", values)?;
    let incomes: Vec<f64> = accounts.accounts.iter().map(|account| account.income).collect();
    let r = correlation(&incomes, values);
    let n = values.len() as f64;
    let half_width = Normal::standard().inverse_cdf(0.975) / (n - 3.0).max(1.0).sqrt();
    // The correlation of a copy is 1, whose z is infinite.
    let z = r.clamp(-1.0 + 1e-15, 1.0 - 1e-15).atanh();
    let bounds: Vec<f64> = (1..5).map(|fifth| quantile(&incomes, f64::from(fifth) / 5.0)).collect();
    let fifth = |income: f64| bounds.iter().filter(|bound| income > **bound).count();
    let of_fifth = |rank: usize| -> Vec<f64> {
        incomes
            .iter()
            .zip(values)
            .filter(|(income, _)| fifth(**income) == rank)
            .map(|(_, value)| *value)
            .collect()
    };
    let mean_by_fifth: Vec<f64> = (0..5).map(|rank| mean(&of_fifth(rank))).collect();
    let sentence = format!(
        "Income explains {} of the variance of value (correlation {r:.2}, of the ranks {:.2}); the mean value is {} in the highest fifth of income and {} in the lowest.",
        percent(r * r),
        rank_correlation(&incomes, values),
        money(mean_by_fifth[4]),
        money(mean_by_fifth[0])
    );
    Ok(IncomeRelation {
        correlation: r,
        interval: [(z - half_width).tanh(), (z + half_width).tanh()],
        rank_correlation: rank_correlation(&incomes, values),
        mean_by_fifth,
        sentence,
    })
}
