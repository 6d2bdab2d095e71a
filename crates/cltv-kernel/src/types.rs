//! Types that a cell does not write.
//!
//! A variable outlives its cell only under a type that can be written down, and evcxr has
//! rust-analyzer infer it from the sources of the helper, of the hundreds of crates below it
//! and of the standard library, which takes many seconds to read and still leaves gaps. rustc
//! knows them all, and has to compile the cell anyway: each type that is not written gets a
//! stand-in here, the compiler is asked what it is while it compiles the cell ([`crate::question`]),
//! and later cells are compiled with what it answered.

use proc_macro2::{Span, TokenStream, TokenTree};
use std::collections::BTreeMap;
use std::ops::Range;
use syn::parse::Parser;
use syn::spanned::Spanned;
use syn::{Block, Expr, Local, Pat, PatIdent, Stmt, Type};

/// What the names of stand-ins begin with; a number follows.
pub(crate) const STAND_IN: &str = "CltvTypeOf";

/// Types by the stand-ins that evcxr knows them by.
pub(crate) type Known = BTreeMap<String, String>;

/// A text with another in the place of each stand-in.
pub(crate) fn replace_stand_ins(text: &str, with: impl Fn(&str) -> String) -> String {
    let mut pieces = text.split(STAND_IN);
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let digits = piece.find(|c: char| !c.is_ascii_digit()).unwrap_or(piece.len());
        out.push_str(&with(&format!("{STAND_IN}{}", &piece[..digits])));
        out.push_str(&piece[digits..]);
    }
    out
}

/// A text in which evcxr speaks of types, as text or as html, with each stand-in's own type.
pub(crate) fn spell(text: &str, known: &Known, is_html: bool) -> String {
    replace_stand_ins(text, |name| match known.get(name) {
        Some(found) if is_html => found.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;"),
        Some(found) => found.clone(),
        None => "_".to_owned(),
    })
}

/// The cell with a stand-in for every type that is not written, numbered from `first` on, and how many
/// there are. Line numbers stay.
pub(crate) fn with_stand_ins(cell: &str, first: usize) -> (String, usize) {
    let mut added = Vec::new();
    let mut count = 0;
    let mut stand_in = || {
        count += 1;
        format!("{STAND_IN}{}", first + count - 1)
    };
    for statement in statements(cell) {
        let Stmt::Local(local) = statement else { continue };
        match untyped(&local, cell) {
            Untyped::One(at) => added.push((at, format!(": {}", stand_in()))),
            Untyped::Bound(names) => {
                let again = names.iter().map(|(name, is_mut)| {
                    let mutable = if *is_mut { "mut " } else { "" };
                    format!(" let {mutable}{name}: {} = {name};", stand_in())
                });
                added.push((end(local.semi_token.span()), again.collect()));
            }
        }
    }
    let mut text = cell.to_owned();
    // From the last to the first, so that offsets hold.
    for (at, addition) in added.into_iter().rev() {
        text.insert_str(at, &addition);
    }
    (text, count)
}

/// What a `let` leaves to be found out.
enum Untyped {
    /// The type that can be written at this offset.
    One(usize),
    /// The types of these variables; each has to be bound once more, with a type. The second part says
    /// whether it is `mut`.
    Bound(Vec<(String, bool)>),
}

fn untyped(local: &Local, cell: &str) -> Untyped {
    let is_literal = local.init.as_ref().is_some_and(|init| matches!(init.expr.as_ref(), Expr::Lit(_)));
    match &local.pat {
        // evcxr knows the types of literals by itself.
        Pat::Ident(_) if is_literal => Untyped::Bound(vec![]),
        Pat::Ident(one) if is_plain(one) => Untyped::One(end(one.ident.span())),
        Pat::Type(typed) if matches!(*typed.pat, Pat::Ident(_)) && !leaves_open(&typed.ty, cell) => {
            Untyped::Bound(vec![])
        }
        pattern => {
            let mut names = Vec::new();
            bound(pattern, &mut names);
            Untyped::Bound(names)
        }
    }
}

fn is_plain(one: &PatIdent) -> bool {
    one.by_ref.is_none() && one.subpat.is_none()
}

/// Whether a type says `_` somewhere.
fn leaves_open(written: &Type, cell: &str) -> bool {
    fn has_gap(tokens: TokenStream) -> bool {
        tokens.into_iter().any(|token| match token {
            TokenTree::Ident(word) => word == "_",
            TokenTree::Group(group) => has_gap(group.stream()),
            _ => false,
        })
    }
    let text = cell.get(written.span().byte_range()).unwrap_or_default();
    text.parse().is_ok_and(has_gap)
}

/// The variables of a pattern, and whether each is `mut`.
fn bound(pattern: &Pat, names: &mut Vec<(String, bool)>) {
    match pattern {
        Pat::Ident(one) => {
            if one.by_ref.is_none() && !is_constant(&one.ident.to_string()) {
                names.push((one.ident.to_string(), one.mutability.is_some()));
            }
            if let Some((_, inner)) = &one.subpat {
                bound(inner, names);
            }
        }
        Pat::Type(typed) => bound(&typed.pat, names),
        Pat::Paren(inner) => bound(&inner.pat, names),
        Pat::Reference(inner) => bound(&inner.pat, names),
        Pat::Tuple(parts) => parts.elems.iter().for_each(|part| bound(part, names)),
        Pat::TupleStruct(parts) => parts.elems.iter().for_each(|part| bound(part, names)),
        Pat::Slice(parts) => parts.elems.iter().for_each(|part| bound(part, names)),
        Pat::Struct(parts) => parts.fields.iter().for_each(|field| bound(&field.pat, names)),
        _ => {}
    }
}

/// Whether a name in a pattern is by its looks a constant or a variant, such as `None`, and no variable.
fn is_constant(name: &str) -> bool {
    name.len() > 1 && name.starts_with(char::is_uppercase)
}

fn end(span: Span) -> usize {
    span.byte_range().end
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

#[cfg(test)]
mod tests {
    use super::*;

    fn annotated(cell: &str) -> String {
        with_stand_ins(cell, 4).0
    }

    #[test]
    fn every_type_that_is_not_written_gets_a_stand_in() {
        let cell =
            ":dep x = \"1\"\n// let n = 0;\nlet é = g();\nlet n = df.height(); let mut m: u8 = n; let l = 1;";
        assert_eq!(
            with_stand_ins(cell, 4),
            (
                ":dep x = \"1\"\n// let n = 0;\nlet é: CltvTypeOf4 = g();\nlet n: CltvTypeOf5 = df.height(); let mut m: u8 = n; let l = 1;"
                    .to_owned(),
                2
            )
        );
        assert_eq!(
            annotated("{ let inner = h(); }\nlet later;"),
            "{ let inner = h(); }\nlet later: CltvTypeOf4;"
        );
        assert_eq!(annotated("let broken = ("), "let broken = (");
    }

    #[test]
    fn what_a_pattern_binds_is_bound_again_with_a_type() {
        assert_eq!(
            annotated("let (a, mut b) = f();"),
            "let (a, mut b) = f(); let a: CltvTypeOf4 = a; let mut b: CltvTypeOf5 = b;"
        );
        let nested = "let Pair { one: Some([x, ..]), two } = f() else { return };";
        assert_eq!(
            annotated(nested),
            format!("{nested} let x: CltvTypeOf4 = x; let two: CltvTypeOf5 = two;")
        );
        let open = "let v: Vec<(u8, _)> = f();";
        assert_eq!(annotated(open), format!("{open} let v: CltvTypeOf4 = v;"));
        assert_eq!(
            annotated("let (_, ref r, None) = f(); let v: Vec<_u8> = g();"),
            "let (_, ref r, None) = f(); let v: Vec<_u8> = g();"
        );
    }

    #[test]
    fn stand_ins_are_replaced_by_their_whole_names() {
        let known = Known::from([("CltvTypeOf1".to_owned(), "u8".to_owned())]);
        let spelt = replace_stand_ins("x: CltvTypeOf12, y: CltvTypeOf1", |name| {
            known.get(name).cloned().unwrap_or_else(|| "_".to_owned())
        });
        assert_eq!(spelt, "x: _, y: u8");
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
}
