//! Mean spends drawn from a Gamma-Gamma model.

use crate::numeric::random::Draws;
use crate::spend::gamma_gamma::GammaGammaParams;

/// One mean spend for each number of repeat purchases; 0 where there are none.
#[must_use]
pub fn simulate_spend(params: &GammaGammaParams, frequency: &[u64], seed: u64) -> Vec<f64> {
    let mut draws = Draws::new(seed);
    frequency
        .iter()
        .map(|&x| {
            if x == 0 {
                return 0.0;
            }
            let rate = draws.gamma(params.q()) / params.v();
            draws.gamma(params.p() * x as f64) / (rate * x as f64)
        })
        .collect()
}
