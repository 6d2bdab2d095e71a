//! Words of messages.

pub(crate) use cltv_protocol::text::{count, counted, quoted};

/// A name without blanks and byte order marks around it.
pub(crate) fn trimmed(name: &str) -> &str {
    name.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}')
}
