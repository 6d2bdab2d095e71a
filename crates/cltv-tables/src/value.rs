//! A column's values: each distinct value once, and a code for each row.

use std::borrow::Cow;
use std::hash::Hasher;

use chrono::{DateTime, NaiveDate, NaiveDateTime};
use cltv_protocol::text::MISSING_WORDS;
use hashbrown::HashTable;
use rustc_hash::FxHasher;

/// The code of a value that is missing.
pub const MISSING: u32 = u32::MAX;

/// One value as its file holds it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value<'a> {
    /// A string, without blanks around it.
    Text(&'a str),
    /// A whole number.
    Int(i64),
    /// A number.
    Number(f64),
    /// A calendar day, in days since 1970-01-01.
    Day(i32),
    /// A moment without a time zone, in microseconds since 1970-01-01.
    Stamp(i64),
    /// A moment in UTC, in microseconds since 1970-01-01.
    Instant(i64),
    /// Yes or no.
    Bool(bool),
    /// An error value of a spreadsheet, such as `#REF!`.
    Error(&'a str),
    /// A formula whose result the workbook does not hold.
    Formula(&'a str),
}

impl Value<'_> {
    /// The value as a text file would hold it; 12 and 12.0 are both "12".
    #[must_use]
    pub fn shown(&self) -> Cow<'_, str> {
        match *self {
            Self::Text(text) | Self::Error(text) => text.into(),
            Self::Formula(text) => format!("={text}").into(),
            Self::Int(n) => n.to_string().into(),
            Self::Number(n) => n.to_string().into(),
            Self::Bool(truth) => truth.to_string().into(),
            Self::Day(day) => date(day).map_or_else(|| day.to_string(), |day| day.to_string()).into(),
            Self::Stamp(micros) => stamp(micros).map(|at| at.to_string()).unwrap_or_default().into(),
            Self::Instant(micros) => {
                DateTime::from_timestamp_micros(micros).map(|at| at.to_rfc3339()).unwrap_or_default().into()
            }
        }
    }
}

/// The day so many days after 1970-01-01.
#[must_use]
pub fn date(since_1970: i32) -> Option<NaiveDate> {
    NaiveDate::from_epoch_days(since_1970)
}

fn stamp(micros: i64) -> Option<NaiveDateTime> {
    DateTime::from_timestamp_micros(micros).map(|at| at.naive_utc())
}

/// Marks an entry that is not a string; no UTF-8 text begins with this byte.
const TYPED: u8 = 0xFF;

/// Distinct values in the order of their first rows.
///
/// All values lie in one buffer: a string as its bytes, another value as a mark, a type and its bytes. There is no
/// allocation for each value, so 25 million ids of ten characters need about 0.6 GB with the index.
#[derive(Debug, Clone, Default)]
pub struct Values {
    bytes: Vec<u8>,
    ends: Vec<u64>,
    index: HashTable<Slot>,
}

/// A value's place in the index.
#[derive(Debug, Clone, Copy)]
struct Slot {
    /// The value itself where it has at most eight bytes, else its hash.
    key: u64,
    /// The bytes of a short value, [`LONG`] for a longer one.
    length: u32,
    code: u32,
}

/// The length of values that do not fit into a [`Slot`].
const LONG: u32 = u32::MAX;

impl Slot {
    /// The key and length of a value with a hash.
    fn of(entry: &[u8], hash: u64) -> (u64, u32) {
        match entry.len() {
            short @ 0..=8 => (packed(entry), short as u32),
            _ => (hash, LONG),
        }
    }

    fn hash(&self) -> u64 {
        if self.length == LONG { self.key } else { of_packed(self.key, u64::from(self.length)) }
    }
}

impl Values {
    /// Number of distinct values.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is no value.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The value of a code.
    #[must_use]
    pub fn get(&self, code: u32) -> Value<'_> {
        decode(self.entry(code as usize))
    }

    /// All values in the order of their codes.
    pub fn iter(&self) -> impl Iterator<Item = Value<'_>> {
        (0..self.len()).map(|code| decode(self.entry(code)))
    }

    fn entry(&self, code: usize) -> &[u8] {
        at(&self.bytes, &self.ends, code as u32)
    }

    /// The code of a string, which is trimmed; [`MISSING`] where it stands for a missing value.
    ///
    /// Bytes that are not UTF-8 are the reader's error; they are replaced here.
    pub fn code_of_text(&mut self, text: &[u8]) -> u32 {
        let text = trimmed(text);
        self.code_of_hashed(text, hash_of(text))
    }

    /// The code of a string without blanks around it, whose [`hash_of`] is known.
    pub(crate) fn code_of_hashed(&mut self, text: &[u8], hash: u64) -> u32 {
        if is_missing(text) { MISSING } else { self.code_of_entry(text, hash) }
    }

    /// The code of a value.
    pub fn code_of(&mut self, value: &Value<'_>) -> u32 {
        let mut entry = [0_u8; 10];
        entry[0] = TYPED;
        let (kind, bits) = match *value {
            Value::Text(text) => return self.code_of_text(text.as_bytes()),
            Value::Error(text) => return self.code_of_long(b'e', text),
            Value::Formula(text) => return self.code_of_long(b'f', text),
            Value::Number(n) if n.is_nan() => return MISSING,
            Value::Int(n) => (b'i', n as u64),
            Value::Number(n) => (b'n', n.to_bits()),
            Value::Day(day) => (b'd', i64::from(day) as u64),
            Value::Stamp(micros) => (b's', micros as u64),
            Value::Instant(micros) => (b'z', micros as u64),
            Value::Bool(truth) => (b'b', u64::from(truth)),
        };
        entry[1] = kind;
        entry[2..].copy_from_slice(&bits.to_le_bytes());
        self.code_of_entry(&entry, hash_of(&entry))
    }

    fn code_of_long(&mut self, kind: u8, text: &str) -> u32 {
        let entry = [&[TYPED, kind], text.as_bytes()].concat();
        self.code_of_entry(&entry, hash_of(&entry))
    }

    fn code_of_entry(&mut self, entry: &[u8], hash: u64) -> u32 {
        let Self { bytes, ends, index } = self;
        let (key, length) = Slot::of(entry, hash);
        let same = |slot: &Slot| {
            slot.key == key
                && slot.length == length
                && (length != LONG || at(bytes, ends, slot.code) == entry)
        };
        // Most entries are there already, and `find` is inlined where `entry` is not.
        if let Some(found) = index.find(hash, same) {
            return found.code;
        }
        let code = ends.len() as u32;
        index.insert_unique(hash, Slot { key, length, code }, Slot::hash);
        bytes.extend_from_slice(entry);
        ends.push(bytes.len() as u64);
        code
    }

    /// Drops the index that finds codes; no value can be added without a search from then on.
    pub fn seal(&mut self) {
        self.index = HashTable::new();
    }
}

fn decode(entry: &[u8]) -> Value<'_> {
    let (Some(&TYPED), Some(&kind)) = (entry.first(), entry.get(1)) else {
        // Readers refuse text that is not UTF-8 before it comes here.
        return Value::Text(std::str::from_utf8(entry).unwrap_or("\u{fffd}"));
    };
    let text = || std::str::from_utf8(&entry[2..]).unwrap_or("\u{fffd}");
    let bits = || entry[2..].try_into().map_or(0, u64::from_le_bytes);
    match kind {
        b'i' => Value::Int(bits() as i64),
        b'n' => Value::Number(f64::from_bits(bits())),
        b'd' => Value::Day(bits() as i64 as i32),
        b's' => Value::Stamp(bits() as i64),
        b'z' => Value::Instant(bits() as i64),
        b'b' => Value::Bool(bits() != 0),
        b'f' => Value::Formula(text()),
        _ => Value::Error(text()),
    }
}

/// The bytes of a code.
fn at<'a>(bytes: &'a [u8], ends: &[u64], code: u32) -> &'a [u8] {
    let start = if code == 0 { 0 } else { ends[code as usize - 1] as usize };
    &bytes[start..ends[code as usize] as usize]
}

pub(crate) fn hash_of(bytes: &[u8]) -> u64 {
    if bytes.len() <= 8 {
        return of_packed(packed(bytes), bytes.len() as u64);
    }
    let mut hasher = FxHasher::default();
    hasher.write(bytes);
    // The table takes the highest bits for its tags, which Fx mixes least.
    hasher.finish().wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

/// At most eight bytes as one number, different for different bytes of the same length.
fn packed(bytes: &[u8]) -> u64 {
    let n = bytes.len();
    let four = |at: usize| bytes[at..at + 4].try_into().map_or(0, u32::from_le_bytes);
    match n {
        0 => 0,
        1..=3 => u64::from(bytes[0]) | u64::from(bytes[n / 2]) << 8 | u64::from(bytes[n - 1]) << 16,
        _ => u64::from(four(0)) | u64::from(four(n - 4)) << 32,
    }
}

/// The hash of packed bytes: the halves of a product of 128 bits, of which every bit depends on all bytes.
fn of_packed(key: u64, length: u64) -> u64 {
    let product =
        u128::from(key ^ 0xF135_7AEA_2E62_A9C5) * u128::from(0x9E37_79B9_7F4A_7C15_u64 ^ length << 56);
    (product as u64) ^ ((product >> 64) as u64)
}

/// Without blanks, non-breaking blanks and byte order marks around it.
pub(crate) fn trimmed(text: &[u8]) -> &[u8] {
    let plain = |b: Option<&u8>| b.is_some_and(|b| b.is_ascii_graphic());
    if plain(text.first()) && plain(text.last()) {
        return text;
    }
    match std::str::from_utf8(text) {
        Ok(text) => text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}').as_bytes(),
        Err(_) => text.trim_ascii(),
    }
}

pub(crate) fn is_missing(text: &[u8]) -> bool {
    // Most values begin with a digit, and no such word does.
    let digit = text.first().is_some_and(u8::is_ascii_digit);
    !digit && text.len() <= 7 && MISSING_WORDS.iter().any(|word| word.as_bytes().eq_ignore_ascii_case(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_keep_their_type_and_are_found_again() {
        let mut values = Values::default();
        let all = [
            Value::Text("12"),
            Value::Int(12),
            Value::Number(12.5),
            Value::Day(19_000),
            Value::Stamp(-5),
            Value::Instant(7),
            Value::Bool(true),
            Value::Error("#REF!"),
            Value::Formula("A1*2"),
        ];
        let codes: Vec<u32> = all.iter().map(|value| values.code_of(value)).collect();
        assert_eq!(codes, (0..9).collect::<Vec<u32>>());
        for (code, value) in all.iter().enumerate() {
            assert_eq!(values.get(code as u32), *value);
            assert_eq!(values.code_of(value), code as u32);
        }
        assert_eq!(values.code_of_text(" 12\u{a0}".as_bytes()), 0);
        for missing in ["", " ", "NULL", "\\N", "n/a", "n.a.", "-", "—", "NaN"] {
            assert_eq!(values.code_of_text(missing.as_bytes()), MISSING, "{missing:?}");
        }
        assert_eq!(values.code_of(&Value::Number(f64::NAN)), MISSING);
    }
}
