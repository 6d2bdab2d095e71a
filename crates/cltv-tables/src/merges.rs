//! Merged cells of a sheet: those within one column are filled, those over several columns are refused.

use calamine::{Data, Dimensions, Range};

use crate::file_error::FileError;

/// Notes on merged regions that a table gets one by one.
const NOTED: usize = 3;

/// Gives every cell of a region within one column the value of its first.
pub(crate) fn fill(mut range: Range<Data>, merge: &Dimensions) -> Range<Data> {
    if merge.start.1 != merge.end.1 {
        return range;
    }
    let value = range.get_value(merge.start).cloned().unwrap_or(Data::Empty);
    let last = range.end().map_or(0, |(row, _)| row);
    for row in merge.start.0 + 1..=merge.end.0.min(last) {
        range.set_value((row, merge.start.1), value.clone());
    }
    range
}

/// Refuses a region over several columns that reaches the header's row or lies below it.
pub(crate) fn refuse_wide(
    shown: &str,
    sheet: &str,
    header: u64,
    merges: &[Dimensions],
    range: &Range<Data>,
) -> Result<(), FileError> {
    let wide = |merge: &&Dimensions| merge.start.1 != merge.end.1 && u64::from(merge.end.0) + 1 >= header;
    let Some(merge) = merges.iter().find(wide) else { return Ok(()) };
    let in_header = u64::from(merge.start.0) < header;
    Err(FileError::WideMerge {
        shown: shown.to_owned(),
        sheet: sheet.into(),
        region: region(merge).into(),
        value: value_of(range, merge).into(),
        remedy: if in_header {
            "unmerge it, or name the row of the single headings in header_row"
        } else {
            "unmerge it and give each column its own value"
        },
    })
}

/// One sentence on each of the first filled regions below the header, and one on the others.
pub(crate) fn notes(header: u64, merges: &[Dimensions], range: &Range<Data>) -> Vec<String> {
    let below = |merge: &&Dimensions| merge.start.1 == merge.end.1 && u64::from(merge.start.0) >= header;
    let filled: Vec<&Dimensions> = merges.iter().filter(below).collect();
    let note = |merge: &&Dimensions| {
        format!("{} is merged; each of its rows gets {:?}.", region(merge), value_of(range, merge))
    };
    let mut notes: Vec<String> = filled.iter().take(NOTED).map(note).collect();
    let more = filled.len().saturating_sub(NOTED);
    if more > 0 {
        notes.push(format!(
            "{} are filled in the same way.",
            crate::words::counted(more, "other merged region")
        ));
    }
    notes
}

fn value_of(range: &Range<Data>, merge: &Dimensions) -> String {
    range.get_value(merge.start).map(ToString::to_string).unwrap_or_default()
}

fn region(merge: &Dimensions) -> String {
    let cell = |(row, column): (u32, u32)| a1(column, row + 1);
    format!("{}:{}", cell(merge.start), cell(merge.end))
}

/// A cell as spreadsheets name it: column 0 of row 17 is "A17", column 26 "AA17".
fn a1(column: u32, row: u32) -> String {
    let mut letters = Vec::new();
    let mut rest = column + 1;
    while rest > 0 {
        letters.push(char::from(b'A' + ((rest - 1) % 26) as u8));
        rest = (rest - 1) / 26;
    }
    let letters: String = letters.into_iter().rev().collect();
    format!("{letters}{row}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_named_as_in_spreadsheets() {
        let cells: Vec<String> = [0, 25, 26, 51, 52, 701, 702].map(|column| a1(column, 1)).to_vec();
        assert_eq!(cells, ["A1", "Z1", "AA1", "AZ1", "BA1", "ZZ1", "AAA1"]);
    }
}
