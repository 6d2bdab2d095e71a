//! Lines of JSON objects.

use std::io::{BufRead, BufReader, Read};

use serde_json::{Map, Value as Json};

use crate::column::Column;
use crate::error::TableError;
use crate::file_error::FileError;
use crate::header::Wanted;
use crate::options::ReadOptions;
use crate::table::Table;
use crate::value::{Value, hash_of};

/// Lines that are looked at to find the names of the columns.
const LINES_SEEN: usize = 1000;

/// Reads the wanted keys of the objects of a file, one object a line, to the end of a table.
pub(crate) fn read(
    shown: &str,
    open: &dyn Fn() -> std::io::Result<Box<dyn Read + Send>>,
    options: &ReadOptions,
    wanted: &Wanted<'_>,
    table: &mut Table,
) -> Result<(), TableError> {
    let unreadable =
        |error: std::io::Error| FileError::Unreadable { shown: shown.to_owned(), reason: error.to_string() };
    let objects = || -> Result<_, FileError> {
        let lines = (1_u64..).zip(BufReader::new(open().map_err(unreadable)?).lines());
        Ok(lines.filter_map(move |(at, line)| match line {
            Ok(text) if text.trim().is_empty() => None,
            Ok(text) => Some(object(shown, at, &text)),
            Err(error) => Some(Err(unreadable(error))),
        }))
    };
    let mut names: Vec<String> = Vec::new();
    for found in objects()?.take(LINES_SEEN) {
        for name in found?.1.keys() {
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
    }
    if names.is_empty() {
        return Err(FileError::Empty { shown: shown.to_owned() }.into());
    }
    let places = wanted(&names)?;
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
