//! The models of purchases, each with its formulas; families that share formulas have a folder.

pub mod beta_geometric;
pub mod cnbd_k;
pub mod continuous_dropout;
pub mod nbd;
