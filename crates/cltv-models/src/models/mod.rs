//! The models of purchases, each with its formulas; families that share formulas have a folder.

pub mod beta_geometric;
pub mod cnbd_k;
pub mod continuous_dropout;
pub mod nbd;

pub use beta_geometric::bg_nbd::{BgNbd, BgNbdParams};
pub use beta_geometric::mbg_nbd::{MbgNbd, MbgNbdParams};
pub use cnbd_k::{BgCnbdK, CnbdKParams, MbgCnbdK};
pub use continuous_dropout::exponential_nbd::{ExponentialNbd, ExponentialNbdParams};
pub use continuous_dropout::ggompertz_nbd::{GgompertzNbd, GgompertzNbdParams};
pub use continuous_dropout::pareto_nbd::{ParetoNbd, ParetoNbdParams};
pub use nbd::{Nbd, NbdParams};
