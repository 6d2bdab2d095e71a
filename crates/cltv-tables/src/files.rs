//! Which files are read: one, a list, a pattern, a folder; and what each of them is.

use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use cltv_protocol::input_files::{self, InputFile, Kind};

use crate::error::TableError;
use crate::file_error::FileError;
use crate::header::{Wanted, WantedIn};
use crate::options::ReadOptions;
use crate::table::Table;
use crate::text::{TextFile, encoding};
use crate::unpacked::{Unzipped, gunzip, is_gzip, opened, unzip};
use crate::words::{count, counted, quoted};
use crate::{jsonl, parquet, workbook};

/// Bytes that say what a file is.
const MAGIC: usize = 1 << 16;

/// The kind in words.
fn words(kind: Kind) -> &'static str {
    match kind {
        Kind::Text => "csv file",
        Kind::Lines => "file of JSON lines",
        Kind::Parquet => "parquet file",
        Kind::Workbook => "workbook",
    }
}

/// Reads the wanted columns of the files that a name stands for; relative paths are resolved by `resolve`.
///
/// What a name may be is in [`input_files::named`]. The files are read in the order of their names and must all have the
/// wanted columns.
///
/// # Errors
/// [`TableError`] with the file, and the remedy.
pub fn read(
    name: &str,
    resolve: &dyn Fn(&str) -> PathBuf,
    options: &ReadOptions,
    wanted: &WantedIn<'_>,
) -> Result<Table, TableError> {
    let files = input_files::named(name, resolve).map_err(FileError::from)?;
    let mut table = Table { shown: name.to_owned(), ..Table::default() };
    let several = files.len() > 1;
    for InputFile { shown, path } in &files {
        let started = table.places.len();
        let shown = if several { shown.as_str() } else { name };
        read_file(shown, path, options, &|header: &[String]| wanted(shown, header), &mut table)?;
        if table.places.len() > u64::from(u32::MAX) - 1 {
            return Err(FileError::Unreadable {
                shown: name.to_owned(),
                reason: format!("it has more than {} rows", count(u32::MAX as usize - 1)),
            }
            .into());
        }
        debug_assert!(table.places.len() > started);
    }
    if several {
        let names: Vec<String> = files.iter().take(3).map(|file| file.shown.clone()).collect();
        let more = if files.len() > 3 { ", …" } else { "" };
        table
            .notes
            .insert(0, format!("{} are read: {}{more}.", counted(files.len(), "file"), quoted(&names)));
    }
    Ok(table)
}

/// Reads the wanted columns of a file that is in memory; the ending of `name` says what it contains, as in "crm.xlsx".
///
/// # Errors
/// [`TableError`] as [`read`].
///
/// # Examples
/// ```
/// use cltv_tables::{ReadOptions, header::AllColumns};
/// let all = AllColumns::default();
/// let wanted = |header: &[String]| all.places("a.csv", header);
/// let table = cltv_tables::read_bytes("a.csv", b"id,income\n1,5\n", &ReadOptions::default(), &wanted)?;
/// assert_eq!(table.columns[1].name, "income");
/// # Ok::<(), cltv_tables::TableError>(())
/// ```
pub fn read_bytes(
    name: &str,
    bytes: &[u8],
    options: &ReadOptions,
    wanted: &Wanted<'_>,
) -> Result<Table, TableError> {
    let unreadable = |error: io::Error| FileError::of_io(name, &error);
    let mut file = tempfile::tempfile().map_err(unreadable)?;
    file.write_all(bytes).map_err(unreadable)?;
    let mut table = Table { shown: name.to_owned(), ..Table::default() };
    read_opened(name, Path::new(name), file, options, wanted, &mut table)?;
    Ok(table)
}

fn read_file(
    shown: &str,
    path: &Path,
    options: &ReadOptions,
    wanted: &Wanted<'_>,
    table: &mut Table,
) -> Result<(), TableError> {
    let opened = File::open(path).map_err(|error| FileError::of_io(shown, &error))?;
    // What the name stood for may have changed since it was looked at.
    let data = opened.metadata().map_err(|error| FileError::of_io(shown, &error))?;
    if let Some(what) = input_files::not_a_file(&data) {
        return Err(FileError::NotAFile { shown: shown.to_owned(), what }.into());
    }
    read_opened(shown, path, opened, options, wanted, table)
}

fn read_opened(
    shown: &str,
    path: &Path,
    mut file: File,
    options: &ReadOptions,
    wanted: &Wanted<'_>,
    table: &mut Table,
) -> Result<(), TableError> {
    let unreadable = |error: io::Error| FileError::of_io(shown, &error);
    let Some(named) = Kind::of_name(path) else {
        let ending =
            path.extension().map(|ending| format!(".{}", ending.to_string_lossy())).unwrap_or_default();
        return Err(FileError::UnknownKind { shown: shown.to_owned(), ending }.into());
    };
    if file.metadata().map_err(unreadable)?.len() == 0 {
        return Err(FileError::Empty { shown: shown.to_owned() }.into());
    }
    let magic = head_of(&mut file).map_err(unreadable)?;
    if magic.starts_with(b"PK\x03\x04") && named != Kind::Workbook {
        let unpacked = unzip(shown, &file, |name| Kind::of_name(Path::new(name)) == Some(named));
        let unpacked = unpacked.map_err(|error| match error {
            Unzipped::File(error) => error,
            Unzipped::IsWorkbook => not_what_it_says(shown, named, Some(Kind::Workbook), "an xlsx workbook"),
        })?;
        return read_kind(shown, unpacked, named, options, wanted, table);
    }
    if is_gzip(&magic) && matches!(named, Kind::Parquet | Kind::Workbook) {
        return read_kind(shown, gunzip(shown, file)?, named, options, wanted, table);
    }
    read_kind(shown, file, named, options, wanted, table)
}

fn head_of(file: &mut File) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    file.rewind()?;
    file.take(MAGIC as u64).read_to_end(&mut head)?;
    file.rewind()?;
    Ok(head)
}

fn read_kind(
    shown: &str,
    mut file: File,
    named: Kind,
    options: &ReadOptions,
    wanted: &Wanted<'_>,
    table: &mut Table,
) -> Result<(), TableError> {
    let unreadable = |error: io::Error| FileError::of_io(shown, &error);
    let head = head_of(&mut file).map_err(unreadable)?;
    check_kind(shown, named, &head)?;
    let word = if matches!(named, Kind::Text | Kind::Lines) { "line" } else { "row" };
    table.places.start(shown, "", word);
    match named {
        Kind::Parquet => parquet::read(shown, &file, options, wanted, table),
        Kind::Workbook => {
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).map_err(unreadable)?;
            workbook::read(shown, bytes, options, wanted, table)
        }
        Kind::Text => {
            let size = file.metadata().map_err(unreadable)?.len();
            let taken = Arc::new(AtomicU64::new(0));
            let open = || opened(&file, &taken);
            TextFile { shown, open: &open, size, taken: taken.clone() }.read(options, wanted, table)
        }
        Kind::Lines => jsonl::read(shown, &|| opened(&file, &Arc::default()), options, wanted, table),
    }
}

/// What the first bytes say a file is: a kind, if it is one of ours, and its name in words.
fn sniff(head: &[u8]) -> (Option<Kind>, &'static str) {
    match head {
        [b'P', b'K', 3, 4, ..] => (Some(Kind::Workbook), "an xlsx workbook or another zip archive"),
        [0xD0, 0xCF, 0x11, 0xE0, ..] => (Some(Kind::Workbook), "an old xls workbook, or one with a password"),
        [b'P', b'A', b'R', b'1', ..] => (Some(Kind::Parquet), "a parquet file"),
        [0x1F, 0x8B, ..] => (Some(Kind::Text), "gzip-compressed data"),
        [b'%', b'P', b'D', b'F', ..] => (None, "a pdf"),
        _ if encoding::looks_like_text(head) => (Some(Kind::Text), "plain text"),
        _ => (None, "binary data"),
    }
}

fn check_kind(shown: &str, named: Kind, head: &[u8]) -> Result<(), FileError> {
    if head.iter().all(u8::is_ascii_whitespace) {
        return Err(FileError::Empty { shown: shown.to_owned() });
    }
    let (found, holds) = sniff(head);
    let text = |kind: Kind| matches!(kind, Kind::Text | Kind::Lines);
    if found == Some(named) || (text(named) && found.is_some_and(text)) {
        return Ok(());
    }
    if named == Kind::Workbook && holds == "plain text" {
        workbook::refuse_html(shown, head)?;
    }
    Err(not_what_it_says(shown, named, found, holds))
}

fn not_what_it_says(shown: &str, named: Kind, found: Option<Kind>, holds: &str) -> FileError {
    let remedy = match found {
        Some(Kind::Text | Kind::Lines) => "rename it to .csv".to_owned(),
        Some(Kind::Parquet) => "rename it to .parquet".to_owned(),
        Some(Kind::Workbook) => "rename it to .xlsx".to_owned(),
        None => format!("export it again as a {}", words(named)),
    };
    FileError::NotWhatItSays {
        shown: shown.to_owned(),
        named: words(named).to_owned(),
        holds: holds.to_owned(),
        remedy,
    }
}
