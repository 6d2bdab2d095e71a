//! Where purchases come from, and how their file is to be read.

use crate::error::DataError;
use crate::raw::RawTransactions;

/// A file of purchases, or a named data set, with everything that may be said about it.
///
/// Whatever is not said is recognised from the whole file: separator, decimal comma, encoding,
/// order of day and month. What cannot be recognised for sure is refused with the remedy.
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
#[derive(Debug, Clone, PartialEq)]
pub struct Source {
    pub(crate) transactions: String,
    pub(crate) customer_column: String,
    pub(crate) date_column: String,
    pub(crate) amount_column: String,
    pub(crate) order_column: String,
    pub(crate) date_format: String,
    pub(crate) sheet: String,
    pub(crate) separator: Option<char>,
    pub(crate) decimal_comma: Option<bool>,
    pub(crate) encoding: String,
    pub(crate) timezone: String,
}

impl Source {
    /// A named data set ([`crate::data_sets`]), or the path of a csv, parquet or xlsx file.
    ///
    /// Relative paths are taken as [`crate::resolve_path`] does. The columns are `customer_id`,
    /// `date` and `amount`, without an order column, until the setters say otherwise.
    #[must_use]
    pub fn new(transactions: &str) -> Self {
        Self {
            transactions: transactions.to_owned(),
            customer_column: "customer_id".to_owned(),
            date_column: "date".to_owned(),
            amount_column: "amount".to_owned(),
            order_column: String::new(),
            date_format: String::new(),
            sheet: String::new(),
            separator: None,
            decimal_comma: None,
            encoding: String::new(),
            timezone: String::new(),
        }
    }

    /// The column with the customer's id; "" recognises it by its name.
    #[must_use]
    pub fn customer_column(mut self, name: &str) -> Self {
        name.clone_into(&mut self.customer_column);
        self
    }

    /// The column with the day or moment of the purchase; "" recognises it by its name.
    #[must_use]
    pub fn date_column(mut self, name: &str) -> Self {
        name.clone_into(&mut self.date_column);
        self
    }

    /// The column with the amount; "" says that there is none, and spend is left out everywhere.
    #[must_use]
    pub fn amount_column(mut self, name: &str) -> Self {
        name.clone_into(&mut self.amount_column);
        self
    }

    /// The column with the order's id; "" says that there is none.
    #[must_use]
    pub fn order_column(mut self, name: &str) -> Self {
        name.clone_into(&mut self.order_column);
        self
    }

    /// The format of dates written as text, as in `%d/%m/%Y` (chrono's letters); "" recognises it.
    #[must_use]
    pub fn date_format(mut self, format: &str) -> Self {
        format.clone_into(&mut self.date_format);
        self
    }

    /// The sheet of a workbook, by name; "" takes the first that is not empty.
    #[must_use]
    pub fn sheet(mut self, name: &str) -> Self {
        name.clone_into(&mut self.sheet);
        self
    }

    /// The character between the columns of a text file; a blank stands for any run of blanks.
    #[must_use]
    pub fn separator(mut self, separator: char) -> Self {
        self.separator = Some(separator);
        self
    }

    /// Whether amounts written as text have a decimal comma (12,50) or a decimal point.
    #[must_use]
    pub fn decimal_comma(mut self, comma: bool) -> Self {
        self.decimal_comma = Some(comma);
        self
    }

    /// The encoding of a text file, as in "windows-1252"; "" recognises it.
    #[must_use]
    pub fn encoding(mut self, label: &str) -> Self {
        label.clone_into(&mut self.encoding);
        self
    }

    /// The IANA zone whose calendar day counts for stamps with an offset; "" means UTC.
    ///
    /// Stamps without an offset keep the day that is written, whatever the zone.
    #[must_use]
    pub fn timezone(mut self, zone: &str) -> Self {
        zone.clone_into(&mut self.timezone);
        self
    }

    /// Reads the purchases as they are, before any cleaning.
    ///
    /// # Errors
    /// A [`DataError`] that names the file, the column or the rows: a file that is missing, empty
    /// or not what its name says, a column that is not there, dates or amounts that cannot be read.
    pub fn read(&self) -> Result<RawTransactions, DataError> {
        let zone = self.zone()?;
        let table = crate::read::read(self)?;
        RawTransactions::from_table(self, zone, table)
    }

    fn zone(&self) -> Result<Option<chrono_tz::Tz>, DataError> {
        if self.timezone.trim().is_empty() {
            return Ok(None);
        }
        let zone = self.timezone.trim().parse();
        zone.map(Some).map_err(|_| DataError::UnknownTimezone { value: self.timezone.clone() })
    }
}
