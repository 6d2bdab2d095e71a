//! Columns of text with a row for each customer, without a copy of them.

/// A text for each row, such as customer ids or segments.
///
/// Slices, vectors and arrays of texts are columns already. A column that is stored otherwise, such
/// as one of a data frame, needs these two functions only; a chart of many customers reads few ids.
///
/// # Examples
/// ```
/// use cltv_plots::Texts;
/// struct Numbered(usize);
/// impl Texts for Numbered {
///     fn rows(&self) -> usize { self.0 }
///     fn text(&self, row: usize) -> &str { if row == 0 { "first" } else { "later" } }
/// }
/// assert_eq!(Numbered(2).text(1), vec!["first", "later"].text(1));
/// ```
pub trait Texts {
    /// The number of rows.
    fn rows(&self) -> usize;

    /// The text of a row below [`Texts::rows`].
    fn text(&self, row: usize) -> &str;
}

impl<S: AsRef<str>> Texts for [S] {
    fn rows(&self) -> usize {
        self.len()
    }

    fn text(&self, row: usize) -> &str {
        self[row].as_ref()
    }
}

impl<S: AsRef<str>> Texts for Vec<S> {
    fn rows(&self) -> usize {
        self.len()
    }

    fn text(&self, row: usize) -> &str {
        self[row].as_ref()
    }
}

impl<S: AsRef<str>, const N: usize> Texts for [S; N] {
    fn rows(&self) -> usize {
        N
    }

    fn text(&self, row: usize) -> &str {
        self[row].as_ref()
    }
}
