//! Counts as sentences want them.

/// A 64-bit number with its digits in groups of three.
pub(crate) fn grouped(n: u64) -> String {
    cltv_protocol::text::count(n as usize)
}
