//! Scores from 1 to 5: quintiles in which equal values share a score.

use polars::prelude::{ChunkedArray, DataFrame, Float64Type, IntoColumn, IntoSeries};

use crate::columns::{reals, wholes};
use crate::error::DataError;
use crate::plan::{self, Plan, queries};

/// Scores of values, 5 for the highest.
///
/// The values are ranked from 1 to n in rising order; values that are equal share the midpoint of
/// their ranks. With that midpoint m, the score is ceil(5 m / n). Whole numbers are used
/// throughout, so no rounding decides a score.
///
/// # Errors
/// [`DataError::Frame`] if polars refuses the table.
///
/// # Examples
/// ```
/// use cltv_purchases::quintile_scores;
/// assert_eq!(quintile_scores(&[10.0, 20.0, 30.0, 40.0, 50.0])?, [1, 2, 3, 4, 5]);
/// // Three equal values have the ranks 1, 2, 3: midpoint 2 of 5, score 2 for all of them.
/// assert_eq!(quintile_scores(&[1.0, 1.0, 1.0, 7.0, 9.0])?, [2, 2, 2, 4, 5]);
/// # Ok::<(), cltv_purchases::DataError>(())
/// ```
pub fn quintile_scores(values: &[f64]) -> Result<Vec<u8>, DataError> {
    scores_of(values.to_vec(), true)
}

/// The same; 5 for the lowest value where a high one is not good.
pub(crate) fn scores_of(values: Vec<f64>, high_is_good: bool) -> Result<Vec<u8>, DataError> {
    if values.is_empty() {
        return Ok(Vec::new());
    }
    let column = ChunkedArray::<Float64Type>::from_vec("value".into(), values);
    let table = DataFrame::new_infer_height(vec![column.clone().into_series().into_column()])?;
    let plan = queries::score_ranges(Plan::Table("values"), "value", table.height() as i64, high_is_good);
    let ranges = plan::run(&plan, &|_| table.clone())?;
    // A look into at most five ranges needs no memory, where a join of customers with scores needs much.
    let scores = wholes(&ranges, "score")?;
    let ends = reals(&ranges, "low")?.into_iter().zip(reals(&ranges, "high")?);
    let ranges: Vec<(u8, f64, f64)> =
        scores.into_iter().zip(ends).map(|(score, (low, high))| (score as u8, low, high)).collect();
    let score = |value: f64| {
        ranges.iter().find(|(_, low, high)| (*low..=*high).contains(&value)).map_or(1, |found| found.0)
    };
    Ok(column.into_no_null_iter().map(score).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_share_a_score() {
        let scores = |values: &[f64]| quintile_scores(values).unwrap();
        assert_eq!(scores(&[4.0; 9]), [3; 9]);
        assert_eq!(scores(&[2.0]), [5]);
        assert_eq!(scores(&[]), Vec::<u8>::new());
        let mut values: Vec<f64> = (0..100).map(f64::from).collect();
        values.reverse();
        let found = scores(&values);
        for score in 1..=5 {
            assert_eq!(found.iter().filter(|&&s| s == score).count(), 20);
        }
        assert_eq!((found[0], found[99]), (5, 1));
    }
}
