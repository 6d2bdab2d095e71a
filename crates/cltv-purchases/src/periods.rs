//! The calibration and the holdout period.

use std::fmt;

use chrono::NaiveDate;
use cltv_models::{Grain, TimeUnit};

use crate::error::DataError;
use crate::transactions::Transactions;
use cltv_plan::periods::{default_calibration_end, in_units, period_of};
use cltv_protocol::text::counted;

/// The days between which purchases are learned from, checked and counted.
///
/// Calibration runs from the first purchase to `calibration_end`, the holdout from the day after
/// it to `observation_end`; both ends are included.
///
/// # Examples
/// ```
/// use cltv_purchases::{Cleaning, Source};
/// let cdnow = Source::new("cdnow").read()?.clean(&Cleaning::default())?.transactions;
/// let periods = cdnow.periods("", "")?;
/// assert_eq!(periods.calibration_end.to_string(), "1997-09-30");
/// assert_eq!(periods.observation_end.to_string(), "1998-06-30");
/// assert!(cdnow.periods("2001-01-01", "").is_err());
/// # Ok::<(), cltv_purchases::DataError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Periods {
    /// The first purchase.
    pub start: NaiveDate,
    /// Last day of the calibration.
    pub calibration_end: NaiveDate,
    /// Last day that was observed.
    pub observation_end: NaiveDate,
}

impl Transactions {
    /// The periods, from dates as 1997-09-30; "" means the default.
    ///
    /// By default the observation ends with the last purchase, and the calibration after two
    /// thirds of the days from the first purchase to the observation's end, rounded down. CDNOW
    /// has the ends of the literature, 1997-09-30 and 1998-06-30.
    ///
    /// # Errors
    /// [`DataError::BadEndDate`], [`DataError::ObservationEndOutside`],
    /// [`DataError::CalibrationEndOutside`] or [`DataError::OneDay`].
    pub fn periods(&self, calibration_end: &str, observation_end: &str) -> Result<Periods, DataError> {
        let start = self.first_date();
        let known = self.origin.ends;
        let observation_end = day("observation_end", observation_end)?
            .or(known.map(|(_, observation)| observation))
            .unwrap_or(self.last_date());
        if start == self.last_date() {
            return Err(DataError::OneDay { shown: self.name(), day: start });
        }
        if observation_end <= start || observation_end > self.today {
            return Err(DataError::ObservationEndOutside {
                value: observation_end,
                first: start,
                last: self.today,
            });
        }
        let calibration_end = day("calibration_end", calibration_end)?
            .or(known.map(|(calibration, _)| calibration).filter(|&end| end < observation_end))
            .unwrap_or_else(|| default_calibration_end(start, observation_end));
        if calibration_end < start || calibration_end >= observation_end {
            return Err(DataError::CalibrationEndOutside {
                value: calibration_end,
                first: start,
                last: observation_end,
            });
        }
        Ok(Periods { start, calibration_end, observation_end })
    }
}

impl Periods {
    /// Length of the holdout in time units, as T counts them: grain periods from the calibration's end to the
    /// observation's end.
    #[must_use]
    pub fn holdout_length(&self, unit: TimeUnit, grain: Grain) -> f64 {
        let length = period_of(self.observation_end, grain) - period_of(self.calibration_end, grain);
        in_units(length, grain, unit)
    }

    /// Days from the first purchase to the calibration's end, as T counts them.
    #[must_use]
    pub fn calibration_days(&self) -> u32 {
        days_between(self.start, self.calibration_end)
    }

    /// Days from the calibration's end to the observation's end.
    #[must_use]
    pub fn holdout_days(&self) -> u32 {
        days_between(self.calibration_end, self.observation_end)
    }
}

fn days_between(from: NaiveDate, to: NaiveDate) -> u32 {
    u32::try_from((to - from).num_days()).unwrap_or(0)
}

impl fmt::Display for Periods {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Calibration from {} to {}, holdout of {} from then to {}.",
            self.start,
            self.calibration_end,
            counted(self.holdout_days() as usize, "day"),
            self.observation_end
        )
    }
}

fn day(parameter: &'static str, value: &str) -> Result<Option<NaiveDate>, DataError> {
    let text = value.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let parsed = NaiveDate::parse_from_str(text, "%Y-%m-%d");
    parsed.map(Some).map_err(|_| DataError::BadEndDate { parameter, value: value.to_owned() })
}
