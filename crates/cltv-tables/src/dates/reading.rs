//! What one value says of its day, before the column settles the order of day and month.

use super::written::{Clock, Written};
use chrono::format::{Item, Parsed, parse_and_remainder};
use chrono::{DateTime, Days, NaiveDate, Utc};

/// Excel's serial numbers of 1900-03-01 and 9999-12-31.
const SERIALS: std::ops::RangeInclusive<f64> = 61.0..=2_958_465.999_999;

/// One value on the way to its day.
#[derive(Debug, Clone, Copy)]
pub(super) enum Reading {
    Day(NaiveDate),
    Instant(DateTime<Utc>),
    Written(Written),
    Unreadable,
}

impl Reading {
    pub(super) fn has_offset(&self) -> bool {
        match self {
            Self::Instant(_) => true,
            Self::Written(written) => written.clock.offset.is_some(),
            _ => false,
        }
    }
}

/// The day of `yyyy-mm-dd`, perhaps with a clock without an offset: the usual form, read without a search.
pub(super) fn iso(text: &str) -> Option<NaiveDate> {
    let bytes = text.as_bytes();
    if bytes.len() < 10 || bytes[4] != b'-' || bytes[7] != b'-' {
        return None;
    }
    let digits = |range: std::ops::Range<usize>| {
        bytes[range].iter().try_fold(0_u32, |n, b| b.is_ascii_digit().then(|| 10 * n + u32::from(b - b'0')))
    };
    let day = NaiveDate::from_ymd_opt(digits(0..4)? as i32, digits(5..7)?, digits(8..10)?)?;
    match bytes.len() {
        10 => Some(day),
        16 | 19 => {
            let clock = bytes[10] == b' ' || bytes[10] == b'T';
            let (hour, minute) = (digits(11..13)?, digits(14..16)?);
            let second = if bytes.len() == 19 { digits(17..19)? } else { 0 };
            let colons = bytes[13] == b':' && (bytes.len() == 16 || bytes[16] == b':');
            (clock && colons && hour < 24 && minute < 60 && second < 60).then_some(day)
        }
        _ => None,
    }
}

/// Excel's serial number of a day, with the time as its fraction.
pub(super) fn serial(n: f64) -> Reading {
    if !SERIALS.contains(&n) {
        return Reading::Unreadable;
    }
    // Serial 61 is 1900-03-01; before it Excel counts a 29th of February that never was.
    NaiveDate::from_ymd_opt(1899, 12, 30)
        .and_then(|epoch| epoch.checked_add_days(Days::new(n as u64)))
        .map_or(Reading::Unreadable, Reading::Day)
}

/// Reads a text by the format that the user gave; a clock after the day may follow unsaid.
pub(super) fn by_format(text: &str, items: &[Item<'_>]) -> Reading {
    let mut parsed = Parsed::new();
    let Ok(rest) = parse_and_remainder(&mut parsed, text, items.iter()) else {
        return Reading::Unreadable;
    };
    if !rest.is_empty() && Clock::parse(rest).is_none_or(|clock| clock.offset.is_some()) {
        return Reading::Unreadable;
    }
    if let Ok(instant) = parsed.to_datetime() {
        // The day as it is written; a zone that is given is applied to the moment.
        return Reading::Written(Written::of_moment(instant));
    }
    // A format of a month and a year alone means the first day.
    if parsed.day().is_none()
        && parsed.ordinal().is_none()
        && parsed.month().is_some()
        && parsed.weekday().is_none()
    {
        let _ = parsed.set_day(1);
    }
    parsed.to_naive_date().map_or(Reading::Unreadable, Reading::Day)
}
