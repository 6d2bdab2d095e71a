//! Infers the types of a cell's variables from the compiler's warnings while it compiles the cell.
//!
//! evcxr writes a line into a cell's source for each variable that is to outlive it, with the
//! variable's type. Where that is a stand-in ([`crate::stand_ins`]), `_` is compiled in its place, and a
//! drop of a reference to the variable beside it: rustc warns of that, and names the type.

use super::canonical_source::{NAMES, at_variable};
use crate::cell_text::words;
use crate::stand_ins::{Known, STAND_IN, replace_stand_ins};
use serde_json::Value;
use std::collections::BTreeMap;

/// The lint whose warning names a type.
pub(crate) const LINT: &str = "dropping_references";

/// What evcxr's lines for variables that are to be stored begin with.
const STORE: &str = "evcxr_variable_store.put_variable::<";
/// The type in such a line where the compiler is to infer it.
const INFERRED: &str = "_";

/// A source that can be compiled, and the variables whose types the compiler is to infer.
#[derive(Debug, PartialEq)]
pub(crate) struct Inference {
    pub(crate) text: String,
    /// The stand-ins of the variables.
    stand_ins: BTreeMap<String, String>,
}

impl Inference {
    /// evcxr's source with the types that are known in the place of their stand-ins.
    pub(crate) fn of(source: &str, known: &Known) -> Inference {
        let mut stand_ins = BTreeMap::new();
        let lines = source.split_inclusive('\n').map(|line| match stored(line) {
            Some((stand_in, variable)) if is_open(stand_in, known) => {
                stand_ins.insert(variable.to_owned(), stand_in.to_owned());
                format!(
                    "{STORE}{INFERRED}{NAMES}{variable}), {{ ::std::mem::drop(&{variable}); {variable} }});\n"
                )
            }
            _ => replace_stand_ins(line, |name| known.get(name).map_or(INFERRED, String::as_str).to_owned()),
        });
        let text = lines.collect();
        Inference { text, stand_ins }
    }

    pub(crate) fn is_needed(&self) -> bool {
        !self.stand_ins.is_empty()
    }

    /// The variables whose types are to be inferred.
    pub(crate) fn variables(&self) -> impl Iterator<Item = &String> {
        self.stand_ins.keys()
    }

    /// The types that were found, by the stand-ins of their variables.
    pub(crate) fn known(&self, types: &Types) -> Known {
        let pair =
            |(variable, stand_in): (&String, &String)| Some((stand_in.clone(), types.get(variable)?.clone()));
        self.stand_ins.iter().filter_map(pair).collect()
    }
}

/// Types by the names of their variables.
pub(crate) type Types = BTreeMap<String, String>;

/// A variable and its type in a message of the compiler's about the text, if it answers the inference.
pub(crate) fn inferred(message: &Value, text: &str) -> Option<(String, String)> {
    if message["code"]["code"] != LINT {
        return None;
    }
    let spans = message["spans"].as_array()?;
    spans.iter().find_map(|span| {
        let found = span["label"].as_str()?.strip_prefix("argument has type `&")?.strip_suffix('`')?;
        let line = usize::try_from(span["line_start"].as_u64()?).ok()?;
        let (written, variable) = stored(text.lines().nth(line.checked_sub(1)?)?)?;
        (written == INFERRED).then(|| (variable.to_owned(), with_lifetimes(found)))
    })
}

/// The text with the inferred types written down.
pub(crate) fn with_types(text: &str, types: &Types) -> String {
    let write = |line: &str| match stored(line) {
        Some((INFERRED, variable)) if types.contains_key(variable) => {
            line.replacen(&format!("{STORE}{INFERRED}"), &format!("{STORE}{}", types[variable]), 1)
        }
        _ => line.to_owned(),
    };
    text.split_inclusive('\n').map(write).collect()
}

/// Whether a line of a source is the one that stores a variable.
pub(crate) fn stores(line: &str, variable: &str) -> bool {
    stored(line).is_some_and(|(_, name)| name == variable)
}

/// Whether a line of a source is one that stores a variable.
pub(crate) fn stores_any(line: &str) -> bool {
    stored(line).is_some()
}

/// Whether a type can be written at all: closures, functions and what `impl Trait` hides have no name.
pub(crate) fn has_name(found: &str) -> bool {
    !found.contains(['{', '@']) && words(found).all(|word| word != "impl")
}

/// The type and the variable of one of evcxr's lines that store variables.
fn stored(line: &str) -> Option<(&str, &str)> {
    at_variable(line.strip_prefix(STORE)?)
}

fn is_open(written: &str, known: &Known) -> bool {
    written.starts_with(STAND_IN) && !known.contains_key(written)
}

/// A type with the `'static` lifetimes, and the brackets around several traits, that the compiler leaves out.
fn with_lifetimes(found: &str) -> String {
    let mut pieces = found.split('&');
    let mut text = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        text.push_str(if piece.starts_with('\'') || piece.is_empty() { "&" } else { "&'static " });
        text.push_str(piece);
    }
    with_brackets(&text.replace("'_", "'static"))
}

/// Brackets around several traits behind a reference or a pointer.
fn with_brackets(found: &str) -> String {
    const DYN: &str = "dyn ";
    let mut text = String::new();
    let mut rest = found;
    while let Some(at) = rest.find(DYN) {
        let (before, traits) = rest.split_at(at);
        text.push_str(before);
        let last = before.trim_end().rsplit([' ', '&', '*']).next().unwrap_or_default();
        let is_behind = before.ends_with(' ') && (matches!(last, "mut" | "const") || last.starts_with('\''));
        let several = &traits[..end_of_bounds(traits)];
        match is_behind && several.contains(" + ") {
            true => {
                text.push_str(&format!("({several})"));
                rest = &traits[several.len()..];
            }
            false => {
                text.push_str(DYN);
                rest = &traits[DYN.len()..];
            }
        }
    }
    text + rest
}

/// Where a list of traits ends: at the bracket or comma that follows it.
fn end_of_bounds(text: &str) -> usize {
    let mut open = 0;
    let ends = |(at, c): (usize, char)| {
        match c {
            '<' | '(' | '[' => open += 1,
            // An arrow is no bracket.
            '>' if text[..at].ends_with('-') => {}
            '>' | ')' | ']' | ',' | ';' if open == 0 => return Some(at),
            '>' | ')' | ']' => open -= 1,
            _ => {}
        }
        None
    };
    text.char_indices().find_map(ends).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = "let a: CltvTypeOf1 = f();\nlet (b, c) = g(); let b: CltvTypeOf2 = b;\nevcxr_variable_store.put_variable::<CltvTypeOf1>(stringify!(a), a);\nevcxr_variable_store.put_variable::<CltvTypeOf2>(stringify!(b), b);\nevcxr_variable_store.put_variable::<u8>(stringify!(c), c);\n";

    fn types(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, found)| ((*name).to_owned(), (*found).to_owned())).collect()
    }

    #[test]
    fn unknown_types_are_inferred() {
        let inference = Inference::of(SOURCE, &types(&[("CltvTypeOf1", "Vec<u8>")]));
        assert_eq!(
            inference.text,
            "let a: Vec<u8> = f();\nlet (b, c) = g(); let b: _ = b;\nevcxr_variable_store.put_variable::<Vec<u8>>(stringify!(a), a);\nevcxr_variable_store.put_variable::<_>(stringify!(b), { ::std::mem::drop(&b); b });\nevcxr_variable_store.put_variable::<u8>(stringify!(c), c);\n"
        );
        assert_eq!(inference.variables().collect::<Vec<_>>(), ["b"]);
        assert_eq!(inference.known(&types(&[("b", "char"), ("c", "u8")])), types(&[("CltvTypeOf2", "char")]));
        assert!(!Inference::of("let a = 1;\n", &Known::new()).is_needed());
        let typed = with_types(&inference.text, &types(&[("b", "char"), ("c", "i8")]));
        assert!(
            typed.contains("put_variable::<char>(stringify!(b)") && typed.contains("::<u8>(stringify!(c)"),
            "{typed}"
        );
    }

    #[test]
    fn the_answer_is_read() {
        let text = Inference::of(SOURCE, &Known::new()).text;
        let warning = |line: u64, label: &str| serde_json::json!({"code": {"code": LINT}, "spans": [{"line_start": line, "label": null}, {"line_start": line, "label": label}]});
        let found = |line, label| inferred(&warning(line, label), &text);
        assert_eq!(
            found(3, "argument has type `&std::vec::Vec<(&str, &'static u8)>`"),
            Some(("a".to_owned(), "std::vec::Vec<(&'static str, &'static u8)>".to_owned()))
        );
        assert_eq!(
            found(3, "argument has type `&std::vec::Vec<&dyn A<u8> + Send>`").unwrap().1,
            "std::vec::Vec<&'static (dyn A<u8> + Send)>"
        );
        assert_eq!(
            found(3, "argument has type `&(&dyn Fn(u8) -> u8, Chars<'_>)`").unwrap().1,
            "(&'static dyn Fn(u8) -> u8, Chars<'static>)"
        );
        assert_eq!(
            found(3, "argument has type `&(&mut dyn A + Send, *const dyn B + 'static, Box<dyn A + Send>)`")
                .unwrap()
                .1,
            "(&'static mut (dyn A + Send), *const (dyn B + 'static), Box<dyn A + Send>)"
        );
        assert_eq!(found(3, "argument has type `&&&str`").unwrap().1, "&&'static str");
        // A cell may drop a reference of its own.
        assert_eq!(found(1, "argument has type `&u8`"), None);
        assert_eq!(found(5, "argument has type `&u8`"), None);
        assert_eq!(inferred(&serde_json::json!({"code": null, "spans": []}), &text), None);
    }

    #[test]
    fn what_has_no_name_is_known() {
        assert!(has_name("std::vec::Vec<implied::Type>"));
        for found in ["{closure@target/lib.rs:1:1: 1:3}", "std::vec::Vec<impl Fn()>", "fn() {f}"] {
            assert!(!has_name(found), "{found}");
        }
    }
}
