//! Checks in a cell's own code that end it when it was interrupted.
//!
//! A thread cannot be ended from outside without what it holds, so that a loop has to ask whether it is
//! to go on. A call of [`cltv_protocol::marks::check`] is written into each loop, function and closure of
//! a notebook, and before each statement of a cell; sleeping is done by a function that asks, too. What
//! is written is only ever inserted, so that places in messages can be given back as they are in the cell.
//!
//! A check changes nothing unless the cell is interrupted; then it unwinds, as a panic does. There is none
//! where code is run by the compiler, where it may rely on not being left (`unsafe`, functions of C's,
//! destructors), and where it would be a part of what a macro is given.

use super::bindings::Bindings;
use super::definitions::{ANALYSED, STORE};
use std::collections::BTreeMap;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{
    AttrStyle, Attribute, Block, ConstParam, Expr, ExprCall, ExprClosure, ExprConst, ExprForLoop, ExprLoop,
    ExprRepeat, ExprUnsafe, ExprWhile, File, Ident, ImplItemConst, ImplItemFn, Item, ItemConst, ItemFn,
    ItemImpl, ItemMod, ItemStatic, Macro, MacroDelimiter, Signature, Stmt, Token, TraitItemConst,
    TraitItemFn, Variant,
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
    let mut visitor = Visitor {
        lines: source.lines().collect(),
        bindings: Bindings::of(file),
        is_own: &is_own,
        found: Insertions::new(),
    };
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
    lines: Vec<&'a str>,
    bindings: Bindings,
    is_own: &'a dyn Fn(usize) -> bool,
    found: Insertions,
}

impl Visitor<'_> {
    fn insert(&mut self, at: usize, text: &str) {
        self.found.entry(at).or_default().push_str(text);
    }

    /// Inserts at the beginning of a block, whose attributes may stand within it.
    fn begin_of(&mut self, block: &Block, attributes: &[Attribute], text: &str) {
        let has_inner = attributes.iter().any(|attribute| matches!(attribute.style, AttrStyle::Inner(_)));
        match block.stmts.first().filter(|_| has_inner) {
            Some(first) => self.insert(first.span().byte_range().start, text),
            None if has_inner => {}
            None => self.insert(block.brace_token.span.open().byte_range().end, text),
        }
    }

    /// The line of evcxr's on which a block begins, if it is around the statements of the cell.
    fn is_around_cell(&self, block: &Block) -> Option<&'static str> {
        let line = self.lines.get(block.brace_token.span.open().start().line - 1)?.trim();
        CLOSURES.into_iter().find(|closure| *closure == line)
    }

    /// Checks before each of a cell's statements, between which it may call into libraries, and behind the
    /// last: what comes then stores its variables.
    fn statements_of_cell(&mut self, block: &Block) {
        let is_own = |statement: &&Stmt| {
            !matches!(statement, Stmt::Item(_)) && (self.is_own)(statement.span().start().line - 1)
        };
        let own = block.stmts.iter().filter(is_own).map(|statement| statement.span().byte_range().start);
        // The last statement is the value of evcxr's block.
        let last = block.stmts.iter().rev().skip(1).find(is_own);
        let end = last.map(|statement| statement.span().byte_range().end);
        own.chain(end).collect::<Vec<_>>().into_iter().for_each(|at| self.insert(at, CHECK));
    }
}

/// Whether a function may be left at a check and is not run by the compiler. A panic must not leave a
/// function of C's.
fn may_end(signature: &Signature) -> bool {
    signature.constness.is_none() && signature.unsafety.is_none() && signature.abi.is_none()
}

/// Whether an expression would be another one behind a statement: Rust ends a statement behind the bracket
/// of `if a { 1 } else { 2 } + 3`.
fn begins_as_statement(expression: &Expr, is_whole: bool) -> bool {
    let begins = |inner: &Expr| begins_as_statement(inner, false);
    match expression {
        Expr::Assign(e) => begins(&e.left),
        Expr::Await(e) => begins(&e.base),
        Expr::Binary(e) => begins(&e.left),
        Expr::Call(e) => begins(&e.func),
        Expr::Cast(e) => begins(&e.expr),
        Expr::Field(e) => begins(&e.base),
        Expr::Index(e) => begins(&e.expr),
        Expr::MethodCall(e) => begins(&e.receiver),
        Expr::Range(e) => e.start.as_ref().is_some_and(|start| begins(start)),
        Expr::Try(e) => begins(&e.expr),
        // A macro with such brackets is a statement even alone.
        Expr::Macro(e) => matches!(e.mac.delimiter, MacroDelimiter::Brace(_)),
        Expr::Async(_)
        | Expr::Block(_)
        | Expr::Const(_)
        | Expr::ForLoop(_)
        | Expr::If(_)
        | Expr::Loop(_)
        | Expr::Match(_)
        | Expr::TryBlock(_)
        | Expr::Unsafe(_)
        | Expr::While(_) => !is_whole,
        _ => false,
    }
}

impl<'ast> Visit<'ast> for Visitor<'_> {
    fn visit_item(&mut self, item: &'ast Item) {
        match item {
            Item::Fn(function) if function.sig.ident == ANALYSED => {}
            // evcxr's function around the cell, which catches what leaves the cell.
            Item::Fn(function) if function.sig.ident.to_string().starts_with("run_user_code_") => {
                visit::visit_item_fn(self, function);
            }
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
        if may_end(&function.sig) {
            self.begin_of(&function.block, &function.attrs, CHECK);
            visit::visit_item_fn(self, function);
        }
    }

    fn visit_item_impl(&mut self, block: &'ast ItemImpl) {
        // A destructor may run where nothing may unwind.
        let names = |path: &syn::Path| path.segments.last().is_some_and(|segment| segment.ident == "Drop");
        if !block.trait_.as_ref().is_some_and(|(_, path, _)| names(path)) {
            visit::visit_item_impl(self, block);
        }
    }

    fn visit_impl_item_fn(&mut self, function: &'ast ImplItemFn) {
        if may_end(&function.sig) {
            self.begin_of(&function.block, &function.attrs, CHECK);
            visit::visit_impl_item_fn(self, function);
        }
    }

    fn visit_trait_item_fn(&mut self, function: &'ast TraitItemFn) {
        if let Some(block) = function.default.as_ref().filter(|_| may_end(&function.sig)) {
            self.begin_of(block, &function.attrs, CHECK);
            visit::visit_trait_item_fn(self, function);
        }
    }

    fn visit_expr_loop(&mut self, expression: &'ast ExprLoop) {
        self.begin_of(&expression.body, &expression.attrs, CHECK);
        visit::visit_expr_loop(self, expression);
    }

    fn visit_expr_while(&mut self, expression: &'ast ExprWhile) {
        self.begin_of(&expression.body, &expression.attrs, CHECK);
        visit::visit_expr_while(self, expression);
    }

    fn visit_expr_for_loop(&mut self, expression: &'ast ExprForLoop) {
        self.begin_of(&expression.body, &expression.attrs, CHECK);
        visit::visit_expr_for_loop(self, expression);
    }

    fn visit_expr_closure(&mut self, closure: &'ast ExprClosure) {
        if closure.constness.is_some() {
            return;
        }
        match &*closure.body {
            Expr::Block(body) if body.label.is_none() => match self.is_around_cell(&body.block) {
                Some(OUTER_CLOSURE) => self.begin_of(&body.block, &body.attrs, ENTER),
                Some(_) => {}
                None => self.begin_of(&body.block, &body.attrs, CHECK),
            },
            body if begins_as_statement(body, true) => {}
            body => {
                let bytes = body.span().byte_range();
                self.insert(bytes.start, OPEN);
                self.insert(bytes.end, CLOSE);
            }
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
        if let Expr::Path(called) = &*call.func
            && self.bindings.is_std(&called.path, "std::thread::sleep")
            && called.path.segments.last().is_some_and(|segment| segment.ident == "sleep")
        {
            self.insert(called.path.span().byte_range().start, BY_PATH);
        }
        visit::visit_expr_call(self, call);
    }

    fn visit_macro(&mut self, called: &'ast Macro) {
        let is_meant = |name: &Ident| {
            OF_EXPRESSIONS.iter().any(|known| name == known) && self.bindings.is_std_macro(name)
        };
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
    fn visit_const_param(&mut self, _: &'ast ConstParam) {}
    fn visit_variant(&mut self, _: &'ast Variant) {}
    fn visit_type(&mut self, _: &'ast syn::Type) {}
    fn visit_generic_argument(&mut self, _: &'ast syn::GenericArgument) {}
    fn visit_attribute(&mut self, _: &'ast Attribute) {}

    // It may rely on not being left.
    fn visit_expr_unsafe(&mut self, _: &'ast ExprUnsafe) {}

    fn visit_expr_repeat(&mut self, repeat: &'ast ExprRepeat) {
        self.visit_expr(&repeat.expr);
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
            "use std::{fs, thread};\nfn f() { thread::sleep(d); sleep(d); std::thread::sleep(d); mine::sleep(d); ::std::thread::sleep(d); }\n",
        );
        assert!(
            text.contains("by_path::thread::sleep(d)") && text.contains("by_path::std::thread::sleep(d)")
        );
        assert_eq!(text.matches("by_path").count(), 2, "{text}");
        let renamed = with_checks("use std::thread::sleep as nap;\nfn f() { nap(d); }\n");
        assert!(!renamed.contains("by_path"), "{renamed}");
    }

    #[test]
    fn there_is_no_check_where_it_would_change_what_code_means() {
        for source in [
            "static F: u8 = 1; fn f() -> u8 { #![allow(unused)] }",
            "unsafe fn f() { loop { } }",
            "extern \"C\" fn f() { loop { } }",
            "impl Drop for S { fn drop(&mut self) { loop { } } }",
            "const fn f() -> u8 { while a { } 1 }",
            "struct S<const N: usize = { loop { break 1; } }>; enum E { A = { loop { break 2; } } }",
            "trait T { const C: u8 = { loop { break 1; } }; const fn f() { loop { } } }",
            "static L: LazyLock<u8> = LazyLock::new(|| 1); type A = [u8; { loop { break 1; } }];",
        ] {
            assert_eq!(with_checks(source), source);
        }
        let in_f = |body: &str| {
            let text = with_checks(&format!("fn f() {{ {body} }}"));
            text.matches("cltv").count() - "/*cltv*/ crate::cltv_marks".matches("cltv").count()
        };
        for body in [
            "g(|x| if x { 1 } else { 2 } + 1);",
            "g(|x| match x { _ => 1 }.max(2));",
            "g(|x| own! { x });",
            "unsafe { loop { } }",
            "let x = const { loop { break 1; } };",
            "let x = [0; { loop { break 1; } }]; g::<{ loop { break 1; } }>();",
            "match x { const { loop { break 1; } } => 1 }",
            "dbg!(loop { }); assert!(|| 1);",
        ] {
            assert_eq!(in_f(body), 0, "{body}");
        }
        assert!(in_f("g(|x| if x { 1 } else { 2 });") > 0 && in_f("g(async |x| x + 1);") > 0);
        assert!(in_f("let x = 'a: loop { break 'a 1; };") > 0 && in_f("g(|| 'a: { break 'a 1 });") > 0);
    }

    #[test]
    fn a_check_stands_behind_attributes_within_a_block() {
        let text = with_checks("fn f() {\n//! Says what it does.\n#![allow(unused)]\nlet x = 1; }\n");
        assert!(text.contains(&format!("#![allow(unused)]\n{CHECK}let x = 1;")), "{text}");
        let text = with_checks("fn f() { g(|| { #![allow(unused)] h() }); }");
        assert!(text.contains(&format!("#![allow(unused)] {CHECK}h()")), "{text}");
    }

    #[test]
    fn statements_of_a_cell_ask() {
        let source =
            "fn run() {\n  std::panic::AssertUnwindSafe(||{\nlet a = 1;\nif b { f(a) }\nOk(())\n});\n}\n";
        let text = with_checks(source);
        let expected =
            format!("||{{{ENTER}\n{CHECK}let a = 1;\n{CHECK}if b {{ f(a) }}{CHECK}\n{CHECK}Ok(())");
        assert!(text.contains(&expected), "{text}");
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
