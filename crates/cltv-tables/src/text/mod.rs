//! Text files: cut into pieces of whole records, which all threads split and code.

pub(crate) mod encoding;
pub(crate) mod layout;
mod lines;
pub(crate) mod pieces;
pub(crate) mod records;

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use encoding_rs::Encoding;
use rayon::prelude::*;

use crate::column::Column;
use crate::error::TableError;
use crate::file_error::FileError;
use crate::header::Wanted;
use crate::options::{Progress, ReadOptions};
use crate::table::Table;
use crate::words::{counted, quote};
use encoding::Decoded;
use layout::Layout;
use pieces::{CutError, Pieces};
use records::{RAGGED_KEPT, Ragged, Records};

/// Bytes that are looked at to find encoding and layout.
const HEAD: usize = 1 << 20;

/// Opens a file from its start; called once for each pass.
pub(crate) type Open<'a> = &'a (dyn Fn() -> io::Result<Box<dyn Read + Send>> + Sync);

/// A text file to be read.
pub(crate) struct TextFile<'a> {
    pub(crate) shown: &'a str,
    pub(crate) open: Open<'a>,
    /// Bytes that [`TextFile::open`]'s source has in all, for progress.
    pub(crate) size: u64,
    /// Bytes taken from the source so far.
    pub(crate) taken: Arc<AtomicU64>,
}

impl TextFile<'_> {
    /// Reads the wanted columns to the end of a table.
    pub(crate) fn read(
        &self,
        options: &ReadOptions,
        wanted: &Wanted<'_>,
        table: &mut Table,
    ) -> Result<(), TableError> {
        let head = self.head()?;
        if head.iter().all(u8::is_ascii_whitespace) {
            return Err(FileError::Empty { shown: self.shown.to_owned() }.into());
        }
        let given = encoding::named(&options.encoding)?;
        // A byte order mark is certain; a given encoding comes before what is only likely.
        let marked = Encoding::for_bom(&head).map(|(encoding, _)| encoding);
        let likely = || encoding::of_head(&head).map_or_else(|| self.guess(), Ok);
        let encoding = marked.or(given).map_or_else(likely, Ok)?;
        match self.read_as(encoding, &head, options, wanted, table) {
            Err(Fault::NotText) if given.is_none() && marked.is_none() => {
                // The first megabyte is UTF-8 and a later part is not.
                let encoding = self.guess()?;
                self.read_as(encoding, &head, options, wanted, table)
                    .map_err(|fault| self.error(fault, encoding))
            }
            result => result.map_err(|fault| self.error(fault, encoding)),
        }
    }

    fn head(&self) -> Result<Vec<u8>, TableError> {
        let mut head = Vec::new();
        let reader = (self.open)().and_then(|reader| reader.take(HEAD as u64).read_to_end(&mut head));
        reader.map_err(|error| self.unreadable(&error))?;
        Ok(head)
    }

    fn guess(&self) -> Result<&'static Encoding, TableError> {
        let found = (self.open)().and_then(|mut reader| encoding::guessed(&mut reader));
        found.map_err(|error| self.unreadable(&error))
    }

    fn read_as(
        &self,
        encoding: &'static Encoding,
        head: &[u8],
        options: &ReadOptions,
        wanted: &Wanted<'_>,
        table: &mut Table,
    ) -> Result<(), Fault> {
        let text = encoding::decode_head(head, encoding).map_err(|at| self.not_text(at.line, options))?;
        let layout = layout::find(options, self.shown, &text, wanted)?;
        let mut part = Part::new(&layout, table);
        let reader = (self.open)().map_err(|error| self.unreadable(&error))?;
        self.split(Decoded::new(reader, encoding), &layout, options, &mut part)?;
        self.check(&layout, &part)?;
        part.finish(encoding, &layout);
        Ok(())
    }

    /// Three steps at a time: a group of pieces is read, the one before it is split, and the one before that is coded.
    fn split(
        &self,
        reader: Decoded<Box<dyn Read + Send>>,
        layout: &Layout,
        options: &ReadOptions,
        part: &mut Part<'_>,
    ) -> Result<(), Fault> {
        self.taken.store(0, Ordering::Relaxed);
        let mut pieces = Pieces::new(reader, layout.separator);
        let mut group = pieces.group().map_err(|error| self.cut_error(error, options))?;
        let mut records: Vec<Records> = Vec::new();
        while !group.is_empty() || !records.is_empty() {
            let split = |piece| records::split(piece, layout, options.fingerprints);
            let (next, (split, ())) = rayon::join(
                || pieces.group(),
                || rayon::join(|| group.into_par_iter().map(split).collect(), || part.take(&records)),
            );
            group = next.map_err(|error| {
                part.undo();
                self.cut_error(error, options)
            })?;
            records = split;
            if let Some(progress) = &options.progress {
                let part_read = self.taken.load(Ordering::Relaxed) as f64 / self.size.max(1) as f64;
                progress.tell(Progress { rows: part.table.places.len(), part: part_read.min(1.0) });
            }
        }
        Ok(())
    }

    fn cut_error(&self, error: CutError, options: &ReadOptions) -> Fault {
        let shown = self.shown.to_owned();
        match error {
            CutError::NotText(at) => self.not_text(at.line, options),
            CutError::Io(error) => Fault::Table(self.unreadable(&error)),
            CutError::OpenQuote(line) => Fault::Table(FileError::OpenQuote { shown, line }.into()),
            CutError::LongRow { line, limit } => {
                Fault::Table(FileError::LongRow { shown, line, limit }.into())
            }
        }
    }

    /// Bytes that are not text: in an encoding that was given it is the user's, else another one is tried.
    fn not_text(&self, line: u64, options: &ReadOptions) -> Fault {
        let given = encoding::named(&options.encoding).is_ok_and(|given| given.is_some());
        if given { Fault::NotTextAt(line) } else { Fault::NotText }
    }

    fn check(&self, layout: &Layout, part: &Part<'_>) -> Result<(), TableError> {
        let (shown, rows) = (self.shown.to_owned(), part.rows());
        let inside = part.ragged.iter().find(|ragged| ragged.after < rows);
        if let Some(ragged) = inside.or(part.ragged.first().filter(|_| rows == 0)) {
            return Err(FileError::RaggedRows {
                shown,
                line: ragged.line,
                found: ragged.fields,
                expected: layout.header.len(),
                lines: part.ragged_in_all,
                separator: layout.separator,
            }
            .into());
        }
        if rows == 0 {
            return Err(FileError::NoRows { shown, columns: layout.header.clone() }.into());
        }
        Ok(())
    }

    fn unreadable(&self, error: &io::Error) -> TableError {
        FileError::of_io(self.shown, error).into()
    }

    fn error(&self, fault: Fault, encoding: &'static Encoding) -> TableError {
        let bad = |line| FileError::BadEncoding {
            shown: self.shown.to_owned(),
            encoding: encoding.name().to_owned(),
            line,
        };
        match fault {
            Fault::Table(error) => error,
            Fault::NotText => bad(1).into(),
            Fault::NotTextAt(line) => bad(line).into(),
        }
    }
}

/// Why a pass over the file ended.
enum Fault {
    /// Bytes that are not text in an encoding that was only likely.
    NotText,
    /// Bytes that are not text in the encoding that was given.
    NotTextAt(u64),
    Table(TableError),
}

impl From<TableError> for Fault {
    fn from(error: TableError) -> Self {
        Self::Table(error)
    }
}

/// The table while the rows of one file are added.
struct Part<'a> {
    table: &'a mut Table,
    before: u64,
    columns: Vec<Column>,
    prints: usize,
    places: crate::place::Places,
    ragged: Vec<Ragged>,
    ragged_in_all: usize,
}

impl<'a> Part<'a> {
    fn new(layout: &Layout, table: &'a mut Table) -> Self {
        let columns = layout
            .columns
            .iter()
            .map(|&at| Column { name: layout.header[at].clone(), ..Column::default() })
            .collect();
        let (before, prints, places) = (table.places.len(), table.fingerprints.len(), table.places.clone());
        Self { table, before, columns, prints, places, ragged: Vec::new(), ragged_in_all: 0 }
    }

    /// Rows of the file so far.
    fn rows(&self) -> u64 {
        self.table.places.len() - self.before
    }

    /// Codes the columns, several at a time, each in the order of its rows.
    fn take(&mut self, records: &[Records]) {
        self.columns.par_iter_mut().enumerate().for_each(|(k, column)| {
            records.iter().for_each(|records| column.cells.push_hashed(records.fields(k)));
        });
        for records in records {
            let (before, kept) = (self.rows(), RAGGED_KEPT.saturating_sub(self.ragged.len()));
            let ragged = records.ragged.iter().take(kept);
            self.ragged
                .extend(ragged.map(|ragged| Ragged { after: before + ragged.after, ..ragged.clone() }));
            self.ragged_in_all += records.ragged_in_all;
            records.runs.iter().for_each(|&(line, rows)| self.table.places.push_many(line, rows));
            self.table.fingerprints.extend_from_slice(&records.fingerprints);
        }
    }

    /// Takes the rows of a pass that failed out again.
    fn undo(&mut self) {
        self.table.places = self.places.clone();
        self.table.fingerprints.truncate(self.prints);
    }

    fn finish(self, encoding: &'static Encoding, layout: &Layout) {
        let table = self.table;
        let mut notes = vec![format!(
            "The text is {}, its columns are separated by {}.",
            encoding.name(),
            layout::named(layout.separator)
        )];
        if layout.header_line > 1 {
            notes.push(format!("The header is found in line {}.", layout.header_line));
        }
        if let Some(first) = self.ragged.first() {
            table.footer_lines += self.ragged_in_all;
            notes.push(format!(
                "{} at the end, from line {} ({}) on, {} other fields than the header: left out.",
                counted(self.ragged_in_all, "line"),
                first.line,
                quote(&first.first),
                if self.ragged_in_all == 1 { "has" } else { "have" }
            ));
        }
        table.add_notes(notes);
        table.comma_separated = layout.separator == ',';
        table.append(self.columns, &layout.header);
    }
}
