//! What a notebook's own types are made of, as numbers that the store of variables compares.

use crate::order::STORE;
use crate::types::words;
use proc_macro2::{Ident, Span, TokenStream};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use syn::spanned::Spanned;
use syn::{Attribute, ImplItem, Item, UseTree};

/// What a source defines that types can be made of, each with a number for its definition and all that
/// this is made of. To Rust a type with other fields of the same names is the same type, and a variable
/// of before must not be taken for one of it.
pub(crate) fn definitions(source: &str, file: &syn::File) -> BTreeMap<String, u64> {
    let mut texts = Texts { source, by_name: BTreeMap::new() };
    file.items.iter().for_each(|item| texts.add_item(item));
    let texts = texts.by_name;
    let number = |name: &String| {
        let mut part_of = BTreeSet::from([name.as_str()]);
        let mut open = vec![name.as_str()];
        while let Some(name) = open.pop() {
            let named = words(&texts[name]).filter_map(|word| texts.get_key_value(word));
            open.extend(named.map(|(name, _)| name.as_str()).filter(|name| part_of.insert(name)));
        }
        let mut hash = Sha256::new();
        for name in part_of {
            hash.update(&texts[name]);
        }
        u64::from_le_bytes(hash.finalize()[..8].try_into().unwrap_or_default())
    };
    texts.keys().map(|name| (name.clone(), number(name))).collect()
}

/// The texts of definitions by their names, without spaces and comments.
struct Texts<'a> {
    source: &'a str,
    by_name: BTreeMap<String, String>,
}

impl Texts<'_> {
    fn add_item(&mut self, item: &Item) {
        match item {
            Item::Struct(item) if item.ident != "EvcxrUserCodeError" => {
                self.add(&item.ident, item.span(), &item.attrs);
            }
            Item::Enum(item) => self.add(&item.ident, item.span(), &item.attrs),
            Item::Union(item) => self.add(&item.ident, item.span(), &item.attrs),
            Item::Trait(item) => self.add(&item.ident, item.span(), &item.attrs),
            Item::Type(item) => self.add(&item.ident, item.span(), &item.attrs),
            Item::Const(item) => self.add(&item.ident, item.span(), &item.attrs),
            Item::Mod(item) if item.ident != STORE => self.add(&item.ident, item.span(), &item.attrs),
            // The length of an array may be a call, and a type a macro's.
            Item::Fn(item) if item.sig.constness.is_some() => {
                self.add(&item.sig.ident, item.span(), &item.attrs)
            }
            Item::Macro(item) => {
                item.ident.iter().for_each(|name| self.add(name, item.span(), &item.attrs));
            }
            Item::Impl(item) => item.items.iter().for_each(|part| match part {
                ImplItem::Const(part) => self.add(&part.ident, part.span(), &part.attrs),
                ImplItem::Type(part) => self.add(&part.ident, part.span(), &part.attrs),
                _ => {}
            }),
            // An import decides what a name in a type means.
            Item::Use(item) => {
                let text = self.text(item.span().byte_range());
                let mut names = Vec::new();
                imported(&item.tree, &mut names);
                names.into_iter().for_each(|name| self.put(name, &text));
            }
            _ => {}
        }
    }

    /// Derives and documentation are no part of what a type is made of.
    fn add(&mut self, name: &Ident, span: Span, attributes: &[Attribute]) {
        let begin = attributes.last().map_or(span.byte_range().start, |last| last.span().byte_range().end);
        let mut text = self.text(begin..span.byte_range().end);
        for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("repr")) {
            text += &self.text(attribute.span().byte_range());
        }
        self.put(name, &text);
    }

    fn put(&mut self, name: &Ident, text: &str) {
        let name = name.to_string();
        self.by_name.entry(name.strip_prefix("r#").unwrap_or(&name).to_owned()).or_default().push_str(text);
    }

    fn text(&self, bytes: Range<usize>) -> String {
        let text = self.source.get(bytes).unwrap_or_default();
        text.parse::<TokenStream>().map_or_else(|_| text.to_owned(), |tokens| tokens.to_string())
    }
}

/// The names that an import gives.
fn imported<'a>(tree: &'a UseTree, names: &mut Vec<&'a Ident>) {
    match tree {
        UseTree::Path(path) => imported(&path.tree, names),
        UseTree::Name(name) => names.push(&name.ident),
        UseTree::Rename(renamed) => names.push(&renamed.rename),
        UseTree::Group(group) => group.items.iter().for_each(|tree| imported(tree, names)),
        UseTree::Glob(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_definition_is_known_by_what_it_is_made_of() {
        let numbers = |source: &str| definitions(source, &syn::parse_file(source).unwrap());
        let of = |part: &str| {
            numbers(&format!(
                "struct Part {{ {part} }}\nenum Whole {{ A(Vec<Part>) }}\nstruct Else;\nfn f() {{}}\n"
            ))
        };
        let (one, same, other) = (of("a: u8"), of("a :u8 /* eight */"), of("a: u64"));
        assert_eq!(one.keys().collect::<Vec<_>>(), ["Else", "Part", "Whole"]);
        assert_eq!(one, same);
        assert_eq!(one["Else"], other["Else"]);
        assert!(one["Part"] != other["Part"] && one["Whole"] != other["Whole"]);
        // What a name means counts, what is derived does not.
        let with = |import: &str, attribute: &str| {
            numbers(&format!(
                "use {import};\nconst fn n() -> usize {{ 3 }}\n/// One.\n{attribute} struct S([Map; n()]);"
            ))["S"]
        };
        assert_eq!(with("a::Map", ""), with("a::Map", "#[derive(Debug)]"));
        assert_ne!(with("a::Map", ""), with("b::{Map, Other}", ""));
        assert_ne!(with("a::Map", ""), with("a::Map", "#[repr(C)]"));
        assert_eq!(numbers("struct r#type;").keys().collect::<Vec<_>>(), ["type"]);
    }
}
