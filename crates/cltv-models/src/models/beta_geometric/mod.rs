//! Poisson purchases of customers who may drop out after each purchase, with a beta-distributed
//! probability: BG/NBD and MBG/NBD.

pub mod bg_nbd;
mod customer;
pub mod mbg_nbd;
mod process;

pub use customer::BetaGeometricCustomer;
pub use process::BetaGeometric;
pub(crate) use process::dropout_starts;
