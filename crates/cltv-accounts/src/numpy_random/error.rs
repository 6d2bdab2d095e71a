//! Parameters and seeds that the streams refuse.

/// A distribution's parameter outside its bounds, or a seed without numbers.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RandomError {
    /// A parameter outside its bounds.
    #[error("{name} is {value}, but it must be {bound}")]
    BadParameter {
        /// The parameter.
        name: &'static str,
        /// Its value.
        value: f64,
        /// What it must be.
        bound: &'static str,
    },
    /// A seed by array without numbers.
    #[error("the key of a seed is empty; give at least one number, or seed with a single integer")]
    EmptyKey,
}
