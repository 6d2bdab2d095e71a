//! What the names in a source may mean: which of them it binds, and to what.

use super::definitions::{ANALYSED, STORE};
use std::collections::BTreeMap;
use syn::visit::{self, Visit};
use syn::{File, Ident, Item, ItemUse, PatIdent, Path, TypeParam, UseTree};

/// The names that a source binds by items, imports and patterns.
#[derive(Debug, Default)]
pub(super) struct Bindings {
    /// How often each name is bound, wherever that is.
    counts: BTreeMap<String, usize>,
    /// What is imported at the root of the source, with its path.
    imports: BTreeMap<String, String>,
    /// Whether names may come from somewhere unseen: an import of all names within an item, or macros of
    /// another crate without their names.
    has_nested_glob: bool,
    has_foreign_macros: bool,
    /// How deep in items and blocks the visit is.
    depth: usize,
}

impl Bindings {
    pub(super) fn of(file: &File) -> Bindings {
        let mut bindings = Bindings::default();
        bindings.visit_file(file);
        bindings
    }

    /// Whether a path that is called means this item of the standard library, wherever it stands.
    pub(super) fn is_std(&self, path: &Path, wanted: &str) -> bool {
        let names: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        let is_known = path.leading_colon.is_none() && !self.counts.contains_key("std");
        let Some((first, rest)) = names.split_first().filter(|_| is_known) else { return false };
        let begin = match first.as_str() {
            "std" => Some("std"),
            _ if self.has_nested_glob || self.counts.get(first) != Some(&1) => None,
            _ => self.imports.get(first).map(String::as_str),
        };
        let with_rest = |begin: &str| rest.iter().fold(begin.to_owned(), |path, name| path + "::" + name);
        begin.map(with_rest).as_deref() == Some(wanted)
    }

    /// Whether a macro of this name is the standard library's.
    pub(super) fn is_std_macro(&self, name: &Ident) -> bool {
        !self.has_foreign_macros && !self.counts.contains_key(&name.to_string())
    }

    fn bind(&mut self, name: &str) {
        *self.counts.entry(name.to_owned()).or_default() += 1;
    }

    fn import(&mut self, tree: &UseTree, before: &str) {
        let path = |name: &Ident| match before {
            "" => name.to_string(),
            _ => format!("{before}::{name}"),
        };
        let (bound, path) = match tree {
            UseTree::Path(inner) => return self.import(&inner.tree, &path(&inner.ident)),
            UseTree::Group(group) => return group.items.iter().for_each(|tree| self.import(tree, before)),
            UseTree::Glob(_) => {
                self.has_nested_glob |= self.depth > 0;
                return;
            }
            // `use std::thread::{self}` binds the last name of the path.
            UseTree::Name(name) if name.ident == "self" => {
                (before.rsplit("::").next().unwrap_or_default().to_owned(), before.to_owned())
            }
            UseTree::Name(name) => (name.ident.to_string(), path(&name.ident)),
            UseTree::Rename(renamed) => (renamed.rename.to_string(), path(&renamed.ident)),
        };
        self.bind(&bound);
        if self.depth == 0 {
            self.imports.insert(bound, path);
        }
    }
}

impl<'ast> Visit<'ast> for Bindings {
    fn visit_item(&mut self, item: &'ast Item) {
        let name = match item {
            Item::Const(item) => Some(&item.ident),
            Item::Enum(item) => Some(&item.ident),
            Item::ExternCrate(item) => {
                self.has_foreign_macros |= item.attrs.iter().any(|a| a.path().is_ident("macro_use"));
                Some(item.rename.as_ref().map_or(&item.ident, |(_, name)| name))
            }
            // The cell once more, which is checked by evcxr alone.
            Item::Fn(item) if item.sig.ident == ANALYSED => return,
            Item::Fn(item) => Some(&item.sig.ident),
            Item::Macro(item) => item.ident.as_ref(),
            Item::Mod(item) if item.ident == STORE => return,
            Item::Mod(item) => Some(&item.ident),
            Item::Static(item) => Some(&item.ident),
            Item::Struct(item) => Some(&item.ident),
            Item::Trait(item) => Some(&item.ident),
            Item::TraitAlias(item) => Some(&item.ident),
            Item::Type(item) => Some(&item.ident),
            Item::Union(item) => Some(&item.ident),
            _ => None,
        };
        name.into_iter().for_each(|name| self.bind(&name.to_string()));
        let is_import = matches!(item, Item::Use(_));
        self.depth += usize::from(!is_import);
        visit::visit_item(self, item);
        self.depth -= usize::from(!is_import);
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        self.import(&item.tree, "");
    }

    fn visit_pat_ident(&mut self, pattern: &'ast PatIdent) {
        self.bind(&pattern.ident.to_string());
        visit::visit_pat_ident(self, pattern);
    }

    fn visit_type_param(&mut self, parameter: &'ast TypeParam) {
        self.bind(&parameter.ident.to_string());
        visit::visit_type_param(self, parameter);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_sleep(source: &str, path: &str) -> bool {
        let bindings = Bindings::of(&syn::parse_file(source).unwrap());
        bindings.is_std(&syn::parse_str(path).unwrap(), "std::thread::sleep")
    }

    #[test]
    fn a_path_means_what_its_only_import_says() {
        for (source, path) in [
            ("", "std::thread::sleep"),
            ("use std::thread;", "thread::sleep"),
            ("use std::{fs, thread::{self, sleep}};", "thread::sleep"),
            ("use std::{fs, thread::{self, sleep}};", "sleep"),
            ("use ::std::thread::sleep;", "sleep"),
        ] {
            assert!(is_sleep(source, path), "{source} {path}");
        }
        for (source, path) in [
            ("", "thread::sleep"),
            ("use mine::thread;", "thread::sleep"),
            ("use std::thread::sleep; mod m { fn sleep() {} }", "sleep"),
            ("use std::thread::sleep; fn f(sleep: fn(u8)) {}", "sleep"),
            ("use std::thread::sleep; fn f() { let sleep = |_| (); }", "sleep"),
            ("use std::thread; fn f() { use mine::*; }", "thread::sleep"),
            ("use std::thread; fn f<thread: T>() {}", "thread::sleep"),
            ("mod std { pub mod thread {} }", "std::thread::sleep"),
            ("mod std {} use std::thread;", "thread::sleep"),
            ("extern crate mine as std;", "std::thread::sleep"),
            ("fn f() { use std::thread; }", "thread::sleep"),
        ] {
            assert!(!is_sleep(source, path), "{source} {path}");
        }
    }

    #[test]
    fn a_macro_is_the_standard_librarys_where_nothing_else_has_its_name() {
        let is_std = |source: &str| {
            Bindings::of(&syn::parse_file(source).unwrap()).is_std_macro(&syn::parse_str("format").unwrap())
        };
        assert!(is_std("fn f() {}") && is_std("extern crate mine;"));
        assert!(!is_std("macro_rules ! format { () => {} }") && !is_std("use mine::{show as format};"));
        assert!(!is_std("#[macro_use] extern crate mine;"));
    }
}
