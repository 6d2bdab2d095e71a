//! Charts of model comparisons, of intervals, of contracts and of opportunities.

use crate::charts::Ids;
use crate::figure::Figure;
use cltv_models::{
    BgBb, Comparison, Fitted, ModelFigures, PurchaseFit, PurchaseModel, ValueIntervals, ValuePlan,
    special::ln_beta,
};
use cltv_plots::{
    self as plots, ContractCurve, ContractCurves, MethodInterval, ModelTotal,
    OpportunityCell, OpportunityGrid, OriginTotal, Tenth,
};
use cltv_workflow::Error;
use cltv_workflow::IntervalMethods;
use cltv_workflow::period_rate;
use cltv_workflow::words::span;
use cltv_workflow::{CONTRACT_MODELS, ContractFit, ContractFits};
use cltv_workflow::{Choice, PurchasePosterior, Scores};
use cltv_workflow::{Opportunities, OpportunityScores};
use cltv_workflow::{Origins, Regularity};
use std::collections::BTreeMap;

/// The first interpurchase time of customers as a share of their first two, with the density of an Erlang
/// distribution.
///
/// # Errors
/// [`Error::Chart`] when a share is none.
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
pub fn value_intervals(scores: &Scores, currency: &str) -> Result<Figure, Error> {
    let (Some(clv), Some((low, high)), Some(total)) =
        (scores.clv(), scores.clv_interval(), scores.total_interval())
    else {
        return Ok(match scores.total_value() {
            Some(_) => Figure::skipped(NO_INTERVALS),
            None => Figure::without_amounts(),
        });
    };
    let (ids, (level, months)) = (Ids(scores.history().customer_ids()), (total.draws.level, scores.plan.horizon_months));
    Figure::drawn(plots::value_intervals(&ids, clv, low, high, level, months, currency))
}

fn cohort<'a>(fits: &'a ContractFits, name: &str) -> Result<&'a ContractFit, Error> {
    fits.fits.iter().find(|fit| fit.cohort == name).ok_or_else(|| {
        let known: Vec<&str> = fits.fits.iter().map(|fit| fit.cohort.as_str()).collect();
        let problem = format!("there is no cohort {name:?}; the cohorts are {}", known.join(", "));
        Error::Counts { source_name: "The contracts".to_owned(), problem }
    })
}

fn curves(
    fits: &ContractFits,
    fit: &ContractFit,
    observed: Vec<f64>,
    models: impl Fn(usize) -> Vec<f64>,
) -> ContractCurves {
    let mut curves = vec![ContractCurve { name: "Observed".to_owned(), values: observed, observed: true }];
    curves.extend(CONTRACT_MODELS.iter().enumerate().map(|(which, name)| ContractCurve {
        name: (*name).to_owned(),
        values: models(which),
        observed: false,
    }));
    ContractCurves {
        cohort: fit.cohort.clone(),
        period: fits.period.name().to_owned(),
        fitted_until: u64::from(fit.fitted_until),
        curves,
    }
}

/// Customers of one cohort left after each renewal up to `renewals`: observed, and by each model.
///
/// # Errors
/// [`Error::Counts`] for a cohort that is not there.
pub fn contract_survival(fits: &ContractFits, name: &str, renewals: u32) -> Result<Figure, Error> {
    let fit = cohort(fits, name)?;
    let observed = (0..fit.alive.len()).filter_map(|t| fit.observed(t)).collect();
    let model = |which: usize| (0..=renewals).map(|t| fit.survival(t)[which]).collect();
    Figure::drawn(plots::contract_survival(&curves(fits, fit, observed, model)))
}

/// The share that renews at each renewal up to `renewals`: observed, and by each model.
///
/// # Errors
/// As [`contract_survival`].
pub fn contract_retention(fits: &ContractFits, name: &str, renewals: u32) -> Result<Figure, Error> {
    let fit = cohort(fits, name)?;
    // Where nobody was left, nobody was asked to renew.
    let asked = fit.alive.windows(2).take_while(|pair| pair[0] > 0);
    let observed = asked.map(|pair| pair[1] as f64 / pair[0] as f64).collect();
    let model = |which: usize| (1..=renewals).map(|t| fit.retention(t)[which]).collect();
    Figure::drawn(plots::contract_retention(&curves(fits, fit, observed, model)))
}

/// Discounted periods still to come by renewals made, up to `renewals`, for one cohort.
///
/// # Errors
/// As [`contract_survival`], and [`Error::NoDiscount`] for a discount that is not above 0 and at most 1.
pub fn residual_lifetime(
    fits: &ContractFits,
    name: &str,
    renewals: u32,
    discount_annual: f64,
) -> Result<Figure, Error> {
    let (fit, rate) = (cohort(fits, name)?, period_rate(fits.period, discount_annual)?);
    let curve = |(which, name): (usize, &&str)| ContractCurve {
        name: (*name).to_owned(),
        values: (0..=renewals).map(|made| fit.residual(made, rate)[which]).collect(),
        observed: false,
    };
    let curves: Vec<ContractCurve> = CONTRACT_MODELS.iter().enumerate().map(curve).collect();
    Figure::drawn(plots::residual_lifetime(&curves, fits.period.name(), rate))
}

/// Customers by number of purchases at their opportunities, observed and as BG/BB expects.
///
/// # Errors
/// [`Error::Chart`] when there is no customer.
pub fn opportunity_counts(data: &Opportunities, fit: &Fitted<BgBb>) -> Result<Figure, Error> {
    let (observed, expected) = data.counts(fit);
    Figure::drawn(plots::opportunity_counts(&observed, &expected))
}

/// The histories of the length that most customers have: those of several lengths would hide one another.
fn grid(
    scores: &OpportunityScores,
    value: impl Fn(&cltv_workflow::OpportunityScore) -> f64,
) -> OpportunityGrid {
    let mut customers: BTreeMap<u64, u64> = BTreeMap::new();
    for row in &scores.rows {
        *customers.entry(row.history.n).or_default() += row.customers;
    }
    let most = customers.iter().max_by_key(|(_, customers)| **customers);
    let (n, shown) = most.map_or((0, 0), |(n, customers)| (*n, *customers));
    let cell = |row: &cltv_workflow::OpportunityScore| OpportunityCell {
        x: row.history.x,
        t_x: row.history.t_x,
        customers: row.customers,
        value: value(row),
    };
    OpportunityGrid {
        opportunities: n,
        cells: scores.rows.iter().filter(|row| row.history.n == n).map(cell).collect(),
        left_out: customers.values().sum::<u64>() - shown,
    }
}

/// Purchases expected at the opportunities ahead, by frequency and recency, for the histories of the
/// length that most customers have.
///
/// # Errors
/// [`Error::Chart`] when there is no history.
pub fn opportunities_expected(scores: &OpportunityScores, thing: &str) -> Result<Figure, Error> {
    let grid = grid(scores, |row| row.expected.estimate);
    Figure::drawn(plots::opportunities_expected(&grid, scores.ahead, thing))
}

/// P(alive), by frequency and recency, for the same histories.
///
/// # Errors
/// [`Error::Chart`] when there is no history.
pub fn opportunities_alive(scores: &OpportunityScores) -> Result<Figure, Error> {
    Figure::drawn(plots::opportunities_alive(&grid(scores, |row| row.p_alive)))
}
