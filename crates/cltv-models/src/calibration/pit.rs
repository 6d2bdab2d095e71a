//! The probability integral transform of counts, without a random part.

use serde::Serialize;

use super::interpolated;
use super::null::{Null, simulated};
use crate::base::error::InputError;
use crate::predictive::CountDistribution;

/// Steps of the grid on which the distance from the uniform distribution is measured.
const STEPS: usize = 2_000;
/// Grid points inside one customer's step up to which they are added one by one.
const FEW: usize = 64;

/// The PIT of counts: G(u) = mean over customers of clip((u − F(y−1)) / P(y), 0, 1).
///
/// A customer's part is the distribution function of a uniform number between F(y−1) and F(y), so that
/// nothing is random. If the forecasts are right, G(u) = u but for chance; G above u at small u means too
/// few purchases forecast, G below it too many.
///
/// # References
/// Czado, Gneiting & Held (2009), Predictive Model Assessment for Count Data, Biometrics 65(4), 1254-1261,
/// equation 2.
///
/// # Examples
/// ```
/// use cltv_models::CountDistribution;
/// use cltv_models::calibration::Pit;
/// let forecast = [0.7, 0.2, 0.1];
/// let forecasts = vec![CountDistribution::try_new(&forecast)?; 10];
/// let pit = Pit::of(&forecasts, &[0, 0, 0, 0, 0, 0, 0, 1, 1, 2])?;
/// assert!((pit.at(0.35) - 0.35).abs() < 1e-12);
/// assert!(pit.ks() < 1e-12);
/// // Ten customers without a purchase are more than forecast.
/// assert!((Pit::of(&forecasts, &[0; 10])?.ks() - 0.3).abs() < 1e-12);
/// # Ok::<(), cltv_models::InputError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Pit {
    /// G at 0, 1/2000, …, 1.
    grid: Vec<f64>,
}

impl Pit {
    /// Of one forecast and one outcome a customer; an outcome beyond the last count of a forecast is that
    /// count.
    ///
    /// # Errors
    /// [`InputError::LengthMismatch`] without one outcome a forecast, [`InputError::NoCustomers`] without any.
    pub fn of(forecasts: &[CountDistribution<'_>], actual: &[u64]) -> Result<Self, InputError> {
        super::check(forecasts.len(), actual.len())?;
        let steps = forecasts.iter().zip(actual).map(|(forecast, &y)| step(forecast, y));
        Ok(Self::from_steps(steps, forecasts.len()))
    }

    /// From F(y−1) and P(y) of each customer.
    pub(super) fn from_steps(steps: impl Iterator<Item = (f64, f64)>, customers: usize) -> Self {
        let mut sums = Sums::default();
        sums.values.resize(STEPS + 1, 0.0);
        sums.differences.resize(STEPS + 2, (0.0, 0.0));
        for (below, at) in steps {
            sums.add(below, at.max(1e-300));
        }
        Self { grid: sums.into_grid(customers as f64) }
    }

    /// G(u), by linear interpolation of its grid of 2,000 steps.
    #[must_use]
    pub fn at(&self, u: f64) -> f64 {
        interpolated(&self.grid, u)
    }

    /// The Kolmogorov-Smirnov distance of G from the uniform distribution, on the grid.
    #[must_use]
    pub fn ks(&self) -> f64 {
        let distance = |(k, g): (usize, &f64)| (g - k as f64 / STEPS as f64).abs();
        self.grid.iter().enumerate().map(distance).fold(0.0, f64::max)
    }

    /// The share of outcomes in the central interval of a level, G((1 + level)/2) − G((1 − level)/2): the level
    /// itself for right forecasts, although counts are whole.
    #[must_use]
    pub fn central(&self, level: f64) -> f64 {
        self.at(0.5 * (1.0 + level)) - self.at(0.5 * (1.0 - level))
    }

    /// The shares of outcomes in the lower and in the upper tail outside the central interval of a level;
    /// (1 − level)/2 each for right forecasts.
    #[must_use]
    pub fn tails(&self, level: f64) -> (f64, f64) {
        (self.at(0.5 * (1.0 - level)), 1.0 - self.at(0.5 * (1.0 + level)))
    }

    /// G at u = 0, 1/n, …, 1.
    #[must_use]
    pub fn curve(&self, n: usize) -> Vec<(f64, f64)> {
        let point = |k: usize| {
            let u = k as f64 / n.max(1) as f64;
            (u, self.at(u))
        };
        (0..=n).map(point).collect()
    }

    /// What chance alone does to [`Pit::ks`] if the forecasts are right: outcomes drawn from them `runs` times.
    ///
    /// # Errors
    /// [`InputError::NoCustomers`] without forecasts; [`InputError::BadOption`] for fewer than 20 runs.
    ///
    /// # Examples
    /// ```
    /// use cltv_models::CountDistribution;
    /// use cltv_models::calibration::Pit;
    /// let forecast = [0.7, 0.2, 0.1];
    /// let forecasts = vec![CountDistribution::try_new(&forecast)?; 400];
    /// let null = Pit::null(&forecasts, 200, 1)?;
    /// assert!(null.low < null.mean && null.mean < null.high && null.high < 0.1);
    /// let pit = Pit::of(&forecasts, &[0; 400])?;
    /// assert!(null.p_value(pit.ks()) < 0.01);
    /// # Ok::<(), cltv_models::InputError>(())
    /// ```
    pub fn null(forecasts: &[CountDistribution<'_>], runs: usize, seed: u64) -> Result<Null, InputError> {
        super::check(forecasts.len(), forecasts.len())?;
        simulated(forecasts, runs, seed, |actual| {
            let steps = forecasts.iter().zip(actual).map(|(forecast, &y)| step(forecast, y));
            Self::from_steps(steps, forecasts.len()).ks()
        })
    }
}

/// F(y−1) and P(y); an outcome beyond the last count is that count.
pub(super) fn step(forecast: &CountDistribution<'_>, y: u64) -> (f64, f64) {
    let chances = forecast.chances();
    let y = usize::try_from(y).unwrap_or(usize::MAX).min(chances.len().saturating_sub(1));
    (chances[..y].iter().sum(), chances[y])
}

/// Sums over customers of piecewise linear functions at the grid's points.
#[derive(Default)]
struct Sums {
    values: Vec<f64>,
    /// Changes of the slope and of the constant of the sum from a grid point on.
    differences: Vec<(f64, f64)>,
}

impl Sums {
    /// Adds clip((u − below) / at, 0, 1).
    fn add(&mut self, below: f64, at: f64) {
        let steps = STEPS as f64;
        let first = |u: f64| ((u * steps).ceil().max(0.0) as usize).min(STEPS + 1);
        let (start, end) = (first(below), first(below + at));
        if end - start <= FEW {
            for k in start..end {
                self.values[k] += ((k as f64 / steps - below) / at).clamp(0.0, 1.0);
            }
        } else {
            self.change(start, 1.0 / at, -below / at);
            self.change(end, -1.0 / at, below / at);
        }
        self.change(end, 0.0, 1.0);
    }

    fn change(&mut self, from: usize, slope: f64, constant: f64) {
        let change = &mut self.differences[from];
        *change = (change.0 + slope, change.1 + constant);
    }

    fn into_grid(self, customers: f64) -> Vec<f64> {
        let (mut slope, mut constant) = (0.0, 0.0);
        let point = |(k, (value, change)): (usize, (f64, (f64, f64)))| {
            slope += change.0;
            constant += change.1;
            (value + slope * (k as f64 / STEPS as f64) + constant) / customers
        };
        self.values.into_iter().zip(self.differences).enumerate().map(point).collect()
    }
}
