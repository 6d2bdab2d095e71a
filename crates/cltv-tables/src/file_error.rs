//! What can be wrong with a file before its rows are looked at.

use std::fmt;
use std::io;

use cltv_protocol::input_files::NoInput;

use crate::place::Place;
use crate::words::{count, counted, quote, quote_path, quoted, reason as reason_of};

/// A file that cannot be read: missing, empty, of another kind, or torn.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// Neither a file nor a data set.
    #[error("there is no file {shown} (looked for at {looked_at}){}", or_data_set(data_sets), shown = quote_path(shown), looked_at = reason_of(looked_at))]
    NoSuchFile {
        /// As it was given.
        shown: String,
        /// Where it was looked for.
        looked_at: String,
        /// The named data sets, where one could have been meant.
        data_sets: Vec<String>,
    },
    /// A folder, or something else that holds no rows.
    #[error(
        "the folder {shown} holds no file that is read (.csv, .tsv, .txt, .jsonl, .parquet, .xlsx, .xls, .xlsb, .ods, also as .gz or .zip); name a file or another folder", shown = quote_path(shown))]
    EmptyFolder {
        /// As it was given.
        shown: String,
    },
    /// A pattern that no file's name fits.
    #[error("no file fits the pattern {shown}; correct it, or name a file", shown = quote_path(shown))]
    NoMatch {
        /// As it was given.
        shown: String,
    },
    /// An address that is no local path.
    #[error("{shown} is not a local path; copy the file to this machine and give its path", shown = quote_path(shown))]
    NotLocal {
        /// As it was given.
        shown: String,
    },
    /// A file with a password.
    #[error("{shown} is protected by a password; save a copy without one", shown = quote_path(shown))]
    Password {
        /// As it was given.
        shown: String,
    },
    /// An html page that is named as a workbook.
    #[error(
        "{shown} is named as a workbook but holds an html page, as some programs export; open it in a spreadsheet program and save it as .xlsx or .csv", shown = quote_path(shown))]
    Html {
        /// As it was given.
        shown: String,
    },
    /// An archive that holds no file, or several.
    #[error(
        "the archive {shown} holds {found} files that are read; unpack it, and name the file or the folder", shown = quote_path(shown))]
    Archive {
        /// As it was given.
        shown: String,
        /// Files in it that could be read.
        found: usize,
    },
    /// A line that is no JSON object.
    #[error(
        "line {line} of {shown} is not a JSON object ({reason}); write one object a line, such as {{\"customer_id\": 1}}", shown = quote_path(shown), reason = reason_of(reason))]
    BadJson {
        /// As it was given.
        shown: String,
        /// The line.
        line: u64,
        /// What the parser says.
        reason: String,
    },
    /// A header row that is not there.
    #[error(
        "{shown} has no row {row} that could be the header; set header_row to the header's line, or 0 to find it", shown = quote_path(shown))]
    NoHeaderRow {
        /// As it was given.
        shown: String,
        /// What was given.
        row: u64,
    },
    /// No row that looks like a header.
    #[error(
        "{shown} has no row that could be the header: most of its columns filled, mostly with words; set header_row to the header's line or row", shown = quote_path(shown))]
    NoHeader {
        /// As it was given.
        shown: String,
    },
    /// Columns of one name, where all columns are read.
    #[error("{shown} has {times} columns called {column}; give each column its own heading", shown = quote_path(shown), column = quote(column))]
    SameHeading {
        /// As it was given.
        shown: String,
        /// The heading.
        column: String,
        /// How often it occurs.
        times: usize,
    },
    /// Values under a blank heading.
    #[error(
        "a column of {shown} has the value {value} in {place} but no heading; give it one, or empty its cells", shown = quote_path(shown), value = quote(value))]
    NoHeading {
        /// As it was given.
        shown: String,
        /// The first row with a value.
        place: Box<Place>,
        /// The value.
        value: String,
    },
    /// Files or sheets with other columns than the first.
    #[error(
        "{shown} has no column {column}, which the file or sheet before it has; its columns are {}; give them the same columns, or read them one by one",
        quoted(columns), shown = quote_path(shown), column = quote(column))]
    OtherColumns {
        /// As it was given.
        shown: String,
        /// The first column that is missing.
        column: String,
        /// What there is.
        columns: Vec<String>,
    },
    /// A merged cell over several columns.
    #[error(
        "{region} in sheet {sheet} of {shown} is merged over several columns, so that its value {value} belongs to none of them; {remedy}", sheet = quote(sheet), shown = quote_path(shown), value = quote(value))]
    WideMerge {
        /// As it was given.
        shown: String,
        /// The sheet.
        sheet: Box<str>,
        /// The cells, as "A5:C5".
        region: Box<str>,
        /// The value of the first of them.
        value: Box<str>,
        /// What to do.
        remedy: &'static str,
    },
    /// A device, a FIFO or a socket, which may never end.
    #[error(
        "{shown} is {what}, not a file; name a regular file, or save what it gives to a file and name that",
        shown = quote_path(shown)
    )]
    NotAFile {
        /// As it was given.
        shown: String,
        /// What it is, as in "a FIFO".
        what: &'static str,
    },
    /// Compressed data that unpack to far more than a table would.
    #[error(
        "{shown} unpacks to more than {} MB from {} MB, which no table does; check what it is, or unpack it and name the unpacked file",
        count((limit >> 20) as usize), count(packed.div_ceil(1 << 20) as usize), shown = quote_path(shown)
    )]
    Unpacks {
        /// As it was given.
        shown: String,
        /// Bytes of the file.
        packed: u64,
        /// The bytes that it may unpack to.
        limit: u64,
    },
    /// No space for unpacked data.
    #[error(
        "{shown} cannot be unpacked, because the folder for temporary files is full ({folder}); free space there, or set TMPDIR to another folder",
        shown = quote_path(shown), folder = reason_of(folder)
    )]
    NoSpace {
        /// As it was given.
        shown: String,
        /// The folder for temporary files.
        folder: String,
    },
    /// A sheet that is larger than what is read.
    #[error(
        "{} of {shown} has {found}, more than the {limit} that are read; delete what stands far from the table, split the sheet, or save it as .csv",
        sheet_of(sheet), shown = quote_path(shown)
    )]
    LargeSheet {
        /// As it was given.
        shown: String,
        /// The sheet; empty where it is not known.
        sheet: Box<str>,
        /// What is too much, as in "17,179,869,184 cells in A1:XFD1048576".
        found: Box<str>,
        /// The most that is read, as in "33,554,432 cells".
        limit: Box<str>,
    },
    /// A table with more columns than are read.
    #[error(
        "{shown} has {} columns to be read, more than {}; name the columns that are needed, or delete others",
        count(*found), count(*limit), shown = quote_path(shown)
    )]
    ManyColumns {
        /// As it was given.
        shown: String,
        /// Columns that would be read.
        found: usize,
        /// The most that are read.
        limit: usize,
    },
    /// The operating system refused.
    #[error("{shown} cannot be read ({reason}); check the file's permissions", shown = quote_path(shown), reason = reason_of(reason))]
    Unreadable {
        /// As it was given.
        shown: String,
        /// What the operating system says.
        reason: String,
    },
    /// Zero bytes, or blanks only.
    #[error("{shown} is empty; export it again with a header line and rows under it", shown = quote_path(shown))]
    Empty {
        /// As it was given.
        shown: String,
    },
    /// A header without rows.
    #[error(
        "{shown} has a header ({}) but no rows under it; export it again with its rows",
        quoted(columns), shown = quote_path(shown))]
    NoRows {
        /// As it was given.
        shown: String,
        /// The header.
        columns: Vec<String>,
    },
    /// An ending that is not known.
    #[error(
        "{shown} ends in {ending}, which is not known; use a csv (.csv, .tsv, .txt), .jsonl, .parquet, .xlsx, .xls, .xlsb or .ods file, also as .gz or .zip", shown = quote_path(shown), ending = quote(ending))]
    UnknownKind {
        /// As it was given.
        shown: String,
        /// The file's ending.
        ending: String,
    },
    /// The content is of another kind than the name says.
    #[error("{shown} is named as a {named} but holds {holds}; {remedy}", shown = quote_path(shown))]
    NotWhatItSays {
        /// As it was given.
        shown: String,
        /// What the name says.
        named: String,
        /// What the first bytes say.
        holds: String,
        /// What to do.
        remedy: String,
    },
    /// A workbook or parquet file that its reader refuses.
    #[error("{shown} is not a readable {named} ({reason}); open it where it was made and export it again", shown = quote_path(shown), reason = reason_of(reason))]
    Malformed {
        /// As it was given.
        shown: String,
        /// What the name says.
        named: String,
        /// What the reader says.
        reason: String,
    },
    /// A quote that is opened and never closed.
    #[error(
        "line {line} of {shown} opens a quote that is never closed; close it, or double the quote character inside the value", shown = quote_path(shown))]
    OpenQuote {
        /// As it was given.
        shown: String,
        /// Where the value starts.
        line: u64,
    },
    /// A record that is longer than any row of a table.
    #[error(
        "line {line} of {shown} begins a row of more than {} MB; check that the file is a table of text and that its lines end",
        limit >> 20, shown = quote_path(shown))]
    LongRow {
        /// As it was given.
        shown: String,
        /// Where the row starts.
        line: u64,
        /// The bytes that a row may have.
        limit: usize,
    },
    /// Rows of unequal width.
    #[error(
        "line {line} of {shown} has {found} fields where the header has {expected}, and {} in all differ; quote values that hold the separator {separator:?}, or export the file with another separator",
        counted(*lines, "line"), shown = quote_path(shown))]
    RaggedRows {
        /// As it was given.
        shown: String,
        /// The first such line.
        line: u64,
        /// Fields in it.
        found: usize,
        /// Fields in the header.
        expected: usize,
        /// How many lines differ.
        lines: usize,
        /// The separator in use.
        separator: char,
    },
    /// A sheet that the workbook does not have.
    #[error(
        "{shown} has no sheet {sheet}; its sheets are {} (\"*\" reads all that have the columns)",
        quoted(sheets), shown = quote_path(shown), sheet = quote(sheet))]
    UnknownSheet {
        /// As it was given.
        shown: String,
        /// What was asked for.
        sheet: String,
        /// What there is.
        sheets: Vec<String>,
    },
    /// An encoding's name that is not known.
    #[error(
        "encoding {value} is not known; use a name such as \"utf-8\", \"windows-1252\" or \"utf-16\", or \"\" to recognise it", value = quote(value))]
    UnknownEncoding {
        /// What was given.
        value: String,
    },
    /// Bytes that are not text in the encoding.
    #[error(
        "{shown} is not text in {encoding}: line {line} cannot be decoded; give the file's encoding, or export it as utf-8", shown = quote_path(shown))]
    BadEncoding {
        /// As it was given.
        shown: String,
        /// The encoding in use.
        encoding: String,
        /// The first line that cannot be decoded.
        line: u64,
    },
}

/// Packed data that unpack to more than their bound, as an error of reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooLarge {
    /// Bytes of the packed file.
    pub(crate) packed: u64,
    /// Bytes that it may unpack to.
    pub(crate) limit: u64,
}

impl fmt::Display for TooLarge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "it unpacks to more than {} MB", self.limit >> 20)
    }
}

impl std::error::Error for TooLarge {}

impl FileError {
    /// The error of a file that an operation on it gave.
    pub(crate) fn of_io(shown: &str, error: &io::Error) -> Self {
        let shown = shown.to_owned();
        if let Some(TooLarge { packed, limit }) = error.get_ref().and_then(|inner| inner.downcast_ref()) {
            return Self::Unpacks { shown, packed: *packed, limit: *limit };
        }
        if error.kind() == io::ErrorKind::StorageFull {
            return Self::NoSpace { shown, folder: std::env::temp_dir().display().to_string() };
        }
        Self::Unreadable { shown, reason: error.to_string() }
    }
}

fn sheet_of(sheet: &str) -> String {
    if sheet.is_empty() { "a sheet".to_owned() } else { format!("sheet {}", quote(sheet)) }
}

fn or_data_set(data_sets: &[String]) -> String {
    if data_sets.is_empty() {
        return "; correct the path".to_owned();
    }
    let known = quoted(data_sets);
    format!(" and no data set of that name; correct the path, or use one of the data sets {known}")
}

impl From<NoInput> for FileError {
    fn from(why: NoInput) -> Self {
        match why {
            NoInput::Missing { shown, path } => {
                Self::NoSuchFile { shown, looked_at: path.display().to_string(), data_sets: Vec::new() }
            }
            NoInput::NoMatch { shown } => Self::NoMatch { shown },
            NoInput::EmptyFolder { shown } => Self::EmptyFolder { shown },
            NoInput::NotLocal { shown } => Self::NotLocal { shown },
            NoInput::NotAFile { shown, what } => Self::NotAFile { shown, what },
            NoInput::Unreadable { shown, reason } => Self::Unreadable { shown, reason },
        }
    }
}
