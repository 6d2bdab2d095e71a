//! Checks in a cell's own code that end it when it was interrupted.
//!
//! A thread cannot be ended from outside without what it holds, so that a loop has to ask whether it is
//! to go on. A call of [`cltv_protocol::marks::check`] is written into each loop, function and closure of
//! a notebook, and before each statement of a cell; sleeping is done by a function that asks, too. What
//! is written is only ever inserted, so that places in messages can be given back as they are in the cell.

use super::definitions::STORE;
use std::collections::BTreeMap;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{
    Block, Expr, ExprArray, ExprCall, ExprClosure, ExprConst, ExprForLoop, ExprLoop, ExprRepeat, ExprWhile,
    File, Ident, ImplItemConst, ImplItemFn, Item, ItemConst, ItemFn, ItemMod, ItemStatic, Macro, Signature,
    Stmt, Token, TraitItemConst, TraitItemFn, Variant,
};

/// What is inserted; each contains a comment that no cell has.
const CHECK: &str = "/*cltv*/ crate::cltv_marks::check(); ";
const ENTER: &str = "/*cltv*/ crate::cltv_marks::enter_cell(); ";
const OPEN: &str = "{/*cltv:*/ crate::cltv_marks::check(); ";
const CLOSE: &str = "/*cltv*/}";
const BY_PATH: &str = "/*cltv*/crate::cltv_marks::by_path::";
/// The longer first: one is a part of another.
const ALL: [&str; 5] = [OPEN, CHECK, ENTER, CLOSE, BY_PATH];

/// evcxr's lines with the closures around a cell's statements.
const OUTER_CLOSURE: &str = "std::panic::AssertUnwindSafe(||{";
const CLOSURES: [&str; 3] =
    [OUTER_CLOSURE, "let _ = (|| -> std::result::Result<(), EvcxrUserCodeError> {", ".block_on(async {"];

/// Macros of the standard library whose arguments are expressions, and are not shown as they are written.
/// evcxr writes the value of a cell into one of them.
const OF_EXPRESSIONS: [&str; 9] =
    ["eprint", "eprintln", "format", "panic", "print", "println", "vec", "write", "writeln"];

/// The texts that are to be inserted into a source, by their offsets.
pub(super) type Insertions = BTreeMap<usize, String>;

/// What makes the code of a notebook end when it is interrupted; `is_own` says whether a line, counted
/// from 0, is the notebook's and not one by which evcxr carries a variable.
pub(super) fn insertions(source: &str, file: &File, is_own: impl Fn(usize) -> bool) -> Insertions {
    let mut visitor =
        Visitor { source, lines: source.lines().collect(), is_own: &is_own, found: Insertions::new() };
    visitor.visit_file(file);
    visitor.found
}

/// A text as it was before the insertions.
pub(super) fn without(text: &str) -> String {
    ALL.iter().fold(text.to_owned(), |text, inserted| text.replace(inserted, ""))
}

/// The column in a line, counted from 1 in characters, as it was before the insertions.
pub(super) fn column_without(line: &str, column: usize) -> usize {
    let at = line.char_indices().nth(column.saturating_sub(1)).map_or(line.len(), |(at, _)| at);
    let mut all: Vec<(usize, usize)> = Vec::new();
    for inserted in ALL {
        for (begin, _) in line.match_indices(inserted) {
            let is_part = all.iter().any(|(other, length)| (*other..other + length).contains(&begin));
            if !is_part {
                all.push((begin, inserted.len()));
            }
        }
    }
    // What is inserted is ASCII; a place inside it is where it was inserted.
    let before: usize =
        all.iter().filter(|(begin, _)| *begin < at).map(|(begin, length)| (at - begin).min(*length)).sum();
    column.saturating_sub(before).max(1)
}

struct Visitor<'a> {
    source: &'a str,
    lines: Vec<&'a str>,
    is_own: &'a dyn Fn(usize) -> bool,
    found: Insertions,
}

impl Visitor<'_> {
    fn insert(&mut self, at: usize, text: &str) {
        self.found.entry(at).or_default().push_str(text);
    }

    fn begin_of(&mut self, block: &Block, text: &str) {
        self.insert(block.brace_token.span.open().byte_range().end, text);
    }

    fn function(&mut self, signature: &Signature, block: &Block) {
        // A panic must not leave a function of C's, nor can a constant be interrupted.
        if signature.constness.is_none() && signature.abi.is_none() {
            self.begin_of(block, CHECK);
        }
    }

    /// The line of evcxr's on which a block begins, if it is around the statements of the cell.
    fn is_around_cell(&self, block: &Block) -> Option<&'static str> {
        let line = self.lines.get(block.brace_token.span.open().start().line - 1)?.trim();
        CLOSURES.into_iter().find(|closure| *closure == line)
    }

    /// Checks before each of a cell's statements, between which it may call into libraries.
    fn statements_of_cell(&mut self, block: &Block) {
        for statement in &block.stmts {
            let span = statement.span();
            let is_own = (self.is_own)(span.start().line - 1);
            if is_own && !matches!(statement, Stmt::Item(_)) {
                self.insert(span.byte_range().start, CHECK);
            }
        }
    }

    /// Whether a path that is called is that of the standard library's `sleep`.
    fn is_sleep(&self, path: &syn::Path) -> bool {
        let names: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let is_imported = |line: &str| {
            self.lines
                .iter()
                .any(|other| other.trim().trim_start_matches("pub ").replace("::std", "std") == line)
        };
        match names[..] {
            ["std", "thread", "sleep"] => true,
            ["thread", "sleep"] => is_imported("use std::thread;"),
            ["sleep"] => is_imported("use std::thread::sleep;"),
            _ => false,
        }
    }
}

impl<'ast> Visit<'ast> for Visitor<'_> {
    fn visit_item(&mut self, item: &'ast Item) {
        match item {
            Item::Fn(function) if function.sig.ident == "evcxr_analysis_wrapper" => {}
            Item::Macro(_) => {}
            _ => visit::visit_item(self, item),
        }
    }

    fn visit_item_mod(&mut self, module: &'ast ItemMod) {
        if module.ident != STORE {
            visit::visit_item_mod(self, module);
        }
    }

    fn visit_item_fn(&mut self, function: &'ast ItemFn) {
        self.function(&function.sig, &function.block);
        if function.sig.constness.is_none() {
            visit::visit_item_fn(self, function);
        }
    }

    fn visit_impl_item_fn(&mut self, function: &'ast ImplItemFn) {
        self.function(&function.sig, &function.block);
        if function.sig.constness.is_none() {
            visit::visit_impl_item_fn(self, function);
        }
    }

    fn visit_trait_item_fn(&mut self, function: &'ast TraitItemFn) {
        if let Some(block) = function.default.as_ref().filter(|_| function.sig.constness.is_none()) {
            self.function(&function.sig, block);
            visit::visit_trait_item_fn(self, function);
        }
    }

    fn visit_expr_loop(&mut self, expression: &'ast ExprLoop) {
        self.begin_of(&expression.body, CHECK);
        visit::visit_expr_loop(self, expression);
    }

    fn visit_expr_while(&mut self, expression: &'ast ExprWhile) {
        self.begin_of(&expression.body, CHECK);
        visit::visit_expr_while(self, expression);
    }

    fn visit_expr_for_loop(&mut self, expression: &'ast ExprForLoop) {
        self.begin_of(&expression.body, CHECK);
        visit::visit_expr_for_loop(self, expression);
    }

    fn visit_expr_closure(&mut self, closure: &'ast ExprClosure) {
        match &*closure.body {
            Expr::Block(body) if body.label.is_none() => match self.is_around_cell(&body.block) {
                Some(OUTER_CLOSURE) => self.begin_of(&body.block, ENTER),
                Some(_) => {}
                None => self.begin_of(&body.block, CHECK),
            },
            body if closure.constness.is_none() => {
                let bytes = body.span().byte_range();
                self.insert(bytes.start, OPEN);
                self.insert(bytes.end, CLOSE);
            }
            _ => {}
        }
        visit::visit_expr_closure(self, closure);
    }

    fn visit_block(&mut self, block: &'ast Block) {
        if self.is_around_cell(block).is_some() {
            self.statements_of_cell(block);
        }
        visit::visit_block(self, block);
    }

    fn visit_expr_call(&mut self, call: &'ast ExprCall) {
        if let Expr::Path(path) = &*call.func
            && self.is_sleep(&path.path)
        {
            // Without the colons that a path from the root begins with.
            let begin = path.path.segments[0].ident.span().byte_range().start;
            if path.path.leading_colon.is_none() && self.source.is_char_boundary(begin) {
                self.insert(begin, BY_PATH);
            }
        }
        visit::visit_expr_call(self, call);
    }

    fn visit_macro(&mut self, called: &'ast Macro) {
        let own = |name: &Ident| self.source.contains(&format!("macro_rules! {name}"));
        let is_meant = |name: &Ident| OF_EXPRESSIONS.iter().any(|known| name == known) && !own(name);
        if called.path.get_ident().is_some_and(is_meant)
            && let Ok(values) = called.parse_body_with(Punctuated::<Expr, Token![,]>::parse_terminated)
        {
            values.iter().for_each(|value| self.visit_expr(value));
        }
    }

    // Constants are worked out by the compiler, where nothing can be asked.
    fn visit_item_const(&mut self, _: &'ast ItemConst) {}
    fn visit_item_static(&mut self, _: &'ast ItemStatic) {}
    fn visit_impl_item_const(&mut self, _: &'ast ImplItemConst) {}
    fn visit_trait_item_const(&mut self, _: &'ast TraitItemConst) {}
    fn visit_expr_const(&mut self, _: &'ast ExprConst) {}
    fn visit_variant(&mut self, _: &'ast Variant) {}
    fn visit_type(&mut self, _: &'ast syn::Type) {}
    fn visit_generic_argument(&mut self, _: &'ast syn::GenericArgument) {}

    fn visit_expr_repeat(&mut self, repeat: &'ast ExprRepeat) {
        self.visit_expr(&repeat.expr);
    }

    fn visit_expr_array(&mut self, array: &'ast ExprArray) {
        array.elems.iter().for_each(|element| self.visit_expr(element));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_checks(source: &str) -> String {
        let file = syn::parse_file(source).unwrap();
        let mut text = source.to_owned();
        for (at, inserted) in insertions(source, &file, |_| true).into_iter().rev() {
            text.insert_str(at, &inserted);
        }
        assert!(syn::parse_file(&text).is_ok(), "{text}");
        assert_eq!(without(&text), source);
        text
    }

    #[test]
    fn loops_functions_and_closures_ask_and_constants_do_not() {
        let source = "fn f() { loop { g(|x| x + 1); } while a { b(move || { c() }) } for i in d { } }\nimpl S { fn m(&self) { } const fn c() -> u8 { loop { } } }\nconst C: u8 = { loop { break 1; } }; extern \"C\" fn e() { }\nmacro_rules! m { () => { loop { } } }\n";
        let text = with_checks(source);
        assert_eq!(text.matches("check();").count(), 7, "{text}");
        assert!(text.contains(&format!("|x| {OPEN}x + 1{CLOSE}")), "{text}");
    }

    #[test]
    fn what_is_shown_asks_and_other_macros_do_not() {
        let shown = with_checks("fn f() {\nshow(&format!(\"{:?}\",&(\nloop { g(); }\n)));\n}\n");
        assert!(shown.contains(&format!("loop {{{CHECK} g();")), "{shown}");
        let others = with_checks("fn f() { own!(loop { }); vec![loop { }; 2]; assert!(loop { }); }");
        assert_eq!(others.matches("check();").count(), 1, "{others}");
    }

    #[test]
    fn the_standard_sleep_asks_and_another_does_not() {
        let text = with_checks(
            "use std::thread;\nfn f() { thread::sleep(d); sleep(d); std::thread::sleep(d); mine::sleep(d); }\n",
        );
        assert!(
            text.contains("by_path::thread::sleep(d)") && text.contains("by_path::std::thread::sleep(d)")
        );
        assert_eq!(text.matches("by_path").count(), 2, "{text}");
    }

    #[test]
    fn statements_of_a_cell_ask() {
        let source = "fn run() {\n  std::panic::AssertUnwindSafe(||{\nlet a = 1;\nf(a);\n});\n}\n";
        let text = with_checks(source);
        assert!(text.contains(&format!("||{{{ENTER}\n{CHECK}let a = 1;\n{CHECK}f(a);")), "{text}");
    }

    #[test]
    fn columns_are_given_back() {
        let line = format!("é {{{CHECK} |x| {OPEN}x{CLOSE} + y");
        let plain = without(&line);
        let column = |text: &str, part: &str| text[..text.find(part).unwrap()].chars().count() + 1;
        for part in ["é", "|x|", " + y"] {
            assert_eq!(column_without(&line, column(&line, part)), column(&plain, part), "{part}");
        }
        let x = column(&line, "x/*cltv*/");
        assert_eq!(column_without(&line, x), column(&plain, "x +"));
    }
}
