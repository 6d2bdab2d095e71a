//! The definitions of a notebook's own types, as numbers that the store of variables compares.

use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use syn::spanned::Spanned;
use syn::{ImplItem, Item, ItemMod, UseTree, Variant};

/// evcxr's module that keeps variables.
pub(crate) const STORE: &str = "evcxr_internal_runtime";

/// What a source defines that types can be made of, each with a number for its definition and for all
/// definitions that it uses. A redefined struct with the same field names has the same type identity; an
/// old variable would be reinterpreted with the new layout.
pub(crate) fn definitions(source: &str, file: &syn::File) -> BTreeMap<String, u64> {
    let mut all = Definitions { source, by_name: BTreeMap::new() };
    file.items.iter().for_each(|item| all.add_item(item));
    let all = all.by_name;
    let number = |name: &String| {
        let mut part_of = BTreeSet::from([name]);
        let mut open = vec![name];
        while let Some(name) = open.pop() {
            let parts = all[name].parts.iter().filter_map(|part| all.get_key_value(part));
            open.extend(parts.map(|(name, _)| name).filter(|name| part_of.insert(name)));
        }
        let mut hash = Sha256::new();
        for text in part_of.into_iter().flat_map(|name| &all[name].texts) {
            hash.update((text.len() as u64).to_le_bytes());
            hash.update(text);
        }
        u64::from_le_bytes(hash.finalize()[..8].try_into().unwrap_or_default())
    };
    let named = all.keys().filter(|name| !name.starts_with(ASSOCIATED));
    named.map(|name| (name.clone(), number(name))).collect()
}

/// What the names of associated constants and types begin with here: they are no names of their own.
const ASSOCIATED: &str = "::";

struct Definitions<'a> {
    source: &'a str,
    by_name: BTreeMap<String, Definition>,
}

/// A definition, or several of one name in whatever order.
#[derive(Default)]
struct Definition {
    /// Without spaces, comments, derives and other attributes but `repr`.
    texts: BTreeSet<String>,
    /// Names that it is made of.
    parts: BTreeSet<String>,
}

impl Definitions<'_> {
    fn add_item(&mut self, item: &Item) {
        let whole = item.span();
        match item {
            Item::Struct(item) if item.ident != "EvcxrUserCodeError" => {
                self.add(&item.ident, whole, item.fields.iter().map(|field| field.ty.span()));
            }
            Item::Enum(item) => {
                let of_variant = |variant: &Variant| {
                    let value = variant.discriminant.as_ref().map(|(_, value)| value.span());
                    variant.fields.iter().map(|field| field.ty.span()).chain(value).collect::<Vec<_>>()
                };
                self.add(&item.ident, whole, item.variants.iter().flat_map(of_variant));
            }
            Item::Union(item) => {
                self.add(&item.ident, whole, item.fields.named.iter().map(|field| field.ty.span()));
            }
            Item::Type(item) => self.add(&item.ident, whole, [item.ty.span()]),
            Item::Trait(item) => self.add(&item.ident, whole, [whole]),
            Item::Const(item) => self.add(&item.ident, whole, [whole]),
            // The length of an array may be a call, and a type a macro's.
            Item::Fn(item) if item.sig.constness.is_some() => self.add(&item.sig.ident, whole, [whole]),
            Item::Macro(item) => item.ident.iter().for_each(|name| self.add(name, whole, [whole])),
            Item::Impl(item) => item.items.iter().for_each(|part| match part {
                ImplItem::Const(part) => self.add_associated(&part.ident, part.span()),
                ImplItem::Type(part) => self.add_associated(&part.ident, part.span()),
                _ => {}
            }),
            // An import decides what a name in a type means.
            Item::Use(item) => {
                let mut names = Vec::new();
                imported(&item.tree, &mut names);
                names.into_iter().for_each(|name| self.add(name, whole, [item.tree.span()]));
            }
            Item::Mod(item) if item.ident != STORE => self.add_module(item),
            _ => {}
        }
    }

    /// A module is all that it defines; what its functions do is no part of a type.
    fn add_module(&mut self, module: &ItemMod) {
        let mut inner = Definitions { source: self.source, by_name: BTreeMap::new() };
        module.content.iter().flat_map(|(_, items)| items).for_each(|item| inner.add_item(item));
        let own = self.by_name.entry(name_of(&module.ident)).or_default();
        for (name, definition) in inner.by_name {
            own.texts.extend(definition.texts.into_iter().map(|text| format!("{name}: {text}")));
            own.parts.extend(definition.parts);
        }
    }

    fn add(&mut self, name: &Ident, whole: Span, parts: impl IntoIterator<Item = Span>) {
        self.put(name_of(name), whole, parts);
    }

    fn add_associated(&mut self, name: &Ident, whole: Span) {
        self.put(format!("{ASSOCIATED}{}", name_of(name)), whole, [whole]);
    }

    fn put(&mut self, name: String, whole: Span, parts: impl IntoIterator<Item = Span>) {
        let text = without_attributes(self.tokens(whole)).to_string();
        let mut named = BTreeSet::new();
        parts.into_iter().for_each(|part| first_names(without_attributes(self.tokens(part)), &mut named));
        let definition = self.by_name.entry(name).or_default();
        definition.texts.insert(text);
        definition.parts.append(&mut named);
    }

    fn tokens(&self, span: Span) -> TokenStream {
        self.source.get(span.byte_range()).and_then(|text| text.parse().ok()).unwrap_or_default()
    }
}

fn name_of(name: &Ident) -> String {
    let name = name.to_string();
    name.strip_prefix("r#").unwrap_or(&name).to_owned()
}

/// Documentation and derives are no part of what a type is made of; how it lies in memory is.
fn without_attributes(tokens: TokenStream) -> TokenStream {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut kept = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let attribute = match (token, tokens.get(at + 1)) {
            (TokenTree::Punct(sign), Some(TokenTree::Group(group))) if sign.as_char() == '#' => Some(group),
            _ => None,
        };
        match (token, attribute) {
            (_, Some(group)) if !group.stream().to_string().starts_with("repr") => at += 1,
            (TokenTree::Group(group), _) => {
                let inner = without_attributes(group.stream());
                kept.push(TokenTree::Group(Group::new(group.delimiter(), inner)));
            }
            _ => kept.push(token.clone()),
        }
        at += 1;
    }
    kept.into_iter().collect()
}

/// The names that paths begin with, and behind `::` those that may be associated with something.
pub(crate) fn first_names(tokens: TokenStream, names: &mut BTreeSet<String>) {
    let mut colons = 0;
    for token in tokens {
        match &token {
            TokenTree::Punct(sign) if sign.as_char() == ':' => {
                colons += 1;
                continue;
            }
            TokenTree::Ident(name) if colons == 2 => {
                names.insert(format!("{ASSOCIATED}{}", name_of(name)));
            }
            TokenTree::Ident(name) => {
                names.insert(name_of(name));
            }
            TokenTree::Group(group) => first_names(group.stream(), names),
            _ => {}
        }
        colons = 0;
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

    /// The numbers of two sources' definitions of `S`.
    fn numbers(sources: [&str; 2]) -> [u64; 2] {
        sources.map(|source| definitions(source, &syn::parse_file(source).unwrap())["S"])
    }

    #[test]
    fn what_says_nothing_of_a_type_leaves_its_number() {
        let same = [
            ["enum S { Free, Paid(u8) }", "enum S { Free, Paid(u8) } use S::{Free, Paid};"],
            [
                "struct S(std::collections::HashMap<u8, u8>);",
                "struct S(std::collections::HashMap<u8, u8>); use std::collections::HashMap;",
            ],
            [
                "struct S { a: u8 }",
                "struct S { /** Eight. */ a: u8 } impl I for T { type S = u8; } fn S2() {}",
            ],
            ["struct S { stats: u8 }", "struct S { stats: u8 } struct stats;"],
            ["mod S { pub struct A; fn f() {} }", "mod S { pub struct A; fn f() { g() } }"],
            [
                "impl A for X { type O = u8; } impl A for Y { type O = i8; } struct S<T: A>(T::O);",
                "impl A for Y { type O = i8; } impl A for X { type O = u8; } struct S<T: A>(T::O);",
            ],
        ];
        for pair in same {
            let [one, other] = numbers(pair);
            assert_eq!(one, other, "{pair:?}");
        }
        let other = [
            ["mod S { pub struct A(u8); }", "mod S { pub struct A(u16); }"],
            [
                "impl X { const N: usize = 1; } struct S([u8; X::N]);",
                "impl X { const N: usize = 2; } struct S([u8; X::N]);",
            ],
            [
                "mod m { pub struct A(u8); } struct S(Vec<m::A>);",
                "mod m { pub struct A(u16); } struct S(Vec<m::A>);",
            ],
            ["struct S { a: u8, b: u8 }", "struct S { b: u8, a: u8 }"],
        ];
        for pair in other {
            let [one, other] = numbers(pair);
            assert_ne!(one, other, "{pair:?}");
        }
    }
}
