//! What values a parameter may have.

use std::fmt::{self, Display, Formatter};

use crate::workspace::scheme;

/// What the values of a parameter are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A string.
    Text,
    /// A string that is a list with commas.
    List,
    /// A string that is a day such as 1997-09-30, or empty.
    Date,
    /// A string that is one of these words.
    OneOf(&'static [&'static str]),
    /// An integer.
    Integer,
    /// A real number.
    Real,
}

impl Kind {
    /// Whether values are written in quotation marks in a notebook.
    #[must_use]
    pub fn is_string(self) -> bool {
        !matches!(self, Kind::Integer | Kind::Real)
    }
}

impl Display for Kind {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::Text => "string",
            Kind::List => "list",
            Kind::Date => "date",
            Kind::OneOf(_) => "one of",
            Kind::Integer => "integer",
            Kind::Real => "real",
        })
    }
}

/// An end of an interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum End {
    /// No bound on this side.
    Open,
    /// The bound itself is allowed.
    Including(f64),
    /// The bound itself is not allowed.
    Excluding(f64),
}

/// What a value must be beyond its kind.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Bounds {
    /// Any value of the kind.
    Any,
    /// A string that is not blank.
    NotBlank,
    /// A path of this machine: not blank, and no address such as `s3://bucket`.
    LocalPath,
    /// A finite number between two ends.
    Between(End, End),
}

impl Bounds {
    /// Both ends are allowed.
    pub(crate) const fn from_to(low: f64, high: f64) -> Bounds {
        Bounds::Between(End::Including(low), End::Including(high))
    }

    /// The low end is allowed.
    pub(crate) const fn at_least(low: f64) -> Bounds {
        Bounds::Between(End::Including(low), End::Open)
    }

    /// Whether a string is allowed.
    #[must_use]
    pub fn allow_text(self, text: &str) -> bool {
        match self {
            Bounds::NotBlank => !text.trim().is_empty(),
            Bounds::LocalPath => !text.trim().is_empty() && scheme(text).is_none(),
            Bounds::Any | Bounds::Between(..) => true,
        }
    }

    /// Whether a number lies within; an infinite number and NaN never do.
    #[must_use]
    pub fn allow(self, number: f64) -> bool {
        let Bounds::Between(low, high) = self else { return number.is_finite() };
        let above = match low {
            End::Open => true,
            End::Including(low) => number >= low,
            End::Excluding(low) => number > low,
        };
        let below = match high {
            End::Open => true,
            End::Including(high) => number <= high,
            End::Excluding(high) => number < high,
        };
        number.is_finite() && above && below
    }

    /// The bounds as the end of "a number …", such as "from 0 to below 1"; empty without bounds.
    #[must_use]
    pub fn in_words(self) -> String {
        match self {
            Bounds::Any | Bounds::LocalPath => String::new(),
            Bounds::NotBlank => "that is not blank".to_owned(),
            Bounds::Between(low, high) => match (low, high) {
                (End::Open, End::Open) => String::new(),
                (End::Open, End::Including(high)) => format!("of at most {high}"),
                (End::Open, End::Excluding(high)) => format!("below {high}"),
                (End::Including(low), End::Open) => format!("of at least {low}"),
                (End::Excluding(low), End::Open) => format!("above {low}"),
                (End::Including(low), End::Including(high)) => format!("from {low} to {high}"),
                (End::Including(low), End::Excluding(high)) => format!("from {low} to below {high}"),
                (End::Excluding(low), End::Including(high)) => format!("above {low} and at most {high}"),
                (End::Excluding(low), End::Excluding(high)) => format!("above {low} and below {high}"),
            },
        }
    }
}

/// Whether a text is a day of the Gregorian calendar written as YYYY-MM-DD.
pub(crate) fn is_day(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts.as_slice() else { return false };
    let digits = |part: &str, count| part.len() == count && part.bytes().all(|b| b.is_ascii_digit());
    if !(digits(year, 4) && digits(month, 2) && digits(day, 2)) {
        return false;
    }
    let number = |part: &str| part.parse::<u32>().unwrap_or_default();
    let (year, month, day) = (number(year), number(month), number(day));
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 if is_leap => 29,
        2 => 28,
        1..=12 => 31,
        _ => 0,
    };
    (1..=days).contains(&day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_are_included_or_not() {
        let below = Bounds::Between(End::Including(0.0), End::Excluding(1.0));
        assert!(below.allow(0.0) && below.allow(1.0_f64.next_down()));
        assert!(!below.allow(1.0) && !below.allow(-f64::MIN_POSITIVE));
        let above = Bounds::Between(End::Excluding(0.0), End::Including(1.0));
        assert!(above.allow(f64::MIN_POSITIVE) && above.allow(1.0));
        assert!(!above.allow(0.0) && !above.allow(1.0_f64.next_up()));
        for bounds in [Bounds::Any, Bounds::at_least(0.0), Bounds::Between(End::Open, End::Open)] {
            assert!(!bounds.allow(f64::NAN) && !bounds.allow(f64::INFINITY), "{bounds:?}");
        }
    }

    #[test]
    fn days_are_those_of_the_calendar() {
        for day in ["1997-09-30", "2024-02-29", "2000-02-29", "0001-01-01"] {
            assert!(is_day(day), "{day}");
        }
        for text in ["1900-02-29", "2023-02-29", "2024-04-31", "2024-13-01", "2024-00-01", "2024-01-00"] {
            assert!(!is_day(text), "{text}");
        }
        for text in ["30.9.97", "1997-9-30", "+997-09-30", "1997-09-30 ", "", "1997-09", "1997-09-30-1"] {
            assert!(!is_day(text), "{text}");
        }
    }
}
