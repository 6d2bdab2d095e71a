//! A text file in pieces of whole records, so that several threads can split it.

use std::io::{self, Read};

use memchr::{memchr, memrchr};

use super::encoding::{Decoded, NotText, count};
use super::lines::first_byte;

/// Bytes of a piece, unless one record is longer.
const PIECE: usize = 1 << 19;
/// Pieces that are read at a time.
const GROUP: usize = 8;
/// Bytes that a record or a line of a text file may have: 16 MB.
pub(crate) const LONGEST: usize = 1 << 24;

/// Bytes that begin and end with a record.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) bytes: Vec<u8>,
    /// The line of the first byte.
    pub(crate) line: u64,
    /// Whether a quote character occurs.
    pub(crate) quotes: bool,
}

/// Why a file could not be cut into records.
#[derive(Debug)]
pub(crate) enum CutError {
    NotText(NotText),
    Io(io::Error),
    /// The line on which a quote is opened that is never closed.
    OpenQuote(u64),
    /// The line on which a record begins that is too long.
    LongRow {
        line: u64,
        limit: usize,
    },
}

impl From<io::Error> for CutError {
    fn from(error: io::Error) -> Self {
        match error.downcast::<NotText>() {
            Ok(not_text) => Self::NotText(not_text),
            Err(error) => Self::Io(error),
        }
    }
}

/// The pieces of a decoded file, in their order.
pub(crate) struct Pieces<R> {
    reader: Decoded<R>,
    /// `None` where runs of blanks separate the fields, and quotes are like any character.
    separator: Option<u8>,
    /// What follows the last whole record.
    rest: Vec<u8>,
    line: u64,
    ended: bool,
}

impl<R: Read> Pieces<R> {
    pub(crate) fn new(reader: Decoded<R>, separator: char) -> Self {
        Self {
            reader,
            separator: (separator != ' ').then(|| first_byte(separator)),
            rest: Vec::new(),
            line: 1,
            ended: false,
        }
    }

    /// The next pieces; none at the end of the file.
    pub(crate) fn group(&mut self) -> Result<Vec<Piece>, CutError> {
        let mut group = Vec::with_capacity(GROUP);
        while group.len() < GROUP && !self.ended {
            let piece = self.piece()?;
            if !piece.bytes.is_empty() {
                group.push(piece);
            }
        }
        Ok(group)
    }

    fn piece(&mut self) -> Result<Piece, CutError> {
        let mut bytes = std::mem::take(&mut self.rest);
        let mut border = Border::new(self.separator);
        loop {
            let read = (&mut self.reader).take(PIECE as u64).read_to_end(&mut bytes)?;
            self.ended = read < PIECE;
            border.look(&bytes, self.ended);
            if self.ended || border.whole > 0 {
                break;
            }
            if bytes.len() > LONGEST {
                let limit = LONGEST;
                return Err(self
                    .open_quote(&bytes, &border)
                    .unwrap_or(CutError::LongRow { line: self.line, limit }));
            }
        }
        if self.ended {
            if let Some(error) = self.open_quote(&bytes, &border) {
                return Err(error);
            }
        } else {
            self.rest = bytes.split_off(border.whole);
        }
        let line = self.line;
        self.line += count(&bytes, b'\n');
        Ok(Piece { quotes: border.quotes && memchr(b'"', &bytes).is_some(), bytes, line })
    }

    /// The error for a quote that is still open at the end, unless it is in the last line.
    fn open_quote(&self, bytes: &[u8], border: &Border) -> Option<CutError> {
        let opened = border.open?;
        let (before, after) = bytes.split_at(opened);
        (count(after, b'\n') > 1).then(|| CutError::OpenQuote(self.line + count(before, b'\n')))
    }
}

/// Finds where records end: at line ends outside of quotes.
///
/// As in RFC 4180, a quote is opened only at the start of a field, two quotes inside one are a quote character, and
/// everywhere else a quote is like any character.
struct Border {
    separator: Option<u8>,
    /// Where the quote is that is open.
    open: Option<usize>,
    seen: usize,
    /// The end of the last whole record.
    whole: usize,
    quotes: bool,
}

impl Border {
    fn new(separator: Option<u8>) -> Self {
        Self { separator, open: None, seen: 0, whole: 0, quotes: false }
    }

    fn look(&mut self, bytes: &[u8], ended: bool) {
        while self.seen < bytes.len() {
            let rest = &bytes[self.seen..];
            let quote = self.separator.and_then(|_| memchr(b'"', rest));
            let until = quote.unwrap_or(rest.len());
            if self.open.is_none()
                && let Some(end) = memrchr(b'\n', &rest[..until])
            {
                self.whole = self.seen + end + 1;
            }
            self.seen += until;
            let Some(_) = quote else { return };
            self.quotes = true;
            let at = self.seen;
            if self.open.is_none() {
                let starts = at == 0 || bytes[at - 1] == b'\n' || Some(bytes[at - 1]) == self.separator;
                self.open = starts.then_some(at);
            } else if bytes.get(at + 1) == Some(&b'"') {
                self.seen += 1;
            } else if at + 1 == bytes.len() && !ended {
                // The next bytes say whether the quote is closed or a quote character.
                return;
            } else {
                self.open = None;
            }
            self.seen += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(text: &str, separator: char) -> Result<Vec<Piece>, CutError> {
        let mut pieces = Pieces::new(Decoded::new(text.as_bytes(), encoding_rs::UTF_8), separator);
        let mut all = Vec::new();
        loop {
            let group = pieces.group()?;
            if group.is_empty() {
                return Ok(all);
            }
            all.extend(group);
        }
    }

    #[test]
    fn pieces_end_where_records_end() {
        // Odd lengths move the borders of what is read over every part of a record.
        for pad in [0, 1, 7, 30] {
            let record = format!("\"a \"\"b\"\"\nc{}\",5\" pipe,\"x\"y\n", "z".repeat(pad));
            let text = record.repeat(3 * PIECE / record.len());
            let all = pieces(&text, ',').unwrap();
            assert!(all.len() > 2 && all.iter().all(|piece| piece.quotes));
            assert!(all.iter().all(|piece| piece.bytes.len() % record.len() == 0));
            let mut line = 1;
            for piece in &all {
                assert_eq!(piece.line, line);
                line += 2 * (piece.bytes.len() / record.len()) as u64;
            }
            assert_eq!(all.iter().map(|piece| piece.bytes.len()).sum::<usize>(), text.len());
        }
    }

    #[test]
    fn a_quote_inside_a_field_does_not_open_one() {
        let text = format!("5\" pipe,b\n{}", "1,2\n".repeat(PIECE / 3));
        assert_eq!(pieces(&text, ',').unwrap().len(), 2);
        let blanks = format!("\"5 b\n{}", "1 2\n".repeat(PIECE / 3));
        assert_eq!(pieces(&blanks, ' ').unwrap().len(), 2);
    }

    #[test]
    fn open_quotes_and_long_rows_are_found_by_their_line() {
        let line = |text: &str| match pieces(text, ',') {
            Err(CutError::OpenQuote(line)) => Some(line),
            _ => None,
        };
        assert_eq!(line("a,b\n1,\"2\n3,4\n5,6\n"), Some(2));
        assert_eq!(line("a,b\n\"1\n2\",\"2\n3,4\n"), Some(3));
        assert_eq!(line("a,b\n1,5\" pipe\n3,4\n"), None);
        assert_eq!(line("a,b\n1,\"2\n3\"\n3,4\n"), None);
        assert_eq!(line("a,b\n1,\"2\n"), None);
        let open = format!("a,b\n1,\"2\n{}", "1,2\n".repeat(LONGEST));
        assert_eq!(line(&open), Some(2));
        let long = format!("a,b\n1,{}", "2".repeat(LONGEST + 3 * PIECE));
        assert!(matches!(pieces(&long, ','), Err(CutError::LongRow { line: 2, .. })));
    }
}
