//! Formulas as MathML, which browsers draw by themselves.

use pulldown_latex::config::DisplayMode;
use pulldown_latex::{Parser, RenderConfig, Storage, push_mathml};

/// A formula; one that is not understood is shown as it is written.
pub(super) fn mathml(formula: &str, is_display: bool) -> String {
    rendered(formula, is_display).unwrap_or_else(|| {
        let mark = if is_display { "$$" } else { "$" };
        let text = format!("{mark}{formula}{mark}");
        format!("<code class=\"formula\">{}</code>", html_escape::encode_text(&text))
    })
}

fn rendered(formula: &str, is_display: bool) -> Option<String> {
    // The renderer escapes nothing. Alone, a sign is escaped below; in words it could be an element.
    if has_markup_in_words(formula) {
        return None;
    }
    let storage = Storage::new();
    let events: Vec<_> = Parser::new(formula, &storage).collect::<Result<_, _>>().ok()?;
    let display_mode = if is_display { DisplayMode::Block } else { DisplayMode::Inline };
    let config = RenderConfig { display_mode, ..RenderConfig::default() };
    let mut mathml = String::new();
    let events = events.into_iter().map(Ok::<_, std::convert::Infallible>);
    push_mathml(&mut mathml, events, config).ok()?;
    Some(mathml.replace("><</mo>", ">&lt;</mo>").replace(">></mo>", ">&gt;</mo>"))
}

/// Whether a `\text{…}` or the like holds a sign that begins an element.
fn has_markup_in_words(formula: &str) -> bool {
    let commands = ["\\text", "\\mbox", "\\hbox"];
    commands.iter().flat_map(|command| formula.match_indices(command)).any(|(at, _)| {
        let argument = formula[at..].split_once('{').map_or("", |(_, argument)| argument);
        let mut depth = 1;
        let words = argument.chars().take_while(|c| {
            depth += i32::from(*c == '{') - i32::from(*c == '}');
            depth > 0
        });
        words.into_iter().any(|c| c == '<' || c == '&')
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use pulldown_cmark::{Event, Options, Parser as Markdown};
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
                        Event::InlineMath(formula) => (formula, false),
                        Event::DisplayMath(formula) => (formula, true),
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
    fn what_is_not_understood_is_shown_and_escaped() {
        assert_eq!(mathml(r"\nosuch<b>", false), r#"<code class="formula">$\nosuch&lt;b&gt;$</code>"#);
        assert!(mathml(r"a < b > c", true).contains("<mo>&lt;</mo>"), "{}", mathml(r"a < b > c", true));
        assert!(mathml(r"\text{alive}_{x>0}", true).contains("<mtext>alive</mtext>"));
        for formula in [r"\text{<script>}", r"a <script> b", r"\textbf{<b>}", r"\mbox{a{b}<img>}"] {
            let html = mathml(formula, true);
            assert!(!["<script", "<b>", "<img"].iter().any(|tag| html.contains(tag)), "{html}");
        }
    }
}
