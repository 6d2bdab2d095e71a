//! The forecast methods.

use serde::Serialize;

use crate::text::named;

/// How the next months are forecast, baselines first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub enum Method {
    /// The last month again.
    Naive,
    /// The same month of the year before, again.
    SeasonalNaive,
    /// A line through the account's months.
    Trend,
    /// A line, plus the season times the account's scale.
    AdditiveSeason,
    /// A line, times the season.
    MultiplicativeSeason,
}

named!(
    Method, "forecast method",
    Naive => "naive",
    SeasonalNaive => "seasonal naive",
    Trend => "trend",
    AdditiveSeason => "trend + additive season",
    MultiplicativeSeason => "trend x multiplicative season",
);
