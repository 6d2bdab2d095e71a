//! Tables and sentences as html that looks the same in JupyterLab, VS Code and nbconvert's pages.
//!
//! Styles are inline, because front ends remove other styles from an untrusted notebook.

use cltv_protocol::chart_html::Script;
use html_escape::{encode_double_quoted_attribute, encode_text};
use std::fmt::Write;

/// MathJax leaves these alone: two dollar signs are two amounts, not a formula.
const PLAIN: &str = "class=\"tex2jax_ignore mathjax_ignore\"";
/// From this many characters on, text wraps.
const LONG: usize = 20;
/// From this many columns on, a table is wider than most pages, and long text stays on one line so
/// that it does not stretch every row where nobody sees it.
const WIDE: usize = 10;

/// How the cells of a column are aligned.
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

    fn style(self, wide: bool) -> &'static str {
        match self {
            Cells::Number => "text-align:right;white-space:nowrap;vertical-align:top;padding:.4em",
            Cells::Short => "text-align:left;white-space:nowrap;vertical-align:top;padding:.4em",
            Cells::Long if wide => {
                "text-align:left;white-space:nowrap;max-width:12em;overflow:hidden;text-overflow:ellipsis;padding:.4em"
            }
            Cells::Long => "text-align:left;vertical-align:top;padding:.4em",
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

/// The head of a column: its name, and the small text below.
#[derive(Debug, Clone)]
pub(crate) struct Head {
    pub(crate) name: String,
    pub(crate) below: String,
    pub(crate) cells: Cells,
}

/// The table of a frame, in a box that scrolls, under headings that stay and that sort the shown rows.
pub(crate) fn sorted_table(heads: &[Head], rows: &[Option<Vec<String>>], note: &str) -> String {
    let (id, mut html) = (cltv_plots::unique_id("table"), String::new());
    let _ = write!(
        html,
        "<div {PLAIN} id=\"{id}\"><div style=\"overflow:auto\"><table class=\"dataframe\" style=\"margin:0\">\
         <thead><tr>"
    );
    heads.iter().for_each(|head| push_head(&mut html, head, true));
    html.push_str("</tr></thead><tbody>");
    rows.iter().for_each(|row| push_row(&mut html, heads, row.as_deref()));
    html.push_str("</tbody></table></div>");
    let _ = write!(html, "<div><small>{}</small></div></div>", encode_text(note));
    html + &Script::Table { id: &id }.element()
}

/// A table; `None` among the rows marks rows left out.
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
    heads.iter().for_each(|head| push_head(&mut html, head, false));
    html.push_str("</tr></thead><tbody>");
    rows.iter().for_each(|row| push_row(&mut html, heads, row.as_deref()));
    html.push_str("</tbody></table>");
    for line in notes.lines() {
        let _ = write!(html, "<div><small>{}</small></div>", encode_text(line));
    }
    html.push_str("</div>");
    html
}

/// What a heading that stays lies on, so that rows do not shine through.
const STAYS: &str =
    ";position:sticky;top:0;background:var(--jp-layout-color0,var(--vscode-editor-background,Canvas))";

fn push_head(html: &mut String, head: &Head, stays: bool) {
    let (name, side) = (breakable(&head.name), head.cells.side());
    let stays = if stays { STAYS } else { "" };
    let _ = write!(html, "<th style=\"text-align:{side};vertical-align:bottom;padding:.4em{stays}\">{name}");
    if !head.below.is_empty() {
        let below = encode_text(&head.below);
        let _ = write!(html, "<br><small style=\"font-weight:normal;opacity:.65\">{below}</small>");
    }
    html.push_str("</th>");
}

/// A long name may break after an underscore, so that numbers decide how wide a column is.
fn breakable(name: &str) -> String {
    let mut html = String::new();
    let (mut line, mut rest) = (0, name);
    while let Some(at) = rest.find('_') {
        line += at + 1;
        html.push_str(&encode_text(&rest[..=at]));
        rest = &rest[at + 1..];
        if line > 4 && rest.len() > 2 {
            html.push_str("<wbr>");
            line = 0;
        }
    }
    html + &encode_text(rest)
}

fn push_row(html: &mut String, heads: &[Head], row: Option<&[String]>) {
    html.push_str("<tr>");
    match row {
        Some(cells) => {
            let wide = heads.len() >= WIDE;
            for (cell, head) in cells.iter().zip(heads) {
                let (style, text) = (head.cells.style(wide), encode_text(cell));
                let _ = write!(html, "<td style=\"{style}\"{}>{text}</td>", whole(head.cells, wide, cell));
            }
        }
        None => {
            let _ = write!(html, "<td colspan=\"{}\" style=\"text-align:center\">⋮</td>", heads.len());
        }
    }
    html.push_str("</tr>");
}

/// What a pointer shows of a cell that is cut.
fn whole(cells: Cells, wide: bool, text: &str) -> String {
    let cut = wide && cells == Cells::Long;
    if cut { format!(" title=\"{}\"", encode_double_quoted_attribute(text)) } else { String::new() }
}

/// Markdown in which front ends that set formulas leave amounts of money alone: each dollar sign
/// outside code stands for itself.
pub(crate) fn without_formulas(markdown: &str) -> String {
    let dollar = format!("<span {PLAIN}>&#36;</span>");
    let parts = markdown.split('`').enumerate();
    let kept =
        |(i, part): (usize, &str)| if i % 2 == 0 { part.replace('$', &dollar) } else { part.to_owned() };
    parts.map(kept).collect::<Vec<_>>().join("`")
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
    fn names_break_into_parts_that_can_be_read() {
        for (name, html) in [
            ("mean_p_return", "mean_<wbr>p_return"),
            ("share_of_customers", "share_<wbr>of_customers"),
            ("customer_id", "customer_id"),
            ("r_min", "r_min"),
            ("a<b", "a&lt;b"),
        ] {
            assert_eq!(breakable(name), html);
        }
    }

    #[test]
    fn two_amounts_are_no_formula() {
        let markdown = without_formulas("**$5** of `$a` and $6");
        assert_eq!(markdown.matches("&#36;</span>").count(), 2);
        assert!(markdown.contains("`$a`") && !markdown.replace("`$a`", "").contains('$'));
    }

    #[test]
    fn long_text_of_a_wide_table_stays_on_one_line() {
        let head = Head { name: "a".into(), below: String::new(), cells: Cells::Long };
        let row = || [Some(vec!["an \"advice\"".to_owned(); WIDE])];
        let narrow = table("", &vec![head.clone(); WIDE - 1], &row(), "");
        let wide = table("", &vec![head; WIDE], &row(), "");
        assert!(!narrow.contains("nowrap") && wide.contains("title=\"an &quot;advice&quot;\""));
    }

    #[test]
    fn a_table_escapes_what_it_shows() {
        let head = Head { name: "<a_b>".into(), below: String::new(), cells: Cells::Short };
        let html = table("$1 & $2", &[head], &[Some(vec!["<x>".into()]), None], "note & more\nlast");
        assert!(html.starts_with("<div class=\"tex2jax_ignore mathjax_ignore\""));
        for part in ["$1 &amp; $2", "&lt;a_b&gt;", "&lt;x&gt;", "⋮", "<small>note &amp; more</small>", "last"]
        {
            assert!(html.contains(part), "{part}");
        }
    }
}
