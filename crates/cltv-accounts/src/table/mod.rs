//! The table in memory between a reader of files and the rest of the crate.

mod account_table;
mod column;
mod error;

pub use account_table::AccountTable;
pub use column::{Column, ColumnKind, Values};
pub use error::TableError;
