//! The search for the header, the same in text files and in sheets.

use std::cell::RefCell;

use crate::error::TableError;
use crate::file_error::FileError;
use crate::table::Table;
use crate::words::trimmed;

/// Rows in which the header is looked for.
pub(crate) const HEADER_ROWS: usize = 50;

/// Columns that are read: no table of customers or purchases has more, and each takes memory of its own.
pub(crate) const MOST_COLUMNS: usize = 4096;

/// Says which columns of a header are read, or why it cannot be the header.
pub type Wanted<'a> = dyn Fn(&[String]) -> Result<Vec<usize>, TableError> + 'a;

/// [`Wanted`] for several files, each with its name.
pub type WantedIn<'a> = dyn Fn(&str, &[String]) -> Result<Vec<usize>, TableError> + 'a;

/// A header that was found.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Found {
    pub(crate) names: Vec<String>,
    pub(crate) line: u64,
    pub(crate) columns: Vec<usize>,
}

/// The places of the wanted columns among the names of a header; too many of them are refused.
pub(crate) fn places(shown: &str, names: &[String], wanted: &Wanted<'_>) -> Result<Vec<usize>, TableError> {
    let places = wanted(names)?;
    if places.len() > MOST_COLUMNS {
        let (shown, found) = (shown.to_owned(), places.len());
        return Err(FileError::ManyColumns { shown, found, limit: MOST_COLUMNS }.into());
    }
    Ok(places)
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
        places(shown, &names, wanted).map(|columns| Found { names, line: *line, columns })
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

/// Wants all columns of the first file or sheet, and the same columns of the others, in any order.
///
/// A header is the first row whose columns are mostly filled, mostly with words.
#[derive(Debug, Default)]
pub struct AllColumns {
    first: RefCell<Option<Vec<String>>>,
}

impl AllColumns {
    /// The places of the columns among the names of a row; those without a heading come last.
    ///
    /// # Errors
    /// [`FileError::NoHeader`] when the row cannot be a header, [`FileError::OtherColumns`] when a column of the
    /// first header is missing.
    pub fn places(&self, shown: &str, names: &[String]) -> Result<Vec<usize>, TableError> {
        let nameless = || (0..names.len()).filter(|&at| names[at].is_empty());
        let mut first = self.first.borrow_mut();
        let Some(first) = &*first else {
            if !is_header(names) {
                return Err(FileError::NoHeader { shown: shown.to_owned() }.into());
            }
            *first = Some(names.iter().filter(|name| !name.is_empty()).cloned().collect());
            return Ok((0..names.len()).filter(|&at| !names[at].is_empty()).chain(nameless()).collect());
        };
        let place = |wanted: &String| {
            names.iter().position(|name| name == wanted).ok_or_else(|| FileError::OtherColumns {
                shown: shown.to_owned(),
                column: wanted.clone(),
                columns: names.to_vec(),
            })
        };
        let named = first.iter().map(place).collect::<Result<Vec<usize>, FileError>>()?;
        Ok(named.into_iter().chain(nameless()).collect())
    }
}

/// Whether a row looks like names: at least 60% of its columns are filled, more than half of these with words.
fn is_header(names: &[String]) -> bool {
    let is_word = |name: &&String| name.parse::<f64>().is_err() && !name.is_empty();
    let filled = names.iter().filter(|name| !name.is_empty()).count();
    let words = names.iter().filter(is_word).count();
    filled > 1 && 10 * filled >= 6 * names.len() && 2 * words > filled
}

/// Refuses equal headings and values without a heading, and takes the empty columns without one out.
///
/// # Errors
/// [`FileError::SameHeading`] or [`FileError::NoHeading`].
pub fn check(table: &mut Table) -> Result<(), TableError> {
    let shown = || table.shown.clone();
    for column in table.columns.iter().filter(|column| !column.name.is_empty()) {
        let times = table.columns.iter().filter(|other| other.name == column.name).count();
        if times > 1 {
            return Err(FileError::SameHeading { shown: shown(), column: column.name.clone(), times }.into());
        }
    }
    for column in table.columns.iter().filter(|column| column.name.is_empty()) {
        if let Some(row) = (0..column.cells.len()).find(|&row| column.cells.value(row).is_some()) {
            let (place, value) = (Box::new(table.places.place(row as u64)), column.cells.shown(row));
            return Err(FileError::NoHeading { shown: shown(), place, value }.into());
        }
    }
    table.columns.retain(|column| !column.name.is_empty());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::column::Column;

    fn names(names: &str) -> Vec<String> {
        names.split(',').map(str::to_owned).collect()
    }

    #[test]
    fn other_files_must_have_the_columns_of_the_first() {
        let all = AllColumns::default();
        assert!(all.places("a.csv", &names("Accounts of 2024,,,")).is_err());
        assert!(all.places("a.csv", &names("A-1,5,6")).is_err());
        assert_eq!(all.places("a.csv", &names("account,,income,2024-01")).unwrap(), [0, 2, 3, 1]);
        assert_eq!(all.places("b.csv", &names("2024-01,account,income")).unwrap(), [1, 2, 0]);
        let error = all.places("c.csv", &names("account,income,plan")).unwrap_err().to_string();
        assert!(error.starts_with("\"c.csv\" has no column \"2024-01\""), "{error}");
    }

    #[test]
    fn equal_headings_and_values_without_a_heading_are_refused() {
        let table = |name: &str, value: &str| {
            let mut table = Table { shown: "crm.csv".into(), ..Table::default() };
            table.places.start("crm.csv", "", "line");
            table.places.push(2);
            for (name, value) in [("account", "A-1"), (name, value)] {
                let mut column = Column { name: name.into(), ..Column::default() };
                column.cells.push_text(value.as_bytes());
                table.columns.push(column);
            }
            table
        };
        let twice = check(&mut table("account", "5")).unwrap_err().to_string();
        assert!(twice.contains("2 columns called \"account\""), "{twice}");
        let stray = check(&mut table("", "5")).unwrap_err().to_string();
        assert!(stray.contains("the value \"5\" in line 2 but no heading"), "{stray}");
        let mut blank = table("", "");
        check(&mut blank).unwrap();
        assert_eq!(blank.columns.len(), 1);
    }
}
