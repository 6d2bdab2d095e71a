//! Text files, read with the csv crate.

use csv::ReaderBuilder;

use super::error::ReadError;
use super::grid::{Cell, Grid, GridRow};
use super::source::TableSource;

const SEPARATORS: [u8; 4] = [b',', b';', b'\t', b'|'];
/// Records that are looked at to find the separator.
const RECORDS_SEEN: usize = 50;

pub(crate) fn read(source: &TableSource, bytes: &[u8]) -> Result<Grid, ReadError> {
    let malformed = |reason: String| ReadError::Malformed {
        shown: source.shown.clone(),
        kind: "csv file".to_owned(),
        reason,
    };
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let line = 1 + bytes[..error.valid_up_to()].iter().filter(|&&b| b == b'\n').count();
        malformed(format!("line {line} is not UTF-8; save it as \"CSV UTF-8\""))
    })?;
    let text = text.trim_start_matches('\u{feff}');
    let separator = match source.separator {
        Some(given) => u8::try_from(given).map_err(|_| {
            malformed(format!("the separator {given:?} is no single byte; use , ; | or a tab"))
        })?,
        None => find_separator(text),
    };
    let mut rows = Vec::new();
    for record in reader(text, separator).records() {
        let record = record.map_err(|error| malformed(error.to_string()))?;
        let number = record.position().map_or(0, |at| at.line() as u32);
        rows.push(GridRow { number, cells: record.iter().map(Cell::text).collect() });
    }
    rows.retain(|row| row.cells.iter().any(|cell| *cell != Cell::Missing));
    let notes = vec![format!("The columns are separated by {:?}.", char::from(separator))];
    let grid = Grid { rows, comma_separated: separator == b',', notes, ..Grid::default() };
    check_width(source, &grid).map_err(malformed)?;
    Ok(grid)
}

fn reader(text: &str, separator: u8) -> csv::Reader<&[u8]> {
    ReaderBuilder::new().delimiter(separator).has_headers(false).flexible(true).from_reader(text.as_bytes())
}

/// The separator that cuts most of the first records into the same number of fields, above one.
fn find_separator(text: &str) -> u8 {
    let score = |separator: u8| {
        let widths: Vec<usize> = reader(text, separator)
            .records()
            .take(RECORDS_SEEN)
            .flatten()
            .map(|record| record.len())
            .collect();
        let width = widths.iter().copied().max().unwrap_or(0);
        if width < 2 { 0 } else { widths.iter().filter(|&&other| other == width).count() }
    };
    let best = SEPARATORS.into_iter().rev().max_by_key(|&separator| score(separator));
    best.filter(|&separator| score(separator) > 0).unwrap_or(b',')
}

/// Rows from the header on must be as wide as it is: a longer one holds the separator unquoted.
fn check_width(source: &TableSource, grid: &Grid) -> Result<(), String> {
    let Some(at) = grid.header_place(source) else {
        return Ok(());
    };
    let width = grid.rows[at].cells.len();
    match grid.rows[at..].iter().find(|row| row.cells.len() != width) {
        None => Ok(()),
        Some(row) => Err(format!(
            "line {} has {} fields where the header has {width}; quote values that hold the separator",
            row.number,
            row.cells.len()
        )),
    }
}
