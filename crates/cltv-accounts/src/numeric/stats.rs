//! Means, spreads, moments and correlations.

/// The mean; 0 for no values.
pub(crate) fn mean(values: &[f64]) -> f64 {
    if values.is_empty() { 0.0 } else { values.iter().sum::<f64>() / values.len() as f64 }
}

/// Σ(x − x̄)².
pub(crate) fn sum_of_squared_deviations(values: &[f64]) -> f64 {
    let centre = mean(values);
    values.iter().map(|value| (value - centre).powi(2)).sum()
}

/// The standard deviation with the divisor n − 1; 0 for fewer than two values.
pub(crate) fn deviation(values: &[f64]) -> f64 {
    let squares = sum_of_squared_deviations(values);
    if values.len() < 2 { 0.0 } else { (squares / (values.len() - 1) as f64).sqrt() }
}

/// The third standardised moment, m₃ / m₂^1.5 with moments divided by n; NaN for a constant.
pub(crate) fn skewness(values: &[f64]) -> f64 {
    central_moment(values, 3) / central_moment(values, 2).powf(1.5)
}

/// The fourth standardised moment, m₄ / m₂² with moments divided by n; 3 for a normal, NaN for a constant.
pub(crate) fn kurtosis(values: &[f64]) -> f64 {
    central_moment(values, 4) / central_moment(values, 2).powi(2)
}

fn central_moment(values: &[f64], power: i32) -> f64 {
    let centre = mean(values);
    mean(&values.iter().map(|value| (value - centre).powi(power)).collect::<Vec<_>>())
}

/// Pearson's correlation; 0 when either list is constant.
pub(crate) fn correlation(x: &[f64], y: &[f64]) -> f64 {
    let (mx, my) = (mean(x), mean(y));
    let (mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0);
    for (a, b) in x.iter().zip(y) {
        xx += (a - mx).powi(2);
        yy += (b - my).powi(2);
        xy += (a - mx) * (b - my);
    }
    if xx > 0.0 && yy > 0.0 { xy / (xx * yy).sqrt() } else { 0.0 }
}

/// Spearman's rank correlation: Pearson's of the ranks, ties get their mean rank.
pub(crate) fn rank_correlation(x: &[f64], y: &[f64]) -> f64 {
    correlation(&ranks(x), &ranks(y))
}

fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0; values.len()];
    for tied in order.chunk_by(|&a, &b| values[a] == values[b]) {
        let start = order.partition_point(|&i| values[i] < values[tied[0]]);
        let rank = start as f64 + (tied.len() + 1) as f64 / 2.0;
        for &i in tied {
            ranks[i] = rank;
        }
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn correlations_of_known_data() {
        // By the definitions, in Python's floats.
        let (x, y) = ([1.0, 2.0, 2.0, 4.0, 5.0], [2.0, 1.0, 4.0, 3.0, 9.0]);
        approx::assert_relative_eq!(correlation(&x, &y), 0.771_843_669_318_056_5, max_relative = 1e-12);
        approx::assert_relative_eq!(rank_correlation(&x, &y), 0.666_885_928_855_350_3, max_relative = 1e-12);
        assert_eq!(ranks(&x), [1.0, 2.5, 2.5, 4.0, 5.0]);
        assert_eq!(deviation(&[1.0, 3.0]), 2f64.sqrt());
    }

    #[test]
    fn moments_of_known_data() {
        // scipy.stats.skew and kurtosis(fisher=False) of [1, 2, 2, 4, 6].
        let x = [1.0, 2.0, 2.0, 4.0, 6.0];
        approx::assert_relative_eq!(skewness(&x), 0.628_894_118_671_815_8, max_relative = 1e-12);
        approx::assert_relative_eq!(kurtosis(&x), 1.953_125, max_relative = 1e-12);
        assert!(skewness(&[2.0; 4]).is_nan() && kurtosis(&[2.0; 4]).is_nan());
    }
}
