//! Text files: their encoding and separator are given, or found by the evidence of the file.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use super::records::{OpenQuote, Records};
use crate::error::{DataError, FileError};
use crate::source::Source;
use crate::table::{Cell, Columns, Table, print_of};

/// Bytes and records that are looked at to find the encoding and the separator.
const BYTES_SEEN: usize = 1 << 20;
const RECORDS_SEEN: usize = 200;
const SEPARATORS: [char; 5] = [',', ';', '\t', '|', ' '];

/// The header and the records of a text file, all of the same width.
pub(crate) struct Split {
    pub(crate) header: Vec<String>,
    pub(crate) records: Vec<(u64, Vec<String>)>,
    pub(crate) separator: char,
    pub(crate) encoding: &'static str,
}

pub(crate) fn read(source: &Source, bytes: &[u8]) -> Result<Table, DataError> {
    let split = split(source, bytes)?;
    let at = Columns::locate(source, &split.header)?;
    let mut table = Table {
        names: at.names(&split.header),
        where_word: "line",
        comma_separated: split.separator == ',',
        notes: vec![format!(
            "The text is {}, its columns are separated by {}.",
            split.encoding,
            named(split.separator)
        )],
        ..Table::default()
    };
    split.check_width(source)?;
    for (line, fields) in &split.records {
        let print = print_of(fields.iter().map(|field| field.trim()));
        table.push(&at, *line, print, |column| Cell::text(&fields[column]));
    }
    Ok(table)
}

/// Decodes the text and splits it; the width of the records is not checked yet, so that a column
/// that is missing because of a wrong separator is reported as missing.
pub(crate) fn split(source: &Source, bytes: &[u8]) -> Result<Split, FileError> {
    let (text, encoding) = decode(source, bytes)?;
    let (text, said) = separator_line(&text);
    let separator = source.separator.or(said).unwrap_or_else(|| find_separator(text));
    let shown = || source.transactions.clone();
    let all: Result<Vec<_>, OpenQuote> = Records::new(text, separator).collect();
    let mut records =
        all.map_err(|OpenQuote { line }| FileError::OpenQuote { shown: shown(), line })?.into_iter();
    let (_, header) = records.next().ok_or_else(|| FileError::Empty { shown: shown() })?;
    Ok(Split { header, records: records.collect(), separator, encoding })
}

impl Split {
    /// Refuses a header without rows and rows that are narrower or wider than the header.
    pub(crate) fn check_width(&self, source: &Source) -> Result<(), FileError> {
        let shown = source.transactions.clone();
        let expected = self.header.len();
        if self.records.is_empty() {
            return Err(FileError::NoRows { shown, columns: self.header.clone() });
        }
        let fits = |fields: &[String]| fields.len() == expected || only_empty_beyond(fields, expected);
        let mut ragged = self.records.iter().filter(|(_, fields)| !fits(fields));
        match ragged.next() {
            None => Ok(()),
            Some((line, fields)) => Err(FileError::RaggedRows {
                shown,
                line: *line,
                found: fields.len(),
                expected,
                lines: 1 + ragged.count(),
                separator: self.separator,
            }),
        }
    }
}

/// Spreadsheets leave empty fields at the end of a line.
fn only_empty_beyond(fields: &[String], width: usize) -> bool {
    fields.len() > width && fields[width..].iter().all(|field| field.trim().is_empty())
}

fn named(separator: char) -> &'static str {
    match separator {
        ',' => "commas",
        ';' => "semicolons",
        '\t' => "tabs",
        '|' => "bars",
        ' ' => "blanks",
        _ => "the given character",
    }
}

/// Excel's first line `sep=;` names the separator.
fn separator_line(text: &str) -> (&str, Option<char>) {
    let mut rest = text.strip_prefix("sep=").unwrap_or_default().chars();
    match rest.next() {
        Some(separator) if rest.as_str().starts_with(['\r', '\n']) => {
            // The line stays, so that line numbers are those of the file; it is made blank.
            (rest.as_str(), Some(separator))
        }
        _ => (text, None),
    }
}

/// The separator that splits most records into as many fields as the header, more than one.
fn find_separator(text: &str) -> char {
    let seen = &text[..floor_boundary(text, BYTES_SEEN)];
    let score = |separator: char| -> (usize, usize) {
        let mut records = Records::new(seen, separator).map_while(Result::ok).take(RECORDS_SEEN);
        let width = records.next().map_or(0, |(_, header)| header.len());
        if width < 2 {
            return (0, 0);
        }
        let mut all = 1;
        let mut alike = 1;
        for (_, fields) in records {
            all += 1;
            alike += usize::from(fields.len() == width);
        }
        (1000 * alike / all, width)
    };
    let mut best = (',', (0, 0));
    for separator in SEPARATORS {
        let found = score(separator);
        // Blanks occur inside values, so they only win where nothing else splits at all.
        if found > best.1 && (separator != ' ' || best.1.0 == 0) {
            best = (separator, found);
        }
    }
    best.0
}

fn floor_boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// Whether bytes can be text: no zero bytes, unless they are every second one (utf-16).
pub(crate) fn looks_like_text(bytes: &[u8]) -> bool {
    let seen = &bytes[..bytes.len().min(BYTES_SEEN)];
    if Encoding::for_bom(seen).is_some() || utf16_without_mark(seen).is_some() {
        return true;
    }
    let control = |b: &&u8| **b < 0x09 || (0x0E..0x20).contains(*b) && **b != 0x1B;
    seen.iter().find(control).is_none()
}

/// Utf-16 of Latin text has a zero in every second byte.
fn utf16_without_mark(bytes: &[u8]) -> Option<&'static Encoding> {
    let pairs = bytes.len().min(4096) / 2;
    let zeros = |offset: usize| (0..pairs).filter(|i| bytes[2 * i + offset] == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    if pairs < 4 {
        None
    } else if odd > pairs * 9 / 10 && even == 0 {
        Some(UTF_16LE)
    } else if even > pairs * 9 / 10 && odd == 0 {
        Some(UTF_16BE)
    } else {
        None
    }
}

fn decode<'a>(source: &Source, bytes: &'a [u8]) -> Result<(Cow<'a, str>, &'static str), FileError> {
    let given = given_encoding(source)?;
    let encoding = Encoding::for_bom(bytes)
        .map(|(encoding, _)| encoding)
        .or(given)
        .unwrap_or_else(|| find_encoding(bytes));
    let (text, used, wrong) = encoding.decode(bytes);
    if !wrong {
        return Ok((text, used.name()));
    }
    let before = text.split('\u{fffd}').next().unwrap_or_default();
    Err(FileError::BadEncoding {
        shown: source.transactions.clone(),
        encoding: used.name().to_owned(),
        line: before.matches('\n').count() as u64 + 1,
    })
}

fn given_encoding(source: &Source) -> Result<Option<&'static Encoding>, FileError> {
    let label = source.encoding.trim();
    if label.is_empty() {
        return Ok(None);
    }
    let label = if label.eq_ignore_ascii_case("latin-1") { "latin1" } else { label };
    let found = Encoding::for_label(label.as_bytes());
    found.map(Some).ok_or_else(|| FileError::UnknownEncoding { value: source.encoding.clone() })
}

fn find_encoding(bytes: &[u8]) -> &'static Encoding {
    if let Some(utf16) = utf16_without_mark(bytes) {
        return utf16;
    }
    if std::str::from_utf8(bytes).is_ok() {
        return UTF_8;
    }
    let mut detector = chardetng::EncodingDetector::new();
    detector.feed(bytes, true);
    detector.guess(None, false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separators_are_found_by_the_header_and_the_rows() {
        assert_eq!(find_separator("id;date;amount\n1;2024-01-05;12,50\n"), ';');
        assert_eq!(find_separator("id,date,amount\n1,2024-01-05,\"1,250.00\"\n"), ',');
        assert_eq!(find_separator("id\tdate\n1\t5 Jan, 2024\n"), '\t');
        assert_eq!(find_separator("id,date\n1,2024-01-05 10:00\n"), ',');
        assert_eq!(find_separator(" id date  cds\r\n 1 19970101  2\r\n"), ' ');
        assert_eq!(separator_line("sep=;\r\na;b").1, Some(';'));
        assert_eq!(separator_line("a,b").1, None);
    }

    #[test]
    fn encodings_are_found() {
        assert_eq!(find_encoding("Zürich".as_bytes()), UTF_8);
        assert_eq!(find_encoding(b"Z\xFCrich, gr\xFC\xDFe aus K\xF6ln").name(), "windows-1252");
        let utf16: Vec<u8> = "id,date\n1,2024".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(find_encoding(&utf16), UTF_16LE);
        assert!(looks_like_text(&utf16));
        assert!(!looks_like_text(b"\x89PNG\x00\x01\x02 and more"));
    }
}
