//! From a type as the compiler names it to the members of its values.

use super::index::{Entry, Index, last};
use std::collections::BTreeSet;

/// How often a type may stand for another.
const MOST_STEPS: usize = 6;

/// The members of a type's values: those of the type and of what it stands for, and then those of traits;
/// `is_in_scope` says of which.
pub(super) fn members<'a>(
    index: &'a Index,
    written: &str,
    is_in_scope: &dyn Fn(&str) -> bool,
) -> Vec<&'a Entry> {
    let steps = steps(index, written);
    let traits: BTreeSet<String> = steps.iter().flat_map(|path| index.traits_of(path)).collect();
    let own = steps.iter().flat_map(|path| sorted(index.members(path)));
    let of_traits = traits.iter().filter(|name| is_in_scope(name)).flat_map(|name| index.members(name));
    let mut names = BTreeSet::new();
    let all = own.chain(sorted(of_traits.collect()));
    all.filter(|entry| entry.is_of_value() && names.insert(entry.name())).collect()
}

/// By their names, a method before the field of the same name.
fn sorted(mut entries: Vec<&Entry>) -> Vec<&Entry> {
    entries.sort_by_key(|entry| (entry.name(), entry.kind == "field"));
    entries
}

/// The types of the index that a method is looked for in, one behind the other.
pub(super) fn steps(index: &Index, written: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut next = Some(written.to_owned());
    while let Some(written) = next.take().filter(|_| found.len() < MOST_STEPS) {
        let written = without_references(&written);
        let Some(path) = path_of(index, written) else { break };
        let target = match (path.as_str(), index.target(&path)) {
            ("[T; N]", _) => Some("[T]"),
            // These stand for what is between their brackets.
            (_, Some("T" | "B")) => first_argument(written),
            (_, target) => target,
        };
        next = target.map(str::to_owned);
        if found.contains(&path) {
            break;
        }
        found.push(path);
    }
    found
}

/// A type without what says that it is borrowed.
fn without_references(written: &str) -> &str {
    let mut rest = written.trim();
    loop {
        let begun = rest;
        rest = rest.trim_start_matches('&').trim_start();
        rest = if rest.starts_with("(dyn ") { &rest[1..] } else { rest };
        if rest.starts_with('\'') {
            rest = rest.split_once(' ').map_or("", |(_, rest)| rest);
        }
        rest = rest.strip_prefix("mut ").unwrap_or(rest);
        if rest == begun {
            return rest;
        }
    }
}

/// The path in the index of what a type's outermost name is.
fn path_of(index: &Index, written: &str) -> Option<String> {
    let is_written_as = |names: &[&str]| names.contains(&written);
    if let Some(inner) = written.strip_prefix('[') {
        return Some(if has_length(inner) { "[T; N]" } else { "[T]" }.to_owned());
    }
    if is_written_as(&["f32", "f64", "{float}"]) {
        return Some("f64".to_owned());
    }
    if is_written_as(&["i8", "i16", "i32", "i64", "i128", "isize", "{integer}"]) {
        return Some("i64".to_owned());
    }
    if is_written_as(&["u8", "u16", "u32", "u64", "u128", "usize"]) {
        return Some("u64".to_owned());
    }
    let name = written.strip_prefix("dyn ").or(written.strip_prefix("impl ")).unwrap_or(written);
    let end = name.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':')).unwrap_or(name.len());
    index.type_named(&name[..end])
}

/// Whether a list's type says, behind its element, how many there are.
fn has_length(inner: &str) -> bool {
    let mut open = 0;
    inner.chars().any(|c| {
        match c {
            '[' | '(' | '<' => open += 1,
            ']' | ')' | '>' => open -= 1,
            _ => {}
        }
        c == ';' && open == 0
    })
}

/// The first type between a type's brackets.
fn first_argument(written: &str) -> Option<&str> {
    let inner = written.split_once('<')?.1;
    let mut open = 0;
    let end = inner.char_indices().find(|(at, c)| {
        match c {
            '<' | '(' | '[' => open += 1,
            '>' if inner[..*at].ends_with('-') => {}
            '>' | ',' if open == 0 => return true,
            '>' | ')' | ']' => open -= 1,
            _ => {}
        }
        false
    })?;
    let first = &inner[..end.0];
    if !first.starts_with('\'') {
        return Some(first);
    }
    // A lifetime stands before the types.
    inner[end.0..].strip_prefix(", ").map(|rest| rest.trim_end_matches('>'))
}

/// The name of a type for people: without the modules.
pub(super) fn shortened(written: &str) -> String {
    let is_path = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    let mut out = String::new();
    let mut rest = written;
    while let Some(begin) = rest.find(is_path) {
        let (before, path) = rest.split_at(begin);
        let end = path.find(|c| !is_path(c)).unwrap_or(path.len());
        out.push_str(before);
        out.push_str(last(&path[..end]));
        rest = &path[end..];
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index() -> Index {
        Index::new(["m::Series\tderef\tdyn SeriesTrait\nm::Series\tstruct\tpub struct Series\nm::SeriesTrait\ttrait\tpub trait SeriesTrait\nm::SeriesTrait::len\tmethod\tfn len(&self)\nm::Series\timpl\tm::Agg\nm::Agg::sum\tmethod\tfn sum(&self)\n"].into_iter())
    }

    #[test]
    fn a_type_stands_for_others() {
        let index = index();
        let steps = |written: &str| steps(&index, written);
        assert_eq!(steps("std::vec::Vec<(u8, &str)>"), ["std::vec::Vec", "[T]"]);
        assert_eq!(
            steps("&'static mut std::boxed::Box<std::string::String>"),
            ["std::boxed::Box", "std::string::String", "str"]
        );
        assert_eq!(steps("&[&str; 2]"), ["[T; N]", "[T]"]);
        assert_eq!(steps("[std::vec::Vec<[u8; 2]>]"), ["[T]"]);
        assert_eq!(steps("{integer}"), ["i64"]);
        assert_eq!(steps("&'static (dyn m::SeriesTrait + Send)"), ["m::SeriesTrait"]);
        assert_eq!(steps("cltv::m::Series"), ["m::Series", "m::SeriesTrait"]);
        assert!(steps("(u8, u8)").is_empty());
    }

    #[test]
    fn members_come_from_the_type_and_from_traits_in_scope() {
        let index = index();
        let names = |written: &str, scope: &dyn Fn(&str) -> bool| -> Vec<String> {
            members(&index, written, scope).iter().map(|entry| entry.name().to_owned()).collect()
        };
        assert_eq!(names("m::Series", &|name| name == "m::Agg"), ["len", "sum"]);
        assert_eq!(names("m::Series", &|_| false), ["len"]);
        let found = names("std::slice::Iter<'_, i32>", &|name| name.starts_with("std::"));
        assert!(found.contains(&"map".to_owned()) && found.contains(&"rev".to_owned()), "{found:?}");
    }

    #[test]
    fn types_are_shown_without_modules() {
        assert_eq!(shortened("std::vec::Vec<(f64, &'static a::B)>"), "Vec<(f64, &'static B)>");
    }
}
