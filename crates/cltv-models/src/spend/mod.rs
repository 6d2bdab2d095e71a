//! How much a purchase is: the Gamma-Gamma model.

pub mod gamma_gamma;
pub mod simulate;
