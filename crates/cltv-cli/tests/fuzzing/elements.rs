//! The elements of a page, against those that an export may write.

/// Elements of the page, of Markdown and of MathML.
const KNOWN: [&str; 75] = [
    "a",
    "annotation",
    "blockquote",
    "body",
    "br",
    "code",
    "del",
    "details",
    "div",
    "em",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "head",
    "hr",
    "html",
    "img",
    "input",
    "li",
    "main",
    "math",
    "menclose",
    "merror",
    "meta",
    "mfenced",
    "mfrac",
    "mi",
    "mlabeledtr",
    "mmultiscripts",
    "mn",
    "mo",
    "mover",
    "mpadded",
    "mphantom",
    "mprescripts",
    "mroot",
    "mrow",
    "ms",
    "mspace",
    "msqrt",
    "mstyle",
    "msub",
    "msubsup",
    "msup",
    "mtable",
    "mtd",
    "mtext",
    "mtr",
    "munder",
    "munderover",
    "none",
    "ol",
    "p",
    "pre",
    "section",
    "semantics",
    "span",
    "strong",
    "style",
    "summary",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "title",
    "tr",
    "ul",
    "sub",
    "sup",
    "maction",
];

/// Checks that a page has known elements only, none of which runs anything.
///
/// # Errors
/// The element that should not be there.
pub(crate) fn check(page: &str) -> Result<(), String> {
    let mut rest = page;
    while let Some(at) = rest.find('<') {
        let inside = &rest[at + 1..];
        rest = inside;
        let is_element = inside.starts_with(|c: char| c.is_ascii_alphabetic() || "/!?".contains(c));
        if !is_element || inside.starts_with("!doctype html>") {
            continue;
        }
        let element = Element::read(inside)?;
        element.check().map_err(|what| format!("{what}: <{}", &inside[..inside.floor_char_boundary(60)]))?;
        rest = &inside[element.length..];
    }
    Ok(())
}

struct Element {
    name: String,
    /// Names in lower case, and values without quotation marks.
    attributes: Vec<(String, String)>,
    /// Bytes to its end.
    length: usize,
}

impl Element {
    /// Reads what follows a `<`.
    fn read(text: &str) -> Result<Element, String> {
        let is_end = |c: char| c.is_ascii_whitespace() || c == '>' || c == '/';
        let body = text.strip_prefix('/').unwrap_or(text);
        let name: String = body.chars().take_while(|c| !is_end(*c)).collect();
        let mut at = text.len() - body.len() + name.len();
        let mut attributes = Vec::new();
        loop {
            at += skipped(&text[at..], |c| c.is_ascii_whitespace() || c == '/');
            let rest = &text[at..];
            match rest.chars().next() {
                None => return Err(format!("an element without end: <{name}")),
                Some('>') => return Ok(Element { name: name.to_lowercase(), attributes, length: at + 1 }),
                Some(_) => {}
            }
            let length = 1 + skipped(&rest[rest.chars().next().map_or(0, char::len_utf8)..], |c| {
                !is_end(c) && c != '='
            });
            let length = rest.ceil_char_boundary(length);
            let key = rest[..length].to_lowercase();
            at += length;
            let (value, length) = value(&text[at..])?;
            at += length;
            attributes.push((key, value));
        }
    }

    fn check(&self) -> Result<(), String> {
        if !KNOWN.contains(&self.name.as_str()) {
            return Err(format!("an element {:?} that an export does not write", self.name));
        }
        for (key, value) in &self.attributes {
            let address = html_escape::decode_html_entities(value).to_lowercase();
            let address: String = address.chars().filter(|c| !c.is_whitespace() && !c.is_control()).collect();
            let leads = ["href", "src", "action", "formaction", "data", "xlink:href"].contains(&key.as_str());
            let runs = ["javascript:", "vbscript:", "data:text", "data:application"];
            if key.starts_with("on") || leads && runs.iter().any(|scheme| address.starts_with(scheme)) {
                return Err(format!("an attribute {key} that runs something"));
            }
        }
        Ok(())
    }
}

fn skipped(text: &str, skip: impl Fn(char) -> bool) -> usize {
    text.find(|c| !skip(c)).unwrap_or(text.len())
}

/// The value behind a name, without quotation marks, and its length with the sign before it.
fn value(text: &str) -> Result<(String, usize), String> {
    let before = skipped(text, |c| c.is_ascii_whitespace());
    let Some(rest) = text[before..].strip_prefix('=') else { return Ok((String::new(), 0)) };
    let blanks = skipped(rest, |c| c.is_ascii_whitespace());
    let start = before + 1 + blanks;
    let rest = &rest[blanks..];
    for quote in ['"', '\''] {
        if let Some(inside) = rest.strip_prefix(quote) {
            let end = inside.find(quote).ok_or("an attribute without end")?;
            return Ok((inside[..end].to_owned(), start + end + 2));
        }
    }
    let end = skipped(rest, |c| !c.is_ascii_whitespace() && c != '>');
    Ok((rest[..end].to_owned(), start + end))
}
