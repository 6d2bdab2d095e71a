//! Types that the compiler infers for completion: a cell that is checked and never run.
//!
//! The value whose type is asked for is bound to a pattern that cannot fit it, in its own place between the
//! brackets that are open around it: the compiler's error names its type. Nothing of the session changes.

use super::place::{closing, parse};
use std::ops::Range;

/// What marks the source of a probe for the compile of it.
pub(crate) const MARK: &str = "'cltv_probe: loop";

/// What the compiler's label on the value begins and ends with.
const LABEL: (&str, &str) = ("this expression has type `&", "`");
/// What its label on the pattern ends with.
const FOUND: &str = "found `()`";

/// Whether a source is that of a probe.
pub(crate) fn is_probe(source: &str) -> bool {
    source.contains(MARK)
}

/// A cell that has the compiler name the type of a value in code without commands; none if what stands
/// before the value is not Rust.
pub(super) fn cell(code: &str, value: Range<usize>) -> Option<String> {
    let (before, value) = (&code[..value.start], &code[value]);
    let close = closing(before);
    let begun = format!("{before}{{ let () = &({value}); {MARK} {{}} }}");
    // The head of an `if`, a `for` or a `match` has a block behind it.
    let ends = ["", " {}", ";"];
    ends.iter().map(|end| format!("{begun}{end}{close};")).find(|cell| parse(&format!("{cell}}}")).1)
}

/// The type in the compiler's labels of one error.
pub(crate) fn answer<'a>(labels: impl Iterator<Item = &'a str> + Clone) -> Option<String> {
    labels.clone().find(|label| label.ends_with(FOUND))?;
    let mut named = labels.filter_map(|label| label.strip_prefix(LABEL.0)?.strip_suffix(LABEL.1));
    named.next().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn probe(code: &str, value: &str) -> Option<String> {
        let begin = code.rfind(value).unwrap();
        let cell = cell(code, begin..begin + value.len())?;
        Some(cell.replace(MARK, "loop"))
    }

    #[test]
    fn a_value_is_asked_for_in_its_place() {
        assert_eq!(
            probe("let a = 1;\nlet b = f(a", "a").as_deref(),
            Some("let a = 1;\nlet b = f({ let () = &(a); loop {} });")
        );
        assert_eq!(
            probe("for x in v.iter()", "v.iter()").as_deref(),
            Some("for x in { let () = &(v.iter()); loop {} } {};")
        );
        assert_eq!(
            probe("v.iter().map(|x| x", "x").as_deref(),
            Some("v.iter().map(|x| { let () = &(x); loop {} });")
        );
        assert_eq!(probe("let = 1; x", "x"), None);
    }

    #[test]
    fn the_answer_is_in_the_labels() {
        let labels = ["expected `&Vec<u8>`, found `()`", "this expression has type `&Vec<u8>`"];
        assert_eq!(answer(labels.into_iter()).as_deref(), Some("Vec<u8>"));
        assert_eq!(answer(labels[1..].iter().copied()), None);
    }
}
