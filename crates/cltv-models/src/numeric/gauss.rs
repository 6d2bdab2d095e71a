//! Gauss-Legendre quadrature in panels, halved where they have not converged.

/// Nodes and weights of the rule with 12 points on (−1, 1), by half (Abramowitz & Stegun 25.4.30).
const HALF_RULE: [(f64, f64); 6] = [
    (0.125_233_408_511_468_9, 0.249_147_045_813_402_8),
    (0.367_831_498_998_180_2, 0.233_492_536_538_354_8),
    (0.587_317_954_286_617_5, 0.203_167_426_723_065_92),
    (0.769_902_674_194_304_7, 0.160_078_328_543_346_23),
    (0.904_117_256_370_474_9, 0.106_939_325_995_318_43),
    (0.981_560_634_246_719_3, 0.047_175_336_386_511_83),
];
/// The same with 4, 6 and 8 points (25.4.30), for panels that are short against the function's scale of change.
const FOUR_POINTS: [(f64, f64); 2] =
    [(0.339_981_043_584_856_26, 0.652_145_154_862_546_1), (0.861_136_311_594_052_6, 0.347_854_845_137_453_9)];
const SIX_POINTS: [(f64, f64); 3] = [
    (0.238_619_186_083_196_9, 0.467_913_934_572_691_04),
    (0.661_209_386_466_264_5, 0.360_761_573_048_138_6),
    (0.932_469_514_203_152, 0.171_324_492_379_170_36),
];
const EIGHT_POINTS: [(f64, f64); 4] = [
    (0.183_434_642_495_649_8, 0.362_683_783_378_362),
    (0.525_532_409_916_329, 0.313_706_645_877_887_3),
    (0.796_666_477_413_626_7, 0.222_381_034_453_374_48),
    (0.960_289_856_497_536_3, 0.101_228_536_290_376_26),
];
/// Agreement of a panel with its halves, against the whole integral, at which it is done.
const AGREEMENT: f64 = 1e-13;
/// Part of a disagreement that a halving leaves at most while a smooth function converges.
const SMOOTH: f64 = 0.1;
/// Disagreement, against the whole integral, that may be rounding.
const NOISE: f64 = 1e-8;
/// Halvings of one panel after which it is taken as it is.
const HALVINGS: u32 = 12;
/// Panels whose ends are this far below the highest one are left out, in logarithms.
const NEGLIGIBLE: f64 = 60.0;

/// Calls `each` with the nodes and weights of the 12-point rule on [from, to].
#[inline]
pub(crate) fn nodes(from: f64, to: f64, each: impl FnMut(f64, f64)) {
    nodes_of(&HALF_RULE, from, to, each);
}

/// As [`nodes`], with as many points as 14 digits need. `curvature` is the fall of the logarithm of the
/// integrand in the panel, or four times the panel's length against the distance to the nearest
/// singularity if that is more.
#[inline]
pub(crate) fn nodes_for(curvature: f64, from: f64, to: f64, each: impl FnMut(f64, f64)) {
    match curvature {
        curvature if curvature <= 0.1 => nodes_of(&FOUR_POINTS, from, to, each),
        curvature if curvature <= 0.5 => nodes_of(&SIX_POINTS, from, to, each),
        curvature if curvature <= 1.2 => nodes_of(&EIGHT_POINTS, from, to, each),
        _ => nodes(from, to, each),
    }
}

#[inline(always)]
fn nodes_of(half_rule: &[(f64, f64)], from: f64, to: f64, mut each: impl FnMut(f64, f64)) {
    let (middle, half) = (0.5 * (from + to), 0.5 * (to - from));
    for &(x, weight) in half_rule {
        each(middle - half * x, half * weight);
        each(middle + half * x, half * weight);
    }
}

fn panel(from: f64, to: f64, f: &impl Fn(f64) -> f64) -> f64 {
    let mut sum = 0.0;
    nodes(from, to, |x, weight| sum += weight * f(x));
    sum
}

/// The integral of a function that keeps its sign over [from, to], in panels of at most `length`.
pub(crate) fn integral(from: f64, to: f64, length: f64, f: impl Fn(f64) -> f64) -> f64 {
    let panels = panels(from, to, length);
    let rough: Vec<f64> = panels.iter().map(|&(from, to)| panel(from, to, &f)).collect();
    let halving = Halving { f: &f, whole: rough.iter().map(|part| part.abs()).sum() };
    panels.iter().zip(rough).map(|(&(from, to), part)| halving.refine(from, to, part)).sum()
}

fn panels(from: f64, to: f64, length: f64) -> Vec<(f64, f64)> {
    let count = ((to - from) / length).ceil().max(1.0);
    let step = (to - from) / count;
    (0..count as usize).map(|k| (from + step * k as f64, from + step * (k + 1) as f64)).collect()
}

/// The state of an adaptive halving of panels.
struct Halving<'f, F> {
    f: &'f F,
    /// The whole integral, roughly.
    whole: f64,
}

impl<F: Fn(f64) -> f64> Halving<'_, F> {
    fn refine(&self, from: f64, to: f64, rough: f64) -> f64 {
        self.halved(from, to, rough, f64::INFINITY, HALVINGS)
    }

    /// The integral over one panel; `before` is how far its parent was from its halves.
    fn halved(&self, from: f64, to: f64, rough: f64, before: f64, left: u32) -> f64 {
        let middle = 0.5 * (from + to);
        let halves = (panel(from, middle, self.f), panel(middle, to, self.f));
        let sum = halves.0 + halves.1;
        let apart = (sum - rough).abs();
        // Of a smooth function each halving leaves a fraction of a millionth. Where it leaves a
        // good part, what is left is the rounding of the function itself.
        let is_noise = apart > SMOOTH * before && apart <= NOISE * self.whole;
        if apart <= AGREEMENT * self.whole.max(sum.abs()) || is_noise || left == 0 || sum.is_nan() {
            return sum;
        }
        self.halved(from, middle, halves.0, apart, left - 1)
            + self.halved(middle, to, halves.1, apart, left - 1)
    }
}

/// ln ∫ e^g over [from, to], −∞ for an empty range.
///
/// Panels have at most `length`; those whose ends are negligible against the highest are left out,
/// so that a long range of a single bump costs little.
pub(crate) fn ln_integral(from: f64, to: f64, length: f64, g: impl Fn(f64) -> f64) -> f64 {
    if from >= to {
        return f64::NEG_INFINITY;
    }
    let panels = panels(from, to, length);
    let ends: Vec<f64> = std::iter::once(from).chain(panels.iter().map(|panel| panel.1)).map(&g).collect();
    let highest = ends.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if highest == f64::NEG_INFINITY {
        return highest;
    }
    let counts = |k: &usize| ends[*k].max(ends[k + 1]) > highest - NEGLIGIBLE;
    let chosen: Vec<(f64, f64)> = (0..panels.len()).filter(counts).map(|k| panels[k]).collect();
    // A bump between two ends can be far higher than both, so the scale is taken from the nodes.
    let mut peak = highest;
    for &(from, to) in &chosen {
        nodes(from, to, |x, _| peak = peak.max(g(x)));
    }
    let f = |x: f64| (g(x) - peak).exp();
    let rough: Vec<f64> = chosen.iter().map(|&(from, to)| panel(from, to, &f)).collect();
    let halving = Halving { f: &f, whole: rough.iter().sum() };
    let sum: f64 = chosen.iter().zip(rough).map(|(&(from, to), part)| halving.refine(from, to, part)).sum();
    peak + sum.ln()
}

/// Terms of a series that are added one by one.
const TERMS: u32 = 256;
/// Natural logarithm of the last term that is not left to a power law.
const LAST_TERM: f64 = 600.0;

/// ln Σ_{k ≥ 1} e^g(k) for terms that change slowly from some k on and fall as k^−`power`
/// (infinite: faster). Infinite where the series has no sum.
///
/// The first terms are added; the rest is Euler and Maclaurin's integral from the middle between
/// two terms, with its first correction.
pub(crate) fn ln_series(power: f64, g: impl Fn(f64) -> f64) -> f64 {
    if power <= 1.0 {
        return f64::INFINITY;
    }
    let peak = g(1.0).max(g(f64::from(TERMS)));
    if peak == f64::NEG_INFINITY {
        return peak;
    }
    let mut sum = 0.0;
    for k in 1..=TERMS {
        let term = (g(f64::from(k)) - peak).exp();
        sum += term;
        if term < 1e-18 * sum {
            return peak + sum.ln();
        }
    }
    let (last, next) = (f64::from(TERMS), f64::from(TERMS + 1));
    let middle = last + 0.5;
    let slope = (g(next) - peak).exp() - (g(last) - peak).exp();
    let integral = ln_integral(middle.ln(), LAST_TERM, 2.0, |y| y + g(y.exp()));
    // Beyond the last term only the power law is left.
    let beyond =
        if power.is_finite() { (LAST_TERM + g(LAST_TERM.exp()) - peak).exp() / (power - 1.0) } else { 0.0 };
    peak + (sum + (integral - peak).exp() + slope / 24.0 + beyond).ln()
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    #[test]
    fn polynomials_and_powers() {
        assert_relative_eq!(
            panel(-1.0, 3.0, &|x: f64| x.powi(23)),
            (3.0_f64.powi(24) - 1.0) / 24.0,
            max_relative = 1e-13
        );
        assert_relative_eq!(integral(-80.0, 0.0, 4.0, |y| (1.5 * y).exp()), 2.0 / 3.0, max_relative = 1e-13);
        assert_relative_eq!(integral(0.0, 800.0, 10.0, |x| (-x).exp()), 1.0, max_relative = 1e-13);
    }

    #[test]
    fn short_panels_need_few_points() {
        // ∫ (1 + t)^−power, whose singularity is at −1.
        for power in [1.5_f64, 3.5, 12.5, 40.0, 3000.0] {
            for curvature in [1e-4, 0.1, 0.11, 0.5, 0.51, 1.2, 1.21] {
                let (mut sum, length, less) = (0.0, curvature / power.max(4.0), power - 1.0);
                nodes_for(curvature, 0.0, length, |t, weight| sum += weight * (-power * t.ln_1p()).exp());
                let exact = -(-less * f64::ln_1p(length)).exp_m1() / less;
                assert_relative_eq!(sum, exact, max_relative = 1e-14);
            }
        }
    }

    #[test]
    fn series_meet_their_sums() {
        // ζ(2) and ζ(1.1), and a geometric series too slow to add up.
        let zeta = |power: f64| ln_series(power, |k| -power * k.ln()).exp();
        assert_relative_eq!(zeta(2.0), std::f64::consts::PI.powi(2) / 6.0, max_relative = 1e-11);
        assert_relative_eq!(zeta(1.1), 10.584_448_464_950_809, max_relative = 1e-11);
        assert_eq!(zeta(1.0), f64::INFINITY);
        let slow = ln_series(f64::INFINITY, |k| -1e-5 * k).exp();
        assert_relative_eq!(slow, 1.0 / 1e-5_f64.exp_m1(), max_relative = 1e-12);
    }

    #[test]
    fn bumps_are_found_however_narrow() {
        // Normal densities, from wide to a thousandth of a panel.
        for deviation in [3.0, 0.1, 1e-3] {
            let ln = ln_integral(-300.0, 200.0, 1.0, |x| -0.5 * ((x - 7.3) / deviation).powi(2) - 900.0);
            let exact = f64::ln(deviation) + 0.5 * (2.0 * std::f64::consts::PI).ln() - 900.0;
            assert_relative_eq!(ln, exact, max_relative = 1e-13);
        }
        assert_eq!(ln_integral(1.0, 1.0, 1.0, |x| x), f64::NEG_INFINITY);
    }
}
