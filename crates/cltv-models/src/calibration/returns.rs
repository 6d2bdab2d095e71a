//! Forecast probabilities of a return against whether customers returned.

use serde::Serialize;

use crate::base::error::InputError;

/// Bins of reliability curves, as many customers in each as can be.
const BINS: usize = 10;

/// A bin of customers with similar forecasts.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ReliabilityBin {
    /// Customers.
    pub customers: usize,
    /// Mean forecast probability.
    pub forecast: f64,
    /// Share who returned. Customers with the same forecast have their mean outcome, so that the order of
    /// rows does not count.
    pub returned: f64,
    /// Standard deviation of that share if the forecasts are right: √Σ p (1 − p) / customers.
    pub deviation: f64,
}

/// Probabilities of a return, scored.
///
/// # References
/// Brier (1950), Verification of Forecasts Expressed in Terms of Probability, Monthly Weather Review 78(1);
/// Murphy (1973), A New Vector Partition of the Probability Score, Journal of Applied Meteorology 12(4), equation
/// 5; Stephenson, Coelho & Jolliffe (2008), Two Extra Components in the Brier Score Decomposition, Weather and
/// Forecasting 23(4).
///
/// # Examples
/// ```
/// use cltv_models::calibration::ReturnScores;
/// let scores = ReturnScores::of(&[0.9, 0.8, 0.3, 0.1], &[true, true, false, false])?;
/// assert_eq!(scores.auc, Some(1.0));
/// assert!((scores.brier - 0.0375).abs() < 1e-12);
/// let parts = scores.reliability - scores.resolution + scores.uncertainty + scores.within_bins;
/// assert!((parts - scores.brier).abs() < 1e-12);
/// # Ok::<(), cltv_models::InputError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReturnScores {
    /// Customers who returned.
    pub returned: usize,
    /// Sum of the forecast probabilities.
    pub expected: f64,
    /// Mean of (p − returned)².
    pub brier: f64,
    /// Σ n_k (p_k − o_k)² / n over bins with mean forecast p_k and share o_k of returns: 0 is best.
    pub reliability: f64,
    /// Σ n_k (o_k − o)² / n with the share o of all: the larger, the better.
    pub resolution: f64,
    /// o (1 − o), which no forecast changes.
    pub uncertainty: f64,
    /// The rest of the Brier score: forecasts differ within bins.
    pub within_bins: f64,
    /// Expected calibration error: Σ n_k |p_k − o_k| / n.
    pub ece: f64,
    /// Probability that a customer who returned has a higher forecast than one who did not, ties counting half;
    /// `None` when all did the same.
    pub auc: Option<f64>,
    /// Ten bins of customers by rising forecast.
    pub curve: Vec<ReliabilityBin>,
}

impl ReturnScores {
    /// Of one probability and one outcome a customer.
    ///
    /// # Errors
    /// [`InputError::LengthMismatch`] without one outcome a forecast, [`InputError::NoCustomers`] without any,
    /// [`InputError::BadOption`] for a forecast outside [0, 1].
    pub fn of(forecast: &[f64], returned: &[bool]) -> Result<Self, InputError> {
        super::check(forecast.len(), returned.len())?;
        if let Some(&value) = forecast.iter().find(|p| !(-1e-9..=1.0 + 1e-9).contains(*p)) {
            let bound = "a probability, between 0 and 1";
            return Err(InputError::BadOption { name: "return probability", value, bound });
        }
        let n = forecast.len() as f64;
        let outcome = |i: usize| f64::from(u8::from(returned[i]));
        let curve = curve(forecast, returned);
        let count = returned.iter().filter(|returned| **returned).count();
        let share = count as f64 / n;
        let over = |part: &dyn Fn(&ReliabilityBin) -> f64| {
            curve.iter().map(|bin| bin.customers as f64 * part(bin)).sum::<f64>() / n
        };
        let brier = forecast.iter().enumerate().map(|(i, p)| (p - outcome(i)).powi(2)).sum::<f64>() / n;
        let reliability = over(&|bin| (bin.forecast - bin.returned).powi(2));
        let resolution = over(&|bin| (bin.returned - share).powi(2));
        let uncertainty = share * (1.0 - share);
        Ok(Self {
            returned: count,
            expected: forecast.iter().sum(),
            brier,
            reliability,
            resolution,
            uncertainty,
            within_bins: brier - reliability + resolution - uncertainty,
            ece: over(&|bin| (bin.forecast - bin.returned).abs()),
            auc: auc(forecast, returned),
            curve,
        })
    }
}

/// Customers by rising forecast, the rows with the same one together.
fn by_forecast(forecast: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..forecast.len()).collect();
    order.sort_by(|&i, &j| forecast[i].total_cmp(&forecast[j]));
    order
}

/// Bins of customers by rising forecast; the first ones have one more where they cannot be equal.
fn curve(forecast: &[f64], returned: &[bool]) -> Vec<ReliabilityBin> {
    let order = by_forecast(forecast);
    let mut outcome = Vec::with_capacity(order.len());
    for ties in order.chunk_by(|&i, &j| forecast[i] == forecast[j]) {
        let share = ties.iter().filter(|&&i| returned[i]).count() as f64 / ties.len() as f64;
        outcome.resize(outcome.len() + ties.len(), share);
    }
    let (n, bins) = (order.len(), BINS.min(order.len()));
    let mut start = 0;
    let bin = |k: usize| {
        let customers = n / bins + usize::from(k < n % bins);
        let range = start..start + customers;
        start += customers;
        let mean = |figure: &dyn Fn(usize) -> f64| range.clone().map(figure).sum::<f64>() / customers as f64;
        let variance = mean(&|k| forecast[order[k]] * (1.0 - forecast[order[k]]));
        ReliabilityBin {
            customers,
            forecast: mean(&|k| forecast[order[k]]),
            returned: mean(&|k| outcome[k]),
            deviation: (variance.max(0.0) / customers as f64).sqrt(),
        }
    };
    (0..bins).map(bin).collect()
}

/// Mann and Whitney's statistic by mid-ranks.
fn auc(forecast: &[f64], returned: &[bool]) -> Option<f64> {
    let (mut rank, mut ranks, mut hits) = (0.0, 0.0, 0.0);
    for ties in by_forecast(forecast).chunk_by(|&i, &j| forecast[i] == forecast[j]) {
        let hit = ties.iter().filter(|&&i| returned[i]).count() as f64;
        ranks += hit * (rank + 0.5 * (ties.len() as f64 + 1.0));
        rank += ties.len() as f64;
        hits += hit;
    }
    let misses = rank - hits;
    (hits > 0.0 && misses > 0.0).then(|| (ranks - 0.5 * hits * (hits + 1.0)) / (hits * misses))
}
