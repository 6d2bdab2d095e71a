//! Names that completion must not offer: what the helper's crates keep to themselves.
//!
//! rust-analyzer completes them in cells all the same, for it takes the copied sources for ones that
//! are being edited.

use std::collections::BTreeSet;

use syn::{Fields, ImplItem, Item, Visibility};

/// Names of modules, functions, types, methods and fields, by whether cells can use them.
#[derive(Debug, Default)]
pub(super) struct Names {
    public: BTreeSet<String>,
    private: BTreeSet<String>,
}

impl Names {
    /// Adds those of a file; one that does not parse has none.
    pub(super) fn read(&mut self, source: &str) {
        if let Ok(file) = syn::parse_file(source) {
            self.items(&file.items);
        }
    }

    /// Those that are private wherever they occur.
    pub(super) fn private(&self) -> impl Iterator<Item = &String> {
        self.private.difference(&self.public)
    }

    fn add(&mut self, name: &syn::Ident, visibility: &Visibility) {
        let names = match visibility {
            Visibility::Public(_) => &mut self.public,
            _ => &mut self.private,
        };
        names.insert(name.to_string());
    }

    fn items(&mut self, items: &[Item]) {
        items.iter().for_each(|item| self.item(item));
    }

    fn item(&mut self, item: &Item) {
        match item {
            Item::Fn(item) => self.add(&item.sig.ident, &item.vis),
            Item::Const(item) => self.add(&item.ident, &item.vis),
            Item::Static(item) => self.add(&item.ident, &item.vis),
            Item::Type(item) => self.add(&item.ident, &item.vis),
            Item::Enum(item) => self.add(&item.ident, &item.vis),
            Item::Struct(item) => {
                self.add(&item.ident, &item.vis);
                self.fields(&item.fields);
            }
            Item::Mod(item) => {
                self.add(&item.ident, &item.vis);
                self.items(item.content.as_ref().map_or(&[], |(_, items)| items));
            }
            Item::Trait(item) => {
                self.add(&item.ident, &item.vis);
                for part in &item.items {
                    if let syn::TraitItem::Fn(method) = part {
                        self.add(&method.sig.ident, &item.vis);
                    }
                }
            }
            // What implements a trait has the trait's names.
            Item::Impl(item) if item.trait_.is_none() => item.items.iter().for_each(|part| self.part(part)),
            _ => {}
        }
    }

    fn part(&mut self, part: &ImplItem) {
        match part {
            ImplItem::Fn(method) => self.add(&method.sig.ident, &method.vis),
            ImplItem::Const(constant) => self.add(&constant.ident, &constant.vis),
            _ => {}
        }
    }

    fn fields(&mut self, fields: &Fields) {
        for field in fields {
            if let Some(name) = &field.ident {
                self.add(name, &field.vis);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_private_everywhere_are_listed() {
        let mut names = Names::default();
        names.read("mod inner { pub fn shown() {} pub(crate) fn used() {} }\npub mod open {}\nfn table() {}");
        names.read(
            "pub struct S { pub a: u8, b: u8 }\nimpl S { pub fn table(&self) {} fn own(&self) {} }\n\
             impl Clone for S { fn clone(&self) -> S { loop {} } }\ntrait Hidden { fn method(&self); }\npub trait Seen { fn seen(&self); }",
        );
        names.read("not rust (");
        let private: Vec<_> = names.private().map(String::as_str).collect();
        assert_eq!(private, ["Hidden", "b", "inner", "method", "own", "used"]);
    }
}
