//! The ids of a summary's customers.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use rustc_hash::FxHashMap;

/// Customer ids in row order, or none: rows are then named by their number.
///
/// All ids are stored in one piece of text, so that an id costs its bytes and 8 more. Copies share it, and so do the ids of
/// some of the customers ([`CustomerIds::of_rows`]), which cost 4 bytes each.
///
/// # Examples
/// ```
/// use cltv_models::CustomerIds;
/// let ids: CustomerIds = ["ann", "bob"].into_iter().collect();
/// assert_eq!(ids.get(1), "bob");
/// assert_eq!(ids.iter().collect::<Vec<_>>(), ["ann", "bob"]);
/// assert_eq!(CustomerIds::numbered(3).get(2), "3");
/// ```
#[derive(Clone)]
pub struct CustomerIds(Stored);

#[derive(Clone)]
enum Stored {
    Named(Arc<Packed>),
    /// Some of the texts, by their places.
    Selected(Arc<Packed>, Arc<[u32]>),
    Numbered(usize),
}

/// Texts one after another; text `i` ends at `ends[i]`.
#[derive(Default)]
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
            Stored::Selected(_, places) => places.len(),
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
        !matches!(self.0, Stored::Numbered(_))
    }

    /// The id in row `i`, counted from 0.
    ///
    /// # Panics
    /// When `i` is not below [`CustomerIds::len`].
    #[must_use]
    pub fn get(&self, i: usize) -> Cow<'_, str> {
        assert!(i < self.len(), "row {i} of {} customers", self.len());
        self.own(i).map_or_else(|| Cow::Owned((i + 1).to_string()), Cow::Borrowed)
    }

    /// The id of its own in row `i`, counted from 0; none for customers without ids or beyond the last row.
    #[must_use]
    pub fn own(&self, i: usize) -> Option<&str> {
        match &self.0 {
            Stored::Named(packed) => packed.get(i),
            Stored::Selected(packed, places) => packed.get(*places.get(i)? as usize),
            Stored::Numbered(_) => None,
        }
    }

    /// The ids of some rows, counted from 0, in the order in which they are given; the text is shared.
    ///
    /// # Panics
    /// When a row is not below [`CustomerIds::len`].
    ///
    /// # Examples
    /// ```
    /// use cltv_models::CustomerIds;
    /// let ids: CustomerIds = ["ann", "bob", "cyd"].into_iter().collect();
    /// assert_eq!(ids.of_rows(&[2, 0]).iter().collect::<Vec<_>>(), ["cyd", "ann"]);
    /// ```
    #[must_use]
    pub fn of_rows(&self, rows: &[u32]) -> Self {
        assert!(rows.iter().all(|&row| (row as usize) < self.len()), "all rows are below {}", self.len());
        match &self.0 {
            Stored::Named(packed) => Self(Stored::Selected(packed.clone(), rows.into())),
            Stored::Selected(packed, places) => {
                Self(Stored::Selected(packed.clone(), rows.iter().map(|&row| places[row as usize]).collect()))
            }
            Stored::Numbered(_) => rows.iter().map(|&row| self.get(row as usize)).collect(),
        }
    }

    /// The ids in row order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Cow<'_, str>> {
        (0..self.len()).map(|i| self.get(i))
    }

    /// Rows whose customer has an earlier row, each with the number of the first one, counted from 1.
    pub(crate) fn repeated(&self) -> Vec<(usize, usize)> {
        if !self.are_named() {
            return Vec::new();
        }
        let id = |i: usize| self.own(i).unwrap_or_default();
        // Rising ids are distinct, and need no table to prove it. Numbers without leading zeros rise by length first.
        let rise = |below: fn(&str, &str) -> bool| (1..self.len()).all(|i| below(id(i - 1), id(i)));
        if rise(|a, b| a < b) || rise(|a, b| (a.len(), a) < (b.len(), b)) {
            return Vec::new();
        }
        let mut first_rows: FxHashMap<&str, usize> = FxHashMap::default();
        first_rows.reserve(self.len());
        let mut repeated = Vec::new();
        for i in 0..self.len() {
            let first = *first_rows.entry(id(i)).or_insert(i + 1);
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

    fn get(&self, i: usize) -> Option<&str> {
        let end = *self.ends.get(i)?;
        let start = if i == 0 { 0 } else { self.ends[i - 1] };
        Some(&self.text[start..end])
    }
}

/// Two are equal when their customers have the same ids; customers without ids equal only others without ids.
impl PartialEq for CustomerIds {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Stored::Named(one), Stored::Named(two)) if Arc::ptr_eq(one, two) => true,
            _ => {
                (self.len(), self.are_named()) == (other.len(), other.are_named())
                    && (0..self.len()).all(|i| self.own(i) == other.own(i))
            }
        }
    }
}

impl Eq for CustomerIds {}

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
        let some = ids.of_rows(&[4, 0, 3]).of_rows(&[2, 0, 1]);
        assert_eq!((some.len(), some.own(1), some.own(3)), (3, Some("c"), None));
        assert_eq!(some.repeated(), [(2, 1)]);
        assert_eq!(some, ["b", "c", "b"].into_iter().collect());
        let numbered = CustomerIds::numbered(2);
        assert_eq!(CustomerIds::numbered(3).of_rows(&[2]), ["3"].into_iter().collect());
        assert_eq!(numbered.iter().collect::<Vec<_>>(), ["1", "2"]);
        assert!(numbered.repeated().is_empty() && !numbered.are_named() && numbered != rising);
    }
}
