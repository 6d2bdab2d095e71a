//! Formulas as MathML, which browsers draw by themselves.

use std::panic;

use pulldown_latex::config::DisplayMode;
use pulldown_latex::event::{Content, Event};
use pulldown_latex::{Parser, RenderConfig, Storage, push_mathml};

/// A formula; one that is not understood is shown as it is written.
pub(super) fn mathml(formula: &str, is_display: bool) -> String {
    // The parser panics on some formulas that it could refuse, which must not end an export.
    let rendered = panic::catch_unwind(|| rendered(formula, is_display)).unwrap_or_default();
    rendered.unwrap_or_else(|| {
        let mark = if is_display { "$$" } else { "$" };
        let text = format!("{mark}{formula}{mark}");
        format!("<code class=\"formula\">{}</code>", html_escape::encode_text(&text))
    })
}

fn rendered(formula: &str, is_display: bool) -> Option<String> {
    // The parser reads the number of a character without a look at its length and at the text behind it.
    if formula.contains("\\char") {
        return None;
    }
    let storage = Storage::new();
    let events: Vec<_> = Parser::new(formula, &storage).collect::<Result<_, _>>().ok()?;
    if events.iter().any(has_markup) {
        return None;
    }
    let display_mode = if is_display { DisplayMode::Block } else { DisplayMode::Inline };
    let config = RenderConfig { display_mode, ..RenderConfig::default() };
    let mut mathml = String::new();
    let events = events.into_iter().map(Ok::<_, std::convert::Infallible>);
    push_mathml(&mut mathml, events, config).ok()?;
    let mathml = mathml.replace("><</mo>", ">&lt;</mo>").replace(">></mo>", ">&gt;</mo>");
    has_whole_tags(&mathml).then_some(mathml)
}

/// Whether each tag ends before the next one begins: the renderer cuts some tags, as those of a table's row whose
/// first cell is a power without a base.
fn has_whole_tags(mathml: &str) -> bool {
    mathml.split('<').skip(1).all(|tag| tag.contains('>'))
}

/// Whether the name of a function, as of `\operatorname{…}`, has a sign that begins an element: the
/// renderer escapes words and no names. Of signs that stand alone it escapes none, which is done above.
fn has_markup(event: &Event<'_>) -> bool {
    match event {
        Event::Content(Content::Function(text) | Content::Number(text)) => text.contains(['<', '>', '&']),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pulldown_cmark::{Event as Part, Options, Parser as Markdown};
    use std::path::Path;

    #[test]
    fn every_formula_of_our_notebooks_is_understood() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../notebooks");
        let mut formulas = 0;
        for entry in std::fs::read_dir(folder).expect("there").flatten() {
            let path = entry.path();
            if path.extension().is_none_or(|extension| extension != "ipynb") {
                continue;
            }
            let notebook = crate::notebook::from_path(&path).expect("a notebook");
            for cell in notebook.cells.iter().filter(|cell| cell.kind == crate::notebook::CellKind::Markdown)
            {
                for event in Markdown::new_ext(&cell.source, Options::ENABLE_MATH) {
                    let (formula, is_display) = match &event {
                        Part::InlineMath(formula) => (formula, false),
                        Part::DisplayMath(formula) => (formula, true),
                        _ => continue,
                    };
                    let mathml = rendered(formula, is_display);
                    assert!(
                        mathml.is_some_and(|text| text.contains("<math")),
                        "{}: {formula}",
                        path.display()
                    );
                    formulas += 1;
                }
            }
        }
        assert!(formulas > 50, "{formulas} formulas seen");
    }

    #[test]
    fn what_the_renderer_cuts_or_panics_on_is_shown_as_text() {
        for formula in [
            r"\begin{matrix} a & b \\ ^n & d \end{matrix}",
            r#"\char"99999999999999999999C"#,
            r#"\frac{\char"9007199254740993C}{2}"#,
            "\\char\u{fffd}\"3C",
        ] {
            let html = mathml(formula, true);
            assert!(html.starts_with("<code class=\"formula\">$$"), "{html}");
        }
        assert!(mathml(r"\begin{matrix} a & b \\ {}^n & d \end{matrix}", true).contains("<mtr>"));
    }

    #[test]
    fn what_is_not_understood_is_shown_and_escaped() {
        assert_eq!(mathml(r"\nosuch<b>", false), r#"<code class="formula">$\nosuch&lt;b&gt;$</code>"#);
        assert!(mathml(r"a < b > c", true).contains("<mo>&lt;</mo>"), "{}", mathml(r"a < b > c", true));
        assert!(mathml(r"\text{alive}_{x>0}", true).contains("<mtext>alive</mtext>"));
        for formula in [
            r"\text{<script>}",
            r"a <script> b",
            r"\textbf{<b>}",
            r"\mbox{a{b}<img>}",
            r"\operatorname{<b>x</b>}",
            r"\operatorname{<img>}",
        ] {
            let html = mathml(formula, true);
            assert!(!["<script", "<b>", "<img"].iter().any(|tag| html.contains(tag)), "{html}");
        }
    }
}
