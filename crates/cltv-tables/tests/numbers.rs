//! Numbers written in any usual way are read back.

use cltv_tables::numbers::{DecimalMark, number};

/// Cents of every size up to 1e11, from a linear congruential generator (Knuth's MMIX).
fn cents() -> impl Iterator<Item = u64> {
    let next = |state: &mut u64| {
        *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        Some(*state >> 32)
    };
    let drawn = std::iter::repeat_n(7_u64, 1).flat_map(move |mut state| {
        std::iter::from_fn(move || next(&mut state)).take(3000).collect::<Vec<u64>>()
    });
    drawn.enumerate().map(|(at, n)| (n * 23) % 10_u64.pow(1 + at as u32 % 11))
}

/// Digits in groups of three.
fn grouped(whole: u64, group: &str) -> String {
    let digits = whole.to_string();
    let first = digits.len() % 3;
    let mut parts = vec![&digits[..first]];
    parts.extend((first..digits.len()).step_by(3).map(|at| &digits[at..at + 3]));
    parts.retain(|part| !part.is_empty());
    parts.join(group)
}

/// A negative amount with its mark in each form of writing.
fn forms(whole: u64, fraction: u64) -> [(String, DecimalMark); 7] {
    use DecimalMark::{Comma, Point};
    [
        (format!("-${}.{fraction:02}", grouped(whole, ",")), Point),
        (format!("-{},{fraction:02} €", grouped(whole, ".")), Comma),
        (format!("-CHF {}.{fraction:02}", grouped(whole, "'")), Point),
        (format!("−{},{fraction:02}", grouped(whole, "\u{a0}")), Comma),
        (format!("({}.{fraction:02})", grouped(whole, ",")), Point),
        (format!("{whole}.{fraction:02}-"), Point),
        (format!("-{whole}.{fraction:02}"), Point),
    ]
}

#[test]
fn amounts_in_every_usual_form() {
    for cents in cents() {
        let expected = -(cents as f64) / 100.0;
        for (text, mark) in forms(cents / 100, cents % 100) {
            assert_eq!(number(&text, mark), Some(expected), "{text}");
            if text.contains(['-', '−']) {
                let positive = text.replace(['-', '−'], "");
                assert_eq!(number(&positive, mark), Some(-expected), "{positive}");
            }
        }
    }
}

#[test]
fn percentages_are_shares_of_one() {
    for tenths in -10_000..10_000 {
        let percent = f64::from(tenths) / 10.0;
        let read = number(&format!("{percent} %"), DecimalMark::Point);
        assert!((read.unwrap() - percent / 100.0).abs() < 1e-12, "{percent}");
    }
}

#[test]
fn groups_of_other_lengths_are_no_numbers() {
    for first in 0..1000 {
        for group in [0, 7, 42, 99] {
            let text = format!("{first},{group}.00");
            assert_eq!(number(&text, DecimalMark::Point), None, "{text}");
        }
    }
}

#[test]
fn what_is_no_number() {
    for text in [
        "",
        "inf",
        "NaN",
        "1-2",
        "(5",
        "--5",
        "(-5)",
        "12 34",
        "5 %%",
        "$5 €",
        "2024-01-05",
        "5 apples",
        "5 ABC",
        "A12",
        "1,2,3",
    ] {
        assert_eq!(number(text, DecimalMark::Point), None, "{text}");
    }
}

#[test]
fn any_text_is_a_finite_number_or_refused() {
    const PIECES: [&str; 24] = [
        "0", "1", "23", "456", "7890", ".", ",", "'", " ", "\u{a0}", "-", "−", "+", "(", ")", "%", "$", "€",
        "CHF", "e", "E9", "k", "é", "\u{feff}",
    ];
    let mut state = 11_u64;
    let mut next = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    let mut read = 0;
    for _ in 0..200_000 {
        let length = next(9);
        let text: String = (0..length).map(|_| PIECES[next(PIECES.len())]).collect();
        for mark in [DecimalMark::Point, DecimalMark::Comma] {
            if let Some(value) = number(&text, mark) {
                // A currency with a dash is the accounting format of 0.
                let has_digits = text.contains(|c: char| c.is_ascii_digit());
                assert!(value.is_finite() && (has_digits || value == 0.0), "{text:?} is {value}");
                read += 1;
            }
        }
    }
    assert!(read > 1_000, "{read}");
}
