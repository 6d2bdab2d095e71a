//! The canonical source of a cell: the same in every kernel and after any other cells, so that a
//! compiled cell can be found in the cache.
//!
//! evcxr takes every variable of the session out of its store before a cell and puts it back after it.
//! Here the lines of variables that the cell does not mention are left out: there is less to compile,
//! and a cell is not compiled again because another cell has defined more variables. evcxr writes
//! variables and items in the order of hash maps, which differs between processes: they are sorted. It
//! counts cells in the name of the function that it calls: all cells get one name. It writes the store's
//! code into every cell: a store of our own is used instead, compiled with the helper where there is one.

use super::checks::{self, Insertions, insertions};
use super::definitions::{STORE, definitions};
use super::lending;
use super::marked;
use crate::cell_text::words;
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::Range;
use syn::Item;
use syn::spanned::Spanned;

/// The text to compile, and where each of its lines stood.
#[derive(Debug, PartialEq)]
pub(crate) struct Canonical {
    /// The source with each run of lines that name variables sorted, and the items before the statements;
    /// without the lines of variables that the cell does not mention.
    pub(crate) text: String,
    /// For each line of the text, counted from 0, its number in evcxr's source, counted from 0.
    lines: Vec<usize>,
}

/// What the canonical form depends on beside the source.
#[derive(Debug, Default)]
pub(crate) struct SourceContext {
    /// The library's module that keeps variables; without one, a module is compiled with the cell.
    pub(crate) store: Option<String>,
    /// The variables that the cell defines before it mentions them.
    pub(crate) redefined: BTreeSet<String>,
    /// Variables that the cell defines anew and uses up before, so that they cannot be put back.
    pub(crate) used_up: BTreeSet<String>,
}

/// What stands once for each variable; among themselves the order of such lines is free.
#[derive(Clone, Copy, PartialEq)]
enum PerVariable {
    Parameter,
    Use,
    Put,
    Check,
    Take,
}

impl Canonical {
    pub(crate) fn of(source: &str, context: &SourceContext) -> Canonical {
        let lines: Vec<&str> = source.split_inclusive('\n').collect();
        let kinds = kinds(&lines);
        let mut order: Vec<usize> = (0..lines.len()).collect();
        for run in order.chunk_by_mut(|&a, &b| kinds[a].is_some() && kinds[a] == kinds[b]) {
            run.sort_by_key(|&line| lines[line]);
        }
        let file = syn::parse_file(source).ok();
        let items = file.as_ref().map(|file| items(file, &lines)).unwrap_or_default();
        let begin = items.first().map_or(0, |item| item.start);
        let mut items: Vec<Vec<usize>> = items.into_iter().map(|item| order[item].to_vec()).collect();
        items.sort_by_cached_key(|item| item.iter().map(|&line| lines[line]).collect::<String>());
        let items = items.concat();
        order[begin..begin + items.len()].copy_from_slice(&items);
        let written = written(source, &lines, &kinds, file.as_ref(), context);
        order.retain(|&line| written[line].is_some());
        Canonical { text: order.iter().filter_map(|&line| written[line].as_deref()).collect(), lines: order }
    }

    /// The source with its lines where they stood, for a compiler that speaks to evcxr itself.
    pub(crate) fn in_place(source: &str, context: &SourceContext) -> Canonical {
        let lines: Vec<&str> = source.split_inclusive('\n').collect();
        let written = written(source, &lines, &kinds(&lines), syn::parse_file(source).ok().as_ref(), context);
        let text = written.into_iter().map(|line| line.unwrap_or(Cow::Borrowed("\n"))).collect();
        Canonical { text, lines: (0..lines.len()).collect() }
    }

    /// The compiler's message about the text as one about evcxr's source.
    pub(crate) fn restore(&self, message: &mut Value) {
        match message {
            Value::Array(values) => values.iter_mut().for_each(|value| self.restore(value)),
            Value::Object(fields) => {
                for end in ["start", "end"] {
                    self.restore_place(fields, &format!("line_{end}"), &format!("column_{end}"));
                }
                fields.values_mut().for_each(|value| self.restore(value));
            }
            _ => {}
        }
    }

    fn restore_place(&self, fields: &mut Map<String, Value>, line: &str, column: &str) {
        let number = |name: &str| fields.get(name)?.as_u64().and_then(|n| usize::try_from(n).ok());
        let Some(at) = number(line).and_then(|line| line.checked_sub(1)) else { return };
        let Some(original) = self.lines.get(at) else { return };
        if let (Some(found), Some(text)) = (number(column), self.text.lines().nth(at)) {
            fields.insert(column.to_owned(), Value::from(checks::column_without(text, found)));
        }
        fields.insert(line.to_owned(), Value::from(original + 1));
    }
}

/// The function that holds a cell's statements, as it is compiled; evcxr ends its name with a number.
pub(crate) const FUNCTION: &str = "run_user_code_0";
/// What that function's line begins with.
pub(crate) const STATEMENTS_BEGIN: &str = "pub extern \"C\" fn run_user_code_";

/// After this line of a cell, definitions can be passed to its store.
const STORE_IS_THERE: &str = "let evcxr_variable_store = unsafe {&mut *evcxr_variable_store};";

/// What the functions begin with that evcxr writes into a cell to show a value as text, on several lines.
const SHOWS_TEXT: [&str; 3] =
    ["fn evcxr_send_text_plain(", "/// Shorten a type name.", "fn evcxr_get_type_name"];
/// evcxr's line behind which a cell has ended, and its last line, which gives the store back.
const CELL_HAS_ENDED: &str = "println!(\"EVCXR_PANIC_NOTIFICATION\");";
const GIVE_STORE: &str = "evcxr_variable_store";

/// Each line as it is compiled; none where the cell does not need it. Those that carry a variable through
/// a cell are needed if something in it mentions the variable, be it in a text such as `"{x}"`.
fn written<'a>(
    source: &str,
    lines: &[&'a str],
    kinds: &[Option<PerVariable>],
    file: Option<&syn::File>,
    context: &SourceContext,
) -> Vec<Option<Cow<'a, str>>> {
    use PerVariable::{Check, Put, Take};
    let begin = lines.iter().position(|line| line.starts_with(STATEMENTS_BEGIN)).unwrap_or(lines.len());
    // What evcxr shows text with has words of its own, such as `b` and `text`.
    let shows_text = lines_that_show_text(lines, begin);
    let is_own = |line: &usize| kinds[*line].is_none() && !shows_text.contains(line);
    let own = (begin..lines.len()).filter(is_own);
    let mentioned: BTreeSet<&str> = own.flat_map(|line| words(lines[line])).collect();
    let ended = lines.iter().rposition(|line| line.trim() == CELL_HAS_ENDED).unwrap_or(lines.len());
    let module = lines_of_store(lines);
    let is_redefined = |line: usize| {
        module.is_some() && variable(lines[line]).is_some_and(|name| context.redefined.contains(name))
    };
    let is_needed = |line: usize| {
        let (Some(kind @ (Put | Check | Take)), true) = (kinds[line], line > begin) else { return true };
        variable(lines[line])
            .is_none_or(|name| mentioned.contains(name) && !(kind == Check && is_redefined(line)))
    };
    let taken: Vec<usize> = (begin..lines.len())
        .filter(|&line| kinds[line] == Some(Take) && is_needed(line) && !is_redefined(line))
        .collect();
    let is_cheap = |line: usize| {
        at_variable(lines[line]).is_some_and(|(before, name)| lending::is_lent(before, name, source))
    };
    let lent: BTreeSet<&str> =
        taken.iter().filter(|line| is_cheap(**line)).filter_map(|&line| variable(lines[line])).collect();
    let put: BTreeSet<&str> = (ended..lines.len())
        .filter(|&line| kinds[line] == Some(Put))
        .filter_map(|line| variable(lines[line]))
        .collect();
    let is_lent = |line: usize| variable(lines[line]).is_some_and(|name| lent.contains(name));
    let definitions = module.as_ref().and_then(|_| Some(definitions(source, file?))).unwrap_or_default();
    // Code that is only analysed has no module of marks.
    let inserted = file
        .filter(|_| begin < lines.len())
        .map(|file| insertions(source, file, |line| kinds[line].is_none()))
        .unwrap_or_default();
    let starts = starts(lines);
    let write = |line: usize| match &module {
        Some(module) if line == module.start => {
            Some(Cow::Owned(marked::store_module(context.store.as_deref())))
        }
        Some(module) if module.contains(&line) => None,
        Some(_) if lines[line].trim_end() == STORE_IS_THERE && !definitions.is_empty() => {
            let pairs = definitions.iter().map(|(name, number)| format!("({name:?}, {number:#x}), "));
            let define = format!("evcxr_variable_store.define(&[{}]);", pairs.collect::<String>());
            Some(Cow::Owned(format!("{STORE_IS_THERE} {define}\n")))
        }
        Some(_) if kinds[line] == Some(Take) && is_needed(line) && is_redefined(line) => {
            let (_, name) = at_variable(lines[line])?;
            Some(Cow::Owned(format!("evcxr_variable_store.set_aside(stringify!({name}));\n")))
        }
        Some(_) if kinds[line] == Some(Take) && is_needed(line) && is_lent(line) => {
            Some(Cow::Owned(lines[line].replacen(".take_variable::<", ".lend_variable::<", 1)))
        }
        // It cannot have changed.
        Some(_) if kinds[line] == Some(Put) && line > ended && is_lent(line) => None,
        Some(_) if line > ended && lines[line].trim_end() == GIVE_STORE => {
            let back = taken.iter().filter_map(|&line| {
                let name = variable(lines[line])?;
                let is_needed =
                    !put.contains(name) && !lent.contains(name) && !context.used_up.contains(name);
                is_needed.then(|| put_back(lines[line])).flatten()
            });
            let back = back.collect::<String>();
            Some(Cow::Owned(format!("{back}evcxr_variable_store.settle(); {GIVE_STORE}\n")))
        }
        _ => is_needed(line).then(|| with_one_name(with_insertions(lines[line], starts[line], &inserted))),
    };
    let mut written: Vec<Option<Cow<'a, str>>> = (0..lines.len()).map(write).collect();
    marked::add_marks(&mut written, file, begin, context.store.as_deref());
    leave_out_unused(&mut written, lines);
    written
}

/// Leaves out evcxr's function that shows a text where nothing calls it any more: it would be checked in
/// each cell.
fn leave_out_unused(written: &mut [Option<Cow<'_, str>>], lines: &[&str]) {
    let [name, ..] = SHOWS_TEXT;
    let mut mentions = (0..lines.len()).filter(|&line| {
        written[line].as_deref().is_some_and(|text| text.contains(name.trim_start_matches("fn ")))
    });
    let (Some(begin), None) = (mentions.next(), mentions.next()) else { return };
    if let Some(end) = closing_line(lines, begin).filter(|_| lines[begin].trim_start().starts_with(name)) {
        written[begin..=end].fill(None);
    }
}

/// The offset at which each line starts.
fn starts(lines: &[&str]) -> Vec<usize> {
    lines.iter().scan(0, |at, line| Some(std::mem::replace(at, *at + line.len()))).collect()
}

/// A line with what is inserted between its first character and the next line's.
fn with_insertions<'a>(line: &'a str, start: usize, inserted: &Insertions) -> Cow<'a, str> {
    let mut text = Cow::Borrowed(line);
    for (at, more) in inserted.range(start..start + line.len()).rev() {
        text.to_mut().insert_str(at - start, more);
    }
    text
}

/// What puts back the old value of a variable that a cell has taken and defines anew, if the cell fails.
fn put_back(take: &str) -> Option<String> {
    let (before, name) = at_variable(take)?;
    let (_, written) = before.split_once(".take_variable::<")?;
    Some(format!("evcxr_variable_store.put_back::<{written}>(stringify!({name}), {name}); "))
}

/// A line with the function's one name in the place of its number.
fn with_one_name(line: Cow<'_, str>) -> Cow<'_, str> {
    match line.strip_prefix(STATEMENTS_BEGIN) {
        Some(rest) => {
            let parameters = rest.trim_start_matches(|c: char| c.is_ascii_digit());
            Cow::Owned(format!("pub extern \"C\" fn {FUNCTION}{parameters}"))
        }
        None => line,
    }
}

/// The lines of evcxr's store, by its brackets: this must be found even in a source that does not parse,
/// for cells with one store do not know variables in the other.
fn lines_of_store(lines: &[&str]) -> Option<Range<usize>> {
    let begin = lines.iter().position(|line| line.trim_end() == format!("mod {STORE} {{"))?;
    Some(begin..closing_line(lines, begin)? + 1)
}

/// The line with the bracket that closes the first one from a line on.
fn closing_line(lines: &[&str], begin: usize) -> Option<usize> {
    let (mut open, mut has_begun) = (0, false);
    let closes = |line: &&str| {
        has_begun |= line.contains('{');
        open += line.matches('{').count();
        open -= line.matches('}').count().min(open);
        has_begun && open == 0
    };
    Some(begin + lines[begin..].iter().position(closes)?)
}

/// The lines of evcxr's functions that show a value as text.
fn lines_that_show_text(lines: &[&str], begin: usize) -> BTreeSet<usize> {
    let begins = (begin..lines.len())
        .filter(|&line| SHOWS_TEXT.iter().any(|name| lines[line].trim_start().starts_with(name)));
    begins.filter_map(|line| Some(line..=closing_line(lines, line)?)).flatten().collect()
}

/// What follows the type in evcxr's lines about a variable, and precedes its name.
pub(crate) const NAMES: &str = ">(stringify!(";

/// What stands before one of evcxr's lines names its variable, the type last, and the variable.
pub(crate) fn at_variable(line: &str) -> Option<(&str, &str)> {
    let (before, rest) = line.split_once(NAMES)?;
    Some((before, rest.split_once(')')?.0))
}

/// The word of the variable that one of evcxr's lines is about.
fn variable(line: &str) -> Option<&str> {
    let (_, name) = at_variable(line)?;
    Some(name.strip_prefix("r#").unwrap_or(name))
}

/// The lines of each item that may stand anywhere, one behind the other; none where the order may matter,
/// as it does around macros.
fn items(file: &syn::File, lines: &[&str]) -> Vec<Range<usize>> {
    let is_statements = |item: &&Item| matches!(item, Item::Fn(function) if function.sig.ident.to_string().starts_with("run_user_code_"));
    let movable: Vec<&Item> = file.items.iter().take_while(|item| !is_statements(item)).collect();
    if movable.iter().any(|item| matches!(item, Item::Macro(_))) {
        return Vec::new();
    }
    let mut begin = file.attrs.iter().map(|attribute| attribute.span().end().line).max().unwrap_or(0);
    let mut ranges = Vec::new();
    for item in movable {
        let span = item.span();
        if span.start().line <= begin {
            // It shares a line with what stands before it.
            return Vec::new();
        }
        if lines[begin..span.start().line - 1].iter().any(|line| line.contains("*/")) {
            // A comment that begins behind an item.
            return Vec::new();
        }
        // What stands between two items, a comment, goes with the second.
        ranges.push(begin..span.end().line);
        begin = span.end().line;
    }
    ranges
}

fn kinds(lines: &[&str]) -> Vec<Option<PerVariable>> {
    let mut in_parameters = false;
    let kind = |line: &&str| {
        if in_parameters {
            in_parameters = !line.starts_with(") ->");
            return in_parameters.then_some(PerVariable::Parameter);
        }
        // The variables are the parameters of this function, which is checked and never called.
        in_parameters = line.trim_end() == "async fn evcxr_analysis_wrapper(";
        call(line)
    };
    lines.iter().map(kind).collect()
}

fn call(line: &str) -> Option<PerVariable> {
    use PerVariable::{Check, Put, Take, Use};
    if !line.trim_end().ends_with(");") {
        // A type over several lines.
        return None;
    }
    if line.starts_with("let ") {
        return line.contains(" = evcxr_variable_store.take_variable::<").then_some(Take);
    }
    let begins = [
        ("evcxr_variable_store(", Use),
        ("evcxr_variable_store.put_variable::<", Put),
        ("vars_ok &= evcxr_variable_store.check_variable::<", Check),
    ];
    begins.into_iter().find(|(begin, _)| line.starts_with(begin)).map(|(_, kind)| kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Canonical {
        /// The text without what was inserted into it.
        fn without_checks(&self) -> String {
            checks::without(&self.text)
        }
    }

    fn with_store() -> SourceContext {
        SourceContext { store: Some("cltv::store".to_owned()), ..SourceContext::default() }
    }

    fn source(variables: [&str; 2]) -> String {
        let each = |line: &str| variables.map(|name| line.replace('*', name)).concat();
        [
            "async fn evcxr_analysis_wrapper(\n",
            &each("*: u8,\n"),
            ") -> Result<(), E> {\n",
            "let z = 1;\nlet y = 2;\n",
            &each("let mut * = evcxr_variable_store.take_variable::<u8>(stringify!(*));\n"),
            &each("evcxr_variable_store(*);\n"),
            "}",
        ]
        .concat()
    }

    #[test]
    fn the_order_of_variables_does_not_matter() {
        let (one, other) = (
            Canonical::of(&source(["a", "b"]), &SourceContext::default()),
            Canonical::of(&source(["b", "a"]), &SourceContext::default()),
        );
        assert_eq!(one.text, other.text);
        assert_eq!(one.text, source(["a", "b"]));
        assert_ne!(one.lines, other.lines);
    }

    #[test]
    fn a_variable_that_is_not_mentioned_is_left_where_it_is() {
        let carried = |name: &str| {
            let take =
                format!("let mut {name} = evcxr_variable_store.take_variable::<u8>(stringify!({name}));\n");
            let check =
                format!("vars_ok &= evcxr_variable_store.check_variable::<u8>(stringify!({name}));\n");
            let put = format!("evcxr_variable_store.put_variable::<u8>(stringify!({name}), {name});\n");
            [check, take, put]
        };
        let source = |number: usize, names: &[&str]| {
            let lines = |i: usize| names.iter().map(|name| carried(name)[i].clone()).collect::<String>();
            let begin = format!("use x;\n{STATEMENTS_BEGIN}{number}(\nstore) {{\n");
            format!("{begin}{}{}println!(\"{{a}} {{}}\", r#type);\n{}}}\n", lines(0), lines(1), lines(2))
        };
        let ordered = Canonical::of(&source(12, &["r#type", "b", "a", "x"]), &SourceContext::default());
        assert_eq!(ordered.text, source(0, &["a", "r#type"]));
        assert_eq!(ordered.lines, [0, 1, 2, 5, 3, 9, 7, 11, 14, 12, 16]);
        let in_place = Canonical::in_place(&source(12, &["b", "a"]), &SourceContext::default());
        assert_eq!(in_place.text.replace("\n\n", "\n"), source(0, &["a"]));
        assert_eq!(in_place.text.lines().count(), source(12, &["b", "a"]).lines().count());
    }

    #[test]
    fn what_evcxr_shows_text_with_mentions_no_variable() {
        let around = "fn evcxr_send_text_plain(text: &str)\n{\n    output.write_all(b\"EVCXR_BEGIN_CONTENT text/plain\\n\")?;\n    output.write_all(b\"\\nEVCXR_END_CONTENT\\n\")?; Ok(())\n}\n";
        let take = |name: &str| {
            format!("let {name} = evcxr_variable_store.take_variable::<u8>(stringify!({name}));\n")
        };
        let with = |names: &[&str]| {
            let taken: String = names.iter().map(|name| take(name)).collect();
            format!("{STATEMENTS_BEGIN}0(\nstore) {{\n{taken}{around}show(c);\n}}\n")
        };
        let source = with(&["b", "c", "text"]);
        // Nothing calls it here, so that it is left out.
        let expected = with(&["c"]).replace(around, "");
        assert_eq!(Canonical::of(&source, &SourceContext::default()).text, expected);
        let called = source.replace("show(c)", "evcxr_send_text_plain(c)");
        assert!(Canonical::of(&called, &SourceContext::default()).text.contains(around));
    }

    #[test]
    fn the_helpers_store_takes_the_place_of_evcxrs() {
        let source = "fn a() {}\nmod evcxr_internal_runtime {\npub struct S;\n}\nuse x;\n";
        let expected = "fn a() {}\nuse ::cltv::store as evcxr_internal_runtime;\nuse x;\n";
        let ordered = Canonical::of(source, &with_store());
        assert_eq!((ordered.without_checks().as_str(), ordered.lines), (expected, vec![0, 1, 4]));
        assert_eq!(
            Canonical::in_place(source, &with_store()).without_checks(),
            expected.replace("runtime;\n", "runtime;\n\n\n")
        );
        let own = Canonical::of(source, &SourceContext::default()).text;
        assert!(own.lines().count() == 3 && own.contains("pub struct VariableStore"), "{own}");
    }

    #[test]
    fn a_redefined_variable_is_not_taken_from_the_store() {
        let source = format!(
            "{STATEMENTS_BEGIN}0(\nvars_ok &= evcxr_variable_store.check_variable::<u8>(stringify!(a));\nlet a = evcxr_variable_store.take_variable::<u8>(stringify!(a));\nlet a = f();\nevcxr_variable_store.put_variable::<u8>(stringify!(a), a);\n}}\n"
        );
        let redefined: BTreeSet<String> = ["a".to_owned()].into();
        let with = |store: Option<&str>| {
            let redefined = redefined.clone();
            let context =
                SourceContext { store: store.map(str::to_owned), redefined, ..SourceContext::default() };
            Canonical::of(&format!("mod {STORE} {{\n}}\n{source}"), &context).text
        };
        for text in [with(Some("x")), with(None)] {
            let aside =
                "\nevcxr_variable_store.set_aside(stringify!(a));\nlet a = f();\nevcxr_variable_store.put";
            assert!(text.contains(aside), "{text}");
            assert!(!text.contains("vars_ok &="), "{text}");
        }
    }

    #[test]
    fn an_old_value_is_put_back_and_what_is_cheap_to_copy_is_lent() {
        let take = |name: &str, written: &str| {
            format!("let {name} = evcxr_variable_store.take_variable::<{written}>(stringify!({name}));\n")
        };
        let put = |name: &str, written: &str| {
            format!("evcxr_variable_store.put_variable::<{written}>(stringify!({name}), {name});\n")
        };
        let pointer = "polars_core::frame::DataFrame";
        let source = format!(
            "mod {STORE} {{\n}}\n{STATEMENTS_BEGIN}0(\n{}{}let a = f(a, b);\n{}{CELL_HAS_ENDED}\n{}{GIVE_STORE}\n}}\n",
            take("a", "u8"),
            take("b", pointer),
            put("a", "u16"),
            put("b", pointer)
        );
        let text = Canonical::of(&source, &with_store()).text;
        let end = "evcxr_variable_store.put_back::<u8>(stringify!(a), a); evcxr_variable_store.settle(); evcxr_variable_store\n";
        assert!(text.contains(end), "{text}");
        assert!(text.contains(".lend_variable::<polars_core::frame::DataFrame>(stringify!(b))"), "{text}");
        assert!(!text.contains(&put("b", pointer)) && text.contains(&put("a", "u16")), "{text}");
        let used_up = ["a".to_owned()].into();
        let text = Canonical::of(&source, &SourceContext { used_up, ..with_store() }).text;
        assert!(!text.contains("put_back") && text.contains("settle"), "{text}");
    }

    #[test]
    fn a_type_over_several_lines_stays_whole() {
        let put = |name: &str, written: &str| {
            format!("evcxr_variable_store.put_variable::<{written}>(stringify!({name}), {name});\n")
        };
        let source = format!("{}{}{}", put("z", "u8"), put("b", "Map<\n    u8,\n>"), put("a", "u8"));
        assert_eq!(Canonical::of(&source, &SourceContext::default()).text, source);
    }

    #[test]
    fn definitions_are_passed_to_the_store() {
        let cell = format!("mod {STORE} {{\n}}\nstruct S;\nfn f() {{\n{STORE_IS_THERE}\n}}\n");
        assert!(Canonical::of(&cell, &with_store()).text.contains("), (\"S\", 0x"));
        assert!(Canonical::of(&cell, &SourceContext::default()).text.contains("), (\"S\", 0x"));
    }

    #[test]
    fn the_order_of_items_does_not_matter() {
        let items = ["// Twice.\nfn b() {\n}\n", "#[derive(Debug)]\nstruct A;\n", "use std::fs;\n"];
        let source = |order: [usize; 3]| {
            let items = order.map(|i| items[i]).concat();
            format!(
                "#![allow(dead_code)]\n{items}#[unsafe(no_mangle)]\npub extern \"C\" fn run_user_code_0() {{\nx();\n}}\n"
            )
        };
        let ordered = Canonical::of(&source([0, 1, 2]), &with_store());
        let marks = "use ::cltv::store::marks as cltv_marks; use cltv_marks::Shown as _; ";
        let marks = format!("{marks}{}#[unsafe", marked::CONTROL);
        assert_eq!(ordered.without_checks(), source([1, 0, 2]).replace("#[unsafe", &marks));
        assert_eq!(ordered.lines, [0, 4, 5, 1, 2, 3, 6, 7, 8, 9, 10]);
        assert_eq!(Canonical::of(&source([2, 1, 0]), &with_store()).text, ordered.text);
        for kept in [
            "b!();\nfn a() {}\n",
            "struct B {} /* one\n two */\nfn a() {}\n",
            "struct B; struct A;\n",
            "fn a( {}\n",
        ] {
            assert_eq!(Canonical::of(kept, &SourceContext::default()).text, kept);
        }
    }

    #[test]
    fn what_a_cell_says_keeps_its_order() {
        let cell = "b();\na();\nlet y = 1;\nlet x = 2;\n// z\n// a\n";
        assert_eq!(Canonical::of(cell, &SourceContext::default()).text, cell);
    }

    #[test]
    fn a_message_names_the_line_that_evcxr_wrote() {
        let ordered = Canonical::of(&source(["b", "a"]), &SourceContext::default());
        let mut message = serde_json::json!({"spans": [{"line_start": 2, "line_end": 2, "expansion": {
            "span": {"line_start": 3, "line_end": 4}}}], "children": [{"spans": [{"line_start": 99}]}]});
        ordered.restore(&mut message);
        let expected = serde_json::json!({"spans": [{"line_start": 3, "line_end": 3, "expansion": {
            "span": {"line_start": 2, "line_end": 4}}}], "children": [{"spans": [{"line_start": 99}]}]});
        assert_eq!(message, expected);
    }
}
