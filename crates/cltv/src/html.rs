//! Tables and sentences as html that reads alike in JupyterLab, VS Code and nbconvert's pages.
//!
//! Styles stand inline, because an untrusted notebook loses everything else.

use html_escape::encode_text;
use std::fmt::Write;

/// MathJax leaves these alone: two dollar signs are two amounts, not a formula.
const PLAIN: &str = "class=\"tex2jax_ignore mathjax_ignore\"";
/// From this many characters on, text wraps.
const LONG: usize = 32;

/// How the cells of a column stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cells {
    /// To the right, in one line.
    Number,
    /// To the left, in one line.
    Short,
    /// To the left, in as many lines as it takes.
    Long,
}

impl Cells {
    /// What fits these texts.
    pub(crate) fn of<'a>(texts: impl Iterator<Item = &'a str> + Clone) -> Cells {
        if texts.clone().all(is_number) { Cells::Number } else { Cells::of_words(texts) }
    }

    /// What fits these texts, which are no numbers even where they look like it.
    pub(crate) fn of_words<'a>(mut texts: impl Iterator<Item = &'a str>) -> Cells {
        if texts.any(|text| text.chars().count() >= LONG) { Cells::Long } else { Cells::Short }
    }

    fn style(self) -> &'static str {
        match self {
            Cells::Number => "text-align:right;white-space:nowrap;vertical-align:top",
            Cells::Short => "text-align:left;white-space:nowrap;vertical-align:top",
            Cells::Long => "text-align:left;min-width:14em;vertical-align:top",
        }
    }

    fn side(self) -> &'static str {
        if self == Cells::Number { "right" } else { "left" }
    }
}

/// A number, or the dash for one that is not there.
fn is_number(text: &str) -> bool {
    text == "–" || text.replace(',', "").trim_end_matches('%').parse::<f64>().is_ok()
}

/// The head of a column: its name, and what stands small below.
#[derive(Debug, Clone)]
pub(crate) struct Head {
    pub(crate) name: String,
    pub(crate) below: String,
    pub(crate) cells: Cells,
}

/// A table; `None` among the rows stands for rows left out.
pub(crate) fn table(caption: &str, heads: &[Head], rows: &[Option<Vec<String>>], notes: &str) -> String {
    let mut html = format!("<div {PLAIN} style=\"overflow-x:auto\"><table class=\"dataframe\">");
    if !caption.is_empty() {
        // Writing to a string cannot fail, here and below.
        let _ = write!(
            html,
            "<caption style=\"text-align:left;caption-side:top;font-weight:bold;padding:0 0 .4em 0\">{}</caption>",
            encode_text(caption)
        );
    }
    html.push_str("<thead><tr>");
    heads.iter().for_each(|head| push_head(&mut html, head));
    html.push_str("</tr></thead><tbody>");
    rows.iter().for_each(|row| push_row(&mut html, heads, row.as_deref()));
    html.push_str("</tbody></table>");
    for line in notes.lines() {
        let _ = write!(html, "<div><small>{}</small></div>", encode_text(line));
    }
    html.push_str("</div>");
    html
}

/// A long name may break after each underscore, so that numbers decide how wide a column is.
fn push_head(html: &mut String, head: &Head) {
    let name = encode_text(&head.name).replace('_', "_<wbr>");
    let _ = write!(html, "<th style=\"text-align:{};vertical-align:bottom\">{name}", head.cells.side());
    if !head.below.is_empty() {
        let below = encode_text(&head.below);
        let _ = write!(html, "<br><small style=\"font-weight:normal;opacity:.65\">{below}</small>");
    }
    html.push_str("</th>");
}

fn push_row(html: &mut String, heads: &[Head], row: Option<&[String]>) {
    html.push_str("<tr>");
    match row {
        Some(cells) => {
            for (cell, head) in cells.iter().zip(heads) {
                let _ = write!(html, "<td style=\"{}\">{}</td>", head.cells.style(), encode_text(cell));
            }
        }
        None => {
            let _ = write!(html, "<td colspan=\"{}\" style=\"text-align:center\">⋮</td>", heads.len());
        }
    }
    html.push_str("</tr>");
}

/// Sentences, a line each. Plain text would be broken inside its words.
pub(crate) fn sentences(text: &str) -> String {
    format!("<div {PLAIN} style=\"white-space:pre-wrap\">{}</div>", encode_text(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_by_what_they_hold() {
        let of = |texts: &[&str]| Cells::of(texts.iter().copied());
        assert_eq!(of(&["1,234.5", "–", "-2", "1.0e-9", "12%"]), Cells::Number);
        assert_eq!(of(&["5", "ok"]), Cells::Short);
        assert_eq!(of(&["ok", "a sentence that is longer than a name is"]), Cells::Long);
    }

    #[test]
    fn a_table_escapes_what_it_shows() {
        let head = Head { name: "<a_b>".into(), below: String::new(), cells: Cells::Short };
        let html = table("$1 & $2", &[head], &[Some(vec!["<x>".into()]), None], "note & more\nlast");
        assert!(html.starts_with("<div class=\"tex2jax_ignore mathjax_ignore\""));
        for part in
            ["$1 &amp; $2", "&lt;a_<wbr>b&gt;", "&lt;x&gt;", "⋮", "<small>note &amp; more</small>", "last"]
        {
            assert!(html.contains(part), "{part}");
        }
    }
}
