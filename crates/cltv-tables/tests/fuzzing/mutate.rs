//! Random changes of seeds, the same for the same state of the generator.

use std::io::{Cursor, Write};

use zip::CompressionMethod;
use zip::write::SimpleFileOptions;

use super::seeds::Seed;

/// The generator xorshift64* (Vigna 2016).
#[derive(Debug, Clone)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    /// A number below a bound.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.next()) * bound.max(1) as u128) >> 64) as usize
    }

    fn pick<'a, T: ?Sized>(&mut self, of: &[&'a T]) -> &'a T {
        of[self.below(of.len())]
    }
}

/// Pieces that have a meaning in some format, or a width of their own.
const WORDS: [&str; 52] = [
    "2024-01-05",
    "05/01/2024",
    "31.12.99",
    "5 janvier 2024",
    "10:00:00.123456789",
    "T23:59:59+14:00",
    "Z",
    "-0530",
    "262142-12-31",
    "+262142-12-31T20:00:00+0000",
    "-5",
    "1,234.50",
    "1.234,50 €",
    "(12.50)",
    "$ -",
    "12 %",
    "1e308",
    "-1e999",
    "9223372036854775807",
    "-9223372036854775808",
    "18446744073709551616",
    "0",
    "1048576",
    "XFD1048576",
    "A1:XFD1048576",
    "A1:A1048576",
    "4294967295",
    "é",
    "年",
    "𝟙",
    "\u{a0}",
    "\u{feff}",
    "\u{202e}",
    "\u{1b}[31m",
    "\"",
    "\"\"",
    "'",
    ",",
    ";",
    "\t",
    "\r",
    "\n",
    "|",
    "NaN",
    "null",
    "true",
    "yes",
    "#REF!",
    "=1+1",
    "<c r=\"",
    "table:number-rows-repeated=\"1048576\"",
    "{\"a\":{\"b\":[1]}}",
];

/// Numbers that replace a run of digits.
const NUMBERS: [&str; 12] = [
    "0",
    "1",
    "2",
    "31",
    "60",
    "65535",
    "65536",
    "1048577",
    "2147483647",
    "4294967296",
    "1e15",
    "99999999999999999999",
];

/// A changed seed: its name and bytes.
pub(crate) fn mutated(seed: &Seed, random: &mut Random) -> (String, Vec<u8>) {
    match seed {
        Seed::Plain { name, bytes } => {
            let mut bytes = bytes.clone();
            change(&mut bytes, random);
            (name.clone(), bytes)
        }
        Seed::Archive { name, parts } => {
            let mut parts = parts.clone();
            for _ in 0..1 + random.below(2) {
                let at = random.below(parts.len());
                change(&mut parts[at].1, random);
            }
            let mut bytes = packed(&parts);
            if random.below(10) == 0 {
                change(&mut bytes, random);
            }
            (name.clone(), bytes)
        }
    }
}

/// An archive whose parts are stored as they are.
pub(crate) fn packed(parts: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        let written = archive.start_file(name.as_str(), options).map(|()| archive.write_all(bytes));
        debug_assert!(written.is_ok());
    }
    archive.finish().map(Cursor::into_inner).unwrap_or_default()
}

/// One to six changes.
fn change(bytes: &mut Vec<u8>, random: &mut Random) {
    for _ in 0..1 + random.below(6) {
        if bytes.is_empty() {
            return;
        }
        let at = random.below(bytes.len());
        let end = (at + 1 + random.below(32)).min(bytes.len());
        match random.below(9) {
            0 => bytes[at] ^= 1 << random.below(8),
            1 => {
                bytes[at] = random.pick(&[&0_u8, &0x7F, &0x80, &0xFF, &b'\n', &b'"', &b',', &b'-']).to_owned()
            }
            2 => drop(bytes.drain(at..end)),
            3 => {
                let copy = bytes[at..end].to_vec();
                drop(bytes.splice(at..at, copy));
            }
            4 | 5 => drop(bytes.splice(at..at, random.pick(&WORDS).bytes())),
            6 => digits(bytes, at, random),
            7 => {
                let to = random.below(bytes.len());
                let copy = bytes[at..end].to_vec();
                let place = to.min(bytes.len());
                drop(bytes.splice(place..place, copy));
            }
            _ => {
                if random.below(8) == 0 {
                    bytes.truncate(at);
                }
            }
        }
    }
}

/// Replaces the run of digits from a place on.
fn digits(bytes: &mut Vec<u8>, at: usize, random: &mut Random) {
    let Some(start) = bytes[at..].iter().position(u8::is_ascii_digit).map(|start| at + start) else { return };
    let length = bytes[start..].iter().take_while(|b| b.is_ascii_digit()).count();
    drop(bytes.splice(start..start + length, random.pick(&NUMBERS).bytes()));
}
