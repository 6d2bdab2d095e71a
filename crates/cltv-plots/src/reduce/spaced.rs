//! Evenly spaced rows, and the number of rows to put together.

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
    fn steps_are_as_small_as_the_limit_allows() {
        assert_eq!([step(0, 10), step(10, 10), step(11, 10), step(101, 10)], [1, 1, 2, 11]);
    }
}
