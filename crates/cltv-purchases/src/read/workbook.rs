//! Workbooks (xlsx, xlsm, xlsb, xls, ods), read with calamine.

use std::io::Cursor;

use calamine::{Data, ExcelDateTime, Range, Reader, Sheets, open_workbook_auto_from_rs};
use chrono::{NaiveDate, NaiveDateTime};

use crate::error::{DataError, FileError};
use crate::source::Source;
use crate::table::{Cell, Columns, Table, print_of};

pub(crate) fn read(source: &Source, bytes: Vec<u8>) -> Result<Table, DataError> {
    let mut book =
        open_workbook_auto_from_rs(Cursor::new(bytes)).map_err(|error| malformed(source, &error))?;
    let (name, range) = find_sheet(source, &mut book)?;
    let first_row = range.start().map_or(0, |(row, _)| row);
    let mut rows = range
        .rows()
        .zip(u64::from(first_row) + 1..)
        .filter(|(cells, _)| cells.iter().any(|cell| !is_blank(cell)));
    let header: Vec<String> =
        rows.next().map(|(cells, _)| cells.iter().map(heading).collect()).unwrap_or_default();
    let at = Columns::locate(source, &header)?;
    let mut table = Table {
        names: at.names(&header),
        where_word: "row",
        serial_dates: true,
        notes: vec![format!("Sheet {name:?} is read.")],
        ..Table::default()
    };
    for (cells, row) in rows {
        let print = print_of(cells.iter().map(|cell| cell_of(cell).shown()));
        table.push(&at, row, print, |column| cell_of(&cells[column]));
    }
    if table.rows.is_empty() {
        return Err(FileError::NoRows { shown: source.transactions.clone(), columns: header }.into());
    }
    Ok(table)
}

fn malformed(source: &Source, error: &calamine::Error) -> FileError {
    FileError::Malformed {
        shown: source.transactions.clone(),
        named: "workbook".to_owned(),
        reason: error.to_string(),
    }
}

type Book = Sheets<Cursor<Vec<u8>>>;

fn find_sheet(source: &Source, book: &mut Book) -> Result<(String, Range<Data>), FileError> {
    let names = book.sheet_names();
    let asked = source.sheet.trim();
    if !asked.is_empty() && !names.iter().any(|name| name == asked) {
        return Err(FileError::UnknownSheet {
            shown: source.transactions.clone(),
            sheet: asked.to_owned(),
            sheets: names,
        });
    }
    let wanted = names.iter().filter(|name| asked.is_empty() || *name == asked);
    for name in wanted {
        let range = book.worksheet_range(name).map_err(|error| malformed(source, &error))?;
        if range.used_cells().any(|(_, _, cell)| !is_blank(cell)) {
            return Ok((name.clone(), range));
        }
    }
    Err(FileError::Empty {
        shown: match asked {
            "" => source.transactions.clone(),
            sheet => format!("{} (sheet {sheet})", source.transactions),
        },
    })
}

fn is_blank(cell: &Data) -> bool {
    match cell {
        Data::Empty => true,
        Data::String(text) => text.trim().is_empty(),
        _ => false,
    }
}

fn heading(cell: &Data) -> String {
    match cell {
        Data::Empty => String::new(),
        Data::String(text) => text.clone(),
        other => cell_of(other).shown().unwrap_or_default(),
    }
}

fn cell_of(cell: &Data) -> Cell {
    match cell {
        Data::Empty => Cell::Missing,
        Data::Int(n) => Cell::Int(*n),
        Data::Float(n) => Cell::Number(*n),
        Data::Bool(truth) => Cell::Text(truth.to_string()),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => Cell::text(text),
        Data::Error(error) => Cell::text(&error.to_string()),
        Data::DateTime(at) if at.is_datetime() => {
            stamp(at).map_or_else(|| Cell::Number(at.as_f64()), Cell::Stamp)
        }
        Data::DateTime(duration) => Cell::Number(duration.as_f64()),
    }
}

fn stamp(at: &ExcelDateTime) -> Option<NaiveDateTime> {
    let (year, month, day, hour, minute, second, milli) = at.to_ymd_hms_milli();
    NaiveDate::from_ymd_opt(year.into(), month.into(), day.into())?.and_hms_milli_opt(
        hour.into(),
        minute.into(),
        second.into(),
        milli.into(),
    )
}
