//! Actual repeat purchases week by week, for charts that track a model.

use chrono::{Days, NaiveDate};
use cltv_models::{Grain, TimeUnit};
use polars::prelude::DataFrame;

use crate::columns::{counts, days};
use crate::error::DataError;
use crate::frame;
use crate::periods::Periods;
use crate::plan::queries;
use crate::transactions::Transactions;

/// Repeat purchases of one week.
#[derive(Debug, Clone, PartialEq)]
pub struct TrackingWeek {
    /// 1 for the week with the first purchase.
    pub week: u64,
    /// Its last day, or the observation's end if that comes first.
    pub end: NaiveDate,
    /// Weeks from the first purchase to its end; not whole where the first or the last week is shorter.
    pub elapsed: f64,
    /// Repeat purchases in the week.
    pub actual: u64,
    /// Repeat purchases until its end.
    pub actual_cumulative: u64,
    /// Whether it ends after the calibration.
    pub holdout: bool,
}

/// Customers who first bought on the same day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Birth {
    /// The day.
    pub day: NaiveDate,
    /// How many.
    pub customers: u64,
}

/// Actual repeat purchases by week, and the first purchases from which a model expects them.
///
/// A model expects, until day e, the sum over births of customers * E\[X((e - day) in units)\],
/// which is `expected_purchases_new` at [`Tracking::ages`].
#[derive(Debug, Clone, PartialEq)]
pub struct Tracking {
    /// The weeks, in the order of time.
    pub weeks: Vec<TrackingWeek>,
    /// First purchases, in the order of time.
    pub births: Vec<Birth>,
}

impl Transactions {
    /// Repeat purchases by week from the first purchase to the observation's end.
    ///
    /// Weeks are seven days, whatever the grain. One ends on the calibration's last day, so that the weeks after it
    /// are those of the holdout; the first and the last one may be shorter. Only customers first seen in the calibration are followed when
    /// `calibration_only`, so that the chart compares with a model fitted on them.
    ///
    /// # Errors
    /// [`DataError::Frame`] if polars refuses the table.
    pub fn tracking(
        &self,
        periods: &Periods,
        grain: Grain,
        calibration_only: bool,
    ) -> Result<Tracking, DataError> {
        let [born, end] = [periods.calibration_end, periods.observation_end].map(|day| day.to_epoch_days());
        let born = if calibration_only { born } else { end };
        let mut weeks = empty_weeks(periods);
        let table = self.summed(&queries::births(end), &["first_day"])?;
        let mut births = Vec::new();
        for (day, customers) in days(&table, "first_day")?.into_iter().zip(counts(&table, "births")?) {
            if day <= born {
                births.push(Birth { day: cltv_tables::date(day).unwrap_or_default(), customers });
            }
        }
        births.sort_by_key(|birth| birth.day);
        let until = periods.calibration_end.to_epoch_days();
        // A purchase of a grain on both sides of the calibration's end counts on both, as in calibration and holdout.
        let parts = [
            queries::repeats_by_day(grain, born.min(until), until),
            queries::repeats_by_day_after(grain, until, born, end),
        ];
        for part in parts {
            let table = self.summed(&part, &["day"])?;
            for (day, repeats) in days(&table, "day")?.into_iter().zip(counts(&table, "repeat_purchases")?) {
                let week = weeks.partition_point(|week| week.end.to_epoch_days() < day);
                if let Some(week) = weeks.get_mut(week) {
                    week.actual += repeats;
                }
            }
        }
        let mut cumulative = 0;
        for week in &mut weeks {
            cumulative += week.actual;
            week.actual_cumulative = cumulative;
        }
        Ok(Tracking { weeks, births })
    }
}

fn empty_weeks(periods: &Periods) -> Vec<TrackingWeek> {
    let first = (periods.calibration_days() % 7) as u64;
    let (mut weeks, mut end) = (Vec::new(), periods.start + Days::new(first));
    let mut is_last = false;
    while !is_last {
        is_last = end >= periods.observation_end;
        end = end.min(periods.observation_end);
        weeks.push(TrackingWeek {
            week: weeks.len() as u64 + 1,
            end,
            elapsed: ((end - periods.start).num_days() + 1) as f64 / 7.0,
            actual: 0,
            actual_cumulative: 0,
            holdout: end > periods.calibration_end,
        });
        end = end + Days::new(7);
    }
    weeks
}

impl Tracking {
    /// For the end of a week: the age in time units and the number of customers of that age.
    ///
    /// Customers born after the week are left out; T counts as everywhere, end minus first day.
    #[must_use]
    pub fn ages(&self, week: usize, unit: TimeUnit) -> Vec<(f64, u64)> {
        let Some(week) = self.weeks.get(week) else {
            return Vec::new();
        };
        let born = self.births.iter().filter(|birth| birth.day <= week.end);
        born.map(|birth| ((week.end - birth.day).num_days() as f64 / unit.days(), birth.customers)).collect()
    }

    /// The weeks as a table: `week`, `end`, `actual`, `actual_cumulative`.
    ///
    /// # Errors
    /// [`DataError::Frame`] if polars refuses the table.
    pub fn frame(&self) -> Result<DataFrame, DataError> {
        let weeks = &self.weeks;
        frame::frame(vec![
            frame::counts("week", weeks.iter().map(|w| w.week)),
            frame::dates("end", weeks.iter().map(|w| w.end)),
            frame::counts("actual", weeks.iter().map(|w| w.actual)),
            frame::counts("actual_cumulative", weeks.iter().map(|w| w.actual_cumulative)),
        ])
    }
}
