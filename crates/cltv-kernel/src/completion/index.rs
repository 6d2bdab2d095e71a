//! What is known of names: the index of the standard library, that of the helper library with polars, and
//! what cells defined.
//!
//! A line has a path, a kind, a signature and documentation, with tabs between. `use`, `impl` and `deref`
//! connect a path with another.

use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The standard library's.
const STANDARD: &str = include_str!("std.txt");

/// An item or a member of one.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Entry {
    pub(super) path: String,
    pub(super) kind: String,
    pub(super) signature: String,
    pub(super) docs: String,
}

impl Entry {
    pub(super) fn name(&self) -> &str {
        last(&self.path)
    }

    /// Whether it is named behind a value and a dot.
    pub(super) fn is_of_value(&self) -> bool {
        matches!(self.kind.as_str(), "method" | "field")
    }
}

/// The last word of a path.
pub(super) fn last(path: &str) -> &str {
    path.rsplit("::").next().unwrap_or(path)
}

/// The path without its last word.
pub(super) fn parent(path: &str) -> &str {
    path.rsplit_once("::").map_or("", |(parent, _)| parent)
}

/// Entries by their paths.
#[derive(Debug, Clone, Default)]
pub(super) struct Index {
    entries: HashMap<String, Vec<Entry>>,
    /// The names in modules and types.
    children: HashMap<String, BTreeSet<String>>,
    /// Other paths of an item, with the one where it is defined: the same name may be a type and a function.
    uses: HashMap<String, BTreeSet<String>>,
    impls: HashMap<String, BTreeSet<String>>,
    derefs: HashMap<String, String>,
    /// Types and traits by the last words of their paths.
    types: HashMap<String, BTreeSet<String>>,
}

impl Index {
    /// The standard library's, and those of other files.
    pub(super) fn new<'a>(texts: impl Iterator<Item = &'a str>) -> Index {
        let mut index = Index::default();
        [STANDARD].into_iter().chain(texts).for_each(|text| index.read(text));
        index
    }

    fn read(&mut self, text: &str) {
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let mut fields = line.split('\t');
            let (Some(path), Some(kind)) = (fields.next(), fields.next()) else { continue };
            let mut field = || fields.next().unwrap_or_default();
            match kind {
                "use" | "impl" | "deref" => self.link(path, kind, field()),
                _ => {
                    let signature = field().to_owned();
                    let docs = field().replace("\\n", "\n").replace("\\\\", "\\");
                    self.add(Entry { path: path.to_owned(), kind: kind.to_owned(), signature, docs });
                }
            }
        }
    }

    /// Adds an entry.
    pub(super) fn add(&mut self, entry: Entry) {
        if matches!(entry.kind.as_str(), "struct" | "enum" | "union" | "trait" | "primitive") {
            self.note_type(&entry.path);
        }
        self.note_child(&entry.path);
        self.entries.entry(entry.path.clone()).or_default().push(entry);
    }

    fn link(&mut self, path: &str, kind: &str, to: &str) {
        let map = match kind {
            "use" => &mut self.uses,
            "impl" => &mut self.impls,
            _ => {
                self.derefs.insert(path.to_owned(), to.to_owned());
                return;
            }
        };
        map.entry(path.to_owned()).or_default().insert(to.to_owned());
        match kind {
            "use" => self.note_child(path),
            _ => self.note_type(path),
        }
    }

    /// Adds that a type has a trait's methods.
    pub(super) fn add_impl(&mut self, path: &str, to: &str) {
        self.link(path, "impl", to);
    }

    fn note_type(&mut self, path: &str) {
        self.types.entry(last(path).to_owned()).or_default().insert(path.to_owned());
    }

    fn note_child(&mut self, path: &str) {
        let owner = parent(path);
        let is_new = !self.children.contains_key(owner);
        self.children.entry(owner.to_owned()).or_default().insert(last(path).to_owned());
        if is_new && !owner.is_empty() {
            self.note_child(owner);
        }
    }

    /// Forgets what stands at a path and below it.
    pub(super) fn remove(&mut self, path: &str) {
        self.entries.remove(path);
        for name in self.children.remove(path).unwrap_or_default() {
            self.entries.remove(&format!("{path}::{name}"));
        }
        self.impls.remove(path);
        if let Some(paths) = self.types.get_mut(last(path)) {
            paths.remove(path);
        }
    }

    /// The entries at a path, or those that the path stands for.
    pub(super) fn at(&self, path: &str) -> Vec<&Entry> {
        let own = self.entries.get(path).into_iter().flatten();
        let others = self.uses.get(path).into_iter().flatten().filter_map(|to| self.entries.get(to));
        own.chain(others.flatten()).collect()
    }

    /// Where what a path stands for is defined.
    pub(super) fn defined<'a>(&'a self, path: &'a str) -> &'a str {
        let has_members = |to: &&String| self.children.contains_key(to.as_str());
        let to = self.uses.get(path);
        to.and_then(|to| to.iter().find(has_members).or(to.first())).map_or(path, String::as_str)
    }

    /// Whether anything is known at a path.
    pub(super) fn has(&self, path: &str) -> bool {
        self.entries.contains_key(path) || self.uses.contains_key(path) || self.children.contains_key(path)
    }

    /// The names in a module or of a type's members, with their paths.
    pub(super) fn names_in(&self, path: &str) -> impl Iterator<Item = String> {
        let names = self.children.get(path).into_iter().flatten();
        names.map(move |name| if path.is_empty() { name.clone() } else { format!("{path}::{name}") })
    }

    /// The members of a type or trait.
    pub(super) fn members(&self, path: &str) -> Vec<&Entry> {
        let names = self.children.get(path).into_iter().flatten();
        let entries = names.filter_map(|name| self.entries.get(&format!("{path}::{name}")));
        entries.flatten().collect()
    }

    /// The traits that a type implements, by their paths.
    pub(super) fn traits_of(&self, path: &str) -> Vec<String> {
        let written = self.impls.get(path).into_iter().flatten();
        let standard = |name: &String| match name.as_str() {
            "Display" => "std::string::ToString".to_owned(),
            _ if name.contains("::") => name.clone(),
            _ => {
                let mut known = self.types.get(name).into_iter().flatten();
                known.find(|path| path.starts_with("std::")).cloned().unwrap_or_else(|| name.clone())
            }
        };
        written.map(standard).collect()
    }

    /// What a type of the index can be used as, as a type in its own words.
    pub(super) fn target(&self, path: &str) -> Option<&str> {
        self.derefs.get(path).map(String::as_str)
    }

    /// Where what stands behind words in a module or type is defined, if it is known.
    pub(super) fn below(&self, begin: &str, words: &[&str]) -> Option<String> {
        let step = |path: String, word: &&str| self.defined(&format!("{path}::{word}")).to_owned();
        let path = words.iter().fold(begin.to_owned(), step);
        self.has(&path).then_some(path)
    }

    /// The type or trait that the compiler names by a path: the one at that path, or else the one with the
    /// nearest path, for the compiler may go through modules that the index does not have.
    pub(super) fn type_named(&self, path: &str) -> Option<String> {
        let words: Vec<&str> = path.split("::").collect();
        let is_type = |path: &String| self.types.get(last(path)).is_some_and(|known| known.contains(path));
        let exact = words.split_first().and_then(|(first, rest)| self.below(first, rest));
        exact.filter(is_type).or_else(|| self.type_near(path).map(str::to_owned))
    }

    fn type_near(&self, path: &str) -> Option<&str> {
        let words: BTreeSet<&str> = path.split("::").collect();
        let shared = |known: &&String| {
            let count = known.split("::").filter(|word| words.contains(word)).count();
            // Of equals the shorter.
            (count, usize::MAX - known.len())
        };
        self.types.get(last(path))?.iter().max_by_key(shared).map(String::as_str)
    }

    /// The shortest path that a cell can name an item by, beginning with the helper library's name.
    pub(super) fn public_path(&self, path: &str) -> Option<&str> {
        let leads = |(_, to): &(&String, &BTreeSet<String>)| to.contains(path);
        let paths = self.uses.iter().filter(leads).map(|(name, _)| name.as_str());
        paths.min_by_key(|name| (!name.starts_with("cltv::"), name.len(), *name))
    }

    /// Methods of any type whose names begin with some text.
    pub(super) fn methods_beginning(&self, typed: &str) -> BTreeMap<&str, &Entry> {
        let all = self.entries.values().flatten();
        let wanted = all.filter(|entry| entry.kind == "method" && entry.name().starts_with(typed));
        wanted.map(|entry| (entry.name(), entry)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# cltv\ncltv::prelude::Frame\tuse\tpolars_core::frame::Frame\npolars_core::frame::Frame\tstruct\tpub struct Frame\tA table.\npolars_core::frame::Frame\tderef\tVec<T>\npolars_core::frame::Frame\timpl\tClone\npolars_core::frame::Frame::head\tmethod\tfn head(&self)\tFirst.\\nRows.\n";

    #[test]
    fn what_a_path_stands_for_is_found() {
        let index = Index::new([TEXT].into_iter());
        let frame = "polars_core::frame::Frame";
        for named in ["cltv::polars::frame::Frame", "cltv::prelude::Frame", frame] {
            assert_eq!(index.type_named(named).as_deref(), Some(frame));
        }
        assert_eq!(index.defined("cltv::prelude::Frame"), frame);
        assert_eq!(index.at("cltv::prelude::Frame")[0].docs, "A table.");
        assert_eq!(index.members(frame)[0].docs, "First.\nRows.");
        assert_eq!(index.traits_of(frame), ["std::clone::Clone"]);
        assert_eq!(
            (index.target(frame), index.public_path(frame)),
            (Some("Vec<T>"), Some("cltv::prelude::Frame"))
        );
        assert!(index.methods_beginning("hea").contains_key("head"));
        assert_eq!(index.names_in("cltv::prelude").collect::<Vec<_>>(), ["cltv::prelude::Frame"]);
    }

    #[test]
    fn a_name_that_is_defined_again_is_another() {
        let mut index = Index::default();
        let add = |index: &mut Index, path: &str, kind: &str| {
            index.add(Entry {
                path: path.into(),
                kind: kind.into(),
                signature: String::new(),
                docs: String::new(),
            });
        };
        add(&mut index, "S", "struct");
        add(&mut index, "S::a", "field");
        index.remove("S");
        add(&mut index, "S", "enum");
        assert!(index.members("S").is_empty() && index.at("S").len() == 1);
    }
}
