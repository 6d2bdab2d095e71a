//! What a packed workbook announces, found before its decoder takes memory for it: repeated rows and cells of an ods
//! file, the shared strings of an xlsx file.

use std::io::{self, BufRead, BufReader, Cursor};

use crate::sheet_cells::{MOST_CELLS, MOST_TEXT, Stop};

/// The part of an ods workbook that contains its sheets.
const CONTENT: &str = "content.xml";
/// Bytes of a cell's tag from which they count as text: its value or formula is then a long one.
const LONG_TAG: usize = 256;

/// Elements that the decoder reads to their end tag, for ever where there is none.
const CLOSED: [&[u8]; 5] = [
    b"table:table",
    b"table:table-row",
    b"table:table-cell",
    b"table:covered-table-cell",
    b"office:annotation",
];

/// The end of the name of the part with an xlsx file's shared strings, in lower case.
const STRINGS: &str = "sharedstrings.xml";
/// Bytes of the shortest shared string, `<si/>`.
const SHORTEST: u64 = 5;
/// Shared strings that any file may announce, because some programs announce more than there are; 24 MB.
const USUAL: u64 = 1 << 20;

/// Refuses a workbook that announces more than the bounds, or more than it contains.
pub(crate) fn check(bytes: &[u8]) -> Result<(), Stop> {
    // What is no archive is refused by its decoder.
    let Ok(mut archive) = zip::ZipArchive::new(Cursor::new(bytes)) else { return Ok(()) };
    for at in 0..archive.len() {
        let Ok(part) = archive.by_index(at) else { continue };
        let is_strings =
            part.name().is_ok_and(|name| name.replace('\\', "/").to_ascii_lowercase().ends_with(STRINGS));
        if is_strings {
            let size = part.size();
            shared_strings(BufReader::new(part), size)?;
        }
    }
    archive.by_name(CONTENT).map_or(Ok(()), |content| sheets(BufReader::new(content)))
}

/// Refuses a number of shared strings for which the part has no room; the decoder takes memory for all of them at once.
fn shared_strings(mut reader: impl BufRead, size: u64) -> Result<(), Stop> {
    let (mut text, mut tag) = (Vec::new(), Vec::new());
    while next(&mut reader, &mut text, &mut tag).map_err(calamine::Error::Io)? {
        if name_of(&tag).rsplit(|&b| b == b':').next() != Some(b"sst") {
            continue;
        }
        let most = (size / SHORTEST).clamp(USUAL, MOST_CELLS);
        let counts =
            memchr::memmem::find_iter(&tag, b"uniqueCount").filter_map(|at| number_after(&tag[at..]));
        if counts.max().is_some_and(|count| count > most) {
            return Err(calamine::Error::Msg(
                "it is damaged: it announces more shared strings than it contains",
            )
            .into());
        }
        return Ok(());
    }
    Ok(())
}

/// Refuses sheets of an ods file that have more cells or more text than the bounds, or that the file ends inside of.
fn sheets(mut reader: impl BufRead) -> Result<(), Stop> {
    let (mut size, mut open) = (Size::default(), [false; CLOSED.len()]);
    let (mut text, mut tag) = (Vec::new(), Vec::new());
    while next(&mut reader, &mut text, &mut tag).map_err(calamine::Error::Io)? {
        size.in_cell += text.len() as u64;
        size.add(&tag)?;
        let name = name_of(&tag);
        for (element, open) in CLOSED.iter().zip(&mut open) {
            if name == *element {
                *open = !tag.ends_with(b"/>");
            } else if name.strip_prefix(b"/") == Some(element) {
                *open = false;
            }
        }
    }
    if open.contains(&true) {
        return Err(calamine::Error::Msg("it is damaged: content.xml ends inside a sheet").into());
    }
    Ok(())
}

/// Reads a text and the tag after it; false at the end.
fn next(reader: &mut impl BufRead, text: &mut Vec<u8>, tag: &mut Vec<u8>) -> io::Result<bool> {
    text.clear();
    tag.clear();
    reader.read_until(b'<', text)?;
    let (mut seen, mut quote) = (0, None);
    while reader.read_until(b'>', tag)? > 0 {
        let ended = if tag.starts_with(b"!--") {
            tag.len() >= 6 && tag.ends_with(b"-->")
        } else if tag.starts_with(b"![CDATA[") {
            tag.ends_with(b"]]>")
        } else if tag.starts_with(b"?") {
            tag.ends_with(b"?>")
        } else {
            // A ">" in a quoted value does not end the tag.
            for &byte in &tag[seen..] {
                match quote {
                    None if matches!(byte, b'"' | b'\'') => quote = Some(byte),
                    Some(open) if open == byte => quote = None,
                    _ => {}
                }
            }
            seen = tag.len();
            quote.is_none()
        };
        if ended {
            // The tags inside of a document type would be read as others than the decoder does; no program writes one.
            let declares = tag.starts_with(b"!DOCTYPE") && tag.contains(&b'[');
            return if declares { Err(io::ErrorKind::InvalidData.into()) } else { Ok(true) };
        }
    }
    Ok(false)
}

/// The name of a tag, which begins with "/" where it ends an element.
fn name_of(tag: &[u8]) -> &[u8] {
    let name = tag.split(|b| b.is_ascii_whitespace() || *b == b'>').next().unwrap_or_default();
    name.strip_suffix(b"/").unwrap_or(name)
}

/// What a sheet has so far.
#[derive(Debug, Default)]
struct Size {
    rows: u64,
    /// Rows up to the last that has a value, and columns up to the last.
    used: (u64, u64),
    text: u64,
    /// How often the present row counts, its columns, those up to the last with a value, and its text.
    repeated: u64,
    columns: u64,
    last: u64,
    row_text: u64,
    /// How often the present cell counts, and its text.
    cells: u64,
    in_cell: u64,
}

impl Size {
    fn add(&mut self, tag: &[u8]) -> Result<(), Stop> {
        match name_of(tag) {
            b"table:table" => *self = Self::default(),
            b"table:table-row" => {
                self.repeated = repeated(tag, b"table:number-rows-repeated");
                (self.columns, self.last, self.row_text) = (0, 0, 0);
            }
            b"table:table-cell" | b"table:covered-table-cell" => self.cell(tag),
            b"/table:table-cell" | b"/table:covered-table-cell" => {
                self.row_text = self.row_text.saturating_add(self.in_cell.saturating_mul(self.cells));
            }
            b"/table:table-row" => return self.row(),
            _ => {}
        }
        Ok(())
    }

    fn cell(&mut self, tag: &[u8]) {
        self.cells = repeated(tag, b"table:number-columns-repeated");
        self.columns = self.columns.saturating_add(self.cells);
        self.in_cell = 0;
        if memchr::memmem::find(tag, b"value").is_some() || memchr::memmem::find(tag, b"formula").is_some() {
            self.last = self.columns;
            let long = if tag.len() > LONG_TAG { tag.len() as u64 } else { 0 };
            self.row_text = self.row_text.saturating_add(long.saturating_mul(self.cells));
        }
    }

    fn row(&mut self) -> Result<(), Stop> {
        self.rows = self.rows.saturating_add(self.repeated);
        if self.last == 0 {
            return Ok(());
        }
        self.used = (self.rows, self.used.1.max(self.last));
        self.text = self.text.saturating_add(self.row_text.saturating_mul(self.repeated));
        let cells = self.used.0.saturating_mul(self.used.1);
        if cells > MOST_CELLS {
            let end = |side: u64| u32::try_from(side - 1).unwrap_or(u32::MAX - 1);
            return Err(Stop::cells(cells, (0, 0), (end(self.used.0), end(self.used.1))));
        }
        if self.text > MOST_TEXT { Err(Stop::text()) } else { Ok(()) }
    }
}

/// How often a tag says that its row or cell is repeated.
fn repeated(tag: &[u8], attribute: &[u8]) -> u64 {
    memchr::memmem::find(tag, attribute).and_then(|at| number_after(&tag[at..])).unwrap_or(1)
}

/// The number in the next quotation marks.
fn number_after(tag: &[u8]) -> Option<u64> {
    let digits = tag.split(|b| matches!(b, b'"' | b'\'')).nth(1)?;
    std::str::from_utf8(digits).ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn checked(rows: &str) -> Option<String> {
        let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
        archive.start_file(CONTENT, zip::write::SimpleFileOptions::default()).unwrap();
        let text = format!(
            "<office:spreadsheet><table:table table:name=\"a>b\">{rows}</table:table></office:spreadsheet>"
        );
        archive.write_all(text.as_bytes()).unwrap();
        match check(&archive.finish().unwrap().into_inner()) {
            Err(Stop::Large(found, _)) => Some(found),
            _ => None,
        }
    }

    #[test]
    fn a_file_that_ends_inside_a_sheet_is_damaged() {
        let ends = |content: &str| {
            let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
            archive.start_file(CONTENT, zip::write::SimpleFileOptions::default()).unwrap();
            archive.write_all(content.as_bytes()).unwrap();
            matches!(check(&archive.finish().unwrap().into_inner()), Err(Stop::Calamine(_)))
        };
        assert!(!ends("<a><table:table/><table:table name='a>\"b'></table:table></a>"));
        assert!(!ends("<table:table><!-- <table:table> '--></table:table>"));
        for content in [
            "<table:table><table:table-row></table:table-row>",
            "<table:table><!-- </table:table> -->",
            "<table:table><![CDATA[</table:table>]]>",
            "<table:table></table:table><table:table><table:table-row>",
            "<table:table><table:table-cell><office:annotation></table:table>",
        ] {
            assert!(ends(content), "{content}");
        }
    }

    #[test]
    fn more_shared_strings_than_there_is_room_for_are_damage() {
        let strings = |text: &str| shared_strings(text.as_bytes(), text.len() as u64).is_ok();
        assert!(strings(
            "<?xml version=\"1.0\"?><sst count=\"9\" uniqueCount=\"2\"><si/><si><t>a</t></si></sst>"
        ));
        assert!(strings("<sst><si/></sst>") && strings("<sst uniqueCount=\"1000\"><si/></sst>"));
        for text in [
            "<sst count=\"2\" uniqueCount=\"4294967296\"><si/></sst>",
            "<x:sst uniqueCount = '99999999'></x:sst>",
            "<!-- <sst uniqueCount='1'> --><sst a='uniqueCount' uniqueCount='4294967296'></sst>",
            "<!DOCTYPE sst [<!ENTITY a '<sst>'>]><sst uniqueCount='4294967296'></sst>",
        ] {
            assert!(!strings(text), "{text}");
        }
    }

    #[test]
    fn repeated_rows_and_cells_count_up_to_the_last_value() {
        let row = |rows: u64, cells: &str| {
            format!("<table:table-row table:number-rows-repeated=\"{rows}\">{cells}</table:table-row>")
        };
        let cell = |columns: u64, text: &str| {
            format!(
                "<table:table-cell table:number-columns-repeated=\"{columns}\" office:value-type=\"string\"><text:p>{text}</text:p></table:table-cell>"
            )
        };
        let empty = "<table:table-cell table:number-columns-repeated=\"16384\"/>";
        // What spreadsheet programs write at the end of every row and sheet takes no memory.
        let usual = row(1_000_000, &(cell(20, "a") + empty)) + &row(48_000, empty);
        assert_eq!(checked(&usual), None);
        let wide = checked(&(row(1, &(cell(16_384, "a") + empty)) + &row(1_048_575, &cell(1, "b"))));
        assert_eq!(wide.as_deref(), Some("17,179,869,184 cells in A1:XFD1048576"));
        let text = checked(&row(1_000_000, &cell(1, &"x".repeat(2000))));
        assert_eq!(text.as_deref(), Some("more than 1,024 MB of text"));
        let closed = row(1_000_000, &("<table:table-cell/>".repeat(40) + &cell(1, "a")));
        assert!(checked(&closed).is_some(), "cells without attributes are columns, too");
        let far = row(1_048_575, empty) + &row(1, &cell(100, "a"));
        assert!(checked(&far).is_some(), "empty rows between are filled by the decoder");
    }
}
