//! How long customers live, and the life that the Pareto/NBD gives them.

use crate::numeric::random::Draws;

/// Derivatives of a lifetime's logarithms by up to three parameters of its own.
pub(crate) type ByLifetime = [f64; 3];

/// Second derivatives by two parameters i ≤ j of a lifetime: (0,0), (0,1), (0,2), (1,1), (1,2), (2,2).
pub(crate) type ByTwo = [f64; 6];

/// How long customers live, over all of them.
pub trait Lifetime: Copy + std::fmt::Debug {
    /// How many parameters it has.
    const PARAMETERS: usize;

    /// ln P(life > t).
    fn ln_survival(&self, t: f64) -> f64;

    /// ln of the density of the life's end at t.
    fn ln_density(&self, t: f64) -> f64;

    /// [`Lifetime::ln_survival`] with its derivatives.
    fn survival_by(&self, t: f64) -> (f64, ByLifetime);

    /// [`Lifetime::ln_density`] with its derivatives.
    fn density_by(&self, t: f64) -> (f64, ByLifetime);

    /// Second derivatives of [`Lifetime::ln_survival`] and of [`Lifetime::ln_density`] at t by its
    /// parameters, where there are formulas for them.
    fn second(&self, _t: f64) -> Option<(ByTwo, ByTwo)> {
        None
    }

    /// |d ln density / dt|.
    fn slope(&self, t: f64) -> f64;

    /// Distance in the complex plane from t to the nearest singularity of the density.
    fn smooth_for(&self, t: f64) -> f64;

    /// How far the density may rise again, in logarithms.
    fn rise(&self) -> f64;

    /// ∫_0^t P(life > u) du, the mean life up to t.
    fn mean_up_to(&self, t: f64) -> f64;

    /// The time below which hardly anybody dies.
    fn scale(&self) -> f64;

    /// c where P(life > t) falls as t^−c far out; infinite where it falls faster.
    fn tail_power(&self) -> f64;

    /// The life left of somebody alive at `age`.
    #[must_use]
    fn later(&self, age: f64) -> Self;

    /// A random life.
    fn draw(&self, draws: &mut Draws) -> f64;
}
