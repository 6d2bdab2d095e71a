//! Tables of frames and of coefficients, in html and in plain text.

use crate::display::Bundle;
use html_escape::encode_text;
use polars::prelude::{AnyValue, DataFrame, DataType};
use std::fmt::Write;

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
    let mut html = String::from("<table class=\"dataframe\"><thead><tr>");
    for column in frame.columns() {
        // Writing to a string cannot fail, here and below.
        let _ = write!(
            html,
            "<th style=\"text-align:{}\">{}<br><small style=\"font-weight:normal;opacity:.65\">{}</small></th>",
            alignment(column.dtype()),
            encode_text(column.name().as_str()),
            encode_text(&column.dtype().to_string()),
        );
    }
    html.push_str("</tr></thead><tbody>");
    for row in shown(rows) {
        match row {
            Some(row) => frame_row(&mut html, frame, row),
            None => {
                let _ = write!(html, "<tr><td colspan=\"{columns}\" style=\"text-align:center\">⋮</td></tr>");
            }
        }
    }
    let _ = write!(html, "</tbody></table><p><small>{} rows × {columns} columns</small></p>", grouped(rows));
    html
}

/// The rows to show; `None` stands for those left out.
fn shown(rows: usize) -> Vec<Option<usize>> {
    if rows <= WHOLE {
        return (0..rows).map(Some).collect();
    }
    (0..HEAD).map(Some).chain([None]).chain((rows - TAIL..rows).map(Some)).collect()
}

fn frame_row(html: &mut String, frame: &DataFrame, row: usize) {
    html.push_str("<tr>");
    for column in frame.columns() {
        let text = column.get(row).map(|value| cell(&value)).unwrap_or_default();
        let _ = write!(
            html,
            "<td style=\"text-align:{}\">{}</td>",
            alignment(column.dtype()),
            encode_text(&text)
        );
    }
    html.push_str("</tr>");
}

fn alignment(dtype: &DataType) -> &'static str {
    if dtype.is_primitive_numeric() { "right" } else { "left" }
}

fn cell(value: &AnyValue<'_>) -> String {
    match value {
        AnyValue::Null => "–".to_owned(),
        AnyValue::Float64(number) => number_text(*number),
        AnyValue::Float32(number) => number_text(f64::from(*number)),
        AnyValue::String(text) => (*text).to_owned(),
        AnyValue::StringOwned(text) => text.to_string(),
        other => other.to_string(),
    }
}

/// Six digits are enough to read; the frame holds them all.
pub(crate) fn number_text(number: f64) -> String {
    if !number.is_finite() {
        return number.to_string();
    }
    let size = number.abs();
    if size != 0.0 && !(1e-4..1e12).contains(&size) {
        return format!("{number:.4e}");
    }
    let decimals = if size >= 1000.0 { 2 } else { 4 };
    let text = format!("{number:.decimals$}");
    match text.trim_end_matches('0').trim_end_matches('.') {
        "-0" => "0".to_owned(),
        trimmed => trimmed.to_owned(),
    }
}

fn grouped(count: usize) -> String {
    cltv_report::numbers::whole(count as f64)
}

/// A small table of text; the first column left, the others right.
pub(crate) fn small(caption: &str, header: &[&str], rows: &[Vec<String>], note: &str) -> Bundle {
    vec![
        ("text/html", small_html(caption, header, rows, note)),
        ("text/plain", small_text(caption, header, rows, note)),
    ]
}

fn small_html(caption: &str, header: &[&str], rows: &[Vec<String>], note: &str) -> String {
    let side = |i: usize| if i == 0 { "left" } else { "right" };
    let mut html = format!(
        "<table class=\"dataframe\"><caption style=\"text-align:left;caption-side:top;font-weight:bold;padding:0 0 .4em 0\">{}</caption><thead><tr>",
        encode_text(caption)
    );
    for (i, name) in header.iter().enumerate() {
        let _ = write!(html, "<th style=\"text-align:{}\">{}</th>", side(i), encode_text(name));
    }
    html.push_str("</tr></thead><tbody>");
    for row in rows {
        html.push_str("<tr>");
        for (i, text) in row.iter().enumerate() {
            let _ = write!(html, "<td style=\"text-align:{}\">{}</td>", side(i), encode_text(text));
        }
        html.push_str("</tr>");
    }
    html.push_str("</tbody></table>");
    for line in note.lines() {
        let _ = write!(html, "<div><small>{}</small></div>", encode_text(line));
    }
    html
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
    fn numbers_are_short_and_honest() {
        assert_eq!(number_text(0.24259452943), "0.2426");
        assert_eq!(number_text(12345.678), "12345.68");
        assert_eq!(number_text(3.0), "3");
        assert_eq!(number_text(0.0), "0");
        assert_eq!(number_text(1.5e-9), "1.5000e-9");
        assert_eq!(number_text(f64::NAN), "NaN");
    }

    #[test]
    fn a_small_table_escapes_its_cells() {
        let bundle = small("t", &["a", "b"], &[vec!["<x>".into(), "1".into()]], "note & more");
        assert!(bundle[0].1.contains("&lt;x&gt;") && bundle[0].1.contains("note &amp; more"));
        assert!(bundle[1].1.contains("<x>"));
    }
}
