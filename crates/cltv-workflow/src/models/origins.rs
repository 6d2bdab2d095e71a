//! Origins of a backtest: days of a period from which models forecast.

use crate::data::Data;
use crate::error::Error;
use chrono::Duration;
use cltv_models::{Grain, InputError, Origin, TimeUnit};
use cltv_purchases::Periods;

/// `count` origins from the first period's end on, in steps that are equal to the day. Each holdout lasts
/// until the next origin, the last one until the second period's end.
pub(super) fn origins(
    data: &Data,
    within: Periods,
    unit: TimeUnit,
    grain: Grain,
    count: usize,
) -> Result<Vec<Origin>, Error> {
    let Periods { start, calibration_end, observation_end } = within;
    let days = within.holdout_days();
    if (days as usize) < count.max(1) {
        let bound = "at most one a day of the holdout";
        return Err(InputError::BadOption { name: "origins", value: count as f64, bound }.into());
    }
    let day = |k: usize| calibration_end + Duration::days(i64::from(days) * k as i64 / count as i64);
    let origin = |k: usize| {
        let (from, until) = (day(k), if k + 1 == count { observation_end } else { day(k + 1) });
        let periods = Periods { start, calibration_end: from, observation_end: until };
        let split = data.purchases.split(&periods, unit, grain)?.holdout()?;
        Ok(Origin::new(from.to_string(), split))
    };
    (0..count).map(origin).collect()
}
