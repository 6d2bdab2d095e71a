//! The error type of all steps.

/// An error of any step, with the message of the step.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Reading, cleaning, splitting or writing data.
    #[error(transparent)]
    Data(Box<cltv_purchases::DataError>),
    /// Reading a table or writing one.
    #[error(transparent)]
    File(Box<cltv_tables::TableError>),
    /// A value outside its bounds.
    #[error(transparent)]
    Input(#[from] cltv_models::InputError),
    /// A fit that failed.
    #[error(transparent)]
    Fit(#[from] cltv_models::FitError),
    /// A chart of values that cannot be drawn: the chart crate's message.
    #[error("{0}")]
    Chart(String),
    /// A summary that could not be rendered.
    #[error(transparent)]
    Report(#[from] cltv_report::ReportError),
    /// A word that is none of the allowed ones.
    #[error("{}.", capital(.0))]
    Word(#[from] cltv_accounts::UnknownWord),
    /// A workbook or a table of accounts.
    #[error("{}.", capital(.0))]
    Table(#[from] cltv_accounts::TableError),
    /// A regression that is not possible on these data.
    #[error("{}.", capital(.0))]
    Regression(#[from] cltv_accounts::regression::RegressionError),
    /// A forecast that is not possible on these data.
    #[error("{}.", capital(.0))]
    Forecast(#[from] cltv_accounts::ForecastError),
    /// Inputs of a decision that do not fit together.
    #[error("{}.", capital(.0))]
    Decide(#[from] cltv_accounts::DecideError),
    /// The value formula cannot be computed.
    #[error("{}.", capital(.0))]
    Formula(#[from] cltv_accounts::formula::FormulaError),
    /// A parameter with an unknown word.
    #[error("`{name}` is {value:?}, but must be {bound}.")]
    UnknownWord {
        /// The parameter.
        name: &'static str,
        /// Its value.
        value: String,
        /// The words it may be.
        bound: String,
    },
    /// An unknown purchase model.
    #[error("There is no purchase model called {name:?}; the models are {known}.")]
    UnknownModel {
        /// The name that was given.
        name: String,
        /// The models there are.
        known: String,
    },
    /// A parameter that a model does not have.
    #[error("There is no parameter called {name:?}; the parameters are {known}.")]
    UnknownParameter {
        /// The name that was given.
        name: String,
        /// The parameters there are.
        known: String,
    },
    /// A column of a frame that cannot be a covariate.
    #[error("The column {column:?} cannot be used: {problem}.")]
    Covariate {
        /// The column.
        column: String,
        /// What is wrong with it, and what to do.
        problem: String,
    },
    /// A file of counts that do not fit together.
    #[error("{source_name}: {problem}.")]
    Counts {
        /// The file.
        source_name: String,
        /// What is wrong with it, and what to do.
        problem: String,
    },
    /// A file that cannot be read.
    #[error("{file} cannot be read: {reason}. Write it first, or correct the name.")]
    Unreadable {
        /// The file.
        file: String,
        /// The system's message.
        reason: String,
    },
    /// A step that needs amounts of money met data without.
    #[error(
        "The data contain no amounts (`amount_column` is empty), and the formula needs them; name the column with the amounts."
    )]
    NoAmounts,
    /// A frame that could not be made.
    #[error("A table could not be made: {0}.")]
    Frame(String),
    /// Results of different customers were put together.
    #[error(
        "{what} and {other} are of different customers: {id:?} is in only one of them. Make both from the same data, periods and grain."
    )]
    DifferentCustomers {
        /// The one result.
        what: &'static str,
        /// The other result.
        other: &'static str,
        /// A customer in only one of them.
        id: String,
    },
    /// A discount rate without which payments or purchases over an unlimited time have no finite sum.
    #[error(
        "`discount_annual` is {value}, but must be above 0 and below 1: without a discount, payments over an unlimited time may have no finite sum."
    )]
    NoDiscount {
        /// Its value.
        value: f64,
    },
    /// A parameter that is not a probability.
    #[error("`{name}` is {value}, but must lie between 0 and 1.")]
    NotAShare {
        /// The parameter.
        name: &'static str,
        /// Its value.
        value: f64,
    },
}

/// The message as a sentence begins.
fn capital(error: &impl ToString) -> String {
    let text = error.to_string();
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

// Boxed: the largest errors would make every result of this crate larger.
impl From<cltv_purchases::DataError> for Error {
    fn from(error: cltv_purchases::DataError) -> Self {
        Error::Data(Box::new(error))
    }
}

impl From<cltv_tables::TableError> for Error {
    fn from(error: cltv_tables::TableError) -> Self {
        Error::File(Box::new(error))
    }
}

impl From<polars::error::PolarsError> for Error {
    fn from(error: polars::error::PolarsError) -> Self {
        Error::Frame(error.to_string())
    }
}
