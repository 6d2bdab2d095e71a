//! Models with covariates, and their parameters that depend on characteristics.

use crate::models::beta_geometric::bg_nbd::BgNbd;
use crate::models::beta_geometric::mbg_nbd::MbgNbd;
use crate::models::continuous_dropout::pareto_nbd::ParetoNbd;
use crate::purchases::model::HistoryModel;

/// One parameter that characteristics multiply by e^(± γ′z).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Effect {
    /// The prefix of its coefficients: `purchase` makes `purchase:channel=web`.
    pub name: &'static str,
    /// Whether it is of dropout, not of purchases.
    pub dropout: bool,
    /// The place of the parameter.
    pub on: usize,
    /// 1 or −1.
    pub sign: f64,
}

impl Effect {
    const fn new(name: &'static str, dropout: bool, on: usize, sign: f64) -> Self {
        Self { name, dropout, on, sign }
    }
}

/// A model of purchases whose parameters may depend on customers' characteristics.
pub trait CovariateModel: HistoryModel + PartialEq {
    /// The model's name when they do.
    const WITH_COVARIATES: &'static str;
    /// The parameters that characteristics multiply.
    const EFFECTS: &'static [Effect];
}

/// α falls with the characteristics, so that the rates rise.
const PURCHASE: Effect = Effect::new("purchase", false, 1, -1.0);
/// Both shapes of the dropout probability, each with coefficients of its own.
const BETA_DROPOUT: &[Effect] =
    &[PURCHASE, Effect::new("dropout_a", true, 2, 1.0), Effect::new("dropout_b", true, 3, 1.0)];

impl CovariateModel for BgNbd {
    const WITH_COVARIATES: &'static str = "BG/NBD with covariates";
    const EFFECTS: &'static [Effect] = BETA_DROPOUT;
}

impl CovariateModel for MbgNbd {
    const WITH_COVARIATES: &'static str = "MBG/NBD with covariates";
    const EFFECTS: &'static [Effect] = BETA_DROPOUT;
}

impl CovariateModel for ParetoNbd {
    const WITH_COVARIATES: &'static str = "Pareto/NBD with covariates";
    const EFFECTS: &'static [Effect] = &[PURCHASE, Effect::new("dropout", true, 3, -1.0)];
}
