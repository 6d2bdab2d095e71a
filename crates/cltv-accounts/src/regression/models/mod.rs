//! The models, their diagnostics and figures.

pub(crate) mod diagnostics;
pub(crate) mod fit_model;
pub(crate) mod log_target;
pub(crate) mod multiplicative;
pub(crate) mod ols;
pub(crate) mod shrinkage;
pub(crate) mod summary;
