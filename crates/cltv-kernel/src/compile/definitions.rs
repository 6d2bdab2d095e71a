//! The definitions of a notebook's own types, as numbers that the store of variables compares.
//!
//! A redefined type has the same identity as the old one, and an old variable would be read with the new
//! layout. So a number covers everything that a type's layout may depend on, and what cannot be proven
//! to be equal gives another number: the variable is then gone, and is made again.

mod names;
mod number;

pub(crate) use names::first_names;
use names::{ASSOCIATED, NO_CHANGE_OF_LAYOUT, imported, name_of, without_attributes};
use number::{EVERYWHERE, GLOBS, number, number_of_all};
use proc_macro2::{Ident, Span, TokenStream};
use std::collections::{BTreeMap, BTreeSet};
use std::time::SystemTime;
use syn::spanned::Spanned;
use syn::{Attribute, ImplItem, Item, ItemImpl, ItemMod, ItemTrait, TraitItem, Variant};

/// evcxr's module that keeps variables.
pub(crate) const STORE: &str = "evcxr_internal_runtime";
/// evcxr's function with the cell once more, which it checks and does not run.
pub(super) const ANALYSED: &str = "evcxr_analysis_wrapper";

/// evcxr's type for the error of a `?`.
const ERROR: &str = "EvcxrUserCodeError";

/// What a source defines that types can be made of, each with a number for its definition and for all
/// definitions that it uses. The empty name has one for the whole: of a type with no definition here, as
/// a macro makes them, nothing more is known.
pub(crate) fn definitions(source: &str, file: &syn::File) -> BTreeMap<String, u64> {
    let mut own = BTreeSet::new();
    type_names(&file.items, &mut own);
    let mut all = Definitions { source, own: &own, by_name: BTreeMap::new() };
    file.items.iter().for_each(|item| all.add_item(item));
    file.items.iter().for_each(|item| all.add_from_modules(item));
    let all = all.by_name;
    let named = all.keys().filter(|name| !name.starts_with(ASSOCIATED) && !number::is_special(name));
    let mut numbers: BTreeMap<String, u64> = named.map(|name| (name.clone(), number(&all, name))).collect();
    if !all.is_empty() {
        numbers.insert(String::new(), number_of_all(&all));
    }
    numbers
}

/// The names of all types, traits and modules, also of those in modules.
fn type_names(items: &[Item], names: &mut BTreeSet<String>) {
    for item in items {
        let name = match item {
            Item::Struct(item) => &item.ident,
            Item::Enum(item) => &item.ident,
            Item::Union(item) => &item.ident,
            Item::Type(item) => &item.ident,
            Item::Trait(item) => &item.ident,
            Item::Mod(item) => {
                let inner = item.content.iter().filter(|_| item.ident != STORE);
                inner.for_each(|(_, items)| type_names(items, names));
                &item.ident
            }
            _ => continue,
        };
        names.insert(name_of(name));
    }
}

struct Definitions<'a> {
    source: &'a str,
    /// The names of the source's own types.
    own: &'a BTreeSet<String>,
    by_name: BTreeMap<String, Definition>,
}

/// A definition, or several of one name in whatever order.
#[derive(Default)]
struct Definition {
    /// Without spaces, comments and attributes that change no layout.
    texts: BTreeSet<String>,
    /// Names that it is made of.
    parts: BTreeSet<String>,
}

impl Definitions<'_> {
    fn add_item(&mut self, item: &Item) {
        let whole = item.span();
        match item {
            Item::Struct(item) if item.ident == ERROR => {}
            Item::Struct(item) => {
                let fields = item.fields.iter().map(|field| field.ty.span());
                self.add_type(&item.ident, whole, &item.attrs, fields.chain([item.generics.span()]));
            }
            Item::Enum(item) => {
                let of_variant = |variant: &Variant| {
                    let value = variant.discriminant.as_ref().map(|(_, value)| value.span());
                    variant.fields.iter().map(|field| field.ty.span()).chain(value).collect::<Vec<_>>()
                };
                let variants = item.variants.iter().flat_map(of_variant);
                self.add_type(&item.ident, whole, &item.attrs, variants.chain([item.generics.span()]));
            }
            Item::Union(item) => {
                let fields = item.fields.named.iter().map(|field| field.ty.span());
                self.add_type(&item.ident, whole, &item.attrs, fields.chain([item.generics.span()]));
            }
            Item::Type(item) => self.add(&item.ident, whole, [whole]),
            Item::Trait(item) => {
                self.add(&item.ident, whole, [whole]);
                self.add_defaults(item);
            }
            Item::Const(item) => self.add(&item.ident, whole, [whole]),
            Item::Static(item) => self.add(&item.ident, whole, [whole]),
            // The length of an array may be a call. What another function does is no part of a type.
            Item::Fn(item) if item.sig.constness.is_some() => self.add(&item.sig.ident, whole, [whole]),
            Item::Fn(_) => {}
            Item::Impl(item) => self.add_impl(item),
            Item::Use(item) => {
                let (mut names, mut has_glob) = (Vec::new(), false);
                imported(&item.tree, &mut names, &mut has_glob);
                names.into_iter().for_each(|name| self.add(name, whole, [item.tree.span()]));
                if has_glob {
                    self.put(GLOBS.to_owned(), whole, [item.tree.span()]);
                }
            }
            Item::ExternCrate(item) => {
                let name = item.rename.as_ref().map_or(&item.ident, |(_, name)| name);
                self.add(name, whole, []);
            }
            Item::Mod(item) if item.ident != STORE => self.add_module(item),
            Item::Mod(_) => {}
            Item::Macro(item) => match &item.ident {
                Some(name) => self.add(name, whole, [whole]),
                // A call may define anything.
                None => self.put(EVERYWHERE.to_owned(), whole, [whole]),
            },
            _ => self.put(EVERYWHERE.to_owned(), whole, [whole]),
        }
    }

    /// A module is all that it defines; what its functions do is no part of a type.
    fn add_module(&mut self, module: &ItemMod) {
        let Some((_, items)) = &module.content else {
            // It is in a file, which may have changed.
            return self.extend(&name_of(&module.ident), [never_twice()], []);
        };
        let mut inner = Definitions { source: self.source, own: self.own, by_name: BTreeMap::new() };
        items.iter().for_each(|item| inner.add_item(item));
        let own = self.by_name.entry(name_of(&module.ident)).or_default();
        for (name, definition) in inner.by_name {
            own.texts.extend(definition.texts.into_iter().map(|text| format!("{name}: {text}")));
            own.parts.extend(definition.parts);
        }
    }

    /// What in modules counts outside of them: macros and their calls, and `impl`s for types elsewhere.
    fn add_from_modules(&mut self, item: &Item) {
        let Item::Mod(module) = item else { return };
        let items = module.content.iter().filter(|_| module.ident != STORE).flat_map(|(_, items)| items);
        for item in items {
            match item {
                Item::Macro(_) | Item::Impl(_) => self.add_item(item),
                Item::Mod(_) => self.add_from_modules(item),
                _ => {}
            }
        }
    }

    /// What a trait gives to types that do not say otherwise.
    fn add_defaults(&mut self, item: &ItemTrait) {
        let header = item.ident.to_string();
        for part in &item.items {
            match part {
                TraitItem::Const(part) => self.add_associated(&part.ident, part.span(), &header),
                TraitItem::Type(part) => self.add_associated(&part.ident, part.span(), &header),
                TraitItem::Fn(part) if part.sig.constness.is_some() => {
                    self.add_associated(&part.sig.ident, part.span(), &header);
                }
                TraitItem::Macro(part) => self.put(EVERYWHERE.to_owned(), part.span(), [part.span()]),
                _ => {}
            }
        }
    }

    /// The types and constants of an `impl` are part of the type that it is for, and found by their names.
    fn add_impl(&mut self, item: &ItemImpl) {
        if matches!(&*item.self_ty, syn::Type::Path(path) if path.path.is_ident(ERROR)) {
            return;
        }
        let trait_span = item.trait_.as_ref().map(|(_, path, _)| path.span());
        let header: String = [Some(item.generics.span()), trait_span, Some(item.self_ty.span())]
            .into_iter()
            .flatten()
            .map(|span| self.tokens(span).to_string() + " ")
            .collect();
        let mut parts = Vec::new();
        for part in &item.items {
            let name = match part {
                ImplItem::Const(part) => &part.ident,
                ImplItem::Type(part) => &part.ident,
                ImplItem::Fn(part) if part.sig.constness.is_some() => &part.sig.ident,
                ImplItem::Fn(_) => continue,
                _ => {
                    self.put(EVERYWHERE.to_owned(), part.span(), [item.span()]);
                    continue;
                }
            };
            self.add_associated(name, part.span(), &header);
            parts.push(part.span());
        }
        let last = item.trait_.as_ref().and_then(|(_, path, _)| path.segments.last());
        let is_harmless = last.is_none_or(|last| NO_CHANGE_OF_LAYOUT.contains(&&*last.ident.to_string()));
        if parts.is_empty() && is_harmless {
            return;
        }
        let text = parts.iter().fold(header, |text, part| text + &self.tokens(*part).to_string());
        let mut named = BTreeSet::new();
        parts.iter().chain(&trait_span).for_each(|part| first_names(self.tokens(*part), &mut named));
        let mut of = BTreeSet::new();
        first_names(self.tokens(item.self_ty.span()), &mut of);
        let generics: BTreeSet<String> = item.generics.type_params().map(|p| name_of(&p.ident)).collect();
        // For a parameter it is for every type, and for a foreign type it is part of what is made of that.
        if of.iter().any(|name| generics.contains(name)) || !of.iter().any(|name| self.own.contains(name)) {
            of = [EVERYWHERE.to_owned()].into();
        }
        for name in of {
            self.extend(&name, [text.clone()], named.clone());
        }
    }

    fn add_type(
        &mut self,
        name: &Ident,
        whole: Span,
        attributes: &[Attribute],
        parts: impl IntoIterator<Item = Span>,
    ) {
        // Of an attribute that is harmless nothing is left.
        let attributes = attributes.iter().map(|attribute| attribute.span());
        self.add(name, whole, parts.into_iter().chain(attributes));
    }

    fn add(&mut self, name: &Ident, whole: Span, parts: impl IntoIterator<Item = Span>) {
        self.put(name_of(name), whole, parts);
    }

    fn add_associated(&mut self, name: &Ident, whole: Span, header: &str) {
        let name = format!("{ASSOCIATED}{}", name_of(name));
        self.put(name.clone(), whole, [whole]);
        self.extend(&name, [format!("{header}: {}", self.tokens(whole))], []);
    }

    fn put(&mut self, name: String, whole: Span, parts: impl IntoIterator<Item = Span>) {
        let mut text = self.tokens(whole).to_string();
        if reads_more(&text) {
            text.push_str(&never_twice());
        }
        let mut named = BTreeSet::new();
        parts.into_iter().for_each(|part| first_names(self.tokens(part), &mut named));
        self.extend(&name, [text], named);
    }

    fn extend(
        &mut self,
        name: &str,
        texts: impl IntoIterator<Item = String>,
        parts: impl IntoIterator<Item = String>,
    ) {
        let definition = self.by_name.entry(name.to_owned()).or_default();
        definition.texts.extend(texts);
        definition.parts.extend(parts);
    }

    fn tokens(&self, span: Span) -> TokenStream {
        let tokens = self.source.get(span.byte_range()).and_then(|text| text.parse().ok());
        without_attributes(tokens.unwrap_or_default())
    }
}

/// Whether a text names a macro that reads a file or a variable.
fn reads_more(text: &str) -> bool {
    ["include", "env !", "env!"].iter().any(|word| text.contains(word))
}

/// A text that no other call gives: what cannot be seen may have changed.
fn never_twice() -> String {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    format!(" {} {}", now.as_nanos(), std::process::id())
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
        assert_eq!(one.keys().collect::<Vec<_>>(), ["", "Else", "Part", "Whole"]);
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
        assert_eq!(numbers("struct r#type;").keys().collect::<Vec<_>>(), ["", "type"]);
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
                "struct S { a: u8 } struct T;",
                "struct S { /** Eight. */ a: u8 } struct T; impl I for T { type S = u8; } fn S2() {}",
            ],
            ["struct S { stats: u8 }", "struct S { stats: u8 } struct stats;"],
            ["mod S { pub struct A; fn f() {} }", "mod S { pub struct A; fn f() { g() } }"],
            ["struct S(u8);", "struct S(u8); use std::fmt::*;"],
            ["struct S(Vec<u8>);", "struct S(Vec<u8>); impl S { fn f(&self) {} } impl Clone for S {}"],
            ["struct S(u8);", "#[derive(Debug, Clone)] #[must_use] #[allow(x)] #[clippy::y] struct S(u8);"],
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
            ["use a::*; struct S(Map);", "use b::*; struct S(Map);"],
            [
                "use m::*; mod m { pub struct A(u8); } struct S(A);",
                "use m::*; mod m { pub struct A(u16); } struct S(A);",
            ],
            ["extern crate a as m; struct S(m::A);", "extern crate b as m; struct S(m::A);"],
            ["struct S(u8);", "#[packed] struct S(u8);"],
            ["struct S(u8);", "#[derive(Debug, Other)] struct S(u8);"],
            ["struct S(u8);", "#[cfg_attr(all(), repr(C))] struct S(u8);"],
        ];
        for pair in other {
            let [one, other] = numbers(pair);
            assert_ne!(one, other, "{pair:?}");
        }
    }

    /// Places in which the length of a type can hide; `@` stands for the length.
    const HIDDEN: [&str; 21] = [
        "struct X; impl X { const fn n() -> usize { @ } } struct S([u8; X::n()]);",
        "struct X; impl X { const fn n(&self) -> usize { @ } } struct S([u8; X.n()]);",
        "struct X; impl X { const A: usize = Self::n(); const fn n() -> usize { @ } } struct S([u8; X::A]);",
        "macro_rules! n { () => { @ } } struct S([u8; n!()]);",
        "macro_rules! t { () => { [u8; @] } } struct S(t!());",
        "#[macro_use] mod m { macro_rules! n { () => { @ } } } struct S([u8; n!()]);",
        "mod a { mod b { macro_rules! n { () => { @ } } } } struct S([u8; n!()]);",
        "macro_rules! make { ($n:expr) => { const N: usize = $n; } } make!(@); struct S([u8; N]);",
        "mod m { crate::make!(@); } struct S([u8; m::N]);",
        "trait A { const N: usize = @; } struct X; impl A for X {} struct S([u8; X::N]);",
        "trait A { const N: usize; } struct X; impl A for X { const N: usize = @; } struct S([u8; <X as A>::N]);",
        "mod m { impl super::A for super::X { const N: usize = @; } } struct X; struct S([u8; X::N]);",
        "static N: [u8; @] = [0; @]; struct S([u8; N.len()]);",
        "mod m { pub const N: usize = @; } struct S([u8; crate::m::N]);",
        "mod m { pub struct A([u8; @]); } struct S(self::m::A);",
        "type T<const N: usize = @> = [u8; N]; struct S(T);",
        "struct T([u8; @]); struct S<X = T>(X);",
        "struct X; impl foreign::Sized for X { type Is = [u8; @]; } struct S(foreign::Of<X>);",
        "impl<T> foreign::Sized for T { type Is = [u8; @]; } struct S(foreign::Of<u8>);",
        "impl foreign::Sized for Vec<u8> { type Is = [u8; @]; } struct S(foreign::Of<Vec<u8>>);",
        "const A: usize = @; const fn b() -> usize { A } enum S { V = b() as isize }",
    ];

    #[test]
    fn a_length_is_found_wherever_it_hides() {
        for hidden in HIDDEN {
            let [one, other] = numbers([&hidden.replace('@', "1"), &hidden.replace('@', "2")]);
            assert_ne!(one, other, "{hidden}");
            let [one, same] = numbers([&hidden.replace('@', "1"), &hidden.replace('@', " 1 /* one */ ")]);
            assert_eq!(one, same, "{hidden}");
        }
    }

    #[test]
    fn values_that_change_places_are_a_change() {
        let pair = ["u8", "u64"].map(|of_x| {
            let of_y = if of_x == "u8" { "u64" } else { "u8" };
            format!("struct X; struct Y; impl A for X {{ type O = {of_x}; }} impl A for Y {{ type O = {of_y}; }} struct S(<X as A>::O);")
        });
        let [one, other] = numbers([&pair[0], &pair[1]]);
        assert_ne!(one, other);
        let implements = |x: &str| {
            format!(
                "trait A {{ const N: usize = 1; }} trait B {{ const N: usize = 2; }} struct X; impl {x} for X {{}} struct S([u8; X::N]);"
            )
        };
        let [one, other] = numbers([&implements("A"), &implements("B")]);
        assert_ne!(one, other);
    }

    #[test]
    fn what_cannot_be_seen_is_a_change() {
        for source in [
            "mod m; struct S(m::A);",
            "include!(\"x.rs\"); struct S(u8);",
            "const N: usize = include_bytes!(\"x\").len(); struct S([u8; N]);",
            "struct S([u8; option_env!(\"N\").is_some() as usize]);",
        ] {
            let [one, other] = numbers([source, source]);
            assert_ne!(one, other, "{source}");
        }
        // A type that a macro makes is in no list.
        let of_made = |n: u8| {
            let source = format!("macro_rules! make {{ () => {{ struct Made([u8; {n}]); }} }} make!();");
            definitions(&source, &syn::parse_file(&source).unwrap())[""]
        };
        assert!(of_made(1) != of_made(2) && of_made(1) == of_made(1));
    }
}
