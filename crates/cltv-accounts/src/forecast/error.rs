//! Errors of a panel of monthly series.

/// Series that cannot be forecast, or options out of bounds.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ForecastError {
    /// Too few months for a season and a test.
    #[error(
        "there are {months} months; {needed} are needed to choose a method and to test it, so give more months or fewer test_origins"
    )]
    TooFewMonths {
        /// Months there are.
        months: usize,
        /// Months needed.
        needed: usize,
    },
    /// No account has months.
    #[error("no account has a month of spending; check the months' columns")]
    NoSeries,
    /// A series of another length than the months.
    #[error(
        "account {account:?} has {found} months where the panel has {expected}; give every account every month"
    )]
    UnequalLengths {
        /// The account.
        account: String,
        /// Its months.
        found: usize,
        /// The panel's.
        expected: usize,
    },
    /// A month that is missing after the first, or no number.
    #[error(
        "account {account:?} has no finite value in month {month} (from 1) although it began before; fill it, or leave the account out"
    )]
    Gap {
        /// The account.
        account: String,
        /// The month's number, from 1.
        month: usize,
    },
    /// An option out of its bounds.
    #[error("{option} is {value}; it must be {bound}")]
    BadOption {
        /// The option.
        option: String,
        /// Its value.
        value: String,
        /// What it must be.
        bound: String,
    },
}
