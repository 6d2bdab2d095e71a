//! Words of messages: counts, and values of files as a message shows them.

pub(crate) use cltv_protocol::text::{count, counted};

/// Characters of a value that a message shows.
const VALUE: usize = 60;
/// Characters of a path that a message shows; a path that is cut cannot be found.
const PATH: usize = 400;
/// Characters that a message repeats of what a decoder or the operating system says.
const REASON: usize = 500;
/// Names that a message lists.
const LISTED: usize = 20;

/// A value in quotation marks as a message shows it: control characters are escaped, and after 60 characters follows
/// "…".
///
/// # Examples
/// ```
/// use cltv_tables::words::quote;
/// assert_eq!(quote("31/31/2024"), "\"31/31/2024\"");
/// assert_eq!(quote("\u{1b}[31m"), r#""\u{1b}[31m""#);
/// assert_eq!(quote(&"9".repeat(1000)).chars().count(), 63);
/// ```
#[must_use]
pub fn quote(value: &str) -> String {
    format!("{:?}", cut(value, VALUE))
}

/// A value as [`quote`], without the quotation marks.
#[must_use]
pub fn shown(value: &str) -> String {
    plain(&cut(value, VALUE))
}

/// The path of a file in quotation marks, as [`quote`], with more characters.
#[must_use]
pub fn quote_path(path: &str) -> String {
    format!("{:?}", cut(path, PATH))
}

/// What a decoder or the operating system says, in one line without control characters, and cut after 500 characters.
#[must_use]
pub fn reason(text: &str) -> String {
    plain(&cut(text, REASON))
}

/// A text in one line, with control characters escaped.
fn plain(text: &str) -> String {
    let mut plain = String::new();
    for c in text.chars() {
        match c {
            '\n' | '\r' | '\t' => plain.push(' '),
            c if c.is_control() || is_direction(c) => plain.extend(c.escape_unicode()),
            c => plain.push(c),
        }
    }
    plain
}

/// Names, each as [`quote`] shows it; "nothing" for none, and only a count of those after the twentieth.
///
/// # Examples
/// ```
/// use cltv_tables::words::quoted;
/// assert_eq!(quoted(&["a".to_owned(), "b".to_owned()]), r#""a" and "b""#);
/// assert!(quoted(&vec!["a".to_owned(); 25]).ends_with(r#""a" and 5 more"#));
/// ```
#[must_use]
pub fn quoted(names: &[String]) -> String {
    let shown: Vec<String> = names.iter().take(LISTED).map(|name| quote(name)).collect();
    let more = names.len() - shown.len();
    match shown.split_last() {
        None => "nothing".to_owned(),
        Some(_) if more > 0 => format!("{} and {} more", shown.join(", "), count(more)),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
    }
}

/// The first characters of a text, with "…" where there are more.
fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// Characters that change the direction of the text after them.
fn is_direction(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A name without blanks and byte order marks around it.
pub(crate) fn trimmed(name: &str) -> &str {
    name.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}')
}
