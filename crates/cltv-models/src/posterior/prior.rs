//! Prior distributions as data: their densities, derivatives and draws.

use std::fmt;

use serde::{Deserialize, Serialize};
use statrs::function::gamma::ln_gamma;

use crate::base::error::InputError;
use crate::numeric::random::Draws;
use crate::numeric::special::ln_beta;

/// The prior distribution of one quantity, with the parameters' names of Stan and PyMC.
///
/// The density is one of the quantity itself, in the data's own unit: a prior on α means something
/// else in days than in weeks. Serialised, it is `{"distribution": "weibull", "alpha": 2, "beta": 10}`.
///
/// # Examples
/// ```
/// use cltv_models::Prior;
/// let prior = Prior::Weibull { alpha: 2.0, beta: 10.0 };
/// assert_eq!(prior.to_string(), "Weibull(alpha = 2, beta = 10)");
/// assert!((prior.ln_density(10.0) - (0.2_f64.ln() - 1.0)).abs() < 1e-12);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "distribution", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Prior {
    /// The same density, 1, everywhere: improper, and with it the posterior may be improper too.
    Flat,
    /// Density ∝ exp(−(x − mu)² / (2 sigma²)). On a positive parameter it is cut off at 0.
    Normal {
        /// Mean.
        mu: f64,
        /// Standard deviation.
        sigma: f64,
    },
    /// The positive half of a normal distribution around 0.
    HalfNormal {
        /// Standard deviation of the whole normal distribution.
        sigma: f64,
    },
    /// ln x ~ Normal(mu, sigma).
    LogNormal {
        /// Mean of the logarithm.
        mu: f64,
        /// Standard deviation of the logarithm.
        sigma: f64,
    },
    /// Density ∝ x^(alpha − 1) e^(−beta x), with mean alpha / beta.
    Gamma {
        /// Shape.
        alpha: f64,
        /// Rate.
        beta: f64,
    },
    /// P(X > x) = exp(−(x / beta)^alpha).
    Weibull {
        /// Shape.
        alpha: f64,
        /// Scale, in the quantity's unit.
        beta: f64,
    },
    /// P(X > x) = (m / x)^alpha for x ≥ m.
    Pareto {
        /// Shape.
        alpha: f64,
        /// The smallest value, in the quantity's unit.
        m: f64,
    },
    /// The same density between two values.
    Uniform {
        /// The smallest value.
        lower: f64,
        /// The largest value.
        upper: f64,
    },
    /// Density ∝ x^(alpha − 1) (1 − x)^(beta − 1) between 0 and 1.
    Beta {
        /// First shape.
        alpha: f64,
        /// Second shape.
        beta: f64,
    },
}

impl Prior {
    /// ln of the density at `x`: −∞ outside the support, NaN for NaN. [`Prior::Flat`] has 0.
    ///
    /// # References
    /// Stan Functions Reference (2024), chapters 16 to 20, has all densities with these parameters.
    #[must_use]
    pub fn ln_density(&self, x: f64) -> f64 {
        if !x.is_nan() && !self.support().contains(x) {
            return f64::NEG_INFINITY;
        }
        let half_ln_two_pi = 0.5 * (2.0 * std::f64::consts::PI).ln();
        let normal = |z: f64, sigma: f64| -0.5 * z * z - sigma.ln() - half_ln_two_pi;
        match *self {
            Self::Flat => 0.0,
            Self::Normal { mu, sigma } => normal((x - mu) / sigma, sigma),
            Self::HalfNormal { sigma } => std::f64::consts::LN_2 + normal(x / sigma, sigma),
            Self::LogNormal { mu, sigma } => normal((x.ln() - mu) / sigma, sigma) - x.ln(),
            Self::Gamma { alpha, beta } => {
                alpha * beta.ln() - ln_gamma(alpha) + (alpha - 1.0) * x.ln() - beta * x
            }
            Self::Weibull { alpha, beta } => {
                (alpha / beta).ln() + (alpha - 1.0) * (x / beta).ln() - (x / beta).powf(alpha)
            }
            Self::Pareto { alpha, m } => alpha.ln() + alpha * m.ln() - (alpha + 1.0) * x.ln(),
            Self::Uniform { lower, upper } => -(upper - lower).ln(),
            Self::Beta { alpha, beta } => {
                (alpha - 1.0) * x.ln() + (beta - 1.0) * (-x).ln_1p() - ln_beta(alpha, beta)
            }
        }
    }

    /// The derivative of [`Prior::ln_density`] by `x`, inside the support.
    #[must_use]
    pub fn slope(&self, x: f64) -> f64 {
        match *self {
            Self::Flat | Self::Uniform { .. } => 0.0,
            Self::Normal { mu, sigma } => (mu - x) / (sigma * sigma),
            Self::HalfNormal { sigma } => -x / (sigma * sigma),
            Self::LogNormal { mu, sigma } => -(1.0 + (x.ln() - mu) / (sigma * sigma)) / x,
            Self::Gamma { alpha, beta } => (alpha - 1.0) / x - beta,
            Self::Weibull { alpha, beta } => (alpha - 1.0 - alpha * (x / beta).powf(alpha)) / x,
            Self::Pareto { alpha, .. } => -(alpha + 1.0) / x,
            Self::Beta { alpha, beta } => (alpha - 1.0) / x - (beta - 1.0) / (1.0 - x),
        }
    }

    /// A random value; `None` for [`Prior::Flat`], which is no distribution.
    #[must_use]
    pub fn draw(&self, draws: &mut Draws) -> Option<f64> {
        Some(match *self {
            Self::Flat => return None,
            Self::Normal { mu, sigma } => mu + sigma * draws.normal(),
            Self::HalfNormal { sigma } => sigma * draws.normal().abs(),
            Self::LogNormal { mu, sigma } => (mu + sigma * draws.normal()).exp(),
            Self::Gamma { alpha, beta } => draws.gamma(alpha) / beta,
            Self::Weibull { alpha, beta } => beta * draws.exponential().powf(1.0 / alpha),
            Self::Pareto { alpha, m } => m * (draws.exponential() / alpha).exp(),
            Self::Uniform { lower, upper } => lower + (upper - lower) * draws.uniform(),
            Self::Beta { alpha, beta } => draws.beta(alpha, beta),
        })
    }

    /// Refuses parameters that are no distribution's.
    ///
    /// # Errors
    /// [`InputError::BadOption`], naming the parameter.
    pub fn check(&self) -> Result<(), InputError> {
        for (name, value, positive) in self.parameters() {
            if !value.is_finite() || (positive && value <= 0.0) {
                let bound = if positive { "a positive, finite number" } else { "a finite number" };
                return Err(InputError::BadOption { name, value, bound });
            }
        }
        match *self {
            Self::Uniform { lower, upper } if lower >= upper => Err(InputError::BadOption {
                name: "upper",
                value: upper,
                bound: "larger than lower: a uniform prior needs some width",
            }),
            _ => Ok(()),
        }
    }

    /// Name, value and whether it has to be positive.
    fn parameters(&self) -> Vec<(&'static str, f64, bool)> {
        match *self {
            Self::Flat => vec![],
            Self::Normal { mu, sigma } | Self::LogNormal { mu, sigma } => {
                vec![("mu", mu, false), ("sigma", sigma, true)]
            }
            Self::HalfNormal { sigma } => vec![("sigma", sigma, true)],
            Self::Gamma { alpha, beta } | Self::Weibull { alpha, beta } | Self::Beta { alpha, beta } => {
                vec![("alpha", alpha, true), ("beta", beta, true)]
            }
            Self::Pareto { alpha, m } => vec![("alpha", alpha, true), ("m", m, true)],
            Self::Uniform { lower, upper } => vec![("lower", lower, false), ("upper", upper, false)],
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Flat => "Flat",
            Self::Normal { .. } => "Normal",
            Self::HalfNormal { .. } => "HalfNormal",
            Self::LogNormal { .. } => "LogNormal",
            Self::Gamma { .. } => "Gamma",
            Self::Weibull { .. } => "Weibull",
            Self::Pareto { .. } => "Pareto",
            Self::Uniform { .. } => "Uniform",
            Self::Beta { .. } => "Beta",
        }
    }

    /// Where the density is positive.
    pub(crate) fn support(&self) -> Support {
        match *self {
            Self::Flat | Self::Normal { .. } => Support::Real,
            Self::HalfNormal { .. } | Self::LogNormal { .. } | Self::Gamma { .. } | Self::Weibull { .. } => {
                Support::Above(0.0)
            }
            Self::Pareto { m, .. } => Support::Above(m),
            Self::Uniform { lower, upper } => Support::Between(lower, upper),
            Self::Beta { .. } => Support::Between(0.0, 1.0),
        }
    }
}

impl fmt::Display for Prior {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parameters: Vec<String> =
            self.parameters().iter().map(|(name, value, _)| format!("{name} = {value}")).collect();
        match parameters.is_empty() {
            true => f.write_str(self.name()),
            false => write!(f, "{}({})", self.name(), parameters.join(", ")),
        }
    }
}

/// An interval of the real line and its map from the whole line, on which a sampler moves freely.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Support {
    /// x = z.
    Real,
    /// x = lower + e^z.
    Above(f64),
    /// x = lower + (upper − lower) / (1 + e^(−z)).
    Between(f64, f64),
}

/// A value of a quantity, and how it changes with its free coordinate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Moved {
    pub(crate) x: f64,
    /// dx/dz.
    pub(crate) slope: f64,
    /// ln(dx/dz), which makes a density of x one of z.
    pub(crate) ln_slope: f64,
    /// The derivative of `ln_slope` by z.
    pub(crate) ln_slope_slope: f64,
}

impl Support {
    pub(crate) fn contains(self, x: f64) -> bool {
        match self {
            Self::Real => true,
            // The boundary has no weight, and the priors' logarithms need the inside.
            Self::Above(lower) => x > lower || (x == lower && lower > 0.0),
            Self::Between(lower, upper) => (lower..=upper).contains(&x),
        }
    }

    /// The part above 0; `None` when some of it lies below and cannot be cut off unseen.
    pub(crate) fn of_positive(self) -> Option<Self> {
        match self {
            Self::Real => Some(Self::Above(0.0)),
            Self::Above(lower) | Self::Between(lower, _) => (lower >= 0.0).then_some(self),
        }
    }

    pub(crate) fn of_free(self, z: f64) -> Moved {
        match self {
            Self::Real => Moved { x: z, slope: 1.0, ln_slope: 0.0, ln_slope_slope: 0.0 },
            Self::Above(lower) => {
                Moved { x: lower + z.exp(), slope: z.exp(), ln_slope: z, ln_slope_slope: 1.0 }
            }
            Self::Between(lower, upper) => {
                let width = upper - lower;
                let tail = (-z.abs()).exp();
                let (small, large) = (tail / (1.0 + tail), 1.0 / (1.0 + tail));
                let (below, above) = if z < 0.0 { (small, large) } else { (large, small) };
                Moved {
                    x: if z < 0.0 { lower + width * below } else { upper - width * above },
                    slope: width * small * large,
                    ln_slope: width.ln() - z.abs() - 2.0 * tail.ln_1p(),
                    ln_slope_slope: above - below,
                }
            }
        }
    }

    /// The free coordinate of a value, which is first moved inside when it is not.
    pub(crate) fn to_free(self, x: f64) -> f64 {
        match self {
            Self::Real => x,
            Self::Above(lower) => (x - lower).max(0.01 * lower).max(f64::MIN_POSITIVE).ln(),
            Self::Between(lower, upper) => {
                let share = ((x - lower) / (upper - lower)).clamp(0.01, 0.99);
                (share / (1.0 - share)).ln()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    fn all() -> Vec<Prior> {
        vec![
            Prior::Normal { mu: -0.5, sigma: 1.7 },
            Prior::HalfNormal { sigma: 0.8 },
            Prior::LogNormal { mu: 0.3, sigma: 0.9 },
            Prior::Gamma { alpha: 2.5, beta: 1.5 },
            Prior::Weibull { alpha: 2.0, beta: 10.0 },
            Prior::Pareto { alpha: 4.5, m: 1.3 },
            Prior::Uniform { lower: -1.0, upper: 3.0 },
            Prior::Beta { alpha: 2.0, beta: 5.0 },
        ]
    }

    /// ∫ weight(x) density(x) dx by the trapezoid rule on the free line, which is exact to many
    /// digits for integrands that vanish smoothly at both ends.
    fn mean_of(prior: Prior, weight: impl Fn(f64) -> f64) -> f64 {
        let (steps, reach) = (8000, 45.0);
        let step = 2.0 * reach / f64::from(steps);
        let at = |k: i32| {
            let moved = prior.support().of_free(-reach + step * f64::from(k));
            let density = (prior.ln_density(moved.x) + moved.ln_slope).exp();
            if density == 0.0 { 0.0 } else { density * weight(moved.x) }
        };
        (0..=steps).map(at).sum::<f64>() * step
    }

    #[test]
    fn densities_integrate_to_one_with_the_means_of_their_distributions() {
        let gamma = |x: f64| ln_gamma(x).exp();
        let half = (2.0 / std::f64::consts::PI).sqrt();
        let means = [
            -0.5,
            0.8 * half,
            (0.3 + 0.5 * 0.81_f64).exp(),
            2.5 / 1.5,
            10.0 * gamma(1.5),
            4.5 * 1.3 / 3.5,
            1.0,
            2.0 / 7.0,
        ];
        for (prior, mean) in all().into_iter().zip(means) {
            assert_relative_eq!(mean_of(prior, |_| 1.0), 1.0, max_relative = 1e-7);
            assert_relative_eq!(mean_of(prior, |x| x), mean, max_relative = 1e-6);
        }
    }

    #[test]
    fn slopes_are_derivatives() {
        for prior in all() {
            for z in [-2.0, -0.3, 0.4, 1.5] {
                let moved = prior.support().of_free(z);
                let step = 1e-5 * moved.x.abs().max(0.1);
                let (up, down) = (prior.ln_density(moved.x + step), prior.ln_density(moved.x - step));
                let expected = (up - down) / (2.0 * step);
                assert_relative_eq!(prior.slope(moved.x), expected, epsilon = 1e-6, max_relative = 1e-5);
            }
        }
    }

    #[test]
    fn supports_map_the_line_onto_themselves() {
        let step = 1e-6;
        for support in [Support::Real, Support::Above(1.0), Support::Between(-1.0, 2.0)] {
            for z in [-30.0, -3.0, -0.2, 0.0, 0.7, 2.0, 30.0] {
                let [low, at, high] = [z - step, z, z + step].map(|z| support.of_free(z));
                assert!(support.contains(at.x) && at.slope > 0.0, "{support:?} {z}");
                assert_relative_eq!(at.ln_slope, at.slope.ln(), epsilon = 1e-12, max_relative = 1e-12);
                let ln_slope_slope = (high.ln_slope - low.ln_slope) / (2.0 * step);
                assert_relative_eq!(at.ln_slope_slope, ln_slope_slope, epsilon = 1e-6, max_relative = 1e-6);
                if z.abs() < 3.5 {
                    assert_relative_eq!(support.to_free(at.x), z, epsilon = 1e-9);
                    assert_relative_eq!(at.slope, (high.x - low.x) / (2.0 * step), max_relative = 1e-6);
                }
            }
        }
    }

    #[test]
    fn draws_have_the_mean_of_the_density() {
        let n = 40_000;
        for prior in all() {
            let mut random = Draws::new(5);
            let draws: Vec<f64> = (0..n).map(|_| prior.draw(&mut random).unwrap()).collect();
            assert!(draws.iter().all(|x| prior.support().contains(*x)));
            let mean = mean_of(prior, |x| x);
            let sd = mean_of(prior, |x| (x - mean).powi(2)).sqrt();
            let found = draws.iter().sum::<f64>() / f64::from(n);
            assert!((found - mean).abs() < 5.0 * sd / f64::from(n).sqrt(), "{prior}: {found}, not {mean}");
        }
        assert_eq!(Prior::Flat.draw(&mut Draws::new(1)), None);
    }

    #[test]
    fn nothing_lies_outside_the_support() {
        assert_eq!(Prior::Gamma { alpha: 2.0, beta: 1.0 }.ln_density(-1.0), f64::NEG_INFINITY);
        assert_eq!(Prior::Pareto { alpha: 1.0, m: 1.0 }.ln_density(0.99), f64::NEG_INFINITY);
        assert_eq!(Prior::Uniform { lower: 0.0, upper: 1.0 }.ln_density(1.01), f64::NEG_INFINITY);
        assert_eq!(Prior::Pareto { alpha: 1.0, m: 1.0 }.ln_density(1.0), 0.0);
    }

    #[test]
    fn bad_parameters_are_named() {
        for (prior, name) in [
            (Prior::Weibull { alpha: 0.0, beta: 1.0 }, "alpha"),
            (Prior::Normal { mu: f64::NAN, sigma: 1.0 }, "mu"),
            (Prior::Uniform { lower: 1.0, upper: 1.0 }, "upper"),
        ] {
            let error = prior.check().unwrap_err().to_string();
            assert!(error.starts_with(name), "{error}");
        }
        for prior in all() {
            prior.check().unwrap();
            let text = serde_json::to_string(&prior).unwrap();
            assert_eq!(serde_json::from_str::<Prior>(&text).unwrap(), prior);
        }
    }
}
