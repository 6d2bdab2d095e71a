//! Units of time and the grain at which purchases are merged.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Days of an average month of the Gregorian calendar's four-year cycle.
pub const DAYS_PER_MONTH: f64 = 30.4375;
/// Days of an average year of the same cycle.
pub const DAYS_PER_YEAR: f64 = 365.25;

/// The unit in which ages and horizons are counted.
///
/// ```
/// use cltv_models::TimeUnit;
/// let unit: TimeUnit = "weeks".parse().unwrap();
/// assert_eq!(unit, TimeUnit::Week);
/// assert_eq!(TimeUnit::Month.days(), 30.4375);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TimeUnit {
    /// 1 day.
    Day,
    /// 7 days.
    Week,
    /// 30.4375 days.
    Month,
    /// 365.25 days.
    Year,
}

impl TimeUnit {
    /// Length of the unit in days.
    #[must_use]
    pub fn days(self) -> f64 {
        match self {
            Self::Day => 1.0,
            Self::Week => 7.0,
            Self::Month => DAYS_PER_MONTH,
            Self::Year => DAYS_PER_YEAR,
        }
    }

    /// The unit's name, singular: `"week"`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Year => "year",
        }
    }

    /// How many of this unit a number of average months is.
    #[must_use]
    pub fn from_months(self, months: f64) -> f64 {
        months * DAYS_PER_MONTH / self.days()
    }
}

impl fmt::Display for TimeUnit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The calendar period inside which a customer's purchases count as one.
///
/// ```
/// use cltv_models::Grain;
/// assert_eq!("Day".parse::<Grain>().unwrap(), Grain::Day);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Grain {
    /// A calendar day.
    Day,
    /// A calendar week.
    Week,
    /// A calendar month.
    Month,
}

impl Grain {
    /// The grain's name: `"day"`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
        }
    }

    /// Average length of the grain in days.
    #[must_use]
    pub fn days(self) -> f64 {
        match self {
            Self::Day => 1.0,
            Self::Week => 7.0,
            Self::Month => DAYS_PER_MONTH,
        }
    }
}

impl fmt::Display for Grain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
