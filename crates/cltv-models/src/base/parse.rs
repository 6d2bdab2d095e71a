//! Units and grains from text.

use std::str::FromStr;

use super::units::{Grain, TimeUnit};
use super::words::shown;
use crate::base::error::InputError;

impl FromStr for TimeUnit {
    type Err = InputError;

    fn from_str(value: &str) -> Result<Self, Self::Err> {
        match value.trim().to_lowercase().as_str() {
            "d" | "day" | "days" => Ok(Self::Day),
            "w" | "week" | "weeks" => Ok(Self::Week),
            "m" | "month" | "months" => Ok(Self::Month),
            "y" | "year" | "years" => Ok(Self::Year),
            _ => Err(InputError::UnknownTimeUnit { value: shown(value) }),
        }
    }
}

impl FromStr for Grain {
    type Err = InputError;

    fn from_str(value: &str) -> Result<Self, Self::Err> {
        match value.trim().to_lowercase().as_str() {
            "d" | "day" | "days" | "daily" => Ok(Self::Day),
            "w" | "week" | "weeks" | "weekly" => Ok(Self::Week),
            "m" | "month" | "months" | "monthly" => Ok(Self::Month),
            _ => Err(InputError::UnknownGrain { value: shown(value) }),
        }
    }
}
