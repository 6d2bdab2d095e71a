//! The purchase model and the spend model of one summary.

use crate::choice::Choice;
use crate::error::Error;
use crate::progress::working;
use cltv_models::{Fitted, GammaGamma, InputError, PurchaseFit, PurchaseModel, RfmSummary};
use cltv_report::numbers::whole;
use std::fmt;

/// The spend model, or that there is none.
#[derive(Debug, Clone)]
pub enum Spend {
    /// Fitted on the mean spend of repeat customers.
    Fitted(Fitted<GammaGamma>),
    /// The data contain no amounts; steps about money report this and do nothing.
    Skipped,
}

/// The text of every step about money when there are no amounts.
pub const NO_AMOUNTS: &str =
    "Skipped: the data contain no amounts (`amount_column` is empty), so there are no figures of spend.";

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

/// Fits the Gamma-Gamma model, or skips it where the data contain no amounts.
///
/// # Errors
/// [`Error::Fit`] when there are amounts but no fit, such as too few repeat customers with positive
/// spend.
///
/// # Examples
/// ```
/// use cltv_workflow::{Input, fit_spend, load};
/// let split = load(&Input::new("cdnow"))?.split("week", "day")?;
/// assert!(fit_spend(&split.calibration)?.model().unwrap().has_finite_mean());
/// # Ok::<(), cltv_workflow::Error>(())
/// ```
///
/// # References
/// Fader and Hardie (2013), "The Gamma-Gamma Model of Monetary Value", eqs. 1a to 5.
pub fn fit_spend(history: &RfmSummary) -> Result<Spend, Error> {
    match history.monetary() {
        Some(_) => Ok(Spend::Fitted(GammaGamma::default().fit(history)?)),
        None => Ok(Spend::Skipped),
    }
}

/// The purchase model and the spend model of one summary.
#[derive(Debug, Clone)]
pub struct Models {
    /// Purchases and dropout.
    pub purchases: PurchaseFit,
    /// Spend per purchase.
    pub spend: Spend,
}

/// Fits a purchase model and, where there are amounts, Gamma-Gamma.
///
/// # Errors
/// [`Error::UnknownModel`] for an unknown name; [`Error::Fit`] when one of the models has no optimum;
/// [`Error::Input`] when the spend model has no finite mean (q at most 1), for then there is no value.
///
/// # Examples
/// ```
/// use cltv_workflow::{Input, fit_models, load};
/// let history = load(&Input::new("cdnow"))?.summary("week", "day")?;
/// let models = fit_models(&history, "pareto_nbd")?;
/// assert_eq!(models.purchases.name(), "Pareto/NBD");
/// # Ok::<(), cltv_workflow::Error>(())
/// ```
pub fn fit_models(history: &RfmSummary, model: impl Choice<PurchaseModel>) -> Result<Models, Error> {
    both(history, model.chosen()?)
}

/// Compiled once, here, and not in each cell.
fn both(history: &RfmSummary, model: PurchaseModel) -> Result<Models, Error> {
    let step = format!("Fitting the models to {} customers", whole(history.len() as f64));
    let models = working(&step, || -> Result<Models, Error> {
        Ok(Models { purchases: model.fit(history)?, spend: fit_spend(history)? })
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
