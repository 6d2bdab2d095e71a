//! Variables that a cell gets a copy of, so that it may move them.
//!
//! A frame, a series or an expression is a few pointers to shared data. Where such a variable is not
//! `mut`, it stays in the store, and a cell that moves it moves a copy.

use crate::cell_text::words;

/// Types of polars that share their data.
const OF_POLARS: [&str; 6] = ["DataFrame", "LazyFrame", "Series", "Column", "Expr", "LazyGroupBy"];
/// The standard library's pointer to shared data. `Rc` is none of these: a cell that is given up goes on in
/// its thread with what it was lent, while other threads use the rest.
const POINTER: &str = "Arc";

/// Whether a cell gets a copy of a variable; `before` is what stands before its name in evcxr's line that
/// takes it from the store.
pub(super) fn is_lent(before: &str, source: &str) -> bool {
    before
        .split_once(".take_variable::<")
        .is_some_and(|(declared, written)| !declared.starts_with("let mut ") && is_cheap(written, source))
}

/// Whether a type as it is written is cheap to copy: rustc writes whole paths, a cell may write the name.
fn is_cheap(written: &str, source: &str) -> bool {
    let (path, _) = written.split_once('<').unwrap_or((written, ""));
    let first = path.split("::").next().unwrap_or_default().trim();
    let last = path.rsplit("::").next().unwrap_or_default().trim();
    let is_path = path.contains("::");
    if OF_POLARS.contains(&last) {
        return is_path && path.contains("polars") || !is_path && is_from(last, "polars", source);
    }
    last == POINTER
        && (is_path && matches!(first, "std" | "alloc") || !is_path && is_from(last, "std", source))
}

/// Whether a name that stands alone comes from a crate: the source takes it, or all names, from there,
/// and does not define it.
fn is_from(name: &str, of: &str, source: &str) -> bool {
    let takes = |line: &str| {
        let line = line.trim();
        line.starts_with("use ")
            && words(line).any(|word| word == of || word == "cltv" && of == "polars")
            && (line.ends_with("::*;") && of != "std" || line.ends_with(&format!("::{name};")))
    };
    let defines = ["struct", "enum", "type", "union"].iter().any(|kind| {
        source.match_indices(&format!("{kind} {name}")).any(|(at, found)| {
            !source[at + found.len()..].starts_with(|c: char| c.is_alphanumeric() || c == '_')
        })
    });
    source.lines().any(takes) && !defines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_and_pointers_that_do_not_change_are_lent() {
        let lent = |pattern: &str, written: &str, source: &str| {
            is_lent(&format!("let {pattern} = evcxr_variable_store.take_variable::<{written}"), source)
        };
        assert!(lent("x", "polars_core::frame::DataFrame", "") && lent("x", "std::sync::Arc<Vec<u8>>", ""));
        assert!(!lent("mut x", "polars_core::frame::DataFrame", "") && !lent("x", "Vec<polars::Expr>", ""));
        assert!(!lent("x", "mine::DataFrame", "") && !lent("x", "DataFrame", ""));
        assert!(lent("x", "DataFrame", "use cltv::prelude::*;\n"));
        assert!(!lent("x", "DataFrame", "use cltv::prelude::*;\nstruct DataFrame;"));
        assert!(lent("x", "Arc<u8>", "use std::sync::Arc;\n") && !lent("x", "Arc<u8>", "use mine::Arc;\n"));
        assert!(!lent("x", "std::rc::Rc<u8>", ""));
    }
}
