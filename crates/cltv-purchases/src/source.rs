//! Where purchases come from, and how their file is to be read.

use chrono::{NaiveDate, Utc};
use chrono_tz::Tz;
use cltv_tables::dates::DateOptions;
use cltv_tables::numbers::DecimalMark;
use cltv_tables::{OnProgress, ReadOptions};

use crate::error::DataError;
use crate::filter::Filter;
use crate::ids::IdMatch;

/// A file of purchases, or a named data set, with everything that may be said about it.
///
/// Whatever is not given is found by the evidence of the whole file: header, separator, decimal mark, encoding, order
/// of day and month. What cannot be found for sure is refused with the remedy.
///
/// # Examples
/// ```
/// use cltv_purchases::Source;
/// let raw = Source::new("cdnow").read()?;
/// assert_eq!(raw.len(), 6919);
///
/// let source = Source::new("shop.csv")
///     .customer_column("Kunde")
///     .date_column("Datum")
///     .amount_column("Betrag")
///     .date_format("%d.%m.%Y");
/// assert!(source.read().unwrap_err().to_string().contains("there is no file"));
/// # Ok::<(), cltv_purchases::DataError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Source {
    pub(crate) transactions: String,
    pub(crate) customer_column: String,
    pub(crate) date_column: String,
    pub(crate) amount_column: String,
    pub(crate) order_column: String,
    pub(crate) quantity_column: String,
    pub(crate) date_format: String,
    pub(crate) sheet: String,
    pub(crate) encoding: String,
    pub(crate) decimal_mark: String,
    pub(crate) timezone: String,
    pub(crate) filter: String,
    pub(crate) id_match: String,
    pub(crate) leave_out: String,
    pub(crate) header_row: u64,
    pub(crate) separator: Option<char>,
    pub(crate) progress: Option<OnProgress>,
}

impl Source {
    /// A named data set ([`crate::data_sets`]), or a file, folder, pattern or list as [`cltv_tables::read`] takes them.
    ///
    /// Relative paths are taken as [`cltv_tables::resolve_path`] does. The columns are `customer_id`, `date` and
    /// `amount`, without an order column, until the setters say otherwise.
    #[must_use]
    pub fn new(transactions: &str) -> Self {
        let text = String::new;
        Self {
            transactions: transactions.to_owned(),
            customer_column: "customer_id".to_owned(),
            date_column: "date".to_owned(),
            amount_column: "amount".to_owned(),
            order_column: text(),
            quantity_column: text(),
            date_format: text(),
            sheet: text(),
            encoding: text(),
            decimal_mark: text(),
            timezone: text(),
            filter: text(),
            id_match: text(),
            leave_out: text(),
            header_row: 0,
            separator: None,
            progress: None,
        }
    }

    /// The column with the customer's id; "" recognises it by its name.
    #[must_use]
    pub fn customer_column(mut self, customer_column: &str) -> Self {
        customer_column.clone_into(&mut self.customer_column);
        self
    }

    /// The column with the day or moment of the purchase; "" recognises it by its name.
    #[must_use]
    pub fn date_column(mut self, date_column: &str) -> Self {
        date_column.clone_into(&mut self.date_column);
        self
    }

    /// The column with the amount; "" says that there is none, and spend is left out everywhere.
    #[must_use]
    pub fn amount_column(mut self, amount_column: &str) -> Self {
        amount_column.clone_into(&mut self.amount_column);
        self
    }

    /// The column with the order's id; "" says that there is none. Lines of one order are one purchase.
    #[must_use]
    pub fn order_column(mut self, order_column: &str) -> Self {
        order_column.clone_into(&mut self.order_column);
        self
    }

    /// The column with how many were bought, by which the amount is multiplied; "" for none.
    #[must_use]
    pub fn quantity_column(mut self, quantity_column: &str) -> Self {
        quantity_column.clone_into(&mut self.quantity_column);
        self
    }

    /// The format of dates that are text, as in `%d/%m/%Y` (strftime's letters); "excel" for serial numbers; "" finds it.
    #[must_use]
    pub fn date_format(mut self, date_format: &str) -> Self {
        date_format.clone_into(&mut self.date_format);
        self
    }

    /// The sheet of a workbook, by name; "" takes the first visible one, "*" all that have the columns.
    #[must_use]
    pub fn sheet(mut self, sheet: &str) -> Self {
        sheet.clone_into(&mut self.sheet);
        self
    }

    /// The encoding of a text file, as in "windows-1252"; "" finds it.
    #[must_use]
    pub fn encoding(mut self, encoding: &str) -> Self {
        encoding.clone_into(&mut self.encoding);
        self
    }

    /// The decimal mark of amounts that are text, "." or ","; "" finds it.
    #[must_use]
    pub fn decimal_mark(mut self, decimal_mark: &str) -> Self {
        decimal_mark.clone_into(&mut self.decimal_mark);
        self
    }

    /// The IANA zone whose calendar day counts for moments with an offset; "" takes the day as it is written.
    #[must_use]
    pub fn timezone(mut self, timezone: &str) -> Self {
        timezone.clone_into(&mut self.timezone);
        self
    }

    /// Conditions that rows must meet, as in `Status = paid and Country != US`; "" for none.
    #[must_use]
    pub fn filter(mut self, filter: &str) -> Self {
        filter.clone_into(&mut self.filter);
        self
    }

    /// Which ids are the same customer: "exact", "trim_case" or "number" ([`IdMatch`]).
    #[must_use]
    pub fn id_match(mut self, id_match: &str) -> Self {
        id_match.clone_into(&mut self.id_match);
        self
    }

    /// Customers that are left out, with commas between them; "" for none.
    #[must_use]
    pub fn leave_out(mut self, leave_out: &str) -> Self {
        leave_out.clone_into(&mut self.leave_out);
        self
    }

    /// The line or row of the header, from 1; 0 finds it.
    #[must_use]
    pub fn header_row(mut self, row: u64) -> Self {
        self.header_row = row;
        self
    }

    /// The character between the columns of a text file; a blank stands for any run of blanks.
    #[must_use]
    pub fn separator(mut self, separator: char) -> Self {
        self.separator = Some(separator);
        self
    }

    /// What is called while a long file is read.
    #[must_use]
    pub fn on_progress(mut self, progress: OnProgress) -> Self {
        self.progress = Some(progress);
        self
    }

    /// What the parameters mean.
    pub(crate) fn settings(&self) -> Result<Settings, DataError> {
        Ok(Settings {
            dates: DateOptions::named(&self.date_format, &self.timezone)?,
            mark: DecimalMark::named(&self.decimal_mark)?,
            filter: Filter::parse(&self.filter)?,
            id_match: self.id_match.parse()?,
            leave_out: self
                .leave_out
                .split(',')
                .map(str::trim)
                .filter(|id| !id.is_empty())
                .map(str::to_owned)
                .collect(),
        })
    }

    pub(crate) fn options(&self) -> ReadOptions {
        ReadOptions {
            header_row: self.header_row,
            encoding: self.encoding.clone(),
            separator: self.separator,
            sheet: self.sheet.clone(),
            fill_merged: false,
            fingerprints: true,
            progress: self.progress.clone(),
        }
    }
}

impl Settings {
    /// The day that the clock shows in the zone of the data, or on this machine.
    pub(crate) fn clock_day(&self) -> NaiveDate {
        clock_day(self.dates.zone)
    }
}

pub(crate) fn clock_day(zone: Option<Tz>) -> NaiveDate {
    match zone {
        Some(zone) => Utc::now().with_timezone(&zone).date_naive(),
        None => chrono::Local::now().date_naive(),
    }
}

/// What the parameters of a source mean.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) dates: DateOptions,
    pub(crate) mark: Option<DecimalMark>,
    pub(crate) filter: Option<Filter>,
    pub(crate) id_match: IdMatch,
    pub(crate) leave_out: Vec<String>,
}
