//! The panics in what a cell wrote, and the lines of the cell where they happened.

use crate::compile::canonical_source::STATEMENTS_BEGIN;
use crate::panic_lines::place_of_panic;
use crate::{cell_text, compile};

/// One panic of those that a cell wrote of.
#[derive(Debug, PartialEq)]
pub(super) struct Panicked {
    place: String,
    message: String,
}

impl Panicked {
    /// The line of the generated source; none if it panicked elsewhere.
    pub(super) fn source_line(&self) -> Option<usize> {
        self.place
            .strip_prefix(compile::ORDERED_SOURCE)
            // With another crate beside the helper the real cargo compiles evcxr's own source.
            .or_else(|| self.place.strip_prefix(compile::SOURCE))
            .and_then(|rest| rest.split(':').nth(1))
            .and_then(|line| line.parse().ok())
    }

    pub(super) fn in_words(&self) -> String {
        match self.source_line().is_some() || self.place.is_empty() {
            true => self.message.clone(),
            false => format!("{} (at {})", self.message, self.place),
        }
    }
}

/// The panics in what a cell wrote, in their order.
pub(super) fn panics(text: &str) -> Vec<Panicked> {
    let mut found: Vec<Panicked> = Vec::new();
    for line in text.lines() {
        if let Some(place) = place_of_panic(line) {
            found.push(Panicked { place: place.to_owned(), message: String::new() });
        } else if let Some(last) = found.last_mut()
            && !line.starts_with("note: run with `RUST_BACKTRACE")
            && !line.trim().is_empty()
        {
            let gap = if last.message.is_empty() { "" } else { "\n" };
            last.message.extend([gap, line]);
        }
    }
    found
}

/// Finds a line of the generated source in the cell; lines count from 1. None if evcxr wrote it, or if
/// it belongs to what an earlier cell defined.
pub(super) fn cell_line(line: usize, source: &str, cell: &str) -> Option<usize> {
    let source: Vec<&str> = source.lines().map(str::trim).collect();
    let lines: Vec<&str> = cell.lines().map(str::trim).collect();
    let at = line.checked_sub(1)?;
    let code = *source.get(at).filter(|code| !code.is_empty())?;
    let items = cell_text::item_lines(cell);
    let begin = source.iter().position(|text| text.starts_with(STATEMENTS_BEGIN));
    let found = match begin.filter(|begin| *begin < at) {
        Some(begin) => {
            let is_statement = |i: &usize| !items.iter().any(|item| item.contains(i));
            let statements: Vec<usize> = (0..lines.len()).filter(is_statement).collect();
            let equal_before = source[begin..at].iter().filter(|text| **text == code).count();
            equal_line(code, equal_before, &lines, &statements)
                .or_else(|| longest_common_line(code, &lines, &statements))
        }
        None => items.iter().find_map(|item| {
            let own = lines.get(item.clone())?;
            let begins =
                (0..own.len()).filter(|i| own[*i] == code).filter_map(|i| Some((i, at.checked_sub(i)?)));
            let mut whole = begins.filter(|(_, begin)| source.get(*begin..begin + own.len()) == Some(own));
            whole.next().map(|(i, _)| item.start + i)
        }),
    };
    found.map(|i| i + 1)
}

/// The line that is the same; of several the one with as many like it before.
fn equal_line(code: &str, before: usize, lines: &[&str], among: &[usize]) -> Option<usize> {
    let equal: Vec<usize> = among.iter().copied().filter(|i| lines[*i] == code).collect();
    equal.get(before).or(equal.last()).copied()
}

/// The line that has most in common: evcxr writes each statement on a line of its own, and puts calls
/// around the last. Lines of brackets alone say nothing.
fn longest_common_line(code: &str, lines: &[&str], among: &[usize]) -> Option<usize> {
    let says_something = |text: &str| text.contains(char::is_alphanumeric);
    if !says_something(code) || code.contains("evcxr_variable_store") {
        return None;
    }
    let common = |i: &usize| {
        let text = lines[*i];
        let is_common = says_something(text) && (code.contains(text) || text.contains(code));
        is_common.then_some(text.len().min(code.len()))
    };
    // The first of the longest.
    among.iter().copied().rev().filter(|i| common(i).is_some()).max_by_key(|i| common(i))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The line of a cell that stands for the n-th line, counted from 1, of evcxr's program for it, of
    /// which the items and the statements are given.
    fn line_of(n: usize, (items, statements): (&str, &str), cell: &str) -> Option<usize> {
        cell_line(n, &format!("{items}{STATEMENTS_BEGIN}1(\n{statements}}}\n"), cell)
    }

    #[test]
    fn a_lone_bracket_is_not_the_line_that_panicked() {
        let cell = "{\n}\nif true {\n    g(\"{}\", v[9])\n}";
        assert_eq!(line_of(2, ("", "g(\"{}\", v[9])\n"), cell), Some(4));
        assert_eq!(line_of(2, ("", "generated(\"{}\");\n"), cell), None);
    }

    #[test]
    fn of_equal_lines_the_one_at_the_same_place_panicked() {
        let cell = "fn f(v: &[u8]) {\nv[9];\n}\nv[9];\nlet w = 1;\nv[9];";
        let program = ("fn f(v: &[u8]) {\nv[9];\n}\n", "v[9];\nlet w = 1;\nv[9];\n");
        let lines: Vec<_> = [2, 5, 7].map(|n| line_of(n, program, cell)).into();
        assert_eq!(lines, [Some(2), Some(4), Some(6)]);
    }

    #[test]
    fn a_line_of_an_earlier_cells_function_is_not_this_cells() {
        let program = ("fn f(v: &[u8]) -> u8 {\nv[9]\n}\n", "v[9]\n");
        assert_eq!(line_of(2, program, "v[9]"), None);
        assert_eq!(line_of(5, program, "v[9]"), Some(1));
        // The same line in another function of this cell.
        assert_eq!(line_of(2, program, "fn g(v: &[u8]) -> u8 {\nv[9]\n}"), None);
    }

    #[test]
    fn statements_on_one_line_are_found() {
        let cell = "let v = [1]; v[9]; // no";
        assert_eq!(line_of(3, ("", "let v = [1];\nv[9];\n"), cell), Some(1));
    }
}
