//! The distinct texts of a column, each with a trace of its own.

use std::collections::HashMap;

use crate::{Texts, text};

/// The most kinds that a legend names; the rest share one entry.
pub(super) const MOST_KINDS: usize = 30;

/// The kind of each row.
pub(crate) struct Kinds {
    /// The place of each row's kind in `names`.
    codes: Vec<u32>,
    names: Vec<String>,
}

impl Kinds {
    /// Kinds in the order of their first row.
    pub(crate) fn by_appearance(column: &(impl Texts + ?Sized), thing: &str) -> Kinds {
        Kinds::ordered(column, None, thing)
    }

    /// Kinds by falling sum of their rows' weights.
    pub(crate) fn by_weight(column: &(impl Texts + ?Sized), weights: &[f64], thing: &str) -> Kinds {
        Kinds::ordered(column, Some(weights), thing)
    }

    /// Of more than [`MOST_KINDS`], the last ones share a kind: "12 other segments".
    fn ordered(column: &(impl Texts + ?Sized), weights: Option<&[f64]>, thing: &str) -> Kinds {
        let (mut codes, found) = distinct(column);
        let mut order: Vec<usize> = (0..found.len()).collect();
        if let Some(weights) = weights {
            let mut sums = vec![0.0; found.len()];
            codes.iter().zip(weights).for_each(|(&code, weight)| sums[code as usize] += weight);
            order.sort_by(|&a, &b| sums[b].total_cmp(&sums[a]));
        }
        let named = if found.len() > MOST_KINDS { MOST_KINDS - 1 } else { found.len() };
        let mut places = vec![named as u32; found.len()];
        order.iter().take(named).zip(0..).for_each(|(&kind, place)| places[kind] = place);
        codes.iter_mut().for_each(|code| *code = places[*code as usize]);
        let mut names: Vec<String> = order.iter().take(named).map(|&kind| found[kind].to_owned()).collect();
        if named < found.len() {
            names.push(text::counted((found.len() - named) as u64, &format!("other {thing}")));
        }
        Kinds { codes, names }
    }

    pub(crate) fn names(&self) -> &[String] {
        &self.names
    }

    pub(crate) fn of(&self, row: usize) -> usize {
        self.codes[row] as usize
    }
}

/// The number of each row's text among the distinct ones, in the order of their first row.
fn distinct(column: &(impl Texts + ?Sized)) -> (Vec<u32>, Vec<&str>) {
    let mut numbers: HashMap<&str, u32> = HashMap::new();
    let mut found: Vec<&str> = Vec::new();
    let code = |row: usize| {
        let name = column.text(row);
        *numbers.entry(name).or_insert_with(|| {
            found.push(name);
            (found.len() - 1) as u32
        })
    };
    let codes = (0..column.rows()).map(code).collect();
    (codes, found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_keep_their_order() {
        let column = ["b", "a", "b", "c"];
        let kinds = Kinds::by_appearance(&column, "segment");
        assert_eq!(kinds.names(), ["b", "a", "c"]);
        assert_eq!([0, 1, 2, 3].map(|row| kinds.of(row)), [0, 1, 0, 2]);
        let kinds = Kinds::by_weight(&column, &[1.0, 5.0, 3.0, 5.0], "segment");
        assert_eq!(kinds.names(), ["a", "c", "b"], "equal sums keep the order of their first row");
        assert_eq!([0, 1, 2, 3].map(|row| kinds.of(row)), [2, 0, 2, 1]);
    }

    #[test]
    fn many_kinds_share_the_last_entry() {
        let column: Vec<String> = (0..100).map(|n| n.to_string()).collect();
        let kinds = Kinds::by_appearance(&column, "segment");
        assert_eq!((kinds.names().len(), kinds.names()[29].as_str()), (30, "71 other segments"));
        assert_eq!((kinds.of(28), kinds.of(29), kinds.of(99)), (28, 29, 29));
    }
}
