//! Intervals of the purchase model's parameters by four methods: delta, profile, bootstrap, posterior.

use crate::error::Error;
use crate::frames;
use crate::models::each::each_model;
use crate::models::posterior::PurchasePosterior;
use crate::progress::working;
use cltv_models::{Bootstrap, BootstrapPlan, InputError, Interval, LikelihoodModel, PurchaseFit, RfmSummary};
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
    /// Their level.
    pub level: f64,
}

/// The intervals of the parameters by the delta method, the profile likelihood, the bootstrap and the
/// posterior, side by side.
///
/// # Errors
/// [`Error::Fit`] when the fit is not identified or `history` is not the summary it was fitted on.
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
    let (delta, boot, drawn) = (fit.confint(level)?, bootstrap.confint(level)?, posterior.summary());
    let mut rows = Vec::new();
    for (k, (name, estimate)) in fit.parameter_names().into_iter().zip(fit.estimates()).enumerate() {
        let profile = profile(history, fit, name, level)?;
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
