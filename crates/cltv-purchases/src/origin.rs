//! Where rows came from.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// Where rows came from, for messages and defaults.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Origin {
    pub(crate) shown: String,
    /// Calibration and observation end of a named data set.
    #[serde(skip)]
    pub(crate) ends: Option<(NaiveDate, NaiveDate)>,
    pub(crate) has_amounts: bool,
    pub(crate) has_orders: bool,
}
