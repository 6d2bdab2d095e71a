//! Integrals over the time from now on of a living customer, in the clock v = ln(1 + u/scale).
//!
//! On this clock no purchase within u has the probability e^(−shape v), whatever the scale, and power
//! laws of the dropout time become exponentials, so that ranges over many orders of magnitude need few
//! panels.

use super::customer::ContinuousDropoutCustomer;
use super::dropout_time::DropoutTime;
use crate::models::nbd::counts::negative_binomials;
use crate::numeric::panels::{NEGLIGIBLE, integrate_in_panels};

/// The clock's last time; later ones are left to power laws. e^600 times any scale is finite.
const LAST: f64 = 600.0;
/// Longest panel, against twice that many: u grows as e^v.
const SMOOTH: f64 = 2.0;
/// Part of the last z below which powers above 23 do not count: a quarter of it is 4^−23.
const SMALL: f64 = 0.25;

impl<D: DropoutTime> ContinuousDropoutCustomer<D> {
    /// The time u at which the clock is at v.
    fn time(&self, v: f64) -> f64 {
        self.scale * v.exp_m1()
    }

    /// Distance on the clock to the nearest singularity of the dropout time: |ln(1 + z)| is at least
    /// ln(1 + |z|).
    fn smooth_for(&self, u: f64) -> f64 {
        (self.dropout_time.smooth_for(u) / (self.scale + u)).ln_1p().min(SMOOTH)
    }

    fn hazard(&self, u: f64) -> f64 {
        (self.dropout_time.ln_density(u) - self.dropout_time.ln_survival(u)).exp()
    }

    /// P(a next purchase within t): shape ∫ S(u) e^(−shape v) dv up to v = ln(1 + t/scale).
    ///
    /// All terms are positive, so that small probabilities keep their digits.
    pub(super) fn next_purchase_within(&self, t: f64) -> f64 {
        let (shape, end) = (self.shape, (t / self.scale).ln_1p().min(LAST));
        let ln_f = |v: f64| self.dropout_time.ln_survival(self.time(v)) - shape * v;
        let slope = |v: f64| {
            let u = self.time(v);
            shape + self.hazard(u) * (self.scale + u)
        };
        let mut sum = 0.0;
        let smooth_for = |v: f64| self.smooth_for(self.time(v));
        let over = integrate_in_panels(0.0, end, -NEGLIGIBLE, (slope, smooth_for), ln_f, |v, weight| {
            sum += weight * ln_f(v).exp();
        });
        if !over && end == LAST {
            sum += ln_f(end).exp() / (shape + self.dropout_time.tail_power());
        }
        (shape * sum).min(1.0)
    }

    /// P(dropout before any purchase): ∫ f(u) (scale + u) e^(−shape v) dv over all v.
    pub(super) fn no_purchase_before_dropout(&self) -> f64 {
        let ln_f = |v: f64| self.ln_dropout(self.time(v)) - self.shape * v;
        let slope = |v: f64| self.shape + self.dropout_slope(self.time(v));
        let smooth_for = |v: f64| self.smooth_for(self.time(v));
        let floor = ln_f(0.0) - NEGLIGIBLE - self.dropout_time.rise();
        let mut sum = 0.0;
        let over = integrate_in_panels(0.0, LAST, floor, (slope, smooth_for), ln_f, |v, weight| {
            sum += weight * ln_f(v).exp();
        });
        if !over {
            sum += ln_f(LAST).exp() / (self.shape + self.dropout_time.tail_power());
        }
        sum.min(1.0)
    }

    /// P(n purchases within t) for n = 0, 1, … in `out`; false, with nothing useful in it, where a
    /// probability of no purchase would underflow.
    ///
    /// S(t) P(N(t) = n) + ∫ f(u) (scale + u) P(N(u) = n) dv, where P(N(u) = n) follows from n = 0 by
    /// factors z (shape + n)/(n + 1) with z = 1 − e^(−v). The rule with 12 points is exact for powers of z
    /// up to 23, and panels are short enough for higher ones where z is not small.
    pub(super) fn counts_within(&self, t: f64, out: &mut [f64]) -> bool {
        let (shape, scale, end) = (self.shape, self.scale, (t / self.scale).ln_1p());
        if shape * end > LAST {
            return false;
        }
        negative_binomials(shape, scale, t, out);
        let alive = self.dropout_time.ln_survival(t).exp();
        out.iter_mut().for_each(|chance| *chance *= alive);
        let ratios: Vec<f64> = (0..out.len()).map(|n| (shape + n as f64) / (n as f64 + 1.0)).collect();
        let (most, powers_from) = (out.len() as f64, SMALL * t / (scale + t));
        let slope = |v: f64| {
            let z = -(-v).exp_m1();
            let powers = if z > powers_from { most * (1.0 - z) / z } else { 0.0 };
            shape + powers + self.dropout_slope(self.time(v))
        };
        let ln_f = |v: f64| self.ln_dropout(self.time(v));
        let smooth_for = |v: f64| self.smooth_for(self.time(v));
        let floor = ln_f(0.0) - NEGLIGIBLE - self.dropout_time.rise();
        integrate_in_panels(0.0, end, floor, (slope, smooth_for), ln_f, |v, weight| {
            let (mut chance, z) = (weight * (ln_f(v) - shape * v).exp(), -(-v).exp_m1());
            for (out, ratio) in out.iter_mut().zip(&ratios) {
                *out += chance;
                chance *= z * ratio;
            }
        });
        true
    }

    /// ln of the density of the dropout time on the clock.
    fn ln_dropout(&self, u: f64) -> f64 {
        self.dropout_time.ln_density(u) + (self.scale + u).ln()
    }

    /// A bound of the slope of [`Self::ln_dropout`].
    fn dropout_slope(&self, u: f64) -> f64 {
        1.0 + self.dropout_time.slope(u) * (self.scale + u)
    }
}
