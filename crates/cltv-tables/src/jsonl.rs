//! Lines of JSON objects.

use std::collections::HashSet;
use std::io::{BufRead, BufReader, Read};

use serde_json::{Map, Value as Json};

use crate::column::Column;
use crate::error::TableError;
use crate::file_error::FileError;
use crate::header::{self, Wanted};
use crate::options::ReadOptions;
use crate::table::Table;
use crate::text::pieces::LONGEST;
use crate::value::{Value, hash_of};

/// Lines that are looked at to find the names of the columns.
const LINES_SEEN: usize = 1000;
/// Different keys that the first lines may have, as many as a sheet has columns.
const MOST_KEYS: usize = 16_384;

/// The lines of a file that are not blank, with their numbers; a line longer than [`LONGEST`] is an error.
struct Lines<'a, R> {
    shown: &'a str,
    reader: BufReader<R>,
    line: u64,
    failed: bool,
}

impl<R: Read> Lines<'_, R> {
    /// The next line; none at the end.
    fn line(&mut self) -> Result<Option<String>, FileError> {
        let mut bytes = Vec::new();
        let most = LONGEST as u64 + 1;
        let read = (&mut self.reader).take(most).read_until(b'\n', &mut bytes);
        read.map_err(|error| FileError::of_io(self.shown, &error))?;
        self.line += u64::from(!bytes.is_empty());
        let (shown, line) = (self.shown.to_owned(), self.line);
        if bytes.len() > LONGEST && bytes.last() != Some(&b'\n') {
            return Err(FileError::LongRow { shown, line, limit: LONGEST });
        }
        if bytes.is_empty() {
            return Ok(None);
        }
        let text = String::from_utf8(bytes);
        text.map(Some).map_err(|_| FileError::BadEncoding { shown, encoding: "UTF-8".to_owned(), line })
    }
}

impl<R: Read> Iterator for Lines<'_, R> {
    type Item = Result<(u64, String), FileError>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.failed {
            match self.line() {
                Ok(None) => return None,
                Ok(Some(text)) if text.trim().is_empty() => {}
                Ok(Some(text)) => return Some(Ok((self.line, text))),
                Err(error) => {
                    self.failed = true;
                    return Some(Err(error));
                }
            }
        }
        None
    }
}

/// Reads the wanted keys of the objects of a file, one object a line, to the end of a table.
pub(crate) fn read(
    shown: &str,
    open: &dyn Fn() -> std::io::Result<Box<dyn Read + Send>>,
    options: &ReadOptions,
    wanted: &Wanted<'_>,
    table: &mut Table,
) -> Result<(), TableError> {
    let objects = || -> Result<_, FileError> {
        let source = open().map_err(|error| FileError::of_io(shown, &error))?;
        let lines = Lines { shown, reader: BufReader::new(source), line: 0, failed: false };
        Ok(lines.map(|line| line.and_then(|(at, text)| object(shown, at, &text))))
    };
    let (mut names, mut known): (Vec<String>, HashSet<String>) = Default::default();
    for found in objects()?.take(LINES_SEEN) {
        for name in found?.1.keys() {
            if known.insert(name.clone()) {
                names.push(name.clone());
            }
        }
        if names.len() > MOST_KEYS {
            let (shown, found) = (shown.to_owned(), names.len());
            return Err(FileError::ManyColumns { shown, found, limit: MOST_KEYS }.into());
        }
    }
    if names.is_empty() {
        return Err(FileError::Empty { shown: shown.to_owned() }.into());
    }
    let places = header::places(shown, &names, wanted)?;
    let mut columns: Vec<Column> =
        places.iter().map(|&at| Column { name: names[at].clone(), ..Column::default() }).collect();
    for found in objects()? {
        let (line, object) = found?;
        for column in &mut columns {
            push(column, object.get(&column.name));
        }
        table.places.push(line);
        if options.fingerprints {
            table.fingerprints.push((hash_of(Json::Object(object).to_string().as_bytes()) >> 32) as u32);
        }
    }
    table.append(columns, &names);
    Ok(())
}

fn object(shown: &str, line: u64, text: &str) -> Result<(u64, Map<String, Json>), FileError> {
    let bad = |reason: String| FileError::BadJson { shown: shown.to_owned(), line, reason };
    match serde_json::from_str::<Json>(text.trim_start_matches('\u{feff}')) {
        Ok(Json::Object(object)) => Ok((line, object)),
        Ok(_) => Err(bad("it is another value".to_owned())),
        Err(error) => Err(bad(error.to_string())),
    }
}

fn push(column: &mut Column, value: Option<&Json>) {
    match value {
        None | Some(Json::Null) => column.cells.push(None),
        Some(Json::Bool(truth)) => column.cells.push(Some(&Value::Bool(*truth))),
        Some(Json::String(text)) => column.cells.push_text(text.as_bytes()),
        Some(Json::Number(n)) => match (n.as_i64(), n.as_f64()) {
            (Some(n), _) => column.cells.push(Some(&Value::Int(n))),
            (_, Some(n)) => column.cells.push(Some(&Value::Number(n))),
            _ => column.cells.push_text(n.to_string().as_bytes()),
        },
        Some(nested) => column.cells.push_text(nested.to_string().as_bytes()),
    }
}
