//! How sure the figures are: intervals by four methods, and what they mean for a budget.

use crate::error::Error;
use crate::frames;
use crate::progress::working;
use cltv_models::{
    BgNbd, Bootstrap, BootstrapPlan, DrawPlan, Fitted, GammaGamma, LikelihoodModel, Posterior, RfmSummary,
    Sampling, ValueIntervals, ValuePlan, lifetime_value_intervals,
};
use polars::prelude::DataFrame;

/// Draws of the posteriors that values are computed at.
const POSTERIOR_DRAWS: usize = 600;

/// Draws of the full posterior of BG/NBD, by four chains of the No-U-Turn sampler under weak priors.
///
/// # Errors
/// [`Error::Input`] for counts outside their bounds, [`Error::Fit`] when the data are too few.
///
/// # References
/// Hoffman and Gelman (2014), The No-U-Turn Sampler, Journal of Machine Learning Research 15.
pub fn sample_purchases(summary: &RfmSummary, draws: usize, seed: u64) -> Result<Posterior<BgNbd>, Error> {
    sampled(&BgNbd::default(), summary, draws, seed)
}

/// The same of the Gamma-Gamma model of spend.
///
/// # Errors
/// As [`sample_purchases`]; [`Error::Input`] without amounts.
pub fn sample_spend(summary: &RfmSummary, draws: usize, seed: u64) -> Result<Posterior<GammaGamma>, Error> {
    sampled(&GammaGamma::default(), summary, draws, seed)
}

fn sampled<M>(model: &M, summary: &RfmSummary, draws: usize, seed: u64) -> Result<Posterior<M>, Error>
where
    M: LikelihoodModel<Data = RfmSummary> + Sync,
    M::Row: Sync,
{
    let sampling = Sampling::default().draws(draws).tune(draws).seed(seed);
    working(&format!("Sampling the posterior of {}", M::NAME), || Ok(sampling.sample(model, summary)?))
}

/// Fits BG/NBD again on customers drawn with replacement.
///
/// # Errors
/// [`Error::Input`] for fewer than 20 replicates, or other data than the fit's; [`Error::Fit`] when too
/// many replicates have no fit.
pub fn bootstrap_purchases(
    fit: &Fitted<BgNbd>,
    summary: &RfmSummary,
    replicates: usize,
    seed: u64,
) -> Result<Bootstrap<BgNbd>, Error> {
    working(&format!("Fitting {replicates} times"), || {
        Ok(fit.bootstrap(summary, &BootstrapPlan { replicates, seed })?)
    })
}

/// The interval of one parameter by one method.
#[derive(Debug, Clone, PartialEq)]
pub struct MethodInterval {
    /// The parameter.
    pub parameter: String,
    /// "delta method", "profile likelihood", "bootstrap" or "posterior".
    pub method: &'static str,
    /// The estimate; the mean of a posterior.
    pub estimate: f64,
    /// Lower end; 0 where the data set no bound.
    pub low: f64,
    /// Upper end; infinite where the data set no bound.
    pub high: f64,
}

/// The 95% intervals of all parameters by all methods.
#[derive(Debug, Clone, PartialEq)]
pub struct IntervalMethods {
    /// One row a parameter and method.
    pub rows: Vec<MethodInterval>,
    /// Their level.
    pub level: f64,
}

/// The intervals of the parameters by the delta method, the profile likelihood, the bootstrap and the
/// posterior, side by side.
///
/// # Errors
/// [`Error::Fit`] when the fit is not identified or `summary` is not what it was fitted on.
pub fn compare_intervals(
    fit: &Fitted<BgNbd>,
    summary: &RfmSummary,
    bootstrap: &Bootstrap<BgNbd>,
    posterior: &Posterior<BgNbd>,
) -> Result<IntervalMethods, Error> {
    // The posterior's summary has intervals of this level.
    let level = 0.95;
    let (delta, boot, drawn) = (fit.confint(level)?, bootstrap.confint(level)?, posterior.summary());
    let mut rows = Vec::new();
    for (k, (name, estimate)) in fit.parameter_names().into_iter().zip(fit.estimates()).enumerate() {
        let profile = fit.profile_interval(summary, name, level)?;
        let mut row = |method, estimate, low, high| {
            rows.push(MethodInterval { parameter: name.to_owned(), method, estimate, low, high });
        };
        row("delta method", estimate, delta[k].low, delta[k].high);
        row("profile likelihood", estimate, profile.low, profile.high);
        row("bootstrap", estimate, boot[k].low, boot[k].high);
        if let Some(own) = drawn.row(name) {
            row("posterior", own.mean, own.low, own.high);
        }
    }
    Ok(IntervalMethods { rows, level })
}

impl IntervalMethods {
    /// The intervals as a table.
    ///
    /// # Errors
    /// [`Error::Frame`] when polars refuses the table.
    pub fn frame(&self) -> Result<DataFrame, Error> {
        let numbers = |name: &str, pick: fn(&MethodInterval) -> f64| {
            frames::numbers(name, self.rows.iter().map(|row| Some(pick(row))))
        };
        frames::frame(vec![
            frames::texts("parameter", self.rows.iter().map(|row| row.parameter.as_str())),
            frames::texts("method", self.rows.iter().map(|row| row.method)),
            numbers("estimate", |row| row.estimate),
            numbers("low", |row| row.low),
            numbers("high", |row| row.high),
        ])
    }
}

/// The value of every customer and of all of them, with intervals from two posteriors.
///
/// # Errors
/// [`Error::Fit`] for a summary without amounts or in another unit, or a plan out of bounds.
pub fn posterior_values(
    purchases: &Posterior<BgNbd>,
    spend: &Posterior<GammaGamma>,
    summary: &RfmSummary,
    plan: &ValuePlan,
) -> Result<ValueIntervals, Error> {
    working("Valuing customers at the posterior's draws", || {
        let draws = DrawPlan { count: POSTERIOR_DRAWS, ..DrawPlan::default() };
        Ok(lifetime_value_intervals(purchases, spend, summary, plan, &draws)?)
    })
}
