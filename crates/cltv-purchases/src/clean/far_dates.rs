//! Dates far from all others, such as a lone 1900-01-01.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use cltv_tables::{NO_DAY, SourceValue};

use crate::error::{DataError, EXAMPLES_SHOWN};
use crate::raw::RawTransactions;

/// A gap of more days than this, and of more than so many times the span of the rest, sets dates apart.
const GAP: (i64, i64) = (5 * 365, 3);
/// At most so many rows, or this part of all, are set apart; more of them are a period of their own.
const FEW: (usize, usize) = (10, 100);

/// Days from the first to the last that are counted one by one in a list, some thousand years.
const LONGEST_SPAN: usize = 1 << 20;

/// Refuses dates that a long gap separates from all others. Days after `last` do not count.
pub(super) fn refuse(raw: &RawTransactions, earliest: Option<i32>, last: i32) -> Result<(), DataError> {
    let counted = |day: i32| day != NO_DAY && day <= last && earliest.is_none_or(|earliest| day >= earliest);
    let days = tally(raw.days.iter().copied().filter(|&day| counted(day)));
    let all: usize = days.values().sum();
    let few = FEW.0.max(all / FEW.1).min(all / 4);
    let days: Vec<(i32, usize)> = days.into_iter().collect();
    let early = cut(&days, few, |day| day);
    let reversed: Vec<(i32, usize)> = days.iter().rev().copied().collect();
    let late = cut(&reversed, few, |day| -day);
    let (is_far, first, end, remedy): (Box<dyn Fn(i32) -> bool>, i32, i32, String) = match (early, late) {
        (Some(at), _) => {
            let (first, end) = (days[at].0, days[days.len() - 1].0);
            (Box::new(move |day| day < first), first, end, format!("earliest_date to {}", date(first)))
        }
        (None, Some(at)) => {
            let (first, end) = (days[0].0, reversed[at].0);
            (Box::new(move |day| day > end), first, end, format!("observation_end to {}", date(end)))
        }
        (None, None) => return Ok(()),
    };
    let rows: Vec<usize> =
        (0..raw.days.len()).filter(|&row| counted(raw.days[row]) && is_far(raw.days[row])).collect();
    let value = |&row: &usize| SourceValue {
        place: raw.places.place(raw.row_in_file(row)),
        value: date(raw.days[row]).to_string(),
    };
    Err(DataError::FarDates {
        shown: raw.origin.shown.clone(),
        found: rows.len(),
        values: rows.iter().take(EXAMPLES_SHOWN).map(value).collect(),
        first: date(first),
        last: date(end),
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

/// The place of the first day behind a long gap with few rows before it; `along` makes days rise.
fn cut(days: &[(i32, usize)], few: usize, along: fn(i32) -> i32) -> Option<usize> {
    let end = along(days.last()?.0);
    let mut before = 0;
    for (i, pair) in days.windows(2).enumerate() {
        before += pair[0].1;
        if before > few {
            return None;
        }
        let gap = i64::from(along(pair[1].0) - along(pair[0].0));
        let span = i64::from(end - along(pair[1].0));
        if gap > GAP.0 && gap > GAP.1 * span {
            return Some(i + 1);
        }
    }
    None
}

fn date(day: i32) -> NaiveDate {
    cltv_tables::date(day).unwrap_or_default()
}
