//! The Mersenne Twister MT19937.

use super::error::RandomError;

/// Words of state.
const N: usize = 624;
/// Distance of the word that the recursion mixes in.
const M: usize = 397;

/// The generator: its words, and the index of the next one.
#[derive(Clone)]
pub(super) struct Mt19937 {
    words: Vec<u32>,
    next: usize,
}

impl Mt19937 {
    /// Seeded by an integer of 32 bits.
    pub(super) fn new(seed: u32) -> Self {
        let mut words = vec![seed; N];
        for k in 1..N {
            let before = words[k - 1];
            words[k] = 1_812_433_253_u32.wrapping_mul(before ^ (before >> 30)).wrapping_add(k as u32);
        }
        Self { words, next: N }
    }

    /// Seeded by an array of any length above 0.
    pub(super) fn from_key(key: &[u32]) -> Result<Self, RandomError> {
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
        Ok(Self { words, next: N })
    }

    /// The next 32 bits, tempered.
    pub(super) fn next_u32(&mut self) -> u32 {
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

    /// The next 64 bits, the high word first.
    pub(super) fn next_u64(&mut self) -> u64 {
        let high = u64::from(self.next_u32());
        (high << 32) | u64::from(self.next_u32())
    }

    fn refill(&mut self) {
        for k in 0..N {
            let joined = (self.words[k] & 0x8000_0000) | (self.words[(k + 1) % N] & 0x7fff_ffff);
            let twist = if joined & 1 == 1 { 0x9908_b0df } else { 0 };
            self.words[k] = self.words[(k + M) % N] ^ (joined >> 1) ^ twist;
        }
        self.next = 0;
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
