//! Integrals of functions with known singularities, in panels on which they are smooth.

use crate::numeric::gauss::nodes_for;

/// Panels reach at most this many times the distance to the nearest singularity: the 12-point
/// rule then has an error of about 1e-15.
const REACH: f64 = 1.5;
/// Largest change of the logarithm of an integrand inside one panel.
const LARGEST_FALL: f64 = 8.0;
/// An integrand this far below its start, in logarithms, no longer counts.
pub(crate) const NEGLIGIBLE: f64 = 60.0;
/// Panels after which an integral is taken as it is; a hundred are far more than any needs.
const PANEL_CAP: u32 = 2_000;

/// Steps from `from` to `to` in panels on which e^`ln_f` is smooth, until it is negligible.
///
/// `slope` bounds |d ln f / dt|, `smooth_for` is the distance to its nearest singularity; f is
/// negligible below e^`floor`. True when that was reached.
pub(crate) fn integrate_in_panels(
    from: f64,
    to: f64,
    floor: f64,
    (slope, smooth_for): (impl Fn(f64) -> f64, impl Fn(f64) -> f64),
    ln_f: impl Fn(f64) -> f64,
    mut each: impl FnMut(f64, f64),
) -> bool {
    let mut at = from;
    for _ in 0..PANEL_CAP {
        if at >= to {
            return false;
        }
        let (smooth, steep) = (smooth_for(at), slope(at));
        let mut step = (REACH * smooth).min(LARGEST_FALL / steep).min(to - at);
        // Singularities beside the range may be far from the start and close to the end.
        let too_long =
            |step: f64| step * slope(at + step) > LARGEST_FALL || step > REACH * smooth_for(at + step);
        while too_long(step) && at + 0.5 * step > at {
            step *= 0.5;
        }
        let end = at + step;
        if end <= at {
            return false;
        }
        let curvature = step * (4.0 / smooth).max(steep).max(slope(end));
        nodes_for(curvature, at, end.min(to), &mut each);
        at = end;
        if ln_f(at) < floor {
            return true;
        }
    }
    true
}
