//! Training rows and test rows.

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

use super::error::RegressionError;
use crate::numpy_random::RandomState;
use crate::text::named;

/// How rows are divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SplitRule {
    /// As scikit-learn's `train_test_split` does, row for row.
    #[default]
    Sklearn,
    /// By this project's own seeded generator (ChaCha8), rows kept in their order.
    Own,
}

impl SplitRule {
    /// Divides `rows` rows, a share of them for the test.
    ///
    /// # Errors
    /// [`RegressionError::BadShare`] unless both sides get a row; [`RegressionError::BadSeed`] for a
    /// seed that scikit-learn does not accept.
    pub fn split(self, rows: usize, share: f64, seed: u64) -> Result<Split, RegressionError> {
        match self {
            Self::Own => own_split(rows, share, seed),
            Self::Sklearn => {
                let seed = u32::try_from(seed).map_err(|_| RegressionError::BadSeed { seed })?;
                sklearn_split(rows, share, seed)
            }
        }
    }
}

named!(SplitRule, "split", Sklearn => "sklearn", Own => "own");

/// Training rows and test rows, counted from 0.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Split {
    /// Training rows.
    pub train: Vec<usize>,
    /// Test rows.
    pub test: Vec<usize>,
}

/// The rows that scikit-learn's `train_test_split(test_size=share, random_state=seed)` takes, in its
/// order: of `RandomState(seed).permutation(rows)` the first ⌈share · rows⌉ are the test, the rest the
/// training rows.
///
/// # Errors
/// [`RegressionError::BadShare`] unless `share` is in (0, 1) and both sides get a row.
///
/// # Examples
/// ```
/// use cltv_accounts::regression::sklearn_split;
/// let split = sklearn_split(10, 0.2, 42)?;
/// assert_eq!(split.test, [8, 1]);
/// assert_eq!(split.train, [5, 0, 7, 2, 9, 4, 3, 6]);
/// # Ok::<(), cltv_accounts::regression::RegressionError>(())
/// ```
pub fn sklearn_split(rows: usize, share: f64, seed: u32) -> Result<Split, RegressionError> {
    let tested = tested(rows, share)?;
    let mut test = RandomState::new(seed).permutation(rows);
    let train = test.split_off(tested);
    Ok(Split { train, test })
}

/// ⌈share · rows⌉ random rows for the test, both sides in row order; the same for the same seed.
///
/// # Errors
/// [`RegressionError::BadShare`] unless `share` is in (0, 1) and both sides get a row.
pub fn own_split(rows: usize, share: f64, seed: u64) -> Result<Split, RegressionError> {
    let tested = tested(rows, share)?;
    let mut test: Vec<usize> = (0..rows).collect();
    test.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
    let mut train = test.split_off(tested);
    train.sort_unstable();
    test.sort_unstable();
    Ok(Split { train, test })
}

fn tested(rows: usize, share: f64) -> Result<usize, RegressionError> {
    let tested = (share * rows as f64).ceil();
    if share > 0.0 && share < 1.0 && tested < rows as f64 {
        return Ok(tested as usize);
    }
    Err(RegressionError::BadShare { share, rows })
}
