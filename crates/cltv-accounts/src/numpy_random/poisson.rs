//! Poisson counts out of uniform numbers.

/// Poisson means from here on are drawn by rejection, below it by multiplication.
const REJECTION_FROM: f64 = 10.0;
/// B_2k / (2k (2k − 1)) for k = 1 to 10: Stirling's series of ln Γ, to the digits numpy uses.
const STIRLING: [f64; 10] = [
    8.333_333_333_333_333e-2,
    -2.777_777_777_777_778e-3,
    7.936_507_936_507_937e-4,
    -5.952_380_952_380_952e-4,
    8.417_508_417_508_418e-4,
    -1.917_526_917_526_918e-3,
    6.410_256_410_256_41e-3,
    -2.955_065_359_477_124e-2,
    1.796_443_723_688_307e-1,
    -1.392_432_216_905_9,
];

/// A Poisson count with a mean of at least 0, out of numbers uniform in [0, 1).
pub(super) fn poisson(mean: f64, uniform: &mut impl FnMut() -> f64) -> u64 {
    if mean >= REJECTION_FROM {
        by_rejection(mean, uniform)
    } else if mean == 0.0 {
        0
    } else {
        by_multiplication(mean, uniform)
    }
}

/// Knuth's method: uniform numbers are multiplied until the product is at most e^−mean.
fn by_multiplication(mean: f64, uniform: &mut impl FnMut() -> f64) -> u64 {
    let bound = (-mean).exp();
    let (mut product, mut count) = (uniform(), 0);
    while product > bound {
        product *= uniform();
        count += 1;
    }
    count
}

/// Hörmann's algorithm PTRS.
fn by_rejection(mean: f64, uniform: &mut impl FnMut() -> f64) -> u64 {
    let (root, ln_mean) = (mean.sqrt(), mean.ln());
    let b = 0.931 + 2.53 * root;
    let a = -0.059 + 0.02483 * b;
    let inverse_alpha = 1.1239 + 1.1328 / (b - 3.4);
    let v_r = 0.9277 - 3.6224 / (b - 2.0);
    loop {
        let u = uniform() - 0.5;
        let v = uniform();
        let us = 0.5 - u.abs();
        let k = ((2.0 * a / us + b) * u + mean + 0.43).floor();
        if us >= 0.07 && v <= v_r {
            return k as u64;
        }
        if k < 0.0 || (us < 0.013 && v > us) {
            continue;
        }
        let ln_hat = v.ln() + inverse_alpha.ln() - (a / (us * us) + b).ln();
        if ln_hat <= -mean + k * ln_mean - ln_gamma(k + 1.0) {
            return k as u64;
        }
    }
}

/// ln Γ(x) by Stirling's series from 7 on and the recursion below it, in numpy's order of operations:
/// the last bit can decide whether a draw is rejected.
fn ln_gamma(x: f64) -> f64 {
    if x == 1.0 || x == 2.0 {
        return 0.0;
    }
    let steps = if x < 7.0 { (7.0 - x) as u32 } else { 0 };
    let mut shifted = x + f64::from(steps);
    let inverse_square = (1.0 / shifted) * (1.0 / shifted);
    let series = STIRLING.iter().rev().copied().reduce(|sum, term| sum * inverse_square + term);
    let half_ln_tau = 0.5 * std::f64::consts::TAU.ln();
    let mut value =
        series.unwrap_or_default() / shifted + half_ln_tau + (shifted - 0.5) * shifted.ln() - shifted;
    for _ in 0..steps {
        value -= (shifted - 1.0).ln();
        shifted -= 1.0;
    }
    value
}
