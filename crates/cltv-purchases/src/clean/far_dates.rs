//! Refuses dates far from all others, such as a lone 1900-01-01.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use cltv_plan::far_dates;
use cltv_tables::{NO_DAY, SourceValue};

use crate::error::{DataError, EXAMPLES_SHOWN};
use crate::raw::RawTransactions;

/// Days from the first to the last that are counted one by one in a list, some thousand years.
const LONGEST_SPAN: usize = 1 << 20;

/// Refuses dates that a long gap separates from all others. Days after `last` do not count.
pub(super) fn refuse(raw: &RawTransactions, earliest: Option<i32>, last: i32) -> Result<(), DataError> {
    let counted = |day: i32| day != NO_DAY && day <= last && earliest.is_none_or(|earliest| day >= earliest);
    let days = tally(raw.days.iter().copied().filter(|&day| counted(day)));
    let days: Vec<(i32, usize)> = days.into_iter().collect();
    let Some(far) = far_dates::find(&days) else { return Ok(()) };
    let remedy = match far.early {
        true => format!("earliest_date to {}", date(far.first)),
        false => format!("observation_end to {}", date(far.last)),
    };
    let is_far = |row: &usize| counted(raw.days[*row]) && far.contains(raw.days[*row]);
    let rows: Vec<usize> = (0..raw.days.len()).filter(is_far).collect();
    let value = |&row: &usize| SourceValue {
        place: raw.places.place(raw.row_in_file(row)),
        value: date(raw.days[row]).to_string(),
    };
    Err(DataError::FarDates {
        shown: raw.origin.shown.clone(),
        found: rows.len(),
        values: rows.iter().take(EXAMPLES_SHOWN).map(value).collect(),
        first: date(far.first),
        last: date(far.last),
        remedy,
    })
}

/// How many times each day occurs.
fn tally(days: impl Iterator<Item = i32> + Clone) -> BTreeMap<i32, usize> {
    let Some(first) = days.clone().min() else { return BTreeMap::new() };
    let place = |day: i32| (i64::from(day) - i64::from(first)) as usize;
    let span = days.clone().max().map_or(0, place);
    if span > LONGEST_SPAN {
        let mut rows = BTreeMap::new();
        days.for_each(|day| *rows.entry(day).or_default() += 1);
        return rows;
    }
    let mut rows = vec![0; span + 1];
    days.for_each(|day| rows[place(day)] += 1);
    (first..).zip(rows).filter(|(_, n)| *n > 0).collect()
}

fn date(day: i32) -> NaiveDate {
    cltv_tables::date(day).unwrap_or_default()
}
