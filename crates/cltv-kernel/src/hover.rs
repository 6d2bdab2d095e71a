//! What rust-analyzer says of a name, made fit for a tooltip.

/// The documentation as text and as html.
///
/// Links lead to pages on docs.rs that a crate of ours does not have, so their text stays alone.
/// The text comes from the html: rust-analyzer's own runs headings and code together.
pub(crate) fn forms(html: &str) -> (String, String) {
    let html = without_links(html);
    (text(&html), html)
}

fn without_links(html: &str) -> String {
    let mut pieces = html.split("<a ");
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        out.push_str(piece.split_once('>').map_or(piece, |(_, rest)| rest));
    }
    out.replace("</a>", "")
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
    let text = out.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&");
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
        let html = "<pre><code class=\"language-rust\">pub fn f(x: &amp;Input)\n</code></pre>\n<hr />\n<h1>Errors</h1>\n<p><a href=\"https://docs.rs/x\"><code>E</code></a> when it fails.</p>\n";
        let (text, html) = forms(html);
        assert_eq!(text, "pub fn f(x: &Input)\n\nErrors\n\nE when it fails.");
        assert!(!html.contains("docs.rs") && html.contains("<code>E</code> when"), "{html}");
    }
}
