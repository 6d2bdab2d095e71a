//! How close predictions come to what customers did.

use serde::Serialize;

/// Errors of the predictions of single customers.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Accuracy {
    /// Mean absolute error a customer.
    pub mae: f64,
    /// Root of the mean squared error a customer: lowest for the best expectation, which the mean
    /// absolute error is not, because most customers buy nothing.
    pub rmse: f64,
    /// Mean of prediction − actual, a customer.
    pub bias: f64,
    /// Pearson's correlation of prediction and actual; `None` when one of them is constant.
    pub correlation: Option<f64>,
    /// Gini of the actuals in the order of the predictions over that in their own order: 1 for the
    /// right order of customers, 0 for a random one. Customers with the same prediction are not
    /// ordered. `None` when all did the same.
    pub gini: Option<f64>,
}

impl Accuracy {
    /// Of one prediction and one actual figure a customer, in the same order.
    pub(crate) fn of(expected: &[f64], actual: &[u64]) -> Self {
        let actual: Vec<f64> = actual.iter().map(|&count| count as f64).collect();
        let n = expected.len() as f64;
        let mean = |figure: &dyn Fn(f64, f64) -> f64| {
            expected.iter().zip(&actual).map(|(&e, &y)| figure(e, y)).sum::<f64>() / n
        };
        let perfect = gini(&actual, &actual);
        Self {
            mae: mean(&|e, y| (e - y).abs()),
            rmse: mean(&|e, y| (e - y).powi(2)).sqrt(),
            bias: mean(&|e, y| e - y),
            correlation: correlation(expected, &actual),
            gini: (perfect > 0.0).then(|| gini(expected, &actual) / perfect),
        }
    }
}

fn correlation(left: &[f64], right: &[f64]) -> Option<f64> {
    let n = left.len() as f64;
    let (mean_left, mean_right) = (left.iter().sum::<f64>() / n, right.iter().sum::<f64>() / n);
    let (mut both, mut lefts, mut rights) = (0.0, 0.0, 0.0);
    for (l, r) in left.iter().zip(right) {
        let (l, r) = (l - mean_left, r - mean_right);
        both += l * r;
        lefts += l * l;
        rights += r * r;
    }
    let spread = (lefts * rights).sqrt();
    (spread > 0.0).then(|| both / spread)
}

/// Customers by falling score; those with the same score are together.
pub(crate) fn by_falling_score(scores: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|&i, &j| scores[j].total_cmp(&scores[i]));
    order
}

/// Twice the area between the curve of cumulated actuals by falling score and the diagonal.
fn gini(scores: &[f64], actual: &[f64]) -> f64 {
    let (n, total) = (scores.len() as f64, actual.iter().sum::<f64>());
    if total == 0.0 {
        return 0.0;
    }
    let (mut area, mut before) = (0.0, 0.0);
    for ties in by_falling_score(scores).chunk_by(|&i, &j| scores[i] == scores[j]) {
        let after = before + ties.iter().map(|&i| actual[i]).sum::<f64>() / total;
        area += 0.5 * (before + after) * ties.len() as f64 / n;
        before = after;
    }
    2.0 * area - 1.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    #[test]
    fn figures_by_hand() {
        let accuracy = Accuracy::of(&[2.0, 1.0, 0.5, 0.5], &[3, 1, 1, 0]);
        assert_relative_eq!(accuracy.mae, 0.5);
        assert_relative_eq!(accuracy.rmse, (1.5_f64 / 4.0).sqrt());
        assert_relative_eq!(accuracy.bias, -0.25);
        // Trapezoids under both curves; the two customers with the same prediction are one of them.
        let (area, perfect) = (0.075 + 0.175 + 0.45, 0.075 + 0.175 + 0.225 + 0.25);
        assert_relative_eq!(
            accuracy.gini.unwrap(),
            (2.0 * area - 1.0) / (2.0 * perfect - 1.0),
            max_relative = 1e-12
        );
        assert_relative_eq!(
            accuracy.correlation.unwrap(),
            2.5 / (1.5_f64 * 4.75).sqrt(),
            max_relative = 1e-12
        );
    }

    #[test]
    fn constants_have_no_order() {
        let accuracy = Accuracy::of(&[1.0, 1.0, 1.0], &[0, 2, 1]);
        assert_eq!((accuracy.correlation, accuracy.gini), (None, Some(0.0)));
        assert_eq!(Accuracy::of(&[1.0, 2.0], &[0, 0]).gini, None);
        assert_relative_eq!(Accuracy::of(&[0.1, 2.0, 9.0], &[0, 1, 7]).gini.unwrap(), 1.0);
        assert!(Accuracy::of(&[9.0, 2.0, 0.1], &[0, 1, 7]).gini.unwrap() < 0.0);
    }
}
