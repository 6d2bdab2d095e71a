//! Where the columns of a text file are: separator, header and first line, by the evidence of its first part.

use crate::error::TableError;
use crate::file_error::FileError;
use crate::header::{self, Wanted};
use crate::options::ReadOptions;

/// Records that are looked at to find separator and header.
const RECORDS_SEEN: usize = 200;
const SEPARATORS: [char; 5] = [',', ';', '\t', '|', ' '];

/// How a text file is laid out.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Layout {
    pub(crate) separator: char,
    pub(crate) header: Vec<String>,
    /// The line of the header, from 1.
    pub(crate) header_line: u64,
    /// The columns that are read, as places in the header.
    pub(crate) columns: Vec<usize>,
}

/// Finds the layout in the first part of a file.
pub(crate) fn find(
    options: &ReadOptions,
    shown: &str,
    head: &str,
    wanted: &Wanted<'_>,
) -> Result<Layout, TableError> {
    let separator = options.separator.or_else(|| said(head)).unwrap_or_else(|| find_separator(head));
    let records = first_records(head, separator);
    if records.is_empty() {
        return Err(FileError::Empty { shown: shown.to_owned() }.into());
    }
    let rows: Vec<(u64, &[String])> =
        records.iter().map(|(line, fields)| (*line, fields.as_slice())).collect();
    let found = header::find(options.header_row, shown, &rows, wanted)?;
    Ok(Layout { separator, header: found.names, header_line: found.line, columns: found.columns })
}

/// Excel's first line `sep=;` names the separator.
pub(crate) fn said(head: &str) -> Option<char> {
    let mut rest = head.strip_prefix("sep=")?.chars();
    let separator = rest.next()?;
    rest.as_str().starts_with(['\r', '\n']).then_some(separator)
}

/// The separator that splits the most records into the same number of fields, more than one.
fn find_separator(head: &str) -> char {
    let score = |separator: char| -> (usize, usize) {
        let records = first_records(head, separator);
        let mut widths: Vec<usize> = records.iter().map(|(_, fields)| fields.len()).collect();
        widths.sort_unstable();
        let most = widths.chunk_by(|a, b| a == b).filter(|same| same[0] > 1).max_by_key(|same| same.len());
        most.map_or((0, 0), |same| (1000 * same.len() / widths.len(), same[0]))
    };
    let mut best = (',', (0, 0));
    for separator in SEPARATORS {
        let found = score(separator);
        // Blanks occur inside values, so they only win where nothing else splits at all.
        if found > best.1 && (separator != ' ' || best.1.0 < 500) {
            best = (separator, found);
        }
    }
    best.0
}

/// The first records that are not blank, with their lines; the last one, which may be cut, is left out.
fn first_records(head: &str, separator: char) -> Vec<(u64, Vec<String>)> {
    let mut records: Vec<(u64, Vec<String>)> = Vec::new();
    if separator == ' ' {
        let lines = (1..).zip(head.lines());
        let fields = |line: &str| line.split_ascii_whitespace().map(str::to_owned).collect::<Vec<_>>();
        records.extend(lines.map(|(at, line)| (at, fields(line))).take(RECORDS_SEEN));
    } else {
        let mut reader = super::lines::csv_reader(head.as_bytes(), separator);
        let mut record = csv::ByteRecord::new();
        let mut lines = super::lines::Lines::default();
        while records.len() < RECORDS_SEEN && matches!(reader.read_byte_record(&mut record), Ok(true)) {
            let line = lines.line_of(&reader, &record);
            records.push((
                line,
                record.iter().map(|field| String::from_utf8_lossy(field).into_owned()).collect(),
            ));
        }
    }
    if said(head).is_some() {
        records.retain(|(line, _)| *line > 1);
    }
    records.retain(|(_, fields)| fields.iter().any(|field| !field.trim().is_empty()));
    records
}

/// The separator in words.
pub(crate) fn named(separator: char) -> &'static str {
    match separator {
        ',' => "commas",
        ';' => "semicolons",
        '\t' => "tabs",
        '|' => "vertical bars",
        ' ' => "blanks",
        _ => "the given character",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separators_are_found_by_the_rows() {
        assert_eq!(find_separator("id;date;amount\n1;2024-01-05;12,50\n2;2024-01-05;12,50\n"), ';');
        assert_eq!(find_separator("id,date,amount\n1,2024-01-05,\"1,250.00\"\n"), ',');
        assert_eq!(find_separator("id\tdate\n1\t5 Jan, 2024\n"), '\t');
        assert_eq!(find_separator("id,date\n1,2024-01-05 10:00\n"), ',');
        assert_eq!(find_separator(" id date  cds\r\n 1 19970101  2\r\n"), ' ');
        assert_eq!(find_separator("Sales, all shops\nby day\n\nid;date\n1;2024-01-05\n2;2024-01-05\n"), ';');
        assert_eq!(said("sep=;\r\na;b"), Some(';'));
        assert_eq!(said("a,b"), None);
    }
}
