//! Where rows came from.

use chrono::NaiveDate;

/// Where rows came from, for messages and defaults.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Origin {
    pub(crate) shown: String,
    /// Calibration and observation end of a named data set.
    pub(crate) ends: Option<(NaiveDate, NaiveDate)>,
    pub(crate) has_amounts: bool,
    pub(crate) has_orders: bool,
}
