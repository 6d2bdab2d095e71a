//! How a posterior is sampled: chains, draws, priors; all chains at once, the same on any machine.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::chain::{self, Chain, Run};
use super::priors::Priors;
use super::target::Target;
use super::{Posterior, means};
use crate::base::error::{FitError, InputError};
use crate::fit::model::{FitData, LikelihoodModel};
use crate::numeric::parallel::in_pieces;

/// How a posterior is sampled.
///
/// # Examples
/// ```
/// use cltv_models::{BgNbd, BgNbdParams, Priors, Sampling, TimeUnit, simulate_histories, summary_of};
/// let truth = BgNbdParams::new(0.8, 6.0, 0.9, 2.5, TimeUnit::Week)?;
/// let rfm = summary_of(TimeUnit::Week, &simulate_histories(&truth, &[52.0; 300], 7), None)?;
/// let sampling = Sampling::default().chains(2).draws(200).tune(200).seed(7);
/// let posterior = sampling.sample(&BgNbd::default(), &rfm)?;
/// let r = posterior.summary().row("r").unwrap();
/// assert!(r.low < 0.8 && 0.8 < r.high);
/// println!("{posterior}");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Sampling {
    chains: usize,
    draws: usize,
    tune: usize,
    seed: u64,
    target_accept: f64,
    priors: Priors,
}

impl Default for Sampling {
    /// 4 chains of 1,000 draws after 1,000 of tuning, with weak priors (see [`Priors`]).
    fn default() -> Self {
        Self { chains: 4, draws: 1000, tune: 1000, seed: 1, target_accept: 0.8, priors: Priors::default() }
    }
}

impl Sampling {
    /// Sets the number of chains, from 1 to 64; 4 is usual, and R̂ needs at least 2 to see chains
    /// that stay apart.
    #[must_use]
    pub fn chains(mut self, chains: usize) -> Self {
        self.chains = chains;
        self
    }

    /// Sets the draws of each chain after tuning, from 50 on.
    #[must_use]
    pub fn draws(mut self, draws: usize) -> Self {
        self.draws = draws;
        self
    }

    /// Sets the draws of each chain in which step size and scales are adapted, from 50 on; they are
    /// thrown away.
    #[must_use]
    pub fn tune(mut self, tune: usize) -> Self {
        self.tune = tune;
        self
    }

    /// Sets the seed: the same seed gives the same draws, on any number of cores. Another kind of
    /// processor may round a sum in another order, after which the draws are others of the same
    /// posterior.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Sets the mean acceptance that step sizes are tuned to, 0.8 at first; more means smaller
    /// steps, which is the remedy for divergences.
    #[must_use]
    pub fn target_accept(mut self, target_accept: f64) -> Self {
        self.target_accept = target_accept;
        self
    }

    /// Sets the priors; parameters that they do not name have weak ones.
    #[must_use]
    pub fn priors(mut self, priors: Priors) -> Self {
        self.priors = priors;
        self
    }

    /// Samples the posterior of a model; its options but the penalty, which is a prior itself and
    /// is replaced by the priors here, count as in its fit. A model that chooses an option in its
    /// fit, such as k, is sampled as [`crate::Fitted::model`] gives it.
    ///
    /// # Errors
    /// [`FitError::Input`] for options outside their bounds, a prior the model cannot have, or data
    /// the model refuses; [`FitError`] as the model's own fit when the data are too few;
    /// [`FitError::NotSampled`] when no chain could be run.
    pub fn sample<M>(&self, model: &M, data: &M::Data) -> Result<Posterior<M>, FitError>
    where
        M: LikelihoodModel + Sync,
        M::Row: Sync,
    {
        self.sample_with_progress(model, data, &|_, _| ())
    }

    /// [`Sampling::sample`], calling `progress` with the draws done and all draws of all chains,
    /// tuning included, from whichever thread has made one.
    ///
    /// # Errors
    /// As [`Sampling::sample`].
    pub fn sample_with_progress<M>(
        &self,
        model: &M,
        data: &M::Data,
        progress: &(dyn Fn(usize, usize) + Sync),
    ) -> Result<Posterior<M>, FitError>
    where
        M: LikelihoodModel + Sync,
        M::Row: Sync,
    {
        self.check()?;
        let sample = model.sample(data)?;
        let parameters = model.parameters();
        let coordinates = self.priors.bind(M::NAME, &parameters, sample.scale)?;
        let target = Target::new(model, &sample, &coordinates, &parameters);
        let failed = |problem: String| FitError::NotSampled { model: M::NAME, problem };
        let frame = target
            .frame(&starts(model, data, &target, &model.starts(&sample)))
            .ok_or_else(|| failed("its density is not a number at any start".to_owned()))?;
        let (done, all) = (AtomicUsize::new(0), self.chains * (self.tune + self.draws));
        let heard = || progress(done.fetch_add(1, Ordering::Relaxed) + 1, all);
        let run =
            Run { draws: self.draws, tune: self.tune, seed: self.seed, target_accept: self.target_accept };
        let chains =
            in_pieces(self.chains, 1, |one| chain::run(&target, &frame, one.start as u64, run, &heard));
        let chains = chains.into_iter().collect::<Result<Vec<Chain>, String>>().map_err(failed)?;
        let (unit, n_obs) = (data.unit(), sample.customers);
        let mean_params = model.params(&means(&chains, parameters.len()), unit)?;
        Ok(Posterior { model: model.clone(), parameters, coordinates, unit, n_obs, chains, mean_params })
    }

    fn check(&self) -> Result<(), InputError> {
        let bad = |name, value, bound| Err(InputError::BadOption { name, value, bound });
        if !(1..=64).contains(&self.chains) {
            return bad("chains", self.chains as f64, "from 1 to 64; 4 is usual");
        }
        let counts = [("draws", self.draws), ("tune", self.tune)];
        if let Some((name, count)) = counts.into_iter().find(|(_, count)| !(50..=1_000_000).contains(count)) {
            return bad(name, count as f64, "from 50 to 1,000,000; 1,000 is usual");
        }
        if !(0.5..=0.999).contains(&self.target_accept) {
            return bad("target_accept", self.target_accept, "between 0.5 and 0.999, such as 0.8");
        }
        Ok(())
    }
}

/// Starting points of the search for the mode: the maximum likelihood estimates where there are any,
/// because few steps lead from there to the mode; else the starting points of a fit.
fn starts<M: LikelihoodModel>(
    model: &M,
    data: &M::Data,
    target: &Target<'_, M>,
    scaled: &[Vec<f64>],
) -> Vec<Vec<f64>> {
    match crate::fit::maximum_likelihood::fit(model, data) {
        Ok(fit) if fit.identified() => vec![target.free(&fit.estimates())],
        _ => scaled.iter().map(|start| target.free(&target.own_unit(start))).collect(),
    }
}
