//! What can be wrong with a file before its rows are looked at.

use cltv_protocol::input_files::NoInput;

use crate::place::Place;
use crate::words::{counted, quoted};

/// A file that cannot be read: missing, empty, of another kind, or torn.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// Neither a file nor a data set.
    #[error("there is no file {shown:?} (looked for at {looked_at}){}", or_data_set(data_sets))]
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
        "the folder {shown:?} holds no file that is read (.csv, .tsv, .txt, .jsonl, .parquet, .xlsx, .xls, .xlsb, .ods, also as .gz or .zip); name a file or another folder"
    )]
    EmptyFolder {
        /// As it was given.
        shown: String,
    },
    /// A pattern that no file's name fits.
    #[error("no file fits the pattern {shown:?}; correct it, or name a file")]
    NoMatch {
        /// As it was given.
        shown: String,
    },
    /// An address that is no local path.
    #[error("{shown:?} is not a local path; copy the file to this machine and give its path")]
    NotLocal {
        /// As it was given.
        shown: String,
    },
    /// A file with a password.
    #[error("{shown:?} is protected by a password; save a copy without one")]
    Password {
        /// As it was given.
        shown: String,
    },
    /// An html page that is named as a workbook.
    #[error(
        "{shown:?} is named as a workbook but holds an html page, as some programs export; open it in a spreadsheet program and save it as .xlsx or .csv"
    )]
    Html {
        /// As it was given.
        shown: String,
    },
    /// An archive that holds no file, or several.
    #[error(
        "the archive {shown:?} holds {found} files that are read; unpack it, and name the file or the folder"
    )]
    Archive {
        /// As it was given.
        shown: String,
        /// Files in it that could be read.
        found: usize,
    },
    /// A line that is no JSON object.
    #[error(
        "line {line} of {shown:?} is not a JSON object ({reason}); write one object a line, such as {{\"customer_id\": 1}}"
    )]
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
        "{shown:?} has no row {row} that could be the header; set header_row to the header's line, or 0 to find it"
    )]
    NoHeaderRow {
        /// As it was given.
        shown: String,
        /// What was given.
        row: u64,
    },
    /// No row that looks like a header.
    #[error(
        "{shown:?} has no row that could be the header: most of its columns filled, mostly with words; set header_row to the header's line or row"
    )]
    NoHeader {
        /// As it was given.
        shown: String,
    },
    /// Columns of one name, where all columns are read.
    #[error("{shown:?} has {times} columns called {column:?}; give each column its own heading")]
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
        "a column of {shown:?} has the value {value:?} in {place} but no heading; give it one, or empty its cells"
    )]
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
        "{shown:?} has no column {column:?}, which the file or sheet before it has; its columns are {}; give them the same columns, or read them one by one",
        quoted(columns)
    )]
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
        "{region} in sheet {sheet:?} of {shown:?} is merged over several columns, so that its value {value:?} belongs to none of them; {remedy}"
    )]
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
    /// The operating system refused.
    #[error("{shown:?} cannot be read ({reason}); check the file's permissions")]
    Unreadable {
        /// As it was given.
        shown: String,
        /// What the operating system says.
        reason: String,
    },
    /// Zero bytes, or blanks only.
    #[error("{shown:?} is empty; export it again with a header line and rows under it")]
    Empty {
        /// As it was given.
        shown: String,
    },
    /// A header without rows.
    #[error(
        "{shown:?} has a header ({}) but no rows under it; export it again with its rows",
        quoted(columns)
    )]
    NoRows {
        /// As it was given.
        shown: String,
        /// The header.
        columns: Vec<String>,
    },
    /// An ending that is not known.
    #[error(
        "{shown:?} ends in {ending:?}, which is not known; use a csv (.csv, .tsv, .txt), .jsonl, .parquet, .xlsx, .xls, .xlsb or .ods file, also as .gz or .zip"
    )]
    UnknownKind {
        /// As it was given.
        shown: String,
        /// The file's ending.
        ending: String,
    },
    /// The content is of another kind than the name says.
    #[error("{shown:?} is named as a {named} but holds {holds}; {remedy}")]
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
    #[error("{shown:?} is not a readable {named} ({reason}); open it where it was made and export it again")]
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
        "line {line} of {shown:?} opens a quote that is never closed; close it, or double the quote character inside the value"
    )]
    OpenQuote {
        /// As it was given.
        shown: String,
        /// Where the value starts.
        line: u64,
    },
    /// A record that is longer than any row of a table.
    #[error(
        "line {line} of {shown:?} begins a row of more than {} MB; check that the file is a table of text and that its lines end",
        limit >> 20
    )]
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
        "line {line} of {shown:?} has {found} fields where the header has {expected}, and {} in all differ; quote values that hold the separator {separator:?}, or export the file with another separator",
        counted(*lines, "line")
    )]
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
        "{shown:?} has no sheet {sheet:?}; its sheets are {} (\"*\" reads all that have the columns)",
        quoted(sheets)
    )]
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
        "encoding {value:?} is not known; use a name such as \"utf-8\", \"windows-1252\" or \"utf-16\", or \"\" to recognise it"
    )]
    UnknownEncoding {
        /// What was given.
        value: String,
    },
    /// Bytes that are not text in the encoding.
    #[error(
        "{shown:?} is not text in {encoding}: line {line} cannot be decoded; give the file's encoding, or export it as utf-8"
    )]
    BadEncoding {
        /// As it was given.
        shown: String,
        /// The encoding in use.
        encoding: String,
        /// The first line that cannot be decoded.
        line: u64,
    },
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
            NoInput::Unreadable { shown, reason } => Self::Unreadable { shown, reason },
        }
    }
}
