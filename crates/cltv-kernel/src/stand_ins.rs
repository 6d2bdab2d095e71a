//! Types that a cell does not write.
//!
//! A variable outlives its cell only under a type that can be written down. evcxr would have
//! rust-analyzer infer it from the sources of all crates, which takes seconds and leaves gaps. rustc
//! knows all types and has to compile the cell anyway: each type that is not written gets a
//! stand-in here, the compiler infers it while it compiles the cell
//! ([`crate::compile::type_inference`]), and later cells are compiled with the inferred type.

use crate::cell_text::{statements, words};
use proc_macro2::{Span, TokenStream, TokenTree};
use std::collections::{BTreeMap, BTreeSet};
use syn::spanned::Spanned;
use syn::{Expr, Lit, Local, Pat, PatIdent, Stmt, Type};

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
        Some(found) if is_html => html_escape::encode_text(found).into_owned(),
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

/// The variables that a cell defines before anything in it mentions them: it does not use their old values.
pub(crate) fn redefined(cell: &str) -> BTreeSet<String> {
    let mut mentioned: BTreeSet<&str> = BTreeSet::new();
    let mut made = BTreeSet::new();
    let text = |span: Span| cell.get(span.byte_range()).unwrap_or_default();
    for statement in &statements(cell) {
        // An item knows no variables.
        if matches!(statement, Stmt::Item(_)) {
            continue;
        }
        if let Stmt::Local(local) = statement {
            mentioned.extend(local.init.iter().flat_map(|init| {
                let otherwise = init.diverge.as_ref().map_or("", |(_, expression)| text(expression.span()));
                words(text(init.expr.span())).chain(words(otherwise))
            }));
            let mut names = Vec::new();
            bound(&local.pat, &mut names);
            let own = names.iter().map(|(name, _)| name.strip_prefix("r#").unwrap_or(name));
            made.extend(own.filter(|name| !mentioned.contains(name)).map(str::to_owned));
        }
        mentioned.extend(words(text(statement.span())));
    }
    made
}

/// Whether a cell binds a variable to a closure.
pub(crate) fn binds_closure(cell: &str, variable: &str) -> bool {
    statements(cell).iter().any(|statement| {
        let Stmt::Local(local) = statement else { return false };
        let value = local.init.as_ref().map(|init| init.expr.as_ref());
        let mut names = Vec::new();
        bound(&local.pat, &mut names);
        matches!(value, Some(Expr::Closure(_))) && names.iter().any(|(name, _)| name == variable)
    })
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
    let is_plain_literal = local.init.as_ref().is_some_and(|init| has_one_type(&init.expr));
    match &local.pat {
        // evcxr knows these types by itself.
        Pat::Ident(_) if is_plain_literal => Untyped::Bound(vec![]),
        Pat::Ident(one) if is_plain(one) => Untyped::One(end(one.ident.span())),
        // Without a value there is nothing yet that could be bound again.
        _ if local.init.is_none() => Untyped::Bound(vec![]),
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

/// Whether an expression is a literal that has one type wherever it stands; a number without a suffix is
/// what the rest of the cell takes it for.
fn has_one_type(expression: &Expr) -> bool {
    let Expr::Lit(literal) = expression else { return false };
    match &literal.lit {
        Lit::Str(_) | Lit::Bool(_) | Lit::Char(_) => true,
        Lit::Int(number) => !number.suffix().is_empty(),
        Lit::Float(number) => !number.suffix().is_empty(),
        _ => false,
    }
}

/// Whether a type says `_` somewhere, or is spread over lines, which evcxr writes as they are between
/// lines of one variable each.
fn leaves_open(written: &Type, cell: &str) -> bool {
    fn has_gap(tokens: TokenStream) -> bool {
        tokens.into_iter().any(|token| match token {
            TokenTree::Ident(word) => word == "_",
            TokenTree::Group(group) => has_gap(group.stream()),
            _ => false,
        })
    }
    let text = cell.get(written.span().byte_range()).unwrap_or_default();
    text.contains('\n') || text.parse().is_ok_and(has_gap)
}

/// The variables of a pattern, and whether each is `mut`.
fn bound(pattern: &Pat, names: &mut Vec<(String, bool)>) {
    match pattern {
        Pat::Ident(one) => {
            // In a pattern this is the variant and no variable.
            if one.by_ref.is_none() && one.ident != "None" {
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
        // Each case binds the same.
        Pat::Or(cases) => cases.cases.iter().take(1).for_each(|case| bound(case, names)),
        _ => {}
    }
}

fn end(span: Span) -> usize {
    span.byte_range().end
}

#[cfg(test)]
mod tests {
    use super::*;

    fn annotated(cell: &str) -> String {
        with_stand_ins(cell, 4).0
    }

    #[test]
    fn every_type_that_is_not_written_gets_a_stand_in() {
        let cell = ":dep x = \"1\"\n// let n = 0;\nlet é = g();\nlet n = df.height(); let mut m: u8 = n; let l = 1u8;";
        assert_eq!(
            with_stand_ins(cell, 4),
            (
                ":dep x = \"1\"\n// let n = 0;\nlet é: CltvTypeOf4 = g();\nlet n: CltvTypeOf5 = df.height(); let mut m: u8 = n; let l = 1u8;"
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
    fn a_type_is_inferred_unless_there_is_only_one() {
        let cell = "let a = 1; let b = \"x\"; let c = c\"x\"; let d = 2.5f32;";
        assert_eq!(
            annotated(cell),
            "let a: CltvTypeOf4 = 1; let b = \"x\"; let c: CltvTypeOf5 = c\"x\"; let d = 2.5f32;"
        );
        let names = "let (X_train, CLV) = f(); let (Ok(i) | Err(i)) = g(); let (p, q); let w: Vec<_>;";
        assert_eq!(
            annotated(names),
            "let (X_train, CLV) = f(); let X_train: CltvTypeOf4 = X_train; let CLV: CltvTypeOf5 = CLV; let (Ok(i) | Err(i)) = g(); let i: CltvTypeOf6 = i; let (p, q); let w: Vec<_>;"
        );
        let lines = "let m: Map<\n    u8,\n> = f();";
        assert_eq!(annotated(lines), format!("{lines} let m: CltvTypeOf4 = m;"));
    }

    #[test]
    fn a_variable_is_redefined_where_nothing_mentions_it_before() {
        let made = |cell: &str| redefined(cell).into_iter().collect::<Vec<_>>();
        assert_eq!(
            made(
                "struct S; fn f(w: u8) {} let x = S; let (y, r#type) = f(x); let z = { g(\"{z}\") }; let w; w = 1;"
            ),
            ["type", "w", "x", "y"]
        );
        assert!(made("x += 1; let x = 2;").is_empty());
        assert!(made("let Some(x) = f() else { return g(x) };").is_empty());
    }

    #[test]
    fn closures_are_known_by_their_variables() {
        let cell = "let a = |x| x; let b = f(|x| x);";
        assert_eq!(["a", "b", "c"].map(|variable| binds_closure(cell, variable)), [true, false, false]);
    }

    #[test]
    fn stand_ins_are_replaced_by_their_whole_names() {
        let known = Known::from([("CltvTypeOf1".to_owned(), "u8".to_owned())]);
        let spelt = replace_stand_ins("x: CltvTypeOf12, y: CltvTypeOf1", |name| {
            known.get(name).cloned().unwrap_or_else(|| "_".to_owned())
        });
        assert_eq!(spelt, "x: _, y: u8");
    }
}
