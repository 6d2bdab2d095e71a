//! Predictive distributions of customers: how many purchases, when the next one, how much money, and sums.
//!
//! A prediction of [`PurchasePredictions`] is an expectation; here is the distribution of what will be
//! seen. It contains the customer's own chance and, over draws of the parameters, parameter uncertainty.
//! It does not contain the error of the model, which [`crate::calibration`] measures.

mod counts;
mod money;
mod money_sums;
mod next_purchase;
mod sums;

pub use counts::{CountDistribution, PredictiveCounts};
pub use money::PredictiveMoney;
pub use sums::SumForecast;

use crate::base::error::{FitError, InputError};
use crate::fit::fitted::check_units;
use crate::purchases::predictions::PurchasePredictions;
use crate::summary::history::History;
use crate::summary::rfm::RfmSummary;
use crate::uncertainty::draws::{DrawPlan, ParameterDraws};

/// The predictive distributions of a model of purchases: at one set of parameters, or as the even mixture
/// over draws of them.
///
/// # Examples
/// ```
/// use cltv_models::{BgNbd, BgNbdParams, DrawPlan, History, Predictive, TimeUnit, simulate_split};
/// let truth = BgNbdParams::new(0.8, 6.0, 0.9, 2.5, TimeUnit::Week)?;
/// let split = simulate_split(&truth, &[52.0; 400], 26.0, 7)?;
/// let fit = BgNbd::default().fit(split.calibration())?;
/// let plan = DrawPlan { count: 40, ..DrawPlan::default() };
/// let predictive = Predictive::over(&fit, &plan)?;
/// let counts = predictive.counts(split.calibration(), 26.0)?;
/// let (low, high) = counts.intervals(0.95);
/// let inside = |i: &usize| (low[*i]..=high[*i]).contains(&split.actual()[*i]);
/// let covered = (0..400).filter(inside).count();
/// // Counts are whole, so that more than 95% lie in their intervals.
/// assert!(covered >= 375, "{covered} of 400");
/// let history = History::try_new(2, 30.0, 52.0)?;
/// assert!(predictive.p_return(history, 26.0) > fit.p_return(history, 13.0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Predictive<P> {
    draws: Vec<P>,
}

impl<P: PurchasePredictions> Predictive<P> {
    /// The distributions at one set of parameters, or of a fit at its estimates.
    #[must_use]
    pub fn at(params: P) -> Self {
        Self { draws: vec![params] }
    }

    /// The even mixture over `plan.count` draws of the parameters of a fit or a posterior.
    ///
    /// # Errors
    /// As [`ParameterDraws::drawn_params`]; [`FitError::Input`] for a plan outside its bounds.
    pub fn over(draws: &impl ParameterDraws<Params = P>, plan: &DrawPlan) -> Result<Self, FitError> {
        plan.check()?;
        Ok(Self { draws: draws.drawn_params(plan.count, plan.seed)? })
    }

    /// P(at least one purchase in (T, T + t] | x, t_x, T); see [`PurchasePredictions::p_return`].
    #[must_use]
    pub fn p_return(&self, history: History, t: f64) -> f64 {
        self.mean(|params| params.p_return(history, t))
    }

    /// P(no purchase after T | x, t_x, T); see [`PurchasePredictions::p_never`].
    #[must_use]
    pub fn p_never(&self, history: History) -> f64 {
        self.mean(|params| params.p_never(history))
    }

    /// [`Predictive::p_return`] of every customer of a summary, in row order.
    ///
    /// # Errors
    /// [`InputError::UnitMismatch`] for a summary in another unit.
    pub fn p_return_all(&self, rfm: &RfmSummary, t: f64) -> Result<Vec<f64>, InputError> {
        let mut sums = vec![0.0; rfm.len()];
        for params in &self.draws {
            let returns = params.p_return_all(rfm, t)?;
            sums.iter_mut().zip(returns).for_each(|(sum, returns)| *sum += returns);
        }
        let n = self.draws.len() as f64;
        Ok(sums.into_iter().map(|sum| sum / n).collect())
    }

    fn mean(&self, figure: impl Fn(&P) -> f64) -> f64 {
        self.draws.iter().map(figure).sum::<f64>() / self.draws.len() as f64
    }

    fn recency_counts_if_alive(&self) -> bool {
        self.draws.iter().any(PurchasePredictions::recency_counts_if_alive)
    }

    fn check(&self, rfm: &RfmSummary, horizon: f64) -> Result<(), InputError> {
        for params in &self.draws {
            check_units(params.unit(), rfm.unit())?;
        }
        if !(horizon > 0.0 && horizon.is_finite()) {
            let bound = "a positive, finite number of the summary's time units";
            return Err(InputError::BadOption { name: "horizon", value: horizon, bound });
        }
        Ok(())
    }
}

/// Refuses levels of intervals outside (0, 1): 0 or NaN would give empty intervals.
pub(crate) fn check_level(level: f64) -> Result<(), InputError> {
    if level > 0.0 && level < 1.0 {
        return Ok(());
    }
    Err(InputError::BadOption { name: "level", value: level, bound: "between 0 and 1, such as 0.95" })
}
