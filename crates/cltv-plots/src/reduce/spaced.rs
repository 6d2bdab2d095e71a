//! Evenly spaced rows, the largest rows, and the number of rows to put together.

use crate::text;

/// At most `most` (two or more) of the rows 0 to `len - 1`, evenly spaced, the first and the last among them.
pub(crate) fn spaced(len: usize, most: usize) -> Vec<usize> {
    if len <= most {
        return (0..len).collect();
    }
    (0..most).map(|at| at * (len - 1) / (most - 1)).collect()
}

/// The least number of neighbours that must share a place so that `len` of them need at most `most`.
pub(crate) fn step(len: usize, most: usize) -> usize {
    len.div_ceil(most).max(1)
}

/// The rows of the `most` largest weights, in their order; of equal weights the earlier ones.
pub(crate) fn largest(weights: &[f64], most: usize) -> Vec<usize> {
    let mut rows: Vec<usize> = (0..weights.len()).collect();
    rows.sort_by(|&a, &b| weights[b].total_cmp(&weights[a]));
    rows.truncate(most);
    rows.sort_unstable();
    rows
}

/// The sentence of a chart that draws the largest of its groups; none where it draws all.
pub(crate) fn largest_note(drawn: usize, all: usize, group: &str) -> Option<String> {
    (drawn < all).then(|| format!("The {drawn} largest of {} are drawn.", text::counted(all as u64, group)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spaced_rows_keep_both_ends() {
        assert_eq!(spaced(3, 5), [0, 1, 2]);
        assert_eq!(spaced(11, 3), [0, 5, 10]);
        let many = spaced(1_000_000, 7);
        assert_eq!((many.len(), many[0], many[6]), (7, 0, 999_999));
    }

    #[test]
    fn the_largest_rows_keep_their_order() {
        assert_eq!(largest(&[2.0, 5.0, 1.0, 5.0, 2.0], 3), [0, 1, 3]);
        assert_eq!(largest(&[1.0], 3), [0]);
        assert_eq!(largest_note(3, 5, "tier"), Some("The 3 largest of 5 tiers are drawn.".to_owned()));
        assert_eq!(largest_note(5, 5, "tier"), None);
    }

    #[test]
    fn steps_are_as_small_as_the_limit_allows() {
        assert_eq!([step(0, 10), step(10, 10), step(11, 10), step(101, 10)], [1, 1, 2, 11]);
    }
}
