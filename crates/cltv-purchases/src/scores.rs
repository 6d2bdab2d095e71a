//! Scores from 1 to 5: quintiles in which equal values share a score.

/// Scores of values, 5 for the highest.
///
/// The values are ranked from 1 to n in rising order; values that are equal share the midpoint of
/// their ranks. With that midpoint m, the score is ceil(5 m / n). Whole numbers are used
/// throughout, so no rounding decides a score.
///
/// ```
/// use cltv_purchases::quintile_scores;
/// assert_eq!(quintile_scores(&[10.0, 20.0, 30.0, 40.0, 50.0]), [1, 2, 3, 4, 5]);
/// // Three equal values have the ranks 1, 2, 3: midpoint 2 of 5, score 2 for all of them.
/// assert_eq!(quintile_scores(&[1.0, 1.0, 1.0, 7.0, 9.0]), [2, 2, 2, 4, 5]);
/// ```
#[must_use]
pub fn quintile_scores(values: &[f64]) -> Vec<u8> {
    let n = values.len();
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut scores = vec![0; n];
    let mut below = 0;
    for equal in order.chunk_by(|&a, &b| values[a] == values[b]) {
        // Twice the midpoint of the ranks below + 1 ..= below + equal.
        let twice_midpoint = 2 * below + equal.len() + 1;
        let score = (5 * twice_midpoint).div_ceil(2 * n).clamp(1, 5) as u8;
        for &i in equal {
            scores[i] = score;
        }
        below += equal.len();
    }
    scores
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_share_a_score() {
        assert_eq!(quintile_scores(&[4.0; 9]), [3; 9]);
        assert_eq!(quintile_scores(&[2.0]), [5]);
        assert_eq!(quintile_scores(&[]), Vec::<u8>::new());
        let mut values: Vec<f64> = (0..100).map(f64::from).collect();
        values.reverse();
        let scores = quintile_scores(&values);
        for score in 1..=5 {
            assert_eq!(scores.iter().filter(|&&s| s == score).count(), 20);
        }
        assert_eq!((scores[0], scores[99]), (5, 1));
    }
}
