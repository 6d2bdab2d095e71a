//! Scores of forecast distributions of counts, intervals and times.

use super::{Pit, ReturnScores};
use crate::base::error::InputError;
use crate::numeric::gauss::integral;
use crate::predictive::{CountDistribution, Predictive};
use crate::purchases::predictions::PurchasePredictions;
use crate::summary::history::History;
use serde::Serialize;

/// Part of the horizon that the first panel of an integral over time has at most.
const PANEL: f64 = 0.25;

/// Continuous ranked probability score of a count: Σ_k (F(k) − 1{k ≥ y})², 0 for a certain and right forecast.
///
/// An outcome beyond the last count of the forecast is that count.
///
/// # References
/// Gneiting & Raftery (2007), Strictly Proper Scoring Rules, Prediction, and Estimation, Journal of the
/// American Statistical Association 102(477), equation 20; for counts, Czado, Gneiting & Held (2009), equation 4.
///
/// # Examples
/// ```
/// use cltv_models::{CountDistribution, calibration::crps};
/// let forecast = CountDistribution::try_new(&[0.5, 0.3, 0.2])?;
/// assert!((crps(&forecast, 1) - (0.25 + 0.04)).abs() < 1e-12);
/// # Ok::<(), cltv_models::InputError>(())
/// ```
#[must_use]
pub fn crps(forecast: &CountDistribution<'_>, y: u64) -> f64 {
    let chances = forecast.chances();
    let y = usize::try_from(y).unwrap_or(usize::MAX).min(chances.len().saturating_sub(1));
    let (mut below, mut sum) = (0.0, 0.0);
    for (k, chance) in chances.iter().enumerate() {
        below += chance;
        let miss = if k >= y { below - 1.0 } else { below };
        sum += miss * miss;
    }
    sum
}

/// Interval score of a central interval of a level: its width plus 2/(1 − level) times the distance of an
/// outcome outside. The lower, the better; wide intervals and misses both cost.
///
/// # References
/// Gneiting & Raftery (2007), equation 43.
///
/// # Examples
/// ```
/// use cltv_models::calibration::interval_score;
/// assert_eq!(interval_score((1_461.0, 1_859.0), 1_600.0, 0.95), 398.0);
/// // 23 above the interval, at 40 each.
/// assert!((interval_score((1_461.0, 1_859.0), 1_882.0, 0.95) - (398.0 + 40.0 * 23.0)).abs() < 1e-9);
/// ```
#[must_use]
pub fn interval_score((low, high): (f64, f64), actual: f64, level: f64) -> f64 {
    high - low + 2.0 / (1.0 - level) * ((low - actual).max(0.0) + (actual - high).max(0.0))
}

/// CRPS of the time to the next purchase, censored at the horizon H: ∫_0^H (F(t) − 1{v ≤ t})² dt in time units,
/// with F(t) = P(a purchase in (T, T + t]) and the time v of the next purchase, `None` without one up to H.
///
/// Times beyond the horizon are not seen, so that the score weighs those up to it alone; it is proper.
///
/// # References
/// Gneiting & Ranjan (2011), Comparing Density Forecasts Using Threshold- and Quantile-Weighted Scoring Rules,
/// Journal of Business & Economic Statistics 29(3), equation 15.
///
/// # Errors
/// [`InputError::BadOption`] for a horizon that is not positive and finite, or a time that is not between 0
/// and it.
///
/// # Examples
/// ```
/// use cltv_models::{History, NbdParams, Predictive, TimeUnit, calibration::crps_next_purchase};
/// let predictive = Predictive::at(NbdParams::new(1.0, 10.0, TimeUnit::Week)?);
/// let new = History::try_new(0, 0.0, 0.0)?;
/// // F(t) = t/(10 + t): ∫_0^10 F² dt = 10 − 20 ln 2 + 5.
/// let score = crps_next_purchase(&predictive, new, None, 10.0)?;
/// assert!((score - (15.0 - 20.0 * 2.0_f64.ln())).abs() < 1e-10);
/// # Ok::<(), cltv_models::InputError>(())
/// ```
pub fn crps_next_purchase<P: PurchasePredictions>(
    predictive: &Predictive<P>,
    history: History,
    next: Option<f64>,
    horizon: f64,
) -> Result<f64, InputError> {
    if !(horizon > 0.0 && horizon.is_finite()) {
        let bound = "a positive, finite number of the model's time units";
        return Err(InputError::BadOption { name: "horizon", value: horizon, bound });
    }
    let at = next.unwrap_or(horizon);
    if !(at >= 0.0 && at <= horizon) {
        let bound = "between 0 and the horizon; give None for a customer who did not return within it";
        return Err(InputError::BadOption { name: "time to the next purchase", value: at, bound });
    }
    let squared = |from: f64, to: f64, f: &dyn Fn(f64) -> f64| match to > from {
        true => integral(from, to, PANEL * horizon, |t| f(t).powi(2)),
        false => 0.0,
    };
    let before = squared(0.0, at, &|t| predictive.p_return(history, t));
    Ok(before + squared(at, horizon, &|t| predictive.no_purchase_within(history, t)))
}

/// All figures of forecasts of counts against what customers did, as defined by their functions.
///
/// # Examples
/// ```
/// use cltv_models::{BgNbdParams, Predictive, TimeUnit, simulate_split};
/// use cltv_models::calibration::CountScores;
/// let truth = BgNbdParams::new(0.5, 4.0, 0.8, 2.4, TimeUnit::Week)?;
/// let split = simulate_split(&truth, &[39.0; 2000], 39.0, 42)?;
/// let counts = Predictive::at(truth).counts(split.calibration(), 39.0)?;
/// let repeat: Vec<bool> = split.calibration().frequency().iter().map(|&x| x > 0).collect();
/// let scores = CountScores::of(&counts.distributions(), split.actual(), &repeat, 0.95)?;
/// // The forecasts are right: what is left is chance.
/// assert!(scores.pit_ks < 0.03 && (scores.pit_central - 0.95).abs() < 0.02);
/// assert!(scores.coverage >= 0.95 && scores.returns.ece < 0.04);
/// # Ok::<(), cltv_models::InputError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CountScores {
    /// Customers.
    pub customers: usize,
    /// Mean [`crps`].
    pub crps: f64,
    /// [`Pit::ks`].
    pub pit_ks: f64,
    /// The same of customers with a repeat purchase before; `None` without any.
    pub pit_ks_repeat: Option<f64>,
    /// [`Pit::central`] at `level`.
    pub pit_central: f64,
    /// [`Pit::tails`] at `level`.
    pub tails: (f64, f64),
    /// Share of customers inside their central interval, [`CountDistribution::interval`]; above the level for
    /// right forecasts, because counts are whole.
    pub coverage: f64,
    /// Mean [`interval_score`] of these intervals.
    pub interval: f64,
    /// The level of the intervals.
    pub level: f64,
    /// Probabilities of at least one purchase.
    pub returns: ReturnScores,
}

impl CountScores {
    /// Of one forecast and one outcome a customer; `repeat` tells who had bought at least twice before.
    ///
    /// # Errors
    /// [`InputError::LengthMismatch`] without one outcome a forecast, [`InputError::NoCustomers`] without any,
    /// [`InputError::BadOption`] for a level outside (0, 1).
    pub fn of(
        forecasts: &[CountDistribution<'_>],
        actual: &[u64],
        repeat: &[bool],
        level: f64,
    ) -> Result<Self, InputError> {
        super::check(forecasts.len(), actual.len())?;
        super::check(forecasts.len(), repeat.len())?;
        crate::predictive::check_level(level)?;
        let (n, all) = (forecasts.len() as f64, || forecasts.iter().zip(actual));
        let pit = Pit::of(forecasts, actual)?;
        let again = || all().zip(repeat).filter(|(_, repeat)| **repeat);
        let steps = again().map(|((forecast, &y), _)| super::pit::step(forecast, y));
        let again = again().count();
        let (mut covered, mut interval) = (0, 0.0);
        for (forecast, &y) in all() {
            let (low, high) = forecast.interval(level);
            covered += usize::from(low <= y && y <= high);
            interval += interval_score((low as f64, high as f64), y as f64, level);
        }
        let returned: Vec<bool> = actual.iter().map(|&y| y > 0).collect();
        let chances: Vec<f64> = forecasts.iter().map(CountDistribution::at_least_one).collect();
        Ok(Self {
            customers: forecasts.len(),
            crps: all().map(|(forecast, &y)| crps(forecast, y)).sum::<f64>() / n,
            pit_ks: pit.ks(),
            pit_ks_repeat: (again > 0).then(|| Pit::from_steps(steps, again).ks()),
            pit_central: pit.central(level),
            tails: pit.tails(level),
            coverage: covered as f64 / n,
            interval: interval / n,
            level,
            returns: ReturnScores::of(&chances, &returned)?,
        })
    }
}
