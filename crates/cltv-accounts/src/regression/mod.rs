//! Regression of customer value on features of the accounts.
//!
//! ```text
//! Feature, … --RegressionData::new--> one-hot design --fit(&Split)--> LinearFit --diagnostics--> Diagnostics
//!                                                    --fit_shrunk, fit_log, fit_multiplicative--> ShrunkFit, LogFit, MultiplicativeFit
//! ```
//!
//! The model is y = β₀ + Σ β_j x_j + ε by least squares. linfa-linear solves every least-squares problem
//! (the linear model, ridge, the Newton steps of the multiplicative model), on the columns that our own QR
//! factorisation keeps: a column that is a linear combination of those before it gets no coefficient and is
//! named, with the combination. The factorisation also gives standard errors, leverage and projections,
//! which linfa-linear lacks.
//!
//! # References
//! - Seber, G. A. F. and Lee, A. J. (2003). *Linear Regression Analysis*, 2nd ed.: (3.9), (3.16) for
//!   the estimates and their variance, ch. 10 for the diagnostics.
//! - Checked against scikit-learn 1.9.1 and statsmodels 0.15.0, `tests/reference/make_regression.py`.

mod choose;
mod data;
mod models;
mod solve;

pub use choose::compare::{ComparedModel, ModelComparison};
pub use choose::folds::{CrossValidation, Folds, MetricInterval};
pub use choose::penalties::{PenaltyPath, PenaltyPoint};
pub use data::error::RegressionError;
pub use data::leakage::{LEAK_FROM, LeakageLevel, LeakageReport, LeakageRow, SUSPICIOUS_FROM};
pub use data::metrics::{Metrics, regression_metrics};
pub use data::model::{RegressionModel, Shrinkage};
pub(crate) use data::regression_data::most_levels;
pub use data::regression_data::{Feature, FeatureValues, RegressionData};
pub use data::split::{Split, SplitRule, own_split, sklearn_split};
pub use models::diagnostics::{
    AssumptionCheck, COOK_LIMIT, Diagnostics, QqPoint, RowDiagnostic, SIGNIFICANCE, VIF_LIMIT,
};
pub use models::fit_model::ModelPredictions;
pub use models::log_target::{LogFit, Retransformation};
pub use models::multiplicative::{LOGARITHM_FROM, MultiplicativeFit, Multiplier};
pub use models::ols::{Coefficient, DroppedColumn, LinearFit};
pub use models::shrinkage::{ShrunkCoefficient, ShrunkFit};
pub use models::summary::{RegressionSummary, TrainTest};
