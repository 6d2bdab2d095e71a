//! Errors of a table or a column.

use super::column::ColumnKind;
use crate::text::{counted, quoted};

/// Columns that do not make a table, or a column that is not as it is needed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TableError {
    /// A column that the table does not have.
    #[error("there is no column {column:?}; the columns are {}", quoted(columns))]
    UnknownColumn {
        /// The name given.
        column: String,
        /// The columns of the table.
        columns: Vec<String>,
    },
    /// A column of another kind than it is needed.
    #[error(
        "column {column:?} holds {kind}, where {wanted} are needed (for instance {example:?}); name another column, or correct its cells"
    )]
    WrongKind {
        /// The column.
        column: String,
        /// What it holds.
        kind: ColumnKind,
        /// What is needed.
        wanted: String,
        /// A value of it.
        example: String,
    },
    /// Columns of unequal length, or two of one name.
    #[error("column {column:?} {reason}; give every column one value a row and its own name")]
    BadColumn {
        /// The column.
        column: String,
        /// What is wrong.
        reason: String,
    },
    /// Values that must be one for each row of the table.
    #[error("there are {found} {what} for {rows} rows of the table; give one for each row")]
    RowCount {
        /// What there should be one of for each row.
        what: String,
        /// How many there are.
        found: usize,
        /// The rows of the table.
        rows: usize,
    },
    /// Missing values in a column that must have none.
    #[error(
        "column {column:?} has {}, the first in row {row}; fill the cells, or prepare the table first",
        counted(*missing, "missing value")
    )]
    MissingValues {
        /// The column.
        column: String,
        /// How many are missing.
        missing: usize,
        /// The source's row of the first of them.
        row: u32,
    },
    /// A table without columns of monthly spending.
    #[error(
        "there are no columns of monthly spending; name them {prefix:?} followed by the month, such as \"{prefix}2024-01\""
    )]
    NoMonths {
        /// What their names begin with.
        prefix: String,
    },
    /// A month's column that is missing between others.
    #[error(
        "column {column:?} follows {before:?}, and the months between them have no columns; add the columns"
    )]
    MonthGap {
        /// The column after the gap.
        column: String,
        /// The column before it.
        before: String,
    },
}
