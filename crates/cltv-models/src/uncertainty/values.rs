//! Lifetime values with intervals.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::base::error::{FitError, InputError};
use crate::numeric::parallel::in_pieces;
use crate::purchases::plan::ValuePlan;
use crate::purchases::predictions::PurchasePredictions;
use crate::spend::gamma_gamma::GammaGammaParams;
use crate::summary::patterns::{CustomersOfHistories, Patterns};
use crate::summary::rfm::RfmSummary;
use crate::uncertainty::draws::{DrawPlan, IntervalEstimate, ParameterDraws};
use crate::value::lifetime_value::total_value_from;

/// Groups of customers that one thread takes at a time.
const PIECE: usize = 16;
/// Pieces are longer where there would be more than so many.
const MOST_PIECES: usize = 8_192;

/// Lifetime values with intervals that include the parameter uncertainty of purchases and of spend
/// together; a column for each end, in the summary's row order.
#[derive(Debug, Clone, PartialEq)]
pub struct ValueIntervals {
    /// Lower end of each customer's interval.
    pub low: Vec<f64>,
    /// Upper end.
    pub high: Vec<f64>,
    /// The value of all customers: narrower than the sum of their intervals is wide.
    pub total: IntervalEstimate,
    /// The value of all customers at each draw, rising: the distribution that `total` cuts at both
    /// ends.
    pub totals: Vec<f64>,
    /// How they were made.
    pub plan: DrawPlan,
}

/// Intervals of the lifetime value of every customer, and of all of them.
///
/// Both models may be fits or posteriors. Their draws are independent, as their likelihoods are. A
/// draw of the spend model without a finite mean (q ≤ 1) is drawn again. The values of all draws are
/// kept for one distinct history at a time, so memory is two columns and an index.
///
/// # Errors
/// [`FitError::NotIdentified`] when the data of one of the fits do not identify its parameters;
/// [`FitError::Input`] as [`crate::lifetime_value`], or for a draw plan outside its bounds.
pub fn lifetime_value_intervals<P, S>(
    purchases: &P,
    spend: &S,
    rfm: &RfmSummary,
    value: &ValuePlan,
    plan: &DrawPlan,
) -> Result<ValueIntervals, FitError>
where
    P: ParameterDraws,
    P::Params: PurchasePredictions,
    S: ParameterDraws<Params = GammaGammaParams>,
{
    plan.check()?;
    let at_center = total_value_from(&purchases.center_params(), &spend.center_params(), rfm, value)?;
    let draws: Vec<(P::Params, GammaGammaParams)> =
        purchases.drawn_params(plan.count, plan.seed)?.into_iter().zip(spend_draws(spend, plan)?).collect();
    let monetary = rfm.monetary().ok_or(InputError::NoAmounts)?;
    let patterns = rfm.patterns();
    let recency_counts = draws.iter().any(|(purchases, _)| purchases.recency_counts_if_alive());
    let groups = patterns.groups_if_alive(recency_counts);
    let values = ValuesByDraw {
        draws: &draws,
        customers: patterns.customers_by(|i| monetary[i].to_bits()),
        monetary,
        value,
        level: plan.level,
        low: (0..rfm.len()).map(|_| AtomicU64::new(0)).collect(),
        high: (0..rfm.len()).map(|_| AtomicU64::new(0)).collect(),
    };
    let piece = PIECE.max(groups.len() / MOST_PIECES);
    let pieces = in_pieces(groups.len(), piece, |range| values.totals(patterns, &groups[range]));
    let mut totals = vec![0.0; draws.len()];
    for piece in &pieces {
        totals.iter_mut().zip(piece).for_each(|(total, part)| *total += part);
    }
    let total = purchases.estimate(at_center, &totals);
    let total = IntervalEstimate::of(total, &mut totals, plan.level);
    let column =
        |ends: Vec<AtomicU64>| ends.into_iter().map(|end| f64::from_bits(end.into_inner())).collect();
    Ok(ValueIntervals { low: column(values.low), high: column(values.high), total, totals, plan: *plan })
}

/// Values at every draw, of one distinct history after another.
struct ValuesByDraw<'a, P> {
    draws: &'a [(P, GammaGammaParams)],
    /// Those of each distinct history by rising mean spend.
    customers: CustomersOfHistories,
    monetary: &'a [f64],
    value: &'a ValuePlan,
    level: f64,
    /// The bits of each customer's ends; a thread sets those of its own customers.
    low: Vec<AtomicU64>,
    high: Vec<AtomicU64>,
}

impl<P: PurchasePredictions> ValuesByDraw<'_, P> {
    /// Sets the intervals of the customers of groups of histories, and returns their value at each
    /// draw. The histories of a group have the same figures of living customers.
    fn totals(&self, patterns: &Patterns, groups: &[Vec<u32>]) -> Vec<f64> {
        let mut totals = vec![0.0; self.draws.len()];
        let (mut histories, mut alive) = (Vec::new(), Vec::new());
        let (mut discounted, mut values) = (Vec::new(), Vec::with_capacity(self.draws.len()));
        for group in groups {
            histories.clear();
            histories.extend(group.iter().map(|&place| patterns.histories[place as usize]));
            alive.resize(group.len(), 0.0);
            discounted.clear();
            for (purchases, _) in self.draws {
                let if_alive = purchases.discounted_if_alive(histories[0], self.value);
                purchases.p_alive_of(&histories, &mut alive);
                discounted.extend(alive.iter().map(|alive| self.value.margin * (alive * if_alive)));
            }
            for (k, &place) in group.iter().enumerate() {
                let own: Vec<f64> = discounted.iter().skip(k).step_by(group.len()).copied().collect();
                let customers = self.customers.of(place);
                for alike in customers.chunk_by(|&i, &j| self.spend(i) == self.spend(j)) {
                    self.set(histories[k].x, alike, &own, &mut values, &mut totals);
                }
            }
        }
        totals
    }

    fn spend(&self, customer: u32) -> f64 {
        self.monetary[customer as usize]
    }

    /// The interval of customers with the same history and mean spend.
    fn set(&self, x: u64, alike: &[u32], discounted: &[f64], values: &mut Vec<f64>, totals: &mut [f64]) {
        let (mean_spend, together) = (self.spend(alike[0]), alike.len() as f64);
        let amounts = self.draws.iter().map(|(_, spend)| spend.expected_spend(x, mean_spend));
        values.clear();
        values.extend(amounts.zip(discounted).map(|(amount, discounted)| amount * discounted));
        totals.iter_mut().zip(&*values).for_each(|(total, value)| *total += together * value);
        let interval = IntervalEstimate::of(0.0, values, self.level);
        for &i in alike {
            self.low[i as usize].store(interval.low.to_bits(), Ordering::Relaxed);
            self.high[i as usize].store(interval.high.to_bits(), Ordering::Relaxed);
        }
    }
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
    use crate::base::units::TimeUnit;
    use crate::fit::fitted::Fitted;
    use crate::models::beta_geometric::bg_nbd::{BgNbd, BgNbdParams};
    use crate::purchases::simulate::{simulate_histories, summary_of};
    use crate::spend::gamma_gamma::GammaGamma;
    use crate::spend::simulate::simulate_spend;
    use crate::summary::history::History;
    use crate::value::lifetime_value::lifetime_value;

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
        assert_eq!((intervals.low.len(), intervals.high.len()), (values.len(), values.len()));
        for (i, clv) in values.clv.iter().enumerate() {
            assert!(intervals.low[i] < *clv && *clv < intervals.high[i], "{i}: {clv}");
        }
        let IntervalEstimate { estimate, low, high } = intervals.total;
        assert_eq!(estimate, values.total());
        assert!(low < estimate && estimate < high);
        // The uncertainty of single customers is partly common to all, but never more than that.
        let widths: f64 = intervals.high.iter().zip(&intervals.low).map(|(high, low)| high - low).sum();
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
