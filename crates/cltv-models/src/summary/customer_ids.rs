//! The ids of a summary's customers.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use rustc_hash::FxHashMap;

/// Customer ids in row order, or none: rows are then named by their number.
///
/// All ids are stored in one piece of text, so that an id costs its bytes and 8 more; copies share
/// it.
///
/// # Examples
/// ```
/// use cltv_models::CustomerIds;
/// let ids: CustomerIds = ["ann", "bob"].into_iter().collect();
/// assert_eq!(ids.get(1), "bob");
/// assert_eq!(ids.iter().collect::<Vec<_>>(), ["ann", "bob"]);
/// assert_eq!(CustomerIds::numbered(3).get(2), "3");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct CustomerIds(Stored);

#[derive(Clone, PartialEq, Eq)]
enum Stored {
    Named(Arc<Packed>),
    Numbered(usize),
}

/// Texts one after another; text `i` ends at `ends[i]`.
#[derive(Default, PartialEq, Eq)]
struct Packed {
    text: String,
    ends: Vec<usize>,
}

impl CustomerIds {
    /// Customers without ids, named by their row numbers from 1 on.
    #[must_use]
    pub fn numbered(customers: usize) -> Self {
        Self(Stored::Numbered(customers))
    }

    /// Number of customers.
    #[must_use]
    pub fn len(&self) -> usize {
        match &self.0 {
            Stored::Named(packed) => packed.ends.len(),
            Stored::Numbered(customers) => *customers,
        }
    }

    /// Whether there are no customers.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether customers have ids of their own.
    #[must_use]
    pub fn are_named(&self) -> bool {
        matches!(self.0, Stored::Named(_))
    }

    /// The id in row `i`, counted from 0.
    ///
    /// # Panics
    /// When `i` is not below [`CustomerIds::len`].
    #[must_use]
    pub fn get(&self, i: usize) -> Cow<'_, str> {
        assert!(i < self.len(), "row {i} of {} customers", self.len());
        match &self.0 {
            Stored::Named(packed) => Cow::Borrowed(packed.get(i)),
            Stored::Numbered(_) => Cow::Owned((i + 1).to_string()),
        }
    }

    /// The id of its own in row `i`, counted from 0; none for customers without ids or beyond the last row.
    #[must_use]
    pub fn own(&self, i: usize) -> Option<&str> {
        match &self.0 {
            Stored::Named(packed) if i < packed.ends.len() => Some(packed.get(i)),
            _ => None,
        }
    }

    /// The ids in row order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Cow<'_, str>> {
        (0..self.len()).map(|i| self.get(i))
    }

    /// Rows whose customer has an earlier row, each with the number of the first one, counted from 1.
    pub(crate) fn repeated(&self) -> Vec<(usize, usize)> {
        let Stored::Named(packed) = &self.0 else {
            return Vec::new();
        };
        // Rising ids are distinct, and need no table to prove it. Numbers without leading zeros rise by length first.
        let rise = |below: fn(&str, &str) -> bool| {
            (1..packed.ends.len()).all(|i| below(packed.get(i - 1), packed.get(i)))
        };
        if rise(|a, b| a < b) || rise(|a, b| (a.len(), a) < (b.len(), b)) {
            return Vec::new();
        }
        let mut first_rows: FxHashMap<&str, usize> = FxHashMap::default();
        first_rows.reserve(packed.ends.len());
        let mut repeated = Vec::new();
        for i in 0..packed.ends.len() {
            let first = *first_rows.entry(packed.get(i)).or_insert(i + 1);
            if first <= i {
                repeated.push((i, first));
            }
        }
        repeated
    }
}

impl Packed {
    fn push(&mut self, id: &str) {
        self.text.push_str(id);
        self.ends.push(self.text.len());
    }

    fn get(&self, i: usize) -> &str {
        let start = if i == 0 { 0 } else { self.ends[i - 1] };
        &self.text[start..self.ends[i]]
    }
}

impl<S: AsRef<str>> FromIterator<S> for CustomerIds {
    fn from_iter<I: IntoIterator<Item = S>>(ids: I) -> Self {
        let ids = ids.into_iter();
        let mut packed = Packed { text: String::new(), ends: Vec::with_capacity(ids.size_hint().0) };
        ids.for_each(|id| packed.push(id.as_ref()));
        packed.text.shrink_to_fit();
        Self(Stored::Named(Arc::new(packed)))
    }
}

impl From<Vec<String>> for CustomerIds {
    fn from(ids: Vec<String>) -> Self {
        ids.into_iter().collect()
    }
}

impl fmt::Debug for CustomerIds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_come_back_and_repeated_ones_are_found() {
        let ids: CustomerIds = ["b", "", "a\u{e4}", "b", "c", ""].into_iter().collect();
        assert_eq!(ids.iter().collect::<Vec<_>>(), ["b", "", "a\u{e4}", "b", "c", ""]);
        assert_eq!(ids.repeated(), [(3, 1), (5, 2)]);
        let rising: CustomerIds = ["a", "b", "c"].into_iter().collect();
        assert!(rising.repeated().is_empty() && rising.are_named());
        let numbered = CustomerIds::numbered(2);
        assert_eq!(numbered.iter().collect::<Vec<_>>(), ["1", "2"]);
        assert!(numbered.repeated().is_empty() && !numbered.are_named() && numbered != rising);
    }
}
