//! Roots of rising functions.

/// Steps after which a root is taken as it is; bisection alone would have all digits by then.
const STEPS: u32 = 200;
/// Doublings of the distance from the start after which there is no root.
const DOUBLINGS: u32 = 64;

/// The longest step of Newton's method.
const LONGEST: f64 = 2.0;

/// The root of a rising function, from `start` on to both sides; `None` where it has no change of sign.
///
/// Regula falsi in its Illinois form (Dowell & Jarratt 1971); a step that does not halve the interval is
/// followed by a bisection.
pub(crate) fn rising_root(start: f64, step: f64, tolerance: f64, f: impl Fn(f64) -> f64) -> Option<f64> {
    let mut between = Between::find(start, step, &f)?;
    for _ in 0..STEPS {
        let (low, high) = (between.low, between.high);
        let width = high.0 - low.0;
        if width <= tolerance * high.0.abs().max(1.0) || high.1 == 0.0 {
            break;
        }
        between.narrow((low.0 * high.1 - high.0 * low.1) / (high.1 - low.1), &f);
        if between.high.0 - between.low.0 > 0.5 * width {
            between.narrow(0.5 * (between.low.0 + between.high.0), &f);
        }
    }
    Some(if -between.low.1 < between.high.1 { between.low.0 } else { between.high.0 })
}

/// Where a distribution function F has the value `share`, from `start` on; `f` gives F and its density. `None`
/// where it does not come to that value.
///
/// Newton's method on ln(F/(1 − F)), which is nearly linear in the tails of most distributions. A step out of
/// the places known to be on both sides, or from where F is flat, is replaced by a bisection. The step that is
/// taken last is below 1e-7, so that the error, which Newton's method squares, is near machine precision.
pub(crate) fn rising_share(start: f64, share: f64, f: impl Fn(f64) -> (f64, f64)) -> Option<f64> {
    let wanted = logit(share);
    let (mut low, mut high, mut at) = (f64::NEG_INFINITY, f64::INFINITY, start);
    for _ in 0..STEPS {
        let (value, density) = f(at);
        if value.is_nan() {
            return None;
        }
        if value < share {
            low = at
        } else {
            high = at
        }
        let step = (wanted - logit(value)) * value * (1.0 - value) / density;
        let next = at + if step.is_finite() { step.clamp(-LONGEST, LONGEST) } else { f64::NAN };
        if step.abs() <= 1e-7 {
            return Some(next);
        }
        at = match next > low && next < high {
            true => next,
            false if low.is_infinite() => at - LONGEST,
            false if high.is_infinite() => at + LONGEST,
            false => 0.5 * (low + high),
        };
        if high - low <= f64::EPSILON * at.abs().max(1.0) {
            return Some(at);
        }
    }
    None
}

fn logit(share: f64) -> f64 {
    share.ln() - (-share).ln_1p()
}

/// Two places with the function there, below and not below 0.
struct Between {
    low: (f64, f64),
    high: (f64, f64),
    /// Whether the low place was the last to move.
    moved_low: Option<bool>,
}

impl Between {
    fn find(start: f64, step: f64, f: &impl Fn(f64) -> f64) -> Option<Self> {
        let (mut at, mut step) = ((start, f(start)), step);
        for _ in 0..DOUBLINGS {
            let below = at.1 < 0.0;
            let next = if below { at.0 + step } else { at.0 - step };
            let next = (next, f(next));
            if next.1.is_nan() {
                return None;
            }
            if below != (next.1 < 0.0) {
                let (low, high) = if below { (at, next) } else { (next, at) };
                return Some(Self { low, high, moved_low: None });
            }
            (at, step) = (next, 2.0 * step);
        }
        None
    }

    /// Moves one end; where the same one moves twice, the value of the other is halved.
    fn narrow(&mut self, at: f64, f: &impl Fn(f64) -> f64) {
        if !(at > self.low.0 && at < self.high.0) {
            return;
        }
        let value = f(at);
        let below = value < 0.0;
        let (moved, other) =
            if below { (&mut self.low, &mut self.high) } else { (&mut self.high, &mut self.low) };
        *moved = (at, value);
        if self.moved_low == Some(below) {
            other.1 *= 0.5;
        }
        self.moved_low = Some(below);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    #[test]
    fn roots_of_steep_and_flat_functions() {
        for root in [-30.0_f64, -0.1, 0.0, 7.3, 400.0] {
            let steep = rising_root(1.0, 1.0, 1e-13, |y| ((y - root) * 40.0).tanh());
            let flat = rising_root(1.0, 1.0, 1e-13, |y| (y - root).powi(3));
            assert_relative_eq!(steep.unwrap(), root, epsilon = 1e-11);
            assert_relative_eq!(flat.unwrap(), root, epsilon = 1e-9);
        }
        assert_eq!(rising_root(0.0, 1.0, 1e-10, |y| -1.0 / (1.0 + y * y)), None);
        assert_eq!(rising_root(0.0, 1.0, 1e-10, |_| f64::NAN), None);
    }

    #[test]
    fn places_of_shares_of_a_logistic_and_of_a_mixture_with_a_flat_part() {
        let logistic = |y: f64| 1.0 / (1.0 + (-y).exp());
        for share in [1e-9, 0.025, 0.5, 0.975, 1.0 - 1e-9] {
            let at = rising_share(3.0, share, |y| (logistic(y), logistic(y) * logistic(-y))).unwrap();
            assert_relative_eq!(logistic(at), share, max_relative = 1e-12);
        }
        // Between the two parts there is nothing.
        let f = |y: f64| 0.5 * logistic(40.0 * (y + 5.0)) + 0.5 * logistic(40.0 * (y - 5.0));
        let slope = |y: f64| {
            let part = |m: f64| logistic(40.0 * (y - m)) * logistic(-40.0 * (y - m));
            20.0 * (part(-5.0) + part(5.0))
        };
        for (start, share) in [(0.0, 0.3), (0.0, 0.7), (30.0, 0.2), (-30.0, 0.9)] {
            let at = rising_share(start, share, |y| (f(y), slope(y))).unwrap();
            assert_relative_eq!(f(at), share, max_relative = 1e-9);
        }
        assert_eq!(rising_share(0.0, 0.9, |y| (0.5 * logistic(y), 0.5 * logistic(y) * logistic(-y))), None);
    }
}
