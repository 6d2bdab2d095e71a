//! The records of a piece of text, split into fields.

use std::ops::Range;

use super::layout::Layout;
use super::lines::{Lines, csv_reader, first_byte};
use super::pieces::Piece;
use crate::table::mixed;
use crate::value::{hash_of, trimmed};

/// Records of other widths that are remembered; more of them mean a wrong separator.
pub(crate) const RAGGED_KEPT: usize = 1000;

/// The wanted fields of some records, and the records that do not fit.
#[derive(Debug, Default)]
pub(crate) struct Records {
    bytes: Vec<u8>,
    /// The fields of each wanted column, without blanks around them.
    fields: Vec<Vec<Field>>,
    /// Records on consecutive lines: the first line, and how many.
    pub(crate) runs: Vec<(u64, u64)>,
    pub(crate) rows: u64,
    /// A hash of all fields of each record.
    pub(crate) fingerprints: Vec<u32>,
    pub(crate) ragged: Vec<Ragged>,
    pub(crate) ragged_in_all: usize,
}

#[derive(Debug, Clone, Copy, Default)]
struct Field {
    hash: u64,
    start: u32,
    end: u32,
}

impl Records {
    /// The fields of the k-th wanted column, with their hashes.
    pub(crate) fn fields(&self, k: usize) -> impl Iterator<Item = (&[u8], u64)> {
        self.fields[k].iter().map(|field| (&self.bytes[field.start as usize..field.end as usize], field.hash))
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

/// Splits a piece. One without quotes is split where it lies; the csv reader splits the others.
pub(crate) fn split(piece: Piece, layout: &Layout, fingerprints: bool) -> Records {
    let width = layout.header.len();
    let mut splitter = Splitter {
        layout,
        fingerprints,
        hashed: (0..width).map(|at| fingerprints || layout.columns.contains(&at)).collect(),
        spans: Vec::with_capacity(width),
        record: vec![Field::default(); width],
        records: Records { fields: vec![Vec::new(); layout.columns.len()], ..Records::default() },
    };
    let bytes = if layout.separator == ' ' {
        splitter.blanks(piece)
    } else if piece.quotes {
        splitter.csv(&piece)
    } else {
        splitter.plain(piece)
    };
    Records { bytes, ..splitter.records }
}

struct Splitter<'a> {
    layout: &'a Layout,
    fingerprints: bool,
    /// Whether a field's hash is needed.
    hashed: Vec<bool>,
    /// The fields of a record as they lie in the bytes.
    spans: Vec<Range<usize>>,
    /// The fields of a record that has the right width.
    record: Vec<Field>,
    records: Records,
}

impl Splitter<'_> {
    fn plain(&mut self, piece: Piece) -> Vec<u8> {
        let bytes = piece.bytes;
        let separator = first_byte(self.layout.separator);
        let (mut line, mut start) = (piece.line, 0);
        for at in memchr::memchr2_iter(separator, b'\n', &bytes) {
            self.spans.push(start..at);
            start = at + 1;
            if bytes[at] == b'\n' {
                self.take(&bytes, line);
                line += 1;
            }
        }
        bytes
    }

    fn csv(&mut self, piece: &Piece) -> Vec<u8> {
        let mut reader = csv_reader(piece.bytes.as_slice(), self.layout.separator);
        let mut record = csv::ByteRecord::new();
        let mut lines = Lines::default();
        let mut bytes = Vec::with_capacity(piece.bytes.len());
        // Records of any width are taken and memory does not fail to be read, so that there is no error.
        while matches!(reader.read_byte_record(&mut record), Ok(true)) {
            let line = piece.line - 1 + lines.line_of(&reader, &record);
            let base = bytes.len();
            bytes.extend_from_slice(record.as_slice());
            let span = |range: Range<usize>| base + range.start..base + range.end;
            self.spans.extend((0..record.len()).filter_map(|at| record.range(at)).map(span));
            self.take(&bytes, line);
        }
        bytes
    }

    fn blanks(&mut self, piece: Piece) -> Vec<u8> {
        let bytes = piece.bytes;
        let mut start = 0;
        for (line, end) in (piece.line..).zip(memchr::memchr_iter(b'\n', &bytes)) {
            let mut at = start;
            for field in bytes[start..end].split(u8::is_ascii_whitespace) {
                if !field.is_empty() {
                    self.spans.push(at..at + field.len());
                }
                at += field.len() + 1;
            }
            self.take(&bytes, line);
            start = end + 1;
        }
        bytes
    }

    /// Adds the record whose fields are the spans, which are taken.
    fn take(&mut self, bytes: &[u8], line: u64) {
        if line > self.layout.header_line && self.fits(bytes, line) {
            self.add(bytes, line);
        }
        self.spans.clear();
    }

    /// Whether a record is a row; blank ones are none, and those of another width are remembered.
    fn fits(&mut self, bytes: &[u8], line: u64) -> bool {
        let (width, expected) = (self.spans.len(), self.layout.header.len());
        let is_text = |span: &Range<usize>| !bytes[span.clone()].trim_ascii().is_empty();
        let Some(first) = self.spans.iter().find(|span| is_text(span)) else { return false };
        // Spreadsheets leave empty fields at the end of a line.
        if width == expected || width > expected && !self.spans[expected..].iter().any(is_text) {
            return true;
        }
        let records = &mut self.records;
        records.ragged_in_all += 1;
        if records.ragged.len() < RAGGED_KEPT {
            let first = String::from_utf8_lossy(&bytes[first.clone()]).into_owned();
            records.ragged.push(Ragged { line, fields: width, first, after: records.rows });
        }
        false
    }

    fn add(&mut self, bytes: &[u8], line: u64) {
        let mut row = 0_u64;
        for ((field, span), _) in
            self.record.iter_mut().zip(&self.spans).zip(&self.hashed).filter(|(_, h)| **h)
        {
            let text = &bytes[span.clone()];
            let kept = trimmed(text);
            let start = span.start + (kept.as_ptr().addr() - text.as_ptr().addr());
            let hash = hash_of(kept);
            row = mixed(row, hash);
            *field = Field { hash, start: start as u32, end: (start + kept.len()) as u32 };
        }
        let records = &mut self.records;
        let columns = records.fields.iter_mut().zip(&self.layout.columns);
        columns.for_each(|(fields, &at)| fields.push(self.record[at]));
        if self.fingerprints {
            records.fingerprints.push((row >> 32) as u32);
        }
        match records.runs.last_mut() {
            Some((first, rows)) if *first + *rows == line => *rows += 1,
            _ => records.runs.push((line, 1)),
        }
        records.rows += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str, separator: char, width: usize) -> (Vec<(u64, Vec<String>)>, Records) {
        let layout = Layout {
            separator,
            header: vec![String::new(); width],
            header_line: 1,
            columns: (0..width).collect(),
        };
        let text = text.replace("\r\n", "\n");
        let piece = Piece { quotes: text.contains('"'), bytes: text.into_bytes(), line: 1 };
        let split = split(piece, &layout, true);
        let lines = split.runs.iter().flat_map(|&(first, rows)| first..first + rows);
        let mut records: Vec<(u64, Vec<String>)> = lines.map(|line| (line, Vec::new())).collect();
        for k in 0..width {
            for (record, (field, hash)) in records.iter_mut().zip(split.fields(k)) {
                assert_eq!(hash, hash_of(field));
                record.1.push(String::from_utf8(field.to_vec()).unwrap());
            }
        }
        assert_eq!(split.fingerprints.len(), records.len());
        (records, split)
    }

    #[test]
    fn quotes_line_ends_and_blank_lines() {
        let text = "a,b\r\n\r\n\"1,5\",\"say \"\"hi\"\"\nthere\"\r\n2,\n,,\n3,x\n4,y,\nend of file\n";
        let (records, split) = all(text, ',', 2);
        let lines: Vec<u64> = records.iter().map(|(line, _)| *line).collect();
        assert_eq!(lines, [3, 5, 7, 8]);
        assert_eq!(records[0].1, ["1,5", "say \"hi\"\nthere"]);
        assert_eq!(records[1].1, ["2", ""]);
        assert_eq!(split.ragged, [Ragged { line: 9, fields: 1, first: "end of file".into(), after: 4 }]);
    }

    #[test]
    fn a_piece_without_quotes_is_split_as_one_with_quotes() {
        let text = "a,b\n\n1, x \n2,\n,,\n3,\u{a0}y\n4,y,\nend of file\n";
        let (plain, in_place) = all(text, ',', 2);
        let (quoted, by_reader) = all(&text.replace("1, x ", "1,\" x \""), ',', 2);
        assert_eq!(plain, quoted);
        assert_eq!(plain.iter().map(|(line, _)| *line).collect::<Vec<u64>>(), [3, 4, 6, 7]);
        assert_eq!(in_place.fingerprints, by_reader.fingerprints);
        assert_eq!(in_place.ragged, by_reader.ragged);
    }

    #[test]
    fn runs_of_blanks_separate() {
        let (records, _) = all(" a b\r\n 1  2\r\n\r\n 3 4\r\n", ' ', 2);
        assert_eq!(records, [(2, vec!["1".into(), "2".into()]), (4, vec!["3".into(), "4".into()])]);
    }
}
