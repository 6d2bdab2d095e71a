//! The distribution of dropout times over customers.

use crate::numeric::random::Draws;

/// Derivatives of the logarithm of a dropout time's density or survival by its up to three parameters.
pub(crate) type ByParameters = [f64; 3];

/// Second derivatives by two parameters i ≤ j of a dropout time: (0,0), (0,1), (0,2), (1,1), (1,2), (2,2).
pub(crate) type ByTwoParameters = [f64; 6];

/// A distribution of dropout times over customers, without the dropout time of any single one.
pub trait DropoutTime: Copy + std::fmt::Debug {
    /// How many parameters it has.
    const PARAMETERS: usize;

    /// ln P(dropout time > t).
    fn ln_survival(&self, t: f64) -> f64;

    /// ln of the density of the dropout time at t.
    fn ln_density(&self, t: f64) -> f64;

    /// [`DropoutTime::ln_survival`] with its derivatives.
    fn survival_by(&self, t: f64) -> (f64, ByParameters);

    /// [`DropoutTime::ln_density`] with its derivatives.
    fn density_by(&self, t: f64) -> (f64, ByParameters);

    /// Second derivatives of [`DropoutTime::ln_survival`] and of [`DropoutTime::ln_density`] at t by its
    /// parameters, where there are formulas for them.
    fn second(&self, _t: f64) -> Option<(ByTwoParameters, ByTwoParameters)> {
        None
    }

    /// |d ln density / dt|.
    fn slope(&self, t: f64) -> f64;

    /// Distance in the complex plane from t to the nearest singularity of the density.
    fn smooth_for(&self, t: f64) -> f64;

    /// How far the density may rise again, in logarithms.
    fn rise(&self) -> f64;

    /// ∫_0^t P(dropout time > u) du, the mean of min(dropout time, t).
    fn mean_up_to(&self, t: f64) -> f64;

    /// A time before which few customers drop out.
    fn scale(&self) -> f64;

    /// c where P(dropout time > t) falls as t^−c far out; infinite where it falls faster.
    fn tail_power(&self) -> f64;

    /// The remaining dropout time of a customer alive at `age`.
    #[must_use]
    fn later(&self, age: f64) -> Self;

    /// The next dropout time of a customer who dropped out at `age` and starts again as a new one.
    #[must_use]
    fn of_dropped_out(&self, age: f64) -> Self;

    /// A random dropout time.
    fn draw(&self, draws: &mut Draws) -> f64;
}
