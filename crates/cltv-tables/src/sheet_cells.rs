//! The cells of a sheet, read within bounds, so that a small file cannot take all memory.

use std::io::Cursor;

use calamine::{Cell, CellType, Data, DataRef, Range, Reader, Sheets, XlsxError};

use crate::file_error::FileError;
use crate::words::count;

/// Cells of the rectangle around the values of a sheet: 2^25, as in 1,048,576 rows of 32 columns, about 1 GB.
pub(crate) const MOST_CELLS: u64 = 1 << 25;
/// Bytes of text in the cells of a sheet, where a text that several cells share counts for each: 1 GiB.
pub(crate) const MOST_TEXT: u64 = 1 << 30;

/// Why the cells of a sheet are not read.
pub(crate) enum Stop {
    /// The decoder refuses them.
    Calamine(calamine::Error),
    /// They are more than the bounds: what was found, and the bound.
    Large(String, String),
}

impl Stop {
    /// The error of too many cells in a rectangle.
    pub(crate) fn cells(found: u64, start: (u32, u32), end: (u32, u32)) -> Self {
        let found = format!("{} cells in {}", count(found as usize), region(start, end));
        Self::Large(found, format!("{} cells", count(MOST_CELLS as usize)))
    }

    /// The error of too much text.
    pub(crate) fn text() -> Self {
        let mb = format!("{} MB of text", count((MOST_TEXT >> 20) as usize));
        Self::Large(format!("more than {mb}"), mb)
    }

    /// The error of merged regions that cover more cells than a sheet may have.
    pub(crate) fn merged() -> Self {
        let cells = count(MOST_CELLS as usize);
        Self::Large(format!("more than {cells} cells in merged regions"), format!("{cells} cells"))
    }

    /// The error of a sheet that is too large, or the decoder's.
    pub(crate) fn of_sheet(self, shown: &str, sheet: &str) -> Result<FileError, calamine::Error> {
        match self {
            Self::Calamine(error) => Err(error),
            Self::Large(found, limit) => Ok(FileError::LargeSheet {
                shown: shown.to_owned(),
                sheet: sheet.into(),
                found: found.into(),
                limit: limit.into(),
            }),
        }
    }
}

impl<E: Into<calamine::Error>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Calamine(error.into())
    }
}

/// Cells as spreadsheets name them, from the first to the last, each with its row and column: "A5:C5".
pub(crate) fn region(start: (u32, u32), end: (u32, u32)) -> String {
    let cell = |(row, column): (u32, u32)| a1(column, u64::from(row) + 1);
    format!("{}:{}", cell(start), cell(end))
}

/// A cell as spreadsheets name it: column 0 of row 17 is "A17", column 26 "AA17".
fn a1(column: u32, row: u64) -> String {
    let mut letters = Vec::new();
    let mut rest = u64::from(column) + 1;
    while rest > 0 {
        letters.push(char::from(b'A' + ((rest - 1) % 26) as u8));
        rest = (rest - 1) / 26;
    }
    let letters: String = letters.into_iter().rev().collect();
    format!("{letters}{row}")
}

/// The cells of a sheet.
pub(crate) fn values(book: &mut Sheets<Cursor<Vec<u8>>>, sheet: &str) -> Result<Range<Data>, Stop> {
    let value = |cell: Option<Cell<DataRef<'_>>>| {
        cell.map(|cell| Cell::new(cell.get_position(), Data::from(cell.get_value().clone())))
    };
    match book {
        Sheets::Xlsx(book) => {
            let mut cells = match book.worksheet_cells_reader(sheet) {
                Err(XlsxError::NotAWorksheet(_)) => return Ok(Range::empty()),
                cells => cells?,
            };
            bounded(|| Ok(value(cells.next_cell()?)), text_of)
        }
        Sheets::Xlsb(book) => {
            let mut cells = book.worksheet_cells_reader(sheet)?;
            bounded(|| Ok(value(cells.next_cell()?)), text_of)
        }
        // These decoders have read all sheets when they opened the file.
        Sheets::Xls(_) | Sheets::Ods(_) => Ok(book.worksheet_range(sheet)?),
    }
}

/// The formulas of a sheet.
pub(crate) fn formulas(book: &mut Sheets<Cursor<Vec<u8>>>, sheet: &str) -> Result<Range<String>, Stop> {
    match book {
        Sheets::Xlsx(book) => {
            let mut cells = match book.worksheet_cells_reader(sheet) {
                Err(XlsxError::NotAWorksheet(_)) => return Ok(Range::empty()),
                cells => cells?,
            };
            bounded(|| Ok(cells.next_formula()?), String::len)
        }
        Sheets::Xlsb(book) => {
            let mut cells = book.worksheet_cells_reader(sheet)?;
            bounded(|| Ok(cells.next_formula()?), String::len)
        }
        Sheets::Xls(_) | Sheets::Ods(_) => Ok(book.worksheet_formula(sheet)?),
    }
}

/// Bytes of text in a cell.
pub(crate) fn text_of(cell: &Data) -> usize {
    match cell {
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => text.len(),
        _ => 0,
    }
}

/// Collects cells that are not empty until the rectangle around them, their number or their text is too large.
fn bounded<T: CellType>(
    mut next: impl FnMut() -> Result<Option<Cell<T>>, Stop>,
    text_of: impl Fn(&T) -> usize,
) -> Result<Range<T>, Stop> {
    let (mut cells, mut text) = (Vec::new(), 0_u64);
    let (mut start, mut end) = ((u32::MAX, u32::MAX), (0, 0));
    while let Some(cell) = next()? {
        if *cell.get_value() == T::default() {
            continue;
        }
        let (row, column) = cell.get_position();
        start = (start.0.min(row), start.1.min(column));
        end = (end.0.max(row), end.1.max(column));
        let side = |start: u32, end: u32| u64::from(end - start) + 1;
        let area = side(start.0, end.0).saturating_mul(side(start.1, end.1));
        // A cell that is written twice does not make the rectangle larger.
        if area.max(cells.len() as u64 + 1) > MOST_CELLS {
            return Err(Stop::cells(area.max(cells.len() as u64 + 1), start, end));
        }
        text += text_of(cell.get_value()) as u64;
        if text > MOST_TEXT {
            return Err(Stop::text());
        }
        cells.push(cell);
    }
    Ok(Range::from_sparse(cells))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(cells: Vec<Cell<Data>>, text: usize) -> Option<String> {
        let mut cells = cells.into_iter();
        match bounded(|| Ok(cells.next()), |_| text) {
            Err(Stop::Large(found, _)) => Some(found),
            _ => None,
        }
    }

    #[test]
    fn rectangles_and_texts_are_bounded() {
        let cell = |row, column| Cell::new((row, column), Data::Int(1));
        assert_eq!(found(vec![cell(0, 0), cell(1_048_575, 31)], 0), None);
        let far = found(vec![cell(0, 0), cell(1_048_575, 32)], 0);
        assert_eq!(far.as_deref(), Some("34,603,008 cells in A1:AG1048576"));
        let texts = found((0..4).map(|row| cell(row, 0)).collect(), MOST_TEXT as usize / 3);
        assert_eq!(texts.as_deref(), Some("more than 1,024 MB of text"));
        assert_eq!(found((0..4).map(|row| cell(row, 0)).collect(), MOST_TEXT as usize / 4), None);
    }

    #[test]
    fn cells_are_named_as_in_spreadsheets() {
        let cells: Vec<String> = [0, 25, 26, 51, 52, 701, 702].map(|column| a1(column, 1)).to_vec();
        assert_eq!(cells, ["A1", "Z1", "AA1", "AZ1", "BA1", "ZZ1", "AAA1"]);
    }
}
