//! The uncertainty of a fit from fits on customers drawn again.

use std::fmt;

use crate::base::error::{FitError, InputError};
use crate::base::units::TimeUnit;
use crate::fit::fitted::{Fitted, Interval, z_of};
use crate::fit::maximum_likelihood::{own_unit, start_points};
use crate::fit::model::{LikelihoodModel, Parameter, Sample, Weighted};
use crate::fit::objective::Objective;
use crate::fit::optimise::{minimise, newton};
use crate::fit::tolerances::GRADIENT_TOLERANCE;
use crate::numeric::linalg::max_abs;
use crate::numeric::parallel::in_pieces;
use crate::numeric::quantile::quantile;
use crate::numeric::random::in_random_order;
use crate::numeric::random::{Draws, seed_of_run};
use crate::uncertainty::draws::{DrawPlan, ParameterDraws};

/// Share of fits that may fail before their intervals mean nothing.
const MOST_FAILURES: f64 = 0.2;

/// How many times the customers are drawn again, and from which seed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BootstrapPlan {
    /// Replicates: 200 know a standard error to about 5%, 1,000 the ends of a 95% interval.
    pub replicates: usize,
    /// The same seed gives the same replicates.
    pub seed: u64,
}

impl Default for BootstrapPlan {
    fn default() -> Self {
        Self { replicates: 200, seed: 1 }
    }
}

impl BootstrapPlan {
    fn check(self) -> Result<(), InputError> {
        if (20..=100_000).contains(&self.replicates) {
            return Ok(());
        }
        let bound = "from 20 to 100,000";
        Err(InputError::BadOption { name: "replicates", value: self.replicates as f64, bound })
    }
}

/// Fits of one model on customers drawn again with replacement.
///
/// It gives intervals of the parameters and, as every [`ParameterDraws`] does, of any figure of
/// them. It assumes only that customers are independent, not that the model is right.
#[derive(Debug, Clone, PartialEq)]
pub struct Bootstrap<M: LikelihoodModel> {
    model: M,
    params: M::Params,
    parameters: Vec<Parameter>,
    theta: Vec<f64>,
    unit: TimeUnit,
    draws: Vec<Vec<f64>>,
    failed: usize,
}

impl<M: LikelihoodModel> Fitted<M> {
    /// Fits the model again on as many customers drawn with replacement, `plan.replicates` times on
    /// all cores.
    ///
    /// The distinct rows get multinomial weights, so that a replicate costs what a fit costs that
    /// starts at its solution. `data` are those of the fit, which does not keep them.
    ///
    /// # Errors
    /// [`InputError::BadOption`] for a plan outside its bounds, [`InputError::UnitMismatch`] or
    /// [`InputError::OtherData`] for other data than the fit's, and [`FitError::BootstrapFailed`] when
    /// more than a fifth of the replicates cannot be fitted.
    ///
    /// # Examples
    /// ```
    /// use cltv_models::{BgNbd, BgNbdParams, BootstrapPlan, DrawPlan, History, ParameterDraws};
    /// use cltv_models::{PurchasePredictions, TimeUnit, simulate_histories, summary_of};
    /// let truth = BgNbdParams::new(0.8, 6.0, 0.9, 2.5, TimeUnit::Week)?;
    /// let rfm = summary_of(TimeUnit::Week, &simulate_histories(&truth, &[52.0; 800], 7), None)?;
    /// let plan = BootstrapPlan { replicates: 20, seed: 1 };
    /// let bootstrap = BgNbd::default().fit(&rfm)?.bootstrap(&rfm, &plan)?;
    /// let history = History::try_new(2, 30.0, 52.0)?;
    /// let alive = bootstrap.with_interval(&DrawPlan::default(), |params| params.p_alive(history))?;
    /// assert!(alive.low < alive.estimate && alive.estimate < alive.high);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # References
    /// Efron & Hastie (2016), Computer Age Statistical Inference, chapters 10 and 11.
    pub fn bootstrap(&self, data: &M::Data, plan: &BootstrapPlan) -> Result<Bootstrap<M>, FitError> {
        plan.check()?;
        let sample = self.sample_of(data)?;
        let place = |(k, row): (usize, &Weighted<M::Row>)| std::iter::repeat_n(k as u32, row.weight as usize);
        let customers: Vec<u32> = sample.rows.iter().enumerate().flat_map(place).collect();
        let start = self.free_estimates(&sample);
        let fits = in_pieces(plan.replicates, 1, |one| {
            let mut random = Draws::new(seed_of_run(plan.seed ^ 0x426f_6f74, one.start));
            let drawn = drawn_again(&sample, &customers, &mut random);
            let scaled = refit(&self.model, &drawn, &start)?;
            Some(own_unit(&self.parameters, &scaled, sample.scale))
        });
        let draws: Vec<Vec<f64>> = fits.into_iter().flatten().collect();
        let failed = plan.replicates - draws.len();
        if failed as f64 > MOST_FAILURES * plan.replicates as f64 {
            return Err(FitError::BootstrapFailed { model: M::NAME, failed, replicates: plan.replicates });
        }
        Ok(Bootstrap {
            model: self.model.clone(),
            params: self.params.clone(),
            parameters: self.parameters.clone(),
            theta: self.theta.clone(),
            unit: self.unit,
            draws,
            failed,
        })
    }
}

/// As many customers, drawn with replacement: their rows, with new weights.
fn drawn_again<R: Clone>(sample: &Sample<R>, customers: &[u32], random: &mut Draws) -> Sample<R> {
    let mut weights = vec![0.0; sample.rows.len()];
    for _ in 0..customers.len() {
        let one = (random.uniform() * customers.len() as f64) as usize;
        weights[customers[one] as usize] += 1.0;
    }
    let rows = sample.rows.iter().zip(weights).filter(|(_, weight)| *weight > 0.0);
    sample.with_rows(rows.map(|(row, weight)| Weighted { row: row.row.clone(), weight }).collect())
}

/// The parameters of the scaled data by Newton steps from the fit's own, or from all starts.
fn refit<M: LikelihoodModel>(model: &M, sample: &Sample<M::Row>, start: &[f64]) -> Option<Vec<f64>> {
    let objective = Objective::new(model, sample);
    let near = newton(&objective, objective.second_order_at(start)).0;
    let done = |gradient: &[f64]| max_abs(gradient) <= GRADIENT_TOLERANCE;
    if done(&near.gradient) {
        return Some(objective.theta(&near.eta));
    }
    let optimum = minimise(&objective, &start_points(model, sample)).point;
    done(&optimum.gradient).then(|| objective.theta(&optimum.eta))
}

impl<M: LikelihoodModel> Bootstrap<M> {
    /// The parameters' names, in the order of every vector.
    #[must_use]
    pub fn parameter_names(&self) -> Vec<&'static str> {
        self.parameters.iter().map(|parameter| parameter.name).collect()
    }

    /// The estimates of every replicate.
    #[must_use]
    pub fn draws(&self) -> Vec<Vec<f64>> {
        self.draws.clone()
    }

    /// Replicates that could not be fitted, and are left out.
    #[must_use]
    pub fn failed(&self) -> usize {
        self.failed
    }

    /// Standard deviations of the estimates over the replicates.
    #[must_use]
    pub fn std_errors(&self) -> Vec<f64> {
        let n = self.draws.len() as f64;
        let error = |k: usize| {
            let mean = self.draws.iter().map(|theta| theta[k]).sum::<f64>() / n;
            (self.draws.iter().map(|theta| (theta[k] - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt()
        };
        (0..self.theta.len()).map(error).collect()
    }

    /// Intervals from quantiles of the estimates over the replicates.
    ///
    /// # Errors
    /// [`InputError::BadOption`] for a level outside (0, 1).
    pub fn confint(&self, level: f64) -> Result<Vec<Interval>, InputError> {
        z_of(level)?;
        let interval = |(k, parameter): (usize, &Parameter)| {
            let mut values: Vec<f64> = self.draws.iter().map(|theta| theta[k]).collect();
            values.sort_by(f64::total_cmp);
            let at = |share: f64| quantile(&values, share);
            Interval { name: parameter.name, low: at(0.5 - 0.5 * level), high: at(0.5 + 0.5 * level) }
        };
        Ok(self.parameters.iter().enumerate().map(interval).collect())
    }
}

impl<M: LikelihoodModel> ParameterDraws for Bootstrap<M> {
    type Params = M::Params;

    fn center_params(&self) -> M::Params {
        self.params.clone()
    }

    fn drawn_params(&self, count: usize, seed: u64) -> Result<Vec<M::Params>, FitError> {
        let order = in_random_order(self.draws.len(), count, seed);
        let params = order.into_iter().map(|k| self.model.params(&self.draws[k], self.unit));
        Ok(params.collect::<Result<_, InputError>>()?)
    }

    fn estimate(&self, at_center: f64, _drawn: &[f64]) -> f64 {
        at_center
    }
}

impl<M: LikelihoodModel> fmt::Display for Bootstrap<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let level = DrawPlan::default().level;
        writeln!(
            f,
            "{} fitted on {} samples of its customers, drawn with replacement; {} could not be fitted.",
            M::NAME,
            self.draws.len(),
            self.failed
        )?;
        let width = self.parameters.iter().map(|p| p.name.chars().count()).max().unwrap_or(0);
        writeln!(
            f,
            "{:<width$} {:>12} {:>12} {:>12} {:>12}",
            "", "estimate", "std error", "95% low", "95% high"
        )?;
        let errors = self.std_errors();
        for (k, interval) in self.confint(level).map_err(|_| fmt::Error)?.iter().enumerate() {
            let Interval { name, low, high } = interval;
            writeln!(
                f,
                "{name:<width$} {:>12.5} {:>12.5} {low:>12.5} {high:>12.5}",
                self.theta[k], errors[k]
            )?;
        }
        Ok(())
    }
}
