//! Files to typed columns: one reader and one set of rules for every table of cltv.
//!
//! ```text
//! file, folder, pattern or list --read--> Table of columns, each distinct value once
//!     column --dates::read_days--> days        column --numbers::read--> numbers
//! ```

mod announced;
mod column;
mod currency;
pub mod dates;
mod decoder;
mod error;
mod file_error;
mod files;
pub mod header;
mod jsonl;
pub mod kinds;
mod merges;
pub mod numbers;
mod options;
mod outputs;
mod parquet;
mod place;
mod sheet_cells;
mod table;
mod text;
mod unpacked;
mod value;
pub mod words;
mod workbook;
mod workspace;

pub use column::{Cells, Column, MICROS_PER_DAY, NO_DAY, NO_WHOLE};
pub use error::{TableError, examples};
pub use file_error::FileError;
pub use files::{read, read_bytes};
pub use options::{OnProgress, Progress, ReadOptions};
pub use outputs::{Outputs, TableWriter};
pub use place::{Place, Places, SourceValue};
pub use table::Table;
pub use value::{MISSING, Value, Values, date};
pub use workspace::{resolve_path, workspace};
