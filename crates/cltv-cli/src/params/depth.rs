//! A bound on how deep the code of a cell may be nested that is parsed: a parser calls itself for each level,
//! and a process whose stack is used up is ended by the system.

use std::io;
use std::str::FromStr;

use proc_macro2::{TokenStream, TokenTree};

/// Brackets within brackets.
const DEEPEST: usize = 100;

/// Signs in a row, each of which is a level, as in `----1`.
const MOST_SIGNS: usize = 100;

/// Words and signs, some of which are a level, as in `if a {} else if b {} else if …`.
const MOST: usize = 10_000;

/// A stack that has room for [`MOST`] levels.
const STACK: usize = 256 << 20;

/// Refuses code that is nested too deep, with its line.
pub(crate) fn check(source: &str) -> Result<(), (String, usize)> {
    // What is no list of words and signs is the parser's to name.
    let Ok(code) = TokenStream::from_str(source) else { return Ok(()) };
    let mut open = vec![code.into_iter()];
    let (mut read, mut signs) = (0, 0);
    while let Some(level) = open.last_mut() {
        let Some(token) = level.next() else {
            open.pop();
            continue;
        };
        read += 1;
        let line = token.span().start().line;
        signs = if matches!(token, TokenTree::Punct(_)) { signs + 1 } else { 0 };
        if signs > MOST_SIGNS {
            return Err((format!("it has more than {MOST_SIGNS} signs in a row"), line));
        }
        if let TokenTree::Group(group) = token {
            open.push(group.stream().into_iter());
        }
        if open.len() > DEEPEST + 1 {
            return Err((format!("it has more than {DEEPEST} brackets within each other"), line));
        }
        if read > MOST {
            return Err((format!("it has more than {MOST} words and signs"), line));
        }
    }
    Ok(())
}

/// Does the work on a stack of its own.
///
/// # Errors
/// When the system has no room for it.
pub(crate) fn with_room<T: Send>(work: impl FnOnce() -> T + Send) -> io::Result<T> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work)?;
        thread.join().map_err(|_| io::Error::other("the parser failed"))
    })
}

#[cfg(test)]
mod tests {
    use super::super::parameters_of;
    use super::*;

    fn message(source: &str) -> String {
        parameters_of(source, "x").expect_err("refused").to_string()
    }

    #[test]
    fn brackets_within_brackets_are_bounded() {
        for depth in [2_600, 200_000] {
            for (open, close) in [("(", ")"), ("[", "]"), ("{", "}"), ("vec![", "]")] {
                let source = format!("let a = 1;\nlet b = {}1{};", open.repeat(depth), close.repeat(depth));
                let said = message(&source);
                assert!(
                    said.contains("more than 100 brackets within each other (line 2 of the cell)"),
                    "{said}"
                );
            }
        }
        let fine = format!("let a = {}1{};", "(".repeat(99), ")".repeat(99));
        assert_eq!(parameters_of(&fine, "x").expect("valid").len(), 1);
    }

    #[test]
    fn every_kind_of_level_without_brackets_fits_the_stack() {
        let many = |piece: &str, words: usize| piece.repeat((MOST - 20) / words);
        for source in [
            format!("let a = {}1;", many("|x| ", 3)),
            format!("let a = {}1;", many("return ", 1)),
            format!("let a = {}1;", many("a = ", 2)),
            format!("let a = 1{};", many("+1", 2)),
            format!("let a = 1{};", many(" as u8", 2)),
            format!("let a = x{};", many(".y", 2)),
            format!("let a: {}u8{} = x;", many("Vec<", 2), ""),
            format!("let a: {}u8 = x;", many("fn(u8) -> ", 4)),
            format!("let a = x{};", many(".y()?", 4)),
            format!("let a = if x {{}} {}else {{}};", many("else if x {} ", 4)),
        ] {
            // A stack that is used up would end this process.
            let _ = parameters_of(&source, "x");
        }
        let said = message(&format!("let a = {}1;", "- ".repeat(50_000)));
        assert!(said.contains("more than 100 signs in a row"), "{said}");
        let said = message(&format!("let a = 1{};", " + 1".repeat(50_000)));
        assert!(said.contains("more than 10000 words and signs"), "{said}");
    }
}
