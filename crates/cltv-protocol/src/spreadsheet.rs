//! Text in csv files that a spreadsheet program would run as a formula.

use std::borrow::Cow;

/// Characters at which a spreadsheet may begin a new cell, whatever separates the file: some split at `;` or a tab by
/// the language of the system, and then a quotation mark inside a line protects neither these nor a line end.
const BREAKS: [char; 4] = [';', '\t', '\r', '\n'];
/// First characters of a formula, also in their wide forms.
const STARTS: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

/// The text with an apostrophe wherever a spreadsheet would begin a formula: before `=`, `+`, `-` or `@` at the start and
/// after a `;`, a tab or a line end, unless a plain number with a sign stands there, and before a tab or a line end at
/// the start.
///
/// Source: OWASP, "CSV Injection".
///
/// # Examples
/// ```
/// use cltv_protocol::spreadsheet::escape_formula;
/// assert_eq!(escape_formula("=1+1"), "'=1+1");
/// assert_eq!(escape_formula("Smith;=1+1"), "Smith;'=1+1");
/// assert_eq!(escape_formula("-12.5"), "-12.5");
/// ```
#[must_use]
pub fn escape_formula(text: &str) -> Cow<'_, str> {
    if !is_formula(text) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 2);
    if begins_blank(text) {
        escaped.push('\'');
    }
    for cell in text.split_inclusive(BREAKS) {
        if runs(cell.trim_end_matches(BREAKS)) {
            escaped.push('\'');
        }
        escaped.push_str(cell);
    }
    Cow::Owned(escaped)
}

/// Whether a spreadsheet would read the text, or what follows a break in it, as a formula.
#[must_use]
pub fn is_formula(text: &str) -> bool {
    begins_blank(text) || text.split(BREAKS).any(runs)
}

/// A tab or a line end at the start, which a spreadsheet skips.
fn begins_blank(text: &str) -> bool {
    text.starts_with(['\t', '\r', '\n'])
}

/// Whether a cell is a formula and not a plain number with a sign.
fn runs(cell: &str) -> bool {
    cell.starts_with(STARTS) && !is_signed_number(cell)
}

fn is_signed_number(text: &str) -> bool {
    let digits = text.strip_prefix(['+', '-']).unwrap_or_default();
    digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_get_an_apostrophe_and_other_texts_stay() {
        for text in ["=1+1", "+a", "-cmd", "@x", "\tx", "\rx", "\nx", "-1-1", "+", "-.5"] {
            assert_eq!(escape_formula(text), format!("'{text}"));
        }
        for (text, escaped) in [
            ("a;=1+1", "a;'=1+1"),
            ("a;b;@x;-1-1", "a;b;'@x;'-1-1"),
            ("a\t=1", "a\t'=1"),
            ("a\n=1\r\n+b", "a\n'=1\r\n'+b"),
            (";=1", ";'=1"),
            ("\t=1", "'\t'=1"),
            ("＝1+1", "'＝1+1"),
        ] {
            assert_eq!(escape_formula(text), escaped);
        }
        for text in [
            "a;b", "a; -5", "a;-5", "a,=1+1", "x\ty", "-12.5", "+4", "A-00001", "O'Brien", "", "00004", "a=b",
        ] {
            assert!(matches!(escape_formula(text), Cow::Borrowed(same) if same == text), "{text}");
        }
    }
}
