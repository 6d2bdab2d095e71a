//! Charts of model comparisons and of intervals.

use crate::charts::Ids;
use crate::figure::Figure;
use cltv_models::{
    Comparison, ModelFigures, PurchaseFit, PurchaseModel, ValueIntervals, ValuePlan, special::ln_beta,
};
use cltv_plots::{self as plots, MethodInterval, ModelTotal, OriginTotal, Tenth};
use cltv_workflow::words::span;
use cltv_workflow::{Choice, Error, IntervalMethods, Origins, PurchasePosterior, Regularity, Scores};

/// The first interpurchase time of customers as a share of their first two, with the density of an Erlang
/// distribution.
///
/// # Errors
/// [`Error::Chart`] when a share is none.
///
/// # Examples
/// ```
/// use cltv_notebook::charts;
/// use cltv_workflow::*;
/// let data = load(&Input::new("cdnow"))?;
/// let figure = charts::purchase_regularity(&data.regularity("day")?)?;
/// assert!(figure.chart().is_some());
/// # Ok::<(), cltv_workflow::Error>(())
/// ```
pub fn purchase_regularity(regularity: &Regularity) -> Result<Figure, Error> {
    const POINTS: usize = 101;
    let Some(order) = regularity.order else {
        return Ok(Figure::skipped(
            "Skipped: nobody bought three times, so there are no interpurchase times to draw.",
        ));
    };
    // Shares of Erlang waits are Beta(k, k). Below order 1 the density has no bound at its ends.
    let density = |at: usize| {
        let share = (at as f64 / (POINTS - 1) as f64).clamp(0.01, 0.99);
        ((order - 1.0) * (share.ln() + (-share).ln_1p()) - ln_beta(order, order)).exp()
    };
    let curve: Vec<f64> = (0..POINTS).map(density).collect();
    Figure::drawn(plots::purchase_regularity(&regularity.shares, order, &curve))
}

/// What each model expected of the whole holdout, with its interval, and the purchases made.
///
/// # Errors
/// [`Error::Chart`] when no model has a fit.
///
/// # Examples
/// ```
/// use cltv_notebook::charts;
/// use cltv_workflow::*;
/// let data = load(&Input::new("cdnow"))?;
/// let split = data.split("week", "day")?;
/// let comparison = compare_models(&split, &purchase_models("bg_nbd, nbd")?)?;
/// let figure = charts::model_totals(&comparison)?;
/// assert!(figure.chart().is_some());
/// # Ok::<(), cltv_workflow::Error>(())
/// ```
pub fn model_totals(comparison: &Comparison) -> Result<Figure, Error> {
    let rows: Vec<(&str, &ModelFigures)> =
        comparison.rows.iter().filter_map(|row| Some((row.model, row.result.as_ref().ok()?))).collect();
    let total = |(model, figures): &(&str, &ModelFigures)| ModelTotal {
        model: (*model).to_owned(),
        expected: figures.total.expected,
        low: figures.total.low,
        high: figures.total.high,
        trusted: figures.trusted(),
    };
    let actual = rows.first().map_or(0, |(_, figures)| figures.total.actual);
    let totals: Vec<ModelTotal> = rows.iter().map(total).collect();
    let length = span(comparison.duration, comparison.unit);
    Figure::drawn(plots::model_totals(&totals, actual, comparison.level, &length))
}

/// Purchases made and expected by tenths of the customers, for one of the compared models.
///
/// # Errors
/// [`Error::UnknownModel`] for a model that was not compared; the message lists those with a fit.
/// [`Error::Fit`] for one without: what stopped it.
///
/// # Examples
/// ```
/// use cltv_notebook::charts;
/// use cltv_workflow::*;
/// let data = load(&Input::new("cdnow"))?;
/// let split = data.split("week", "day")?;
/// let comparison = compare_models(&split, &purchase_models("bg_nbd, nbd")?)?;
/// let figure = charts::decile_calibration(&comparison, "bg_nbd")?;
/// assert!(figure.chart().is_some());
/// # Ok::<(), cltv_workflow::Error>(())
/// ```
pub fn decile_calibration(
    comparison: &Comparison,
    model: impl Choice<PurchaseModel>,
) -> Result<Figure, Error> {
    deciles(comparison, model.chosen()?.name())
}

fn deciles(comparison: &Comparison, model: &str) -> Result<Figure, Error> {
    let Some(row) = comparison.rows.iter().find(|row| row.model == model) else {
        let fitted = comparison.rows.iter().filter(|row| row.result.is_ok()).map(|row| row.model);
        let known = fitted.collect::<Vec<_>>().join(", ");
        return Err(Error::UnknownModel { name: model.to_owned(), known });
    };
    let figures = row.result.as_ref().map_err(Clone::clone)?;
    let tenth = |sum: &cltv_models::HoldoutSum| Tenth {
        customers: sum.customers as u64,
        expected: sum.expected,
        low: sum.low,
        high: sum.high,
        actual: sum.actual,
    };
    let tenths: Vec<Tenth> = figures.tenths.iter().map(tenth).collect();
    let length = span(comparison.duration, comparison.unit);
    Figure::drawn(plots::decile_calibration(&tenths, model, comparison.level, &length))
}

/// Forecasts from several origins, with their intervals, and the purchases made after each.
///
/// # Errors
/// [`Error::Chart`] when no model has a fit.
///
/// # Examples
/// ```
/// use cltv_notebook::charts;
/// use cltv_workflow::*;
/// let data = load(&Input::new("cdnow"))?;
/// let origins = data.backtest("week", "day", 2, &purchase_models("bg_nbd, nbd")?)?;
/// let figure = charts::rolling_backtest(&origins)?;
/// assert!(figure.chart().is_some());
/// # Ok::<(), cltv_workflow::Error>(())
/// ```
pub fn rolling_backtest(origins: &Origins) -> Result<Figure, Error> {
    let all = &origins.backtest.origins;
    let rows = all.iter().flat_map(|at| at.comparison.rows.iter().map(move |row| (&at.origin, row)));
    let totals: Vec<OriginTotal> = rows
        .filter_map(|(origin, row)| {
            let total = row.result.as_ref().ok()?.total;
            Some(OriginTotal {
                origin: origin.clone(),
                model: row.model.to_owned(),
                expected: total.expected,
                low: total.low,
                high: total.high,
                actual: total.actual,
            })
        })
        .collect();
    let level = all.first().map_or(0.95, |at| at.comparison.level);
    Figure::drawn(plots::rolling_backtest(&totals, level, &origins.length))
}

/// Intervals of all parameters by all methods, as multiples of the estimates.
///
/// # Errors
/// [`Error::Chart`] when an estimate is not positive.
///
/// # Examples
/// ```
/// use cltv_notebook::charts;
/// use cltv_workflow::*;
/// let data = load(&Input::new("cdnow"))?;
/// let history = data.summary("week", "day")?;
/// let models = fit_models(&history, "bg_nbd")?;
/// let posterior = sample_purchases(&history, "bg_nbd", 60, 42)?;
/// let bootstrap = bootstrap_purchases(&history, &models.purchases, 20, 42)?;
/// let intervals = compare_intervals(&history, &models.purchases, &bootstrap, &posterior)?;
/// let figure = charts::interval_methods(&intervals)?;
/// assert!(figure.chart().is_some());
/// # Ok::<(), cltv_workflow::Error>(())
/// ```
pub fn interval_methods(intervals: &IntervalMethods) -> Result<Figure, Error> {
    let row = |row: &cltv_workflow::MethodInterval| MethodInterval {
        parameter: row.parameter.clone(),
        method: row.method.to_owned(),
        estimate: row.estimate,
        low: (row.low > 0.0).then_some(row.low),
        high: row.high.is_finite().then_some(row.high),
    };
    let rows: Vec<MethodInterval> = intervals.rows.iter().map(row).collect();
    Figure::drawn(plots::interval_methods(&rows, intervals.level))
}

/// Draws of the last two parameters from the posterior, with the fit's estimates: those of dropout, where
/// the model has dropout.
///
/// # Errors
/// [`Error::UnknownParameter`] for a posterior of another model.
///
/// # Examples
/// ```
/// use cltv_notebook::charts;
/// use cltv_workflow::*;
/// let data = load(&Input::new("cdnow"))?;
/// let history = data.summary("week", "day")?;
/// let models = fit_models(&history, "bg_nbd")?;
/// let posterior = sample_purchases(&history, "bg_nbd", 60, 42)?;
/// let figure = charts::posterior_cloud(&models.purchases, &posterior)?;
/// assert!(figure.chart().is_some());
/// # Ok::<(), cltv_workflow::Error>(())
/// ```
pub fn posterior_cloud(fit: &PurchaseFit, posterior: &PurchasePosterior) -> Result<Figure, Error> {
    const DRAWN: usize = 800;
    let (names, estimates) = (fit.parameter_names(), fit.estimates());
    let (Some(&[x, y]), Some(&[at_x, at_y])) = (names.last_chunk(), estimates.last_chunk()) else {
        return Ok(Figure::skipped("Skipped: the model has fewer than two parameters."));
    };
    let draws = |name: &str| -> Result<Vec<f64>, Error> {
        let chains = posterior.chains_of(name).ok_or_else(|| Error::UnknownParameter {
            name: name.to_owned(),
            known: posterior
                .summary()
                .rows
                .iter()
                .map(|row| row.name.as_str())
                .collect::<Vec<_>>()
                .join(", "),
        })?;
        let all: Vec<f64> = chains.into_iter().flatten().collect();
        Ok(all.iter().step_by(all.len().div_ceil(DRAWN).max(1)).copied().collect())
    };
    Figure::drawn(plots::posterior_cloud((x, &draws(x)?), (y, &draws(y)?), (at_x, at_y)))
}

/// The distribution of the value of all customers over draws of the parameters.
///
/// # Errors
/// [`Error::Chart`] when there is no draw.
///
/// # Examples
/// ```
/// use cltv_notebook::charts;
/// use cltv_workflow::*;
/// let data = load(&Input::new("cdnow"))?;
/// let history = data.summary("week", "day")?;
/// let models = fit_models(&history, "bg_nbd")?;
/// let posterior = sample_purchases(&history, "bg_nbd", 60, 42)?;
/// let plan = cltv_models::ValuePlan::new(6, 0.10, 1.0)?;
/// let values = posterior_values(&history, &posterior, &sample_spend(&history, 60, 42)?, &plan)?;
/// let figure = charts::total_value(&values, &plan, "$")?;
/// assert!(figure.chart().is_some());
/// # Ok::<(), cltv_workflow::Error>(())
/// ```
pub fn total_value(intervals: &ValueIntervals, plan: &ValuePlan, currency: &str) -> Result<Figure, Error> {
    let total = (intervals.total.estimate, intervals.total.low, intervals.total.high);
    let (level, months) = (intervals.plan.level, plan.horizon_months);
    Figure::drawn(plots::total_value_draws(&intervals.totals, total, level, months, currency))
}

/// The text where the fits are not identified.
const NO_INTERVALS: &str = "Skipped: the data do not identify all parameters of the models, or do not determine whether mean spend is finite, so the values have no intervals.";

/// Values of single customers with their intervals, from the best to the least.
///
/// # Errors
/// [`Error::Chart`] when there is no customer.
///
/// # Examples
/// ```
/// use cltv_notebook::charts;
/// use cltv_workflow::*;
/// let data = load(&Input::new("cdnow"))?;
/// let history = data.summary("week", "day")?;
/// let models = fit_models(&history, "bg_nbd")?;
/// let scores = score(&history, &models, &cltv_models::ValuePlan::new(6, 0.10, 1.0)?)?;
/// let figure = charts::value_intervals(&scores, "$")?;
/// assert!(figure.chart().is_some());
/// # Ok::<(), cltv_workflow::Error>(())
/// ```
pub fn value_intervals(scores: &Scores, currency: &str) -> Result<Figure, Error> {
    let (Some(clv), Some((low, high)), Some(total)) =
        (scores.clv(), scores.clv_interval(), scores.total_interval())
    else {
        return Ok(match scores.total_value() {
            Some(_) => Figure::skipped(NO_INTERVALS),
            None => Figure::without_amounts(),
        });
    };
    let (ids, (level, months)) =
        (Ids(scores.history().customer_ids()), (total.draws.level, scores.plan.horizon_months));
    Figure::drawn(plots::value_intervals(&ids, clv, low, high, level, months, currency))
}
