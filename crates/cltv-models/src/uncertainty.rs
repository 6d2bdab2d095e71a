//! What the uncertainty of parameters means for predictions.
//!
//! In large samples the log parameters of a fit are normal around their estimates with the inverse
//! Hessian as covariance. Drawing from that distribution and predicting with each draw gives an
//! interval of any prediction, however bent, at the price of the predictions alone: nothing is
//! fitted again. The intervals are those of an expectation; what a customer does varies around it.
//!
//! # References
//! Efron & Hastie (2016), Computer Age Statistical Inference, sections 4.2 and 10.4 (parametric
//! bootstrap); Krinsky & Robb (1986), On Approximating the Statistical Properties of Elasticities.

use serde::Serialize;

use crate::error::{FitError, InputError};
use crate::fitted::Fitted;
use crate::linalg::Eigen;
use crate::model::LikelihoodModel;
use crate::models::gamma_gamma::GammaGammaParams;
use crate::parallel::in_pieces;
use crate::posterior::quantile;
use crate::purchases::PurchasePredictions;
use crate::rfm::RfmSummary;
use crate::simulate::Draws;
use crate::value::{ValuePlan, lifetime_value_from};

/// Groups of customers that one thread takes at a time.
const PIECE: usize = 16;

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

/// What knows the distribution of a model's parameters: a [`Fitted`] model, whose log parameters are
/// normal around the estimates, or a [`crate::Posterior`].
pub trait ParameterDraws {
    /// The parameters, which carry the predictions.
    type Params;

    /// The parameters in the middle: the estimates, or the posterior means.
    fn center_params(&self) -> Self::Params;

    /// Random parameters; the same seed gives the same.
    ///
    /// # Errors
    /// [`FitError::NotIdentified`] when a fit does not know its parameters.
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

/// Places of `count` of `all` draws in a random order, none twice before all have had their turn.
pub(crate) fn in_random_order(all: usize, count: usize, seed: u64) -> Vec<usize> {
    let mut random = Draws::new(seed);
    let mut left: Vec<usize> = vec![];
    let mut one = || {
        if left.is_empty() {
            left = (0..all).collect();
        }
        let place = (random.uniform() * left.len() as f64) as usize;
        left.swap_remove(place)
    };
    (0..count).map(|_| one()).collect()
}

/// Lifetime values with intervals that carry the uncertainty of purchases and of spend together.
#[derive(Debug, Clone, PartialEq)]
pub struct ValueIntervals {
    /// One a customer, in the summary's order.
    pub customers: Vec<IntervalEstimate>,
    /// The value of all customers: narrower than the sum of their intervals is wide.
    pub total: IntervalEstimate,
    /// The value of all customers at each draw, rising: the distribution that `total` cuts at both
    /// ends.
    pub totals: Vec<f64>,
    /// How they were made.
    pub plan: DrawPlan,
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
            let shifts = crate::linalg::multiply(&root, &normal);
            let moved = center.iter().zip(shifts).map(|(center, shift)| center + shift);
            self.parameters.iter().zip(moved).map(|(parameter, free)| parameter.of_free(free)).collect()
        };
        Ok((0..count).map(|_| one(&mut random)).collect())
    }
}

/// The lifetime value of every customer, and of all of them, with intervals.
///
/// Both models may be fits or posteriors. Their draws are independent, as their likelihoods are. A
/// draw of the spend model without a finite mean (q ≤ 1) is drawn again.
///
/// # Errors
/// [`FitError::NotIdentified`] when one of the fits does not know its parameters;
/// [`FitError::Input`] as [`crate::lifetime_value`], or for a draw plan outside its bounds.
pub fn lifetime_value_intervals<P, S>(
    purchases: &P,
    spend: &S,
    rfm: &RfmSummary,
    value: &ValuePlan,
    plan: &DrawPlan,
) -> Result<ValueIntervals, FitError>
where
    P: ParameterDraws + Sync,
    P::Params: PurchasePredictions + Sync,
    S: ParameterDraws<Params = GammaGammaParams>,
{
    plan.check()?;
    let at_center = lifetime_value_from(&purchases.center_params(), &spend.center_params(), rfm, value)?;
    let draws: Vec<(P::Params, GammaGammaParams)> =
        purchases.drawn_params(plan.count, plan.seed)?.into_iter().zip(spend_draws(spend, plan)?).collect();
    let monetary = rfm.monetary().ok_or(InputError::NoAmounts)?;
    let patterns = rfm.patterns();
    let customers_of = patterns.customers_by(|i| monetary[i].to_bits());
    let recency_counts = draws.iter().any(|(purchases, _)| purchases.recency_counts_if_alive());
    let groups = patterns.groups_if_alive(recency_counts);
    let pieces = in_pieces(groups.len(), PIECE, |range| {
        let mut totals = vec![0.0; draws.len()];
        let mut intervals: Vec<(u32, IntervalEstimate)> = Vec::new();
        let (mut bought, mut worth) = (Vec::with_capacity(draws.len()), Vec::with_capacity(draws.len()));
        for group in &groups[range] {
            // What is to come of those who are alive is long to compute, and the same for the group.
            let first = patterns.histories[group[0] as usize];
            let if_alive = |(purchases, _): &(P::Params, _)| purchases.discounted_if_alive(first, value);
            let if_alive: Vec<f64> = draws.iter().map(if_alive).collect();
            for &place in group {
                let history = patterns.histories[place as usize];
                let discounted = draws.iter().zip(&if_alive);
                bought.clear();
                bought.extend(discounted.map(|((purchases, _), if_alive)| {
                    value.margin * (purchases.p_alive(history) * if_alive)
                }));
                let customers = &customers_of[place as usize];
                for alike in customers.chunk_by(|&i, &j| monetary[i as usize] == monetary[j as usize]) {
                    let mean_spend = monetary[alike[0] as usize];
                    let amounts = draws.iter().map(|(_, spend)| spend.expected_spend(history.x, mean_spend));
                    worth.clear();
                    worth.extend(amounts.zip(&bought).map(|(amount, bought)| amount * bought));
                    let together = alike.len() as f64;
                    totals.iter_mut().zip(&worth).for_each(|(total, worth)| *total += together * worth);
                    let estimate = purchases.estimate(at_center[alike[0] as usize].clv, &worth);
                    let interval = IntervalEstimate::of(estimate, &mut worth, plan.level);
                    intervals.extend(alike.iter().map(|&i| (i, interval)));
                }
            }
        }
        (intervals, totals)
    });
    let mut totals = vec![0.0; draws.len()];
    let mut customers = vec![IntervalEstimate { estimate: 0.0, low: 0.0, high: 0.0 }; rfm.len()];
    for (intervals, piece) in &pieces {
        intervals.iter().for_each(|&(i, interval)| customers[i as usize] = interval);
        totals.iter_mut().zip(piece).for_each(|(total, part)| *total += part);
    }
    let total = purchases.estimate(at_center.iter().map(|customer| customer.clv).sum(), &totals);
    let total = IntervalEstimate::of(total, &mut totals, plan.level);
    Ok(ValueIntervals { customers, total, totals, plan: *plan })
}

/// Draws of the spend model that have a mean; an estimate close to q = 1 may give others.
fn spend_draws(
    spend: &impl ParameterDraws<Params = GammaGammaParams>,
    plan: &DrawPlan,
) -> Result<Vec<GammaGammaParams>, FitError> {
    // A seed of its own: the same numbers in both models would tie spend to purchases.
    let seed = plan.seed ^ 0x5370_656e_6421;
    let mut drawn = spend.drawn_params(2 * plan.count, seed)?;
    drawn.retain(GammaGammaParams::has_finite_mean);
    if drawn.len() < plan.count {
        return Err(InputError::NoFiniteMeanSpend { q: spend.center_params().q() }.into());
    }
    drawn.truncate(plan.count);
    Ok(drawn)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::bg_nbd::{BgNbd, BgNbdParams};
    use crate::models::gamma_gamma::GammaGamma;
    use crate::rfm::{History, TimeUnit};
    use crate::simulate::{simulate_histories, simulate_spend, summary_of};
    use crate::value::lifetime_value;

    fn fitted(customers: usize, seed: u64) -> (Fitted<BgNbd>, Fitted<GammaGamma>, RfmSummary) {
        let purchases = BgNbdParams::new(0.8, 6.0, 0.9, 2.5, TimeUnit::Week).unwrap();
        let histories = simulate_histories(&purchases, &vec![52.0; customers], seed);
        let spend = GammaGammaParams::new(6.0, 4.0, 15.0).unwrap();
        let repeats: Vec<u64> = histories.iter().map(|h| h.x).collect();
        let amounts = simulate_spend(&spend, &repeats, seed);
        let rfm = summary_of(TimeUnit::Week, &histories, Some(amounts)).unwrap();
        (BgNbd::default().fit(&rfm).unwrap(), GammaGamma::default().fit(&rfm).unwrap(), rfm)
    }

    #[test]
    fn draws_have_the_mean_and_the_covariance_of_the_fit() {
        let (fit, _, _) = fitted(2000, 3);
        let draws = fit.draws(20_000, 9).unwrap();
        let logs: Vec<Vec<f64>> = draws.iter().map(|d| d.iter().map(|v| v.ln()).collect()).collect();
        let n = logs.len() as f64;
        let covariance = fit.log_covariance().unwrap();
        let mean = |k: usize| logs.iter().map(|d| d[k]).sum::<f64>() / n;
        for i in 0..4 {
            let error = covariance[i][i].sqrt();
            assert!((mean(i) - fit.estimates()[i].ln()).abs() < 5.0 * error / n.sqrt());
            for j in 0..4 {
                let (mi, mj) = (mean(i), mean(j));
                let found = logs.iter().map(|d| (d[i] - mi) * (d[j] - mj)).sum::<f64>() / n;
                let scale = (covariance[i][i] * covariance[j][j]).sqrt();
                assert!((found - covariance[i][j]).abs() < 0.05 * scale, "{i} {j}");
            }
        }
    }

    #[test]
    fn an_interval_of_a_parameter_is_that_of_the_table() {
        let (fit, _, _) = fitted(2000, 3);
        let plan = DrawPlan { count: 20_000, ..DrawPlan::default() };
        let drawn = fit.with_interval(&plan, |params| params.alpha()).unwrap();
        let table = &fit.confint(0.95).unwrap()[1];
        let width = table.high - table.low;
        assert!(
            (drawn.low - table.low).abs() < 0.03 * width && (drawn.high - table.high).abs() < 0.03 * width
        );
    }

    #[test]
    fn values_lie_in_their_intervals_and_the_same_seed_gives_the_same() {
        let (fit, spend, rfm) = fitted(600, 5);
        let plan = ValuePlan::new(6, 0.10, 0.3).unwrap();
        let draws = DrawPlan { count: 100, ..DrawPlan::default() };
        let intervals = lifetime_value_intervals(&fit, &spend, &rfm, &plan, &draws).unwrap();
        let values = lifetime_value(&fit, &spend, &rfm, &plan).unwrap();
        assert_eq!(intervals.customers.len(), values.len());
        for (interval, value) in intervals.customers.iter().zip(&values) {
            assert_eq!(interval.estimate, value.clv);
            assert!(interval.low < value.clv && value.clv < interval.high, "{interval:?}");
        }
        let IntervalEstimate { estimate, low, high } = intervals.total;
        assert!(low < estimate && estimate < high);
        // What is uncertain in one customer is partly the same in all, but never more than that.
        let widths: f64 = intervals.customers.iter().map(|c| c.high - c.low).sum();
        assert!(high - low <= 1.05 * widths);
        assert_eq!(intervals, lifetime_value_intervals(&fit, &spend, &rfm, &plan, &draws).unwrap());
    }

    #[test]
    fn more_data_make_intervals_narrower() {
        let history = History::try_new(3, 20.0, 52.0).unwrap();
        let width = |customers: usize| {
            let (fit, _, _) = fitted(customers, 11);
            let interval = fit.with_interval(&DrawPlan::default(), |p| p.p_alive(history)).unwrap();
            interval.high - interval.low
        };
        assert!(width(6000) < 0.75 * width(600));
    }

    #[test]
    fn a_plan_outside_its_bounds_is_refused_by_name() {
        let (fit, _, _) = fitted(600, 5);
        for (plan, name) in [
            (DrawPlan { level: 1.0, ..DrawPlan::default() }, "level"),
            (DrawPlan { count: 1, ..DrawPlan::default() }, "count"),
        ] {
            let error = fit.with_interval(&plan, |p| p.r()).unwrap_err();
            assert!(error.to_string().contains(name), "{error}");
        }
    }
}
