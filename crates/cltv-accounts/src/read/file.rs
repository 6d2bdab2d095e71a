//! Reading a file: its bytes into a grid of cells, and the grid into a table.

use std::path::Path;

use super::error::ReadError;
use super::grid::Grid;
use super::source::TableSource;
use super::{columns, text, workbook};
use crate::simulate::CRM_WORKBOOK;
use crate::table::AccountTable;

/// The name of the embedded workbook, given instead of a path.
const EMBEDDED: &str = "crm_accounts";

impl TableSource {
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
