//! What a cell says to the kernel, on lines with the session's secret and not as evcxr has it print.
//!
//! evcxr writes into a cell that it prints a marker when it panics or a `?` leaves it, and a value that
//! shows itself prints blocks between markers. Data may contain the same. Here such lines are replaced
//! by calls of [`cltv_protocol::marks`], which is in the helper library, or compiled with the cell.

use super::definitions::STORE;
use cltv_protocol::MARKS_SOURCE;
use cltv_protocol::display::PANIC;
use std::borrow::Cow;
use std::ops::Range;
use syn::Item;
use syn::spanned::Spanned;

/// The name of the module of marks in a cell.
pub(super) const MODULE: &str = "cltv_marks";

/// The line of evcxr's that takes the error of a `?`.
const TAKE_ERROR: &str = "fn from(error: T) -> Self {";

/// The call by which a value shows itself.
const DISPLAY: &str = ".evcxr_display()";
/// That call between two that tell the kernel of it; both stand behind the value's own expression, so
/// that what this prints is no part of the display.
const MARKED_DISPLAY: &str = ".cltv_begins_display().evcxr_display().cltv_ended_display()";

/// What evcxr's call begins with that shows the text of a value; `:fmt` says which text.
const SHOW_TEXT: &str = "evcxr_send_text_plain(&format!(";

/// Replaces what a cell's lines print for evcxr; `begin` is the line of the function with its statements,
/// `store` the helper's module that keeps variables.
pub(super) fn add_marks(
    lines: &mut [Option<Cow<'_, str>>],
    file: Option<&syn::File>,
    begin: usize,
    store: Option<&str>,
) {
    let modules: Vec<Range<usize>> = file.map(own_modules).unwrap_or_default();
    // The line before the function's is its attribute; the module goes before it.
    let is_attribute =
        |at: &usize| lines[*at].as_deref().is_some_and(|line| line.trim_end() == "#[unsafe(no_mangle)]");
    let module_at = begin.checked_sub(1).filter(|_| begin < lines.len()).filter(is_attribute);
    // Code that is only analysed has no such function, and no module of marks.
    let Some(module_at) = module_at else { return };
    for (at, line) in lines.iter_mut().enumerate() {
        let Some(text) = line else { continue };
        // What is in scope outside a module is not in it; a value that shows itself there prints text.
        let is_display = !modules.iter().any(|module| module.contains(&at));
        let mut changed = marked(text, is_display);
        if at == module_at {
            changed = Some(module(store) + changed.as_deref().unwrap_or(text));
        }
        if let Some(changed) = changed {
            *line = Some(Cow::Owned(changed));
        }
    }
}

/// The lines of the modules that cells define, from 0.
fn own_modules(file: &syn::File) -> Vec<Range<usize>> {
    let lines = |item: &Item| match item {
        Item::Mod(module) if module.ident != STORE => {
            let span = module.span();
            Some(span.start().line - 1..span.end().line)
        }
        _ => None,
    };
    file.items.iter().filter_map(lines).collect()
}

fn module(store: Option<&str>) -> String {
    let module = match store {
        Some(store) => format!("use ::{store}::marks as {MODULE};"),
        None => format!("mod {MODULE} {{ {} }}", on_one_line(MARKS_SOURCE)),
    };
    format!("{module} use {MODULE}::Shown as _; {CONTROL}")
}

/// The function by which the process that runs cells speaks to the library's module of marks
/// (`cell_host/runtime.rs`).
pub(super) const CONTROL: &str = "#[unsafe(no_mangle)] pub extern \"C\" fn cltv_control(what: u32) { match what { 0 => crate::cltv_marks::begin_cell(), 1 => crate::cltv_marks::interrupt(), 2 => crate::cltv_marks::end_cell(), _ => crate::cltv_marks::tell(crate::cltv_marks::INPUT) } } ";

/// The store's source, for cells that are compiled without the library.
const STORE_SOURCE: &str = include_str!("../../../cltv-notebook/src/store/variables.rs");

/// The module of the store, on one line.
pub(super) fn store_module(store: Option<&str>) -> String {
    match store {
        Some(store) => format!("use ::{store} as {STORE};\n"),
        None => format!(
            "mod {STORE} {{ use super::{MODULE} as marks; mod variables {{ {} }} pub use variables::*; }}\n",
            on_one_line(STORE_SOURCE)
        ),
    }
}

/// A line that says the same on a line with the secret; none if it says nothing.
fn marked(line: &str, is_display: bool) -> Option<String> {
    match line.trim() {
        text if text == format!("println!(\"{PANIC}\");") => {
            Some(format!("crate::{MODULE}::tell_panic();\n"))
        }
        text if text.starts_with(TAKE_ERROR) => Some(format!("#[track_caller] {text}\n")),
        "println!(\"{}\", evcxr_internal_runtime::USER_ERROR_OCCURRED);" => {
            Some(format!("crate::{MODULE}::tell_failed(::std::panic::Location::caller());\n"))
        }
        _ if is_display && line.contains(DISPLAY) => Some(line.replace(DISPLAY, MARKED_DISPLAY)),
        text if text.starts_with(SHOW_TEXT) || text.contains(&format!("; {SHOW_TEXT}")) => {
            let ours = format!("crate::{MODULE}::show_text(&format!(");
            Some(line.replacen(SHOW_TEXT, &ours, 1))
        }
        _ => None,
    }
}

/// A source without its comments, on one line: the cell's own lines keep their numbers.
fn on_one_line(source: &str) -> String {
    let is_code = |line: &&str| !line.is_empty() && !line.starts_with("//");
    let (source, _) = source.split_once("#[cfg(test)]").unwrap_or((source, ""));
    source.lines().map(str::trim).filter(is_code).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_marks(source: &str, store: Option<&str>) -> String {
        let file = syn::parse_file(source).ok();
        let mut lines: Vec<_> = source.split_inclusive('\n').map(|line| Some(Cow::Borrowed(line))).collect();
        let begin = source.lines().position(|line| line.starts_with("pub extern")).unwrap_or(lines.len());
        add_marks(&mut lines, file.as_ref(), begin, store);
        lines.into_iter().flatten().collect()
    }

    #[test]
    fn what_evcxr_has_a_cell_print_is_said_on_marked_lines() {
        let source = "fn f(x: X) { x.evcxr_display(); }\nmod m {\nfn g() { x.evcxr_display(); }\n}\n#[unsafe(no_mangle)]\npub extern \"C\" fn run_user_code_0() {\n    println!(\"EVCXR_PANIC_NOTIFICATION\");\n(a\n).evcxr_display();\n}\n";
        let expected = "fn f(x: X) { x.cltv_begins_display().evcxr_display().cltv_ended_display(); }\nmod m {\nfn g() { x.evcxr_display(); }\n}\nuse ::cltv::store::marks as cltv_marks; use cltv_marks::Shown as _; CONTROL#[unsafe(no_mangle)]\npub extern \"C\" fn run_user_code_0() {\ncrate::cltv_marks::tell_panic();\n(a\n).cltv_begins_display().evcxr_display().cltv_ended_display();\n}\n";
        let expected = expected.replace("CONTROL", CONTROL);
        assert_eq!(with_marks(source, Some("cltv::store")), expected);
        let own = with_marks(source, None);
        assert_eq!(own.lines().count(), source.lines().count());
        assert!(own.contains("mod cltv_marks { use std::cell::Cell;"), "{own}");
        assert!(syn::parse_file(&own).is_ok());
    }

    #[test]
    fn the_place_of_a_question_mark_is_passed_on() {
        let line = format!("    {TAKE_ERROR}/*cltv*/ x();\n");
        assert_eq!(marked(&line, true), Some(format!("#[track_caller] {TAKE_ERROR}/*cltv*/ x();\n")));
    }

    #[test]
    fn the_text_of_a_value_is_shown_by_ours() {
        let called = |line: &str| marked(line, true);
        assert_eq!(
            called("evcxr_send_text_plain(&format!(\"{:?}\",&(\n").as_deref(),
            Some("crate::cltv_marks::show_text(&format!(\"{:?}\",&(\n")
        );
        assert_eq!(
            called("); evcxr_send_text_plain(&format!(\": {}\", r)); };\n").as_deref(),
            Some("); crate::cltv_marks::show_text(&format!(\": {}\", r)); };\n")
        );
        assert_eq!(called("fn evcxr_send_text_plain(text: &str)\n"), None);
    }
}
