//! Random changes of bytes.

use crate::random::Random;

/// Numbers that replace a run of digits: ends of types, of calendars and of sheets.
const NUMBERS: [&str; 18] = [
    "0",
    "1",
    "2",
    "31",
    "60",
    "-1",
    "127",
    "65535",
    "65536",
    "1048577",
    "2147483647",
    "4294967296",
    "9007199254740993",
    "9223372036854775808",
    "1e15",
    "1e-320",
    "1e309",
    "99999999999999999999",
];

/// Bytes with a meaning of their own.
const BYTES: [u8; 12] = [0, 0x1B, 0x7F, 0x80, 0xC3, 0xFF, b'\n', b'"', b'\\', b',', b'-', b'{'];

/// What ends a token of csv, JSON, YAML and Rust.
const ENDS: &[u8] = b",:;=()[]{}\"\n\t ";

/// One to three changes of tokens, which leave most inputs valid, or one to six changes of any kind.
pub(crate) fn change(bytes: &mut Vec<u8>, words: &[&str], random: &mut Random) {
    let of_tokens = random.below(2) == 0;
    for _ in 0..1 + random.below(if of_tokens { 3 } else { 6 }) {
        match of_tokens {
            _ if bytes.is_empty() => return,
            true => of_token(bytes, words, random),
            false => of_bytes(bytes, words, random),
        }
    }
}

/// A token becomes a word or another token; or a number becomes another one.
fn of_token(bytes: &mut Vec<u8>, words: &[&str], random: &mut Random) {
    let at = random.below(bytes.len());
    match random.below(4) {
        0 => digits(bytes, at, random),
        1 => {
            let from = token(bytes, random.below(bytes.len()));
            let other = bytes[from].to_vec();
            drop(bytes.splice(token(bytes, at), other));
        }
        _ => insert(bytes, token(bytes, at), random.pick(words)),
    }
}

fn of_bytes(bytes: &mut Vec<u8>, words: &[&str], random: &mut Random) {
    let at = random.below(bytes.len());
    let end = (at + 1 + random.below(32)).min(bytes.len());
    match random.below(9) {
        0 => bytes[at] ^= 1 << random.below(8),
        1 => bytes[at] = BYTES[random.below(BYTES.len())],
        2 => drop(bytes.drain(at..end)),
        3 => copy(bytes, at..end, at),
        4 | 5 => insert(bytes, at..at, random.pick(words)),
        6 => digits(bytes, at, random),
        7 => {
            let to = random.below(bytes.len());
            copy(bytes, at..end, to);
        }
        _ => {
            if random.below(8) == 0 {
                bytes.truncate(at);
            }
        }
    }
}

fn insert(bytes: &mut Vec<u8>, place: std::ops::Range<usize>, word: Option<&str>) {
    if let Some(word) = word {
        drop(bytes.splice(place, word.bytes()));
    }
}

fn copy(bytes: &mut Vec<u8>, from: std::ops::Range<usize>, to: usize) {
    let piece = bytes[from].to_vec();
    drop(bytes.splice(to..to, piece));
}

/// The token around a place, so that what is around it stays valid.
fn token(bytes: &[u8], at: usize) -> std::ops::Range<usize> {
    let is_end = |byte: &u8| ENDS.contains(byte);
    let start = bytes[..at].iter().rposition(is_end).map_or(0, |before| before + 1);
    let end = bytes[at..].iter().position(is_end).map_or(bytes.len(), |length| at + length);
    start..end
}

/// Replaces the run of digits from a place on.
fn digits(bytes: &mut Vec<u8>, at: usize, random: &mut Random) {
    let Some(start) = bytes[at..].iter().position(u8::is_ascii_digit).map(|start| at + start) else { return };
    let length = bytes[start..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    insert(bytes, start..start + length, random.pick(&NUMBERS));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_ends_where_the_format_does() {
        let text = br#"{"a": 12.5, "b": [x]}"#;
        let around = |at| std::str::from_utf8(&text[token(text, at)]).unwrap();
        assert_eq!([around(2), around(7), around(18)], ["a", "12.5", "x"]);
        assert_eq!((around(0), token(b"", 0)), ("", 0..0));
    }

    #[test]
    fn half_of_the_changes_are_of_tokens_alone() {
        let mut random = Random::new(1);
        let is_valid = |bytes: &Vec<u8>| bytes.iter().filter(|byte| **byte == b',').count() == 2;
        let inputs = (0..1000).map(|_| {
            let mut bytes = b"one,22,three".to_vec();
            change(&mut bytes, &["word"], &mut random);
            bytes
        });
        let valid = inputs.filter(is_valid).count();
        assert!((600..900).contains(&valid), "{valid} of 1000 have three fields");
    }

    #[test]
    fn digits_are_replaced_as_a_whole() {
        let mut bytes = b"a 2024 b".to_vec();
        digits(&mut bytes, 1, &mut Random::new(1));
        let text = String::from_utf8(bytes).unwrap();
        let number = text.strip_prefix("a ").and_then(|text| text.strip_suffix(" b")).unwrap();
        assert!(NUMBERS.contains(&number), "{text}");
    }
}
