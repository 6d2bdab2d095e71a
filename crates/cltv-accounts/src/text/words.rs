//! Numbers, lists and names as sentences want them.

pub(crate) use cltv_protocol::text::{count, counted, quoted};

/// An amount with groups of three; cents only below 100: -1234.5 is "-1,235", 3.5 is "3.50".
pub(crate) fn money(amount: f64) -> String {
    if !amount.is_finite() {
        return amount.to_string();
    }
    let sign = if amount < 0.0 { "-" } else { "" };
    match amount.abs() {
        small if small < 100.0 => format!("{sign}{small:.2}"),
        size => format!("{sign}{}", count(size.round() as usize)),
    }
}

/// The first letter as a capital one.
pub(crate) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// A share of 1 as a percentage with one decimal: 0.1234 is "12.3%".
pub(crate) fn percent(share: f64) -> String {
    format!("{:.1}%", 100.0 * share)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts() {
        assert_eq!(money(-1234.5), "-1,235");
        assert_eq!(money(3.5), "3.50");
        assert_eq!(percent(0.1234), "12.3%");
    }
}
