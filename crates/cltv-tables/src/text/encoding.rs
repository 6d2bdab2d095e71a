//! Text files as UTF-8: encodings are given, marked, or found.

use std::io::{self, Read};

use encoding_rs::{Decoder, DecoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE};

use crate::file_error::FileError;

/// Bytes that are read at a time.
const CHUNK: usize = 1 << 18;

/// The encoding that a label names; `None` for "".
pub(crate) fn named(label: &str) -> Result<Option<&'static Encoding>, FileError> {
    let label = label.trim();
    if label.is_empty() {
        return Ok(None);
    }
    let known = if label.eq_ignore_ascii_case("latin-1") { "latin1" } else { label };
    let found = Encoding::for_label(known.as_bytes());
    found.map(Some).ok_or_else(|| FileError::UnknownEncoding { value: label.to_owned() })
}

/// The encoding of a file by its first bytes: a byte order mark, UTF-16 without one, UTF-8, or `None`.
pub(crate) fn of_head(head: &[u8]) -> Option<&'static Encoding> {
    let marked = Encoding::for_bom(head).map(|(encoding, _)| encoding);
    marked.or_else(|| utf16_without_mark(head)).or_else(|| {
        let cut = std::str::from_utf8(head).err();
        // The last character may be cut by the end of the head.
        let valid = cut.is_none_or(|error| error.error_len().is_none());
        valid.then_some(UTF_8)
    })
}

/// The most likely encoding of bytes that are not UTF-8.
pub(crate) fn guessed(reader: &mut dyn Read) -> io::Result<&'static Encoding> {
    let mut detector = chardetng::EncodingDetector::new();
    let mut buffer = vec![0; CHUNK];
    loop {
        match reader.read(&mut buffer)? {
            0 => break,
            n => detector.feed(&buffer[..n], false),
        };
    }
    detector.feed(&[], true);
    Ok(detector.guess(None, false))
}

/// UTF-16 of Latin text has a zero in every second byte.
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

/// Whether bytes can be text: no control characters, unless they are UTF-16.
pub(crate) fn looks_like_text(head: &[u8]) -> bool {
    if Encoding::for_bom(head).is_some() || utf16_without_mark(head).is_some() {
        return true;
    }
    let control = |b: &&u8| **b < 0x09 || (0x0E..0x20).contains(*b) && **b != 0x1B;
    head.iter().find(control).is_none()
}

/// A reader that gives UTF-8, and fails with [`NotText`] where bytes cannot be decoded.
pub(crate) struct Decoded<R> {
    inner: R,
    decoder: Decoder,
    raw: Vec<u8>,
    /// Bytes of `raw` that are not decoded yet.
    left: usize,
    out: Vec<u8>,
    given: usize,
    lines: u64,
    ended: bool,
    /// Whether the last piece ended with "\r".
    after_return: bool,
    /// Whether the last piece ended inside a line.
    open_line: bool,
}

/// The line at which bytes cannot be decoded.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NotText {
    pub(crate) line: u64,
}

impl std::fmt::Display for NotText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {} cannot be decoded", self.line)
    }
}

impl std::error::Error for NotText {}

impl<R: Read> Decoded<R> {
    pub(crate) fn new(inner: R, encoding: &'static Encoding) -> Self {
        Self {
            inner,
            decoder: encoding.new_decoder_with_bom_removal(),
            raw: vec![0; CHUNK],
            left: 0,
            out: Vec::new(),
            given: 0,
            lines: 0,
            ended: false,
            after_return: false,
            open_line: false,
        }
    }

    fn fill(&mut self) -> io::Result<()> {
        let n = self.inner.read(&mut self.raw[self.left..])?;
        self.ended = n == 0;
        let input = &self.raw[..self.left + n];
        self.out.clear();
        self.given = 0;
        let space = self.decoder.max_utf8_buffer_length(input.len()).unwrap_or(4 * CHUNK);
        self.out.resize(space, 0);
        let (result, read, written) =
            self.decoder.decode_to_utf8_without_replacement(input, &mut self.out, self.ended);
        self.out.truncate(written);
        if let DecoderResult::Malformed(..) = result {
            let line = self.lines + count(&self.out, b'\n') + 1;
            return Err(io::Error::other(NotText { line }));
        }
        let used = self.left + n;
        self.one_line_end();
        self.lines += count(&self.out, b'\n');
        let end = used;
        self.raw.copy_within(read..end, 0);
        self.left = end - read;
        Ok(())
    }

    /// Makes every line end one "\n", so that lines can be counted, and ends the last line.
    fn one_line_end(&mut self) {
        // A "\n" at the start of this piece belongs to the "\r" at the end of the last one.
        let skip = usize::from(self.after_return && self.out.first() == Some(&b'\n'));
        if skip == 1 || self.out.contains(&b'\r') {
            let mut to = 0;
            for from in skip..self.out.len() {
                let byte = self.out[from];
                if byte == b'\n' && from > skip && self.out[from - 1] == b'\r' {
                    continue;
                }
                self.out[to] = byte;
                to += 1;
            }
            self.after_return = self.out.last() == Some(&b'\r');
            self.out.truncate(to);
            self.out.iter_mut().filter(|byte| **byte == b'\r').for_each(|byte| *byte = b'\n');
        } else if !self.out.is_empty() {
            self.after_return = false;
        }
        if let Some(&last) = self.out.last() {
            self.open_line = last != b'\n';
        }
        if self.ended && self.open_line {
            self.out.push(b'\n');
            self.open_line = false;
        }
    }
}

/// How often a byte occurs.
pub(super) fn count(bytes: &[u8], byte: u8) -> u64 {
    // A fold over bytes that the compiler turns into vector instructions.
    bytes.chunks(255).map(|chunk| u64::from(chunk.iter().map(|&b| u8::from(b == byte)).sum::<u8>())).sum()
}

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.given == self.out.len() {
            if self.ended {
                return Ok(0);
            }
            self.fill()?;
        }
        let n = into.len().min(self.out.len() - self.given);
        into[..n].copy_from_slice(&self.out[self.given..self.given + n]);
        self.given += n;
        Ok(n)
    }
}

/// The head of a file as text with "\n" at the end of each line; the error is the first line that cannot be decoded.
pub(crate) fn decode_head(head: &[u8], encoding: &'static Encoding) -> Result<String, NotText> {
    let mut decoder = encoding.new_decoder_with_bom_removal();
    let mut text = String::with_capacity(decoder.max_utf8_buffer_length(head.len()).unwrap_or(0));
    let (result, _) = decoder.decode_to_string_without_replacement(head, &mut text, false);
    if matches!(result, DecoderResult::Malformed(..)) {
        return Err(NotText { line: text.matches('\n').count() as u64 + 1 });
    }
    let mut text = text.replace("\r\n", "\n").replace('\r', "\n");
    if !text.ends_with('\n') {
        text.push('\n');
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(bytes: &[u8], encoding: &'static Encoding) -> io::Result<String> {
        let mut text = String::new();
        Decoded::new(bytes, encoding).read_to_string(&mut text)?;
        Ok(text)
    }

    #[test]
    fn encodings_are_found_and_decoded() {
        assert_eq!(of_head("Zürich".as_bytes()), Some(UTF_8));
        assert_eq!(of_head(&"Zü".as_bytes()[..2]), Some(UTF_8), "a cut character");
        let latin = b"Z\xFCrich, gr\xFC\xDFe aus K\xF6ln";
        assert_eq!(of_head(latin), None);
        let guess = guessed(&mut &latin[..]).unwrap();
        assert_eq!(
            (guess.name(), all(latin, guess).unwrap().as_str()),
            ("windows-1252", "Zürich, grüße aus Köln\n")
        );
        let utf16: Vec<u8> = "id,date\n1,2024".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(of_head(&utf16), Some(UTF_16LE));
        assert_eq!(all(&utf16, UTF_16LE).unwrap(), "id,date\n1,2024\n");
        assert!(looks_like_text(&utf16) && !looks_like_text(b"\x89PNG\x00\x01\x02 and more"));
        assert_eq!(all(b"\xEF\xBB\xBFa\r\rb\r\nc", UTF_8).unwrap(), "a\n\nb\nc\n");
        let error = all(b"a\nb\nK\xF6ln\n", UTF_8).unwrap_err();
        assert_eq!(error.to_string(), "line 3 cannot be decoded");
        let long = "ä€x\n".repeat(200_000);
        assert_eq!(all(long.as_bytes(), UTF_8).unwrap(), long);
        for shift in 0..3 {
            let windows = "y".repeat(shift) + &long.replace('\n', "\r\n");
            assert_eq!(all(windows.as_bytes(), UTF_8).unwrap(), "y".repeat(shift) + &long);
        }
    }
}
