//! Grain periods: days, weeks from Monday, calendar months.

use chrono::{Datelike, Days, NaiveDate};
use cltv_models::{Grain, TimeUnit};

use crate::queries;

/// The number of the grain period that holds a day, from 1970-01-01.
#[must_use]
pub fn period_of(day: NaiveDate, grain: Grain) -> i64 {
    let days = i64::from(day.to_epoch_days());
    match grain {
        Grain::Day => days,
        // 1970-01-01 is a Thursday, three days after a Monday.
        Grain::Week => (days + 3).div_euclid(7),
        Grain::Month => i64::from(day.year()) * 12 + i64::from(day.month0()),
    }
}

/// The first day of the grain period that holds a day.
#[must_use]
pub fn period_start(day: NaiveDate, grain: Grain) -> NaiveDate {
    match grain {
        Grain::Day => day,
        Grain::Week => day - Days::new(u64::from(day.weekday().num_days_from_monday())),
        Grain::Month => day.with_day(1).unwrap_or(day),
    }
}

/// The first day of the period after the one that holds a day.
#[must_use]
pub fn next_period(day: NaiveDate, grain: Grain) -> NaiveDate {
    let start = period_start(day, grain);
    match grain {
        Grain::Day => start + Days::new(1),
        Grain::Week => start + Days::new(7),
        Grain::Month => start.checked_add_months(chrono::Months::new(1)).unwrap_or(NaiveDate::MAX),
    }
}

/// A number of grain periods in time units; a month is 30.4375 days.
#[must_use]
pub fn in_units(periods: i64, grain: Grain, unit: TimeUnit) -> f64 {
    periods as f64 * queries::days_of(grain) / unit.days()
}

/// The last day of the calibration by default: two thirds of the days from the first purchase to the end, rounded down.
#[must_use]
pub fn default_calibration_end(start: NaiveDate, observation_end: NaiveDate) -> NaiveDate {
    let span = (observation_end - start).num_days().unsigned_abs();
    start + Days::new(span * 2 / 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weeks_start_on_monday() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let (sunday, monday) = (day("1997-10-05"), day("1997-10-06"));
        assert_eq!(period_of(sunday, Grain::Week) + 1, period_of(monday, Grain::Week));
        assert_eq!(period_start(sunday, Grain::Week), day("1997-09-29"));
        assert_eq!(period_of(day("1997-09-29"), Grain::Week), period_of(sunday, Grain::Week));
        assert_eq!(next_period(day("1997-12-31"), Grain::Month), day("1998-01-01"));
        assert_eq!(in_units(11, Grain::Month, TimeUnit::Month), 11.0);
        assert_eq!(in_units(213, Grain::Day, TimeUnit::Week), 213.0 / 7.0);
    }
}
