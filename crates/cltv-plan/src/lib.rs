//! What is computed from purchases, written once: a small relational plan that polars runs and that prints as SQL.
//!
//! A [`Plan`] filters, derives columns, groups and joins; an [`Expr`] is a value of a row. `cltv-purchases` lowers a plan
//! to polars over purchases that lie in the order of customer and day; [`sql_of`] prints the same plan for a database,
//! which `cltv-warehouse` runs. The definitions are in [`queries`] (merge by grain, summary, RFM, split, cohorts) and
//! [`cleaning`] (which rows are purchases).

pub mod cleaning;
mod expr;
pub mod far_dates;
pub mod periods;
pub mod queries;
pub mod segments;
pub mod source;
mod sql;

pub use expr::{Aggregate, Expr, Op, col, missing, real, when, whole};
pub use sql::{Dialect, Given, sql_of, sql_over};

/// A relational plan.
#[derive(Debug, Clone, PartialEq)]
pub enum Plan {
    /// A table by its name.
    Table(&'static str),
    /// The rows for which a condition holds.
    Filter(Box<Plan>, Expr),
    /// More columns, by name; one of the same name is replaced.
    Derive(Box<Plan>, Vec<(&'static str, Expr)>),
    /// Some of the columns.
    Select(Box<Plan>, Vec<&'static str>),
    /// One row for each combination of the keys' values.
    Group {
        /// What is grouped.
        input: Box<Plan>,
        /// The keys.
        keys: Vec<&'static str>,
        /// The columns of the result beside the keys.
        columns: Vec<(&'static str, Aggregate)>,
        /// Whether rows with equal keys lie together in rising order, as purchases of a customer do.
        ordered: bool,
    },
    /// The value of a column in the row before, in the order of that column within a key; missing in the first row.
    Previous {
        /// The rows, in the order of key and column.
        input: Box<Plan>,
        /// The key.
        within: &'static str,
        /// The column.
        of: &'static str,
        /// The new column.
        name: &'static str,
    },
    /// Whether an earlier row equals a row in all of some columns; equal rows lie together.
    Repeated {
        /// The rows.
        input: Box<Plan>,
        /// The columns that are compared; two missing values are equal.
        columns: Vec<&'static str>,
        /// The new column.
        name: &'static str,
    },
    /// The sum of a column over all rows up to and with a row, in the order of another column.
    Running {
        /// The rows.
        input: Box<Plan>,
        /// The order.
        by: &'static str,
        /// What is summed.
        of: &'static str,
        /// The new column.
        name: &'static str,
    },
    /// All rows of the left plan with the columns of the right one, missing where no row has the same key.
    Join {
        /// Every row of it stays.
        left: Box<Plan>,
        /// At most one row a key.
        right: Box<Plan>,
        /// The column that both have.
        key: &'static str,
    },
}

impl Plan {
    /// The rows for which a condition holds.
    #[must_use]
    pub fn filter(self, condition: Expr) -> Self {
        Self::Filter(Box::new(self), condition)
    }

    /// More columns, by name.
    #[must_use]
    pub fn derive(self, columns: Vec<(&'static str, Expr)>) -> Self {
        Self::Derive(Box::new(self), columns)
    }

    /// Some of the columns.
    #[must_use]
    pub fn select(self, columns: &[&'static str]) -> Self {
        Self::Select(Box::new(self), columns.to_vec())
    }

    /// Groups rows whose equal keys lie together in rising order.
    #[must_use]
    pub fn group_ordered(self, keys: &[&'static str], columns: Vec<(&'static str, Aggregate)>) -> Self {
        Self::Group { input: Box::new(self), keys: keys.to_vec(), columns, ordered: true }
    }

    /// One row for each combination of the keys.
    #[must_use]
    pub fn group(self, keys: &[&'static str], columns: Vec<(&'static str, Aggregate)>) -> Self {
        Self::Group { input: Box::new(self), keys: keys.to_vec(), columns, ordered: false }
    }

    /// The value of a column in the row before; see [`Plan::Previous`].
    #[must_use]
    pub fn previous(self, within: &'static str, of: &'static str, name: &'static str) -> Self {
        Self::Previous { input: Box::new(self), within, of, name }
    }

    /// Whether an earlier row is equal; see [`Plan::Repeated`].
    #[must_use]
    pub fn repeated(self, columns: &[&'static str], name: &'static str) -> Self {
        Self::Repeated { input: Box::new(self), columns: columns.to_vec(), name }
    }

    /// The running sum; see [`Plan::Running`].
    #[must_use]
    pub fn running(self, by: &'static str, of: &'static str, name: &'static str) -> Self {
        Self::Running { input: Box::new(self), by, of, name }
    }

    /// The columns of another plan beside all rows; see [`Plan::Join`].
    #[must_use]
    pub fn join(self, right: Self, key: &'static str) -> Self {
        Self::Join { left: Box::new(self), right: Box::new(right), key }
    }

    /// The same plan with another one in the place of a table.
    #[must_use]
    pub fn over(self, table: &str, with: &Self) -> Self {
        let over = |input: Box<Self>| Box::new(input.over(table, with));
        match self {
            Self::Table(name) if name == table => with.clone(),
            Self::Table(name) => Self::Table(name),
            Self::Filter(input, condition) => Self::Filter(over(input), condition),
            Self::Derive(input, columns) => Self::Derive(over(input), columns),
            Self::Select(input, columns) => Self::Select(over(input), columns),
            Self::Group { input, keys, columns, ordered } => {
                Self::Group { input: over(input), keys, columns, ordered }
            }
            Self::Previous { input, within, of, name } => {
                Self::Previous { input: over(input), within, of, name }
            }
            Self::Repeated { input, columns, name } => Self::Repeated { input: over(input), columns, name },
            Self::Running { input, by, of, name } => Self::Running { input: over(input), by, of, name },
            Self::Join { left, right, key } => Self::Join { left: over(left), right: over(right), key },
        }
    }
}
