//! Full posteriors by the No-U-Turn sampler, for every model that has a likelihood.
//!
//! [`Sampling`] draws from p(θ | data) ∝ p(data | θ) p(θ) with the likelihood and the analytic
//! gradient of the fit, over the same compressed rows, and priors that are data ([`Priors`]). Where
//! the log parameters of a fit are close to normal, as with many customers, a posterior gives the same as
//! [`crate::Fitted::draws`] at a hundred times the cost; it is for few customers, for prior knowledge,
//! and for parameters that the data hardly identify.
//!
//! # What is sampled
//! Each quantity with a prior moves on the real line: its logarithm, its logit or itself, whichever
//! makes the prior's support the whole line, so that no step can leave it. That line is then
//! turned and stretched: with the mode m of the posterior and its covariance C there (the inverse of
//! minus the second derivatives), the sampler moves u with z = m + C^½ u. On CDNOW the estimates of
//! BG/NBD's a and b are correlated by 0.94 and those of r and α by 0.78; a diagonal mass matrix, which
//! is what nuts-rs learns, cannot follow such ridges and takes steps of their width along their
//! length. In u the posterior is nearly standard normal: three gradients a draw, and draws that are
//! worth more than independent ones for means. With standard deviations alone in the place of C^½ the
//! same run took 1.9 times as long for 0.36 times the effective draws of α, although φ and κ have
//! already taken the ridge out of a and b. A dense mass matrix adapted during tuning would come to the same,
//! later and with noise; some hundred gradients find the mode and its curvature beforehand. nuts-rs goes on
//! adapting its diagonal mass matrix and the step size in u.
//!
//! Time goes to the likelihood: on CDNOW's 1,016 distinct rows nine tenths of a run are spent in rows,
//! two thirds of that in their logarithms and exponentials; the sampler itself takes one hundredth.
//!
//! # References
//! Hoffman & Gelman (2014), The No-U-Turn Sampler, Journal of Machine Learning Research 15,
//! 1593-1623; Neal (2011), MCMC Using Hamiltonian Dynamics, section 4.1 (linear transformations);
//! Gelman et al. (2013), Bayesian Data Analysis, chapters 6 and 12. The sampler is the crate nuts-rs.

mod chain;
mod check;
mod diagnostics;
mod prior;
mod priors;
mod sampling;
mod summary;
mod target;

use std::fmt;

pub use check::{CheckedFigure, PredictiveCheck};
pub use diagnostics::Diagnostics;
pub use prior::Prior;
pub use priors::{PriorStatement, Priors};
pub use sampling::Sampling;
pub use summary::{LARGEST_R_HAT, PosteriorRow, PosteriorSummary, SMALLEST_ESS};

use crate::base::error::{FitError, InputError};
use crate::base::units::TimeUnit;
use crate::fit::model::{LikelihoodModel, Parameter};
use crate::numeric::random::in_random_order;
use crate::uncertainty::draws::ParameterDraws;
use chain::Chain;
use diagnostics::mean;
use priors::Coordinates;

/// Draws from the posterior of a model's parameters.
///
/// Its predictions have credible intervals by [`ParameterDraws::with_interval`], its lifetime values by
/// [`crate::lifetime_value_intervals`]; [`Posterior::summary`] has its convergence diagnostics.
#[derive(Debug, Clone, PartialEq)]
pub struct Posterior<M: LikelihoodModel> {
    model: M,
    parameters: Vec<Parameter>,
    coordinates: Coordinates,
    unit: TimeUnit,
    n_obs: usize,
    chains: Vec<Chain>,
    mean_params: M::Params,
}

impl<M: LikelihoodModel> Posterior<M> {
    /// The quantities of [`Posterior::summary`]: the parameters, and what has a prior beside them.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let parameters = self.parameters.iter().map(|parameter| parameter.name.to_owned());
        parameters.chain(self.coordinates.derived().into_iter().map(|(_, name)| name)).collect()
    }

    /// The draws of one quantity, a vector a chain, in the data's own unit; `None` for a name that
    /// is not one of [`Posterior::names`].
    #[must_use]
    pub fn chains_of(&self, name: &str) -> Option<Vec<Vec<f64>>> {
        let of = |figure: &dyn Fn(&[f64]) -> f64| {
            self.chains.iter().map(|chain| chain.theta.iter().map(|theta| figure(theta)).collect()).collect()
        };
        if let Some(k) = self.parameters.iter().position(|parameter| parameter.name == name) {
            return Some(of(&|theta| theta[k]));
        }
        let (j, _) = self.coordinates.derived().into_iter().find(|(_, derived)| derived == name)?;
        Some(of(&|theta| self.coordinates.values(theta)[j]))
    }

    /// All draws of the parameters, chain after chain, in the model's order and the data's own unit.
    #[must_use]
    pub fn draws(&self) -> Vec<Vec<f64>> {
        self.chains.iter().flat_map(|chain| chain.theta.clone()).collect()
    }

    /// The parameters at their posterior means: one set to name, not what predictions average to.
    #[must_use]
    pub fn mean_params(&self) -> M::Params {
        self.mean_params.clone()
    }

    /// The model that was sampled, with its options.
    #[must_use]
    pub fn model(&self) -> M {
        self.model.clone()
    }

    /// The unit of the model's times.
    #[must_use]
    pub fn unit(&self) -> TimeUnit {
        self.unit
    }

    /// Customers behind the likelihood.
    #[must_use]
    pub fn n_obs(&self) -> usize {
        self.n_obs
    }

    /// Means, standard deviations, quantiles and diagnostics of every quantity.
    #[must_use]
    pub fn summary(&self) -> PosteriorSummary {
        let draws = self.chains.first().map_or(0, |chain| chain.theta.len());
        let steps: u64 = self.chains.iter().map(|chain| chain.steps).sum();
        let row = |name: String| {
            let chains = self.chains_of(&name).unwrap_or_default();
            PosteriorRow::of(name, &chains)
        };
        PosteriorSummary {
            model: M::NAME,
            chains: self.chains.len(),
            draws,
            divergences: self.chains.iter().map(|chain| chain.divergences).sum(),
            too_long: self.chains.iter().map(|chain| chain.too_long).sum(),
            steps: steps as f64 / (draws * self.chains.len()) as f64,
            priors: self.coordinates.sentence(),
            rows: self.names().into_iter().map(row).collect(),
        }
    }
}

/// The means of the parameters over all draws of all chains.
fn means(chains: &[Chain], parameters: usize) -> Vec<f64> {
    let all = || chains.iter().flat_map(|chain| &chain.theta);
    let center = |k: usize| mean(&all().map(|theta| theta[k]).collect::<Vec<f64>>());
    (0..parameters).map(center).collect()
}

impl<M: LikelihoodModel> ParameterDraws for Posterior<M> {
    type Params = M::Params;

    fn center_params(&self) -> M::Params {
        self.mean_params()
    }

    /// Draws in a random order, none twice before all have had their turn.
    fn drawn_params(&self, count: usize, seed: u64) -> Result<Vec<M::Params>, FitError> {
        let draws = self.draws();
        let order = in_random_order(draws.len(), count, seed);
        let params = order.into_iter().map(|k| self.model.params(&draws[k], self.unit));
        Ok(params.collect::<Result<_, InputError>>()?)
    }

    fn estimate(&self, _at_center: f64, drawn: &[f64]) -> f64 {
        mean(drawn)
    }
}

impl<M: LikelihoodModel> fmt::Display for Posterior<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.summary().fmt(f)
    }
}
