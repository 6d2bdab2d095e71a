//! How regular purchases are: times between them, and what models of regular purchases need of
//! them.

use crate::summary::history::History;

/// Slack for the rounding of a sum of logarithms, relative to the number of intervals.
const ROUNDING: f64 = 1e-6;

/// The sum of the natural logarithms of the times between purchases, from the rising times of a
/// customer's repeat purchases (the first purchase is at 0).
///
/// ```
/// let sum = cltv_models::ln_intervals(&[2.0, 5.0]);
/// assert!((sum - (2.0_f64.ln() + 3.0_f64.ln())).abs() < 1e-15);
/// assert_eq!(cltv_models::ln_intervals(&[]), 0.0);
/// ```
#[must_use]
pub fn ln_intervals(times: &[f64]) -> f64 {
    let before = std::iter::once(&0.0).chain(times);
    times.iter().zip(before).map(|(time, before)| (time - before).ln()).sum()
}

/// Wheat & Morrison's estimate of k from each customer's first two times between purchases, in any
/// unit; `None` without a pair of positive ones.
///
/// For Erlang-k intervals the share M = first / (first + second) has variance 1 / (4 (2k + 1)),
/// whatever the customers' rates, so k = (1 − 4 var M) / (8 var M): 1 for purely random timing, 2
/// and more for regular purchases, below 1 for bursts.
///
/// # Examples
/// ```
/// use cltv_models::{CnbdKParams, TimeUnit, simulate_purchase_times, wheat_morrison};
/// let regular = CnbdKParams::mbg(3, 1.2, 2.0, 0.5, 4.0, TimeUnit::Week)?;
/// let times = simulate_purchase_times(&regular, &vec![52.0; 4000], 7);
/// let pairs: Vec<(f64, f64)> =
///     times.iter().filter(|t| t.len() > 1).map(|t| (t[0], t[1] - t[0])).collect();
/// assert!((wheat_morrison(&pairs).unwrap() - 3.0).abs() < 0.6);
/// # Ok::<(), cltv_models::InputError>(())
/// ```
///
/// # References
/// Wheat & Morrison (1990), Estimating Purchase Regularity with Two Interpurchase Times, Journal of
/// Marketing Research 27(1), 87-93.
#[must_use]
pub fn wheat_morrison(intervals: &[(f64, f64)]) -> Option<f64> {
    let shares = intervals
        .iter()
        .filter(|(first, second)| *first > 0.0 && *second > 0.0)
        .map(|(first, second)| first / (first + second));
    // Around the theoretical mean 1/2: either interval could be called the first.
    let (n, sum) = shares.fold((0.0, 0.0), |(n, sum), share: f64| (n + 1.0, sum + (share - 0.5).powi(2)));
    let variance = f64::max(sum / n, 1e-6);
    (n > 0.0).then(|| (1.0 - 4.0 * variance) / (8.0 * variance))
}

/// What is wrong with a customer's sum of ln(interval).
pub(crate) fn problem(history: History, sum: f64) -> Option<String> {
    let History { x, t_x, .. } = history;
    let n = x as f64;
    // The mean of logarithms is at most the logarithm of the mean.
    let largest = if x == 0 { 0.0 } else { n * (t_x / n).ln() };
    let possible = sum.is_finite() && sum <= largest + ROUNDING * n && (x > 0 || sum == 0.0);
    (!possible).then(|| {
        format!("the sum of ln(interval) {sum} cannot be: {x} intervals that add to {t_x} have at most {largest:.6}")
    })
}
