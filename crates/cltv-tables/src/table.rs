//! A table as it was read: named columns of cells, and the place of each row.

use crate::column::Column;
use crate::place::Places;
use crate::value::{hash_of, trimmed};

/// Named columns of equal length, with what was found out while reading them.
#[derive(Debug, Clone, Default)]
pub struct Table {
    /// What was read, as it was named.
    pub shown: String,
    /// The columns that were wanted, in the order of the request.
    pub columns: Vec<Column>,
    /// The names of all columns of the file.
    pub header: Vec<String>,
    /// Where the rows stand.
    pub places: Places,
    /// A hash of each whole row, equal for rows that are equal in every column; empty unless it was wanted.
    pub fingerprints: Vec<u32>,
    /// What was found: encoding, separator, sheet, header, as sentences.
    pub notes: Vec<String>,
    /// What looks wrong and was left as it is, as sentences.
    pub warnings: Vec<String>,
    /// Whether bare numbers may be Excel's serial dates, as in a workbook.
    pub serial_dates: bool,
    /// Whether a comma separates the columns, so that one inside a number is no decimal comma.
    pub comma_separated: bool,
    /// Lines at the end that were left out because they have other fields than the header.
    pub footer_lines: usize,
    /// Rows that stay when the footer that the dates showed is left out; `None` when all do.
    pub rows_left: Option<usize>,
}

impl Table {
    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.places.len() as usize
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }
}

impl Table {
    /// Notes the place and the fingerprint of a row whose cells were pushed to columns made by hand.
    pub fn push_row<'a>(&mut self, line: u64, fields: impl Iterator<Item = &'a [u8]>) {
        if self.places.is_empty() {
            self.places.start(&self.shown, "", "line");
        }
        self.places.push(line);
        self.fingerprints.push(fingerprint(fields));
    }

    /// Adds the columns of another file or sheet below those that are there.
    pub(crate) fn append(&mut self, columns: Vec<Column>, header: &[String]) {
        if self.columns.is_empty() {
            self.columns = columns;
            self.header = header.to_vec();
            return;
        }
        for (all, more) in self.columns.iter_mut().zip(columns) {
            all.cells.append(more.cells);
        }
    }

    /// Adds notes on a file; a note that all files share stands once.
    pub(crate) fn add_notes(&mut self, notes: Vec<String>) {
        for note in notes {
            if !self.notes.contains(&note) {
                self.notes.push(note);
            }
        }
    }
}

/// A hash of the fields of a row, equal for equal rows.
pub(crate) fn fingerprint<'a>(fields: impl Iterator<Item = &'a [u8]>) -> u32 {
    let hash = fields.fold(0_u64, |hash, field| mixed(hash, hash_of(trimmed(field))));
    (hash >> 32) as u32
}

/// The hash of a row so far with that of its next field.
pub(crate) fn mixed(row: u64, field: u64) -> u64 {
    (row.rotate_left(5) ^ field).wrapping_mul(0xF135_7AEA_2E62_A9C5)
}
