//! Whether chains can be trusted, and how many independent draws they are worth.
//!
//! # References
//! Vehtari, Gelman, Simpson, Carpenter & Bürkner (2021), Rank-Normalization, Folding, and
//! Localization: An Improved R̂ for Assessing Convergence of MCMC, Bayesian Analysis 16(2),
//! 667-718. Equation numbers are theirs.

use serde::Serialize;
use statrs::function::erf::erf_inv;

use crate::numeric::quantile::quantile;

/// Convergence diagnostics of the chains of one quantity.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Diagnostics {
    /// How much wider all chains together are than each alone: the larger of the rank-normalised
    /// split R̂ of the values and of their distances from the median. 1 when the chains agree; NaN
    /// for constant chains.
    pub r_hat: f64,
    /// Bulk effective sample size (rank-normalised).
    pub ess_bulk: f64,
    /// Tail effective sample size: the smaller of those of the 5% and 95% quantiles.
    pub ess_tail: f64,
    /// Effective sample size of the mean.
    pub ess_mean: f64,
    /// Monte Carlo standard error of the mean: sd / √`ess_mean`.
    pub mcse_mean: f64,
}

impl Diagnostics {
    /// Diagnostics of chains of equal length, at least 4 draws each.
    ///
    /// # Examples
    /// ```
    /// use cltv_models::Diagnostics;
    /// // A sequence that covers 0..1 evenly, in two chains.
    /// let chain = |shift: f64| (0..500).map(|k| (f64::from(k) * 0.618_034 + shift).fract()).collect();
    /// let together = Diagnostics::of(&[chain(0.0), chain(0.3)]);
    /// assert!(together.r_hat < 1.01);
    /// let apart = Diagnostics::of(&[chain(0.0), chain(0.0).iter().map(|x: &f64| x + 1.0).collect()]);
    /// assert!(apart.r_hat > 1.5 && apart.ess_bulk < 10.0);
    /// ```
    #[must_use]
    pub fn of(chains: &[Vec<f64>]) -> Self {
        let halves = split(chains);
        let ranked = rank_normalised(&halves);
        let all: Vec<f64> = sorted(halves.iter().flatten().copied());
        let median = quantile(&all, 0.5);
        let folded: Vec<Vec<f64>> =
            halves.iter().map(|half| half.iter().map(|x| (x - median).abs()).collect()).collect();
        let tail = |share: f64| {
            let end = quantile(&all, share);
            let below = |x: &f64| f64::from(u8::from(*x <= end));
            ess(&halves.iter().map(|half| half.iter().map(below).collect()).collect::<Vec<_>>())
        };
        let ess_mean = ess(&halves);
        Self {
            r_hat: r_hat(&ranked).max(r_hat(&rank_normalised(&folded))),
            ess_bulk: ess(&ranked),
            ess_tail: tail(0.05).min(tail(0.95)),
            ess_mean,
            mcse_mean: (variance(&all) / ess_mean).sqrt(),
        }
    }
}

/// First and second half of every chain, without the middle draw of an odd number.
fn split(chains: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let shortest = chains.iter().map(Vec::len).min().unwrap_or(0);
    let half = shortest / 2;
    let halves = |chain: &Vec<f64>| [chain[..half].to_vec(), chain[shortest - half..shortest].to_vec()];
    chains.iter().flat_map(halves).collect()
}

/// Φ⁻¹((rank − 3/8) / (S + 1/4)) with ranks over all chains, means of ranks for ties (equation 14).
fn rank_normalised(chains: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let mut places: Vec<(f64, usize, usize)> = chains
        .iter()
        .enumerate()
        .flat_map(|(m, chain)| chain.iter().enumerate().map(move |(n, x)| (*x, m, n)))
        .collect();
    places.sort_by(|left, right| left.0.total_cmp(&right.0));
    let size = places.len() as f64;
    let mut out: Vec<Vec<f64>> = chains.iter().map(|chain| vec![0.0; chain.len()]).collect();
    let mut first = 0;
    while first < places.len() {
        let equal = places[first..].iter().take_while(|place| place.0 == places[first].0).count().max(1);
        // Ranks count from 1.
        let rank = first as f64 + 0.5 * (equal as f64 + 1.0);
        let score = std::f64::consts::SQRT_2 * erf_inv(2.0 * (rank - 0.375) / (size + 0.25) - 1.0);
        for (_, m, n) in &places[first..first + equal] {
            out[*m][*n] = score;
        }
        first += equal;
    }
    out
}

/// √(var⁺ / W) (equations 1 to 4).
fn r_hat(chains: &[Vec<f64>]) -> f64 {
    let (within, total) = spread(chains);
    (total / within).sqrt()
}

/// The mean variance within chains, W, and that of all draws, var⁺ = (n − 1)/n W + B/n.
fn spread(chains: &[Vec<f64>]) -> (f64, f64) {
    let n = chains.first().map_or(0, Vec::len) as f64;
    let variances: Vec<f64> = chains.iter().map(|chain| variance(chain)).collect();
    let means: Vec<f64> = chains.iter().map(|chain| mean(chain)).collect();
    let within = mean(&variances);
    (within, within * (n - 1.0) / n + variance(&means))
}

/// The effective sample size of chains that are split already (equations 10 to 13): Geyer's initial
/// monotone sequence of the chains' joint autocorrelations, at most S log10(S). All draws for
/// constant chains.
fn ess(chains: &[Vec<f64>]) -> f64 {
    let n = chains.first().map_or(0, Vec::len);
    let size = (n * chains.len()) as f64;
    let (within, total) = spread(chains);
    if total == 0.0 || total.is_nan() || n < 2 {
        return size;
    }
    let centred: Vec<Vec<f64>> = chains
        .iter()
        .map(|chain| {
            let center = mean(chain);
            chain.iter().map(|x| x - center).collect()
        })
        .collect();
    let correlation = |lag: usize| {
        let products = |chain: &Vec<f64>| chain.iter().zip(&chain[lag..]).map(|(x, y)| x * y).sum::<f64>();
        let covariance = centred.iter().map(products).sum::<f64>() / size;
        // The covariances are those of divisor n, the variance within has n − 1.
        1.0 - (within * (n as f64 - 1.0) / n as f64 - covariance) / total * unbias(n)
    };
    size / integrated(correlation, n).max(1.0 / size.log10())
}

/// n / (n − 1): from autocovariances of divisor n to ones whose lag 0 is the sample variance.
fn unbias(n: usize) -> f64 {
    n as f64 / (n as f64 - 1.0)
}

/// −1 + 2 Σ P_t over pairs P_t = ρ_2t + ρ_2t+1, as long as they are positive and made to fall, with
/// the next even correlation for an antithetic end.
fn integrated(correlation: impl Fn(usize) -> f64, n: usize) -> f64 {
    let (mut sum, mut smallest, mut lag) = (0.0, f64::INFINITY, 0);
    let mut even = 1.0;
    while lag + 1 < n {
        let pair = even + correlation(lag + 1);
        if pair <= 0.0 {
            break;
        }
        smallest = pair.min(smallest);
        sum += smallest;
        lag += 2;
        even = if lag < n { correlation(lag) } else { 0.0 };
    }
    -1.0 + 2.0 * sum + even.max(0.0)
}

pub(crate) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// With divisor n − 1.
pub(crate) fn variance(values: &[f64]) -> f64 {
    let center = mean(values);
    values.iter().map(|x| (x - center).powi(2)).sum::<f64>() / (values.len() as f64 - 1.0)
}

pub(crate) fn sorted(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numeric::random::Draws;

    /// Chains of x' = φx + √(1 − φ²) ε, whose integrated autocorrelation time is (1 + φ)/(1 − φ).
    fn ar1(phi: f64, chains: usize, n: usize) -> Vec<Vec<f64>> {
        let mut random = Draws::new(11);
        let mut chain = || {
            let mut x = random.normal();
            let mut next = || {
                x = phi * x + (1.0 - phi * phi).sqrt() * random.normal();
                x
            };
            (0..n).map(|_| next()).collect()
        };
        (0..chains).map(|_| chain()).collect()
    }

    #[test]
    fn independent_draws_are_worth_their_number() {
        let found = Diagnostics::of(&ar1(0.0, 4, 4000));
        assert!((found.r_hat - 1.0).abs() < 0.002, "{found:?}");
        for ess in [found.ess_bulk, found.ess_tail, found.ess_mean] {
            assert!((ess / 16_000.0 - 1.0).abs() < 0.1, "{found:?}");
        }
        assert!((found.mcse_mean * 16_000_f64.sqrt() - 1.0).abs() < 0.07, "{found:?}");
    }

    #[test]
    fn autocorrelated_draws_are_worth_what_theory_says() {
        for phi in [0.9, 0.6, -0.4] {
            let found = Diagnostics::of(&ar1(phi, 4, 20_000));
            let expected = 80_000.0 * (1.0 - phi) / (1.0 + phi);
            assert!((found.ess_mean / expected - 1.0).abs() < 0.1, "{phi}: {found:?}, not {expected}");
            assert!((found.ess_bulk / expected - 1.0).abs() < 0.1, "{phi}: {found:?}, not {expected}");
        }
    }

    #[test]
    fn the_standard_error_of_the_mean_is_that_of_repetitions() {
        let errors: Vec<f64> = ar1(0.8, 400, 500).chunks(4).map(|four| mean(&four.concat())).collect();
        let found = Diagnostics::of(&ar1(0.8, 4, 500)).mcse_mean;
        assert!((variance(&errors).sqrt() / found - 1.0).abs() < 0.25, "{found}");
    }

    #[test]
    fn chains_that_differ_are_seen_in_place_and_in_width() {
        let good = ar1(0.3, 4, 1000);
        let mut shifted = good.clone();
        shifted[0].iter_mut().for_each(|x| *x += 1.0);
        assert!(Diagnostics::of(&shifted).r_hat > 1.05);
        // The same middle but three times the width: only folding sees it.
        let mut wide = good.clone();
        wide[0].iter_mut().for_each(|x| *x *= 3.0);
        assert!(r_hat(&rank_normalised(&split(&wide))) < 1.02);
        assert!(Diagnostics::of(&wide).r_hat > 1.05);
        // A chain that drifts differs from itself.
        let drift: Vec<f64> = good[0].iter().enumerate().map(|(k, x)| x + k as f64 / 300.0).collect();
        assert!(Diagnostics::of(&[drift]).r_hat > 1.2);
    }

    #[test]
    fn heavy_tails_and_monotone_maps_change_no_ranks() {
        let chains = ar1(0.5, 4, 1000);
        let skewed: Vec<Vec<f64>> =
            chains.iter().map(|c| c.iter().map(|x| (3.0 * x).exp()).collect()).collect();
        let (left, right) = (Diagnostics::of(&chains), Diagnostics::of(&skewed));
        assert!((left.ess_bulk - right.ess_bulk).abs() < 1e-6 && left.ess_tail == right.ess_tail);
    }

    #[test]
    fn small_figures_by_hand() {
        // Means 2 and 3, variances 1: W = 1, B/n = 0.5, var+ = 2/3 + 0.5.
        let chains = [vec![1.0, 2.0, 3.0], vec![2.0, 3.0, 4.0]];
        assert!((r_hat(&chains) - (2.0_f64 / 3.0 + 0.5).sqrt()).abs() < 1e-14);
        assert_eq!(split(&[vec![1.0, 2.0, 3.0, 4.0, 5.0]]), [vec![1.0, 2.0], vec![4.0, 5.0]]);
        // Ranks 1, 2.5, 2.5, 4 of four: the middle two are the median.
        let scores = rank_normalised(&[vec![5.0, 7.0], vec![7.0, 9.0]]);
        assert!(scores[0][1].abs() < 1e-12 && scores[1][0].abs() < 1e-12);
        // qnorm(0.625 / 4.25) = -1.049131.
        assert!((scores[0][0] + 1.049_131_397).abs() < 1e-8 && scores[1][1] == -scores[0][0]);
        assert_eq!(quantile(&[1.0, 2.0, 4.0], 0.75), 3.0);
        let constant = Diagnostics::of(&[vec![1.0; 10], vec![1.0; 10]]);
        assert!(constant.r_hat.is_nan() && constant.ess_bulk == 20.0);
    }
}
