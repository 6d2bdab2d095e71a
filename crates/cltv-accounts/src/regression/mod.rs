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

mod compare;
mod data;
mod diagnostics;
mod error;
mod fit_model;
mod folds;
mod leakage;
mod least_squares;
mod log_target;
mod metrics;
mod model;
mod multiplicative;
mod ols;
mod orthogonal;
mod penalties;
mod probability;
mod quasi_poisson;
mod shrinkage;
mod split;
mod summary;

pub use compare::{ComparedModel, ModelComparison};
pub(crate) use data::most_levels;
pub use data::{Feature, FeatureValues, RegressionData};
pub use diagnostics::{
    AssumptionCheck, COOK_LIMIT, Diagnostics, QqPoint, RowDiagnostic, SIGNIFICANCE, VIF_LIMIT,
};
pub use error::RegressionError;
pub use fit_model::ModelPredictions;
pub use folds::{CrossValidation, Folds, MetricInterval};
pub use leakage::{LEAK_FROM, LeakageLevel, LeakageReport, LeakageRow, SUSPICIOUS_FROM};
pub use log_target::{LogFit, Retransformation};
pub use metrics::{Metrics, regression_metrics};
pub use model::{RegressionModel, Shrinkage};
pub use multiplicative::{LOGARITHM_FROM, MultiplicativeFit, Multiplier};
pub use ols::{Coefficient, DroppedColumn, LinearFit};
pub use penalties::{PenaltyPath, PenaltyPoint};
pub use shrinkage::{ShrunkCoefficient, ShrunkFit};
pub use split::{Split, SplitRule, own_split, sklearn_split};
pub use summary::{RegressionSummary, TrainTest};
