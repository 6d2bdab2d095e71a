//! Dates written as text.

use chrono::{Datelike, NaiveDate, NaiveTime};

const YEARS: std::ops::Range<i32> = 1900..2200;

/// The order of day and month where both are numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    DayFirst,
    MonthFirst,
}

/// Forms that can be read in one way only.
const PLAIN: [&str; 9] = [
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%Y.%m.%d",
    "%d %b %Y",
    "%d-%b-%Y",
    "%b %d, %Y",
    "%d %B %Y",
    "%B %d, %Y",
    "%d.%m.%Y",
];
const CLOCKS: [&str; 3] = ["%H:%M", "%H:%M:%S", "%H:%M:%S%.f"];

/// The day of a text under an order of day and month; a clock after it is dropped.
pub(crate) fn day(text: &str, order: Order) -> Option<NaiveDate> {
    let text = text.trim();
    let by = |format: &str| {
        let (day, rest) = NaiveDate::parse_and_remainder(text, format).ok()?;
        let rest = rest.trim_start_matches('T').trim();
        let clock = |format: &str| NaiveTime::parse_from_str(rest, format).is_ok();
        // Two-digit years are not guessed: chrono reads "31" as the year 31.
        let whole =
            (rest.is_empty() || CLOCKS.iter().any(|format| clock(format))) && YEARS.contains(&day.year());
        whole.then_some(day)
    };
    let numeric = match order {
        Order::DayFirst => ["%d/%m/%Y", "%d-%m-%Y"],
        Order::MonthFirst => ["%m/%d/%Y", "%m-%d-%Y"],
    };
    PLAIN.iter().chain(&numeric).find_map(|format| by(format))
}

/// Whether a text is a date under either order.
pub(crate) fn is_day(text: &str) -> bool {
    text.starts_with(|c: char| c.is_alphanumeric())
        && (day(text, Order::DayFirst).is_some() || day(text, Order::MonthFirst).is_some())
}

/// The order that reads all texts; `Err` holds the place of one that two orders read differently.
///
/// Where no order reads all, the one that reads most is taken, and the others are refused there.
pub(crate) fn order(texts: &[&str]) -> Result<Order, usize> {
    let reads = |order| texts.iter().filter(|text| day(text, order).is_some()).count();
    let (first, second) = (reads(Order::DayFirst), reads(Order::MonthFirst));
    if first == second {
        let differs = |text: &&str| day(text, Order::DayFirst) != day(text, Order::MonthFirst);
        if let Some(at) = texts.iter().position(differs) {
            return Err(at);
        }
    }
    Ok(if first >= second { Order::DayFirst } else { Order::MonthFirst })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_one_day() {
        let expected = NaiveDate::from_ymd_opt(2024, 1, 31);
        for text in [
            "2024-01-31",
            "2024-01-31T10:15:00",
            "2024/01/31 10:15",
            "31.01.2024",
            "31 Jan 2024",
            "31-Jan-2024",
            "Jan 31, 2024",
            "January 31, 2024",
            "31/01/2024",
        ] {
            assert_eq!(day(text, Order::DayFirst), expected, "{text}");
        }
        for text in ["31.01.24", "2024-02-30", "soon", "2024-01-31 late", "1250"] {
            assert!(!is_day(text), "{text}");
        }
    }

    #[test]
    fn one_day_above_twelve_settles_the_order() {
        assert_eq!(order(&["01/02/2024", "25/12/2024"]), Ok(Order::DayFirst));
        assert_eq!(order(&["01/02/2024", "12/25/2024"]), Ok(Order::MonthFirst));
        assert_eq!(order(&["05/05/2024", "01/02/2024"]), Err(1));
        assert_eq!(order(&["2024-01-02"]), Ok(Order::DayFirst));
    }
}
