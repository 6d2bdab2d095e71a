//! Escapes of JSON that YAML does not have.

use std::borrow::Cow;

use serde::de::IgnoredAny;

/// The text with each pair of surrogates in its escapes, as in `"\ud83d\ude00"`, replaced by the character
/// that it stands for, when the text is JSON. YAML has one escape for each character.
pub(super) fn with_whole_characters(text: &str) -> Cow<'_, str> {
    let may_have = text.contains("\\ud") || text.contains("\\uD");
    if !may_have || serde_json::from_str::<IgnoredAny>(text).is_err() {
        return Cow::Borrowed(text);
    }
    let mut whole = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        whole.push_str(&rest[..at]);
        let escape = &rest[at..];
        let (character, length) = match pair(escape) {
            Some(character) => (Some(character), PAIR),
            // What follows a backslash is not the start of another escape.
            None => (None, 1 + escape[1..].chars().next().map_or(0, char::len_utf8)),
        };
        match character {
            Some(character) => whole.push(character),
            None => whole.push_str(&escape[..length]),
        }
        rest = &escape[length..];
    }
    whole.push_str(rest);
    Cow::Owned(whole)
}

/// The length of two escapes of four digits.
const PAIR: usize = 12;

/// The character of two escapes at the start of the text.
fn pair(text: &str) -> Option<char> {
    let unit = |at: usize| {
        let digits = text.get(at..at + 6)?.strip_prefix("\\u")?;
        u16::from_str_radix(digits, 16).ok()
    };
    let units = [unit(0)?, unit(6)?];
    let is_pair = (0xd800..0xdc00).contains(&units[0]);
    is_pair.then(|| char::decode_utf16(units).next()?.ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_become_characters_in_json_alone() {
        let whole = |text: &str| with_whole_characters(text).into_owned();
        assert_eq!(whole(r#"{"a": "x\ud83d\ude00y\u00e9\n"}"#), "{\"a\": \"x😀y\\u00e9\\n\"}");
        assert_eq!(whole(r#"{"\uD83E\uDD80": "\\ud83d\\ude00 é"}"#), r#"{"🦀": "\\ud83d\\ude00 é"}"#);
        for same in [r"a: \ud83d\ude00", r#"{"a": "\\ud83d"}"#, r#"{"a": "\ud83d"#, r"{a: '\ud83d\ude00'}"] {
            assert_eq!(whole(same), same);
        }
    }
}
