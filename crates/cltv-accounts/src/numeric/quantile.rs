//! Quantiles by linear interpolation.

/// The quantile of values in any order, as [`quantile_of_sorted`]; 0 for no values.
pub(crate) fn quantile(values: &[f64], p: f64) -> f64 {
    if values.is_empty() {
        return 0.0;
    }
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    quantile_of_sorted(&sorted, p)
}

/// The quantile of values in rising order: linear between order statistics, at position (n − 1) p.
///
/// It is numpy's default and type 7 of Hyndman, R. J. and Fan, Y. (1996), *The American Statistician*
/// 50(4), 361-365, with numpy's rounding. NaN for no values.
pub(crate) fn quantile_of_sorted(sorted: &[f64], p: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return f64::NAN };
    let position = p.clamp(0.0, 1.0) * last as f64;
    let below = position.floor();
    let part = position - below;
    let (low, high) = (sorted[below as usize], sorted[(below as usize + 1).min(last)]);
    // numpy interpolates from the nearer end, which decides the last bit.
    if part >= 0.5 { high - (high - low) * (1.0 - part) } else { low + (high - low) * part }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_of_a_known_list() {
        // numpy.quantile([1, 2, 4, 8], [0, .25, .5, .9, 1]).
        let values = [8.0, 1.0, 4.0, 2.0];
        for (p, expected) in [(0.0, 1.0), (0.25, 1.75), (0.5, 3.0), (0.9, 6.8), (1.0, 8.0)] {
            approx::assert_relative_eq!(quantile(&values, p), expected, max_relative = 1e-14);
        }
        assert_eq!(quantile(&[], 0.5), 0.0);
        assert!(quantile_of_sorted(&[], 0.5).is_nan());
    }
}
