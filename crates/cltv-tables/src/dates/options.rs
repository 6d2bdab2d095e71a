//! How the dates of a column are to be read.

use crate::error::TableError;
use chrono_tz::Tz;

/// How the dates of a column are to be read.
#[derive(Debug, Clone, Default)]
pub struct DateOptions {
    /// The format of dates that are text, in the letters of strftime; "excel" for serial numbers; "" to find it.
    pub format: String,
    /// The zone whose calendar day counts for moments with an offset; `None` for the day as it is written.
    pub zone: Option<Tz>,
    /// Whether each row is an event on its date, as a purchase is. Then rows at the end without a date are the footer
    /// of an export, and a note says what dates without a day mean.
    pub of_events: bool,
}

impl DateOptions {
    /// The options that the parameters `date_format` and `timezone` name, for the dates of events.
    ///
    /// # Errors
    /// [`TableError::UnknownTimezone`].
    pub fn named(format: &str, timezone: &str) -> Result<Self, TableError> {
        let zone = match timezone.trim() {
            "" => None,
            name => {
                Some(name.parse().map_err(|_| TableError::UnknownTimezone { value: timezone.to_owned() })?)
            }
        };
        Ok(Self { format: format.trim().to_owned(), zone, of_events: true })
    }
}
