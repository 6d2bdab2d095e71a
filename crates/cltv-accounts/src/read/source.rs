//! Which file is read, and how.

use std::path::PathBuf;

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
}
