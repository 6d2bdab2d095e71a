//! What is known of a name, as text and as html.

use super::index::{Entry, Index, last, parent};
use pulldown_cmark::{Options, Parser, html};

/// The signature and documentation of entries of one name, a fit one first.
pub(super) fn of_entries(index: &Index, entries: &[&Entry]) -> Option<(String, String)> {
    let pages: Vec<String> = entries.iter().map(|entry| page(index, entry)).collect();
    (!pages.is_empty()).then(|| forms(&pages.join("\n---\n")))
}

/// A variable and its type.
pub(super) fn of_variable(name: &str, of: &str) -> (String, String) {
    forms(&format!("```rust\nlet {name}: {of}\n```\n"))
}

fn page(index: &Index, entry: &Entry) -> String {
    let owner = parent(&entry.path);
    let is_member = !owner.is_empty() && !index.at(owner).iter().all(|entry| entry.kind == "mod");
    let shown = if is_member { owner } else { &entry.path };
    let of_the_library = || shown.starts_with("std::").then_some(shown);
    let known = index.public_path(shown).or_else(of_the_library);
    // What cells define has no other path than its name.
    let place = known.or(is_member.then(|| last(owner))).map(|path| format!("`{path}`")).unwrap_or_default();
    format!("```rust\n{}\n```\n\n{place}\n\n{}\n", entry.signature, shown_docs(&entry.docs))
}

/// Documentation with the headings and examples of Rust, and without links to pages that are not here.
fn shown_docs(docs: &str) -> String {
    let mut out = String::new();
    let mut rest = docs;
    while let Some(at) = rest.find("[`") {
        out.push_str(&rest[..at]);
        let link = &rest[at + 1..];
        let Some(end) = link.find("`]") else {
            out.push('[');
            rest = link;
            continue;
        };
        out.push_str(&link[..=end]);
        rest = &link[end + 2..];
        if rest.starts_with('(')
            && let Some(end) = rest.find(')')
        {
            rest = &rest[end + 1..];
        }
    }
    out + rest
}

/// Markdown as text and as html.
fn forms(markdown: &str) -> (String, String) {
    let mut page = String::new();
    html::push_html(&mut page, Parser::new_ext(markdown, Options::ENABLE_TABLES));
    (text(&page), page)
}

/// The text between the tags, with a line's end where a block ends.
fn text(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    for (i, piece) in html.split('<').enumerate() {
        let (tag, rest) = match i {
            0 => ("", piece),
            _ => piece.split_once('>').unwrap_or(("", piece)),
        };
        if matches!(tag, "/h1" | "/h2" | "/h3" | "/p" | "/pre" | "hr /") {
            out.push('\n');
        }
        out.push_str(rest);
    }
    let text = html_escape::decode_html_entities(&out);
    let lines: Vec<&str> = text.lines().collect();
    let mut kept: Vec<&str> = Vec::new();
    for line in lines {
        if !(line.is_empty() && kept.last().is_none_or(|last| last.is_empty())) {
            kept.push(line);
        }
    }
    kept.join("\n").trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_left_out_and_blocks_are_lines() {
        let index = Index::new(["h::f\tuse\tw::f\n"].into_iter());
        let entry = Entry {
            path: "w::f".into(),
            kind: "fn".into(),
            signature: "pub fn f(x: &Input)".into(),
            docs: "Reads [`Input`] or [`E`](crate::E).\n\n# Errors\n[`E`] when it fails.".into(),
        };
        let (text, html) = of_entries(&index, &[&entry]).unwrap();
        assert_eq!(text, "pub fn f(x: &Input)\n\nh::f\n\nReads Input or E.\n\nErrors\n\nE when it fails.");
        assert!(html.contains("<code>E</code> when") && html.contains("&amp;Input"), "{html}");
    }
}
