//! numpy's legacy random streams, bit for bit.
//!
//! `numpy.random.RandomState` is frozen (NEP 19): the same seed gives the same numbers in every
//! version of numpy. [`RandomState`] gives them too, so that published examples which begin with
//! `np.random.seed(42)` and splits by scikit-learn's `random_state=42` can be repeated to the digit.
//!
//! # References
//! - Matsumoto, M. and Nishimura, T. (1998). Mersenne Twister. *ACM TOMACS* 8(1), 3-30: the
//!   recursion (2.1) and the tempering (2.2)-(2.5); the 2002 initialisation by the same authors.
//! - Marsaglia, G. and Bray, T. A. (1964). A convenient method for generating normal variables.
//!   *SIAM Review* 6(3), 260-264.
//! - Hörmann, W. (1993). The transformed rejection method for generating Poisson random variables.
//!   *Insurance: Mathematics and Economics* 12, 39-45: algorithm PTRS.
//! - Knuth, D. E. (1997). *The Art of Computer Programming* 2, 3.4.1 (Poisson by multiplication) and
//!   3.4.2 P (shuffling).

/// Words of state.
const N: usize = 624;
/// Distance of the word that the recursion mixes in.
const M: usize = 397;
/// Poisson means from here on are drawn by rejection, below it by multiplication.
const REJECTION_FROM: f64 = 10.0;
/// Largest mean whose draws surely fit a signed 64-bit integer, as in numpy.
const LARGEST_MEAN: f64 = 9.223_372_006_484_77e18;
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

/// A distribution's parameter outside its bounds.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RandomError {
    /// A parameter outside its bounds.
    #[error("{name} is {value}, but it must be {bound}")]
    BadParameter {
        /// The parameter.
        name: &'static str,
        /// What was given.
        value: f64,
        /// What it must be.
        bound: &'static str,
    },
    /// A seed by array without numbers.
    #[error("the key of a seed is empty; give at least one number, or seed with a single integer")]
    EmptyKey,
}

/// numpy's `RandomState`: MT19937 and the distributions on it as they were before numpy 1.17.
///
/// # Examples
/// ```
/// use cltv_accounts::numpy_random::RandomState;
/// let mut random = RandomState::new(42);
/// assert_eq!(random.random_sample(), 0.3745401188473625);
/// assert_eq!(RandomState::new(42).permutation(10), [8, 1, 5, 0, 7, 2, 9, 4, 3, 6]);
/// ```
#[derive(Clone)]
pub struct RandomState {
    words: Vec<u32>,
    next: usize,
    kept_normal: Option<f64>,
}

impl std::fmt::Debug for RandomState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RandomState").field("next", &self.next).finish_non_exhaustive()
    }
}

impl RandomState {
    /// `RandomState(seed)` for an integer seed of 32 bits.
    #[must_use]
    pub fn new(seed: u32) -> Self {
        let mut words = vec![seed; N];
        for k in 1..N {
            let before = words[k - 1];
            words[k] = 1_812_433_253_u32.wrapping_mul(before ^ (before >> 30)).wrapping_add(k as u32);
        }
        Self { words, next: N, kept_normal: None }
    }

    /// `RandomState([...])`: a seed of any length.
    ///
    /// # Errors
    /// [`RandomError::EmptyKey`] for a key without numbers.
    pub fn from_key(key: &[u32]) -> Result<Self, RandomError> {
        if key.is_empty() {
            return Err(RandomError::EmptyKey);
        }
        let mut words = Self::new(19_650_218).words;
        let mut k = 1;
        for step in 0..N.max(key.len()) {
            let at = step % key.len();
            let mixed = mix(words[k - 1], 1_664_525) ^ words[k];
            words[k] = mixed.wrapping_add(key[at]).wrapping_add(at as u32);
            k = following(k, &mut words);
        }
        for _ in 1..N {
            words[k] = (mix(words[k - 1], 1_566_083_941) ^ words[k]).wrapping_sub(k as u32);
            k = following(k, &mut words);
        }
        words[0] = 0x8000_0000;
        Ok(Self { words, next: N, kept_normal: None })
    }

    /// The next 32 bits: `randint(0, 2**32, dtype=uint32)`.
    pub fn next_u32(&mut self) -> u32 {
        if self.next == N {
            self.refill();
        }
        let mut word = self.words[self.next];
        self.next += 1;
        word ^= word >> 11;
        word ^= (word << 7) & 0x9d2c_5680;
        word ^= (word << 15) & 0xefc6_0000;
        word ^ (word >> 18)
    }

    /// A whole number below 2^63 from two words: `tomaxint()` where C's long has 64 bits.
    pub fn tomaxint(&mut self) -> u64 {
        self.next_u64() >> 1
    }

    /// Uniform in [0, 1) with 53 random bits: `random_sample()`.
    pub fn random_sample(&mut self) -> f64 {
        let high = f64::from(self.next_u32() >> 5);
        let low = f64::from(self.next_u32() >> 6);
        (high * 67_108_864.0 + low) / 9_007_199_254_740_992.0
    }

    /// Uniform in [low, high): `uniform(low, high)`.
    pub fn uniform(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.random_sample()
    }

    /// Normal with mean 0 and variance 1: `standard_normal()`.
    ///
    /// The polar method makes two at a time: the second is returned first, the first by the next call.
    pub fn standard_normal(&mut self) -> f64 {
        if let Some(kept) = self.kept_normal.take() {
            return kept;
        }
        loop {
            let x = 2.0 * self.random_sample() - 1.0;
            let y = 2.0 * self.random_sample() - 1.0;
            let squared = x * x + y * y;
            if squared < 1.0 && squared != 0.0 {
                let factor = (-2.0 * squared.ln() / squared).sqrt();
                self.kept_normal = Some(factor * x);
                return factor * y;
            }
        }
    }

    /// Normal with a mean and a standard deviation: `normal(mean, sd)`.
    ///
    /// # Errors
    /// [`RandomError::BadParameter`] for a standard deviation that is negative or not a number.
    pub fn normal(&mut self, mean: f64, sd: f64) -> Result<f64, RandomError> {
        if sd.is_nan() || sd.is_sign_negative() {
            let bound = "a standard deviation of at least 0";
            return Err(RandomError::BadParameter { name: "sd", value: sd, bound });
        }
        Ok(mean + sd * self.standard_normal())
    }

    /// A Poisson count: `poisson(mean)`.
    ///
    /// # Errors
    /// [`RandomError::BadParameter`] for a mean that is negative, not a number or above 9.2e18.
    pub fn poisson(&mut self, mean: f64) -> Result<u64, RandomError> {
        if !(0.0..=LARGEST_MEAN).contains(&mean) {
            let bound = "a mean of at least 0 and at most 9.2e18";
            return Err(RandomError::BadParameter { name: "mean", value: mean, bound });
        }
        Ok(if mean >= REJECTION_FROM {
            self.poisson_by_rejection(mean)
        } else if mean == 0.0 {
            0
        } else {
            self.poisson_by_multiplication(mean)
        })
    }

    /// The numbers from 0 to n − 1 in random order: `permutation(n)`.
    pub fn permutation(&mut self, n: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..n).collect();
        self.shuffle(&mut order);
        order
    }

    /// Puts items in random order: `shuffle(items)`.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let other = self.interval(last as u64) as usize;
            items.swap(last, other);
        }
    }

    fn next_u64(&mut self) -> u64 {
        let high = u64::from(self.next_u32());
        (high << 32) | u64::from(self.next_u32())
    }

    /// Uniform in 0..=largest: words masked to the bits of `largest`, those above it thrown away.
    fn interval(&mut self, largest: u64) -> u64 {
        let mask = u64::MAX >> largest.leading_zeros();
        loop {
            let word =
                if largest > u64::from(u32::MAX) { self.next_u64() } else { u64::from(self.next_u32()) };
            if word & mask <= largest {
                return word & mask;
            }
        }
    }

    fn refill(&mut self) {
        for k in 0..N {
            let joined = (self.words[k] & 0x8000_0000) | (self.words[(k + 1) % N] & 0x7fff_ffff);
            let twist = if joined & 1 == 1 { 0x9908_b0df } else { 0 };
            self.words[k] = self.words[(k + M) % N] ^ (joined >> 1) ^ twist;
        }
        self.next = 0;
    }

    fn poisson_by_multiplication(&mut self, mean: f64) -> u64 {
        let bound = (-mean).exp();
        let mut product = 1.0;
        for count in 0.. {
            product *= self.random_sample();
            if product <= bound {
                return count;
            }
        }
        unreachable!("a product of numbers below 1 falls below any positive bound")
    }

    fn poisson_by_rejection(&mut self, mean: f64) -> u64 {
        let (root, ln_mean) = (mean.sqrt(), mean.ln());
        let b = 0.931 + 2.53 * root;
        let a = -0.059 + 0.02483 * b;
        let inverse_alpha = 1.1239 + 1.1328 / (b - 3.4);
        let v_r = 0.9277 - 3.6224 / (b - 2.0);
        loop {
            let u = self.random_sample() - 0.5;
            let v = self.random_sample();
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
}

fn mix(word: u32, factor: u32) -> u32 {
    (word ^ (word >> 30)).wrapping_mul(factor)
}

/// The word after `k`; past the end the last one is copied to the front first.
fn following(k: usize, words: &mut [u32]) -> usize {
    if k + 1 < N {
        return k + 1;
    }
    words[0] = words[N - 1];
    1
}

/// ln Γ(x) by Stirling's series from 7 on and the recursion below it, in numpy's order of operations:
/// whether a draw is rejected may hang on the last bit.
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
