//! Charts of the fitted models.

use crate::figure::Figure;
use cltv_models::{Fitted, GammaGamma, History, PurchaseFit, PurchasePredictions, RfmSummary};
use cltv_plots::{self as plots, HistoryGrid};
use cltv_purchases::Split;
use cltv_workflow::{Error, Holdout, Models, Spend, Tracking};
use std::collections::BTreeMap;

/// Repeat purchases that are counted one by one; more share the last bar.
const LAST_BAR: usize = 7;

/// Customers by number of repeat purchases in the calibration, actual and as the model expects.
///
/// Expected is the sum of P(X(T) = n) over customers, each at its own age T.
///
/// # Errors
/// [`Error::Input`] when fit and split are of different time units.
///
/// # Examples
/// ```
/// use cltv_notebook::charts;
/// use cltv_workflow::*;
/// let data = load(&Input::new("cdnow"))?;
/// let split = data.split("week", "day")?;
/// let fit = choose_model(&data, &split, "bg_nbd")?.fit(&split.calibration)?;
/// let figure = charts::repeat_purchases(&split, &fit)?;
/// assert!(figure.chart().is_some());
/// # Ok::<(), cltv_workflow::Error>(())
/// ```
pub fn repeat_purchases(split: &Split, fit: &PurchaseFit) -> Result<Figure, Error> {
    let summary = &split.calibration;
    fit.check_unit(summary)?;
    let mut actual = vec![0; LAST_BAR + 1];
    for &x in summary.frequency() {
        actual[(x as usize).min(LAST_BAR)] += 1;
    }
    // Many customers share an age: one probability serves them all.
    let mut ages: BTreeMap<u64, f64> = BTreeMap::new();
    for age in summary.age() {
        *ages.entry(age.to_bits()).or_default() += 1.0;
    }
    let expected = |n: usize| -> f64 {
        ages.iter().map(|(&age, customers)| customers * fit.pmf(n as u64, f64::from_bits(age))).sum()
    };
    let mut bars: Vec<f64> = (0..LAST_BAR).map(expected).collect();
    bars.push((summary.len() as f64 - bars.iter().sum::<f64>()).max(0.0));
    Figure::drawn(plots::repeat_purchases(&actual, &bars))
}

/// Mean holdout purchases, actual and expected, by repeat purchases in the calibration.
///
/// # Errors
/// [`Error::Chart`] when there is no customer.
///
/// # Examples
/// ```
/// use cltv_notebook::charts;
/// use cltv_workflow::*;
/// let data = load(&Input::new("cdnow"))?;
/// let split = data.split("week", "day")?;
/// let fit = choose_model(&data, &split, "bg_nbd")?.fit(&split.calibration)?;
/// let figure = charts::holdout_by_frequency(&check_holdout(&split, &fit)?)?;
/// assert!(figure.chart().is_some());
/// # Ok::<(), cltv_workflow::Error>(())
/// ```
pub fn holdout_by_frequency(holdout: &Holdout) -> Result<Figure, Error> {
    let group = |group: &cltv_workflow::FrequencyGroup| plots::FrequencyGroup {
        frequency: group.frequency,
        customers: group.customers,
        actual: group.actual,
        expected: group.expected,
    };
    let groups: Vec<plots::FrequencyGroup> = holdout.by_frequency.iter().map(group).collect();
    Figure::drawn(plots::holdout_by_frequency(&groups, holdout.periods, holdout.unit.name()))
}

/// Repeat purchases added up week by week, actual and expected.
///
/// # Errors
/// [`Error::Chart`] when there is no week.
///
/// # Examples
/// ```
/// use cltv_notebook::charts;
/// use cltv_workflow::*;
/// let data = load(&Input::new("cdnow"))?;
/// let split = data.split("week", "day")?;
/// let fit = choose_model(&data, &split, "bg_nbd")?.fit(&split.calibration)?;
/// let figure = charts::cumulative_tracking(&track(&data, &split, &fit)?)?;
/// assert!(figure.chart().is_some());
/// # Ok::<(), cltv_workflow::Error>(())
/// ```
pub fn cumulative_tracking(tracking: &Tracking) -> Result<Figure, Error> {
    Figure::drawn(plots::cumulative_tracking(&weekly(tracking)))
}

/// Repeat purchases of each week, actual and expected.
///
/// # Errors
/// [`Error::Chart`] when there is no week.
///
/// # Examples
/// ```
/// use cltv_notebook::charts;
/// use cltv_workflow::*;
/// let data = load(&Input::new("cdnow"))?;
/// let split = data.split("week", "day")?;
/// let fit = choose_model(&data, &split, "bg_nbd")?.fit(&split.calibration)?;
/// let figure = charts::incremental_tracking(&track(&data, &split, &fit)?)?;
/// assert!(figure.chart().is_some());
/// # Ok::<(), cltv_workflow::Error>(())
/// ```
pub fn incremental_tracking(tracking: &Tracking) -> Result<Figure, Error> {
    Figure::drawn(plots::incremental_tracking(&weekly(tracking)))
}

fn weekly(tracking: &Tracking) -> plots::Tracking {
    plots::Tracking {
        unit: "week".to_owned(),
        elapsed: tracking.weeks.clone(),
        actual: tracking.actual.clone(),
        expected: tracking.expected.clone(),
        calibration_end: tracking.calibration_end,
    }
}

/// Mean spend of repeat customers, observed and as the Gamma-Gamma model has it.
///
/// The model's curve is the mean over customers of the density of their mean spend, each at its
/// own number of repeat purchases; it reaches to the 99th percentile of what was observed.
///
/// # Errors
/// [`Error::Chart`] when there is no repeat customer with positive spend.
///
/// # Examples
/// ```
/// use cltv_notebook::charts;
/// use cltv_workflow::*;
/// let data = load(&Input::new("cdnow"))?;
/// let history = data.summary("week", "day")?;
/// let models = fit_models(&history, "bg_nbd")?;
/// let figure = charts::spend_density(&history, &models.spend, "$")?;
/// assert!(figure.chart().is_some());
/// # Ok::<(), cltv_workflow::Error>(())
/// ```
pub fn spend_density(history: &RfmSummary, spend: &Spend, currency: &str) -> Result<Figure, Error> {
    let (Some(fit), Some(monetary)) = (spend.model(), history.monetary()) else {
        return Ok(Figure::without_amounts());
    };
    let customers = history.frequency().iter().zip(monetary).filter(|&(&x, &m)| x > 0 && m > 0.0);
    let mut by_frequency: BTreeMap<u64, f64> = BTreeMap::new();
    let mut observed = Vec::new();
    for (&x, &mean) in customers {
        *by_frequency.entry(u64::from(x)).or_default() += 1.0;
        observed.push(mean);
    }
    let grid = spend_grid(&observed);
    let density: Vec<f64> = grid.iter().map(|&z| mixture(fit, &by_frequency, z)).collect();
    Figure::drawn(plots::spend_density(&observed, &grid, &density, currency))
}

fn spend_grid(observed: &[f64]) -> Vec<f64> {
    const POINTS: usize = 240;
    let mut sorted = observed.to_vec();
    sorted.sort_by(f64::total_cmp);
    let last = sorted.get((sorted.len() * 99) / 100).or(sorted.last()).copied().unwrap_or(1.0);
    (1..=POINTS).map(|i| last * i as f64 / POINTS as f64).collect()
}

fn mixture(fit: &Fitted<GammaGamma>, by_frequency: &BTreeMap<u64, f64>, z: f64) -> f64 {
    let all: f64 = by_frequency.values().sum();
    by_frequency.iter().map(|(&x, customers)| customers / all * fit.density(x, z)).sum()
}

/// Purchases expected in the next months of a customer of the oldest age, by frequency and recency.
///
/// # Errors
/// [`Error::Input`] when models and summary are of different time units.
///
/// # Examples
/// ```
/// use cltv_notebook::charts;
/// use cltv_workflow::*;
/// let data = load(&Input::new("cdnow"))?;
/// let history = data.summary("week", "day")?;
/// let models = fit_models(&history, "bg_nbd")?;
/// let figure = charts::expected_purchases_matrix(&history, &models, 6)?;
/// assert!(figure.chart().is_some());
/// # Ok::<(), cltv_workflow::Error>(())
/// ```
pub fn expected_purchases_matrix(
    history: &RfmSummary,
    models: &Models,
    months: u32,
) -> Result<Figure, Error> {
    let horizon = history.unit().from_months(f64::from(months));
    let grid = grid(history, models, |history| models.purchases.expected_purchases(history, horizon))?;
    Figure::drawn(plots::expected_purchases_matrix(&grid, horizon))
}

/// P(alive) of a customer of the oldest age, by frequency and recency.
///
/// # Errors
/// As [`expected_purchases_matrix`].
///
/// # Examples
/// ```
/// use cltv_notebook::charts;
/// use cltv_workflow::*;
/// let data = load(&Input::new("cdnow"))?;
/// let history = data.summary("week", "day")?;
/// let models = fit_models(&history, "bg_nbd")?;
/// let figure = charts::p_alive_matrix(&history, &models)?;
/// assert!(figure.chart().is_some());
/// # Ok::<(), cltv_workflow::Error>(())
/// ```
pub fn p_alive_matrix(history: &RfmSummary, models: &Models) -> Result<Figure, Error> {
    let grid = grid(history, models, |history| models.purchases.p_alive(history))?;
    Figure::drawn(plots::p_alive_matrix(&grid))
}

fn grid(summary: &RfmSummary, models: &Models, value: impl Fn(History) -> f64) -> Result<HistoryGrid, Error> {
    const MOST_PURCHASES: u64 = 30;
    const STEPS: usize = 40;
    models.purchases.check_unit(summary)?;
    let age = summary.age().iter().copied().fold(0.0, f64::max);
    let most = u64::from(summary.frequency().iter().copied().max().unwrap_or(0)).min(MOST_PURCHASES);
    let recency: Vec<f64> = (0..=STEPS).map(|i| age * i as f64 / STEPS as f64).collect();
    let frequency: Vec<u64> = (0..=most).collect();
    let cell = |x: u64, t_x: f64| History::try_new(x, t_x, age).ok().map(&value);
    let values = recency.iter().map(|&t_x| frequency.iter().map(|&x| cell(x, t_x)).collect()).collect();
    Ok(HistoryGrid { unit: summary.unit().name().to_owned(), age, frequency, recency, values })
}
