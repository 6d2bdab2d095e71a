//! Tables of frames and of coefficients, in html and in plain text.

use crate::bundle::Bundle;
use crate::html::{self, Cells, Head};
use cltv_report::numbers::{short, whole};
use polars::prelude::{AnyValue, Column, DataFrame};
use std::fmt::{Display, Write};

/// Rows shown whole; a longer frame shows its first and last ones.
const WHOLE: usize = 20;
const HEAD: usize = 8;
const TAIL: usize = 4;

/// A frame: first and last rows, shape, types, numbers to the right.
pub(crate) fn frame(frame: &DataFrame) -> Bundle {
    vec![("text/html", frame_html(frame)), ("text/plain", frame.to_string())]
}

fn frame_html(frame: &DataFrame) -> String {
    let (rows, columns) = frame.shape();
    let shown = shown(rows);
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
    html::table("", &heads, &rows_shown, &format!("{} rows × {columns} columns", whole(rows as f64)))
}

fn head(column: &Column, texts: &[String]) -> Head {
    let numeric = column.dtype().is_primitive_numeric();
    Head {
        name: column.name().to_string(),
        below: column.dtype().to_string(),
        cells: if numeric { Cells::Number } else { Cells::of_words(texts.iter().map(String::as_str)) },
    }
}

/// The cells of the shown rows; the floats among them with the same decimals.
fn column_texts(column: &Column, rows: &[usize]) -> Vec<String> {
    let values: Vec<AnyValue<'_>> =
        rows.iter().map(|&row| column.get(row).unwrap_or(AnyValue::Null)).collect();
    let decimals = decimals_of(values.iter().filter_map(float));
    values
        .iter()
        .map(|value| float(value).map_or_else(|| cell(value), |number| fixed(number, decimals)))
        .collect()
}

fn float(value: &AnyValue<'_>) -> Option<f64> {
    match value {
        AnyValue::Float64(number) => Some(*number),
        AnyValue::Float32(number) => Some(f64::from(*number)),
        _ => None,
    }
}

/// As few decimals as show a column's numbers: two where one reaches a hundred, else four at most.
fn decimals_of(numbers: impl Iterator<Item = f64> + Clone) -> usize {
    let finite = numbers.filter(|number| number.is_finite());
    let most = if finite.clone().any(|number| number.abs() >= 100.0) { 2 } else { 4 };
    let needed = |number: f64| {
        let text = format!("{number:.most$}");
        text.trim_end_matches('0').split_once('.').map_or(0, |(_, decimals)| decimals.len())
    };
    finite.map(needed).max().unwrap_or(0)
}

/// A number with these decimals, or as a power of ten when they would show nothing of it.
fn fixed(number: f64, decimals: usize) -> String {
    // The sum of nothing is minus zero.
    let number = if number == 0.0 { 0.0 } else { number };
    let text = format!("{number:.decimals$}");
    let lost = number != 0.0 && text.trim_start_matches('-').chars().all(|c| matches!(c, '0' | '.'));
    if lost || number.abs() >= 1e12 { short(number) } else { text }
}

/// The rows to show; `None` marks those left out.
fn shown(rows: usize) -> Vec<Option<usize>> {
    if rows <= WHOLE {
        return (0..rows).map(Some).collect();
    }
    (0..HEAD).map(Some).chain([None]).chain((rows - TAIL..rows).map(Some)).collect()
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
    if number.is_finite() { fixed(number, 4) } else { number.to_string() }
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
        assert_eq!(shown(3), [Some(0), Some(1), Some(2)]);
        let rows = shown(100);
        assert_eq!(rows.len(), HEAD + 1 + TAIL);
        assert_eq!(rows[HEAD], None);
        assert_eq!(rows.last(), Some(&Some(99)));
    }

    #[test]
    fn a_column_has_the_decimals_of_all_its_numbers() {
        let texts = |numbers: &[f64]| -> Vec<String> {
            let decimals = decimals_of(numbers.iter().copied());
            numbers.iter().map(|&number| fixed(number, decimals)).collect()
        };
        assert_eq!(texts(&[1.0, 0.661_12, 0.5]), ["1.0000", "0.6611", "0.5000"]);
        assert_eq!(texts(&[16.0331, 287.1444, 0.001, -0.0]), ["16.03", "287.14", "0.001", "0.00"]);
        assert_eq!(texts(&[100.5, 75.0]), ["100.5", "75.0"]);
        assert_eq!(texts(&[1.0, 2e-6, f64::NAN]), ["1", "2.0e-6", "NaN"]);
    }

    #[test]
    fn a_small_table_escapes_its_cells() {
        let bundle = small("t", &["a", "b"], &[vec!["<x>".into(), "1".into()]], "note & more");
        assert!(bundle[0].1.contains("&lt;x&gt;") && bundle[0].1.contains("note &amp; more"));
        assert!(bundle[1].1.contains("<x>"));
    }
}
