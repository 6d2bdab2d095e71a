//! Counts as sentences want them.

/// A 64-bit number with its digits in groups of three.
pub(crate) fn grouped(n: u64) -> String {
    cltv_protocol::text::count(n as usize)
}

/// Characters of a value that a message shows.
const VALUE: usize = 80;

/// A text of a file as a message shows it: in one line, with control characters escaped, and after 80
/// characters follows "…".
pub(crate) fn shown(text: &str) -> String {
    cut(text, VALUE)
}

/// A text in one line, with control characters escaped, and cut after so many characters.
pub(crate) fn cut(text: &str, most: usize) -> String {
    let mut line = String::new();
    for (at, c) in text.chars().enumerate() {
        match c {
            _ if at == most => {
                line.push('…');
                break;
            }
            c if c.is_control() || is_direction(c) => line.extend(c.escape_unicode()),
            c => line.push(c),
        }
    }
    line
}

/// Whether a character changes the direction in which others are shown.
fn is_direction(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_short_and_in_one_line() {
        assert_eq!(shown("BG/NBD é"), "BG/NBD é");
        assert_eq!(shown("a\n\u{1b}[31m\u{202e}"), r"a\u{a}\u{1b}[31m\u{202e}");
        assert_eq!(shown(&"9".repeat(81)), "9".repeat(80) + "…");
        assert_eq!(shown(&"9".repeat(80)), "9".repeat(80));
    }
}
