//! What chance alone does to a figure of right forecasts.

use serde::Serialize;

use crate::base::error::InputError;
use crate::numeric::parallel::in_pieces;
use crate::numeric::quantile::quantile;
use crate::numeric::random::{Draws, seed_of_run};
use crate::predictive::CountDistribution;

/// Runs below which the ends of a distribution are not known.
const FEWEST: usize = 20;

/// The distribution of a figure over outcomes that are drawn from the forecasts themselves: a parametric
/// bootstrap under the hypothesis that the forecasts are right.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Null {
    /// Mean.
    pub mean: f64,
    /// 5% quantile.
    pub low: f64,
    /// 95% quantile.
    pub high: f64,
    /// The figure of each run, rising.
    pub runs: Vec<f64>,
}

impl Null {
    fn of(mut runs: Vec<f64>) -> Self {
        runs.sort_unstable_by(f64::total_cmp);
        let mean = runs.iter().sum::<f64>() / runs.len() as f64;
        Self { mean, low: quantile(&runs, 0.05), high: quantile(&runs, 0.95), runs }
    }

    /// The same of a figure that is larger by a factor.
    pub(super) fn times(self, factor: f64) -> Self {
        Self::of(self.runs.into_iter().map(|run| factor * run).collect())
    }

    /// The probability that right forecasts have a figure of at least this: (1 + runs as large) / (1 + runs).
    ///
    /// # References
    /// Davison & Hinkley (1997), Bootstrap Methods and their Application, equation 4.11.
    #[must_use]
    pub fn p_value(&self, figure: f64) -> f64 {
        let larger = self.runs.len() - self.runs.partition_point(|run| *run < figure);
        (1 + larger) as f64 / (1 + self.runs.len()) as f64
    }
}

/// A figure of outcomes drawn from forecasts, `runs` times; the same seed gives the same.
pub(super) fn simulated(
    forecasts: &[CountDistribution<'_>],
    runs: usize,
    seed: u64,
    figure: impl Fn(&[u64]) -> f64 + Sync,
) -> Result<Null, InputError> {
    if runs < FEWEST {
        let bound = "20 or more; 200 know a 5% and a 95% quantile";
        return Err(InputError::BadOption { name: "runs", value: runs as f64, bound });
    }
    let figures = in_pieces(runs, 1, |one| {
        let mut draws = Draws::new(seed_of_run(seed, one.start));
        let actual: Vec<u64> = forecasts.iter().map(|forecast| forecast.quantile(draws.uniform())).collect();
        figure(&actual)
    });
    Ok(Null::of(figures))
}
