//! Rust code with its keywords, texts, numbers and comments marked, by the compiler's own lexer.

use std::ops::Range;
use std::str::FromStr;

use html_escape::encode_text;
use proc_macro2::{TokenStream, TokenTree};

const KEYWORDS: [&str; 37] = [
    "as", "async", "await", "break", "const", "continue", "crate", "dyn", "else", "enum", "extern", "false",
    "fn", "for", "if", "impl", "in", "let", "loop", "match", "mod", "move", "mut", "pub", "ref", "return",
    "self", "Self", "static", "struct", "super", "trait", "true", "type", "unsafe", "use", "while",
];

/// The code as html; what is no Rust is escaped and left plain.
pub(super) fn html(code: &str) -> String {
    let Ok(tokens) = TokenStream::from_str(code) else {
        return encode_text(code).into_owned();
    };
    let mut marks = Vec::new();
    collect(tokens, &mut marks);
    let mut html = String::with_capacity(code.len() * 2);
    let mut at = 0;
    for (range, class) in marks {
        let Some(token) = code.get(range.clone()).filter(|_| range.start >= at) else {
            continue;
        };
        html.push_str(&between(code.get(at..range.start).unwrap_or_default()));
        // A documentation comment becomes tokens that all have its place.
        let class = if token.starts_with("//") || token.starts_with("/*") { "c" } else { class };
        html.push_str(&marked(token, class));
        at = range.end;
    }
    html.push_str(&between(code.get(at..).unwrap_or_default()));
    html
}

/// Notes what is marked, in the order of the code. Brackets may be nested without end, so that a function
/// that calls itself for each would use up the stack.
fn collect(tokens: TokenStream, marks: &mut Vec<(Range<usize>, &'static str)>) {
    let mut open = vec![tokens.into_iter()];
    while let Some(level) = open.last_mut() {
        let Some(token) = level.next() else {
            open.pop();
            continue;
        };
        let range = token.span().byte_range();
        match token {
            TokenTree::Group(group) => open.push(group.stream().into_iter()),
            TokenTree::Ident(ident) if KEYWORDS.contains(&ident.to_string().as_str()) => {
                marks.push((range, "k"))
            }
            TokenTree::Literal(literal) => {
                let is_number = literal.to_string().starts_with(|c: char| c.is_ascii_digit());
                marks.push((range, if is_number { "n" } else { "s" }));
            }
            TokenTree::Punct(_) => marks.push((range, "")),
            TokenTree::Ident(_) => {}
        }
    }
}

fn marked(token: &str, class: &str) -> String {
    match class {
        "" => encode_text(token).into_owned(),
        class => format!("<span class=\"{class}\">{}</span>", encode_text(token)),
    }
}

/// Between marked tokens stand names, brackets, space, and comments.
fn between(text: &str) -> String {
    let mut html = String::new();
    let mut rest = text;
    while let Some(start) = rest.find("//").into_iter().chain(rest.find("/*")).min() {
        html.push_str(&encode_text(&rest[..start]));
        let comment = &rest[start..];
        let end = match comment.starts_with("//") {
            true => comment.find('\n').unwrap_or(comment.len()),
            false => comment.find("*/").map_or(comment.len(), |end| end + 2),
        };
        html.push_str(&marked(&comment[..end], "c"));
        rest = &comment[end..];
    }
    html + &encode_text(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_strings_numbers_and_comments_are_distinguished() {
        assert_eq!(
            html("let a: &str = \"<b> // no\"; // é <i>\nlet n = 1.5;"),
            "<span class=\"k\">let</span> a: &amp;str = <span class=\"s\">\"&lt;b&gt; // no\"</span>; \
             <span class=\"c\">// é &lt;i&gt;</span>\n<span class=\"k\">let</span> n = <span class=\"n\">1.5</span>;"
        );
    }

    #[test]
    fn nothing_is_lost() {
        for code in [
            ":dep cltv = { path = \"../crates/cltv\" }\nuse cltv::prelude::*;",
            "/// doc <x>\nfn f() -> Vec<u32> { /* a */ vec![1, 2] } // end",
            "let broken = \"no end;",
            "let é = 'x'; // 🦀\nlet r = r#\"a \"b\" </pre>\"#;",
            "",
        ] {
            let html = html(code);
            let mut text = String::new();
            let mut in_tag = false;
            for c in html.chars() {
                match c {
                    '<' => in_tag = true,
                    '>' if in_tag => in_tag = false,
                    c if !in_tag => text.push(c),
                    _ => {}
                }
            }
            assert_eq!(html_escape::decode_html_entities(&text), code);
        }
    }
}
