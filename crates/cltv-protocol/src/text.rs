//! Counts, amounts of money and names as text, the same in every program and page.

/// Strings that stand for a missing value in files and databases, in lower case.
pub const MISSING_WORDS: [&str; 16] = [
    "", "na", "n/a", "n.a.", "#n/a", "nan", "null", "none", "nil", "nat", "-", "–", "—", "?", "(blank)",
    "\\n",
];

/// Digits in groups of three.
///
/// ```
/// assert_eq!(cltv_protocol::text::count(1_234_567), "1,234,567");
/// assert_eq!(cltv_protocol::text::count(12), "12");
/// ```
#[must_use]
pub fn count(n: usize) -> String {
    grouped(&n.to_string())
}

fn grouped(digits: &str) -> String {
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A number of things.
///
/// ```
/// assert_eq!(cltv_protocol::text::counted(1, "row"), "1 row");
/// assert_eq!(cltv_protocol::text::counted(2357, "customer"), "2,357 customers");
/// ```
#[must_use]
pub fn counted(n: usize, noun: &str) -> String {
    let plural = if n == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", count(n))
}

/// Names, each in quotes; "nothing" for none.
///
/// ```
/// let names = ["a".to_owned(), "b".to_owned(), "c".to_owned()];
/// assert_eq!(cltv_protocol::text::quoted(&names), r#""a", "b" and "c""#);
/// ```
#[must_use]
pub fn quoted(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("{name:?}")).collect();
    match quoted.split_last() {
        None => "nothing".to_owned(),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
    }
}

/// Cents from which numbers have none: 2^53. Amounts from there on are shown to the unit.
const LARGEST_CENTS: f64 = 9_007_199_254_740_992.0;

/// An amount of money with two decimals and groups of three: -1234.5 is "-1,234.50".
#[must_use]
pub fn money(amount: f64) -> String {
    if !amount.is_finite() {
        return amount.to_string();
    }
    let cents = (amount.abs() * 100.0).round();
    let sign = if amount < 0.0 && cents > 0.0 { "-" } else { "" };
    if cents >= LARGEST_CENTS {
        let digits = format!("{:.0}", amount.abs());
        return format!("{sign}{}.00", grouped(&digits));
    }
    let whole = (cents / 100.0).floor();
    format!("{sign}{}.{:02}", count(whole as usize), (cents - 100.0 * whole) as u8)
}

/// A part of a whole as a percentage without decimals; "0%" of nothing.
///
/// ```
/// assert_eq!(cltv_protocol::text::percent(1, 3), "33%");
/// ```
#[must_use]
pub fn percent(part: usize, whole: usize) -> String {
    if whole == 0 {
        return "0%".to_owned();
    }
    format!("{:.0}%", 100.0 * part as f64 / whole as f64)
}

/// The candidate nearest to `word` by edit distance, when it is near enough to be a slip.
#[must_use]
pub fn closest(word: &str, candidates: &[String]) -> Option<String> {
    let plain = |text: &str| -> Vec<char> {
        text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    let wanted = plain(word);
    candidates
        .iter()
        .map(|candidate| (edits(&wanted, &plain(candidate)), candidate))
        .filter(|(distance, candidate)| {
            let contains =
                |a: &[char], b: &[char]| b.len() >= 3 && a.windows(b.len()).any(|window| window == b);
            let other = plain(candidate);
            *distance <= wanted.len() / 3 || contains(&other, &wanted) || contains(&wanted, &other)
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate.clone())
}

/// Insertions, deletions and replacements that turn one word into the other (Levenshtein).
fn edits(a: &[char], b: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, &ca) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, &cb) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(ca != cb);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts() {
        assert_eq!(money(-1234.5), "-1,234.50");
        assert_eq!(money(0.999), "1.00");
        // The numbers' own digits, by Python's format(x, ",.0f").
        assert_eq!(money(1e20), "100,000,000,000,000,000,000.00");
        assert_eq!(money(-123_456_789_012_345_680.0), "-123,456,789,012,345,680.00");
        assert_eq!(money(90_071_992_547_409.0), "90,071,992,547,409.00");
    }

    #[test]
    fn the_nearest_name_is_suggested() {
        let columns: Vec<String> = ["Kunde", "Order Date", "Amount (USD)"].map(String::from).to_vec();
        assert_eq!(closest("order_date", &columns).as_deref(), Some("Order Date"));
        assert_eq!(closest("amount", &columns).as_deref(), Some("Amount (USD)"));
        assert_eq!(closest("zebra", &columns), None);
    }
}
