//! What earlier origins say about the next forecast, or why they say nothing.

use serde::Serialize;
use statrs::distribution::{ChiSquared, ContinuousCDF, StudentsT};

use super::{PastForecast, Pit, PitMap};
use crate::base::error::InputError;
use crate::predictive::{SumForecast, check_level};

/// Earlier origins from which anything is estimated.
pub const FEWEST_ORIGINS: usize = 3;
/// Shortest and longest holdout of an origin, as parts of the horizon: a shorter one does not contain the same
/// seasons and less dropout.
const ABOUT: std::ops::RangeInclusive<f64> = 0.9..=1.1;
/// p-value from which chance explains a deviation.
const CHANCE: f64 = 0.05;
/// Weights of a map that are tried.
const WEIGHTS: [f64; 4] = [0.25, 0.5, 0.75, 1.0];

/// Why earlier origins change nothing.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// Too few origins.
    #[error(
        "{found} of {given} earlier origins have a holdout about as long as the horizon of {horizon:.1}, and {FEWEST_ORIGINS} are needed, so that nothing is recalibrated; give more origins, or a shorter horizon"
    )]
    TooFewOrigins {
        /// Origins with such a holdout.
        found: usize,
        /// All origins.
        given: usize,
        /// The forecast's horizon.
        horizon: f64,
    },
    /// The distributions were right.
    #[error(
        "chance explains how the distributions came true at {within} of {origins} earlier origins (mean KS distance {distance:.3}), so that the distributions of customers are left as they are"
    )]
    DistributionsHold {
        /// Origins whose distance chance explains.
        within: usize,
        /// All origins.
        origins: usize,
        /// Mean distance.
        distance: f64,
    },
    /// The intervals of totals were right.
    #[error(
        "the totals at {origins} earlier origins were off by {off:.1}% on average, which parameter uncertainty and chance explain ({explained:.1}%), so that their intervals are left as they are"
    )]
    TotalsHold {
        /// Origins.
        origins: usize,
        /// Root mean squared ln(actual / expected), in percent.
        off: f64,
        /// The same of right forecasts, in percent.
        explained: f64,
    },
    /// The errors changed from origin to origin.
    #[error(
        "maps estimated at earlier origins improved the distributions of {improved} of {tested} later ones, and would have to improve all, so that past errors do not carry over and the distributions of customers are left as they are"
    )]
    NotBetter {
        /// Later origins at which the best map lowered the CRPS.
        improved: usize,
        /// Origins from the second on.
        tested: usize,
    },
    /// An origin at which nothing was expected.
    #[error(
        "at the earlier origin {name:?} {expected:.1} purchases were expected and {purchases} made, so that the ratio says nothing"
    )]
    NoPurchases {
        /// The origin.
        name: String,
        /// Purchases made.
        purchases: u64,
        /// Purchases expected.
        expected: f64,
    },
    /// A forecast that cannot be scored.
    #[error(transparent)]
    Input(#[from] InputError),
}

/// A map of predictive distributions, estimated from earlier origins and tested at the later ones of them.
///
/// # Examples
/// ```
/// use cltv_models::{BgNbdParams, Predictive, TimeUnit, simulate_split};
/// use cltv_models::calibration::{MapFromPast, PastForecast, Refusal};
/// let truth = BgNbdParams::new(0.5, 4.0, 0.8, 2.4, TimeUnit::Week)?;
/// let wrong = Predictive::at(BgNbdParams::new(0.5, 4.0, 0.8, 9.0, TimeUnit::Week)?);
/// let past = |predictive: &Predictive<BgNbdParams>, seed: u64| {
///     let split = simulate_split(&truth, &[39.0; 1500], 26.0, seed)?;
///     PastForecast::of(format!("{seed}"), predictive, split.calibration(), split.actual(), 26.0)
/// };
/// let wrong = [past(&wrong, 1)?, past(&wrong, 2)?, past(&wrong, 3)?];
/// let found = MapFromPast::estimate(&wrong, 26.0)?;
/// assert!(found.mapped < found.raw);
/// assert!(wrong[2].scores_mapped(&found.map)?.pit_ks < 0.5 * wrong[2].scores().pit_ks);
/// let right = Predictive::at(truth);
/// let right = [past(&right, 1)?, past(&right, 2)?, past(&right, 3)?];
/// let refusal = MapFromPast::estimate(&right, 26.0).unwrap_err();
/// assert!(matches!(refusal, Refusal::DistributionsHold { .. }), "{refusal}");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MapFromPast {
    /// The map: the mean of the PITs of the origins, by `weight`, or of the latest one alone.
    pub map: PitMap,
    /// The weight against no map that was best at the earlier origins.
    pub weight: f64,
    /// Whether the latest origin alone was better than the mean of all.
    pub latest_alone: bool,
    /// Mean CRPS of the origins from the second on, as they were forecast.
    pub raw: f64,
    /// The same after maps that were estimated from the origins before each.
    pub mapped: f64,
    /// Origins.
    pub origins: usize,
}

impl MapFromPast {
    /// Estimates a map for a forecast of this horizon from earlier origins, the oldest first.
    ///
    /// 1. Origins count whose holdout has 0.9 to 1.1 times the horizon; three are needed.
    /// 2. If chance explains the KS distance of the PIT at most of them (p-values above 0.05 of
    ///    [`super::Pit::null`]), there is nothing to mend.
    /// 3. At each origin from the second on, maps from the origin before it or from all before it, with weights
    ///    0.25 to 1, are scored by CRPS. Of those that improve every one of these origins, the map with the
    ///    lowest mean is taken; where there is none, errors do not carry over and nothing is changed.
    ///
    /// Where holdouts overlap, that of an earlier origin ends after the next one begins, and the test shows
    /// that errors last rather than what was known then; origins should be a quarter of the horizon apart or
    /// more, and cover a year where there are seasons.
    ///
    /// # Errors
    /// A [`Refusal`] that says why nothing is changed.
    pub fn estimate(past: &[PastForecast], horizon: f64) -> Result<Self, Refusal> {
        let past = comparable(past, horizon)?;
        let held = past.iter().filter(|past| past.null().p_value(past.scores().pit_ks) > CHANCE).count();
        if 2 * held > past.len() {
            let distance = past.iter().map(|past| past.scores().pit_ks).sum::<f64>() / past.len() as f64;
            return Err(Refusal::DistributionsHold { within: held, origins: past.len(), distance });
        }
        let pits = past.iter().map(|past| past.pit()).collect::<Result<Vec<_>, _>>()?;
        let trials = trials(&past, &pits)?;
        let better = trials.iter().filter(|trial| trial.improved == past.len() - 1);
        let Some(best) = better.min_by(|left, right| left.mapped.total_cmp(&right.mapped)) else {
            let improved = trials.iter().map(|trial| trial.improved).max().unwrap_or(0);
            return Err(Refusal::NotBetter { improved, tested: past.len() - 1 });
        };
        let map = PitMap::of(&pits[best.first(pits.len())..], best.weight)?;
        let raw = past[1..].iter().map(|past| past.scores().crps).sum::<f64>() / (past.len() - 1) as f64;
        let Trial { weight, latest_alone, mapped, .. } = *best;
        Ok(Self { map, weight, latest_alone, raw, mapped, origins: past.len() })
    }
}

/// One way to make maps, and what it does at the origins from the second on.
struct Trial {
    weight: f64,
    latest_alone: bool,
    /// Mean CRPS.
    mapped: f64,
    /// Origins with a lower CRPS than without a map.
    improved: usize,
}

impl Trial {
    /// The first of the origins before the one at `place` that are used.
    fn first(&self, place: usize) -> usize {
        if self.latest_alone { place - 1 } else { 0 }
    }

    fn run(&mut self, past: &[&PastForecast], pits: &[Pit]) -> Result<(), InputError> {
        for (k, past) in past.iter().enumerate().skip(1) {
            let crps = past.mean_crps(&PitMap::of(&pits[self.first(k)..k], self.weight)?);
            self.mapped += crps / (pits.len() - 1) as f64;
            self.improved += usize::from(crps < past.scores().crps);
        }
        Ok(())
    }
}

fn trials(past: &[&PastForecast], pits: &[Pit]) -> Result<Vec<Trial>, InputError> {
    let mut trials = Vec::new();
    for latest_alone in [false, true] {
        for weight in WEIGHTS {
            let mut trial = Trial { weight, latest_alone, mapped: 0.0, improved: 0 };
            trial.run(past, pits)?;
            trials.push(trial);
        }
    }
    Ok(trials)
}

/// Errors of totals at earlier origins, for intervals of the next total.
///
/// With e_i = ln(actual / expected) and one more origin without an error, which shrinks the estimates: shift
/// b = Σ e_i / (m + 1), variance v = [b² + Σ (e_i − b)²] / m, and the next ln error is b + √(v (1 + 1/(m+1))) times
/// a Student t with m degrees of freedom, as for a normal sample. The errors contain the sampling error of each
/// origin's total, and of overlapping holdouts less is known than m origins suggest.
///
/// # Examples
/// ```
/// use cltv_models::{BgNbdParams, Predictive, TimeUnit, simulate_split};
/// use cltv_models::calibration::{PastForecast, TotalsFromPast};
/// let truth = BgNbdParams::new(0.5, 4.0, 0.8, 2.4, TimeUnit::Week)?;
/// let predictive = Predictive::at(BgNbdParams::new(0.5, 4.0, 0.8, 9.0, TimeUnit::Week)?);
/// let split = |seed: u64| simulate_split(&truth, &[39.0; 1500], 26.0, seed);
/// let past = |seed: u64| {
///     let split = split(seed)?;
///     PastForecast::of(format!("{seed}"), &predictive, split.calibration(), split.actual(), 26.0)
/// };
/// let totals = TotalsFromPast::estimate(&[past(1)?, past(2)?, past(3)?, past(4)?], 26.0)?;
/// let next = split(5)?;
/// let total = predictive.total(next.calibration(), 26.0, 0.95)?;
/// let actual = next.actual().iter().sum::<u64>() as f64;
/// assert!(actual < total.low);
/// let (low, high) = totals.interval(&total, 0.95)?;
/// assert!(low < actual && actual < high);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct TotalsFromPast {
    /// Shift of ln total.
    pub shift: f64,
    /// Scale of the Student t distribution of ln total around it.
    pub scale: f64,
    /// Origins, which are the degrees of freedom.
    pub origins: usize,
}

impl TotalsFromPast {
    /// Estimates the errors of totals for a forecast of this horizon from earlier origins.
    ///
    /// # Errors
    /// A [`Refusal`]: fewer than three origins with a holdout of 0.9 to 1.1 times the horizon, or errors that
    /// parameter uncertainty and chance explain (a χ² test of Σ (e_i / standard deviation of ln total)², p-value
    /// above 0.05).
    pub fn estimate(past: &[PastForecast], horizon: f64) -> Result<Self, Refusal> {
        let past = comparable(past, horizon)?;
        let (mut errors, mut squares, mut explained) = (Vec::new(), 0.0, 0.0);
        for past in &past {
            let total = past.total();
            // Without a purchase the logarithm is taken half a purchase above 0.
            let error = match past.actual_total() {
                0 => (0.5 / (total.expected + 0.5)).ln(),
                _ => past.ln_error(),
            };
            if !error.is_finite() {
                let (name, purchases) = (past.name().to_owned(), past.actual_total());
                return Err(Refusal::NoPurchases { name, purchases, expected: total.expected });
            }
            let relative = total.standard_deviation / total.expected;
            squares += (error / relative).powi(2);
            explained += relative * relative;
            errors.push(error);
        }
        let m = errors.len() as f64;
        let tail = ChiSquared::new(m).map_or(0.0, |chance| chance.sf(squares));
        if tail > CHANCE {
            let off = 100.0 * (errors.iter().map(|e| e * e).sum::<f64>() / m).sqrt();
            let explained = 100.0 * (explained / m).sqrt();
            return Err(Refusal::TotalsHold { origins: errors.len(), off, explained });
        }
        let shift = errors.iter().sum::<f64>() / (m + 1.0);
        let around = shift * shift + errors.iter().map(|e| (e - shift).powi(2)).sum::<f64>();
        let scale = (around / m * (1.0 + 1.0 / (m + 1.0))).sqrt();
        Ok(Self { shift, scale, origins: errors.len() })
    }

    /// The interval of a total after the errors of the past: shifted, and never narrower than the model's own,
    /// as a ratio of its ends.
    ///
    /// # Errors
    /// [`InputError::BadOption`] for a level outside (0, 1).
    pub fn interval(&self, total: &SumForecast, level: f64) -> Result<(f64, f64), InputError> {
        check_level(level)?;
        let student = StudentsT::new(0.0, 1.0, self.origins as f64);
        let quantile = student.map_or(f64::NAN, |student| student.inverse_cdf(0.5 * (1.0 + level)));
        let middle = total.expected * self.shift.exp();
        let own = if total.low > 0.0 { 0.5 * (total.high / total.low).ln() } else { 0.0 };
        let half = (quantile * self.scale).max(own);
        Ok((middle * (-half).exp(), middle * half.exp()))
    }

    /// The expected total after the shift; only for forecasts whose point is to be recalibrated too.
    #[must_use]
    pub fn expected(&self, total: &SumForecast) -> f64 {
        total.expected * self.shift.exp()
    }
}

/// The origins whose holdout is about as long as the horizon.
fn comparable(past: &[PastForecast], horizon: f64) -> Result<Vec<&PastForecast>, Refusal> {
    let usable: Vec<&PastForecast> =
        past.iter().filter(|past| ABOUT.contains(&(past.horizon() / horizon))).collect();
    if usable.len() < FEWEST_ORIGINS {
        return Err(Refusal::TooFewOrigins { found: usable.len(), given: past.len(), horizon });
    }
    Ok(usable)
}
