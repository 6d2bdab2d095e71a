//! Workbooks, read with calamine.

use std::io::Cursor;

use calamine::{Data, Dimensions, Range, Reader, Sheets, open_workbook_auto_from_rs};
use chrono::NaiveDate;

use super::error::ReadError;
use super::grid::{Cell, Grid, GridRow, WideMerge};
use super::source::TableSource;
use crate::text::quoted;

type Book = Sheets<Cursor<Vec<u8>>>;

pub(crate) fn read(source: &TableSource, bytes: &[u8]) -> Result<Grid, ReadError> {
    let mut book = open_workbook_auto_from_rs(Cursor::new(bytes.to_vec()))
        .map_err(|error| malformed(source, &error.to_string()))?;
    let (name, range) = find_sheet(source, &mut book)?;
    let formulas = book.worksheet_formula(&name).map_err(|error| malformed(source, &error.to_string()))?;
    let others: Vec<String> = book.sheet_names().into_iter().filter(|other| *other != name).collect();
    let mut grid = Grid { sheet: name, ..Grid::default() };
    if !others.is_empty() {
        grid.notes.push(format!("Sheet {:?} is read; not read: {}.", grid.sheet, quoted(&others)));
    }
    let mut rows = rows_of(&range, &formulas);
    for merge in merges(source, &mut book, &grid.sheet)? {
        grid.apply(&merge, &mut rows);
    }
    rows.retain(|row| row.cells.iter().any(|cell| *cell != Cell::Missing));
    grid.rows = rows;
    Ok(grid)
}

fn malformed(source: &TableSource, reason: &str) -> ReadError {
    ReadError::Malformed {
        shown: source.shown.clone(),
        kind: "workbook".to_owned(),
        reason: reason.to_owned(),
    }
}

fn find_sheet(source: &TableSource, book: &mut Book) -> Result<(String, Range<Data>), ReadError> {
    let names = book.sheet_names();
    let asked = source.sheet.trim();
    if !asked.is_empty() && !names.iter().any(|name| name == asked) {
        let sheet = asked.to_owned();
        return Err(ReadError::UnknownSheet { shown: source.shown.clone(), sheet, sheets: names });
    }
    for name in names.iter().filter(|name| asked.is_empty() || *name == asked) {
        let range = book.worksheet_range(name).map_err(|error| malformed(source, &error.to_string()))?;
        if range.used_cells().any(|(_, _, cell)| *cell != Data::Empty) {
            return Ok((name.clone(), range));
        }
    }
    let which = if asked.is_empty() { "every sheet".to_owned() } else { format!("sheet {asked:?}") };
    Err(malformed(source, &format!("{which} is empty")))
}

/// Every row from the first that is used, blank ones too, each from column A on.
fn rows_of(range: &Range<Data>, formulas: &Range<String>) -> Vec<GridRow> {
    let Some((first_row, first_column)) = range.start() else {
        return Vec::new();
    };
    let row = |(row, cells): (u32, &[Data])| {
        let before = vec![Cell::Missing; first_column as usize];
        let cell = |(column, data): (u32, &Data)| match (cell_of(data), formulas.get_value((row, column))) {
            (Cell::Missing, Some(formula)) if !formula.is_empty() && *data == Data::Empty => {
                Cell::NoValue(formula.clone())
            }
            (cell, _) => cell,
        };
        GridRow {
            number: row + 1,
            cells: before.into_iter().chain((first_column..).zip(cells).map(cell)).collect(),
        }
    };
    (first_row..).zip(range.rows()).map(row).collect()
}

fn cell_of(data: &Data) -> Cell {
    match data {
        Data::Empty => Cell::Missing,
        Data::Int(n) => Cell::Number(*n as f64),
        Data::Float(n) => Cell::Number(*n),
        Data::Bool(flag) => Cell::Flag(*flag),
        Data::String(text) | Data::DurationIso(text) => Cell::text(text),
        Data::DateTimeIso(text) => match super::days::day(text, super::days::Order::DayFirst) {
            Some(day) => Cell::Day(day),
            None => Cell::text(text),
        },
        Data::Error(error) => Cell::Error(error.to_string()),
        Data::DateTime(at) if at.is_datetime() => {
            let (year, month, day, ..) = at.to_ymd_hms_milli();
            let day = NaiveDate::from_ymd_opt(year.into(), month.into(), day.into());
            day.map_or_else(|| Cell::Number(at.as_f64()), Cell::Day)
        }
        Data::DateTime(duration) => Cell::Number(duration.as_f64()),
    }
}

/// The merged regions, which calamine gives for xlsx files only.
fn merges(source: &TableSource, book: &mut Book, sheet: &str) -> Result<Vec<Dimensions>, ReadError> {
    match book {
        Sheets::Xlsx(book) => {
            book.merge_cells_by_sheet_name(sheet).map_err(|error| malformed(source, &error.to_string()))
        }
        _ => Ok(Vec::new()),
    }
}

impl Grid {
    /// Gives every cell of a merge within one column the value of its first.
    fn apply(&mut self, merge: &Dimensions, rows: &mut [GridRow]) {
        let (first, last) = (merge.start, merge.end);
        let column = first.1 as usize;
        if first.1 != last.1 {
            let (row, last_row) = (first.0 + 1, last.0 + 1);
            self.wide_merges.push(WideMerge { row, last_row, column, last_column: last.1 as usize });
            return;
        }
        let within = |row: &GridRow| (first.0 + 1..=last.0 + 1).contains(&row.number);
        let value =
            rows.iter().find(|row| row.number == first.0 + 1).and_then(|row| row.cells.get(column).cloned());
        let Some(value) = value else { return };
        for row in rows.iter_mut().filter(|row| within(row)) {
            if let Some(cell) = row.cells.get_mut(column) {
                *cell = value.clone();
            }
        }
        let region =
            format!("{}:{}", super::grid::a1(column, first.0 + 1), super::grid::a1(column, last.0 + 1));
        self.notes.push(format!("{region} is merged; each of its rows gets {:?}.", value.shown()));
    }
}
