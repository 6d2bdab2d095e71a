//! Intervals of predictions from draws of the parameters.
//!
//! In large samples the log parameters of a fit are normal around their estimates with the inverse
//! Hessian as covariance. Drawing from that distribution and predicting with each draw gives an
//! interval of any prediction, linear or not, for the cost of the predictions alone: nothing is
//! fitted again. The intervals are those of an expectation; what a customer does varies around it.
//!
//! # References
//! Efron & Hastie (2016), Computer Age Statistical Inference, sections 4.2 and 10.4 (parametric
//! bootstrap); Krinsky & Robb (1986), On Approximating the Statistical Properties of Elasticities.

use serde::Serialize;

use crate::base::error::{FitError, InputError};
use crate::fit::fitted::Fitted;
use crate::fit::model::LikelihoodModel;
use crate::numeric::linalg::{Eigen, multiply};
use crate::numeric::quantile::quantile;
use crate::numeric::random::Draws;

/// How many parameters are drawn, from which seed, and for which intervals.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DrawPlan {
    /// Draws: 200 know a 95% interval's ends to about a tenth of its half width.
    pub count: usize,
    /// The same seed gives the same intervals.
    pub seed: u64,
    /// Level of the intervals, between 0 and 1.
    pub level: f64,
}

impl Default for DrawPlan {
    fn default() -> Self {
        Self { count: 200, seed: 1, level: 0.95 }
    }
}

impl DrawPlan {
    pub(crate) fn check(&self) -> Result<(), InputError> {
        let bad = |name, value, bound| Err(InputError::BadOption { name, value, bound });
        if !(self.level > 0.0 && self.level < 1.0) {
            return bad("level", self.level, "between 0 and 1, such as 0.95");
        }
        if !(20..=100_000).contains(&self.count) {
            return bad("count", self.count as f64, "from 20 to 100,000 draws");
        }
        Ok(())
    }
}

/// A prediction with the interval that the parameters' uncertainty gives it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct IntervalEstimate {
    /// At a fit's estimates; the mean over a posterior's draws.
    pub estimate: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl IntervalEstimate {
    /// The quantiles of draws at both ends of an interval, as R's type 7 and numpy have them.
    pub(crate) fn of(estimate: f64, draws: &mut [f64], level: f64) -> Self {
        draws.sort_unstable_by(f64::total_cmp);
        let at = |share: f64| quantile(draws, share);
        Self { estimate, low: at(0.5 * (1.0 - level)), high: at(0.5 * (1.0 + level)) }
    }
}

/// A distribution of a model's parameters: a [`Fitted`] model, whose log parameters are
/// normal around the estimates, or a [`crate::Posterior`].
pub trait ParameterDraws {
    /// The parameters, which carry the predictions.
    type Params;

    /// The parameters in the middle: the estimates, or the posterior means.
    fn center_params(&self) -> Self::Params;

    /// Random parameters; the same seed gives the same.
    ///
    /// # Errors
    /// [`FitError::NotIdentified`] when the data of a fit do not identify its parameters.
    fn drawn_params(&self, count: usize, seed: u64) -> Result<Vec<Self::Params>, FitError>;

    /// The estimate of a figure from its value at the middle and its values at draws: the value at
    /// the estimates of a fit, the mean over the draws of a posterior.
    fn estimate(&self, at_center: f64, drawn: &[f64]) -> f64;

    /// Any figure of the parameters with its interval: quantiles of the figure over `plan.count`
    /// draws, around [`ParameterDraws::estimate`].
    ///
    /// # Errors
    /// As [`ParameterDraws::drawn_params`]; [`FitError::Input`] for a plan outside its bounds.
    ///
    /// # Examples
    /// ```
    /// use cltv_models::{BgNbd, BgNbdParams, DrawPlan, History, ParameterDraws, PurchasePredictions};
    /// use cltv_models::{Sampling, TimeUnit, simulate_histories, summary_of};
    /// let truth = BgNbdParams::new(0.8, 6.0, 0.9, 2.5, TimeUnit::Week)?;
    /// let rfm = summary_of(TimeUnit::Week, &simulate_histories(&truth, &[52.0; 300], 7), None)?;
    /// let fit = BgNbd::default().fit(&rfm)?;
    /// let posterior = Sampling::default().draws(200).tune(200).sample(&BgNbd::default(), &rfm)?;
    /// let history = History::try_new(2, 30.0, 52.0)?;
    /// let plan = DrawPlan::default();
    /// let confidence = fit.with_interval(&plan, |params| params.p_alive(history))?;
    /// let credible = posterior.with_interval(&plan, |params| params.p_alive(history))?;
    /// for alive in [confidence, credible] {
    ///     assert!(alive.low < alive.estimate && alive.estimate < alive.high);
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    fn with_interval(
        &self,
        plan: &DrawPlan,
        figure: impl Fn(&Self::Params) -> f64,
    ) -> Result<IntervalEstimate, FitError> {
        plan.check()?;
        let params = self.drawn_params(plan.count, plan.seed)?;
        let mut draws: Vec<f64> = params.iter().map(&figure).collect();
        let estimate = self.estimate(figure(&self.center_params()), &draws);
        Ok(IntervalEstimate::of(estimate, &mut draws, plan.level))
    }
}

impl<M: LikelihoodModel> ParameterDraws for Fitted<M> {
    type Params = M::Params;

    fn center_params(&self) -> M::Params {
        self.params()
    }

    fn drawn_params(&self, count: usize, seed: u64) -> Result<Vec<M::Params>, FitError> {
        let draws = self.draws(count, seed)?;
        Ok(draws.iter().map(|theta| self.params_at(theta)).collect::<Result<Vec<_>, _>>()?)
    }

    fn estimate(&self, at_center: f64, _drawn: &[f64]) -> f64 {
        at_center
    }
}

impl<M: LikelihoodModel> Fitted<M> {
    /// Draws of the parameters, in the order of [`Fitted::parameter_names`]: ln θ ~ N(ln θ̂, H⁻¹).
    ///
    /// # Errors
    /// [`FitError::NotIdentified`] when the Hessian is flat or indefinite.
    ///
    /// # Examples
    /// ```
    /// use cltv_models::{BgNbd, BgNbdParams, TimeUnit, simulate_histories, summary_of};
    /// let truth = BgNbdParams::new(0.8, 6.0, 0.9, 2.5, TimeUnit::Week)?;
    /// let rfm = summary_of(TimeUnit::Week, &simulate_histories(&truth, &[52.0; 800], 7), None)?;
    /// let draws = BgNbd::default().fit(&rfm)?.draws(100, 1)?;
    /// assert!(draws.iter().flatten().all(|parameter| *parameter > 0.0));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn draws(&self, count: usize, seed: u64) -> Result<Vec<Vec<f64>>, FitError> {
        let root = Eigen::of(self.log_covariance()?).map(f64::sqrt);
        let mut random = Draws::new(seed);
        let center: Vec<f64> =
            self.parameters.iter().zip(&self.theta).map(|(p, theta)| p.to_free(*theta)).collect();
        let one = |random: &mut Draws| -> Vec<f64> {
            let normal: Vec<f64> = center.iter().map(|_| random.normal()).collect();
            let shifts = multiply(&root, &normal);
            let moved = center.iter().zip(shifts).map(|(center, shift)| center + shift);
            self.parameters.iter().zip(moved).map(|(parameter, free)| parameter.of_free(free)).collect()
        };
        Ok((0..count).map(|_| one(&mut random)).collect())
    }
}
