//! Types of variables are asked of the compiler.
//!
//! A variable outlives its cell only under a type that can be written down, and evcxr has
//! rust-analyzer infer it from the sources of the helper, of the hundreds of crates below it
//! and of the standard library, which takes many seconds to read and still leaves gaps. rustc
//! knows them all: one check of the cell, with an impossible demand on every new variable,
//! makes it name their types, and the cell runs with the types written down.

use evcxr::Error;
use proc_macro2::{Span, TokenStream};
use std::collections::BTreeMap;
use std::ops::Range;
use syn::parse::Parser;
use syn::spanned::Spanned;
use syn::{Block, Expr, Pat, Stmt, Type};

/// The beginning of the names of traits that no type has, one a variable.
const DEMAND: &str = "CltvTypeOf";

/// A `let` at the top of a cell whose type is not written.
#[derive(Debug, PartialEq)]
pub(crate) struct Untyped {
    /// The variables of its pattern.
    names: Vec<String>,
    /// Whether the pattern is one name, behind which a type can stand.
    single: bool,
    /// Where a type, or a `let` with one, is to be written.
    at: usize,
    /// Whether the pattern says `mut`.
    mutable: Vec<bool>,
}

/// The `let`s of a cell that need a type; none if the cell does not parse.
pub(crate) fn untyped(cell: &str) -> Vec<Untyped> {
    statements(cell).iter().filter_map(of_statement).collect()
}

fn of_statement(statement: &Stmt) -> Option<Untyped> {
    let Stmt::Local(local) = statement else { return None };
    // evcxr knows the types of literals by itself.
    if matches!(local.init.as_ref()?.expr.as_ref(), Expr::Lit(_)) {
        return None;
    }
    let end = |span: Span| span.byte_range().end;
    match &local.pat {
        Pat::Ident(one) => Some(Untyped {
            names: vec![one.ident.to_string()],
            mutable: vec![one.mutability.is_some()],
            single: true,
            at: end(one.ident.span()),
        }),
        Pat::Tuple(tuple) => {
            let names: Vec<_> = tuple
                .elems
                .iter()
                .filter_map(|p| match p {
                    Pat::Ident(one) => Some((one.ident.to_string(), one.mutability.is_some())),
                    _ => None,
                })
                .collect();
            let (names, mutable) = names.into_iter().unzip();
            Some(Untyped { names, mutable, single: false, at: end(local.semi_token.span()) })
        }
        _ => None,
    }
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

/// What a cell consists of beside commands; nothing if it does not parse.
fn statements(cell: &str) -> Vec<Stmt> {
    let tokens = without_commands(cell).parse::<TokenStream>();
    tokens.ok().and_then(|tokens| Block::parse_within.parse2(tokens).ok()).unwrap_or_default()
}

/// Commands are not Rust; spaces in their place keep all offsets.
pub(crate) fn without_commands(cell: &str) -> String {
    let blank = |line: &str| -> String {
        line.chars().map(|c| if c == '\n' { "\n".to_owned() } else { " ".repeat(c.len_utf8()) }).collect()
    };
    cell.split_inclusive('\n')
        .map(|line| if line.trim_start().starts_with(':') { blank(line) } else { line.to_owned() })
        .collect()
}

/// The cell with a demand on each variable that no type meets; it never runs.
pub(crate) fn probe(cell: &str, untyped: &[Untyped]) -> String {
    let asks: String = untyped
        .iter()
        .flat_map(|u| &u.names)
        .enumerate()
        .map(|(i, name)| {
            format!(
                "trait {DEMAND}{i} {{}} fn cltv_ask{i}<T: {DEMAND}{i}>(_: &T) {{}} cltv_ask{i}(&{name}); "
            )
        })
        .collect();
    format!("{cell}\n;{{ {asks}}}")
}

/// The types in the compiler's answer to a probe, by variable; those that can be written down.
pub(crate) fn answers(error: &Error, untyped: &[Untyped]) -> BTreeMap<String, String> {
    let Error::CompilationErrors(errors) = error else { return BTreeMap::new() };
    let names: Vec<&String> = untyped.iter().flat_map(|u| &u.names).collect();
    let answer = |message: String| {
        let (i, found) = type_in_message(&message)?;
        Some(((*names.get(i)?).clone(), found))
    };
    errors.iter().filter_map(|error| answer(error.message())).collect()
}

/// The number of the demand and the type that did not meet it.
fn type_in_message(message: &str) -> Option<(usize, String)> {
    let named = message.strip_prefix("the trait bound `")?;
    // The trait may stand there with a path: `T: evcxr_analysis_wrapper::{closure#0}::CltvTypeOf0`.
    let (before, rest) = named.split_once(DEMAND)?;
    let (found, _) = before.rsplit_once(": ")?;
    let number = rest.split_once('`')?.0.parse().ok()?;
    // A number whose type nothing decides has the one that rustc falls back to.
    let found = found.replace("{float}", "f64").replace("{integer}", "i32").replace("&str", "&'static str");
    let is_written = !found.contains(['{', '@']) && (!found.starts_with('&') || found == "&'static str");
    is_written.then_some((number, found))
}

/// The cell with the types written into its `let`s; line numbers stay.
pub(crate) fn annotate(cell: &str, untyped: &[Untyped], types: &BTreeMap<String, String>) -> String {
    let mut annotated = cell.to_owned();
    // From the last to the first, so that offsets hold.
    for statement in untyped.iter().rev() {
        let known: Option<Vec<&String>> = statement.names.iter().map(|name| types.get(name)).collect();
        let Some(known) = known else { continue };
        let text = match statement.single {
            true => format!(": {}", known[0]),
            false => (statement.names.iter().zip(&statement.mutable).zip(known))
                .map(|((name, mutable), found)| {
                    let mutable = if *mutable { "mut " } else { "" };
                    format!(" let {mutable}{name}: {found} = {name};")
                })
                .collect(),
        };
        annotated.insert_str(statement.at, &text);
    }
    annotated
}

#[cfg(test)]
mod tests {
    use super::*;

    fn types(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, found)| ((*name).to_owned(), (*found).to_owned())).collect()
    }

    #[test]
    fn the_answer_is_read() {
        let message =
            "the trait bound `std::vec::Vec<std::option::Option<{float}>>: CltvTypeOf12` is not satisfied";
        assert_eq!(
            type_in_message(message),
            Some((12, "std::vec::Vec<std::option::Option<f64>>".to_owned()))
        );
        let answer = |found: &str| {
            type_in_message(&format!("the trait bound `{found}: CltvTypeOf0` is not satisfied"))
        };
        assert_eq!(answer("{closure@src/lib.rs:1:1: 1:3}"), None);
        assert_eq!(answer("&Column"), None);
        let with_path = "the trait bound `cltv::Data: wrapper::{closure#0}::CltvTypeOf1` is not satisfied";
        assert_eq!(type_in_message(with_path), Some((1, "cltv::Data".to_owned())));
        assert_eq!(answer("&str"), Some((0, "&'static str".to_owned())));
    }

    #[test]
    fn only_lets_without_a_type_are_asked_for() {
        let cell = ":dep x = \"1\"\nlet a = f(); let b: u8 = g(); let c = 1; { let inner = h(); }\nlet (d, _) = i();";
        let names: Vec<_> = untyped(cell).into_iter().flat_map(|u| u.names).collect();
        assert_eq!(names, ["a", "d"]);
        assert!(untyped("let broken = (").is_empty());
        assert!(untyped("let Some(x) = f() else { return };").is_empty());
    }

    #[test]
    fn types_are_written_where_they_belong() {
        let cell = ":dep x = \"1\"\n// let n = 0;\nlet é = g();\nlet n = df.height(); let mut m = n + 1;";
        let annotated =
            annotate(cell, &untyped(cell), &types(&[("n", "usize"), ("m", "usize"), ("é", "u8")]));
        assert_eq!(
            annotated,
            ":dep x = \"1\"\n// let n = 0;\nlet é: u8 = g();\nlet n: usize = df.height(); let mut m: usize = n + 1;"
        );
        let cell = "let (a, mut b) = f();";
        let annotated = annotate(cell, &untyped(cell), &types(&[("a", "u8"), ("b", "i8")]));
        assert_eq!(annotated, "let (a, mut b) = f(); let a: u8 = a; let mut b: i8 = b;");
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
    fn items_are_known_with_their_attributes_and_comments() {
        let cell = ":dep x\nlet a = 1;\n/// Twice.\n#[inline]\nfn f() {\n}\nf(); struct S;";
        assert_eq!(item_lines(cell), [2..6, 6..7]);
    }

    #[test]
    fn what_has_no_answer_stays_as_it_was() {
        let cell = "let a = f(); let b = g();";
        assert_eq!(annotate(cell, &untyped(cell), &types(&[("b", "u8")])), "let a = f(); let b: u8 = g();");
    }
}
