//! The fuzz targets of the reader, shared by the long runs and the replay.

mod seeds;
mod words;

use cltv_fuzz::{Outcome, Target};
use cltv_tables::dates::{self, DateOptions};
use cltv_tables::kinds::{self, Kinds};
use cltv_tables::numbers::{self, DecimalMark, NumberOptions};
use cltv_tables::{Column, FileError, ReadOptions, Table, TableError, header, read_bytes};

/// Columns of an input that are looked at, so that mutated headers pass the check of the columns.
const COLUMNS: usize = 6;
/// Characters that a message may have.
const MESSAGE: usize = 6000;

/// The reader of files.
pub(crate) const TABLES: Target = Target { name: "tables", words: &words::WORDS, seeds: seeds::files, read };

/// Dates, amounts and flags: a line of the input is a value of a column.
pub(crate) const VALUES: Target = Target { name: "values", words: &words::WORDS, seeds: seeds::values, read };

/// Reads an input, whose name says its format, and all that can be read from its columns.
fn read(name: &str, bytes: &[u8]) -> Outcome {
    match name.rsplit_once('.') {
        Some((_, "values")) => values(bytes),
        _ => table(name, bytes),
    }
}

fn table(name: &str, bytes: &[u8]) -> Outcome {
    let mut read = Outcome::Refused;
    for fill_merged in [false, true] {
        let sheet = if fill_merged { "*" } else { "" }.to_owned();
        let options = ReadOptions { fill_merged, sheet, fingerprints: true, ..ReadOptions::default() };
        let wanted = |names: &[String]| match names.iter().filter(|name| !name.is_empty()).count() {
            0 | 1 => Err(FileError::NoHeader { shown: name.to_owned() }.into()),
            _ => Ok((0..names.len().min(COLUMNS)).collect()),
        };
        match read_bytes(name, bytes, &options, &wanted) {
            Err(error) => match message(&error) {
                Outcome::Refused => {}
                finding => return finding,
            },
            Ok(mut table) => {
                if let finding @ Outcome::Finding(_) = columns(&mut table) {
                    return finding;
                }
                read = Outcome::Accepted;
            }
        }
    }
    read
}

/// Lines of text as the values of a column: dates and amounts.
fn values(bytes: &[u8]) -> Outcome {
    let mut table = Table { shown: "values".to_owned(), ..Table::default() };
    let mut column = Column { name: "value".to_owned(), ..Column::default() };
    for (line, text) in (1..).zip(bytes.split(|&b| b == b'\n')) {
        let text = String::from_utf8_lossy(text);
        for text in [&*text, text.trim()] {
            let _ = (dates::is_date(text), kinds::flag(&cltv_tables::Value::Text(text)));
            let _ = (numbers::number(text, DecimalMark::Point), numbers::number(text, DecimalMark::Comma));
        }
        column.cells.push_text(text.as_bytes());
        table.push_row(line, std::iter::once(text.as_bytes()));
    }
    table.columns = vec![column];
    columns(&mut table)
}

/// Everything that is read from the columns of a table.
fn columns(table: &mut Table) -> Outcome {
    let mut outcome = Outcome::Accepted;
    let mut check = |result: Result<(), TableError>| {
        if let Err(error) = result
            && let finding @ Outcome::Finding(_) = message(&error)
        {
            outcome = finding;
        }
    };
    for column in table.columns.clone() {
        let _ = (Kinds::of(&column).kind(), column.cells.missing());
        for mark in [None, Some(DecimalMark::Point), Some(DecimalMark::Comma)] {
            check(numbers::read(table, &column, NumberOptions { mark, remedy: "" }).map(drop));
        }
        for (format, zone) in [
            ("", ""),
            ("", "Pacific/Kiritimati"),
            ("excel", ""),
            ("%d/%m/%Y", ""),
            ("%Y-%m-%dT%H:%M:%S%z", "Asia/Tokyo"),
            ("%s", ""),
        ] {
            let before = (table.clone(), DateOptions::named(format, zone));
            if let (mut copy, Ok(options)) = before {
                check(dates::read(&mut copy, &column, &options).map(drop));
            }
        }
        check(kinds::read_flags(table, &column).map(drop));
        check(kinds::refuse_errors(table, &column));
    }
    (0..table.len().min(100)).for_each(|row| drop(table.places.place(row as u64).to_string()));
    table.leave_out_totals();
    check(header::check(table));
    outcome
}

/// An error is short and in one line of characters that a terminal shows.
fn message(error: &TableError) -> Outcome {
    let message = error.to_string();
    let bad = message.chars().find(|c| c.is_control() || matches!(c, '\u{202a}'..='\u{202e}'));
    if let Some(bad) = bad {
        return Outcome::Finding(format!("a message contains {bad:?}"));
    }
    let length = message.chars().count();
    if length > MESSAGE {
        Outcome::Finding(format!("a message has {length} characters"))
    } else {
        Outcome::Refused
    }
}
