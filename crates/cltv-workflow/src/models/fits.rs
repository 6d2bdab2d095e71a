//! The two models of the workflow, fitted side by side.

use crate::error::Error;
use crate::progress::working;
use cltv_models::{BgNbd, Fitted, GammaGamma, InputError, RfmSummary};
use cltv_report::numbers::whole;
use std::fmt;

/// The spend model, or why there is none.
#[derive(Debug, Clone)]
pub enum Spend {
    /// Fitted on the mean spend of repeat customers.
    Fitted(Fitted<GammaGamma>),
    /// The data hold no amounts; steps about money say so and do nothing.
    Skipped,
}

/// What every step about money says when there are no amounts.
pub const NO_AMOUNTS: &str =
    "Skipped: the data hold no amounts (`amount_column` is empty), so nothing can be said of spend.";

impl Spend {
    /// The fitted model, if there is one.
    pub fn model(&self) -> Option<&Fitted<GammaGamma>> {
        match self {
            Spend::Fitted(fit) => Some(fit),
            Spend::Skipped => None,
        }
    }
}

impl fmt::Display for Spend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Spend::Fitted(fit) => write!(f, "{}", fit.coef_table()),
            Spend::Skipped => f.write_str(NO_AMOUNTS),
        }
    }
}

/// Fits the Gamma-Gamma model, or skips it where the data hold no amounts.
///
/// # Errors
/// [`Error::Fit`] when there are amounts but no model of them, such as too few repeat customers
/// with positive spend.
///
/// # References
/// Fader and Hardie (2013), "The Gamma-Gamma Model of Monetary Value", eqs. 1a to 5.
pub fn fit_spend(summary: &RfmSummary) -> Result<Spend, Error> {
    match summary.monetary() {
        Some(_) => Ok(Spend::Fitted(GammaGamma::default().fit(summary)?)),
        None => Ok(Spend::Skipped),
    }
}

/// The purchase model and the spend model of one summary.
#[derive(Debug, Clone)]
pub struct Models {
    /// When customers buy, and whether they still do.
    pub purchases: Fitted<BgNbd>,
    /// For how much.
    pub spend: Spend,
}

/// Fits BG/NBD and, where there are amounts, Gamma-Gamma.
///
/// # Errors
/// [`Error::Fit`] when one of them has no optimum; [`Error::Input`] when the spend model has no
/// finite mean (q at most 1), for then no value could be computed.
///
/// # References
/// Fader, Hardie and Lee (2005), "Counting Your Customers the Easy Way", eq. 6.
pub fn fit_models(summary: &RfmSummary) -> Result<Models, Error> {
    let what = format!("Fitting the models to {} customers", whole(summary.len() as f64));
    let models = working(&what, || -> Result<Models, Error> {
        Ok(Models { purchases: BgNbd::default().fit(summary)?, spend: fit_spend(summary)? })
    })?;
    match models.spend.model() {
        Some(fit) if !fit.has_finite_mean() => {
            Err(InputError::NoFiniteMeanSpend { q: fit.params().q() }.into())
        }
        _ => Ok(models),
    }
}

impl fmt::Display for Models {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n{}", self.purchases.coef_table(), self.spend)
    }
}
