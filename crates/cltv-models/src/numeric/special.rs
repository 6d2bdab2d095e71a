//! Special functions in the forms the models need: differences and ratios that do not cancel.

/// Arguments from which Stirling's series is used; smaller ones are shifted up to it first.
const STIRLING_FROM: f64 = 10.0;
/// Terms after which a hypergeometric series is given up.
const SERIES_CAP: u32 = 20_000;
/// Steps after which the incomplete beta's fraction is taken as it is.
const FRACTION_CAP: u32 = 20_000;
/// Share of b below which t is short: there the midpoint rule is more exact than a difference.
const SHORT: f64 = 1e-5;
/// Size at which a growing series is scaled down, far from overflow.
const RESCALE_AT: f64 = 1e200;

/// ln Γ(a + d) − ln Γ(a) for a > 0, d ≥ 0, without the cancellation of two logarithms.
///
/// For large `a` the naive difference loses as many digits as ln Γ(a) has before the point;
/// this one works with ln(1 + d/a) and stays exact to about 1e-15 relative.
#[must_use]
pub fn ln_gamma_ratio(a: f64, d: f64) -> f64 {
    if d == 0.0 {
        return 0.0;
    }
    let (shifted, product) = shift(a, |k| (a + d + k) / (a + k));
    stirling_ratio(shifted, d) - product.ln()
}

/// ψ(a + d) − ψ(a) for a > 0, d ≥ 0: the derivative of [`ln_gamma_ratio`] by `a`.
#[must_use]
pub fn digamma_difference(a: f64, d: f64) -> f64 {
    if d == 0.0 {
        return 0.0;
    }
    let mut low = a;
    let mut sum = 0.0;
    while low < STIRLING_FROM {
        sum += d / (low * (low + d));
        low += 1.0;
    }
    // The difference of 1/(2y), the first term behind ln y, as one fraction, so that a small d does not cancel.
    let first = 0.5 / (low * (1.0 + low / d));
    sum + (d / low).ln_1p() + first + digamma_correction(low) - digamma_correction(low + d)
}

/// ψ′(a + d) − ψ′(a) for a > 0, d ≥ 0: the derivative of [`digamma_difference`] by `a`.
#[must_use]
pub fn trigamma_difference(a: f64, d: f64) -> f64 {
    if d == 0.0 {
        return 0.0;
    }
    let mut low = a;
    let mut sum = 0.0;
    while low < STIRLING_FROM {
        sum -= d * (low + low + d) / (low * (low + d)).powi(2);
        low += 1.0;
    }
    sum - d / (low * (low + d)) + trigamma_correction(low + d) - trigamma_correction(low)
}

/// ψ′(a), the trigamma function, for a > 0.
#[must_use]
pub fn trigamma(a: f64) -> f64 {
    let (mut low, mut sum) = (a, 0.0);
    while low < STIRLING_FROM {
        sum += 1.0 / (low * low);
        low += 1.0;
    }
    sum + 1.0 / low + trigamma_correction(low)
}

/// ln B(a, b) for a, b > 0.
#[must_use]
pub fn ln_beta(a: f64, b: f64) -> f64 {
    let (low, high) = if a < b { (a, b) } else { (b, a) };
    if low < STIRLING_FROM {
        return statrs::function::gamma::ln_gamma(low) - ln_gamma_ratio(high, low);
    }
    let half_ln_two_pi = 0.5 * (2.0 * std::f64::consts::PI).ln();
    let main = -low * (high / low).ln_1p() - high * (low / high).ln_1p();
    main - 0.5 * low.ln()
        + 0.5 * (low / high).ln_1p()
        + half_ln_two_pi
        + gamma_correction(low)
        + gamma_correction(high)
        - gamma_correction(low + high)
}

/// ln E[(1 − p)^t] for p ~ Beta(a, b) and real t ≥ 0: ln B(a, b + t) − ln B(a, b).
///
/// Of the two forms the one with the smaller terms is used, so that it keeps its digits however
/// long t is. For t far below b both would cancel; there the derivative ψ(b) − ψ(a + b) is integrated by the
/// midpoint rule, whose relative error is below (t/b)²/12.
#[must_use]
pub(crate) fn ln_beta_survival(a: f64, b: f64, t: f64) -> f64 {
    if t == f64::INFINITY {
        return f64::NEG_INFINITY;
    }
    if t < SHORT * b {
        return -t * digamma_difference(b + 0.5 * t, a);
    }
    if t < a {
        return ln_gamma_ratio(b, t) - ln_gamma_ratio(a + b, t);
    }
    ln_gamma_ratio(b, a) - ln_gamma_ratio(b + t, a)
}

/// ln(1 + y) for y ≥ 0 to the last digit, in half the time of the C library's `log1p`.
///
/// 1 + y is rounded to u; what the rounding lost, y − (u − 1), is exact, and its part in the
/// logarithm is that over u.
#[must_use]
pub(crate) fn ln_one_plus(y: f64) -> f64 {
    let u = 1.0 + y;
    // Above this nothing is lost but the 1, and infinity would be subtracted from itself.
    if u > 1e18 { y.ln() } else { u.ln() + (y - (u - 1.0)) / u }
}

/// ln(e^a + e^b) without overflow.
#[must_use]
pub fn ln_add_exp(a: f64, b: f64) -> f64 {
    let (low, high) = if a < b { (a, b) } else { (b, a) };
    if high == f64::NEG_INFINITY {
        return high;
    }
    high + (low - high).exp().ln_1p()
}

/// 1 / (1 + e^(−y)) without overflow.
#[must_use]
pub fn logistic(y: f64) -> f64 {
    if y >= 0.0 {
        return 1.0 / (1.0 + (-y).exp());
    }
    let odds = y.exp();
    odds / (1.0 + odds)
}

/// Gauss's ₂F₁(a, b; c; z) for 0 ≤ z < 1 and c > 0, or `None` when its series is too slow.
///
/// A series whose terms from the second on have one sign does not cancel, so the plain series is
/// used unless a or b is below −1. Then Euler's transformation
/// ₂F₁(a, b; c; z) = (1 − z)^(c−a−b) ₂F₁(c − a, c − b; c; z) gives positive terms, summed with
/// scaling so that it cannot overflow.
///
/// # References
/// NIST DLMF 15.2.1 (series) and 15.8.1 (transformation).
#[must_use]
pub fn hypergeometric_2f1(a: f64, b: f64, c: f64, z: f64) -> Option<f64> {
    if z == 0.0 || a == 0.0 || b == 0.0 {
        return Some(1.0);
    }
    if a > -1.0 && b > -1.0 {
        let (sum, ln_scale) = hypergeometric_series(a, b, c, z)?;
        return Some(sum * ln_scale.exp());
    }
    let (sum, ln_scale) = hypergeometric_series(c - a, c - b, c, z)?;
    Some(((c - a - b) * (-z).ln_1p() + ln_scale).exp() * sum)
}

/// [`hypergeometric_2f1`] at several z, all with the same terms but for their powers of z: cheaper
/// than one by one. NaN where one by one may give more, or nothing.
pub(crate) fn hypergeometric_2f1_at<const N: usize>(a: f64, b: f64, c: f64, z: &[f64; N]) -> [f64; N] {
    if !(a > -1.0 && b > -1.0 && z.iter().all(|z| *z < 1.0)) {
        return [f64::NAN; N];
    }
    let (mut sum, mut term) = ([1.0; N], [1.0; N]);
    let highest = z.iter().copied().fold(0.0, f64::max);
    let enough = 1e-17 * (1.0 - highest);
    for k in 0..SERIES_CAP {
        let k = f64::from(k);
        let share = (a + k) * (b + k) / ((c + k) * (1.0 + k));
        for i in 0..N {
            term[i] *= share * z[i];
            sum[i] += term[i];
        }
        // The largest z needs most terms; what is left of it is about term * z / (1 - z).
        let is_small = |i: usize| term[i].abs() * highest <= enough * sum[i].abs();
        if share.abs() * highest < 1.0 && (0..N).all(is_small) {
            return sum;
        }
    }
    [f64::NAN; N]
}

/// The series Σ (a)_k (b)_k / (c)_k z^k / k! as (sum, ln of the scale it was divided by).
fn hypergeometric_series(a: f64, b: f64, c: f64, z: f64) -> Option<(f64, f64)> {
    let (mut sum, mut term, mut ln_scale) = (1.0_f64, 1.0_f64, 0.0_f64);
    // The ratio of terms tends to z, so what is left is about term * z / (1 - z).
    let enough = 1e-17 * (1.0 - z) / z;
    for k in 0..SERIES_CAP {
        let k = f64::from(k);
        let ratio = (a + k) * (b + k) / ((c + k) * (1.0 + k)) * z;
        term *= ratio;
        sum += term;
        if ratio.abs() < 1.0 && term.abs() <= enough * sum.abs() {
            return Some((sum, ln_scale));
        }
        if sum.abs() > RESCALE_AT {
            sum /= RESCALE_AT;
            term /= RESCALE_AT;
            ln_scale += RESCALE_AT.ln();
        }
    }
    None
}

/// P(N ≥ n) of a negative binomial count with shape r and success odds z: I_z(n, r), n ≥ 1.
#[must_use]
pub(crate) fn negative_binomial_tail(n: f64, r: f64, z: f64) -> f64 {
    regularised_beta(n, r, z)
}

/// The regularised incomplete beta function I_z(a, b) for a, b > 0 and 0 ≤ z ≤ 1, by Lentz's method
/// on its continued fraction (NIST DLMF 8.17.22), which converges in about √max(a, b) steps.
pub(crate) fn regularised_beta(a: f64, b: f64, z: f64) -> f64 {
    regularised_beta_with(a, b, z, ln_beta(a, b))
}

/// [`regularised_beta`] with ln B(a, b), for several z.
pub(crate) fn regularised_beta_with(a: f64, b: f64, z: f64, ln_beta: f64) -> f64 {
    if z <= 0.0 || z >= 1.0 {
        return if z <= 0.0 { 0.0 } else { 1.0 };
    }
    let ln_power = a * z.ln() + b * (-z).ln_1p() - ln_beta;
    // The fraction converges fast on the side of the mean that has the smaller tail.
    if z > (a + 1.0) / (a + b + 2.0) {
        return 1.0 - (ln_power - b.ln()).exp() * beta_fraction(b, a, 1.0 - z);
    }
    (ln_power - a.ln()).exp() * beta_fraction(a, b, z)
}

fn beta_fraction(a: f64, b: f64, z: f64) -> f64 {
    let guard = |value: f64| if value.abs() < 1e-300 { 1e-300 } else { value };
    let (mut c, mut d) = (1.0, 1.0 / guard(1.0 - (a + b) * z / (a + 1.0)));
    let mut fraction = d;
    for m in 1..FRACTION_CAP {
        let m = f64::from(m);
        let even = m * (b - m) * z / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * z / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        for step in [even, odd] {
            d = 1.0 / guard(1.0 + step * d);
            c = guard(1.0 + step / c);
            fraction *= c * d;
        }
        if (c * d - 1.0).abs() < 1e-16 {
            break;
        }
    }
    fraction
}

/// Shifts `a` up to where Stirling's series is accurate, with the product of `factor` over the shifts.
fn shift(a: f64, factor: impl Fn(f64) -> f64) -> (f64, f64) {
    let (mut k, mut product) = (0.0, 1.0);
    while a + k < STIRLING_FROM {
        product *= factor(k);
        k += 1.0;
    }
    (a + k, product)
}

/// ln Γ(a + d) − ln Γ(a) by Stirling's series, a ≥ 10.
fn stirling_ratio(a: f64, d: f64) -> f64 {
    (a - 0.5) * (d / a).ln_1p() + d * ((a + d).ln() - 1.0) + gamma_correction(a + d) - gamma_correction(a)
}

/// ln Γ(y) − [(y − 1/2) ln y − y + ln(2π)/2] for y ≥ 10 (DLMF 5.11.1).
fn gamma_correction(y: f64) -> f64 {
    let w = 1.0 / (y * y);
    (1.0 / 12.0
        - w * (1.0 / 360.0
            - w * (1.0 / 1260.0
                - w * (1.0 / 1680.0 - w * (1.0 / 1188.0 - w * (691.0 / 360_360.0 - w * (1.0 / 156.0)))))))
        / y
}

/// ln y − 1/(2y) − ψ(y) for y ≥ 10 (DLMF 5.11.2).
fn digamma_correction(y: f64) -> f64 {
    let w = 1.0 / (y * y);
    w * (1.0 / 12.0
        - w * (1.0 / 120.0
            - w * (1.0 / 252.0
                - w * (1.0 / 240.0 - w * (1.0 / 132.0 - w * (691.0 / 32_760.0 - w * (1.0 / 12.0)))))))
}

/// ψ′(y) − 1/y for y ≥ 10 (DLMF 5.15.8).
fn trigamma_correction(y: f64) -> f64 {
    let w = 1.0 / (y * y);
    w * (0.5
        + (1.0 / 6.0
            - w * (1.0 / 30.0
                - w * (1.0 / 42.0
                    - w * (1.0 / 30.0 - w * (5.0 / 66.0 - w * (691.0 / 2730.0 - w * (7.0 / 6.0)))))))
            / y)
}

/// ln(e^a + e^b), and b's share of the sum.
pub(crate) fn share_of_second(a: f64, b: f64) -> (f64, f64) {
    let odds = (-(a - b).abs()).exp();
    let less = odds / (1.0 + odds);
    (a.max(b) + ln_one_plus(odds), if b > a { 1.0 - less } else { less })
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    #[test]
    fn gamma_ratios_are_products() {
        for a in [1e-6, 0.243, 1.0, 4.4, 9.99, 10.0, 250.0, 1e9] {
            let mut product = 0.0;
            let (mut sum, mut squares) = (0.0, 0.0);
            for n in 0_u32..40 {
                let d = f64::from(n);
                assert_relative_eq!(ln_gamma_ratio(a, d), product, epsilon = 1e-13, max_relative = 1e-13);
                assert_relative_eq!(digamma_difference(a, d), sum, epsilon = 1e-15, max_relative = 1e-13);
                assert_relative_eq!(
                    trigamma_difference(a, d),
                    squares,
                    epsilon = 1e-15,
                    max_relative = 1e-12
                );
                product += (a + d).ln();
                sum += 1.0 / (a + d);
                squares -= (a + d).powi(-2);
            }
        }
    }

    #[test]
    fn trigamma_meets_its_closed_forms() {
        // ψ′(1) = π²/6, ψ′(1/2) = π²/2.
        let squared = std::f64::consts::PI.powi(2);
        assert_relative_eq!(trigamma(1.0), squared / 6.0, max_relative = 1e-14);
        assert_relative_eq!(trigamma(0.5), squared / 2.0, max_relative = 1e-14);
        assert_relative_eq!(
            trigamma(30.5) - trigamma(0.5),
            trigamma_difference(0.5, 30.0),
            max_relative = 1e-14
        );
    }

    #[test]
    fn beta_is_symmetric_and_meets_its_closed_forms() {
        // B(1, b) = 1 / b and B(1/2, 1/2) = pi.
        for b in [0.01, 1.0, 9.0, 11.0, 1e6] {
            assert_relative_eq!(ln_beta(1.0, b), -f64::ln(b), epsilon = 1e-14, max_relative = 1e-13);
            assert_eq!(ln_beta(3.3, b), ln_beta(b, 3.3));
        }
        assert_relative_eq!(ln_beta(0.5, 0.5), std::f64::consts::PI.ln(), max_relative = 1e-13);
        // B(20, 30) = 1 / (30 C(49, 19)).
        let exact = -(30.0_f64.ln() + (1..=19).map(|k| (f64::from(30 + k) / f64::from(k)).ln()).sum::<f64>());
        assert_relative_eq!(ln_beta(20.0, 30.0), exact, max_relative = 1e-14);
    }

    #[test]
    fn the_incomplete_beta_is_a_negative_binomial_tail() {
        for (r, z) in [(0.24_f64, 0.9_f64), (3.0, 0.2), (250.0, 0.5), (1e5, 1e-3)] {
            // P(N < n) adds up from P(N = 0) = (1 − z)^r.
            let (mut below, mut term) = (0.0, (r * (-z).ln_1p()).exp());
            for n in 0..400_u32 {
                let n = f64::from(n);
                if n > 0.0 {
                    assert_relative_eq!(negative_binomial_tail(n, r, z), 1.0 - below, epsilon = 2e-12);
                }
                below += term;
                term *= (r + n) / (n + 1.0) * z;
            }
        }
        assert_eq!((regularised_beta(2.0, 3.0, 0.0), regularised_beta(2.0, 3.0, 1.0)), (0.0, 1.0));
        assert_relative_eq!(regularised_beta(1e6, 1e6, 0.5), 0.5, max_relative = 1e-9);
    }

    #[test]
    fn hypergeometric_meets_its_closed_forms() {
        for z in [1e-9, 0.1, 0.5, 0.9, 0.97, 0.99] {
            // 2F1(1, 1; 2; z) = -ln(1 - z) / z.
            let log = hypergeometric_2f1(1.0, 1.0, 2.0, z).unwrap();
            assert_relative_eq!(log, -f64::ln_1p(-z) / z, max_relative = 1e-13);
            // 2F1(a, b; b; z) = (1 - z)^-a, also where the plain series would cancel.
            for a in [-18.3, -1.5, -0.3, 2.5, 40.0] {
                let power = hypergeometric_2f1(a, 3.3, 3.3, z).unwrap();
                assert_relative_eq!(power, (-a * f64::ln_1p(-z)).exp(), max_relative = 1e-12);
            }
        }
        let z = [0.0, 1e-9, 0.5, 0.9];
        let at_once = hypergeometric_2f1_at(-0.207, 2.99, 3.2, &z);
        for (z, at_once) in z.into_iter().zip(at_once) {
            let alone = hypergeometric_2f1(-0.207, 2.99, 3.2, z).unwrap();
            assert_relative_eq!(at_once, alone, max_relative = 1e-15);
        }
        // Long series do not overflow: 2F1(2000, 2000; 2000; .5) = 2^2000.
        let (sum, ln_scale) = hypergeometric_series(2000.0, 2000.0, 2000.0, 0.5).unwrap();
        assert_relative_eq!(sum.ln() + ln_scale, 2000.0 * 2.0_f64.ln(), max_relative = 1e-13);
        assert_eq!(hypergeometric_2f1(1.0, 1.0, 2.0, 0.999_999_9), None);
    }

    #[test]
    fn logarithms_of_one_plus_keep_their_digits() {
        for k in -3200..3200 {
            let y = f64::from(k).mul_add(0.1, 0.037).exp();
            assert_relative_eq!(ln_one_plus(y), y.ln_1p(), max_relative = 5e-16);
        }
        assert_eq!((ln_one_plus(0.0), ln_one_plus(f64::INFINITY)), (0.0, f64::INFINITY));
    }

    #[test]
    fn sums_and_odds_do_not_overflow() {
        assert_relative_eq!(ln_add_exp(1000.0, 1000.0), 1000.0 + 2.0_f64.ln());
        assert_eq!(ln_add_exp(f64::NEG_INFINITY, f64::NEG_INFINITY), f64::NEG_INFINITY);
        assert_eq!((logistic(-800.0), logistic(800.0), logistic(0.0)), (0.0, 1.0, 0.5));
    }

    #[test]
    fn one_exponential_gives_sum_and_share() {
        for a in [-900.0, -3.5, -0.1, 0.0] {
            for b in [-901.0, -40.0, -3.5, -0.2, 2.0] {
                let (ln_sum, share) = share_of_second(a, b);
                assert_relative_eq!(share, logistic(b - a), max_relative = 1e-15);
                assert_relative_eq!(ln_sum, ln_add_exp(a, b), max_relative = 1e-15, epsilon = 1e-15);
            }
        }
    }
}
