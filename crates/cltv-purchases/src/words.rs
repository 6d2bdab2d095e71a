//! Numbers, lists and names as sentences want them.

pub(crate) use cltv_models::words::{count, counted, quoted};

/// An amount of money with two decimals and groups of three: -1234.5 is "-1,234.50".
pub(crate) fn money(amount: f64) -> String {
    if !amount.is_finite() {
        return amount.to_string();
    }
    let cents = (amount.abs() * 100.0).round();
    let sign = if amount < 0.0 && cents > 0.0 { "-" } else { "" };
    let whole = (cents / 100.0).floor();
    format!("{sign}{}.{:02}", count(whole as usize), (cents - 100.0 * whole) as u8)
}

/// The candidate nearest to `word` by edits, when it is near enough to be a slip.
pub(crate) fn closest(word: &str, candidates: &[String]) -> Option<String> {
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
    }

    #[test]
    fn the_nearest_name_is_suggested() {
        let columns: Vec<String> = ["Kunde", "Order Date", "Amount (USD)"].map(String::from).to_vec();
        assert_eq!(closest("order_date", &columns).as_deref(), Some("Order Date"));
        assert_eq!(closest("amount", &columns).as_deref(), Some("Amount (USD)"));
        assert_eq!(closest("zebra", &columns), None);
    }
}
