//! The baselines that any method is compared with.

/// Months of a year.
pub(crate) const YEAR: usize = 12;

/// The last value, for every month ahead.
pub(crate) fn naive(values: &[f64], horizon: usize) -> Vec<f64> {
    vec![values.last().copied().unwrap_or(0.0); horizon]
}

/// The value of the same month in the last year seen; the last value where there is no full year.
pub(crate) fn seasonal_naive(values: &[f64], horizon: usize) -> Vec<f64> {
    match values.len().checked_sub(YEAR) {
        None => naive(values, horizon),
        Some(start) => (0..horizon).map(|h| values[start + h % YEAR]).collect(),
    }
}
