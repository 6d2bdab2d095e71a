//! Variables that a cell gets a copy of, so that it may move them.
//!
//! A frame, a series or an expression is a few pointers to shared data. Where such a variable is not
//! `mut`, it stays in the store, and a cell that moves it moves a copy. A cell that calls `drop(x)` has `x`
//! itself, whose memory is to be freed. `Arc` and `Rc` are moved as ever: how many copies there are counts.

use crate::cell_text::words;

/// Types of polars that share their data.
const OF_POLARS: [&str; 6] = ["DataFrame", "LazyFrame", "Series", "Column", "Expr", "LazyGroupBy"];

/// Whether a cell gets a copy of a variable; `before` is what stands before its name in evcxr's line that
/// takes it from the store.
pub(super) fn is_lent(before: &str, name: &str, source: &str) -> bool {
    let taken = before.split_once(".take_variable::<");
    let is_fit =
        |(declared, written): (&str, &str)| !declared.starts_with("let mut ") && is_cheap(written, source);
    taken.is_some_and(is_fit) && !source.contains(&format!("drop({name})"))
}

/// Whether a type as it is written is cheap to copy: rustc writes whole paths, a cell may write the name.
fn is_cheap(written: &str, source: &str) -> bool {
    let (path, _) = written.split_once('<').unwrap_or((written, ""));
    let last = path.rsplit("::").next().unwrap_or_default().trim();
    let is_of_polars = || match path.contains("::") {
        true => path.contains("polars"),
        false => is_from_polars(last, source),
    };
    OF_POLARS.contains(&last) && is_of_polars()
}

/// Whether a name that stands alone comes from polars: the source takes it, or all names, from there or from
/// the library, and does not define it.
fn is_from_polars(name: &str, source: &str) -> bool {
    let takes = |line: &str| {
        let line = line.trim();
        line.starts_with("use ")
            && words(line).any(|word| word == "polars" || word == "cltv")
            && (line.ends_with("::*;") || line.ends_with(&format!("::{name};")))
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
    fn frames_that_do_not_change_are_lent() {
        let lent = |pattern: &str, written: &str, source: &str| {
            is_lent(&format!("let {pattern} = evcxr_variable_store.take_variable::<{written}"), "x", source)
        };
        assert!(lent("x", "polars_core::frame::DataFrame", ""));
        assert!(!lent("mut x", "polars_core::frame::DataFrame", "") && !lent("x", "Vec<polars::Expr>", ""));
        assert!(!lent("x", "mine::DataFrame", "") && !lent("x", "DataFrame", ""));
        assert!(lent("x", "DataFrame", "use cltv::prelude::*;\n"));
        assert!(!lent("x", "DataFrame", "use cltv::prelude::*;\nstruct DataFrame;"));
        assert!(!lent("x", "polars_core::frame::DataFrame", "std::mem::drop(x);"));
        assert!(!lent("x", "std::sync::Arc<u8>", "") && !lent("x", "std::rc::Rc<u8>", ""));
    }
}
