//! Readers of workbooks and csv files: both into a grid of cells, and the grid into typed columns.

mod columns;
mod days;
mod error;
mod file;
mod grid;
mod kinds;
mod numbers;
mod source;
mod text;
mod workbook;

pub use error::{BadCell, ReadError};
pub use numbers::{DecimalMark, parse_number};
pub use source::{ErrorCells, TableSource};
