//! A table as it was read: named columns of cells, and the place of each row.

use crate::column::Column;
use crate::place::{Places, SourceValue};
use crate::value::{Value, hash_of, trimmed};
use crate::words::count;

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

/// First values of rows that add the others up, in lower case.
const TOTALS: [&str; 4] = ["total", "totals", "grand total", "sum"];
/// Totals that are noted one by one.
const TOTALS_NOTED: usize = 3;

impl Table {
    /// Leaves out the rows whose first value is "Total" or a word like it, and notes them.
    pub fn leave_out_totals(&mut self) {
        let totals: Vec<usize> = (0..self.len()).filter(|&row| self.is_total(row)).collect();
        if totals.is_empty() {
            return;
        }
        let mut keep = vec![true; self.len()];
        totals.iter().for_each(|&row| keep[row] = false);
        let place = |row: usize| self.places.place(row as u64);
        if totals.len() > TOTALS_NOTED {
            let (n, first) = (count(totals.len()), place(totals[0]));
            self.notes.push(format!("{n} rows are totals and are left out; the first is {first}."));
        } else {
            let notes = totals.iter().map(|&row| format!("The total in {} is left out.", place(row)));
            let notes: Vec<String> = notes.collect();
            self.notes.extend(notes);
        }
        self.places = self.places.kept(&keep);
        self.columns.iter_mut().for_each(|column| column.cells = column.cells.kept(&keep));
        if !self.fingerprints.is_empty() {
            let mut rows = keep.iter();
            self.fingerprints.retain(|_| rows.next().copied().unwrap_or(true));
        }
    }

    fn is_total(&self, row: usize) -> bool {
        let first = self.columns.iter().find_map(|column| column.cells.value(row));
        match first {
            Some(Value::Text(text)) => {
                let word = text.trim_end_matches(':').trim();
                TOTALS.iter().any(|total| total.eq_ignore_ascii_case(word))
            }
            _ => false,
        }
    }
}

/// A value with its place.
pub(crate) fn source_value(table: &Table, column: &Column, row: usize) -> SourceValue {
    SourceValue { place: table.places.place(row as u64), value: column.cells.shown(row) }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_are_left_out_with_their_values() {
        let mut table = Table { shown: "crm.csv".into(), ..Table::default() };
        let rows = [["North", "5"], ["Total:", "5"], ["", "7"], ["grand total", "12 in all"]];
        table.columns =
            ["region", "n"].map(|name| Column { name: name.into(), ..Column::default() }).to_vec();
        for (line, row) in (2..).zip(rows) {
            let cells = table.columns.iter_mut().zip(row);
            cells.for_each(|(column, value)| column.cells.push_text(value.as_bytes()));
            table.push_row(line, row.iter().map(|value| value.as_bytes()));
        }
        table.leave_out_totals();
        assert_eq!((table.len(), table.places.line(1), table.fingerprints.len()), (2, 4, 2));
        let shown: Vec<String> = (0..2).map(|row| table.columns[1].cells.shown(row)).collect();
        assert_eq!(shown, ["5", "7"]);
        assert!(matches!(&table.columns[1].cells, crate::Cells::Coded { values, .. } if values.len() == 2));
        assert_eq!(table.notes[0], "The total in line 3 is left out.");
    }
}
