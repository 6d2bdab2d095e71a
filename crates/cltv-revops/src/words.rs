//! Numbers and lists as sentences want them.

/// Digits in groups of three: 2357 is "2,357".
pub(crate) fn count(n: usize) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// "1 row", "2,357 rows".
pub(crate) fn counted(n: usize, noun: &str) -> String {
    let plural = if n == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", count(n))
}

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

/// A share of 1 as a percentage with one decimal: 0.1234 is "12.3 %".
pub(crate) fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}

/// "a", "b" and "c", each in quotes.
pub(crate) fn quoted(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("{name:?}")).collect();
    match quoted.split_last() {
        None => "nothing".to_owned(),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_lists() {
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(counted(1, "row"), "1 row");
        assert_eq!(money(-1234.5), "-1,235");
        assert_eq!(money(3.5), "3.50");
        assert_eq!(percent(0.1234), "12.3 %");
        assert_eq!(quoted(&["a".into(), "b".into()]), r#""a" and "b""#);
    }
}
