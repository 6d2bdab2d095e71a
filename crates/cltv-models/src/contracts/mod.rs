//! Renewals under contract: cohorts, the shifted beta-geometric and the beta-discrete-Weibull.

pub mod beta_discrete_weibull;
pub mod cohorts;
pub mod retention;
pub mod shifted_beta_geometric;
