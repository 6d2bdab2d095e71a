//! One file a model.

pub mod bg_nbd;
pub mod gamma_gamma;
pub mod mbg_nbd;
pub mod nbd;
pub mod pareto_nbd;
