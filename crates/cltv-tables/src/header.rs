//! The search for the header, the same in text files and in sheets.

use crate::error::TableError;
use crate::file_error::FileError;
use crate::words::trimmed;

/// Rows in which the header is looked for.
pub(crate) const HEADER_ROWS: usize = 50;

/// Says which columns of a header are read, or why it cannot be the header.
pub type Wanted<'a> = dyn Fn(&[String]) -> Result<Vec<usize>, TableError> + 'a;

/// A header that was found.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Found {
    pub(crate) names: Vec<String>,
    pub(crate) line: u64,
    pub(crate) columns: Vec<usize>,
}

/// Finds the header among the first rows, each with its line.
///
/// With `header_row` it is the row on that line. Otherwise it is the first row that has all the wanted columns, so
/// that titles above it do no harm; when no row has them, the error is that of the first row that is as wide as most.
pub(crate) fn find(
    header_row: u64,
    shown: &str,
    rows: &[(u64, &[String])],
    wanted: &Wanted<'_>,
) -> Result<Found, TableError> {
    let found = |(line, fields): &(u64, &[String])| {
        let names: Vec<String> = fields.iter().map(|name| trimmed(name).to_owned()).collect();
        wanted(&names).map(|columns| Found { names, line: *line, columns })
    };
    if header_row > 0 {
        let row = rows.iter().find(|(line, _)| *line == header_row);
        let row = row.ok_or_else(|| FileError::NoHeaderRow { shown: shown.to_owned(), row: header_row })?;
        return found(row);
    }
    let likely = rows.iter().take(HEADER_ROWS);
    if let Some(found) = likely.clone().find_map(|row| found(row).ok()) {
        return Ok(found);
    }
    let width = |row: &&(u64, &[String])| row.1.iter().filter(|name| !name.trim().is_empty()).count();
    let widest = likely.clone().map(|row| width(&row)).max().unwrap_or(0);
    let row = likely.clone().find(|row| 10 * width(row) >= 6 * widest);
    row.map_or_else(|| Err(FileError::Empty { shown: shown.to_owned() }.into()), found)
}

/// Takes all columns whose row looks like names: most of the width is filled, mostly with words.
///
/// # Errors
/// [`TableError`] when the row has no names.
pub fn all_named(shown: &str, names: &[String]) -> Result<Vec<usize>, TableError> {
    let is_word = |name: &&String| name.parse::<f64>().is_err() && !name.is_empty();
    let filled = names.iter().filter(|name| !name.is_empty()).count();
    let words = names.iter().filter(is_word).count();
    if filled > 1 && 10 * filled >= 6 * names.len() && 2 * words > filled {
        return Ok((0..names.len()).filter(|&i| !names[i].is_empty()).collect());
    }
    Err(TableError::UnrecognisedColumn {
        shown: shown.to_owned(),
        role: "names of the columns",
        parameter: "header_row",
        columns: names.to_vec(),
    })
}
