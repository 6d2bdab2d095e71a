//! Full posteriors of the purchase model and of the spend model, and values at their draws.

use crate::choice::Choice;
use crate::error::Error;
use crate::models::each::each_model;
use crate::progress::working;
use cltv_models::{
    DrawPlan, FitError, GammaGamma, LikelihoodModel, Posterior, PosteriorSummary, PredictiveCheck,
    PurchaseModel, PurchaseParameters, PurchasePredictions, RfmSummary, Sampling, ValueIntervals, ValuePlan,
    lifetime_value_intervals,
};
use std::fmt;
use std::sync::Arc;

/// Draws of the posteriors at which values are computed.
const POSTERIOR_DRAWS: usize = 600;

/// Draws from the posterior of a purchase model's parameters.
#[derive(Debug, Clone)]
pub struct PurchasePosterior {
    draws: Arc<dyn AnyPosterior>,
}

/// The posterior of any model.
trait AnyPosterior: fmt::Debug + Send + Sync {
    fn summary(&self) -> PosteriorSummary;
    fn chains_of(&self, name: &str) -> Option<Vec<Vec<f64>>>;
    fn check(&self, history: &RfmSummary, plan: &DrawPlan) -> Result<PredictiveCheck, FitError>;
    fn values(
        &self,
        history: &RfmSummary,
        spend: &Posterior<GammaGamma>,
        plan: &ValuePlan,
        draws: &DrawPlan,
    ) -> Result<ValueIntervals, FitError>;
}

impl<M> AnyPosterior for Posterior<M>
where
    M: LikelihoodModel + Send + Sync + 'static,
    M::Params: PurchaseParameters + PurchasePredictions + Send + Sync,
{
    fn summary(&self) -> PosteriorSummary {
        Posterior::summary(self)
    }

    fn chains_of(&self, name: &str) -> Option<Vec<Vec<f64>>> {
        Posterior::chains_of(self, name)
    }

    fn check(&self, history: &RfmSummary, plan: &DrawPlan) -> Result<PredictiveCheck, FitError> {
        self.check_purchases(history, plan)
    }

    fn values(
        &self,
        history: &RfmSummary,
        spend: &Posterior<GammaGamma>,
        plan: &ValuePlan,
        draws: &DrawPlan,
    ) -> Result<ValueIntervals, FitError> {
        lifetime_value_intervals(self, spend, history, plan, draws)
    }
}

impl PurchasePosterior {
    /// Means, standard deviations, quantiles and diagnostics of the parameters.
    pub fn summary(&self) -> PosteriorSummary {
        self.draws.summary()
    }

    /// The draws of a parameter, a list a chain; none for an unknown name.
    pub fn chains_of(&self, name: &str) -> Option<Vec<Vec<f64>>> {
        self.draws.chains_of(name)
    }

    /// Posterior predictive check: purchases of simulated customers of the same ages against the summary's.
    ///
    /// # Errors
    /// [`Error::Fit`] for a summary in another unit, or a plan outside its bounds.
    pub fn check_purchases(&self, history: &RfmSummary, plan: &DrawPlan) -> Result<PredictiveCheck, Error> {
        Ok(self.draws.check(history, plan)?)
    }
}

impl fmt::Display for PurchasePosterior {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.summary())
    }
}

/// Draws from the full posterior of a purchase model, by four chains of the No-U-Turn sampler under weak
/// priors.
///
/// # Errors
/// [`Error::UnknownModel`] for an unknown name, [`Error::Fit`] for counts outside their bounds or too few
/// data.
///
/// # Examples
/// ```
/// use cltv_models::DrawPlan;
/// use cltv_workflow::{Input, load, sample_purchases};
/// let history = load(&Input::new("cdnow"))?.summary("week", "day")?;
/// let posterior = sample_purchases(&history, "bg_nbd", 100, 42)?;
/// assert_eq!(posterior.summary().chains, 4);
/// let check = posterior.check_purchases(&history, &DrawPlan::default())?;
/// assert!(!check.figures.is_empty());
/// # Ok::<(), cltv_workflow::Error>(())
/// ```
///
/// # References
/// Hoffman and Gelman (2014), The No-U-Turn Sampler, Journal of Machine Learning Research 15.
pub fn sample_purchases(
    history: &RfmSummary,
    model: impl Choice<PurchaseModel>,
    draws: usize,
    seed: u64,
) -> Result<PurchasePosterior, Error> {
    purchases(history, model.chosen()?, draws, seed)
}

fn purchases(
    history: &RfmSummary,
    model: PurchaseModel,
    draws: usize,
    seed: u64,
) -> Result<PurchasePosterior, Error> {
    each_model!(PurchaseModel, &model, model => {
        Ok(PurchasePosterior { draws: Arc::new(sampled(model, history, draws, seed)?) })
    })
}

/// Draws from the full posterior of the Gamma-Gamma model of spend.
///
/// # Errors
/// As [`sample_purchases`]; [`Error::Fit`] without amounts.
///
/// # Examples
/// ```
/// use cltv_workflow::*;
/// let data = load(&Input::new("cdnow"))?;
/// let history = data.summary("week", "day")?;
/// assert_eq!(sample_spend(&history, 60, 42)?.summary().chains, 4);
/// # Ok::<(), cltv_workflow::Error>(())
/// ```
pub fn sample_spend(history: &RfmSummary, draws: usize, seed: u64) -> Result<Posterior<GammaGamma>, Error> {
    sampled(&GammaGamma::default(), history, draws, seed)
}

fn sampled<M>(model: &M, history: &RfmSummary, draws: usize, seed: u64) -> Result<Posterior<M>, Error>
where
    M: LikelihoodModel<Data = RfmSummary> + Sync,
    M::Row: Sync,
{
    let sampling = Sampling::default().draws(draws).tune(draws).seed(seed);
    working(&format!("Sampling the posterior of {}", M::NAME), || Ok(sampling.sample(model, history)?))
}

/// The value of every customer and of all of them, with intervals from two posteriors.
///
/// # Errors
/// [`Error::Fit`] for a summary without amounts or in another unit, or a plan out of bounds.
///
/// # Examples
/// ```
/// use cltv_models::ValuePlan;
/// use cltv_workflow::{Input, load, posterior_values, sample_purchases, sample_spend};
/// let history = load(&Input::new("cdnow"))?.summary("week", "day")?;
/// let purchases = sample_purchases(&history, "bg_nbd", 100, 42)?;
/// let spend = sample_spend(&history, 100, 42)?;
/// let values = posterior_values(&history, &purchases, &spend, &ValuePlan::new(6, 0.10, 1.0)?)?;
/// assert!(values.total.low < values.total.estimate && values.total.estimate < values.total.high);
/// # Ok::<(), cltv_workflow::Error>(())
/// ```
pub fn posterior_values(
    history: &RfmSummary,
    purchases: &PurchasePosterior,
    spend: &Posterior<GammaGamma>,
    plan: &ValuePlan,
) -> Result<ValueIntervals, Error> {
    working("Valuing customers at the posterior's draws", || {
        let draws = DrawPlan { count: POSTERIOR_DRAWS, ..DrawPlan::default() };
        Ok(purchases.draws.values(history, spend, plan, &draws)?)
    })
}
