//! What is computed from purchases, written once: a small relational plan that polars runs here and that prints as SQL.
//!
//! A [`Plan`] filters, derives columns, groups and joins; an [`Expr`] is a value of a row. [`polars`] lowers a plan to
//! a `LazyFrame` over purchases that lie in the order of customer and day; [`sql`] prints the same plan for a database.
//! The definitions themselves (merge by grain, summary, RFM, split, cohorts, cleaning) are in [`queries`].

mod expr;
mod polars;
pub(crate) mod queries;
mod runs;
mod sql;

pub use expr::{Aggregate, Expr, Op};
pub(crate) use expr::{col, missing, real, when, whole};
pub(crate) use polars::run;
pub use sql::{Dialect, sql_of};

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
    pub(crate) fn filter(self, condition: Expr) -> Self {
        Self::Filter(Box::new(self), condition)
    }

    pub(crate) fn derive(self, columns: Vec<(&'static str, Expr)>) -> Self {
        Self::Derive(Box::new(self), columns)
    }

    pub(crate) fn select(self, columns: &[&'static str]) -> Self {
        Self::Select(Box::new(self), columns.to_vec())
    }

    /// Groups rows whose equal keys lie together in rising order.
    pub(crate) fn group_ordered(
        self,
        keys: &[&'static str],
        columns: Vec<(&'static str, Aggregate)>,
    ) -> Self {
        Self::Group { input: Box::new(self), keys: keys.to_vec(), columns, ordered: true }
    }

    pub(crate) fn group(self, keys: &[&'static str], columns: Vec<(&'static str, Aggregate)>) -> Self {
        Self::Group { input: Box::new(self), keys: keys.to_vec(), columns, ordered: false }
    }

    pub(crate) fn previous(self, within: &'static str, of: &'static str, name: &'static str) -> Self {
        Self::Previous { input: Box::new(self), within, of, name }
    }

    pub(crate) fn repeated(self, columns: &[&'static str], name: &'static str) -> Self {
        Self::Repeated { input: Box::new(self), columns: columns.to_vec(), name }
    }

    pub(crate) fn running(self, by: &'static str, of: &'static str, name: &'static str) -> Self {
        Self::Running { input: Box::new(self), by, of, name }
    }

    pub(crate) fn join(self, right: Self, key: &'static str) -> Self {
        Self::Join { left: Box::new(self), right: Box::new(right), key }
    }
}
