//! Maximum likelihood for any model: data, objective, optimiser, the fitted model.

pub mod fitted;
pub(crate) mod macros;
pub mod maximum_likelihood;
pub mod model;
pub(crate) mod objective;
pub(crate) mod optimise;
pub mod saved;
pub mod tolerances;

pub use maximum_likelihood::fit;
pub use tolerances::{FLAT_STANDARD_ERROR, GRADIENT_TOLERANCE};
