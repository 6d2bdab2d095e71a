//! Seeds, their mutations, and the run of the reader on one input: shared by the fuzz harness and the replay.

pub(crate) mod mutate;
pub(crate) mod seeds;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use cltv_tables::dates::{self, DateOptions};
use cltv_tables::kinds::{self, Kinds};
use cltv_tables::numbers::{self, DecimalMark, NumberOptions};
use cltv_tables::{Column, FileError, ReadOptions, Table, TableError, header, read_bytes};

/// Columns of an input that are looked at, so that mutated headers pass the check of the columns.
const COLUMNS: usize = 6;
/// Characters that a message may have.
const MESSAGE: usize = 6000;
/// Time that a small input may take.
pub(crate) const SLOW: Duration = Duration::from_secs(10);

/// Time after which an input is given up.
const ENDLESS: Duration = Duration::from_secs(120);

/// What became of an input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The table was read.
    Read,
    /// The table was refused with an error.
    Refused,
    /// A fault of ours.
    Finding(String),
}

/// Reads an input, whose name says its format, and all that can be read from its columns.
pub(crate) fn run(name: &str, bytes: &[u8]) -> Outcome {
    let started = Instant::now();
    let (give, taken) = mpsc::channel();
    let (named, input) = (name.to_owned(), bytes.to_vec());
    // A thread of its own, because an input for which a decoder never ends must not hold the harness.
    thread::spawn(move || {
        let outcome = catch_unwind(AssertUnwindSafe(|| match named.rsplit_once('.') {
            Some((_, "values")) => values(&input),
            _ => table(&named, &input),
        }));
        let _ = give.send(outcome);
    });
    match taken.recv_timeout(ENDLESS) {
        Err(_) => Outcome::Finding(format!("has not ended after {ENDLESS:?}")),
        Ok(Err(panic)) => {
            let said = panic.downcast_ref::<String>().cloned();
            let said = said.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
            Outcome::Finding(format!("panic: {}", said.unwrap_or_default()))
        }
        Ok(Ok(_)) if started.elapsed() > SLOW => Outcome::Finding("took more than 10 s".to_owned()),
        Ok(Ok(outcome)) => outcome,
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
                read = Outcome::Read;
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
    let mut outcome = Outcome::Read;
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
