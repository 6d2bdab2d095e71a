//! How much a purchase is: the Gamma-Gamma model.

pub mod counted;
pub mod gamma_gamma;
pub mod simulate;
