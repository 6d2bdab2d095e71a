//! Cells by row and column, before their columns are typed, and the search for the header.

use chrono::{Datelike, NaiveDate};

use super::error::{BadCell, ReadError};
use super::source::TableSource;

/// Rows in which the header is looked for.
const HEADER_ROWS: usize = 50;
/// Share of the width that a header fills.
const HEADER_SHARE: f64 = 0.6;

/// One cell as its file gives it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Cell {
    Missing,
    Number(f64),
    Text(String),
    Flag(bool),
    Day(NaiveDate),
    /// An error such as #N/A.
    Error(String),
    /// A formula that no program has computed.
    NoValue(String),
}

impl Cell {
    pub(crate) fn text(text: &str) -> Self {
        match text.trim() {
            "" => Self::Missing,
            error if error.starts_with('#') && error.ends_with(['!', '?', 'A']) => {
                Self::Error(error.to_owned())
            }
            text => Self::Text(text.split_whitespace().collect::<Vec<_>>().join(" ")),
        }
    }

    pub(crate) fn shown(&self) -> String {
        match self {
            Self::Missing => String::new(),
            Self::Number(n) => n.to_string(),
            Self::Text(text) | Self::Error(text) => text.clone(),
            Self::Flag(flag) => flag.to_string(),
            Self::Day(day) => day.to_string(),
            Self::NoValue(formula) => format!("={formula}"),
        }
    }

    /// The cell as a heading; the first of a month is that month: "2024-01".
    fn heading(&self) -> String {
        match self {
            Self::Day(day) if day.day() == 1 => day.format("%Y-%m").to_string(),
            other => other.shown(),
        }
    }
}

/// A row with the number that the spreadsheet shows, or a line of a text.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct GridRow {
    pub(crate) number: u32,
    pub(crate) cells: Vec<Cell>,
}

/// A merge over several columns, which no table can hold: its first row and column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct WideMerge {
    pub(crate) row: u32,
    pub(crate) last_row: u32,
    pub(crate) column: usize,
    pub(crate) last_column: usize,
}

/// The cells of a sheet or a text, from its first column on.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Grid {
    pub(crate) sheet: String,
    /// Rows that hold anything.
    pub(crate) rows: Vec<GridRow>,
    pub(crate) wide_merges: Vec<WideMerge>,
    /// A text whose values are separated by commas: a lone point in it is the decimal mark.
    pub(crate) comma_separated: bool,
    pub(crate) notes: Vec<String>,
}

impl Grid {
    /// The place of the header among the rows, and the headings by column; blank ones are empty.
    pub(crate) fn header(&self, source: &TableSource) -> Result<(usize, Vec<String>), ReadError> {
        let missing = || ReadError::NoHeader { shown: self.shown(source), asked: source.header_row };
        let at = self.header_place(source).ok_or_else(missing)?;
        let row = &self.rows[at];
        let names: Vec<String> = row.cells.iter().map(Cell::heading).collect();
        if let Some(bad) = self.bad_merge(row.number, &names).or_else(|| self.twice(row.number, &names)) {
            return Err(ReadError::BadCells { shown: source.shown.clone(), cells: vec![bad] });
        }
        if at + 1 == self.rows.len() {
            let columns = names.into_iter().filter(|name| !name.is_empty()).collect();
            return Err(ReadError::NoRows { shown: self.shown(source), columns });
        }
        Ok((at, names))
    }

    /// Where the header stands among the rows: where it is named to be, or where it is found.
    pub(crate) fn header_place(&self, source: &TableSource) -> Option<usize> {
        match source.header_row {
            0 => self.find_header(),
            asked => self.rows.iter().position(|row| row.number == asked),
        }
    }

    fn find_header(&self) -> Option<usize> {
        let filled = |row: &GridRow| row.cells.iter().filter(|cell| **cell != Cell::Missing).count();
        let width = self.rows.iter().map(filled).max()?;
        let names = |row: &GridRow| {
            let is_name = |cell: &&Cell| match cell {
                Cell::Day(_) => true,
                Cell::Text(text) => {
                    super::numbers::parse_number(text, super::numbers::DecimalMark::Point).is_none()
                }
                _ => false,
            };
            row.cells.iter().filter(is_name).count()
        };
        let fits = |row: &GridRow| {
            let filled = filled(row);
            filled as f64 >= HEADER_SHARE * width as f64 && 2 * names(row) >= filled
        };
        self.rows.iter().take(HEADER_ROWS).position(fits)
    }

    /// A merge over several columns in the header or under it.
    fn bad_merge(&self, header: u32, names: &[String]) -> Option<BadCell> {
        let merge = self.wide_merges.iter().find(|merge| merge.last_row >= header)?;
        let row = self.rows.iter().find(|row| row.number == merge.row);
        let cell = row.and_then(|row| row.cells.get(merge.column)).cloned().unwrap_or(Cell::Missing);
        let column = names.get(merge.column).cloned().unwrap_or_default();
        let end = a1(merge.last_column, merge.last_row);
        let reason = format!(
            "it is merged as far as {end}, over several columns, so that its value belongs to none of them"
        );
        let remedy = if merge.row <= header {
            "unmerge it, or name the row of the single headings with header_row".to_owned()
        } else {
            "unmerge it and give each column its own value".to_owned()
        };
        Some(BadCell { column, reason, remedy, ..self.bad(merge.column, merge.row, &cell) })
    }

    /// Two headings alike, or values under a blank one.
    fn twice(&self, header: u32, names: &[String]) -> Option<BadCell> {
        for (at, name) in names.iter().enumerate().filter(|(_, name)| !name.is_empty()) {
            if let Some(first) = names[..at].iter().position(|other| other == name) {
                let reason = format!("{} has the same heading", a1(first, header));
                let remedy = "give each column its own heading".to_owned();
                return Some(BadCell { reason, remedy, ..self.bad(at, header, &Cell::Text(name.clone())) });
            }
        }
        let nameless = |column: &usize| names.get(*column).is_none_or(String::is_empty);
        for row in self.rows.iter().filter(|row| row.number > header) {
            let filled = |column: &usize| row.cells[*column] != Cell::Missing;
            if let Some(column) = (0..row.cells.len()).filter(nameless).find(filled) {
                let reason = "its column has no heading".to_owned();
                let remedy = format!("write one in {}, or empty the column", a1(column, header));
                return Some(BadCell { reason, remedy, ..self.bad(column, row.number, &row.cells[column]) });
            }
        }
        None
    }

    /// A bad cell with its place and value; column, reason and remedy are the caller's.
    pub(crate) fn bad(&self, column: usize, row: u32, cell: &Cell) -> BadCell {
        BadCell {
            sheet: self.sheet.clone(),
            cell: a1(column, row),
            column: String::new(),
            value: cell.shown(),
            reason: String::new(),
            remedy: String::new(),
        }
    }

    fn shown(&self, source: &TableSource) -> String {
        match self.sheet.as_str() {
            "" => source.shown.clone(),
            sheet => format!("{} (sheet {sheet})", source.shown),
        }
    }
}

/// The place of a cell as spreadsheets write it: column 0 of row 17 is "A17", column 26 "AA17".
pub(crate) fn a1(column: usize, row: u32) -> String {
    let mut letters = Vec::new();
    let mut rest = column + 1;
    while rest > 0 {
        letters.push(char::from(b'A' + ((rest - 1) % 26) as u8));
        rest = (rest - 1) / 26;
    }
    let letters: String = letters.into_iter().rev().collect();
    format!("{letters}{row}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_written_as_spreadsheets_do() {
        let places: Vec<String> = [0, 25, 26, 51, 52, 701, 702].map(|column| a1(column, 1)).to_vec();
        assert_eq!(places, ["A1", "Z1", "AA1", "AZ1", "BA1", "ZZ1", "AAA1"]);
    }
}
