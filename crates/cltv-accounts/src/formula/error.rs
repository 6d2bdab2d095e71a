//! What the formula cannot be computed from.

use super::input::FormulaInput;

/// What the formula cannot be computed from.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum FormulaError {
    /// An input outside its bounds.
    #[error("{name} is {value}, but it must be {bound}")]
    OutOfBounds {
        /// The input.
        name: &'static str,
        /// Its value.
        value: f64,
        /// What it must be, and how it is written.
        bound: &'static str,
    },
    /// A value without limit: retention at or above 1 + discount.
    #[error(
        "retention {retention} with discount {discount} has no finite value: retention must be below 1 + discount = {}; raise the discount, lower the retention, or sum over a finite horizon with value_over",
        1.0 + discount
    )]
    NoFiniteValue {
        /// The retention rate.
        retention: f64,
        /// The discount rate.
        discount: f64,
    },
    /// A retention curve that cannot be.
    #[error(
        "the retention curve is {value} in period {period}, {problem}; each entry is the share of the first customers still there, from 1 down to 0"
    )]
    BadCurve {
        /// The period, counted from 1.
        period: usize,
        /// The entry.
        value: f64,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A list without numbers.
    #[error("there are no {what}; give at least {least}")]
    TooFew {
        /// What is missing.
        what: &'static str,
        /// The smallest number that works.
        least: usize,
    },
    /// A number that is not one.
    #[error("{what} {value} in row {row} is not a finite number; remove the row or give its value")]
    NotFinite {
        /// What the number is.
        what: &'static str,
        /// The row, counted from 1.
        row: usize,
        /// The number.
        value: f64,
    },
    /// Quantiles that coincide.
    #[error(
        "{bins} bins cannot be cut: quantiles {lower} and {upper} of them are both {edge}, because too many values are equal; ask for fewer bins, or drop the duplicate edges"
    )]
    DuplicateEdges {
        /// The number of bins.
        bins: usize,
        /// The lower of the quantiles, counted from 0.
        lower: usize,
        /// The upper one.
        upper: usize,
        /// Their common value.
        edge: f64,
    },
    /// Columns of unequal length.
    #[error("{column} has {found} rows but customers has {expected}; every order needs all three")]
    LengthMismatch {
        /// The column that differs.
        column: &'static str,
        /// Its length.
        found: usize,
        /// The number of customers.
        expected: usize,
    },
    /// A curve or a grid that runs backwards.
    #[error(
        "the curve of {input} runs from {from} to {to} in {points} points; it needs from below to and at least 2 points"
    )]
    BadGrid {
        /// The input varied.
        input: FormulaInput,
        /// Where it starts.
        from: f64,
        /// Where it ends.
        to: f64,
        /// The points.
        points: usize,
    },
    /// Orders that lie in one period.
    #[error(
        "all orders are in period {period}, so there is no period to return in; use shorter periods, or give the retention rate yourself"
    )]
    OnePeriod {
        /// That period.
        period: i64,
    },
}
