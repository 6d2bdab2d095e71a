//! The one error that a cell's `?` meets.

/// Whatever went wrong, in the words of the stage that it went wrong in.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Reading, cleaning, splitting or writing data.
    #[error(transparent)]
    Data(#[from] cltv_data::DataError),
    /// A value outside its bounds.
    #[error(transparent)]
    Input(#[from] cltv_models::InputError),
    /// A fit that did not come about.
    #[error(transparent)]
    Fit(#[from] cltv_models::FitError),
    /// A chart of values that cannot be drawn.
    #[error(transparent)]
    Plot(#[from] cltv_plots::PlotError),
    /// A report that could not be written.
    #[error(transparent)]
    Report(#[from] cltv_report::ReportError),
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
    /// A parameter that is not a probability.
    #[error("`{name}` is {value}, but must lie between 0 and 1.")]
    NotAShare {
        /// The parameter.
        name: &'static str,
        /// Its value.
        value: f64,
    },
}

impl From<polars::error::PolarsError> for Error {
    fn from(error: polars::error::PolarsError) -> Self {
        Error::Frame(error.to_string())
    }
}
