//! What a regression starts from and is measured by: data, splits, metrics, leakage, errors.

pub(crate) mod error;
pub(crate) mod leakage;
pub(crate) mod metrics;
pub(crate) mod model;
pub(crate) mod regression_data;
pub(crate) mod split;
