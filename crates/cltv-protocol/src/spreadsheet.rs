//! Text in csv files that a spreadsheet program would run as a formula.

use std::borrow::Cow;

/// The text with an apostrophe in front when a spreadsheet would read it as a formula: when it begins
/// with `=`, `+`, `-`, `@`, a tab or a line end, and is not a plain number with a sign.
///
/// Source: OWASP, "CSV Injection".
///
/// # Examples
/// ```
/// use cltv_protocol::spreadsheet::escape_formula;
/// assert_eq!(escape_formula("=1+1"), "'=1+1");
/// assert_eq!(escape_formula("-12.5"), "-12.5");
/// ```
#[must_use]
pub fn escape_formula(text: &str) -> Cow<'_, str> {
    match is_formula(text) {
        true => Cow::Owned(format!("'{text}")),
        false => Cow::Borrowed(text),
    }
}

/// Whether a spreadsheet would read the text as a formula.
#[must_use]
pub fn is_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) && !is_signed_number(text)
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
        for text in ["-12.5", "+4", "A-00001", "O'Brien", "", "00004", "a=b"] {
            assert!(matches!(escape_formula(text), Cow::Borrowed(same) if same == text), "{text}");
        }
    }
}
