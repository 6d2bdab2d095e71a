//! One file a model.

pub mod beta_discrete_weibull;
pub mod bg_bb;
pub mod bg_nbd;
pub mod cnbd_k;
pub mod gamma_gamma;
pub mod ggompertz_nbd;
pub mod mbg_nbd;
pub mod nbd;
pub mod pareto_nbd;
pub mod shifted_beta_geometric;
