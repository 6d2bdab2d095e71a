//! Why a chart cannot be drawn, with the remedy.

/// Why a chart could not be drawn. Rows are counted from 1.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PlotError {
    /// An input holds no value at all.
    #[error("{chart} has nothing to show: `{input}` is empty; pass at least one value")]
    Empty {
        /// The chart, by its file stem.
        chart: &'static str,
        /// The input, by its parameter or field name.
        input: &'static str,
    },
    /// Two inputs that belong together row by row differ in length.
    #[error(
        "{chart}: `{left}` has {left_len} values but `{right}` has {right_len}; they belong together row by row, so give both the same number"
    )]
    LengthMismatch {
        /// The chart, by its file stem.
        chart: &'static str,
        /// The first input.
        left: &'static str,
        /// Its number of values.
        left_len: usize,
        /// The second input.
        right: &'static str,
        /// Its number of values.
        right_len: usize,
    },
    /// A value lies outside what the chart can show.
    #[error("{chart}: `{input}` is {value} in row {row}, but must be {bound}; correct or leave out that row")]
    BadValue {
        /// The chart, by its file stem.
        chart: &'static str,
        /// The input, by its parameter or field name.
        input: &'static str,
        /// The row, counted from 1.
        row: usize,
        /// The value, as text.
        value: String,
        /// What the value must be.
        bound: &'static str,
    },
    /// The same key stands in two rows.
    #[error("{chart}: `{input}` has {value:?} in row {row} for the second time; merge the two rows into one")]
    Duplicate {
        /// The chart, by its file stem.
        chart: &'static str,
        /// The input, by its parameter or field name.
        input: &'static str,
        /// The second of the two rows, counted from 1.
        row: usize,
        /// The key, as text.
        value: String,
    },
    /// More rows than stay readable.
    #[error(
        "{chart}: `{input}` has {count} rows, more than the {limit} that stay readable; pick a sample first"
    )]
    TooMany {
        /// The chart, by its file stem.
        chart: &'static str,
        /// The input, by its parameter or field name.
        input: &'static str,
        /// How many rows were given.
        count: usize,
        /// How many can be drawn.
        limit: usize,
    },
    /// A plot of the plotly crate that cannot be read back.
    #[error("the plot cannot be read as a figure: {reason}; check the values of its traces")]
    NoFigure {
        /// What the reader said.
        reason: String,
    },
    /// The amounts have no concentration.
    #[error(transparent)]
    Concentration(#[from] crate::ConcentrationError),
    /// A name that cannot be a file stem.
    #[error("the chart name {name:?} cannot be a file name; use lower-case letters, digits and underscores")]
    BadName {
        /// The refused name.
        name: String,
    },
}
