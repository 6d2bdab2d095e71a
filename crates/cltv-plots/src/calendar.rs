//! Moments as text.

/// Milliseconds of a day.
pub(crate) const DAY: i64 = 86_400_000;

/// Year, month and day of the days since 1970-01-01 in the Gregorian calendar.
///
/// Source: Howard Hinnant, chrono-compatible low-level date algorithms, `civil_from_days`,
/// <https://howardhinnant.github.io/date_algorithms.html>.
pub(crate) fn civil(days: i64) -> (i64, u32, u32) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let day = (of_year - (153 * shifted_month + 2) / 5 + 1) as u32;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 } as u32;
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

/// The days from 1970-01-01 to the first of a month; Hinnant's `days_from_civil`.
pub(crate) fn days_to(year: i64, month: u32) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let shifted = i64::from((month + 9) % 12);
    let of_year = (153 * shifted + 2) / 5;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// A moment in milliseconds since 1970-01-01, as plotly and spreadsheets read it: 2024-01-31, or with the time
/// where it is not midnight, 2024-01-31 12:30:00.
pub(crate) fn iso(millis: i64) -> String {
    let (year, month, day) = civil(millis.div_euclid(DAY));
    let date = format!("{year:04}-{month:02}-{day:02}");
    match millis.rem_euclid(DAY) {
        0 => date,
        time => {
            let seconds = time / 1_000;
            let clock = format!("{:02}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60);
            let rest = time % 1_000;
            if rest == 0 { format!("{date} {clock}") } else { format!("{date} {clock}.{rest:03}") }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_those_of_the_calendar() {
        // Days of GNU date: `date -u -d 2000-02-29 +%s` divided by 86,400.
        for (day, text) in
            [(0, "1970-01-01"), (11_016, "2000-02-29"), (19_753, "2024-01-31"), (-1, "1969-12-31")]
        {
            assert_eq!(iso(day * DAY), text);
            let (year, month, of_month) = civil(day);
            assert_eq!(days_to(year, month), day + 1 - i64::from(of_month), "the first of the month");
        }
        assert_eq!(iso(19_753 * DAY + 45_000_000), "2024-01-31 12:30:00");
        assert_eq!(iso(19_753 * DAY + 1), "2024-01-31 00:00:00.001");
    }
}
