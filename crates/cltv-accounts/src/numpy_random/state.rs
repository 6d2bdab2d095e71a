//! numpy's `RandomState`.

use super::error::RandomError;
use super::mt19937::Mt19937;
use super::poisson::poisson;

/// Largest mean whose draws always fit a signed 64-bit integer, as in numpy.
const LARGEST_MEAN: f64 = 9.223_372_006_484_77e18;

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
    generator: Mt19937,
    /// The second normal number of the last pair, until it is returned.
    kept_normal: Option<f64>,
}

impl std::fmt::Debug for RandomState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RandomState").field("kept_normal", &self.kept_normal).finish_non_exhaustive()
    }
}

impl RandomState {
    /// `RandomState(seed)` for an integer seed of 32 bits.
    #[must_use]
    pub fn new(seed: u32) -> Self {
        Self { generator: Mt19937::new(seed), kept_normal: None }
    }

    /// `RandomState([...])`: a seed of any length.
    ///
    /// # Errors
    /// [`RandomError::EmptyKey`] for a key without numbers.
    pub fn from_key(key: &[u32]) -> Result<Self, RandomError> {
        Ok(Self { generator: Mt19937::from_key(key)?, kept_normal: None })
    }

    /// The next 32 bits: `randint(0, 2**32, dtype=uint32)`.
    pub fn next_u32(&mut self) -> u32 {
        self.generator.next_u32()
    }

    /// A whole number below 2^63 from two words: `tomaxint()` where C's long has 64 bits.
    pub fn tomaxint(&mut self) -> u64 {
        self.generator.next_u64() >> 1
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
        Ok(poisson(mean, &mut || self.random_sample()))
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

    /// Uniform in 0..=largest: words masked to the bits of `largest`, those above it thrown away.
    fn interval(&mut self, largest: u64) -> u64 {
        let mask = u64::MAX >> largest.leading_zeros();
        loop {
            let word = if largest > u64::from(u32::MAX) {
                self.generator.next_u64()
            } else {
                u64::from(self.next_u32())
            };
            if word & mask <= largest {
                return word & mask;
            }
        }
    }
}
