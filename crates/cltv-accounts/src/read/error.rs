//! What can be wrong with a workbook or a csv file.

use std::fmt;

use serde::Serialize;

use crate::table::TableError;
use crate::text::{count, counted, quoted};

/// Cells shown in a message; the error holds all of them.
const SHOWN: usize = 5;

/// A cell that cannot be read, where it is, why, and what helps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct BadCell {
    /// The sheet; empty for csv files.
    pub sheet: String,
    /// The place as spreadsheets write it, such as "C17"; the row of a csv file is its line.
    pub cell: String,
    /// The column's heading; empty above the header.
    pub column: String,
    /// The cell's value as it stands there.
    pub value: String,
    /// Why it cannot be read.
    pub reason: String,
    /// What to do.
    pub remedy: String,
}

impl fmt::Display for BadCell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.sheet.is_empty() {
            write!(f, "sheet {:?} ", self.sheet)?;
        }
        write!(f, "cell {}", self.cell)?;
        if !self.column.is_empty() {
            write!(f, " (column {:?})", self.column)?;
        }
        write!(f, " holds {:?}: {}; {}", self.value, self.reason, self.remedy)
    }
}

/// A file that cannot be read as a table.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The operating system gives no bytes.
    #[error("{shown:?} cannot be read ({reason}); check the path and the file's permissions")]
    Unreadable {
        /// As it was given.
        shown: String,
        /// What the operating system says.
        reason: String,
    },
    /// An ending that is not known.
    #[error(
        "{shown:?} ends in {ending:?}, which is not known; use a workbook (.xlsx, .xlsm, .xlsb, .xls, .ods) or text (.csv, .tsv, .txt)"
    )]
    UnknownKind {
        /// As it was given.
        shown: String,
        /// The file's ending.
        ending: String,
    },
    /// A workbook or text that its reader refuses.
    #[error("{shown:?} is not a readable {kind} ({reason}); open it where it was made and save it again")]
    Malformed {
        /// As it was given.
        shown: String,
        /// "workbook" or "csv file".
        kind: String,
        /// What the reader says.
        reason: String,
    },
    /// A sheet that the workbook does not have.
    #[error("{shown:?} has no sheet {sheet:?}; its sheets are {}", quoted(sheets))]
    UnknownSheet {
        /// As it was given.
        shown: String,
        /// The name given.
        sheet: String,
        /// The sheets of the workbook.
        sheets: Vec<String>,
    },
    /// No row of the sheet looks like a header, or the named one is blank.
    #[error(
        "{shown:?} has no header row {}: a header fills at least 60% of the table's width with texts or dates; name its row with header_row, counted from 1 as the spreadsheet shows it",
        if *asked == 0 { "that can be found".to_owned() } else { format!("at row {asked}") }
    )]
    NoHeader {
        /// The file and sheet.
        shown: String,
        /// The row that was named; 0 when it was to be found.
        asked: u32,
    },
    /// A header without rows.
    #[error(
        "{shown:?} has a header ({}) but no rows under it; export it again with one row an account",
        quoted(columns)
    )]
    NoRows {
        /// The file and sheet.
        shown: String,
        /// The header.
        columns: Vec<String>,
    },
    /// Cells that cannot be read; nothing of the table is used.
    #[error("{}", bad_cells(shown, cells))]
    BadCells {
        /// The file.
        shown: String,
        /// Every such cell, in the order of the columns.
        cells: Vec<BadCell>,
    },
    /// Columns that do not make a table.
    #[error(transparent)]
    Table(#[from] TableError),
}

fn bad_cells(shown: &str, cells: &[BadCell]) -> String {
    let listed: Vec<String> = cells.iter().take(SHOWN).map(ToString::to_string).collect();
    let more = match cells.len().saturating_sub(SHOWN) {
        0 => String::new(),
        n => format!("\n... and {} more", count(n)),
    };
    format!("{} of {shown:?} cannot be read:\n{}{more}", counted(cells.len(), "cell"), listed.join("\n"))
}
