//! The names that a cell can use: what cells imported, and what every program has.

use super::index::{Index, last};
use super::place::parse;
use ra_ap_syntax::ast::{self, AstNode, HasName};
use std::collections::{BTreeMap, BTreeSet};

/// Names of the standard library's prelude that have no line in the index.
pub(super) const PRELUDE: [&str; 15] = [
    "AsRef", "Box", "Clone", "Default", "Err", "From", "Into", "Iterator", "None", "Ok", "Option", "Result",
    "Some", "String", "Vec",
];

/// Macros that need no import.
pub(super) const MACROS: [&str; 12] = [
    "assert!",
    "assert_eq!",
    "dbg!",
    "eprintln!",
    "format!",
    "matches!",
    "panic!",
    "print!",
    "println!",
    "todo!",
    "vec!",
    "write!",
];

/// The keywords that begin something in a cell.
pub(super) const KEYWORDS: [&str; 24] = [
    "as", "async", "break", "const", "continue", "else", "enum", "false", "fn", "for", "if", "impl", "in",
    "let", "loop", "match", "mod", "move", "mut", "pub", "return", "struct", "true", "use",
];

/// What `use` declarations bring in.
#[derive(Debug, Default, Clone)]
pub(super) struct Scope {
    names: BTreeMap<String, Vec<String>>,
    globs: BTreeSet<Vec<String>>,
}

impl Scope {
    /// Adds the imports of code that need not be complete.
    pub(super) fn import(&mut self, code: &str) {
        let (root, _) = parse(code);
        for tree in
            root.descendants().filter_map(ast::UseTree::cast).filter(|tree| tree.use_tree_list().is_none())
        {
            let around: Vec<ast::UseTree> =
                tree.syntax().ancestors().filter_map(ast::UseTree::cast).collect();
            let paths = around.iter().rev().filter_map(ast::UseTree::path);
            let mut words: Vec<String> = paths.flat_map(|path| words(&path)).collect();
            if tree.star_token().is_some() {
                self.globs.insert(words);
                continue;
            }
            if words.last().is_some_and(|word| word == "self") {
                words.pop();
            }
            let renamed = tree.rename().and_then(|rename| rename.name()).map(|name| name.text().to_string());
            if let Some(name) = renamed.or_else(|| words.last().cloned()) {
                self.names.insert(name, words);
            }
        }
    }

    /// Where what words stand for is defined.
    pub(super) fn resolve(&self, index: &Index, words: &[String]) -> Option<String> {
        self.resolve_in(index, words, 0)
    }

    fn resolve_in(&self, index: &Index, words: &[String], step: usize) -> Option<String> {
        let (first, rest) = words.split_first()?;
        let imported = self.names.get(first).filter(|path| step < 4 && path.as_slice() != words);
        let begin = match imported {
            Some(path) => self.resolve_in(index, path, step + 1)?,
            None => self.first(index, first, step)?,
        };
        index.below(&begin, &rest.iter().map(String::as_str).collect::<Vec<_>>())
    }

    fn first(&self, index: &Index, word: &str, step: usize) -> Option<String> {
        if matches!(word, "core" | "alloc") {
            return Some("std".to_owned());
        }
        if index.has(word) {
            return Some(word.to_owned());
        }
        let globs = self.globs.iter().filter(|_| step < 4);
        let mut from_globs = globs.filter_map(|glob| {
            let path = format!("{}::{word}", self.resolve_in(index, glob, step + 1)?);
            index.has(&path).then(|| index.defined(&path).to_owned())
        });
        let from_prelude = || {
            let found = PRELUDE.contains(&word).then(|| index.type_named(&format!("std::{word}")))??;
            found.starts_with("std::").then_some(found)
        };
        from_globs.next().or_else(from_prelude)
    }

    /// The names that imports bring in, with the paths of what they stand for.
    pub(super) fn names(&self, index: &Index) -> BTreeMap<String, String> {
        let single =
            self.names.iter().filter_map(|(name, words)| Some((name.clone(), self.resolve(index, words)?)));
        let globs = self.globs.iter().filter_map(|glob| self.resolve(index, glob));
        let of_globs = globs.flat_map(|glob| index.names_in(&glob).collect::<Vec<_>>());
        of_globs.map(|path| (last(&path).to_owned(), path)).chain(single).collect()
    }
}

fn words(path: &ast::Path) -> Vec<String> {
    let word = |segment: ast::PathSegment| Some(segment.syntax().text().to_string());
    path.segments().filter_map(word).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index() -> Index {
        Index::new(["h::prelude::load\tuse\tw::load\nw::load\tfn\tpub fn load()\nh::models::Bg\tuse\tm::Bg\nm::Bg\tstruct\tpub struct Bg\nm::Bg::fit\tmethod\tfn fit()\nh::prelude::p\tuse\tp\np::prelude::F\tuse\tc::F\nc::F\tstruct\tpub struct F\n"].into_iter())
    }

    #[test]
    fn imports_are_followed() {
        let index = index();
        let mut scope = Scope::default();
        let resolve = |scope: &Scope, path: &str| {
            let words: Vec<String> = path.split("::").map(str::to_owned).collect();
            scope.resolve(&index, &words)
        };
        assert_eq!(resolve(&scope, "h::prelude::load").as_deref(), Some("w::load"));
        assert_eq!(resolve(&scope, "load"), None);
        assert_eq!(resolve(&scope, "Vec").as_deref(), Some("std::vec::Vec"));
        scope.import("use h::prelude::*;\nuse h::{models::{self, Bg as Model}}; use std::collections::HashMap;\nlet x = ");
        assert_eq!(resolve(&scope, "load").as_deref(), Some("w::load"));
        assert_eq!(resolve(&scope, "Model::fit").as_deref(), Some("m::Bg::fit"));
        assert_eq!(resolve(&scope, "models::Bg").as_deref(), Some("m::Bg"));
        assert_eq!(resolve(&scope, "HashMap::new").as_deref(), Some("std::collections::HashMap::new"));
        assert_eq!(resolve(&scope, "p::prelude::F").as_deref(), Some("c::F"));
        scope.import("use p::prelude::*;");
        assert_eq!(resolve(&scope, "F").as_deref(), Some("c::F"));
        let names = scope.names(&index);
        assert!(
            ["load", "Model", "models", "HashMap", "F", "p"].iter().all(|name| names.contains_key(*name)),
            "{names:?}"
        );
    }
}
