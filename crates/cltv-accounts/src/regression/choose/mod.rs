//! Cross-validation, the choice of a penalty, and the comparison of models.

pub(crate) mod compare;
pub(crate) mod folds;
pub(crate) mod penalties;
