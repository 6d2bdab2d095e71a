//! Tables of frames and of coefficients, in html and in plain text.

use crate::bundle::Bundle;
use crate::formats::{Format, decimals_of, fixed, float};
use crate::html::{self, Cells, Head};
use cltv_report::numbers::whole;
use polars::prelude::{AnyValue, Column, DataFrame};
use std::fmt::{Display, Write};

/// Rows shown whole; a longer frame shows its first and last ones.
const WHOLE: usize = 60;
const HEAD: usize = 40;
const TAIL: usize = 10;
/// Cells shown of a wide frame, which has fewer rows for it.
const CELLS: usize = 900;
/// The fewest rows that are shown of a longer frame.
const LEAST: usize = 12;

/// A frame: first and last rows, shape, types, numbers to the right.
pub(crate) fn frame(frame: &DataFrame) -> Bundle {
    vec![("text/html", frame_html(frame)), ("text/plain", frame.to_string())]
}

fn frame_html(frame: &DataFrame) -> String {
    let (rows, columns) = frame.shape();
    let shown = shown(rows, columns);
    let at: Vec<usize> = shown.iter().copied().flatten().collect();
    let texts: Vec<Vec<String>> = frame.columns().iter().map(|column| column_texts(column, &at)).collect();
    let heads: Vec<Head> =
        frame.columns().iter().zip(&texts).map(|(column, texts)| head(column, texts)).collect();
    let mut row = 0..;
    let rows_shown: Vec<Option<Vec<String>>> = shown
        .iter()
        .map(|kept| {
            kept.and_then(|_| row.next()).map(|row| texts.iter().map(|column| column[row].clone()).collect())
        })
        .collect();
    let shape = format!("{} rows × {columns} columns", whole(rows as f64));
    let note = match at.len() < rows {
        true => format!("{shape}; the first and the last rows are shown, a click on a heading sorts these"),
        false => shape,
    };
    html::sorted_table(&heads, &rows_shown, &note)
}

fn head(column: &Column, texts: &[String]) -> Head {
    let numeric = column.dtype().is_primitive_numeric();
    Head {
        name: column.name().to_string(),
        below: column.dtype().to_string(),
        cells: if numeric { Cells::Number } else { Cells::of_words(texts.iter().map(String::as_str)) },
    }
}

/// The cells of the shown rows; the numbers of a column are written alike.
fn column_texts(column: &Column, rows: &[usize]) -> Vec<String> {
    let values: Vec<AnyValue<'_>> =
        rows.iter().map(|&row| column.get(row).unwrap_or(AnyValue::Null)).collect();
    let format = Format::of(column.name(), column.dtype(), &values);
    let decimals = decimals_of(values.iter().filter_map(float));
    values.iter().map(|value| format.write(value, decimals).unwrap_or_else(|| cell(value))).collect()
}

/// The rows to show; `None` marks those left out.
fn shown(rows: usize, columns: usize) -> Vec<Option<usize>> {
    let most = (CELLS / columns.max(1)).clamp(LEAST, WHOLE);
    if rows <= most.max(20) {
        return (0..rows).map(Some).collect();
    }
    let tail = TAIL.min(most / 3);
    let head = HEAD.min(most - tail);
    (0..head).map(Some).chain([None]).chain((rows - tail..rows).map(Some)).collect()
}

fn cell(value: &AnyValue<'_>) -> String {
    match value {
        AnyValue::Null => "–".to_owned(),
        AnyValue::String(text) => (*text).to_owned(),
        AnyValue::StringOwned(text) => text.to_string(),
        other => other.to_string(),
    }
}

/// The numbers of a table of estimates, all with four decimals.
pub(crate) fn estimate_text(number: f64) -> String {
    // The sum of nothing is minus zero.
    if number.is_finite() { fixed(number + 0.0, 4) } else { number.to_string() }
}

/// A small table of text: numbers to the right, words to the left.
pub(crate) fn small(caption: &str, header: &[&str], rows: &[Vec<String>], note: &str) -> Bundle {
    vec![
        ("text/html", small_html(caption, header, rows, note)),
        ("text/plain", small_text(caption, header, rows, note)),
    ]
}

/// The same with the value's own text as the plain one.
pub(crate) fn beside_text(
    caption: &str,
    header: &[&str],
    rows: &[Vec<String>],
    note: &str,
    value: &impl Display,
) -> Bundle {
    vec![("text/html", small_html(caption, header, rows, note)), ("text/plain", value.to_string())]
}

fn small_html(caption: &str, header: &[&str], rows: &[Vec<String>], note: &str) -> String {
    let head = |(i, name): (usize, &&str)| Head {
        name: (*name).to_owned(),
        below: String::new(),
        cells: Cells::of(rows.iter().filter_map(|row| row.get(i)).map(String::as_str)),
    };
    let heads: Vec<Head> = header.iter().enumerate().map(head).collect();
    let rows: Vec<Option<Vec<String>>> = rows.iter().cloned().map(Some).collect();
    html::table(caption, &heads, &rows, note)
}

fn small_text(caption: &str, header: &[&str], rows: &[Vec<String>], note: &str) -> String {
    let mut lines: Vec<Vec<String>> = vec![header.iter().map(|h| (*h).to_owned()).collect()];
    lines.extend(rows.iter().cloned());
    let width =
        |i: usize| lines.iter().filter_map(|l| l.get(i)).map(|t| t.chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..header.len()).map(width).collect();
    let mut text = format!("{caption}\n");
    for line in &lines {
        for (i, cell) in line.iter().enumerate() {
            let pad = widths.get(i).copied().unwrap_or(0);
            let _ = if i == 0 { write!(text, "{cell:<pad$}") } else { write!(text, "  {cell:>pad$}") };
        }
        text.push('\n');
    }
    text.push_str(note);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_frames_show_their_ends() {
        assert_eq!(shown(3, 2), [Some(0), Some(1), Some(2)]);
        let rows = shown(100, 5);
        assert_eq!(rows.len(), HEAD + 1 + TAIL);
        assert_eq!(rows[HEAD], None);
        assert_eq!(rows.last(), Some(&Some(99)));
        assert_eq!(shown(1_000, 500).len(), LEAST + 1);
    }

    #[test]
    fn a_column_has_the_decimals_of_all_its_numbers() {
        let texts = |numbers: &[f64]| -> Vec<String> {
            let decimals = decimals_of(numbers.iter().copied());
            numbers.iter().map(|&number| fixed(number, decimals)).collect()
        };
        assert_eq!(texts(&[1.0, 0.661_12, 0.5]), ["1.0000", "0.6611", "0.5000"]);
        assert_eq!(texts(&[16.0331, 2287.1444, 0.001, -0.0]), ["16.03", "2,287.14", "0.001", "0.00"]);
        assert_eq!(texts(&[100.5, 75.0]), ["100.5", "75.0"]);
        assert_eq!(texts(&[1.0, 2e-6]), ["1", "2.0e-6"]);
    }

    #[test]
    fn a_frame_is_written_as_people_read_it() {
        use polars::prelude::*;
        let rows: Vec<i64> = (0..500).map(|i| 1_000 * i).collect();
        let frame = df!(
            "customer_id" => &rows,
            "purchases" => &rows,
            "revenue_eur" => rows.iter().map(|&i| i as f64).collect::<Vec<_>>(),
            "share" => rows.iter().map(|&i| i as f64 / 499_000.0).collect::<Vec<_>>(),
            "<note>" => rows.iter().map(|i| format!("<b>{i}")).collect::<Vec<_>>(),
        )
        .unwrap();
        let html = &super::frame(&frame)[0].1;
        for cell in
            [">499000<", ">499,000<", ">€499,000.00<", ">100.0%<", "&lt;b&gt;499000", ">i64<", ">f64<"]
        {
            assert!(html.contains(cell), "{cell}");
        }
        assert!(!html.contains("<b>") && html.contains("500 rows × 5 columns"));
        assert!(html.contains("overflow:auto") && html.contains("position:sticky"));
        assert!(html.len() < 60_000, "{}", html.len());
    }

    #[test]
    fn a_small_table_escapes_its_cells() {
        let bundle = small("t", &["a", "b"], &[vec!["<x>".into(), "1".into()]], "note & more");
        assert!(bundle[0].1.contains("&lt;x&gt;") && bundle[0].1.contains("note &amp; more"));
        assert!(bundle[1].1.contains("<x>"));
    }
}
