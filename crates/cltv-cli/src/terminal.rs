//! What a person reads on a terminal, and what a program reads on standard output.
//!
//! Texts contain data of others: file names, customers, messages of a kernel. They must not command the
//! terminal. A reader that has closed its end of a pipe has seen enough, which is no fault.

use std::borrow::Cow;
use std::io::{ErrorKind, Write};
use std::path::Path;

use serde_json::Value;

use crate::files::FileError;

/// Prints a text for people on standard output, without what would command the terminal.
///
/// # Errors
/// [`FileError::Write`] when standard output cannot be written, unless its reader has left.
pub fn print(text: &str) -> Result<(), FileError> {
    write_out(harmless(text).as_bytes())
}

/// Prints JSON on standard output with a line end.
///
/// # Errors
/// As [`print()`].
pub fn print_json(value: &Value) -> Result<(), FileError> {
    let text = format!("{value:#}\n");
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            // serde_json escapes the controls below a blank only.
            '\u{7f}'..='\u{9f}' => shown.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => shown.push(c),
        }
    }
    write_out(shown.as_bytes())
}

/// Writes bytes for a program to standard output, as they are.
///
/// # Errors
/// As [`print()`].
pub fn write_out(bytes: &[u8]) -> Result<(), FileError> {
    let mut out = std::io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => written.map_err(FileError::write(Path::new("standard output"))),
    }
}

/// Prints a line on standard error, which may be closed: a run does not fail because of it.
pub fn tell(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{}", harmless(line));
}

/// The text without control characters other than line ends and tabs, and without the sequences that
/// begin with an escape character.
pub fn harmless(text: &str) -> Cow<'_, str> {
    let commands = |c: char| c.is_control() && !matches!(c, '\n' | '\t');
    match text.contains(commands) {
        false => Cow::Borrowed(text),
        true => Cow::Owned(strip_ansi(text).chars().filter(|c| !commands(*c)).collect()),
    }
}

/// Kernels colour their errors for a browser; a log file wants the words only.
pub(crate) fn strip_ansi(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        if c != '\u{1b}' {
            plain.push(c);
        } else if rest.next() == Some('[') {
            // A control sequence ends with its first letter or sign from @ to ~.
            let _ = rest.find(|c| ('@'..='~').contains(c));
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_gets_words_only() {
        assert_eq!(harmless("a\u{1b}[2J\u{7}b\r\n\tc\u{9b}d"), "ab\n\tcd");
        assert!(matches!(harmless("é\n\t✓"), Cow::Borrowed(_)));
    }

    #[test]
    fn colours_are_left_out_and_words_kept() {
        assert_eq!(strip_ansi("\u{1b}[31mno such column\u{1b}[0m é"), "no such column é");
    }
}
