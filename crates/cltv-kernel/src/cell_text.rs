//! The text of a cell: its words, its commands before the Rust, its items and its written types.

use proc_macro2::TokenStream;
use std::collections::BTreeSet;
use std::ops::Range;
use syn::parse::Parser;
use syn::spanned::Spanned;
use syn::{Block, Pat, Stmt, Type};

/// The words of a text, among them all names in it; `{0width}` names `width`.
pub(crate) fn words(text: &str) -> impl Iterator<Item = &str> {
    // What is not ASCII may be part of a name.
    let words = text.split(|c: char| c.is_ascii() && !c.is_ascii_alphanumeric() && c != '_');
    let is_digit = |c: char| c.is_ascii_digit();
    words.flat_map(move |word| [word, word.trim_start_matches(is_digit)]).filter(|word| !word.is_empty())
}

/// What is written into the type of a variable that borrows.
const STATIC: &str = "'static ";

/// The cell with `let x: &T` made `let x: &'static T`.
///
/// A variable that outlives its cell borrows from nothing that ends; saying so spares later
/// cells lifetimes that evcxr's checks would otherwise make up.
pub(crate) fn with_static_references(cell: &str) -> String {
    let mut text = cell.to_owned();
    for at in borrowing_types(cell).into_iter().rev() {
        text.insert_str(at, STATIC);
    }
    text
}

/// Where in a cell `'static` goes without saying, from the first to the last.
fn borrowing_types(cell: &str) -> Vec<usize> {
    let place = |statement: &Stmt| {
        let Stmt::Local(local) = statement else { return None };
        let Pat::Type(typed) = &local.pat else { return None };
        let Type::Reference(reference) = typed.ty.as_ref() else { return None };
        reference.lifetime.is_none().then(|| reference.and_token.span().byte_range().end)
    };
    statements(cell).iter().filter_map(place).collect()
}

/// The column in a cell of what stands at a column of the same line once `'static` is written.
pub(crate) fn written_column(cell: &str, line: usize, mut column: usize) -> usize {
    for at in borrowing_types(cell) {
        let before = &cell[..at];
        let begin = before.rfind('\n').map_or(0, |end| end + 1);
        let own_column = before[begin..].chars().count() + 1;
        if before.matches('\n').count() + 1 == line && column > own_column {
            column = own_column.max(column.saturating_sub(STATIC.len()));
        }
    }
    column
}

/// The lines of each function, type and other item of a cell, counted from 0.
pub(crate) fn item_lines(cell: &str) -> Vec<Range<usize>> {
    let line = |at: usize| cell[..at].matches('\n').count();
    let lines = |statement: &Stmt| {
        let Stmt::Item(item) = statement else { return None };
        let bytes = item.span().byte_range();
        Some(line(bytes.start)..line(bytes.end) + 1)
    };
    statements(cell).iter().filter_map(lines).collect()
}

/// The items of a cell and its commands that name crates, with spaces in the place of all else.
pub(crate) fn items_only(cell: &str) -> String {
    let mut text: Vec<u8> = with_dep_commands_only(cell).into_bytes();
    let begin = begin_of_rust(cell);
    let items: Vec<Range<usize>> = statements(cell)
        .iter()
        .filter(|statement| matches!(statement, Stmt::Item(_)))
        .map(|statement| statement.span().byte_range())
        .collect();
    for (at, byte) in text.iter_mut().enumerate().skip(begin) {
        if *byte != b'\n' && !items.iter().any(|item| item.contains(&at)) {
            *byte = b' ';
        }
    }
    String::from_utf8_lossy(&text).into_owned()
}

/// The words of the patterns that a cell binds variables by.
pub(crate) fn bound_names(cell: &str) -> BTreeSet<String> {
    let patterns = statements(cell).into_iter().filter_map(|statement| match statement {
        Stmt::Local(local) => cell.get(local.pat.span().byte_range()).map(str::to_owned),
        _ => None,
    });
    patterns.flat_map(|pattern| words(&pattern).map(str::to_owned).collect::<Vec<_>>()).collect()
}

/// The line of a cell that binds a variable, with a copy of what it borrows in the place of the borrow.
pub(crate) fn owning_line(cell: &str, name: &str) -> Option<String> {
    statements(cell).iter().find_map(|statement| {
        let Stmt::Local(local) = statement else { return None };
        let Pat::Ident(bound) = &local.pat else { return None };
        let value =
            cell.get(local.init.as_ref().filter(|_| bound.ident == name)?.expr.span().byte_range())?;
        let copy = match value.strip_prefix('&') {
            Some(part) if part.ends_with(']') => format!("{part}.to_owned()"),
            Some(whole) => format!("{whole}.clone()"),
            None => format!("{value}.clone()"),
        };
        Some(format!("let {}{name} = {copy};", if bound.mutability.is_some() { "mut " } else { "" }))
    })
}

/// What a cell consists of beside commands; nothing if it does not parse.
pub(crate) fn statements(cell: &str) -> Vec<Stmt> {
    parsed(&without_commands(cell)).unwrap_or_default()
}

/// The same with the comments that stand before its Rust, if it parses with them: they may be documentation.
pub(crate) fn statements_with_docs(cell: &str) -> Vec<Stmt> {
    parsed(&without_command_lines(cell)).unwrap_or_else(|| statements(cell))
}

fn parsed(code: &str) -> Option<Vec<Stmt>> {
    let tokens = code.parse::<TokenStream>();
    tokens.ok().and_then(|tokens| Block::parse_within.parse2(tokens).ok())
}

/// The lines before the first of Rust: commands, blank ones and comments. evcxr knows commands nowhere
/// else.
pub(crate) fn lines_before_rust(cell: &str) -> impl Iterator<Item = &str> {
    let is_before_rust = |line: &&str| {
        let text = line.trim();
        text.is_empty() || is_command(line) || line.starts_with("//") || line.starts_with('!')
    };
    cell.split_inclusive('\n').take_while(is_before_rust)
}

/// Whether a line is a command to evcxr, before which there may be spaces.
fn is_command(line: &str) -> bool {
    line.trim_start_matches(' ').starts_with(':')
}

/// The cell without its commands but for those that name crates.
fn with_dep_commands_only(cell: &str) -> String {
    blanked(cell, |line| !line.trim_start_matches(' ').starts_with(":dep"))
}

/// Whether a byte of a cell is in a command to evcxr.
pub(crate) fn is_in_command(cell: &str, offset: usize) -> bool {
    let line = cell[..offset].rfind('\n').map_or(0, |end| end + 1);
    offset <= begin_of_rust(cell) && is_command(&cell[line..offset])
}

/// Where the Rust of a cell begins.
pub(crate) fn begin_of_rust(cell: &str) -> usize {
    lines_before_rust(cell).map(str::len).sum()
}

/// Commands are not Rust; spaces in their place keep all offsets.
pub(crate) fn without_commands(cell: &str) -> String {
    blanked(cell, |_| true)
}

/// The same with the comments that stand before its Rust.
pub(crate) fn without_command_lines(cell: &str) -> String {
    blanked(cell, |line| is_command(line) || line.starts_with('!'))
}

/// The cell without its commands for a shell, which have run when the cell is tried again.
pub(crate) fn without_shell_commands(cell: &str) -> String {
    blanked(cell, |line| line.starts_with('!'))
}

/// The cell with spaces in the place of those lines before its Rust that are `wanted`.
fn blanked(cell: &str, wanted: impl Fn(&str) -> bool) -> String {
    let blank = |line: &str| -> String {
        line.chars().map(|c| if c == '\n' { "\n".to_owned() } else { " ".repeat(c.len_utf8()) }).collect()
    };
    let before = lines_before_rust(cell).map(|line| if wanted(line) { blank(line) } else { line.to_owned() });
    before.collect::<String>() + &cell[begin_of_rust(cell)..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_names_in_any_script_and_behind_numbers() {
        assert_eq!(
            words("let ค่า = f(\"{0width$}\")").collect::<Vec<_>>(),
            ["let", "let", "ค่า", "ค่า", "f", "f", "0width", "width"]
        );
    }

    #[test]
    fn commands_stand_before_rust() {
        let cell = ":dep é\n!ls\n// why\n\nlet a = x\n:y;";
        assert_eq!(without_commands(cell), "       \n   \n      \n\nlet a = x\n:y;");
        assert_eq!(without_command_lines(cell), "       \n   \n// why\n\nlet a = x\n:y;");
        assert_eq!(without_shell_commands(cell), ":dep é\n   \n// why\n\nlet a = x\n:y;");
        assert_eq!(&cell[begin_of_rust(cell)..], "let a = x\n:y;");
        assert!(is_in_command(":va", 3) && is_in_command(cell, 5));
        assert!(!is_in_command(cell, 9) && !is_in_command(cell, cell.len()) && !is_in_command("", 0));
    }

    #[test]
    fn written_references_outlive_their_cell() {
        assert_eq!(
            with_static_references(
                ":dep a = \"1\"\nlet a: &str = \"x\"; let b: &'static str = a; let c: u8 = 1;"
            ),
            ":dep a = \"1\"\nlet a: &'static str = \"x\"; let b: &'static str = a; let c: u8 = 1;"
        );
        assert_eq!(with_static_references("not rust ("), "not rust (");
    }

    #[test]
    fn columns_are_those_of_the_cell_as_it_was_written() {
        let cell = "let é = 1;\nlet é: &str = x; let b: &str = y;";
        let column = |text: &str| {
            let line = with_static_references(cell).lines().nth(1).unwrap().to_owned();
            written_column(cell, 2, line[..line.find(text).unwrap()].chars().count() + 1)
        };
        assert_eq!([column("é"), column("str = x"), column("x;"), column("y;")], [5, 9, 15, 32]);
        assert_eq!(column("'static str = x"), 9);
        assert_eq!(written_column(cell, 1, 9), 9);
    }

    #[test]
    fn items_and_crates_are_kept_without_statements() {
        let cell = ":dep x\n!ls\nlet é = 1; use std::fs;\nfn f() {\n}\nf()?;";
        let kept = items_only(cell);
        assert_eq!(
            kept.split_whitespace().collect::<Vec<_>>(),
            [":dep", "x", "use", "std::fs;", "fn", "f()", "{", "}"]
        );
        assert_eq!(kept.len(), cell.len());
        assert_eq!(items_only("f()?;").trim(), "");
    }

    #[test]
    fn a_line_that_borrows_becomes_one_that_owns() {
        let cell = ":dep x\nlet é = 1; let a = df.column(\"x\")?; let mut b = &text[1..]; let c = &d;";
        let owning = |name: &str| owning_line(cell, name);
        assert_eq!(owning("a").as_deref(), Some("let a = df.column(\"x\")?.clone();"));
        assert_eq!(owning("b").as_deref(), Some("let mut b = text[1..].to_owned();"));
        assert_eq!(owning("c").as_deref(), Some("let c = d.clone();"));
        assert_eq!(owning("e"), None);
    }

    #[test]
    fn items_are_known_with_their_attributes_and_comments() {
        let cell = ":dep x\nlet a = 1;\n/// Twice.\n#[inline]\nfn f() {\n}\nf(); struct S;";
        assert_eq!(item_lines(cell), [2..6, 6..7]);
    }
}
