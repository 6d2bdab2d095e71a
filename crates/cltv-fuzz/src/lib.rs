//! What the fuzz targets of cltv share: seeds and their mutations, the run of one input with a limit of
//! time, long runs with a count of findings, and the replay of a corpus in tests.
//!
//! # Examples
//! ```
//! use cltv_fuzz::{Outcome, Seed, Target, replay};
//! fn read(_name: &str, bytes: &[u8]) -> Outcome {
//!     match std::str::from_utf8(bytes).map(str::parse::<u8>) {
//!         Ok(Ok(_)) => Outcome::Accepted,
//!         _ => Outcome::Refused,
//!     }
//! }
//! let target =
//!     Target { name: "bytes", words: &["255", "-1"], seeds: || vec![Seed::plain("one.txt", "17")], read };
//! replay::seeds(&target)?;
//! replay::mutations(&target, 50, 1)?;
//! # Ok::<(), String>(())
//! ```

mod long;
mod mutate;
mod random;
pub mod replay;
mod run;

pub use long::main;
pub use random::Random;

/// What became of an input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The input was read, and all that was checked of it is right.
    Accepted,
    /// The input was refused with an error.
    Refused,
    /// A fault of the program, in words.
    Finding(String),
}

/// A part of the program that is called with inputs of others.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// Its name, which `cargo xtask fuzz --target` takes.
    pub name: &'static str,
    /// Pieces of text that mean something to it; mutations put them into inputs.
    pub words: &'static [&'static str],
    /// Its valid inputs.
    pub seeds: fn() -> Vec<Seed>,
    /// Gives it an input: a name, whose ending says the format, and its bytes.
    pub read: fn(&str, &[u8]) -> Outcome,
}

/// A valid input: parts that are changed, and how they become one file.
#[derive(Debug, Clone)]
pub struct Seed {
    name: String,
    parts: Vec<Part>,
    pack: fn(&[Part]) -> Vec<u8>,
}

/// A name and bytes: a file of an archive.
pub type Part = (String, Vec<u8>);

impl Seed {
    /// An input whose bytes are changed as they are.
    pub fn plain(name: &str, bytes: impl Into<Vec<u8>>) -> Self {
        let one = |parts: &[Part]| parts.iter().flat_map(|(_, bytes)| bytes.clone()).collect();
        Self { name: name.to_owned(), parts: vec![(String::new(), bytes.into())], pack: one }
    }

    /// An archive whose parts are changed before they are packed.
    #[must_use]
    pub fn packed(name: &str, parts: Vec<Part>, pack: fn(&[Part]) -> Vec<u8>) -> Self {
        Self { name: name.to_owned(), parts, pack }
    }

    /// The name, whose ending says the format.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The input as it is read.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        (self.pack)(&self.parts)
    }

    /// A changed input. One in ten archives is also changed after it was packed.
    #[must_use]
    pub fn mutated(&self, words: &[&str], random: &mut Random) -> Vec<u8> {
        let mut parts = self.parts.clone();
        for _ in 0..1 + random.below(parts.len().min(2)) {
            let at = random.below(parts.len());
            if let Some((_, bytes)) = parts.get_mut(at) {
                mutate::change(bytes, words, random);
            }
        }
        let mut bytes = (self.pack)(&parts);
        if parts.len() > 1 && random.below(10) == 0 {
            mutate::change(&mut bytes, words, random);
        }
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_state_gives_the_same_inputs() {
        let pack = |parts: &[Part]| {
            parts.iter().flat_map(|(name, bytes)| [name.as_bytes(), bytes].concat()).collect()
        };
        let parts = vec![("a".to_owned(), b"1,2".to_vec()), ("b".to_owned(), b"{}".to_vec())];
        for seed in [Seed::plain("a.csv", "x,2024-01-05\n"), Seed::packed("a.zip", parts, pack)] {
            let inputs = |number| {
                let mut random = Random::new(number);
                (0..50).map(|_| seed.mutated(&["NaN"], &mut random)).collect::<Vec<_>>()
            };
            assert_eq!(inputs(3), inputs(3));
            assert_ne!(inputs(3), inputs(4));
            let changed = inputs(3).iter().filter(|bytes| **bytes != seed.bytes()).count();
            assert!(changed > 40, "{changed} of 50 inputs were changed");
        }
        assert_eq!(Seed::packed("a.zip", vec![("a".into(), b"1".to_vec())], pack).bytes(), b"a1");
    }
}
