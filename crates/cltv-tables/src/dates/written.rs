//! A date as it is written: fields of day, month and year in some order, perhaps a clock.

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, NaiveTime};

use super::months::{month_named, weekday_named};

/// Two-digit years below this are of this century (as chrono's `%y`).
const PIVOT: u32 = 70;

/// How the fields look, which leaves one or several orders possible.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// 19970131
    Compact,
    /// 1997-01-31
    YearFirst,
    /// 31/01/1997 or 01/31/1997
    YearLast,
    /// 31/01/97, 01/31/97 or 97/01/31
    ShortYear,
    /// 31 Jan 1997, with the fields already in their places
    Named,
    /// 1997-01, 01/1997 or Jan-97, as the first day of the month
    Month,
}

impl Shape {
    pub(crate) const ALL: [Self; 6] =
        [Self::Compact, Self::YearFirst, Self::YearLast, Self::ShortYear, Self::Named, Self::Month];

    /// The orders that the shape allows.
    pub(crate) fn orders(self) -> &'static [Order] {
        match self {
            Self::Compact | Self::YearFirst | Self::Named | Self::Month => &[Order::YearMonthDay],
            Self::YearLast => &[Order::DayMonthYear, Order::MonthDayYear],
            Self::ShortYear => &[Order::DayMonthYear, Order::MonthDayYear, Order::YearMonthDay],
        }
    }
}

/// The order of the three fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    YearMonthDay,
    DayMonthYear,
    MonthDayYear,
}

impl Order {
    pub(crate) fn words(self, shape: Shape) -> &'static str {
        match (self, shape) {
            (_, Shape::Named) => "day, month by name and year",
            (_, Shape::Month) => "month and year",
            (Self::YearMonthDay, _) => "year, month, day",
            (Self::DayMonthYear, _) => "day, month, year",
            (Self::MonthDayYear, _) => "month, day, year",
        }
    }
}

/// The time of day, and its offset from UTC in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Clock {
    pub(crate) time: NaiveTime,
    pub(crate) offset: Option<i32>,
}

/// A date as it is written, before the order of its fields is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) shape: Shape,
    fields: [u32; 3],
    separator: char,
    pub(crate) clock: Clock,
}

impl Written {
    /// Takes a text apart; `None` when it is no date in any order.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (date, clock) = split_clock(text.trim());
        let clock = match clock {
            Some(clock) => Clock::parse(clock)?,
            None => Clock { time: NaiveTime::MIN, offset: None },
        };
        let (shape, fields) = fields_of(date)?;
        let separator = date.chars().find(|c| !c.is_ascii_alphanumeric()).unwrap_or('-');
        Some(Self { shape, fields, separator, clock })
    }

    /// A moment with an offset, with the day and the time as they are written.
    pub(crate) fn of_moment(moment: DateTime<FixedOffset>) -> Self {
        let local = moment.naive_local();
        Self {
            shape: Shape::Named,
            // A year before 0 is none that the fields can have.
            fields: [local.year().try_into().unwrap_or(u32::MAX), local.month(), local.day()],
            separator: '-',
            clock: Clock { time: local.time(), offset: Some(moment.offset().local_minus_utc()) },
        }
    }

    /// Whether day and month stand in an order that the column must tell.
    pub(crate) fn has_orders(&self) -> bool {
        self.shape.orders().len() > 1
    }

    /// Whether one of the two fields that may be day or month is above 12, so that it is the day.
    pub(crate) fn one_field_above_12(&self) -> bool {
        let [a, b, _] = self.fields;
        self.shape == Shape::YearLast && (a > 12) != (b > 12)
    }

    /// The calendar day, if there is such a day in that order.
    pub(crate) fn day(&self, order: Order) -> Option<NaiveDate> {
        let [a, b, c] = self.fields;
        let (year, month, day) = match order {
            Order::YearMonthDay => (a, b, c),
            Order::DayMonthYear => (c, b, a),
            Order::MonthDayYear => (c, a, b),
        };
        let year = match (self.shape, year) {
            (Shape::ShortYear, year) if year < PIVOT => 2000 + year,
            (Shape::ShortYear, year) => 1900 + year,
            (_, year) => year,
        };
        NaiveDate::from_ymd_opt(year.try_into().ok()?, month, day)
    }

    /// What a user would write into `date_format` for that order.
    pub(crate) fn format(&self, order: Order) -> String {
        let year = if self.shape == Shape::ShortYear { "%y" } else { "%Y" };
        let fields = match order {
            Order::YearMonthDay => [year, "%m", "%d"],
            Order::DayMonthYear => ["%d", "%m", year],
            Order::MonthDayYear => ["%m", "%d", year],
        };
        fields.join(&self.separator.to_string())
    }
}

impl Clock {
    /// Hours and minutes, perhaps seconds, a fraction, am or pm, and an offset.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.trim_start_matches(['T', 't', ' ', ',']).trim_end();
        let (clock, offset) = split_offset(text)?;
        let lower = clock.trim().to_ascii_lowercase().replace("a.m.", "am").replace("p.m.", "pm");
        let (digits, afternoon) = if let Some(digits) = lower.strip_suffix("am") {
            (digits, Some(false))
        } else if let Some(digits) = lower.strip_suffix("pm") {
            (digits, Some(true))
        } else {
            (lower.as_str(), None)
        };
        let mut parts = digits.trim().split(':');
        let hour: u32 = number(parts.next()?)?;
        let minute: u32 = number(parts.next()?)?;
        let second = parts.next().unwrap_or("0");
        if parts.next().is_some() {
            return None;
        }
        let (second, fraction) = second.split_once(['.', ',']).unwrap_or((second, "0"));
        // What is cut inside a character is no digits anyway.
        number::<u64>(fraction.get(..9).unwrap_or(fraction))?;
        let hour = match afternoon {
            None => hour,
            Some(_) if !(1..=12).contains(&hour) => return None,
            Some(pm) => hour % 12 + if pm { 12 } else { 0 },
        };
        let time = NaiveTime::from_hms_opt(hour, minute, number(second)?)?;
        Some(Self { time, offset })
    }
}

/// Digits only, at least one.
fn number<T: std::str::FromStr>(text: &str) -> Option<T> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

/// Splits where the hours start: the digits before the first colon.
fn split_clock(text: &str) -> (&str, Option<&str>) {
    let Some(colon) = text.find(':') else {
        return (text, None);
    };
    let before = &text[..colon];
    let digits = before.len() - before.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    let (date, clock) = text.split_at(colon - digits.min(2));
    (date.trim_end_matches(['T', 't', ' ', ',']), Some(clock))
}

/// Splits an offset off: "Z", "UTC", "GMT", "+01:00", "-0500", "+01".
fn split_offset(text: &str) -> Option<(&str, Option<i32>)> {
    for utc in ["Z", "z", "UTC", "GMT"] {
        if let Some(clock) = text.strip_suffix(utc) {
            return Some((clock, Some(0)));
        }
    }
    let Some(at) = text.find(['+', '-', '−']) else {
        return Some((text, None));
    };
    let (clock, offset) = text.split_at(at);
    let sign = if offset.starts_with('+') { 1 } else { -1 };
    let digits: String = offset.chars().skip(1).filter(|&c| c != ':').collect();
    let (hours, minutes): (i32, i32) = match digits.len() {
        1 | 2 => (number(&digits)?, 0),
        4 => (number(digits.get(..2)?)?, number(digits.get(2..)?)?),
        _ => return None,
    };
    let fits = hours <= 14 && minutes < 60;
    fits.then_some((clock, Some(sign * (3600 * hours + 60 * minutes))))
}

fn fields_of(date: &str) -> Option<(Shape, [u32; 3])> {
    let allowed = |c: char| c.is_ascii_digit() || c.is_alphabetic() || "-/., '’年月日".contains(c);
    if !date.chars().all(allowed) {
        return None;
    }
    let mut words = words_of(date);
    if words.first().is_some_and(|word| weekday_named(word)) {
        words.remove(0);
    }
    // Spanish and Portuguese: "5 de enero de 2024".
    words.retain(|word| *word != "de" && *word != "del");
    match words[..] {
        [one] if one.len() == 8 => {
            let fields = [number(one.get(..4)?)?, number(one.get(4..6)?)?, number(one.get(6..)?)?];
            Some((Shape::Compact, fields))
        }
        [one] if one.len() == 6 => month(number(one.get(..4)?)?, number(one.get(4..)?)?),
        [a, b] => month_and_year(a, b),
        [a, b, c] => named(a, b, c).or_else(|| numbered(a, b, c)),
        _ => None,
    }
}

/// Runs of letters and runs of digits; "31st" is 31.
fn words_of(date: &str) -> Vec<&str> {
    let mut words: Vec<&str> = Vec::new();
    let cjk = |c: char| "年月日".contains(c);
    for chunk in date.split(|c: char| !c.is_alphanumeric() || cjk(c)) {
        let mut rest = chunk;
        while let Some(first) = rest.chars().next() {
            let digit = first.is_ascii_digit();
            let end = rest.find(|c: char| c.is_ascii_digit() != digit).unwrap_or(rest.len());
            let (word, after) = rest.split_at(end);
            let ordinal = !digit && ["st", "nd", "rd", "th"].contains(&word);
            if !(ordinal && words.last().is_some_and(|last| last.len() <= 2)) {
                words.push(word);
            }
            rest = after;
        }
    }
    words
}

/// A month without a day: "2024-01", "01/2024", "Jan 2024", "Jan-24", "2024 January".
fn month_and_year(a: &str, b: &str) -> Option<(Shape, [u32; 3])> {
    if let Some(name) = month_named(a) {
        return month(full_year(b)?, name);
    }
    match (a.len(), b.len()) {
        (4, _) if month_named(b).is_some() => month(number(a)?, month_named(b)?),
        (4, 1..=2) => month(number(a)?, number(b)?),
        (1..=2, 4) => month(number(b)?, number(a)?),
        _ => None,
    }
}

/// The first day of a month between 1900 and 2199; other numbers are no years of purchases.
fn month(year: u32, month: u32) -> Option<(Shape, [u32; 3])> {
    ((1900..2200).contains(&year) && (1..=12).contains(&month)).then_some((Shape::Month, [year, month, 1]))
}

/// A year of four digits, or of two with the pivot.
fn full_year(year: &str) -> Option<u32> {
    match (year.len(), number::<u32>(year)?) {
        (4, year) => Some(year),
        (2, year) if year < PIVOT => Some(2000 + year),
        (2, year) => Some(1900 + year),
        _ => None,
    }
}

fn numbered(a: &str, b: &str, c: &str) -> Option<(Shape, [u32; 3])> {
    let shape = match (a.len(), b.len(), c.len()) {
        (4, 1..=2, 1..=2) => Shape::YearFirst,
        (1..=2, 1..=2, 4) => Shape::YearLast,
        (1..=2, 1..=2, 2) => Shape::ShortYear,
        (2, 1..=2, 1) => Shape::ShortYear,
        _ => return None,
    };
    Some((shape, [number(a)?, number(b)?, number(c)?]))
}

/// A month by its name: "31 Jan 1997", "Jan 31, 1997", "1997 Jan 31".
fn named(a: &str, b: &str, c: &str) -> Option<(Shape, [u32; 3])> {
    let (year, month, day) = if let Some(month) = month_named(b) {
        if a.len() == 4 { (a, month, c) } else { (c, month, a) }
    } else {
        (c, month_named(a)?, b)
    };
    Some((Shape::Named, [full_year(year)?, month, number(day)?]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks() {
        let clock = |text| Clock::parse(text).map(|c| (c.time.to_string(), c.offset));
        assert_eq!(clock("4:05 PM"), Some(("16:05:00".into(), None)));
        assert_eq!(clock("12:00 am"), Some(("00:00:00".into(), None)));
        assert_eq!(clock("23:30:00.5+01:00"), Some(("23:30:00".into(), Some(3600))));
        assert_eq!(clock("23:30 -0530"), Some(("23:30:00".into(), Some(-19800))));
        assert_eq!(clock("25:00"), None);
        assert_eq!(clock("10:00 CET"), None);
    }

    #[test]
    fn what_is_no_date() {
        for text in
            ["", "soon", "1997", "1997-13", "23-Jan", "230115", "1/2/3/4", "99/99/999", "12,50", "Zürich"]
        {
            let day = Written::parse(text).and_then(|w| w.day(w.shape.orders()[0]));
            assert_eq!(day, None, "{text}");
        }
    }

    #[test]
    fn texts_that_are_cut_inside_a_character_are_no_dates() {
        // A character of two to four bytes over every place at which a field is cut.
        for wide in ["é", "年", "𝟙", "٣"] {
            for at in 0..20 {
                for text in
                    ["2024-01-05 10:00:00.123456789", "20240105", "202401", "10:00:00+0530", "5 Jan 2024"]
                {
                    let mut text: Vec<char> = text.chars().collect();
                    let place = at.min(text.len());
                    text.insert(place, wide.chars().next().unwrap_or('x'));
                    let text: String = text.into_iter().collect();
                    for cut in text.char_indices().map(|(cut, _)| cut) {
                        let _ = Written::parse(&text[cut..]);
                        let _ = Written::parse(&text[..cut]);
                    }
                }
            }
        }
        for text in
            ["10:00:00.12345678é", "10:00+0é1", "10:00+é12", "ab年cd", "abcé", "日本", "abcdefé", "10:00−é"]
        {
            let _ = (Written::parse(text), Clock::parse(text), month_named(text), weekday_named(text));
        }
        assert_eq!(Written::parse("1 Jan 2024 10:00:00.12345678é"), None);
    }

    #[test]
    fn months_without_a_day_are_their_first_day() {
        for text in [
            "2023-01",
            "01/2023",
            "1.2023",
            "Jan-23",
            "Jan 2023",
            "2023 January",
            "202301",
            "janv. 2023",
            "Januar 2023",
            "ene-23",
            "2023年1月",
        ] {
            let written = Written::parse(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(written.shape, Shape::Month, "{text}");
            assert_eq!(written.day(Order::YearMonthDay).unwrap().to_string(), "2023-01-01", "{text}");
        }
    }

    #[test]
    fn months_by_their_names_in_other_languages() {
        for text in [
            "5 mars 2024",
            "5. März 2024",
            "5 de marzo de 2024",
            "5 mrt 2024",
            "5 marca 2024",
            "5 março 2024",
        ] {
            let day = Written::parse(text).and_then(|w| w.day(Order::YearMonthDay));
            assert_eq!(day.map(|day| day.to_string()).as_deref(), Some("2024-03-05"), "{text}");
        }
    }

    #[test]
    fn two_digit_years() {
        let year = |text: &str| Written::parse(text).and_then(|w| w.day(Order::DayMonthYear));
        assert_eq!(year("31/12/69").unwrap().to_string(), "2069-12-31");
        assert_eq!(year("31/12/70").unwrap().to_string(), "1970-12-31");
    }
}
