//! Numbers written in any usual way are read back.

use cltv_accounts::{DecimalMark, parse_number};
use proptest::prelude::*;

/// Digits in groups of three.
fn grouped(whole: u64, group: &str) -> String {
    let digits = whole.to_string();
    let first = digits.len() % 3;
    let mut parts = vec![&digits[..first]];
    parts.extend((first..digits.len()).step_by(3).map(|at| &digits[at..at + 3]));
    parts.retain(|part| !part.is_empty());
    parts.join(group)
}

proptest! {
    #[test]
    fn amounts_in_every_usual_form(cents in 0_u64..100_000_000_000, negative: bool, form in 0_usize..6) {
        let (whole, fraction) = (cents / 100, cents % 100);
        let size = cents as f64 / 100.0;
        let minus = if negative { "-" } else { "" };
        let (text, mark) = match form {
            0 => (format!("{minus}${}.{fraction:02}", grouped(whole, ",")), DecimalMark::Point),
            1 => (format!("{minus}{},{fraction:02} €", grouped(whole, ".")), DecimalMark::Comma),
            2 => (format!("{minus}CHF {}.{fraction:02}", grouped(whole, "'")), DecimalMark::Point),
            3 => (format!("{minus}{},{fraction:02}", grouped(whole, "\u{a0}")), DecimalMark::Comma),
            4 if negative => (format!("({}.{fraction:02})", grouped(whole, ",")), DecimalMark::Point),
            5 if negative => (format!("{whole}.{fraction:02}-"), DecimalMark::Point),
            _ => (format!("{minus}{whole}.{fraction:02}"), DecimalMark::Point),
        };
        let expected = if negative { -size } else { size };
        prop_assert_eq!(parse_number(&text, mark), Some(expected), "{}", text);
    }

    #[test]
    fn percentages_are_shares_of_one(tenths in -10_000_i32..10_000) {
        let percent = f64::from(tenths) / 10.0;
        let read = parse_number(&format!("{percent} %"), DecimalMark::Point);
        prop_assert!((read.unwrap() - percent / 100.0).abs() < 1e-12);
    }

    #[test]
    fn groups_of_other_lengths_are_no_numbers(first in 0_u32..1000, group in 0_u32..100) {
        let text = format!("{first},{group}.00");
        prop_assert_eq!(parse_number(&text, DecimalMark::Point), None);
    }

    #[test]
    fn any_text_is_read_or_refused_without_panic(text in "\\PC{0,12}") {
        let read = parse_number(&text, DecimalMark::Comma);
        prop_assert!(read.is_none_or(f64::is_finite));
    }
}
