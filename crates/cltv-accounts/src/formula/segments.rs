//! Quantile segments, cut exactly as pandas' `qcut` cuts them.

use std::fmt;

use serde::Serialize;

use super::error::FormulaError;
use crate::numeric::quantile_of_sorted;
use crate::text::aligned;

/// The names of the quarters, lowest first.
pub const SEGMENT_NAMES: [&str; 4] = ["Low", "Mid", "High", "Top"];

/// What to do with quantiles that coincide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Duplicates {
    /// Refuse, naming the value that repeats: pandas' `duplicates="raise"`.
    #[default]
    Refuse,
    /// Keep each edge once, which leaves fewer bins: pandas' `duplicates="drop"`.
    Drop,
}

/// Values cut into bins of about equal counts.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct QuantileCut {
    /// The edges, one more than bins; bin k is (edges\[k\], edges\[k + 1\]], the lowest edge included.
    pub edges: Vec<f64>,
    /// The bin of each value, counted from 0.
    pub bins: Vec<usize>,
}

/// Cuts values into `bins` bins at their quantiles, as `pandas.qcut(values, bins)`: linear quantiles,
/// bins open to the left and closed to the right, the lowest value included.
///
/// # Errors
/// [`FormulaError::TooFew`] without values or bins, [`FormulaError::NotFinite`] for a value that is
/// not a number, [`FormulaError::DuplicateEdges`] where quantiles coincide and are not dropped.
///
/// # Examples
/// ```
/// use cltv_accounts::formula::{Duplicates, qcut};
/// let cut = qcut(&[1.0, 2.0, 3.0, 4.0, 5.0], 2, Duplicates::Refuse)?;
/// assert_eq!(cut.edges, [1.0, 3.0, 5.0]);
/// assert_eq!(cut.bins, [0, 0, 0, 1, 1]);
/// assert!(qcut(&[0.0, 0.0, 0.0, 1.0], 4, Duplicates::Refuse).is_err());
/// # Ok::<(), cltv_accounts::formula::FormulaError>(())
/// ```
pub fn qcut(values: &[f64], bins: usize, duplicates: Duplicates) -> Result<QuantileCut, FormulaError> {
    if bins == 0 {
        return Err(FormulaError::TooFew { what: "bins", least: 1 });
    }
    let sorted = sorted(values)?;
    let mut edges: Vec<f64> =
        (0..=bins).map(|k| quantile_of_sorted(&sorted, k as f64 / bins as f64)).collect();
    match duplicates {
        Duplicates::Drop => edges.dedup(),
        Duplicates::Refuse => {
            if let Some(lower) = edges.windows(2).position(|pair| pair[0] == pair[1]) {
                let (upper, edge) = (lower + 1, edges[lower]);
                return Err(FormulaError::DuplicateEdges { bins, lower, upper, edge });
            }
        }
    }
    if edges.len() < 2 {
        return Err(FormulaError::DuplicateEdges { bins, lower: 0, upper: bins, edge: edges[0] });
    }
    let bin = |value: &f64| edges.partition_point(|edge| edge < value).saturating_sub(1);
    let bins = values.iter().map(bin).collect();
    Ok(QuantileCut { edges, bins })
}

fn sorted(values: &[f64]) -> Result<Vec<f64>, FormulaError> {
    if values.is_empty() {
        return Err(FormulaError::TooFew { what: "values", least: 1 });
    }
    if let Some(at) = values.iter().position(|value| !value.is_finite()) {
        return Err(FormulaError::NotFinite { what: "value", row: at + 1, value: values[at] });
    }
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    Ok(sorted)
}

/// One quarter of the customers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SegmentRow {
    /// Its name.
    pub segment: String,
    /// Customers.
    pub count: usize,
    /// Values are above this (the lowest quarter: at least this), in money.
    pub above: f64,
    /// And at most this, in money.
    pub to: f64,
    /// Mean value, in money.
    pub mean: f64,
    /// Sum of values, in money.
    pub total: f64,
    /// The sum as a share of all segments' sum; NaN when that is 0.
    pub share: f64,
}

/// The four quarters, lowest first.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SegmentTable {
    /// One row a quarter.
    pub rows: Vec<SegmentRow>,
    /// The quarter of each value, as an index of the rows.
    pub segments: Vec<usize>,
}

impl SegmentTable {
    /// The name of each value's quarter.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.segments.iter().map(|&k| self.rows[k].segment.clone()).collect()
    }
}

impl fmt::Display for SegmentTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let header = ["segment", "customers", "above", "to", "mean", "total", "share %"];
        let rows = self.rows.iter().map(|row| {
            let money = [row.above, row.to, row.mean, row.total].map(|value| format!("{value:.2}"));
            let mut cells = vec![row.segment.clone(), row.count.to_string()];
            cells.extend(money);
            cells.push(format!("{:.1}", 100.0 * row.share));
            cells
        });
        f.write_str(&aligned(&header, rows))
    }
}

/// Quarters of values, named [`SEGMENT_NAMES`], cut as by [`qcut`].
///
/// # Errors
/// As [`qcut`]; quartiles that coincide are refused, for there would be no fourth name to give.
pub fn quartile_segments(values: &[f64]) -> Result<SegmentTable, FormulaError> {
    let cut = qcut(values, SEGMENT_NAMES.len(), Duplicates::Refuse)?;
    let all: f64 = values.iter().sum();
    let rows = SEGMENT_NAMES.iter().enumerate().map(|(k, name)| {
        let members = cut.bins.iter().zip(values).filter(|(bin, _)| **bin == k).map(|(_, value)| value);
        let (count, total) = members.fold((0_usize, 0.0), |(n, sum), value| (n + 1, sum + value));
        let share = if all == 0.0 { f64::NAN } else { total / all };
        SegmentRow {
            segment: (*name).to_owned(),
            count,
            above: cut.edges[k],
            to: cut.edges[k + 1],
            mean: total / count as f64,
            total,
            share,
        }
    });
    Ok(SegmentTable { rows: rows.collect(), segments: cut.bins })
}
