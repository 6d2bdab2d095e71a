//! The posterior density that is sampled, and the frame that makes it round.

use super::priors::Coordinates;
use crate::fit::model::{LikelihoodModel, Parameter, Sample};
use crate::numeric::linalg::{Eigen, max_abs, multiply};

/// Step of the finite differences of the gradient, by free coordinates.
const DIFFERENCE: f64 = 1e-3;
/// Largest derivative of the log density, by standard deviations, at which the mode is good enough:
/// it only has to be a place to start from.
const MODE_TOLERANCE: f64 = 1e-4;
const NEWTON_STEPS: usize = 60;
const HALVINGS: usize = 40;
/// Longest step to the mode in any free coordinate.
const LONGEST_STEP: f64 = 2.0;
/// A direction in which the posterior is wider than this starts with this standard deviation; the
/// sampler's own adaptation goes on from there.
const WIDEST: f64 = 3.0;

/// The log posterior by free coordinates: likelihood, priors, and what turns densities of the
/// quantities into densities of the coordinates.
pub(crate) struct Target<'a, M: LikelihoodModel> {
    model: &'a M,
    sample: &'a Sample<M::Row>,
    coordinates: &'a Coordinates,
    /// Divisors that scale parameters from their own unit to the scaled data.
    units: Vec<f64>,
}

impl<'a, M: LikelihoodModel> Target<'a, M> {
    pub(crate) fn new(
        model: &'a M,
        sample: &'a Sample<M::Row>,
        coordinates: &'a Coordinates,
        parameters: &[Parameter],
    ) -> Self {
        let units = parameters.iter().map(|parameter| sample.scale.powi(parameter.scale_power)).collect();
        Self { model, sample, coordinates, units }
    }

    pub(crate) fn dim(&self) -> usize {
        self.coordinates.quantities.len()
    }

    /// ln p(z | data) up to a constant, and its derivatives; `None` where it is not a number, or a
    /// parameter has run out of the floating point numbers.
    pub(crate) fn ln_density(&self, z: &[f64], gradient: &mut [f64]) -> Option<f64> {
        let quantities = self.coordinates.quantities.iter().zip(z);
        let moved: Vec<_> = quantities.map(|(quantity, z)| quantity.support.of_free(*z)).collect();
        let values: Vec<f64> = moved.iter().map(|moved| moved.x).collect();
        let mut theta = vec![0.0; self.dim()];
        self.coordinates.parameters(&values, &mut theta);
        theta.iter_mut().zip(&self.units).for_each(|(theta, unit)| *theta /= unit);
        if !theta.iter().all(|theta| theta.is_finite()) {
            return None;
        }
        let mut by_theta = vec![0.0; self.dim()];
        let mut sum = self.model.log_likelihood(&theta, &self.sample.rows, &mut by_theta);
        by_theta.iter_mut().zip(&self.units).for_each(|(slope, unit)| *slope /= unit);
        self.coordinates.pull_back(&values, &by_theta, gradient);
        for ((quantity, moved), slope) in self.coordinates.quantities.iter().zip(&moved).zip(&mut *gradient) {
            sum += quantity.prior.ln_density(moved.x) + moved.ln_slope;
            *slope = (*slope + quantity.prior.slope(moved.x)) * moved.slope + moved.ln_slope_slope;
        }
        (sum.is_finite() && max_abs(gradient).is_finite()).then_some(sum)
    }

    /// The free coordinates of parameters in their own unit, or of the next ones inside the priors.
    pub(crate) fn free(&self, theta: &[f64]) -> Vec<f64> {
        let values = self.coordinates.values(theta);
        let quantities = self.coordinates.quantities.iter().zip(values);
        quantities.map(|(quantity, value)| quantity.support.to_free(value)).collect()
    }

    /// Parameters in their own unit.
    pub(crate) fn theta(&self, z: &[f64]) -> Vec<f64> {
        let quantities = self.coordinates.quantities.iter().zip(z);
        let values: Vec<f64> = quantities.map(|(quantity, z)| quantity.support.of_free(*z).x).collect();
        let mut theta = vec![0.0; self.dim()];
        self.coordinates.parameters(&values, &mut theta);
        theta
    }

    /// Parameters of scaled data in their own unit.
    pub(crate) fn own_unit(&self, scaled: &[f64]) -> Vec<f64> {
        scaled.iter().zip(&self.units).map(|(theta, unit)| theta * unit).collect()
    }

    /// The frame at the highest mode reached from these points; `None` when the density is nowhere
    /// a number.
    pub(crate) fn frame(&self, starts: &[Vec<f64>]) -> Option<Frame> {
        let modes = starts.iter().filter_map(|start| self.maximise(start));
        let (_, mode) = modes.max_by(|(left, _), (right, _)| left.total_cmp(right))?;
        let covariance = self.covariance(&mode)?;
        Some(Frame { root: Eigen::of(&covariance).map(|variance| variance.max(0.0).sqrt()), mode })
    }

    /// Newton steps to the mode, halved until they raise the density.
    fn maximise(&self, start: &[f64]) -> Option<(f64, Vec<f64>)> {
        let mut z = start.to_vec();
        let mut gradient = vec![0.0; z.len()];
        let mut height = self.ln_density(&z, &mut gradient)?;
        for _ in 0..NEWTON_STEPS {
            let covariance = self.covariance(&z)?;
            let mut step = multiply(&covariance, &gradient);
            // gᵀ H⁻¹ g is twice what the step will gain.
            let gain: f64 = step.iter().zip(&gradient).map(|(step, slope)| step * slope).sum();
            if gain < MODE_TOLERANCE * MODE_TOLERANCE {
                break;
            }
            let longest = max_abs(&step).max(LONGEST_STEP);
            step.iter_mut().for_each(|part| *part *= LONGEST_STEP / longest);
            let Some((higher, moved)) = self.ascending_step(&z, height, &step, &mut gradient) else {
                break;
            };
            (height, z) = (higher, moved);
        }
        Some((height, z))
    }

    fn ascending_step(
        &self,
        z: &[f64],
        height: f64,
        step: &[f64],
        gradient: &mut [f64],
    ) -> Option<(f64, Vec<f64>)> {
        let mut factor = 1.0;
        let mut slopes = vec![0.0; z.len()];
        for _ in 0..HALVINGS {
            let moved: Vec<f64> = z.iter().zip(step).map(|(z, part)| z + factor * part).collect();
            if let Some(next) = self.ln_density(&moved, &mut slopes).filter(|next| *next > height) {
                gradient.copy_from_slice(&slopes);
                return Some((next, moved));
            }
            factor *= 0.5;
        }
        None
    }

    /// The inverse of minus the second derivatives, made positive.
    fn covariance(&self, z: &[f64]) -> Option<Vec<Vec<f64>>> {
        let n = z.len();
        let column = |j: usize| -> Option<Vec<f64>> {
            let slope = |shift: f64| {
                let mut moved = z.to_vec();
                moved[j] += shift;
                let mut gradient = vec![0.0; n];
                self.ln_density(&moved, &mut gradient).map(|_| gradient)
            };
            let (up, down) = (slope(DIFFERENCE)?, slope(-DIFFERENCE)?);
            Some(up.iter().zip(down).map(|(up, down)| (down - up) / (2.0 * DIFFERENCE)).collect())
        };
        let columns = (0..n).map(column).collect::<Option<Vec<_>>>()?;
        let information: Vec<Vec<f64>> =
            (0..n).map(|i| (0..n).map(|j| 0.5 * (columns[i][j] + columns[j][i])).collect()).collect();
        let floor = WIDEST.powi(-2);
        Some(Eigen::of(&information).map(|value| value.abs().max(floor).recip()))
    }
}

/// Coordinates u with z = mode + root · u, in which a normal posterior is standard normal.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Frame {
    mode: Vec<f64>,
    /// The symmetric root of the covariance at the mode.
    root: Vec<Vec<f64>>,
}

impl Frame {
    pub(crate) fn place(&self, u: &[f64]) -> Vec<f64> {
        multiply(&self.root, u).iter().zip(&self.mode).map(|(shift, mode)| mode + shift).collect()
    }

    /// Derivatives by u from those by z; the root is its own transpose.
    pub(crate) fn pull_back(&self, by_z: &[f64]) -> Vec<f64> {
        multiply(&self.root, by_z)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::units::TimeUnit;
    use crate::models::beta_geometric::bg_nbd::{BgNbd, BgNbdParams};
    use crate::posterior::{Prior, Priors};
    use crate::purchases::simulate::{simulate_histories, summary_of};
    use crate::summary::rfm::RfmSummary;
    use approx::assert_relative_eq;

    fn summary() -> RfmSummary {
        let truth = BgNbdParams::new(0.8, 6.0, 0.9, 2.5, TimeUnit::Week).unwrap();
        summary_of(TimeUnit::Week, &simulate_histories(&truth, &[52.0; 500], 7), None).unwrap()
    }

    fn with_target(priors: &Priors, rfm: &RfmSummary, work: impl Fn(&Target<'_, BgNbd>)) {
        let model = BgNbd::default();
        let sample = model.sample(rfm).unwrap();
        let parameters = model.parameters();
        let coordinates = priors.bind("BG/NBD", &parameters, sample.scale).unwrap();
        work(&Target::new(&model, &sample, &coordinates, &parameters));
    }

    #[test]
    fn the_gradient_is_that_of_the_density() {
        let rfm = summary();
        for priors in [Priors::default(), Priors::of_pymc_marketing("BG/NBD").unwrap()] {
            with_target(&priors, &rfm, |target| {
                let z = target.free(&[0.7, 5.0, 0.8, 2.9]);
                for (theta, back) in [0.7, 5.0, 0.8, 2.9].iter().zip(target.theta(&z)) {
                    assert_relative_eq!(*theta, back, max_relative = 1e-12);
                }
                let (mut gradient, mut unused) = ([0.0; 4], [0.0; 4]);
                target.ln_density(&z, &mut gradient).unwrap();
                for k in 0..4 {
                    let (mut up, mut down) = (z.clone(), z.clone());
                    (up[k], down[k]) = (up[k] + 1e-5, down[k] - 1e-5);
                    let mut at = |z: &[f64]| target.ln_density(z, &mut unused).unwrap();
                    assert_relative_eq!(gradient[k], (at(&up) - at(&down)) / 2e-5, max_relative = 1e-5);
                }
            });
        }
    }

    #[test]
    fn a_prior_means_the_same_in_every_unit() {
        // alpha in days is 7 times alpha in weeks; with the prior's scale times 7 the posterior is
        // the same up to a constant.
        let (weeks, days) = (summary(), summary().to_unit(TimeUnit::Day));
        let prior = |beta: f64| Priors::default().of("alpha", Prior::Weibull { alpha: 2.0, beta });
        let difference = |priors: &Priors, rfm: &RfmSummary, unit: f64| {
            let found = std::cell::Cell::new(0.0);
            with_target(priors, rfm, |target| {
                let mut unused = [0.0; 4];
                let mut at = |alpha: f64| {
                    let z = target.free(&[0.7, alpha * unit, 0.8, 2.9]);
                    target.ln_density(&z, &mut unused).unwrap()
                };
                found.set(at(7.0) - at(5.0));
            });
            found.get()
        };
        let (week, day) = (difference(&prior(10.0), &weeks, 1.0), difference(&prior(70.0), &days, 7.0));
        assert_relative_eq!(week, day, max_relative = 1e-8);
        let weak = Priors::default();
        assert_relative_eq!(
            difference(&weak, &weeks, 1.0),
            difference(&weak, &days, 7.0),
            max_relative = 1e-8
        );
    }

    #[test]
    fn the_frame_stands_on_the_mode_and_is_round() {
        let rfm = summary();
        with_target(&Priors::default(), &rfm, |target| {
            // Far starts reach the same mode.
            let starts = [[0.1, 30.0, 0.1, 9.0], [3.0, 1.0, 4.0, 0.5]];
            let frames = starts.map(|theta| target.frame(&[target.free(&theta)]).unwrap());
            for (left, right) in frames[0].mode.iter().zip(&frames[1].mode) {
                assert_relative_eq!(*left, *right, epsilon = 1e-4);
            }
            let frame = &frames[0];
            let slope = |u: &[f64]| {
                let mut gradient = [0.0; 4];
                target.ln_density(&frame.place(u), &mut gradient).unwrap();
                frame.pull_back(&gradient)
            };
            for k in 0..4 {
                let mut u = [0.0; 4];
                u[k] = 0.02;
                // Of a standard normal the slope at u is −u.
                for (j, slope) in slope(&u).iter().enumerate() {
                    assert!((slope + u[j]).abs() < 2e-3, "{k} {j}: {slope}");
                }
            }
        });
    }

    #[test]
    fn what_is_no_number_is_refused() {
        let rfm = summary();
        with_target(&Priors::default(), &rfm, |target| {
            assert_eq!(target.ln_density(&[800.0, 0.0, 0.0, 0.0], &mut [0.0; 4]), None);
        });
    }
}
