//! A table with all its columns, typed column by column, as the accounts of a CRM need it.

use cltv_accounts::{AccountTable, Column as Typed, Values};
use cltv_tables::dates::{self, DateOptions};
use cltv_tables::header::{self, AllColumns};
use cltv_tables::kinds::{self, Kind, Kinds};
use cltv_tables::numbers::{self, DecimalMark, NumberOptions};
use cltv_tables::{Column, MICROS_PER_DAY, NO_DAY, ReadOptions, Table, TableError, Value, resolve_path};

use crate::error::Error;

/// How a table of accounts is read; "" and 0 find it.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    pub(crate) sheet: String,
    pub(crate) header_row: u64,
    pub(crate) encoding: String,
    pub(crate) mark: Option<DecimalMark>,
    pub(crate) dates: DateOptions,
}

/// Reads all columns of a file, or of the bytes of an embedded one with its file name.
///
/// The header is the first row that is mostly filled, mostly with words. Cells merged downwards all get the value of
/// their first, rows of totals are left out, and each column gets the kind that four fifths of its values have.
///
/// # Errors
/// [`Error::File`]: the file, equal headings, values without a heading, merges over several columns, error cells, and
/// values that are not of their column's kind; the errors of all columns are given together.
pub(crate) fn read(
    source: &str,
    embedded: Option<(&str, &[u8])>,
    reading: &Reading,
) -> Result<AccountTable, Error> {
    let options = ReadOptions {
        sheet: reading.sheet.clone(),
        header_row: reading.header_row,
        encoding: reading.encoding.clone(),
        fill_merged: true,
        ..ReadOptions::default()
    };
    let all = AllColumns::default();
    let table = match embedded {
        Some((name, bytes)) => {
            cltv_tables::read_bytes(name, bytes, &options, &|header| all.places(source, header))?
        }
        None => {
            cltv_tables::read(source, &resolve_path, &options, &|shown, header| all.places(shown, header))?
        }
    };
    typed(source, table, reading)
}

fn typed(source: &str, mut table: Table, reading: &Reading) -> Result<AccountTable, Error> {
    header::check(&mut table)?;
    table.leave_out_totals();
    let columns = std::mem::take(&mut table.columns);
    let (mut found, mut errors) = (Vec::new(), Vec::new());
    for column in &columns {
        match values(&mut table, column, reading) {
            Ok(values) => found.push(Typed::new(&column.name, values)),
            Err(error) => errors.push(error),
        }
    }
    match errors.len() {
        0 => {}
        1 => return Err(errors.remove(0).into()),
        _ => return Err(TableError::Several { errors }.into()),
    }
    let line = |row: u64| u32::try_from(table.places.line(row)).unwrap_or(u32::MAX);
    let rows = (0..table.places.len()).map(line).collect();
    let notes = table.warnings.iter().chain(&table.notes).cloned().collect();
    let accounts = AccountTable::new(source, found)?.with_rows(rows)?;
    Ok(accounts.with_sheet(table.places.sheet()).with_notes(notes))
}

/// The values of a column by the kind of most of them; notes say what is not as it was written.
fn values(table: &mut Table, column: &Column, reading: &Reading) -> Result<Values, TableError> {
    kinds::refuse_errors(table, column)?;
    let kinds = Kinds::of(column);
    match kinds.kind() {
        Kind::Number => {
            let remedy = ", or empty the cells";
            let numbers = numbers::read(table, column, NumberOptions { mark: reading.mark, remedy })?;
            note_numbers_as_text(table, column, &kinds);
            Ok(Values::Number(numbers.into_iter().map(|n| (!n.is_nan()).then_some(n)).collect()))
        }
        Kind::Date => {
            let day = |day: i32| if day == NO_DAY { None } else { cltv_tables::date(day) };
            let days = dates::read(table, column, &reading.dates)?;
            Ok(Values::Date(days.into_iter().map(day).collect()))
        }
        Kind::Flag => kinds::read_flags(table, column).map(Values::Flag),
        Kind::Text => {
            if (1..kinds.values).contains(&kinds.numbers) {
                table.notes.push(format!(
                    "Column {:?} is read as texts; {} of its {} values are numbers.",
                    column.name, kinds.numbers, kinds.values
                ));
            }
            let text = |row| column.cells.value(row).map(|value| text(&value));
            Ok(Values::Text((0..column.cells.len()).map(text).collect()))
        }
    }
}

/// In a workbook, numbers can be numbers; those that are text are worth a note.
fn note_numbers_as_text(table: &mut Table, column: &Column, kinds: &Kinds) {
    if kinds.numbers_as_text == 0 || table.places.sheet().is_empty() {
        return;
    }
    let (n, name) = (cltv_protocol::text::counted(kinds.numbers_as_text, "number"), &column.name);
    let percent = match kinds.percentages {
        0 => String::new(),
        n => format!(", {n} of them with a percent sign (12% is 0.12)"),
    };
    table.notes.push(format!("{n} of column {name:?} stood as text{percent}."));
}

/// A value as text, with one blank for each run of blanks; a date without a time is its day.
fn text(value: &Value<'_>) -> String {
    match *value {
        Value::Stamp(at) if at.rem_euclid(MICROS_PER_DAY) == 0 => {
            Value::Day((at / MICROS_PER_DAY) as i32).shown().into_owned()
        }
        _ => value.shown().split_whitespace().collect::<Vec<_>>().join(" "),
    }
}
