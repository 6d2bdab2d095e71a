//! Markdown as html.

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, html};

use super::math::mathml;

/// The largest image that is put into a page.
const LARGEST_IMAGE: u64 = 20_000_000;

/// What the library puts around a dollar sign, so that front ends do not begin a formula there. A page
/// needs none of it.
const DOLLAR: [&str; 2] = ["<span class=\"tex2jax_ignore mathjax_ignore\">", "</span>"];

/// Whom a text is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum From<'a> {
    /// The notebook's author, who may write html and formulas and show images.
    Author { folder: &'a Path, attachments: &'a [(String, String)] },
    /// A cell, whose text may hold what customers typed.
    Cell,
}

/// The html of a text.
pub(super) fn rendered(markdown: &str, from: From<'_>) -> String {
    let mut options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    // A dollar sign in an output is a currency.
    options.set(Options::ENABLE_MATH, from != From::Cell);
    let events = Parser::new_ext(markdown, options).map(|event| match event {
        Event::InlineMath(formula) => Event::InlineHtml(mathml(&formula, false).into()),
        Event::DisplayMath(formula) => Event::InlineHtml(mathml(&formula, true).into()),
        Event::InlineHtml(text) if from == From::Cell && DOLLAR.contains(&text.as_ref()) => {
            Event::Text("".into())
        }
        Event::Html(text) | Event::InlineHtml(text) if from == From::Cell => Event::Text(text),
        Event::Start(tag) => Event::Start(safe(tag, from)),
        event => event,
    });
    let mut text = String::new();
    html::push_html(&mut text, events);
    text
}

fn safe<'a>(tag: Tag<'a>, from: From<'_>) -> Tag<'a> {
    match tag {
        Tag::Link { link_type, dest_url, title, id } => {
            Tag::Link { link_type, dest_url: followable(dest_url), title, id }
        }
        Tag::Image { link_type, dest_url, title, id } => {
            let dest_url = embedded(&dest_url, from).map_or_else(|| followable(dest_url), CowStr::from);
            Tag::Image { link_type, dest_url, title, id }
        }
        tag => tag,
    }
}

/// An address that leads somewhere and runs nothing.
fn followable(address: CowStr<'_>) -> CowStr<'_> {
    let compact: String = address.chars().filter(|c| !c.is_whitespace() && !c.is_control()).collect();
    let scheme = compact.split_once(':').map(|(scheme, _)| scheme.to_lowercase());
    let is_harmless = scheme.is_none_or(|scheme| {
        ["http", "https", "mailto", "data"].contains(&scheme.as_str())
            || scheme.contains(['/', '#', '?', '.'])
    });
    let is_page =
        compact.to_lowercase().starts_with("data:") && !compact.to_lowercase().starts_with("data:image/");
    if is_harmless && !is_page { address } else { "#".into() }
}

/// The image itself as an address, when it is attached to the cell or lies beside the notebook.
fn embedded(address: &str, from: From<'_>) -> Option<String> {
    let From::Author { folder, attachments } = from else {
        return None;
    };
    if let Some(name) = address.strip_prefix("attachment:") {
        return attachments.iter().find(|(known, _)| known == name).map(|(_, data)| data.clone());
    }
    let path = folder.join(address);
    let kind = match path.extension()?.to_str()?.to_lowercase().as_str() {
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "svg" => "image/svg+xml",
        _ => return None,
    };
    let is_small = path.metadata().is_ok_and(|data| data.is_file() && data.len() <= LARGEST_IMAGE);
    let bytes = is_small.then(|| std::fs::read(&path).ok())??;
    Some(format!("data:{kind};base64,{}", STANDARD.encode(bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn author(text: &str) -> String {
        let attachments = [("a.png".to_owned(), "data:image/png;base64,AA==".to_owned())];
        rendered(text, From::Author { folder: Path::new("nowhere"), attachments: &attachments })
    }

    #[test]
    fn an_author_writes_formulas_tables_and_html() {
        assert!(author("of $x_i$ and\n\n$$\\frac12$$\n").contains("<math"));
        assert!(author("a | b\n--|--\n1 | 2\n").contains("<table>"));
        assert!(author("<details><summary>Solution</summary>\n\n*x*\n\n</details>").contains("<details>"));
        assert!(author("![x](attachment:a.png)").contains("src=\"data:image/png;base64,AA==\""));
    }

    #[test]
    fn a_cells_text_is_text() {
        let html = rendered("**$5** and $6 <script>alert(1)</script>\n\n<b>x</b>\n", From::Cell);
        assert!(html.contains("<strong>$5</strong> and $6 &lt;script&gt;"), "{html}");
        assert!(!html.contains("<b>") && !html.contains("<math"), "{html}");
    }

    #[test]
    fn a_pages_amounts_are_amounts() {
        let page = "**<span class=\"tex2jax_ignore mathjax_ignore\">&#36;</span>5** and <span id=x>6</span>";
        let html = rendered(page, From::Cell);
        assert!(html.contains("<strong>$5</strong> and &lt;span id=x&gt;6"), "{html}");
    }

    #[test]
    fn no_link_runs_anything() {
        for address in ["javascript:alert(1)", "JaVaScRiPt:x", "vbscript:x", "data:text/html,x"] {
            let html = author(&format!("[a](<{address}>)"));
            assert!(html.contains("href=\"#\""), "{html}");
        }
        assert!(author("[a](../b.html?x=a:b)").contains("href=\"../b.html?x=a:b\""));
        assert!(author("[a](https://b.c)").contains("href=\"https://b.c\""));
    }
}
