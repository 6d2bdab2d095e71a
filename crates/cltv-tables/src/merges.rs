//! Merged cells of a sheet: those within one column are filled, those over several columns are refused.

use calamine::{Data, Dimensions, Range};

use crate::file_error::FileError;
use crate::sheet_cells::{MOST_CELLS, MOST_TEXT, Stop, region, text_of};
use crate::words::quote;

/// Notes on merged regions that a table gets one by one.
const NOTED: usize = 3;

/// Gives every cell of each region within one column the value of its first.
///
/// Regions of a sheet do not overlap, so that all of them cover no more cells than it has; files that say otherwise are
/// refused before they take time and memory.
pub(crate) fn fill(mut range: Range<Data>, merges: &[Dimensions]) -> Result<Range<Data>, Stop> {
    let last = range.end().map_or(0, |(row, _)| row);
    let (mut cells, mut text) = (0_u64, 0_u64);
    for merge in merges.iter().filter(|merge| merge.start.1 == merge.end.1) {
        let rows = merge.start.0.saturating_add(1)..=merge.end.0.min(last);
        // A region outside of the cells with values has none to give.
        let Some(value) = range.get_value(merge.start).cloned().filter(|_| !rows.is_empty()) else {
            continue;
        };
        let filled = u64::from(rows.end() - rows.start()) + 1;
        cells = cells.saturating_add(filled);
        text = text.saturating_add(filled.saturating_mul(text_of(&value) as u64));
        if cells > MOST_CELLS {
            return Err(Stop::merged());
        }
        if text > MOST_TEXT {
            return Err(Stop::text());
        }
        for row in rows {
            range.set_value((row, merge.start.1), value.clone());
        }
    }
    Ok(range)
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
        region: region(merge.start, merge.end).into(),
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
        format!(
            "{} is merged; each of its rows gets {}.",
            region(merge.start, merge.end),
            quote(&value_of(range, merge))
        )
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

#[cfg(test)]
mod tests {
    use super::*;
    use calamine::Cell;

    #[test]
    fn filled_regions_are_bounded() {
        let sheet = |text: &str| {
            let last = Cell::new((1_048_575, 1), Data::Int(1));
            Range::from_sparse(vec![Cell::new((0, 0), Data::String(text.to_owned())), last])
        };
        let region = Dimensions { start: (0, 0), end: (1_048_575, 0) };
        let filled = fill(sheet("North"), &[region]).ok().unwrap();
        assert_eq!(filled.get_value((1_048_575, 0)), Some(&Data::String("North".to_owned())));
        let overlapping = fill(sheet("North"), &vec![region; 33]);
        assert!(matches!(overlapping, Err(Stop::Large(found, _)) if found.contains("merged regions")));
        let long = fill(sheet(&"x".repeat(2000)), &[region]);
        assert!(matches!(long, Err(Stop::Large(found, _)) if found.contains("MB of text")));
        // Regions beside the cells would make the sheet larger with every column.
        let beside: Vec<Dimensions> =
            (2..16_384).map(|column| Dimensions { start: (0, column), end: (9, column) }).collect();
        assert_eq!(fill(sheet("a"), &beside).ok().unwrap().end(), Some((1_048_575, 1)));
    }
}
