//! Workbooks (xlsx, xlsm, xlsb, xls, ods), read with calamine.

use std::io::Cursor;

use calamine::{Data, Dimensions, ExcelDateTime, Range, Reader as _, SheetType, SheetVisible, Sheets};
use chrono::NaiveDate;

use crate::announced;
use crate::column::Column;
use crate::decoder;
use crate::error::TableError;
use crate::file_error::FileError;
use crate::header::{self, Found, HEADER_ROWS, Wanted};
use crate::merges;
use crate::options::ReadOptions;
use crate::sheet_cells::{self, Stop};
use crate::table::{Table, mixed};
use crate::unpacked::refuse_large_archive;
use crate::value::{Value, hash_of};
use crate::words::{quote, quote_path, quoted};

/// What a file is called whose decoder fails.
const NAMED: &str = "workbook";

type Book = Sheets<Cursor<Vec<u8>>>;

/// Reads the wanted columns of a workbook to the end of a table.
pub(crate) fn read(
    shown: &str,
    bytes: Vec<u8>,
    options: &ReadOptions,
    wanted: &Wanted<'_>,
    table: &mut Table,
) -> Result<(), TableError> {
    refuse_large_archive(shown, &bytes)?;
    let size = decoder::run(shown, NAMED, || announced::check(&bytes))?;
    size.map_err(|stop| stopped(shown, "", stop))?;
    let book = decoder::run(shown, NAMED, || calamine::open_workbook_auto_from_rs(Cursor::new(bytes)))?;
    let mut reader =
        Workbook { shown, book: book.map_err(|error| malformed(shown, &error))?, options, wanted };
    table.serial_dates = true;
    match options.sheet.trim() {
        "" => reader.first_sheet(table),
        "*" => reader.all_sheets(table),
        name => reader.named_sheet(name, table),
    }
}

pub(crate) fn refuse_html(shown: &str, bytes: &[u8]) -> Result<(), FileError> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(4096)]).to_lowercase();
    let html = ["<html", "<!doctype html", "<table", "<meta"].iter().any(|tag| head.contains(tag));
    let xml = head.trim_start_matches('\u{feff}').trim_start().starts_with("<?xml");
    if html || xml { Err(FileError::Html { shown: shown.to_owned() }) } else { Ok(()) }
}

fn malformed(shown: &str, error: &calamine::Error) -> TableError {
    let reason = error.to_string();
    let shown = shown.to_owned();
    if reason.to_lowercase().contains("password") {
        return FileError::Password { shown }.into();
    }
    FileError::Malformed { shown, named: NAMED.to_owned(), reason }.into()
}

/// The error of a sheet whose cells are not read.
fn stopped(shown: &str, sheet: &str, stop: Stop) -> TableError {
    stop.of_sheet(shown, sheet).map_or_else(|error| malformed(shown, &error), TableError::from)
}

struct Workbook<'a> {
    shown: &'a str,
    book: Book,
    options: &'a ReadOptions,
    wanted: &'a Wanted<'a>,
}

/// A sheet with its header.
struct Sheet {
    name: String,
    range: Range<Data>,
    header: Found,
}

impl Workbook<'_> {
    /// The first visible sheet that holds cells; other sheets with the same columns are named in a warning.
    fn first_sheet(&mut self, table: &mut Table) -> Result<(), TableError> {
        let names = self.sheets();
        let mut first = None;
        for name in &names {
            let range = self.range(name)?;
            if !is_blank(&range) {
                first = Some((name.clone(), range));
                break;
            }
        }
        let (name, range) = first.ok_or_else(|| FileError::Empty { shown: self.shown.to_owned() })?;
        // The header of the sheet that is read comes first: it may decide which columns the others must have.
        let header = match self.header(&name, &range) {
            Err(error) => return Err(elsewhere(error, &self.sheets_with_columns(&name)?)),
            Ok(header) => header,
        };
        let others = self.sheets_with_columns(&name)?;
        if !others.is_empty() {
            table.warnings.push(format!(
                "Only sheet {} of {} is read; {} the same columns and {} not read (sheet \"*\" reads all of them).",
                quote(&name),
                quote_path(self.shown),
                if others.len() == 1 {
                    format!("the sheet {} has", quoted(&others))
                } else {
                    format!("the sheets {} have", quoted(&others))
                },
                if others.len() == 1 { "is" } else { "are" },
            ));
        }
        table.add_notes(vec![format!("Sheet {} is read.", quote(&name))]);
        self.add(&Sheet { name, range, header }, table)
    }

    fn named_sheet(&mut self, name: &str, table: &mut Table) -> Result<(), TableError> {
        let sheets = self.book.sheet_names();
        if !sheets.iter().any(|sheet| sheet == name) {
            let (shown, sheet) = (self.shown.to_owned(), name.to_owned());
            return Err(FileError::UnknownSheet { shown, sheet, sheets }.into());
        }
        let range = self.range(name)?;
        if is_blank(&range) {
            return Err(FileError::Empty { shown: format!("{} (sheet {name})", self.shown) }.into());
        }
        let header = match self.header(name, &range) {
            Err(error) => return Err(elsewhere(error, &self.sheets_with_columns(name)?)),
            Ok(header) => header,
        };
        table.add_notes(vec![format!("Sheet {} is read.", quote(name))]);
        self.add(&Sheet { name: name.to_owned(), range, header }, table)
    }

    fn all_sheets(&mut self, table: &mut Table) -> Result<(), TableError> {
        let (mut read, mut left, mut error) = (Vec::new(), Vec::new(), None);
        for name in self.sheets() {
            let range = self.range(&name)?;
            if is_blank(&range) {
                continue;
            }
            match self.header(&name, &range) {
                Ok(header) => {
                    self.add(&Sheet { name: name.clone(), range, header }, table)?;
                    read.push(name);
                }
                Err(missing) => {
                    left.push(name);
                    error.get_or_insert(missing);
                }
            }
        }
        if read.is_empty() {
            return Err(error.unwrap_or_else(|| FileError::Empty { shown: self.shown.to_owned() }.into()));
        }
        let mut notes = vec![format!("The sheets {} are read.", quoted(&read))];
        if !left.is_empty() {
            notes.push(format!("Without the columns, and not read: {}.", quoted(&left)));
        }
        table.add_notes(notes);
        Ok(())
    }

    /// The names of the visible sheets, or of all where none is visible.
    fn sheets(&self) -> Vec<String> {
        let all = self.book.sheets_metadata();
        let shown = |sheet: &&calamine::Sheet| sheet.visible == SheetVisible::Visible;
        let cells = all.iter().filter(|sheet| sheet.typ == SheetType::WorkSheet);
        let visible: Vec<String> = cells.clone().filter(shown).map(|sheet| sheet.name.clone()).collect();
        if visible.is_empty() { cells.map(|sheet| sheet.name.clone()).collect() } else { visible }
    }

    /// The other visible sheets that have the wanted columns and rows under them.
    fn sheets_with_columns(&mut self, but: &str) -> Result<Vec<String>, TableError> {
        let mut found = Vec::new();
        for name in self.sheets().into_iter().filter(|name| name != but) {
            let range = self.range(&name)?;
            if !is_blank(&range) && self.header(&name, &range).is_ok() {
                found.push(name);
            }
        }
        Ok(found)
    }

    /// The cells of a sheet, with merged regions filled where that is wanted.
    fn range(&mut self, name: &str) -> Result<Range<Data>, TableError> {
        let book = &mut self.book;
        let range = decoder::run(self.shown, NAMED, || sheet_cells::values(book, name))?;
        let range = range.map_err(|stop| stopped(self.shown, name, stop))?;
        if !self.options.fill_merged {
            return Ok(range);
        }
        let merges = self.merged(name)?;
        merges::fill(range, &merges).map_err(|stop| stopped(self.shown, name, stop))
    }

    /// The merged regions, which calamine gives for xlsx files only.
    fn merged(&mut self, name: &str) -> Result<Vec<Dimensions>, TableError> {
        let Sheets::Xlsx(book) = &mut self.book else { return Ok(Vec::new()) };
        let regions = decoder::run(self.shown, NAMED, || book.merge_cells_by_sheet_name(name))?;
        regions.map_err(|error| malformed(self.shown, &error.into()))
    }

    /// Refuses regions over several columns, and notes which ones are filled.
    fn check_merged(&mut self, sheet: &Sheet, table: &mut Table) -> Result<(), TableError> {
        let (regions, header) = (self.merged(&sheet.name)?, sheet.header.line);
        merges::refuse_wide(self.shown, &sheet.name, header, &regions, &sheet.range)?;
        table.add_notes(merges::notes(header, &regions, &sheet.range));
        Ok(())
    }

    fn header(&self, name: &str, range: &Range<Data>) -> Result<Found, TableError> {
        let first = u64::from(range.start().map_or(0, |(row, _)| row)) + 1;
        let used = (first..).zip(range.rows()).filter(|(_, cells)| cells.iter().any(|cell| !blank(cell)));
        let take = if self.options.header_row > 0 { usize::MAX } else { HEADER_ROWS };
        let named = |(line, cells): (u64, &[Data])| (line, cells.iter().map(heading).collect());
        let rows: Vec<(u64, Vec<String>)> =
            decoder::run(self.shown, NAMED, || used.take(take).map(named).collect())?;
        let rows: Vec<(u64, &[String])> =
            rows.iter().map(|(line, names)| (*line, names.as_slice())).collect();
        let shown = match self.options.sheet.trim() {
            "" => self.shown.to_owned(),
            _ => format!("{} (sheet {name})", self.shown),
        };
        header::find(self.options.header_row, &shown, &rows, self.wanted)
    }

    fn add(&mut self, sheet: &Sheet, table: &mut Table) -> Result<(), TableError> {
        let first = u64::from(sheet.range.start().map_or(0, |(row, _)| row)) + 1;
        let skipped = (sheet.header.line - first) as usize + 1;
        let mut columns: Vec<Column> = sheet
            .header
            .columns
            .iter()
            .map(|&at| Column { name: sheet.header.names[at].clone(), ..Column::default() })
            .collect();
        let formulas = self.formulas(sheet, skipped)?;
        if self.options.fill_merged {
            self.check_merged(sheet, table)?;
        }
        table.places.start(self.shown, &sheet.name, "row");
        let before = table.len();
        decoder::run(self.shown, NAMED, || {
            self.add_rows(sheet, skipped, formulas.as_ref(), &mut columns, table)
        })?;
        if table.len() == before {
            let columns = sheet.header.names.clone();
            return Err(FileError::NoRows { shown: self.shown.to_owned(), columns }.into());
        }
        if skipped > 1 {
            table.add_notes(vec![format!("The header is found in row {}.", sheet.header.line)]);
        }
        table.append(columns, &sheet.header.names);
        Ok(())
    }

    /// Adds the rows below the first ones to the columns.
    fn add_rows(
        &self,
        sheet: &Sheet,
        skipped: usize,
        formulas: Option<&Range<String>>,
        columns: &mut [Column],
        table: &mut Table,
    ) {
        let (row, first_column) = sheet.range.start().unwrap_or_default();
        let first = u64::from(row) + 1;
        for (line, cells) in (first..).zip(sheet.range.rows()).skip(skipped) {
            if cells.iter().all(blank) {
                continue;
            }
            for (column, &at) in columns.iter_mut().zip(&sheet.header.columns) {
                let cell = cells.get(at).unwrap_or(&Data::Empty);
                let formula = formulas.filter(|_| matches!(cell, Data::Empty));
                let place = (line as u32 - 1, at as u32 + first_column);
                let formula =
                    formula.and_then(|formulas| formulas.get_value(place)).filter(|f| !f.is_empty());
                match formula {
                    Some(formula) => column.cells.push(Some(&Value::Formula(formula))),
                    None => with_value(cell, |value| column.cells.push(value)),
                }
            }
            table.places.push(line);
            if self.options.fingerprints {
                table.fingerprints.push(fingerprint(cells));
            }
        }
    }

    /// The formulas of a sheet in which a wanted cell is empty; one without a stored value reads as empty.
    fn formulas(&mut self, sheet: &Sheet, skipped: usize) -> Result<Option<Range<String>>, TableError> {
        let empty = |cells: &[Data]| {
            let wanted = &sheet.header.columns;
            wanted.iter().any(|&at| matches!(cells.get(at), None | Some(Data::Empty)))
        };
        if !sheet.range.rows().skip(skipped).any(empty) {
            return Ok(None);
        }
        let book = &mut self.book;
        let formulas = decoder::run(self.shown, NAMED, || sheet_cells::formulas(book, &sheet.name))?;
        Ok(Some(formulas.map_err(|stop| stopped(self.shown, &sheet.name, stop))?))
    }
}

/// Adds the sheets that have the columns to the error that one does not.
fn elsewhere(error: TableError, others: &[String]) -> TableError {
    match error {
        TableError::MissingColumn {
            shown, column, role, parameter, optional, columns, suggested, ..
        } => {
            let sheets = others.into();
            TableError::MissingColumn { shown, column, role, parameter, optional, columns, suggested, sheets }
        }
        error => error,
    }
}

fn is_blank(range: &Range<Data>) -> bool {
    range.used_cells().all(|(_, _, cell)| blank(cell))
}

fn blank(cell: &Data) -> bool {
    match cell {
        Data::Empty => true,
        Data::String(text) => text.trim().is_empty(),
        _ => false,
    }
}

/// A cell as a heading; the first of a month is that month: "2024-01".
fn heading(cell: &Data) -> String {
    let month = |at: &ExcelDateTime| match at.to_ymd_hms_milli() {
        (year, month, 1, 0, 0, 0, 0) => Some(format!("{year}-{month:02}")),
        _ => None,
    };
    match cell {
        Data::String(text) => text.clone(),
        Data::DateTime(at) if at.is_datetime() && month(at).is_some() => month(at).unwrap_or_default(),
        _ => with_value(cell, |value| value.map(|value| value.shown().into_owned())).unwrap_or_default(),
    }
}

fn fingerprint(cells: &[Data]) -> u32 {
    let hash = cells.iter().fold(0_u64, |hash, cell| {
        let text = with_value(cell, |value| value.map(|value| value.shown().into_owned()));
        let own = text.map_or(0, |text| hash_of(text.as_bytes()));
        mixed(hash, own)
    });
    (hash >> 32) as u32
}

/// Calls a function with the value of a cell.
fn with_value<T>(cell: &Data, take: impl FnOnce(Option<&Value<'_>>) -> T) -> T {
    match cell {
        Data::Empty => take(None),
        Data::Int(n) => take(Some(&Value::Int(*n))),
        Data::Float(n) => take(Some(&Value::Number(*n))),
        Data::Bool(truth) => take(Some(&Value::Bool(*truth))),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => {
            take(Some(&Value::Text(text)))
        }
        Data::Error(error) => {
            let text = error.to_string();
            // #N/A is a missing value by its own meaning.
            if text == "#N/A" { take(None) } else { take(Some(&Value::Error(&text))) }
        }
        Data::DateTime(at) if at.is_datetime() => {
            take(Some(&stamp(at).map_or_else(|| Value::Number(at.as_f64()), Value::Stamp)))
        }
        Data::DateTime(duration) => take(Some(&Value::Number(duration.as_f64()))),
    }
}

/// Microseconds since 1970-01-01.
fn stamp(at: &ExcelDateTime) -> Option<i64> {
    let (year, month, day, hour, minute, second, milli) = at.to_ymd_hms_milli();
    let day = NaiveDate::from_ymd_opt(year.into(), month.into(), day.into())?;
    let time = day.and_hms_milli_opt(hour.into(), minute.into(), second.into(), milli.into())?;
    Some(time.and_utc().timestamp_micros())
}
