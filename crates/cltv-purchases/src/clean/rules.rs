//! The cleaning rules, and their defaults.

use std::fmt;
use std::str::FromStr;

use chrono::NaiveDate;

use crate::error::DataError;

/// What happens to negative amounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Returns {
    /// Returns are not purchases, and are left out of spend.
    #[default]
    Drop,
    /// Returns are not purchases, and lessen the spend of earlier purchases.
    ///
    /// A return of a customer is taken from that customer's purchases on or before its day, the
    /// latest first, each down to 0 at most. A purchase that is returned in full stays a purchase
    /// with spend 0; what remains without an earlier purchase is left out and reported.
    Net,
}

impl FromStr for Returns {
    type Err = DataError;

    fn from_str(text: &str) -> Result<Self, DataError> {
        match text.trim().to_lowercase().as_str() {
            "drop" => Ok(Self::Drop),
            "net" => Ok(Self::Net),
            _ => Err(DataError::UnknownOption {
                parameter: "returns",
                value: text.to_owned(),
                allowed: "\"drop\" (returns are left out) or \"net\" (returns lessen earlier purchases)"
                    .to_owned(),
            }),
        }
    }
}

impl fmt::Display for Returns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Drop => "drop",
            Self::Net => "net",
        })
    }
}

/// The cleaning rules; the defaults keep whatever can be a purchase.
///
/// | rows | default | option |
/// |---|---|---|
/// | without customer id, or of a customer named in `leave_out` | left out | |
/// | without date | left out | |
/// | before the earliest date | kept | [`Cleaning::earliest_date`] |
/// | dated after today | refused | [`Cleaning::drop_future`] |
/// | dated far from all others | refused | [`Cleaning::earliest_date`], [`Cleaning::observation_end`] |
/// | equal to an earlier row in every column | reported, kept | [`Cleaning::drop_duplicates`] |
/// | of one order, where orders were named | added up to one purchase | |
/// | without amount, where amounts were named | left out | [`Cleaning::missing_amount_is_zero`] |
/// | negative amount | left out | [`Cleaning::returns`] |
/// | amount zero | kept: a purchase | [`Cleaning::drop_zero_amounts`] |
/// | amount beyond Q3 + 3 IQR of the logarithms of the positive amounts | reported, kept | [`Cleaning::drop_outliers`], [`Cleaning::outlier_fence`] |
///
/// The rules are applied in this order. Today is the day of this machine's clock, or in the zone
/// of the source, unless [`Cleaning::today`] says otherwise. Duplicates that are kept are counted among the rows that
/// remain in the end.
///
/// # Examples
/// ```
/// use cltv_purchases::{Cleaning, Source};
/// let rules = Cleaning::default().returns("net".parse()?).drop_duplicates(true);
/// let cleaned = Source::new("cdnow").read()?.clean(&rules)?;
/// assert_eq!(cleaned.report.duplicates, 21);
/// assert_eq!(cleaned.transactions.len(), 6919 - 21);
/// # Ok::<(), cltv_purchases::DataError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Cleaning {
    pub(crate) returns: Returns,
    pub(crate) drop_future: bool,
    pub(crate) drop_duplicates: bool,
    pub(crate) missing_amount_is_zero: bool,
    pub(crate) drop_zero_amounts: bool,
    pub(crate) drop_outliers: bool,
    pub(crate) outlier_fence: f64,
    pub(crate) today: Option<NaiveDate>,
    pub(crate) earliest_date: Option<NaiveDate>,
    pub(crate) observation_end: Option<NaiveDate>,
}

impl Default for Cleaning {
    fn default() -> Self {
        Self {
            returns: Returns::Drop,
            drop_future: false,
            drop_duplicates: false,
            missing_amount_is_zero: false,
            drop_zero_amounts: false,
            drop_outliers: false,
            outlier_fence: 3.0,
            today: None,
            earliest_date: None,
            observation_end: None,
        }
    }
}

impl Cleaning {
    /// What happens to negative amounts; [`Returns::Drop`] by default.
    #[must_use]
    pub fn returns(mut self, returns: Returns) -> Self {
        self.returns = returns;
        self
    }

    /// Leaves rows dated after today out, instead of refusing them.
    #[must_use]
    pub fn drop_future(mut self, drop: bool) -> Self {
        self.drop_future = drop;
        self
    }

    /// Leaves rows out that equal an earlier row in every column of the source.
    #[must_use]
    pub fn drop_duplicates(mut self, drop: bool) -> Self {
        self.drop_duplicates = drop;
        self
    }

    /// Keeps rows without amount as purchases of amount 0, instead of leaving them out.
    #[must_use]
    pub fn missing_amount_is_zero(mut self, zero: bool) -> Self {
        self.missing_amount_is_zero = zero;
        self
    }

    /// Leaves rows of amount 0 out.
    #[must_use]
    pub fn drop_zero_amounts(mut self, drop: bool) -> Self {
        self.drop_zero_amounts = drop;
        self
    }

    /// Leaves outliers out.
    #[must_use]
    pub fn drop_outliers(mut self, drop: bool) -> Self {
        self.drop_outliers = drop;
        self
    }

    /// How many interquartile ranges above the third quartile of log amounts an outlier is; 3.
    #[must_use]
    pub fn outlier_fence(mut self, ranges: f64) -> Self {
        self.outlier_fence = ranges;
        self
    }

    /// Leaves rows before a day out.
    #[must_use]
    pub fn earliest_date(mut self, day: Option<NaiveDate>) -> Self {
        self.earliest_date = day;
        self
    }

    /// The last day that is looked at, if it is known: rows after it cannot be far from the rest.
    #[must_use]
    pub fn observation_end(mut self, day: Option<NaiveDate>) -> Self {
        self.observation_end = day;
        self
    }

    /// The day that counts as today, instead of the clock's.
    #[must_use]
    pub fn today(mut self, day: NaiveDate) -> Self {
        self.today = Some(day);
        self
    }
}
