//! Readers: text, parquet, workbooks and the embedded data sets, all into the same table.

mod parquet;
mod records;
mod segments;
mod text;
mod workbook;

use std::path::Path;

pub(crate) use segments::read_segments;

use crate::datasets::{self, DataSet};
use crate::error::{DataError, FileError};
use crate::source::Source;
use crate::table::{Cell, Columns, Table, print_of};
use crate::workspace::resolve_path;

/// What a file's name says it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Parquet,
    Workbook,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Text => "csv file",
            Self::Parquet => "parquet file",
            Self::Workbook => "workbook",
        }
    }

    fn of_name(source: &Source, path: &Path) -> Result<Self, FileError> {
        let ending =
            path.extension().map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default();
        match ending.as_str() {
            "csv" | "tsv" | "tab" | "txt" => Ok(Self::Text),
            "parquet" | "pq" => Ok(Self::Parquet),
            "xlsx" | "xlsm" | "xlsb" | "xls" | "ods" => Ok(Self::Workbook),
            _ => Err(FileError::UnknownKind {
                shown: source.transactions.clone(),
                ending: if ending.is_empty() { String::new() } else { format!(".{ending}") },
            }),
        }
    }
}

/// What the first bytes say a file is: a kind, if it is one of ours, and its name in words.
fn sniff(bytes: &[u8]) -> (Option<Kind>, &'static str) {
    match bytes {
        [b'P', b'K', 3, 4, ..] => (Some(Kind::Workbook), "an xlsx workbook or another zip archive"),
        [0xD0, 0xCF, 0x11, 0xE0, ..] => (Some(Kind::Workbook), "an old xls workbook, or one with a password"),
        [b'P', b'A', b'R', b'1', ..] => (Some(Kind::Parquet), "a parquet file"),
        [0x1F, 0x8B, ..] => (None, "gzip-compressed data"),
        [b'%', b'P', b'D', b'F', ..] => (None, "a pdf"),
        _ if text::looks_like_text(bytes) => (Some(Kind::Text), "plain text"),
        _ => (None, "binary data"),
    }
}

/// Reads the columns that the source names.
pub(crate) fn read(source: &Source) -> Result<Table, DataError> {
    match datasets::find(&source.transactions) {
        Some(set) => read_set(source, set),
        None => read_file(source),
    }
}

fn read_file(source: &Source) -> Result<Table, DataError> {
    let path = resolve_path(&source.transactions);
    let bytes = load(source, &path, datasets::data_sets())?;
    let named = Kind::of_name(source, &path)?;
    check_kind(source, named, &bytes)?;
    let table = match named {
        Kind::Text => text::read(source, &bytes),
        Kind::Parquet => parquet::read(source, bytes),
        Kind::Workbook => workbook::read(source, bytes),
    }?;
    Ok(table)
}

/// The bytes of a file; `data_sets` are the names that could have been meant instead.
fn load(source: &Source, path: &Path, data_sets: Vec<String>) -> Result<Vec<u8>, FileError> {
    let shown = source.transactions.clone();
    if source.transactions.trim().is_empty() || !path.exists() {
        return Err(FileError::NoSuchFile { shown, looked_at: path.display().to_string(), data_sets });
    }
    if path.is_dir() {
        return Err(FileError::NotAFile { shown });
    }
    let bytes = std::fs::read(path)
        .map_err(|error| FileError::Unreadable { shown: shown.clone(), reason: error.to_string() })?;
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(FileError::Empty { shown });
    }
    Ok(bytes)
}

fn check_kind(source: &Source, named: Kind, bytes: &[u8]) -> Result<(), FileError> {
    let (found, holds) = sniff(bytes);
    if found == Some(named) {
        return Ok(());
    }
    let remedy = match found {
        Some(Kind::Text) => "rename it to .csv".to_owned(),
        Some(Kind::Parquet) => "rename it to .parquet".to_owned(),
        Some(Kind::Workbook) => "rename it to .xlsx".to_owned(),
        None => format!("unpack it, or export it again as a {}", named.name()),
    };
    Err(FileError::NotWhatItSays {
        shown: source.transactions.clone(),
        named: named.name().to_owned(),
        holds: holds.to_owned(),
        remedy,
    })
}

fn read_set(source: &Source, set: &DataSet) -> Result<Table, DataError> {
    let header: Vec<String> = set.columns.iter().map(ToString::to_string).collect();
    let mut source = source.clone();
    // The default name means "the amounts"; a data set without any simply has none.
    if !set.columns.contains(&"amount") && source.amount_column == "amount" {
        source.amount_column.clear();
    }
    let at = Columns::locate(&source, &header)?;
    let mut table = Table {
        names: at.names(&header),
        where_word: "line",
        notes: vec![format!("Data set {}: {}.", set.name, set.about)],
        ..Table::default()
    };
    for (line, fields) in set.rows() {
        table.push(&at, line, print_of(&fields), |column| Cell::text(fields[column]));
    }
    Ok(table)
}
