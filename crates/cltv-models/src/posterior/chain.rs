//! One chain of the No-U-Turn sampler of the crate nuts-rs.

use std::cell::Cell;

use nuts_rand::ChaCha8Rng;
use nuts_rand::rand_core::{RngCore, SeedableRng};
use nuts_rs::{Chain as _, CpuLogpFunc, LogpError, SampleStats, SamplerArgs, new_sampler};

use super::target::{Frame, Target};
use crate::fit::model::LikelihoodModel;
use crate::numeric::random::{Draws, seed_of_run};

/// Starts are drawn this many times wider than the posterior, so that chains that agree have
/// come from different places.
const OVERDISPERSION: f64 = 2.0;
/// Times a start outside the density is moved half way to the mode.
const STARTS: usize = 20;
/// Largest number of doublings of a trajectory.
pub(crate) const DEEPEST: u64 = 10;

/// How long to tune and to draw, and from which seed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Run {
    pub(crate) draws: usize,
    pub(crate) tune: usize,
    pub(crate) seed: u64,
    pub(crate) target_accept: f64,
}

/// The draws of one chain after tuning.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Chain {
    /// Parameters in their own unit, a row a draw.
    pub(crate) theta: Vec<Vec<f64>>,
    pub(crate) divergences: usize,
    /// Leapfrog steps of all draws: evaluations of the likelihood.
    pub(crate) steps: u64,
    /// Draws whose trajectory ended for its length alone.
    pub(crate) too_long: usize,
}

/// Runs one chain; `done` hears of every draw, tuning included.
pub(crate) fn run<M: LikelihoodModel>(
    target: &Target<'_, M>,
    frame: &Frame,
    chain: u64,
    run: Run,
    done: &dyn Fn(),
) -> Result<Chain, String> {
    let mut random = ChaCha8Rng::seed_from_u64(seed_of_run(run.seed, chain as usize));
    let start = start(target, frame, random.next_u64());
    let evaluations = Cell::new(0);
    let density = Density { target, frame, evaluations: &evaluations };
    let mut sampler = new_sampler(density, settings(run), chain, &mut random);
    sampler.set_position(&start).map_err(|error| error.to_string())?;
    let mut out = Chain::default();
    for draw in 0..run.tune + run.draws {
        let before = evaluations.get();
        let (position, stats) = sampler.draw().map_err(|error| error.to_string())?;
        done();
        if draw >= run.tune {
            out.theta.push(target.theta(&frame.place(&position)));
            out.divergences += usize::from(stats.divergence_info().is_some());
            out.steps += evaluations.get() - before;
            out.too_long += usize::from(stats.maxdepth_reached());
        }
    }
    Ok(out)
}

fn settings(run: Run) -> SamplerArgs {
    let mut settings = SamplerArgs {
        num_tune: run.tune as u64,
        num_draws: run.draws as u64,
        maxdepth: DEEPEST,
        ..SamplerArgs::default()
    };
    settings.mass_matrix_adapt.dual_average_options.target_accept = run.target_accept;
    settings
}

/// A random point of the wider frame where the density is a number.
fn start<M: LikelihoodModel>(target: &Target<'_, M>, frame: &Frame, seed: u64) -> Vec<f64> {
    let mut draws = Draws::new(seed);
    let mut gradient = vec![0.0; target.dim()];
    let mut u: Vec<f64> = (0..target.dim()).map(|_| OVERDISPERSION * draws.normal()).collect();
    for _ in 0..STARTS {
        if target.ln_density(&frame.place(&u), &mut gradient).is_some() {
            break;
        }
        u.iter_mut().for_each(|part| *part *= 0.5);
    }
    u
}

/// The density in the frame's coordinates, as nuts-rs needs it.
struct Density<'a, M: LikelihoodModel> {
    target: &'a Target<'a, M>,
    frame: &'a Frame,
    evaluations: &'a Cell<u64>,
}

/// A point without a density; the sampler counts it as a divergence and goes on.
#[derive(Debug, thiserror::Error)]
#[error("the posterior density is not a number here")]
struct NoDensity;

impl LogpError for NoDensity {
    fn is_recoverable(&self) -> bool {
        true
    }
}

impl<M: LikelihoodModel> CpuLogpFunc for Density<'_, M> {
    type Err = NoDensity;

    fn dim(&self) -> usize {
        self.target.dim()
    }

    fn logp(&mut self, position: &[f64], gradient: &mut [f64]) -> Result<f64, NoDensity> {
        self.evaluations.set(self.evaluations.get() + 1);
        let z = self.frame.place(position);
        let ln_density = self.target.ln_density(&z, gradient).ok_or(NoDensity)?;
        gradient.copy_from_slice(&self.frame.pull_back(gradient));
        Ok(ln_density)
    }
}
