//! Records of a text file in batches, split in a thread of their own.

use std::io::{BufRead, BufReader, Read};
use std::sync::mpsc::SyncSender;

use super::encoding::{Decoded, NotText};
use super::layout::Layout;
use super::lines::{Lines, csv_reader};
use crate::table::mixed;
use crate::value::{hash_of, trimmed};

/// Records in a batch.
const BATCH: usize = 1 << 15;
/// Records of other widths that are remembered; more of them mean a wrong separator.
const RAGGED_KEPT: usize = 1000;

/// The wanted fields of some records.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    bytes: Vec<u8>,
    /// The end of each wanted field in `bytes`, record by record.
    ends: Vec<u32>,
    /// The line of each record.
    pub(crate) lines: Vec<u64>,
    /// A hash of all fields of each record.
    pub(crate) fingerprints: Vec<u32>,
}

impl Batch {
    /// The fields of the k-th wanted column out of so many.
    pub(crate) fn fields(&self, k: usize, columns: usize) -> impl Iterator<Item = &[u8]> {
        (0..self.lines.len()).map(move |record| {
            let at = record * columns + k;
            let start = if at == 0 { 0 } else { self.ends[at - 1] as usize };
            &self.bytes[start..self.ends[at] as usize]
        })
    }
}

/// A record with another number of fields than the header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ragged {
    pub(crate) line: u64,
    pub(crate) fields: usize,
    pub(crate) first: String,
    /// Records of the right width before it.
    pub(crate) after: u64,
}

/// What was found when the whole file was split.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ending {
    pub(crate) ragged: Vec<Ragged>,
    pub(crate) ragged_in_all: usize,
    /// The line on which a quote is opened that is never closed.
    pub(crate) open_quote: Option<u64>,
}

/// Why a file could not be split.
#[derive(Debug)]
pub(crate) enum SplitError {
    NotText(NotText),
    Io(std::io::Error),
}

impl From<std::io::Error> for SplitError {
    fn from(error: std::io::Error) -> Self {
        match error.downcast::<NotText>() {
            Ok(not_text) => Self::NotText(not_text),
            Err(error) => Self::Io(error),
        }
    }
}

/// Splits a file and sends batches of its wanted fields; stops early when nobody receives them.
pub(crate) fn split<R: Read>(
    reader: Decoded<R>,
    layout: &Layout,
    fingerprints: bool,
    to: &SyncSender<Batch>,
) -> Result<Ending, SplitError> {
    let mut splitter = Splitter {
        layout,
        fingerprints,
        to,
        batch: Batch::default(),
        sent: 0,
        ending: Ending::default(),
        last: (0, 0),
    };
    if layout.separator == ' ' {
        splitter.blanks(reader)?;
    } else {
        splitter.csv(reader)?;
    }
    Ok(splitter.ending)
}

struct Splitter<'a> {
    layout: &'a Layout,
    fingerprints: bool,
    to: &'a SyncSender<Batch>,
    batch: Batch,
    sent: u64,
    ending: Ending,
    /// The line after the record before the last one, and the line after the last one.
    last: (u64, u64),
}

impl Splitter<'_> {
    fn csv<R: Read>(&mut self, reader: Decoded<R>) -> Result<(), SplitError> {
        let mut reader = csv_reader(reader, self.layout.separator);
        let mut record = csv::ByteRecord::new();
        let mut lines = Lines::default();
        loop {
            let more = reader.read_byte_record(&mut record).map_err(|error| match error.into_kind() {
                csv::ErrorKind::Io(error) => error,
                other => std::io::Error::other(format!("{other:?}")),
            })?;
            if !more {
                break;
            }
            let begin = lines.next;
            let line = lines.line_of(&reader, &record);
            self.last = (begin, lines.next);
            if line > self.layout.header_line && !self.take(line, record.len(), record.iter()) {
                return Ok(());
            }
        }
        let (first, end) = self.last;
        let odd = reader.get_ref().quotes() % 2 == 1;
        if end > first + 1 && odd {
            self.ending.open_quote = Some(first);
        }
        self.send();
        Ok(())
    }

    fn blanks<R: Read>(&mut self, reader: Decoded<R>) -> Result<(), SplitError> {
        let mut reader = BufReader::with_capacity(1 << 18, reader);
        let mut text = Vec::new();
        for line in 1.. {
            text.clear();
            if reader.read_until(b'\n', &mut text)? == 0 {
                break;
            }
            if line <= self.layout.header_line {
                continue;
            }
            let fields = || text.split(u8::is_ascii_whitespace).filter(|field| !field.is_empty());
            if !self.take(line, fields().count(), fields()) {
                return Ok(());
            }
        }
        self.send();
        Ok(())
    }

    /// Adds a record; false when nobody receives batches any more.
    fn take<'b>(&mut self, line: u64, width: usize, fields: impl Iterator<Item = &'b [u8]> + Clone) -> bool {
        let expected = self.layout.header.len();
        if width != expected {
            let blank = |field: &[u8]| field.trim_ascii().is_empty();
            if width == 0 || fields.clone().all(blank) {
                return true;
            }
            // Spreadsheets leave empty fields at the end of a line.
            if !(width > expected && fields.clone().skip(expected).all(blank)) {
                self.ragged(line, width, fields);
                return true;
            }
        } else if self.is_blank(fields.clone()) {
            return true;
        }
        let batch = &mut self.batch;
        let start = batch.ends.len();
        batch.ends.resize(start + self.layout.columns.len(), 0);
        let mut hash = 0_u64;
        let mut all: [&[u8]; 64] = [&[]; 64];
        let mut wide: Vec<&[u8]> = Vec::new();
        for (i, field) in fields.take(expected).enumerate() {
            if self.fingerprints {
                hash = mixed(hash, hash_of(trimmed(field)));
            }
            if expected > 64 {
                wide.push(field);
            } else {
                all[i] = field;
            }
        }
        let all: &[&[u8]] = if expected > 64 { &wide } else { &all[..expected] };
        for (k, &column) in self.layout.columns.iter().enumerate() {
            batch.bytes.extend_from_slice(all[column]);
            batch.ends[start + k] = batch.bytes.len() as u32;
        }
        batch.lines.push(line);
        if self.fingerprints {
            batch.fingerprints.push((hash >> 32) as u32);
        }
        self.batch.lines.len() < BATCH || self.send()
    }

    fn is_blank<'b>(&self, mut fields: impl Iterator<Item = &'b [u8]>) -> bool {
        fields.all(|field| field.trim_ascii().is_empty())
    }

    fn ragged<'b>(&mut self, line: u64, width: usize, mut fields: impl Iterator<Item = &'b [u8]>) {
        self.ending.ragged_in_all += 1;
        if self.ending.ragged.len() < RAGGED_KEPT {
            let first = fields.find(|field| !field.trim_ascii().is_empty()).unwrap_or_default();
            self.ending.ragged.push(Ragged {
                line,
                fields: width,
                first: String::from_utf8_lossy(first).into_owned(),
                after: self.sent + self.batch.lines.len() as u64,
            });
        }
    }

    fn send(&mut self) -> bool {
        let batch = std::mem::take(&mut self.batch);
        self.sent += batch.lines.len() as u64;
        batch.lines.is_empty() || self.to.send(batch).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::sync_channel;

    fn all(text: &str, separator: char, width: usize) -> (Vec<(u64, Vec<String>)>, Ending) {
        let layout = Layout {
            separator,
            header: vec![String::new(); width],
            header_line: 1,
            columns: (0..width).collect(),
        };
        let (to, from) = sync_channel(100);
        let ending = split(Decoded::new(text.as_bytes(), encoding_rs::UTF_8), &layout, true, &to).unwrap();
        drop(to);
        let mut records = Vec::new();
        for batch in from {
            let columns: Vec<Vec<&[u8]>> = (0..width).map(|k| batch.fields(k, width).collect()).collect();
            for (i, &line) in batch.lines.iter().enumerate() {
                let text = |field: &[u8]| String::from_utf8(field.to_vec()).unwrap();
                records.push((line, columns.iter().map(|column| text(column[i])).collect()));
            }
        }
        (records, ending)
    }

    #[test]
    fn quotes_line_ends_and_blank_lines() {
        let text = "a,b\r\n\r\n\"1,5\",\"say \"\"hi\"\"\nthere\"\r\n2,\n,,\n3,x\n4,y,\nend of file\n";
        let (records, ending) = all(text, ',', 2);
        let lines: Vec<u64> = records.iter().map(|(line, _)| *line).collect();
        assert_eq!(lines, [3, 5, 7, 8]);
        assert_eq!(records[0].1, ["1,5", "say \"hi\"\nthere"]);
        assert_eq!(records[1].1, ["2", ""]);
        assert_eq!(ending.ragged, [Ragged { line: 9, fields: 1, first: "end of file".into(), after: 4 }]);
        assert_eq!(ending.open_quote, None);
    }

    #[test]
    fn runs_of_blanks_separate() {
        let (records, _) = all(" a b\r\n 1  2\r\n\r\n 3 4\r\n", ' ', 2);
        assert_eq!(records, [(2, vec!["1".into(), "2".into()]), (4, vec!["3".into(), "4".into()])]);
    }

    #[test]
    fn an_open_quote_is_found_by_its_line() {
        assert_eq!(all("a,b\n1,\"2\n3,4\n5,6\n", ',', 2).1.open_quote, Some(2));
        assert_eq!(all("a,b\n1,5\" pipe\n3,4\n", ',', 2).1.open_quote, None);
        assert_eq!(all("a,b\n1,\"2\n3\"\n3,4\n", ',', 2).1.open_quote, None);
    }
}
