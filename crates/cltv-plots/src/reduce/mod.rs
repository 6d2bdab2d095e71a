//! What keeps a chart of any number of customers small: rows close together share a mark, long series
//! are added up or thinned, and a sentence says so.
//!
//! Inputs below the limits are drawn row by row.

mod kinds;
mod marks;
mod spaced;

pub(crate) use kinds::Kinds;
pub(crate) use marks::{Axis, Marks};
pub(crate) use spaced::{largest, largest_note, spaced, step};

/// Up to so many rows, each is a mark of its own.
pub(crate) const MOST_ROWS: usize = 5_000;
/// The most marks that a larger input is drawn with.
pub(crate) const MOST_MARKS: usize = 3_000;
/// The most periods of a series.
pub(crate) const MOST_PERIODS: usize = 2_000;
/// The most places along one axis of a grid of histories.
pub(crate) const MOST_PLACES: usize = 60;
/// The most bars with names.
pub(crate) const MOST_GROUPS: usize = 60;
/// The most cohorts, and the most periods of their lives.
pub(crate) const MOST_COHORTS: usize = 120;
