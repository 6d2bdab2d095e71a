//! Customers' ids: each once, in the order that people expect.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use cltv_models::CustomerIds;
use cltv_tables::{Cells, Column, MISSING, Value};
use polars::prelude::{Column as Series, IntoColumn, IntoSeries, StringChunked};
use rayon::prelude::*;

use crate::error::DataError;

/// Which ids are the same customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum IdMatch {
    /// Ids that are the same text.
    #[default]
    Exact,
    /// Ids that differ in case or blanks only: "Ann@x.org " and "ann@x.org".
    TrimCase,
    /// Ids that are the same number: "17850", "17850.0" and "0017850".
    Number,
}

impl FromStr for IdMatch {
    type Err = DataError;

    fn from_str(text: &str) -> Result<Self, DataError> {
        match text.trim().to_lowercase().as_str() {
            "" | "exact" => Ok(Self::Exact),
            "trim_case" => Ok(Self::TrimCase),
            "number" => Ok(Self::Number),
            _ => Err(DataError::UnknownOption {
                parameter: "id_match",
                value: text.to_owned(),
                allowed:
                    "\"exact\", \"trim_case\" (case and blanks do not count) or \"number\" (17850.0 is 17850)"
                        .to_owned(),
            }),
        }
    }
}

impl fmt::Display for IdMatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Exact => "exact",
            Self::TrimCase => "trim_case",
            Self::Number => "number",
        })
    }
}

/// Distinct ids in natural order (2 before 10, "a2" before "a10"); a customer's code is the place in it.
///
/// Summaries share the text of the ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ids(CustomerIds);

impl Default for Ids {
    fn default() -> Self {
        Self(CustomerIds::numbered(0))
    }
}

impl Ids {
    /// Number of ids.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no id.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The id of a code.
    #[must_use]
    pub fn get(&self, code: u32) -> &str {
        self.0.own(code as usize).unwrap_or_default()
    }

    /// The ids of the customers with these codes, as a summary has them.
    pub(crate) fn of_customers(&self, codes: &[u32]) -> CustomerIds {
        // Codes are distinct, and rise.
        if codes.len() == self.len() { self.0.clone() } else { self.0.of_rows(codes) }
    }

    /// All ids in their order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &str> {
        (0..self.len() as u32).map(|code| self.get(code))
    }

    /// The code of an id.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<u32> {
        let (mut low, mut high) = (0, self.len() as u32);
        while low < high {
            let middle = low + (high - low) / 2;
            match natural(self.get(middle), id) {
                Ordering::Less => low = middle + 1,
                Ordering::Greater => high = middle,
                Ordering::Equal => return Some(middle),
            }
        }
        None
    }

    /// The ids of some customers, as a column of strings.
    #[must_use]
    pub fn column(&self, name: &str, codes: &[u32]) -> Series {
        let ids: StringChunked = codes.iter().map(|&code| Some(self.get(code))).collect();
        ids.with_name(name.into()).into_series().into_column()
    }

    /// All ids as a column of strings.
    #[must_use]
    pub fn all(&self, name: &str) -> Series {
        let ids: StringChunked = self.iter().map(Some).collect();
        ids.with_name(name.into()).into_series().into_column()
    }

    /// Keeps some of the ids, in their order.
    pub(crate) fn kept(&self, keep: &[bool]) -> Self {
        self.iter().zip(keep).filter(|(_, keep)| **keep).map(|(id, _)| id).collect()
    }
}

impl<S: AsRef<str>> FromIterator<S> for Ids {
    fn from_iter<T: IntoIterator<Item = S>>(ids: T) -> Self {
        Self(ids.into_iter().collect())
    }
}

/// Ids that would be one customer under another `id_match`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Variants {
    /// Ids that are the same number as another one.
    pub(crate) number: usize,
    /// Ids that differ from another one in case or blanks only.
    pub(crate) case: usize,
    /// Ids in scientific notation, such as 4.47955E+11, which has lost digits.
    pub(crate) scientific: usize,
}

/// The customer of each row, and the ids.
pub(crate) struct Coded {
    pub(crate) codes: Vec<u32>,
    pub(crate) ids: Arc<Ids>,
    pub(crate) variants: Variants,
}

/// Codes the customers of a column.
///
/// Numbers become the text that a csv has: 12 and 12.0 are "12". A text column in which every id ends in ".0" is a
/// number column that a program wrote with missing values, and loses the ".0".
pub(crate) fn code(column: Column, match_by: IdMatch) -> Coded {
    let Cells::Coded { mut codes, mut values } = column.cells.into_coded() else {
        return Coded { codes: Vec::new(), ids: Arc::default(), variants: Variants::default() };
    };
    values.seal();
    let whole = |value: Value<'_>| match value {
        Value::Text(text) => {
            text.strip_suffix(".0").is_some_and(|id| !id.is_empty() && id.bytes().all(|b| b.is_ascii_digit()))
        }
        _ => true,
    };
    let strip = values.iter().all(whole);
    let shown = |value: Value<'_>| -> String {
        let text = value.shown();
        let text = if strip { text.strip_suffix(".0").unwrap_or(&text) } else { &text };
        key(text, match_by)
    };
    let plain = match_by == IdMatch::Exact && !strip;
    let (ids, place) = if plain && values.iter().all(|value| matches!(value, Value::Text(_))) {
        let texts: Vec<&str> =
            values.iter().map(|value| if let Value::Text(text) = value { text } else { "" }).collect();
        sorted(&texts)
    } else {
        let texts: Vec<String> = values.iter().map(shown).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        sorted(&texts)
    };
    drop(values);
    codes.par_iter_mut().filter(|code| **code != MISSING).for_each(|code| *code = place[*code as usize]);
    let variants = if match_by == IdMatch::Number { Variants::default() } else { variants(&ids, match_by) };
    Coded { codes, ids: Arc::new(ids), variants }
}

/// What an id is compared by.
fn key(id: &str, match_by: IdMatch) -> String {
    match match_by {
        IdMatch::Exact => id.to_owned(),
        IdMatch::TrimCase => folded(id),
        IdMatch::Number => as_number(id).unwrap_or_else(|| id.to_owned()),
    }
}

fn folded(id: &str) -> String {
    id.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// "17850.0", "017850" and "1.785E+04" as "17850"; `None` where an id is no whole number.
fn as_number(id: &str) -> Option<String> {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let (whole, fraction) = id.split_once('.').unwrap_or((id, ""));
    if digits(whole) && fraction.bytes().all(|b| b == b'0') {
        let short = whole.trim_start_matches('0');
        return Some(if short.is_empty() { "0" } else { short }.to_owned());
    }
    let number: f64 = id.parse().ok().filter(|_| is_scientific(id))?;
    (number.fract() == 0.0 && (0.0..9e15).contains(&number)).then(|| format!("{number:.0}"))
}

fn is_scientific(id: &str) -> bool {
    let bytes = id.as_bytes();
    bytes.first().is_some_and(u8::is_ascii_digit)
        && bytes.iter().any(|b| matches!(b, b'e' | b'E'))
        && bytes.contains(&b'+')
        && bytes.iter().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'e' | b'E' | b'+'))
}

fn variants(ids: &Ids, match_by: IdMatch) -> Variants {
    let mut found =
        Variants { scientific: ids.iter().filter(|id| is_scientific(id)).count(), ..Variants::default() };
    // Only ids that are not in the plain form can have a twin; most columns have none, and nothing is allocated.
    let odd_number =
        |id: &str| small_number(id).is_none() && as_number(id).is_some_and(|number| number != id);
    if ids.iter().any(odd_number) {
        found.number = twins(ids, as_number);
    }
    let odd_case =
        |id: &str| id.bytes().any(|b| b.is_ascii_uppercase() || !b.is_ascii()) || id.contains("  ");
    if match_by == IdMatch::Exact && ids.iter().any(odd_case) {
        found.case = twins(ids, |id| Some(folded(id)));
    }
    found
}

/// Ids that share their key with an earlier one.
fn twins(ids: &Ids, key: impl Fn(&str) -> Option<String>) -> usize {
    let mut seen: HashMap<String, ()> = HashMap::new();
    ids.iter().filter_map(key).filter(|key| seen.insert(key.clone(), ()).is_some()).count()
}

/// The distinct texts in natural order, and the place of each text among them.
fn sorted(texts: &[&str]) -> (Ids, Vec<u32>) {
    let numbered = |(i, text): (u32, &&str)| small_number(text).map(|number| (number, i));
    let order: Vec<u32> = match (0..).zip(texts).map(numbered).collect::<Option<Vec<(u64, u32)>>>() {
        // Plain numbers without leading zeros: their order is that of the numbers.
        Some(mut numbers) => {
            numbers.par_sort_unstable();
            numbers.into_iter().map(|(_, i)| i).collect()
        }
        None => {
            let mut order: Vec<u32> = (0..texts.len() as u32).collect();
            order.par_sort_unstable_by(|&a, &b| natural(texts[a as usize], texts[b as usize]));
            order
        }
    };
    let mut distinct: Vec<u32> = Vec::with_capacity(order.len());
    let mut place = vec![0; texts.len()];
    for &i in &order {
        if distinct.last().is_none_or(|&last| texts[last as usize] != texts[i as usize]) {
            distinct.push(i);
        }
        place[i as usize] = distinct.len() as u32 - 1;
    }
    (distinct.into_iter().map(|i| texts[i as usize]).collect(), place)
}

fn small_number(text: &str) -> Option<u64> {
    let plain = (1..=18).contains(&text.len()) && (text == "0" || !text.starts_with('0'));
    (plain && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

/// Ids in the order people expect: 2 before 10, "a2" before "a10", equal numbers by their text.
pub(crate) fn natural(a: &str, b: &str) -> Ordering {
    // What both begin with is the same, up to the start of a number.
    let same = a.bytes().zip(b.bytes()).take_while(|(x, y)| x == y).count();
    let digit = |text: &str, at: usize| text.as_bytes().get(at).is_some_and(u8::is_ascii_digit);
    let mut at = same;
    while at > 0 && (digit(a, at - 1) || !a.is_char_boundary(at)) {
        at -= 1;
    }
    let (mut x, mut y) = (&a[at..], &b[at..]);
    loop {
        match (x.chars().next(), y.chars().next()) {
            (None, _) | (_, None) => return x.len().cmp(&y.len()).then_with(|| a.cmp(b)),
            (Some(c), Some(d)) if c.is_ascii_digit() && d.is_ascii_digit() => {
                let (m, rest_x) = leading_digits(x);
                let (n, rest_y) = leading_digits(y);
                let order = m.len().cmp(&n.len()).then_with(|| m.cmp(n));
                if order != Ordering::Equal {
                    return order;
                }
                (x, y) = (rest_x, rest_y);
            }
            (Some(c), Some(d)) if c == d => (x, y) = (&x[c.len_utf8()..], &y[d.len_utf8()..]),
            (Some(c), Some(d)) => return c.cmp(&d),
        }
    }
}

/// A number's digits without leading zeros, and what follows.
fn leading_digits(text: &str) -> (&str, &str) {
    let end = text.bytes().position(|b| !b.is_ascii_digit()).unwrap_or(text.len());
    (text[..end].trim_start_matches('0'), &text[end..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(ids: &[Value<'_>]) -> Column {
        let mut column = Column { name: "id".into(), ..Column::default() };
        let mut cells = Cells::Coded { codes: Vec::new(), values: cltv_tables::Values::default() };
        if let Cells::Coded { codes, values } = &mut cells {
            codes.extend(ids.iter().map(|id| values.code_of(id)));
        }
        column.cells = cells;
        column
    }

    fn coded(ids: &[Value<'_>], match_by: IdMatch) -> (Vec<String>, Vec<u32>, Variants) {
        let coded = code(column(ids), match_by);
        (coded.ids.iter().map(str::to_owned).collect(), coded.codes, coded.variants)
    }

    #[test]
    fn ids_sort_as_people_expect() {
        let texts = ["b", "a10", "10", "2", "a2", "0002", "Z", "a"];
        let (ids, place) = sorted(&texts);
        assert_eq!(ids.iter().collect::<Vec<_>>(), ["0002", "2", "10", "Z", "a", "a2", "a10", "b"]);
        assert_eq!(place, [7, 6, 2, 1, 5, 0, 3, 4]);
        for (text, place) in texts.iter().zip(place) {
            assert_eq!(ids.find(text), Some(place));
        }
        assert_eq!(ids.find("c"), None);
        assert_eq!(natural("x100", "x99"), Ordering::Greater);
        assert_eq!(natural("x1a", "x1"), Ordering::Greater);
    }

    #[test]
    fn ids_are_the_same_text_from_every_kind_of_file() {
        assert_eq!(coded(&[Value::Text("00004"), Value::Text("12")], IdMatch::Exact).0, ["00004", "12"]);
        assert_eq!(coded(&[Value::Int(12), Value::Number(12.0)], IdMatch::Exact).0, ["12"]);
        let (ids, codes, _) =
            coded(&[Value::Text("12.0"), Value::Text(""), Value::Text("7.0")], IdMatch::Exact);
        assert_eq!((ids, codes), (vec!["7".to_owned(), "12".to_owned()], vec![1, MISSING, 0]));
        assert_eq!(coded(&[Value::Text("12.0"), Value::Text("a.0")], IdMatch::Exact).0, ["12.0", "a.0"]);
    }

    #[test]
    fn variants_are_counted_and_joined_only_when_asked_for() {
        let ids = ["17850", "17850.0", "000012", "12", "4.47955E+11", "a"].map(Value::Text);
        let (exact, _, variants) = coded(&ids, IdMatch::Exact);
        assert_eq!((exact.len(), variants), (6, Variants { number: 2, case: 0, scientific: 1 }));
        let (joined, codes, _) = coded(&ids, IdMatch::Number);
        assert_eq!(joined, ["12", "17850", "447955000000", "a"]);
        assert_eq!(codes, [1, 1, 0, 0, 2, 3]);
        let mails = ["Ann@x.org", "ann@x.org", "ANN@X.ORG", "bob@x.org"].map(Value::Text);
        assert_eq!(coded(&mails, IdMatch::Exact).2.case, 2);
        assert_eq!(coded(&mails, IdMatch::TrimCase).0, ["ann@x.org", "bob@x.org"]);
    }
}
