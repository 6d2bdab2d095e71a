//! The five inputs of the formula, their names, bounds and steps.

use serde::Serialize;

use crate::text::named;

/// One of the five averages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FormulaInput {
    /// Average order value.
    OrderValue,
    /// Orders a period.
    Frequency,
    /// Share of revenue that is value.
    Margin,
    /// Share of customers who stay.
    Retention,
    /// Discount rate a period.
    Discount,
}

named!(
    FormulaInput, "input",
    Retention => "retention",
    Discount => "discount",
    Margin => "margin",
    OrderValue => "order value",
    Frequency => "frequency",
);

impl FormulaInput {
    pub(super) fn bound(self) -> &'static str {
        match self {
            Self::OrderValue => "an amount of money of at least 0",
            Self::Frequency => "a number of orders a period of at least 0",
            Self::Margin => "a share of revenue of at most 1, such as 0.3 for 30%",
            Self::Retention => "a share between 0 and 1, such as 0.8 for 80%",
            Self::Discount => "a rate a period above -1, such as 0.10 for 10%",
        }
    }

    /// How far the sensitivity moves it: rates by a point, amounts by a percent.
    pub(super) fn step(self, at: f64) -> f64 {
        match self {
            Self::OrderValue | Self::Frequency => at / 100.0,
            Self::Margin | Self::Retention | Self::Discount => 0.01,
        }
    }

    pub(super) fn step_name(self) -> &'static str {
        match self {
            Self::OrderValue | Self::Frequency => "one percent",
            Self::Margin | Self::Retention | Self::Discount => "one point",
        }
    }
}
