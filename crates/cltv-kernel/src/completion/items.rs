//! What cells define: entries of the index like those of libraries.

use super::index::{Entry, Index};
use crate::cell_text;
use syn::spanned::Spanned;
use syn::{Attribute, Expr, Fields, ImplItem, Item, Lit, Meta, Stmt, TraitItem, Type};

/// Adds the items of a cell.
pub(super) fn add(index: &mut Index, cell: &str) {
    let statements = cell_text::statements_with_docs(cell);
    let items: Vec<&Item> = statements
        .iter()
        .filter_map(|statement| if let Stmt::Item(item) = statement { Some(item) } else { None })
        .collect();
    let mut cell = Cell { index, text: cell };
    // A type is there before what implements it.
    items.iter().for_each(|item| cell.item(item));
    items.iter().for_each(|item| cell.implementation(item));
}

struct Cell<'a> {
    index: &'a mut Index,
    text: &'a str,
}

impl Cell<'_> {
    fn text(&self, spanned: &impl Spanned) -> String {
        let text = self.text.get(spanned.span().byte_range()).unwrap_or_default();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    fn put(&mut self, path: &str, kind: &str, signature: String, attributes: &[Attribute]) {
        let (path, kind, docs) = (path.to_owned(), kind.to_owned(), docs(attributes));
        self.index.add(Entry { path, kind, signature, docs });
    }

    fn define(
        &mut self,
        name: &syn::Ident,
        kind: &str,
        signature: String,
        attributes: &[Attribute],
    ) -> String {
        let name = name.to_string();
        self.index.remove(&name);
        self.put(&name, kind, signature, attributes);
        name
    }

    fn item(&mut self, item: &Item) {
        match item {
            Item::Fn(item) => {
                let signature = self.text(&item.sig);
                self.define(&item.sig.ident, "fn", signature, &item.attrs);
            }
            Item::Struct(item) => {
                let signature = format!("struct {}{}", item.ident, self.text(&item.generics));
                let name = self.define(&item.ident, "struct", signature, &item.attrs);
                self.fields(&name, &item.fields);
            }
            Item::Enum(item) => {
                let signature = format!("enum {}{}", item.ident, self.text(&item.generics));
                let name = self.define(&item.ident, "enum", signature, &item.attrs);
                for variant in &item.variants {
                    let signature = self.text(&variant);
                    self.put(&format!("{name}::{}", variant.ident), "variant", signature, &variant.attrs);
                }
            }
            Item::Trait(item) => {
                let name = self.define(&item.ident, "trait", format!("trait {}", item.ident), &item.attrs);
                for part in &item.items {
                    if let TraitItem::Fn(method) = part {
                        self.method(&name, &method.sig, &method.attrs);
                    }
                }
            }
            Item::Const(item) => {
                let signature = format!("const {}: {}", item.ident, self.text(&item.ty));
                self.define(&item.ident, "const", signature, &item.attrs);
            }
            Item::Type(item) => {
                let signature = format!("type {} = {}", item.ident, self.text(&item.ty));
                self.define(&item.ident, "type", signature, &item.attrs);
            }
            _ => {}
        }
    }

    fn fields(&mut self, name: &str, fields: &Fields) {
        for field in fields {
            if let Some(own) = &field.ident {
                let signature = format!("{own}: {}", self.text(&field.ty));
                self.put(&format!("{name}::{own}"), "field", signature, &field.attrs);
            }
        }
    }

    fn method(&mut self, owner: &str, signature: &syn::Signature, attributes: &[Attribute]) {
        let kind = if signature.receiver().is_some() { "method" } else { "fn" };
        let text = self.text(signature);
        self.put(&format!("{owner}::{}", signature.ident), kind, text, attributes);
    }

    fn implementation(&mut self, item: &Item) {
        let Item::Impl(block) = item else { return };
        let Type::Path(subject) = block.self_ty.as_ref() else { return };
        let Some(name) = subject.path.segments.last().map(|segment| segment.ident.to_string()) else {
            return;
        };
        if let Some((_, path, _)) = &block.trait_ {
            let name_of_trait =
                path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default();
            self.index.add_impl(&name, &name_of_trait);
            return;
        }
        for part in &block.items {
            if let ImplItem::Fn(method) = part {
                self.method(&name, &method.sig, &method.attrs);
            }
        }
    }
}

/// The documentation in attributes.
fn docs(attributes: &[Attribute]) -> String {
    let line = |attribute: &Attribute| {
        let Meta::NameValue(pair) = &attribute.meta else { return None };
        let Expr::Lit(literal) = &pair.value else { return None };
        let Lit::Str(text) = &literal.lit else { return None };
        pair.path.is_ident("doc").then(|| text.value().trim().to_owned())
    };
    attributes.iter().filter_map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_of_a_cell_are_entries() {
        let mut index = Index::default();
        add(
            &mut index,
            ":dep x\n/// Twice\n/// as much.\nfn twice(x: u32) -> u32 { 2 * x }\nimpl S { fn get(&self) -> u8 { self.a } fn new() -> S { S { a: 1 } } }\nstruct S { a: u8 }\nimpl Clone for S { fn clone(&self) -> S { loop {} } }\nenum E { A, B(u8) }",
        );
        let twice = index.at("twice")[0];
        assert_eq!(
            (twice.signature.as_str(), twice.docs.as_str()),
            ("fn twice(x: u32) -> u32", "Twice\nas much.")
        );
        let kinds = |path: &str| -> Vec<String> {
            index.members(path).iter().map(|entry| format!("{} {}", entry.kind, entry.signature)).collect()
        };
        assert_eq!(kinds("S"), ["field a: u8", "method fn get(&self) -> u8", "fn fn new() -> S"]);
        assert_eq!(kinds("E"), ["variant A", "variant B(u8)"]);
        assert_eq!(index.traits_of("S"), ["Clone"]);
    }
}
