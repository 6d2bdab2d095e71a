//! Types that a cell does not write.
//!
//! A variable outlives its cell only under a type that can be written down, and evcxr has
//! rust-analyzer infer it from the sources of the helper, of the hundreds of crates below it
//! and of the standard library, which takes many seconds to read and still leaves gaps. rustc
//! knows them all, and has to compile the cell anyway: each type that is not written gets a
//! stand-in here, the compiler is asked what it is while it compiles the cell ([`crate::question`]),
//! and later cells are compiled with what it answered.

use proc_macro2::{Span, TokenStream, TokenTree};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use syn::parse::Parser;
use syn::spanned::Spanned;
use syn::{Block, Expr, Lit, Local, Pat, PatIdent, Stmt, Type};

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

/// The variables that a cell makes before anything in it mentions them: what they were is of no use to it.
pub(crate) fn made_anew(cell: &str) -> BTreeSet<String> {
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

/// The words of a text, among them all names in it; `{0width}` names `width`.
pub(crate) fn words(text: &str) -> impl Iterator<Item = &str> {
    // What is not ASCII may be part of a name.
    let words = text.split(|c: char| c.is_ascii() && !c.is_ascii_alphanumeric() && c != '_');
    let is_digit = |c: char| c.is_ascii_digit();
    words.flat_map(move |word| [word, word.trim_start_matches(is_digit)]).filter(|word| !word.is_empty())
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

/// The cell without its commands but for those that name crates: completing a cell must do nothing.
pub(crate) fn with_dep_commands_only(cell: &str) -> String {
    blanked(cell, |line| !line.trim_start_matches(' ').starts_with(":dep"))
}

/// Where the Rust of a cell begins.
pub(crate) fn begin_of_rust(cell: &str) -> usize {
    lines_before_rust(cell).map(str::len).sum()
}

/// Commands are not Rust; spaces in their place keep all offsets.
pub(crate) fn without_commands(cell: &str) -> String {
    blanked(cell, |_| true)
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
    fn a_type_is_asked_for_unless_there_is_but_one() {
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
    fn a_variable_is_made_anew_where_nothing_mentions_it_before() {
        let made = |cell: &str| made_anew(cell).into_iter().collect::<Vec<_>>();
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
        assert_eq!(without_shell_commands(cell), ":dep é\n   \n// why\n\nlet a = x\n:y;");
        assert_eq!(with_dep_commands_only(":restart\n:dep x\nlet a"), "        \n:dep x\nlet a");
        assert_eq!(&cell[begin_of_rust(cell)..], "let a = x\n:y;");
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
