//! Intervals by profile likelihood: how far a parameter can go while the others follow.

use crate::base::error::{FitError, InputError};
use crate::fit::fitted::{Fitted, Interval, check_units, z_of};
use crate::fit::model::{FitData, LikelihoodModel, Parameter, Sample};
use crate::fit::objective::{BARRIER_AT, Objective, Point};
use crate::fit::optimise::newton;

/// First step away from the estimate without a standard error, by a log parameter.
const FIRST_STEP: f64 = 0.5;
/// Longest step in any log parameter.
const LONGEST_STEP: f64 = 2.0;
/// Steps outwards, and steps inside the last one.
const STEPS: u32 = 60;
/// Accuracy of the root of twice the fall of the log-likelihood, relative to where it shall be.
const ACCURACY: f64 = 1e-7;
/// Largest relative difference of a log-likelihood computed again on the same data.
const SAME_DATA: f64 = 1e-8;

impl<M: LikelihoodModel> Fitted<M> {
    /// The interval of one parameter by profile likelihood: all its values at which the
    /// log-likelihood, with the other parameters at their best, is at most z²/2 below the maximum.
    ///
    /// Unlike [`Fitted::confint`] it follows the likelihood's real shape, so it is right where that is
    /// skewed, and exists where the Hessian is flat. An end that the likelihood never reaches is 0 or
    /// infinite (for a coefficient, minus infinity or infinity): the data do not bound the parameter
    /// on that side. With a penalty the likelihood is the penalised one.
    ///
    /// `data` are those of the fit, which does not keep them.
    ///
    /// # Errors
    /// [`InputError::UnknownParameter`], [`InputError::BadOption`] for a level outside (0, 1), and
    /// [`InputError::UnitMismatch`] or [`InputError::OtherData`] for other data than the fit's.
    ///
    /// # Examples
    /// ```
    /// use cltv_models::{BgNbd, BgNbdParams, TimeUnit, simulate_histories, summary_of};
    /// let truth = BgNbdParams::new(0.8, 6.0, 0.9, 2.5, TimeUnit::Week)?;
    /// let rfm = summary_of(TimeUnit::Week, &simulate_histories(&truth, &[52.0; 800], 7), None)?;
    /// let fit = BgNbd::default().fit(&rfm)?;
    /// let b = fit.profile_interval(&rfm, "b", 0.95)?;
    /// assert!(b.low < fit.params().b() && fit.params().b() < b.high);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # References
    /// Venzon & Moolgavkar (1988), A Method for Computing Profile-Likelihood-Based Confidence
    /// Intervals, Applied Statistics 37(1), 87-94 (the definition; the steps here are others).
    pub fn profile_interval(&self, data: &M::Data, name: &str, level: f64) -> Result<Interval, FitError> {
        let fixed = self.place_of(name)?;
        let z = z_of(level)?;
        let sample = self.sample_of(data)?;
        let profile = Profile::new(self, &sample, fixed);
        let step = self.log_std_errors().map_or(FIRST_STEP, |errors| z * errors[fixed]).min(LONGEST_STEP);
        let parameter = self.parameters[fixed];
        let end = |side: f64| match profile.end(side, step, z) {
            Some(eta) => parameter.of_free(eta) * sample.scale.powi(parameter.scale_power),
            None if side > 0.0 => f64::INFINITY,
            None => parameter.of_free(f64::NEG_INFINITY),
        };
        Ok(Interval { name: parameter.name, low: end(-1.0), high: end(1.0) })
    }

    fn place_of(&self, name: &str) -> Result<usize, InputError> {
        let place = self.parameters.iter().position(|parameter| parameter.name == name);
        place.ok_or_else(|| InputError::UnknownParameter {
            model: M::NAME,
            name: name.to_owned(),
            known: self.parameter_names().join(", "),
        })
    }

    /// The scaled data of this fit, which must give its log-likelihood again.
    pub(crate) fn sample_of(&self, data: &M::Data) -> Result<Sample<M::Row>, FitError> {
        check_units(self.unit, data.unit())?;
        let sample = self.model.sample(data)?;
        let objective = Objective::new(&self.model, &sample);
        let found = sample.log_likelihood(objective.log_likelihood(&self.scaled(&sample)));
        let same = (found - self.log_likelihood).abs() <= SAME_DATA * self.log_likelihood.abs().max(1.0);
        if same && sample.customers == self.n_obs {
            return Ok(sample);
        }
        Err(InputError::OtherData { model: M::NAME, found, expected: self.log_likelihood }.into())
    }

    /// The estimates by the scaled data.
    fn scaled(&self, sample: &Sample<M::Row>) -> Vec<f64> {
        let scaled =
            |(parameter, theta): (&Parameter, &f64)| theta / sample.scale.powi(parameter.scale_power);
        self.parameters.iter().zip(&self.theta).map(scaled).collect()
    }

    /// The estimates as the optimiser moves them.
    pub(crate) fn free_estimates(&self, sample: &Sample<M::Row>) -> Vec<f64> {
        let free = |(parameter, theta): (&Parameter, f64)| parameter.to_free(theta);
        self.parameters.iter().zip(self.scaled(sample)).map(free).collect()
    }
}

/// The likelihood of one parameter, the others at their best.
struct Profile<'a, M: LikelihoodModel> {
    objective: Objective<'a, M>,
    fixed: usize,
    best: Point,
}

/// A point of the profile: how far it is from the estimate, and the root of twice its fall.
struct Step {
    away: f64,
    root: f64,
    eta: Vec<f64>,
}

impl<'a, M: LikelihoodModel> Profile<'a, M> {
    fn new(fit: &'a Fitted<M>, sample: &'a Sample<M::Row>, fixed: usize) -> Self {
        let objective = Objective::new(&fit.model, sample).fixing(fixed);
        let best = objective.second_order_at(&fit.free_estimates(sample));
        Self { objective, fixed, best }
    }

    /// The best point at a distance, starting where the line through two known ones leads.
    fn at(&self, side: f64, away: f64, near: &Step, far: &Step) -> Step {
        let along = (away - near.away) / (far.away - near.away);
        let line = near.eta.iter().zip(&far.eta).map(|(near, far)| near + along * (far - near));
        let mut start: Vec<f64> = if along.is_finite() { line.collect() } else { near.eta.clone() };
        start[self.fixed] = self.best.eta[self.fixed] + side * away;
        let (point, _) = newton(&self.objective, self.objective.second_order_at(&start));
        let customers = self.objective.sample.customers as f64;
        let fall = customers * (point.value - self.best.value);
        Step { away, root: (2.0 * fall.max(0.0)).sqrt(), eta: point.eta }
    }

    /// Where the root reaches z on one side; `None` where it does not before a bound.
    fn end(&self, side: f64, first: f64, z: f64) -> Option<f64> {
        let start = || Step { away: 0.0, root: 0.0, eta: self.best.eta.clone() };
        let (mut inside, mut outside) = (start(), start());
        let mut step = first;
        for _ in 0..STEPS {
            let away = outside.away + step;
            if side * self.best.eta[self.fixed] + away > BARRIER_AT {
                return None;
            }
            let next = self.at(side, away, &inside, &outside);
            inside = std::mem::replace(&mut outside, next);
            if outside.root >= z {
                return self.between(side, inside, outside, z);
            }
            // As far again as the last step's pace would need, but not much more than it.
            let pace = (outside.root - inside.root).max(1e-3 * z) / step;
            step = (1.1 * (z - outside.root) / pace).clamp(0.2 * step, 2.0 * step).min(LONGEST_STEP);
        }
        None
    }

    /// Narrows a bracket by the Illinois method: the root of twice the fall is nearly a line.
    fn between(&self, side: f64, mut inside: Step, mut outside: Step, z: f64) -> Option<f64> {
        let (mut low, mut high) = (inside.root - z, outside.root - z);
        for _ in 0..STEPS {
            let away = (inside.away * high - outside.away * low) / (high - low);
            let next = self.at(side, away, &inside, &outside);
            let off = next.root - z;
            if off.abs() <= ACCURACY * z || outside.away - inside.away <= ACCURACY * ACCURACY {
                // Where only the barrier makes the likelihood fall, the data bound nothing.
                let behind = |(eta, best): (&f64, &f64)| eta.abs() > BARRIER_AT && best.abs() <= BARRIER_AT;
                let behind_barrier = next.eta.iter().zip(&self.best.eta).any(behind);
                return (!behind_barrier).then(|| next.eta[self.fixed]);
            }
            if off > 0.0 {
                (outside, high, low) = (next, off, if low < 0.0 { 0.5 * low } else { low });
            } else {
                (inside, low, high) = (next, off, if high > 0.0 { 0.5 * high } else { high });
            }
        }
        Some(outside.eta[self.fixed])
    }
}
