//! Predictive distributions of the money of groups of customers, by simulation.

use super::sums::{Moments, histories, members, of_mixture, piece};
use super::{Predictive, SumForecast};
use crate::base::error::{FitError, InputError};
use crate::numeric::parallel::in_pieces;
use crate::numeric::quantile::quantile;
use crate::numeric::random::{Draws, seed_of_run};
use crate::purchases::predictions::PurchasePredictions;
use crate::spend::gamma_gamma::GammaGammaParams;
use crate::summary::history::History;
use crate::summary::patterns::{CustomersOfHistories, Patterns};
use crate::summary::rfm::RfmSummary;
use crate::uncertainty::draws::DrawPlan;

impl<P: PurchasePredictions> Predictive<P> {
    /// The money of each group of customers in (T, T + horizon], with central intervals.
    ///
    /// `plan.count` simulations: each takes one draw of the purchase parameters and one of `spend`, the
    /// number of purchases of every customer, and their amounts as in [`super::PredictiveMoney`]. Customers
    /// are simulated in the order of their histories and mean spends, in streams of `plan.seed`, so that
    /// neither the order of rows nor the number of threads counts. Revenue, without discount and margin.
    ///
    /// # Errors
    /// As [`Predictive::sums`]; [`FitError::Input`] for a summary without amounts, a plan outside its bounds
    /// or no spend parameters.
    ///
    /// # Examples
    /// ```
    /// use cltv_models::{BgNbdParams, DrawPlan, GammaGammaParams, Predictive, TimeUnit};
    /// use cltv_models::{simulate_histories, simulate_spend, summary_of};
    /// let params = BgNbdParams::new(0.8, 6.0, 0.9, 2.5, TimeUnit::Week)?;
    /// let spend = GammaGammaParams::new(6.25, 3.74, 15.44)?;
    /// let histories = simulate_histories(&params, &[39.0; 300], 42);
    /// let repeats: Vec<u64> = histories.iter().map(|history| history.x).collect();
    /// let rfm = summary_of(TimeUnit::Week, &histories, Some(simulate_spend(&spend, &repeats, 1)))?;
    /// let predictive = Predictive::at(params);
    /// let all: Vec<usize> = (0..300).collect();
    /// let plan = DrawPlan { count: 400, ..DrawPlan::default() };
    /// let sum = predictive.money_sums(&[spend], &rfm, &[all], 26.0, &plan)?[0];
    /// let expected: f64 = predictive.money(&spend, &rfm, 26.0)?.expected().iter().sum();
    /// assert!((sum.expected / expected - 1.0).abs() < 0.05);
    /// assert!(sum.low < expected && expected < sum.high);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn money_sums(
        &self,
        spend: &[GammaGammaParams],
        rfm: &RfmSummary,
        groups: &[Vec<usize>],
        horizon: f64,
        plan: &DrawPlan,
    ) -> Result<Vec<SumForecast>, FitError> {
        self.check(rfm, horizon)?;
        plan.check()?;
        let amounts = rfm.monetary().ok_or(InputError::NoAmounts)?;
        if spend.is_empty() {
            let bound = "1 or more: give the estimates of the spend model, or draws of them";
            return Err(InputError::BadOption { name: "spend parameters", value: 0.0, bound }.into());
        }
        let patterns = rfm.patterns();
        members(patterns, groups)?;
        let simulation = MoneySimulation {
            predictive: self,
            spend,
            patterns,
            customers: patterns.customers_by(|i| amounts[i].to_bits()),
            amounts,
            groups: groups_of_customers(groups, rfm.len()),
            count: groups.len(),
            horizon,
            plan: *plan,
        };
        let sums = simulation.sums();
        let forecast = |(k, rows): (usize, &Vec<usize>)| {
            let mut sums: Vec<f64> = sums.iter().skip(k).step_by(groups.len()).copied().collect();
            sums.sort_unstable_by(f64::total_cmp);
            let moments: Vec<Moments> = sums.iter().map(|&sum| (sum, 0.0)).collect();
            let (expected, variance) = of_mixture(&moments);
            let at = |share: f64| quantile(&sums, share);
            let (low, high) = (at(0.5 * (1.0 - plan.level)), at(0.5 * (1.0 + plan.level)));
            SumForecast { customers: rows.len(), expected, standard_deviation: variance.sqrt(), low, high }
        };
        Ok(groups.iter().enumerate().map(forecast).collect())
    }
}

/// Simulated sums of money.
struct MoneySimulation<'a, P> {
    predictive: &'a Predictive<P>,
    spend: &'a [GammaGammaParams],
    patterns: &'a Patterns,
    /// Those of each history by rising mean spend.
    customers: CustomersOfHistories,
    amounts: &'a [f64],
    /// The groups of each customer.
    groups: Vec<Vec<u32>>,
    count: usize,
    horizon: f64,
    plan: DrawPlan,
}

impl<P: PurchasePredictions> MoneySimulation<'_, P> {
    /// Each group's sum in each simulation: groups within simulations.
    fn sums(&self) -> Vec<f64> {
        let alike = self.predictive.alike(self.patterns);
        let length = piece(alike.len());
        let pieces = in_pieces(alike.len(), length, |range| {
            let seed = seed_of_run(self.plan.seed, range.start / length);
            let mut sums = vec![0.0; self.count * self.plan.count];
            let mut draws: Vec<Draws> =
                (0..self.plan.count).map(|k| Draws::new(seed_of_run(seed, k))).collect();
            for group in &alike[range] {
                self.simulate(group, &mut draws, &mut sums);
            }
            sums
        });
        let mut sums = vec![0.0; self.count * self.plan.count];
        for piece in &pieces {
            sums.iter_mut().zip(piece).for_each(|(sum, part)| *sum += part);
        }
        sums
    }

    /// Adds the customers of histories that are alike while alive, in each simulation.
    fn simulate(&self, group: &[u32], draws: &mut [Draws], sums: &mut [f64]) {
        let histories = histories(self.patterns, group);
        let (mut counts, length) = self.predictive.counts_if_alive(histories[0], self.horizon);
        for counts in counts.chunks_mut(length) {
            (1..length).for_each(|n| counts[n] += counts[n - 1]);
        }
        let (mut alive, n) = (vec![0.0; histories.len()], self.predictive.draws.len());
        for (draw, cumulated) in counts.chunks(length).enumerate() {
            self.predictive.draws[draw].p_alive_of(&histories, &mut alive);
            for k in (draw..self.plan.count).step_by(n) {
                let sums = &mut sums[k * self.count..(k + 1) * self.count];
                let spend = &self.spend[k % self.spend.len()];
                for ((&place, history), &alive) in group.iter().zip(&histories).zip(&alive) {
                    for &customer in self.customers.of(place) {
                        let purchases = drawn_count(draws[k].uniform(), alive, cumulated);
                        if purchases > 0 {
                            let money = self.drawn_money(spend, *history, customer, purchases, &mut draws[k]);
                            self.groups[customer as usize].iter().for_each(|&of| sums[of as usize] += money);
                        }
                    }
                }
            }
        }
    }

    /// Amounts of a number of purchases together, at a random ν of the customer.
    fn drawn_money(
        &self,
        spend: &GammaGammaParams,
        history: History,
        customer: u32,
        purchases: usize,
        draws: &mut Draws,
    ) -> f64 {
        let x = history.x as f64;
        let observed = x * self.amounts[customer as usize];
        let rate = draws.gamma(spend.q() + spend.p() * x) / (spend.v() + observed);
        draws.gamma(spend.p() * purchases as f64) / rate
    }
}

/// The count at a uniform number: 0 for a customer who is gone, else by the cumulated probabilities.
fn drawn_count(uniform: f64, alive: f64, cumulated: &[f64]) -> usize {
    if uniform >= alive * (1.0 - cumulated[0]) {
        return 0;
    }
    let beyond = 1.0 - uniform / alive;
    cumulated.partition_point(|&below| below < beyond).clamp(1, cumulated.len() - 1)
}

fn groups_of_customers(groups: &[Vec<usize>], customers: usize) -> Vec<Vec<u32>> {
    let mut of = vec![Vec::new(); customers];
    for (k, group) in (0..).zip(groups) {
        group.iter().for_each(|&row| of[row].push(k));
    }
    of
}
