//! What stands at the cursor, by the text before it. The parser is rust-analyzer's, which reads unfinished
//! code.

use ra_ap_syntax::ast::{self, AstNode, AstToken, HasArgList};
use ra_ap_syntax::{Edition, SourceFile, SyntaxKind, SyntaxNode, SyntaxToken};
use std::ops::Range;

/// What the name at the cursor is a part of.
#[derive(Debug, PartialEq)]
pub(super) enum Place {
    /// Nothing that can be completed.
    Nothing,
    /// Behind a dot; the range of the value before it.
    Member(Range<usize>),
    /// Behind the words of a path, or a name alone.
    Path(Vec<String>),
    /// A field in the braces of a value of this type, with the fields that are written already.
    Field { of: Vec<String>, written: Vec<String> },
    /// The name of a column.
    Column,
}

/// The place at the end of a text, and what is typed of the name there.
#[derive(Debug, PartialEq)]
pub(super) struct Cursor {
    pub(super) place: Place,
    pub(super) typed: String,
}

/// What code of a cell stands in for the parser.
const BEGIN: &str = "fn f() {";
/// What is typed ends with this, so that there always is a name.
const MARK: &str = "cltv_mark";

/// Functions and methods whose strings are names of columns.
const OF_COLUMNS: [&str; 16] = [
    "col",
    "cols",
    "column",
    "columns",
    "drop",
    "drop_in_place",
    "group_by",
    "group",
    "rename",
    "select",
    "series",
    "size",
    "sort",
    "x",
    "y",
    "y2",
];

impl Cursor {
    /// The place at the end of code without commands.
    pub(super) fn at_end_of(before: &str) -> Cursor {
        find(before, 0)
    }
}

/// The parse of a cell's code, which begins at [`BEGIN`]'s length.
pub(super) fn parse(code: &str) -> (SyntaxNode, bool) {
    let parsed = SourceFile::parse(&format!("{BEGIN}{code}"), Edition::Edition2024);
    let is_right = parsed.errors().is_empty();
    (parsed.tree().syntax().clone(), is_right)
}

/// The place at the end of a piece of code that begins at an offset.
fn find(piece: &str, offset: usize) -> Cursor {
    let (root, _) = parse(&format!("{piece}{MARK}"));
    let nothing = || Cursor { place: Place::Nothing, typed: String::new() };
    let Some(token) = root.token_at_offset(root.text_range().end()).left_biased() else { return nothing() };
    if let Some(begin) = argument_of_macro(&token) {
        let begin = begin - BEGIN.len();
        return if begin > 0 { find(&piece[begin..], offset + begin) } else { nothing() };
    }
    let Some(typed) = token.text().strip_suffix(MARK) else { return nothing() };
    let place = match token.kind() {
        SyntaxKind::IDENT => of_name(&token, offset),
        SyntaxKind::STRING if is_column(&token) => {
            let typed = typed.trim_start_matches(['r', '#']).trim_start_matches('"');
            return Cursor { place: Place::Column, typed: typed.to_owned() };
        }
        _ => Place::Nothing,
    };
    if place == Place::Nothing {
        return nothing();
    }
    Cursor { place, typed: typed.to_owned() }
}

/// Where the argument of a macro begins that a token is in: macros take any tokens, most of them expressions.
fn argument_of_macro(token: &SyntaxToken) -> Option<usize> {
    let trees = token.parent_ancestors().filter(|node| node.kind() == SyntaxKind::TOKEN_TREE);
    let outermost = trees.last()?;
    let inside = token.text_range().start();
    let ends = |kind| {
        use SyntaxKind::{COMMA, FAT_ARROW, L_BRACK, L_CURLY, L_PAREN, SEMICOLON};
        matches!(kind, COMMA | SEMICOLON | L_PAREN | L_BRACK | L_CURLY | FAT_ARROW)
    };
    let parts = outermost.children_with_tokens().filter_map(|part| part.into_token());
    let before = parts.filter(|part| part.text_range().end() <= inside && ends(part.kind()));
    before.last().map(|part| usize::from(part.text_range().end()))
}

fn range(node: &SyntaxNode, offset: usize) -> Range<usize> {
    let range = node.text_range();
    let shift = |at: usize| offset + at.saturating_sub(BEGIN.len());
    shift(range.start().into())..shift(range.end().into())
}

fn of_name(token: &SyntaxToken, offset: usize) -> Place {
    let Some(name) = token.parent() else { return Place::Nothing };
    let Some(parent) = name.parent() else { return Place::Nothing };
    match parent.kind() {
        SyntaxKind::FIELD_EXPR | SyntaxKind::METHOD_CALL_EXPR => {
            let receiver = parent.children().find_map(ast::Expr::cast);
            receiver.map_or(Place::Nothing, |receiver| Place::Member(range(receiver.syntax(), offset)))
        }
        SyntaxKind::PATH_SEGMENT => of_segment(&parent),
        SyntaxKind::RECORD_EXPR_FIELD => field(&parent),
        // A name that a `let` makes is new; one in a pattern of a `match` may be a variant's.
        SyntaxKind::IDENT_PAT if !is_of_let(&parent) => Place::Path(Vec::new()),
        _ => Place::Nothing,
    }
}

fn is_of_let(pattern: &SyntaxNode) -> bool {
    use SyntaxKind::{CLOSURE_EXPR, FOR_EXPR, LET_STMT, MATCH_ARM, PARAM};
    let around = pattern.ancestors().map(|node| node.kind());
    around.into_iter().find(|kind| matches!(kind, LET_STMT | PARAM | MATCH_ARM | FOR_EXPR | CLOSURE_EXPR))
        != Some(MATCH_ARM)
}

fn of_segment(segment: &SyntaxNode) -> Place {
    let Some(path) = segment.parent().and_then(ast::Path::cast) else { return Place::Nothing };
    // A single word in the braces of a value is a field with the name of its value, or the begin of one.
    let field_of = path.syntax().parent().and_then(|node| node.parent());
    if path.qualifier().is_none()
        && let Some(of) = field_of.filter(|node| node.kind() == SyntaxKind::RECORD_EXPR_FIELD)
        && !of.children_with_tokens().any(|part| part.kind() == SyntaxKind::COLON)
    {
        return field(&of);
    }
    let mut words = Vec::new();
    let mut trees = path.syntax().ancestors().filter_map(ast::UseTree::cast);
    // The tree of the path itself has no words before it.
    let own = trees.next();
    let outer: Vec<ast::Path> =
        own.and(Some(trees)).into_iter().flatten().filter_map(|tree| tree.path()).collect();
    outer.iter().rev().for_each(|path| words.extend(words_of(path)));
    words.extend(path.qualifier().iter().flat_map(words_of));
    Place::Path(words)
}

fn words_of(path: &ast::Path) -> Vec<String> {
    path.segments().filter_map(|segment| Some(segment.name_ref()?.text().to_string())).collect()
}

fn field(field: &SyntaxNode) -> Place {
    let Some(record) = field.ancestors().find_map(ast::RecordExpr::cast) else { return Place::Nothing };
    let Some(of) = record.path() else { return Place::Nothing };
    let fields = record.record_expr_field_list().into_iter().flat_map(|list| list.fields());
    let others = fields.filter(|other| other.syntax() != field);
    let written = others.filter_map(|other| Some(other.field_name()?.text().to_string())).collect();
    Place::Field { of: words_of(&of), written }
}

/// Whether a string is, alone or in a list, an argument of what takes names of columns.
fn is_column(token: &SyntaxToken) -> bool {
    let call = token.parent_ancestors().find(|node| {
        matches!(node.kind(), SyntaxKind::CALL_EXPR | SyntaxKind::METHOD_CALL_EXPR | SyntaxKind::BLOCK_EXPR)
    });
    let name = call.and_then(|call| called(&call));
    name.is_some_and(|name| OF_COLUMNS.contains(&name.as_str()))
}

/// The name of what is called.
pub(super) fn called(call: &SyntaxNode) -> Option<String> {
    if let Some(call) = ast::MethodCallExpr::cast(call.clone()) {
        return Some(call.name_ref()?.text().to_string());
    }
    let call = ast::CallExpr::cast(call.clone())?;
    call.arg_list()?;
    let ast::Expr::PathExpr(path) = call.expr()? else { return None };
    Some(path.path()?.segment()?.name_ref()?.text().to_string())
}

/// The names that a cell's code defines, and whether each is a function.
pub(super) fn defined_names(code: &str) -> Vec<(String, bool)> {
    let (root, _) = parse(code);
    let names = root.descendants().filter_map(ast::Name::cast);
    let defined = names.filter_map(|name| {
        let parent = name.syntax().parent()?;
        let is_function = parent.kind() == SyntaxKind::FN;
        // The function around the cell is not the cell's.
        let is_around =
            is_function && parent.parent().is_some_and(|node| node.kind() == SyntaxKind::SOURCE_FILE);
        (!is_around).then(|| (name.text().to_string(), is_function))
    });
    defined.collect()
}

/// The items of a cell that are complete.
pub(super) fn items(code: &str) -> String {
    let (root, _) = parse(code);
    let body = root.descendants().find_map(ast::StmtList::cast);
    let items = body.into_iter().flat_map(|body| body.statements()).filter_map(|statement| match statement {
        ast::Stmt::Item(item) if !matches!(item, ast::Item::Use(_)) => Some(item.syntax().text().to_string()),
        _ => None,
    });
    items.filter(|text| syn::parse_str::<syn::Item>(text).is_ok()).collect::<Vec<_>>().join("\n")
}

/// The strings of a cell that name columns.
pub(super) fn columns(code: &str) -> Vec<String> {
    let (root, _) = parse(code);
    let tokens = root.descendants_with_tokens().filter_map(|part| part.into_token());
    let strings = tokens.filter(is_column).filter_map(ast::String::cast);
    strings.filter_map(|string| Some(string.value().ok()?.into_owned())).collect()
}

/// The name that the cursor is in or behind, and else that of the call around it: where it ends.
pub(super) fn end_of_name(code: &str, offset: usize) -> Option<usize> {
    let in_name = |c: char| c.is_alphanumeric() || c == '_';
    let (before, rest) = code.split_at(offset);
    if before.ends_with(in_name) || rest.starts_with(in_name) {
        return Some(offset + rest.find(|c| !in_name(c)).unwrap_or(rest.len()));
    }
    let (root, _) = parse(&format!("{before}{MARK}"));
    let lists = root.descendants().filter_map(ast::ArgList::cast);
    let mut open = lists.filter(|list| list.r_paren_token().is_none());
    let begin = usize::from(open.by_ref().last()?.syntax().text_range().start()) - BEGIN.len();
    Some(before[..begin].trim_end().len())
}

/// The brackets that are open at the end of code, the innermost first, as what closes them.
pub(super) fn closing(code: &str) -> String {
    let (root, _) = parse(code);
    let mut open = Vec::new();
    for token in root.descendants_with_tokens().filter_map(|part| part.into_token()) {
        match token.kind() {
            SyntaxKind::L_PAREN => open.push(')'),
            SyntaxKind::L_BRACK => open.push(']'),
            SyntaxKind::L_CURLY => open.push('}'),
            SyntaxKind::R_PAREN | SyntaxKind::R_BRACK | SyntaxKind::R_CURLY => {
                open.pop();
            }
            _ => {}
        }
    }
    // The first is that of the function around the cell.
    open.iter().skip(1).rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(code: &str) -> (Place, String) {
        let cursor = Cursor::at_end_of(code);
        (cursor.place, cursor.typed)
    }

    /// The value whose member is completed.
    fn receiver(code: &str) -> String {
        match at(code).0 {
            Place::Member(range) => code[range].to_owned(),
            other => panic!("{code}: {other:?}"),
        }
    }

    fn path(words: &[&str]) -> Place {
        Place::Path(words.iter().map(|word| (*word).to_owned()).collect())
    }

    #[test]
    fn a_dot_is_behind_a_value() {
        for (code, value) in [
            ("df.", "df"),
            ("let é = 1;\nlet a = df.lazy()\n    .fi", "df.lazy()"),
            ("f(x, col(\"a\").", "col(\"a\")"),
            ("for x in v { g(x.", "x"),
            ("load(&input)?.", "load(&input)?"),
            ("println!(\"{} {}\", a, b[1].", "b[1]"),
            ("println!(\"{}\", v.iter().map(|x| x.", "x"),
            ("if a.b.", "a.b"),
            ("let s = \"x.\"; s.", "s"),
            ("vec![1].iter().", "vec![1].iter()"),
        ] {
            assert_eq!(receiver(code), value, "{code}");
        }
        assert_eq!(at("df.he").1, "he");
    }

    #[test]
    fn names_paths_and_fields_are_told_apart() {
        assert_eq!(at("let a = loa"), (path(&[]), "loa".to_owned()));
        assert_eq!(at("cltv::prelude::BgN"), (path(&["cltv", "prelude"]), "BgN".to_owned()));
        assert_eq!(at("use cltv::{models::{Bg"), (path(&["cltv", "models"]), "Bg".to_owned()));
        assert_eq!(at("use std::collections::"), (path(&["std", "collections"]), String::new()));
        assert_eq!(at("Vec::<u8>::wi"), (path(&["Vec"]), "wi".to_owned()));
        assert_eq!(at("match x { Som"), (path(&[]), "Som".to_owned()));
        for nothing in ["let a", "// df.", "\"df.", "fn na", "1", "|a"] {
            assert_eq!(at(nothing).0, Place::Nothing, "{nothing}");
        }
        let field = Place::Field { of: vec!["Input".to_owned()], written: vec!["a".to_owned()] };
        assert_eq!(at("let i = Input { a: 1, tr"), (field, "tr".to_owned()));
        assert_eq!(at("let i = Input { a: tr"), (path(&[]), "tr".to_owned()));
    }

    #[test]
    fn strings_of_some_functions_name_columns() {
        for (code, typed) in [
            ("col(\"mo", "mo"),
            ("df.select([\"a\", \"", ""),
            ("df.column(\"é", "é"),
            ("println!(\"{}\", df.column(\"a", "a"),
        ] {
            assert_eq!(at(code), (Place::Column, typed.to_owned()), "{code}");
        }
        assert_eq!(at("println!(\"mo").0, Place::Nothing);
        assert_eq!(columns("col(\"a\"); f(\"b\"); df.select([\"c\", \"d\"]);"), ["a", "c", "d"]);
    }

    #[test]
    fn the_name_at_the_cursor_or_of_the_call_around_it() {
        let name = |code: &str, offset: usize| end_of_name(code, offset).map(|end| code[..end].to_owned());
        assert_eq!(name("twice(4)", 2).as_deref(), Some("twice"));
        assert_eq!(name("a.rfm(", 6).as_deref(), Some("a.rfm"));
        assert_eq!(name("f(g(1), ", 8).as_deref(), Some("f"));
        assert_eq!(name("f(1) ", 5), None);
    }

    #[test]
    fn brackets_and_names_are_found() {
        assert_eq!(closing("f(a, |x| { g[\")\", "), "]})");
        assert_eq!(closing("println!(\"{}\", f("), "))");
        let names: Vec<String> = defined_names("let (a, b) = f(); fn g() {} for i in 0..1 { h(|c| c")
            .into_iter()
            .map(|(name, _)| name)
            .collect();
        assert_eq!(names, ["a", "b", "g", "i", "c"]);
    }
}
