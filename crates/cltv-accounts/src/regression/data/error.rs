//! Errors of a regression.

use super::model::RegressionModel;
use crate::table::TableError;

/// Why a regression cannot be fitted.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RegressionError {
    /// The table that the regression is made of.
    #[error(transparent)]
    Table(#[from] TableError),
    /// A target without features.
    #[error("there are no features for the target {target:?}; give at least one column beside it")]
    NoFeatures {
        /// The target.
        target: String,
    },
    /// A column of another length than the target.
    #[error("column {column:?} has {found} rows but the target has {expected}; every account needs both")]
    LengthMismatch {
        /// The column.
        column: String,
        /// Its length.
        found: usize,
        /// The target's.
        expected: usize,
    },
    /// A number that is not finite.
    #[error(
        "column {column:?} is {value} in row {row}; fill the cell or leave the row out before the regression"
    )]
    NotFinite {
        /// The column.
        column: String,
        /// The row, counted from 1.
        row: usize,
        /// Its value.
        value: f64,
    },
    /// A category without a name.
    #[error(
        "column {column:?} is empty in row {row}; give the missing category a name, such as \"unknown\", or leave the row out"
    )]
    EmptyCategory {
        /// The column.
        column: String,
        /// The row, counted from 1.
        row: usize,
    },
    /// A name that occurs twice.
    #[error("two columns of the design are called {column:?}; rename one of the columns or categories")]
    DuplicateColumn {
        /// The name.
        column: String,
    },
    /// A categorical column that identifies accounts.
    #[error(
        "column {column:?} has {levels} different values in {rows} rows, more than the {most} a categorical feature may have here; it identifies accounts rather than describes them: put it in drop_columns"
    )]
    TooManyLevels {
        /// The column.
        column: String,
        /// Its different values.
        levels: usize,
        /// The rows.
        rows: usize,
        /// The most allowed.
        most: usize,
    },
    /// Fewer rows than a fit needs.
    #[error(
        "{rows} training rows are too few for {parameters} coefficients; there must be more rows than coefficients: drop columns or use more rows"
    )]
    TooFewRows {
        /// Training rows.
        rows: usize,
        /// Coefficients, the intercept among them.
        parameters: usize,
    },
    /// A target that does not vary.
    #[error(
        "the target {target:?} is {value} in every training row; check the column, or choose a target that varies"
    )]
    ConstantTarget {
        /// The target.
        target: String,
        /// Its value.
        value: f64,
    },
    /// A share of test rows that leaves one side empty.
    #[error(
        "test_share {share} of {rows} rows leaves no row on one side; it must be above 0 and below 1, such as 0.2"
    )]
    BadShare {
        /// The share.
        share: f64,
        /// The rows.
        rows: usize,
    },
    /// A seed that numpy does not accept.
    #[error(
        "seed {seed} is above 4294967295, the largest that scikit-learn accepts; choose a smaller one or split = \"own\""
    )]
    BadSeed {
        /// The seed.
        seed: u64,
    },
    /// A split of other data.
    #[error("the split names row {row} but the data have {rows} rows; split these data")]
    RowOutside {
        /// The row, counted from 1.
        row: usize,
        /// The rows there are.
        rows: usize,
    },
    /// An impossible number of folds.
    #[error(
        "{rows} rows cannot be divided into {folds} folds; use from 2 folds to as many as there are rows"
    )]
    BadFolds {
        /// The folds.
        folds: usize,
        /// The rows.
        rows: usize,
    },
    /// A penalty outside its bounds.
    #[error(
        "the penalty lambda is {lambda}, but it must be a finite number above 0; for no penalty use the plain regression"
    )]
    BadPenalty {
        /// The penalty.
        lambda: f64,
    },
    /// Ridge or lasso without a penalty.
    #[error("the {model} regression needs its penalty lambda; choose it by folds, or give a number above 0")]
    NoPenalty {
        /// The model.
        model: RegressionModel,
    },
    /// A logarithm that does not exist.
    #[error(
        "the logarithm of the target {target:?} does not exist in {count} rows, the smallest value being {smallest}; leave those rows out or keep the target as it is"
    )]
    LogOfNonPositive {
        /// The target.
        target: String,
        /// Rows at or below 0.
        count: usize,
        /// The smallest value.
        smallest: f64,
    },
    /// A multiplicative mean of a target that is not above 0.
    #[error(
        "the target {target:?} adds up to no more than 0 in the training rows (its mean is {mean}), so the multiplicative model does not apply; use the linear model"
    )]
    NoPositiveMean {
        /// The target.
        target: String,
        /// Its mean.
        mean: f64,
    },
    /// Coefficients that diverge.
    #[error(
        "the multiplicative model of {target:?} found no finite coefficients in {iterations} iterations; in some category the target is probably 0 throughout: merge that category with another"
    )]
    NoMultipliers {
        /// The target.
        target: String,
        /// Iterations of Newton's method.
        iterations: u32,
    },
    /// Predictions and actual values of unequal number.
    #[error(
        "there are {predicted} predictions for {actual} actual values; metrics need one each, and at least one"
    )]
    BadPairs {
        /// Predictions.
        predicted: usize,
        /// Actual values.
        actual: usize,
    },
    /// Predicting from other columns than those fitted.
    #[error(
        "the fit has the columns [{fitted}] but the data have [{found}]; encode the same columns with the same categories"
    )]
    OtherColumns {
        /// Columns of the fit that the data lack.
        fitted: String,
        /// Columns of the data that the fit lacks.
        found: String,
    },
    /// Coordinate descent that stopped too early.
    #[error(
        "the lasso with lambda {lambda} did not converge in {sweeps} sweeps (error of the gradient {gradient_error:.1e}); drop columns that nearly repeat others, or use ridge"
    )]
    NotConverged {
        /// The penalty.
        lambda: f64,
        /// Sweeps over the columns.
        sweeps: u32,
        /// Distance from the optimum's condition, as a share of the largest useful penalty.
        gradient_error: f64,
    },
    /// The solver failed.
    #[error(
        "the least squares of {columns} columns could not be solved: {reason}; check the columns for values of very different size"
    )]
    Unsolved {
        /// Columns.
        columns: usize,
        /// The library's message.
        reason: String,
    },
}
