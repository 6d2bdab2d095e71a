//! Intervals of the purchase model's parameters by four methods: delta, profile, bootstrap, posterior.

use crate::error::Error;
use crate::frames;
use crate::models::each::each_model;
use crate::models::posterior::PurchasePosterior;
use crate::progress::working;
use cltv_models::{
    Bootstrap, BootstrapPlan, FitError, InputError, Interval, LikelihoodModel, PurchaseFit, RfmSummary,
};
use polars::prelude::DataFrame;
use std::fmt;
use std::sync::Arc;

/// Fits of a purchase model on customers drawn with replacement.
#[derive(Debug, Clone)]
pub struct PurchaseBootstrap {
    fits: Arc<dyn AnyBootstrap>,
}

/// The bootstrap of any model.
trait AnyBootstrap: fmt::Debug + fmt::Display + Send + Sync {
    fn model(&self) -> &'static str;
    fn replicates(&self) -> usize;
    fn failed(&self) -> usize;
    fn std_errors(&self) -> Vec<f64>;
    fn confint(&self, level: f64) -> Result<Vec<Interval>, InputError>;
}

impl<M> AnyBootstrap for Bootstrap<M>
where
    M: LikelihoodModel + Send + Sync + 'static,
    M::Params: Send + Sync,
{
    fn model(&self) -> &'static str {
        M::NAME
    }

    fn replicates(&self) -> usize {
        self.draws().len()
    }

    fn failed(&self) -> usize {
        Bootstrap::failed(self)
    }

    fn std_errors(&self) -> Vec<f64> {
        Bootstrap::std_errors(self)
    }

    fn confint(&self, level: f64) -> Result<Vec<Interval>, InputError> {
        Bootstrap::confint(self, level)
    }
}

impl PurchaseBootstrap {
    /// The model's name.
    pub fn model(&self) -> &'static str {
        self.fits.model()
    }

    /// Replicates that have a fit.
    pub fn replicates(&self) -> usize {
        self.fits.replicates()
    }

    /// Replicates without a fit.
    pub fn failed(&self) -> usize {
        self.fits.failed()
    }

    /// Standard deviations of the parameters over the replicates.
    pub fn std_errors(&self) -> Vec<f64> {
        self.fits.std_errors()
    }

    /// Percentile intervals of the parameters.
    ///
    /// # Errors
    /// [`Error::Input`] for a level outside (0, 1).
    pub fn confint(&self, level: f64) -> Result<Vec<Interval>, Error> {
        Ok(self.fits.confint(level)?)
    }
}

impl fmt::Display for PurchaseBootstrap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.fits.fmt(f)
    }
}

/// Fits a purchase model again on customers drawn with replacement.
///
/// # Errors
/// [`Error::Fit`] for fewer than 20 replicates, for other data than the fit's, or when too many replicates
/// have no fit.
///
/// # Examples
/// ```
/// use cltv_workflow::{Input, bootstrap_purchases, fit_models, load};
/// let history = load(&Input::new("cdnow"))?.summary("week", "day")?;
/// let models = fit_models(&history, "bg_nbd")?;
/// let bootstrap = bootstrap_purchases(&history, &models.purchases, 20, 42)?;
/// assert_eq!(bootstrap.replicates() + bootstrap.failed(), 20);
/// # Ok::<(), cltv_workflow::Error>(())
/// ```
pub fn bootstrap_purchases(
    history: &RfmSummary,
    fit: &PurchaseFit,
    replicates: usize,
    seed: u64,
) -> Result<PurchaseBootstrap, Error> {
    let plan = BootstrapPlan { replicates, seed };
    working(&format!("Fitting {} {replicates} times", fit.name()), || {
        each_model!(PurchaseFit, fit, fit => {
            Ok(PurchaseBootstrap { fits: Arc::new(fit.bootstrap(history, &plan)?) })
        })
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
    /// Methods without an interval, with the reason, in sentences.
    pub skipped: Vec<String>,
    /// Their level.
    pub level: f64,
}

/// The intervals of the parameters by the delta method, the profile likelihood, the bootstrap and the
/// posterior, side by side. An interval that the data do not identify is left out, and its reason is in
/// [`IntervalMethods::skipped`].
///
/// # Errors
/// [`Error::Fit`] when `history` is not the summary that the model was fitted on.
///
/// # Examples
/// ```
/// use cltv_workflow::{Input, bootstrap_purchases, compare_intervals, fit_models, load, sample_purchases};
/// let history = load(&Input::new("cdnow"))?.summary("week", "day")?;
/// let fit = fit_models(&history, "bg_nbd")?.purchases;
/// let bootstrap = bootstrap_purchases(&history, &fit, 20, 42)?;
/// let posterior = sample_purchases(&history, "bg_nbd", 100, 42)?;
/// let intervals = compare_intervals(&history, &fit, &bootstrap, &posterior)?;
/// assert_eq!(intervals.rows.len(), 4 * 4);
/// # Ok::<(), cltv_workflow::Error>(())
/// ```
pub fn compare_intervals(
    history: &RfmSummary,
    fit: &PurchaseFit,
    bootstrap: &PurchaseBootstrap,
    posterior: &PurchasePosterior,
) -> Result<IntervalMethods, Error> {
    // The posterior's summary has intervals of this level.
    let level = 0.95;
    let (boot, drawn) = (bootstrap.confint(level)?, posterior.summary());
    let (mut rows, mut skipped) = (Vec::new(), Vec::new());
    let delta =
        identified(fit.confint(level).map_err(Error::from), "delta method", "any parameter", &mut skipped)?;
    for (k, (name, estimate)) in fit.parameter_names().into_iter().zip(fit.estimates()).enumerate() {
        let profile = profile(history, fit, name, level);
        let profile = identified(profile, "profile likelihood", name, &mut skipped)?;
        let mut row = |method, estimate, low, high| {
            rows.push(MethodInterval { parameter: name.to_owned(), method, estimate, low, high });
        };
        if let Some(delta) = &delta {
            row("delta method", estimate, delta[k].low, delta[k].high);
        }
        if let Some(profile) = profile {
            row("profile likelihood", estimate, profile.low, profile.high);
        }
        row("bootstrap", estimate, boot[k].low, boot[k].high);
        if let Some(own) = drawn.row(name) {
            row("posterior", own.mean, own.low, own.high);
        }
    }
    Ok(IntervalMethods { rows, skipped, level })
}

/// What a method found; nothing, and a sentence, where the data do not identify it.
fn identified<T>(
    found: Result<T, Error>,
    method: &str,
    parameter: &str,
    skipped: &mut Vec<String>,
) -> Result<Option<T>, Error> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(Error::Fit(error @ (FitError::NotIdentified { .. } | FitError::NotConverged { .. }))) => {
            skipped.push(format!("No interval of {parameter} by the {method}: {error}."));
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

fn profile(history: &RfmSummary, fit: &PurchaseFit, name: &str, level: f64) -> Result<Interval, Error> {
    each_model!(PurchaseFit, fit, fit => Ok(fit.profile_interval(history, name, level)?))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::{fit_models, sample_purchases};
    use cltv_models::{NbdParams, TimeUnit, simulate_histories, summary_of};

    #[test]
    fn an_interval_that_the_data_do_not_identify_is_named_and_left_out() {
        // Nobody leaves, so that nothing tells the two parameters of dropout apart.
        let params = NbdParams::new(2.0, 8.0, TimeUnit::Week).unwrap();
        let histories = simulate_histories(&params, &[104.0; 150], 42);
        let history = summary_of(TimeUnit::Week, &histories, None).unwrap();
        let fit = fit_models(&history, "bg_nbd").unwrap().purchases;
        let bootstrap = bootstrap_purchases(&history, &fit, 20, 42).unwrap();
        let posterior = sample_purchases(&history, "bg_nbd", 60, 42).unwrap();
        let intervals = compare_intervals(&history, &fit, &bootstrap, &posterior).unwrap();
        assert!(!intervals.skipped.is_empty() && intervals.rows.len() < 16, "{intervals:?}");
        let first = &intervals.skipped[0];
        assert!(first.starts_with("No interval of any parameter by the delta method: BG/NBD"), "{first}");
        assert_eq!(intervals.rows.iter().filter(|row| row.method == "bootstrap").count(), 4);
    }
}
