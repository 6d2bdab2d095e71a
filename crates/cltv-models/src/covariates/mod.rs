//! Models of purchases whose parameters depend on static characteristics of customers.
//!
//! With the characteristics z of a customer, effects multiply a parameter of the population:
//!
//! | model | purchases | dropout |
//! |---|---|---|
//! | BG/NBD, MBG/NBD | α = α₀ exp(−γ₁′z) | a = a₀ exp(γ₂′z), b = b₀ exp(γ₃′z) |
//! | Pareto/NBD | α = α₀ exp(−γ₁′z) | β = β₀ exp(−γ₂′z) |
//!
//! So a positive purchase coefficient means more purchases (e^γ times the rate), a positive dropout
//! coefficient of the Pareto/NBD earlier dropout; in the BG/NBD the mean dropout probability a / (a + b)
//! rises where γ₂ is above γ₃.
//!
//! # References
//! Fader & Hardie (2007), Incorporating Time-Invariant Covariates into the Pareto/NBD and BG/NBD
//! Models, <https://www.brucehardie.com/notes/019/>.

mod effects;
mod likelihood;
mod likelihood_ratio;
mod model;
mod params;
mod summary;
mod table;
mod with_covariates;

pub use effects::{CovariateModel, Effect};
pub use likelihood::CovariateRow;
pub use likelihood_ratio::{LikelihoodRatio, likelihood_ratio};
pub use params::CovariateParams;
pub use summary::CovariateSummary;
pub use table::Covariates;
pub use with_covariates::WithCovariates;
