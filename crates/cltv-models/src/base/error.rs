//! Errors of inputs and of fits.

use crate::base::units::TimeUnit;
use crate::base::words::shown;

/// Rows that an error message prints before it only counts the rest.
const ROWS_SHOWN: usize = 20;

/// One row of a summary that cannot be a purchase history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowProblem {
    /// Position of the row, counted from 1.
    pub row: usize,
    /// The customer in that row.
    pub customer_id: String,
    /// What is wrong, with the values.
    pub problem: String,
}

impl std::fmt::Display for RowProblem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "row {} (customer {}): {}", self.row, self.customer_id, self.problem)
    }
}

/// An input that no model can use: a summary, a parameter, an option or a unit.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum InputError {
    /// A time unit that is not known.
    #[error("time unit {value:?} is not known; use day, week, month or year")]
    UnknownTimeUnit {
        /// What was given.
        value: String,
    },
    /// A grain that is not known.
    #[error("grain {value:?} is not known; use day, week or month")]
    UnknownGrain {
        /// What was given.
        value: String,
    },
    /// A summary without rows.
    #[error(
        "the summary has no customers; give at least one row, and check that the filters before it kept some purchases"
    )]
    NoCustomers,
    /// Columns of unequal length.
    #[error(
        "column {column} has {found} rows but customer_ids has {expected}; every column needs one value a customer"
    )]
    LengthMismatch {
        /// The column that differs.
        column: &'static str,
        /// Its length.
        found: usize,
        /// The number of customer ids.
        expected: usize,
    },
    /// Rows that cannot be purchase histories: all of them.
    #[error("{}", bad_rows_message(problems, *rows))]
    BadRows {
        /// Every problem, in row order; a row may have several.
        problems: Vec<RowProblem>,
        /// Rows in the whole summary.
        rows: usize,
    },
    /// A purchase history that cannot be.
    #[error("the history x = {x}, t_x = {t_x}, T = {age} cannot be: {problem}")]
    BadHistory {
        /// Repeat purchases.
        x: u64,
        /// Age at the last purchase.
        t_x: f64,
        /// Age at the end of the observation.
        age: f64,
        /// What is wrong.
        problem: String,
    },
    /// A history of opportunities that cannot be.
    #[error(
        "the history x = {x}, t_x = {t_x}, n = {n} cannot be: {problem}; x counts purchases, t_x is the last opportunity with one, n the number of opportunities"
    )]
    BadOpportunities {
        /// Opportunities with a purchase.
        x: u64,
        /// The last of them.
        t_x: u64,
        /// All opportunities.
        n: u64,
        /// What is wrong.
        problem: &'static str,
    },
    /// Cohorts whose counts cannot be: all of them.
    #[error("the cohorts cannot be used; correct or drop them: {}", problems.join("; "))]
    BadCohorts {
        /// Every problem, with the cohort's name and its counts.
        problems: Vec<String>,
    },
    /// A model parameter outside its range.
    #[error("{model} parameter {} = {value} must be {bound}", shown(name))]
    BadParameter {
        /// The model.
        model: &'static str,
        /// The parameter.
        name: &'static str,
        /// What was given.
        value: f64,
        /// What is allowed.
        bound: &'static str,
    },
    /// An option outside its range.
    #[error("{name} = {value} must be {bound}")]
    BadOption {
        /// The option.
        name: &'static str,
        /// What was given.
        value: f64,
        /// What is allowed, and what is usual.
        bound: &'static str,
    },
    /// A parameter that a model does not have.
    #[error("{model} has no parameter {name:?}; its parameters are {known}")]
    UnknownParameter {
        /// The model.
        model: &'static str,
        /// The name that was given.
        name: String,
        /// The parameters it has.
        known: String,
    },
    /// Other data than those a fit was made on.
    #[error(
        "these are not the data that {model} was fitted on: its estimates give them a log-likelihood of {found:.6}, and its own data had {expected:.6}; give the summary of the fit, or fit the model on this one"
    )]
    OtherData {
        /// The model.
        model: &'static str,
        /// The log-likelihood of the data that were given.
        found: f64,
        /// The fit's.
        expected: f64,
    },
    /// A column of characteristics that cannot be used.
    #[error("covariate {name:?} cannot be used: {problem}")]
    BadCovariate {
        /// The column.
        name: String,
        /// What is wrong, and what to do.
        problem: String,
    },
    /// A likelihood-ratio test of models that are not one inside the other.
    #[error("{larger} cannot be tested against {smaller}: {problem}")]
    NotNested {
        /// The model given first.
        larger: &'static str,
        /// The model given second.
        smaller: &'static str,
        /// What is wrong, and what to do.
        problem: &'static str,
    },
    /// A model in one time unit and data in another.
    #[error(
        "the model's times are in {model_unit}s but the summary's are in {data_unit}s; build the summary with time unit {model_unit}, or fit the model on this summary"
    )]
    UnitMismatch {
        /// Unit of the model.
        model_unit: TimeUnit,
        /// Unit of the data.
        data_unit: TimeUnit,
    },
    /// A spend model without amounts to use it on.
    #[error(
        "the summary has no monetary column, so spend cannot be predicted; give an amount column, or use expected purchases alone"
    )]
    NoAmounts,
    /// A CNBD-k model with k above 1 without the times between purchases.
    #[error(
        "the summary does not have the times between purchases that {model} needs to choose k or to be compared with other models; add them by with_ln_intervals, or set k(1)"
    )]
    NoIntervals {
        /// The model.
        model: &'static str,
    },
    /// A text that is not a saved fit.
    #[error("the text is not a saved fit: {problem}; save the fit again by to_json")]
    BadSavedFit {
        /// What is wrong.
        problem: String,
    },
    /// A saved fit of another version.
    #[error(
        "the saved fit has version {found}, and this program reads version {known}; load it with the program that saved it, or fit the model again"
    )]
    OtherVersion {
        /// The text's version.
        found: String,
        /// The version that is read.
        known: u64,
    },
    /// A saved fit of another model.
    #[error("the text is a fit of {found}, not of {expected}; load it as {found}")]
    OtherModel {
        /// The model in the text.
        found: String,
        /// The expected model.
        expected: &'static str,
    },
    /// A saved fit of a model that is not one of purchases.
    #[error("the text is a fit of {model}, which is no model of purchase histories; those are {known}")]
    UnknownModel {
        /// The model in the text.
        model: String,
        /// The models that can be loaded here.
        known: String,
    },
    /// A name that is not that of a model of purchases.
    #[error("purchase model {value:?} is not known; use one of {known}")]
    UnknownPurchaseModel {
        /// What was given.
        value: String,
        /// The keys of all models.
        known: String,
    },
    /// A prior that a model cannot have.
    #[error("the prior of {name} cannot be used with {model}: {problem}")]
    BadPrior {
        /// The model.
        model: &'static str,
        /// The quantity.
        name: String,
        /// What is wrong, and what to do.
        problem: String,
    },
    /// A Gamma-Gamma model whose mean is infinite.
    #[error(
        "the Gamma-Gamma model has q = {q}: with q <= 1 the population has no finite mean spend, so no value can be computed; look for extreme amounts, or fit the spend model on more repeat customers"
    )]
    NoFiniteMeanSpend {
        /// The parameter.
        q: f64,
    },
}

fn bad_rows_message(problems: &[RowProblem], rows: usize) -> String {
    let shown: Vec<String> = problems.iter().take(ROWS_SHOWN).map(ToString::to_string).collect();
    let rest = problems.len().saturating_sub(ROWS_SHOWN);
    let more = if rest > 0 { format!("; and {rest} more") } else { String::new() };
    format!(
        "{} of the summary's {rows} rows cannot be used; correct or drop them: {}{more}",
        distinct_rows(problems),
        shown.join("; ")
    )
}

fn distinct_rows(problems: &[RowProblem]) -> usize {
    let mut rows: Vec<usize> = problems.iter().map(|problem| problem.row).collect();
    rows.dedup();
    rows.len()
}

/// A model that could not be fitted, or a result that a fit cannot give.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum FitError {
    /// An input was refused before the fit.
    #[error(transparent)]
    Input(#[from] InputError),
    /// Nobody bought twice.
    #[error(
        "none of the {customers} customers has a repeat purchase, so {model} cannot be estimated; use a longer period, or a finer grain"
    )]
    NoRepeatCustomers {
        /// The model.
        model: &'static str,
        /// Customers in the summary.
        customers: usize,
    },
    /// No customer under contract left.
    #[error(
        "none of the {customers} customers left, so {model} cannot be estimated; use more periods or larger cohorts"
    )]
    NobodyLeft {
        /// The model.
        model: &'static str,
        /// Customers in the cohorts.
        customers: usize,
    },
    /// Fewer usable customers than parameters.
    #[error(
        "{model} has {parameters} parameters but only {usable} customers can be used ({what}); use a longer period or more customers"
    )]
    TooFewCustomers {
        /// The model.
        model: &'static str,
        /// Parameters of the model.
        parameters: usize,
        /// Customers that the model can use.
        usable: usize,
        /// Which customers those are.
        what: &'static str,
    },
    /// The optimiser found no maximum from any start.
    #[error(
        "{model} did not converge from any of {starts} starts: after {iterations} iterations the largest gradient was {gradient_norm:.3e} a customer, where {tolerance:.0e} is accepted, at {at}; check the summary for item rows and outliers, or set a penalty such as 0.001"
    )]
    NotConverged {
        /// The model.
        model: &'static str,
        /// Starts tried.
        starts: usize,
        /// Iterations over all starts.
        iterations: u64,
        /// Largest absolute gradient by log parameters, a customer.
        gradient_norm: f64,
        /// What would have been accepted.
        tolerance: f64,
        /// The best parameters found, as text.
        at: String,
    },
    /// The Hessian has no inverse that could be a covariance.
    #[error(
        "{model} has no covariance: its Hessian is {hessian} at {at}, so the data do not identify the parameters; use more data or a longer period, or set a penalty"
    )]
    NotIdentified {
        /// The model.
        model: &'static str,
        /// What the Hessian is.
        hessian: String,
        /// The parameters, as text.
        at: String,
    },
    /// Too many fits of a bootstrap failed.
    #[error(
        "{failed} of {replicates} fits of {model} on customers drawn again failed, so their intervals are unreliable; use more data, or set a penalty"
    )]
    BootstrapFailed {
        /// The model.
        model: &'static str,
        /// Fits that failed.
        failed: usize,
        /// All of them.
        replicates: usize,
    },
    /// A posterior that could not be sampled.
    #[error(
        "the posterior of {model} was not sampled: {problem}; state priors that keep the parameters in a plausible range"
    )]
    NotSampled {
        /// The model.
        model: &'static str,
        /// What went wrong.
        problem: String,
    },
}
