//! Readers of workbooks and csv files: both into a grid of cells, and the grid into typed columns.

mod columns;
mod days;
mod error;
mod grid;
mod kinds;
mod numbers;
mod text;
mod workbook;

use std::path::{Path, PathBuf};

pub use error::{BadCell, ReadError};
use grid::Grid;
pub use numbers::{DecimalMark, parse_number};

use crate::simulate::CRM_WORKBOOK;
use crate::table::AccountTable;

/// The name of the embedded workbook, given instead of a path.
const EMBEDDED: &str = "crm_accounts";

/// What is done with a cell that shows an error, such as #N/A or #DIV/0!.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum ErrorCells {
    /// #N/A is missing, as spreadsheets mean it ("not available"); every other error is refused.
    #[default]
    NotAvailableIsMissing,
    /// Every error is refused.
    Refuse,
    /// Every error is missing.
    Missing,
}

/// A workbook's sheet or a csv file, and how it is to be read.
///
/// # Examples
/// ```
/// use cltv_accounts::TableSource;
/// let table = TableSource::new("crm_accounts").read()?;
/// assert_eq!(table.sheet, "Accounts");
/// assert!(table.has("income") && table.months("expense_").len() == 24);
/// # Ok::<(), cltv_accounts::ReadError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct TableSource {
    /// The file, as the user named it, or "crm_accounts" for the embedded workbook.
    pub shown: String,
    /// Where the file is; the same as `shown` unless a caller resolves paths in its own way.
    pub path: PathBuf,
    /// The sheet; empty for the first one that holds anything.
    pub sheet: String,
    /// The header's row as the spreadsheet counts it, from 1; 0 to find it.
    pub header_row: u32,
    /// Whether numbers written as text have a decimal comma; `None` to find it, column by column.
    pub decimal_comma: Option<bool>,
    /// The separator of a csv file; `None` to find it.
    pub separator: Option<char>,
    /// Columns that are texts even where they look like numbers.
    pub text_columns: Vec<String>,
    /// Words that mean a missing value, besides the usual NA, N/A, NaN, null and dashes.
    pub missing_words: Vec<String>,
    /// What is done with error cells.
    pub error_cells: ErrorCells,
}

impl TableSource {
    /// A file to be read by what it says of itself.
    #[must_use]
    pub fn new(path: &str) -> Self {
        Self {
            shown: path.to_owned(),
            path: PathBuf::from(path),
            sheet: String::new(),
            header_row: 0,
            decimal_comma: None,
            separator: None,
            text_columns: Vec::new(),
            missing_words: Vec::new(),
            error_cells: ErrorCells::default(),
        }
    }

    /// Reads the file.
    ///
    /// The header is the first row that fills at least 60% of the table's width with mostly texts
    /// or dates. Cells merged downwards all hold the value of their first; a merge over several
    /// columns at or under the header is refused, and so are a formula without a stored value, two
    /// headings alike, values under no heading, and every cell that is not what four fifths of its
    /// column are. The percentage 12% is 0.12. Formulas count by the value stored with them.
    ///
    /// # Errors
    /// [`ReadError`]; bad cells are named by sheet, cell, value, reason and remedy, all at once.
    pub fn read(&self) -> Result<AccountTable, ReadError> {
        if self.shown == EMBEDDED {
            return self.read_bytes("xlsx", CRM_WORKBOOK);
        }
        let bytes = std::fs::read(&self.path).map_err(|error| ReadError::Unreadable {
            shown: self.shown.clone(),
            reason: error.to_string(),
        })?;
        let ending = Path::new(&self.path).extension().map(|ending| ending.to_string_lossy().to_lowercase());
        self.read_bytes(&ending.unwrap_or_default(), &bytes)
    }

    /// Reads bytes that a file of this ending ("xlsx", "csv", ...) would hold.
    ///
    /// # Errors
    /// As [`TableSource::read`].
    ///
    /// # Examples
    /// ```
    /// use cltv_accounts::TableSource;
    /// let text = "account;income\nA;1.234,50 €\nB;(1.200) €\n";
    /// let table = TableSource::new("crm.csv").read_bytes("csv", text.as_bytes())?;
    /// assert_eq!(table.numbers("income")?, [Some(1234.5), Some(-1200.0)]);
    /// # Ok::<(), cltv_accounts::ReadError>(())
    /// ```
    pub fn read_bytes(&self, ending: &str, bytes: &[u8]) -> Result<AccountTable, ReadError> {
        let grid = match ending {
            "xlsx" | "xlsm" | "xlsb" | "xls" | "ods" => workbook::read(self, bytes)?,
            "csv" | "tsv" | "tab" | "txt" => text::read(self, bytes)?,
            _ => {
                let ending = if ending.is_empty() { String::new() } else { format!(".{ending}") };
                return Err(ReadError::UnknownKind { shown: self.shown.clone(), ending });
            }
        };
        self.table_of(&grid)
    }

    fn table_of(&self, grid: &Grid) -> Result<AccountTable, ReadError> {
        let (header, names) = grid.header(self)?;
        columns::read(self, grid, header, &names)
    }
}
