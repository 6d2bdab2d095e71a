//! A csv reader, and the lines on which its records begin.

use std::io::Read;

/// A csv reader that takes records of any width.
pub(crate) fn csv_reader<R: Read>(reader: R, separator: char) -> csv::Reader<R> {
    let mut builder = csv::ReaderBuilder::new();
    builder.has_headers(false).flexible(true).buffer_capacity(1 << 18);
    builder.delimiter(first_byte(separator));
    builder.from_reader(reader)
}

/// A separator outside of ASCII cannot be one byte; the first one of its encoding does as well as any.
pub(crate) fn first_byte(separator: char) -> u8 {
    separator.encode_utf8(&mut [0; 4]).as_bytes()[0]
}

/// The lines of records. The reader's own positions are before blank lines.
#[derive(Debug)]
pub(crate) struct Lines {
    /// The line after the record before.
    pub(crate) next: u64,
}

impl Default for Lines {
    fn default() -> Self {
        Self { next: 1 }
    }
}

impl Lines {
    /// The line on which the record begins that was just read; all lines end with one "\n".
    pub(crate) fn line_of<R: Read>(&mut self, reader: &csv::Reader<R>, record: &csv::ByteRecord) -> u64 {
        let next = reader.position().line();
        let several = next - self.next > 1;
        self.next = next;
        let inside = if several { record.as_slice().iter().filter(|&&b| b == b'\n').count() } else { 0 };
        next.saturating_sub(1 + inside as u64)
    }
}
