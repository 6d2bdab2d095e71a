//! What can be named from outside: the public modules with what they re-export.

use super::crates::{Crates, Item, list};
use super::lines::Lines;
use super::members::{self, Docs};
use anyhow::{Context, Result};
use std::collections::{BTreeMap, BTreeSet};

/// The names of a module, each with the path where what it names is defined.
type Names = BTreeMap<(String, String), String>;

/// How deep a path may be.
const MOST_STEPS: usize = 2;

struct Walk<'a> {
    crates: &'a Crates,
    names: Names,
    /// Items by the paths where they are defined.
    found: BTreeMap<String, Item<'a>>,
    seen: BTreeSet<(String, String)>,
    /// Whether modules below are walked.
    deep: bool,
}

/// The lines of the helper's crates and those of polars.
pub(super) fn lines(crates: &Crates) -> Result<(Lines, Lines)> {
    let (mut own, mut polars) = (Lines::default(), Lines::default());
    for (root, deep) in [("cltv", true), ("polars", false)] {
        let mut walk =
            Walk { crates, names: Names::new(), found: BTreeMap::new(), seen: BTreeSet::new(), deep };
        let module = crates.root(root).with_context(|| format!("{root} has no root"))?;
        walk.module(module, root);
        let lines = if root == "polars" { &mut polars } else { &mut own };
        for ((path, _), to) in walk.names.iter().filter(|((path, _), to)| path != *to) {
            lines.link(path, "use", to);
        }
        for (path, item) in &walk.found {
            let is_polars = path.starts_with("polars");
            let docs = if is_polars { Docs::FirstParagraph } else { Docs::Whole };
            members::add(crates, *item, path, docs, if is_polars { &mut polars } else { &mut own });
        }
    }
    Ok((own, polars))
}

impl<'a> Walk<'a> {
    fn module(&mut self, module: Item<'a>, prefix: &str) {
        let place = (prefix.to_owned(), format!("{}{}", module.home, module.json["id"]));
        // Modules may contain each other.
        if prefix.matches("::").count() > MOST_STEPS || !self.seen.insert(place) {
            return;
        }
        let items = match module.kind() {
            "enum" => &module.inner()["variants"],
            _ => &module.inner()["items"],
        };
        for item in list(items).filter_map(|id| self.crates.item(module.home, id)) {
            match item.kind() {
                "use" => self.import(item, prefix),
                "impl" => {}
                _ => self.name(item, prefix, item.name()),
            }
        }
    }

    fn import(&mut self, import: Item<'a>, prefix: &str) {
        let inner = import.inner();
        let target = self.crates.item(import.home, &inner["id"]);
        let name = inner["name"].as_str().unwrap_or_default();
        match target {
            Some(target) if inner["is_glob"] == true => self.module(target, prefix),
            Some(target) if target.kind() == "use" && target.json != import.json => {
                self.import(target, prefix);
            }
            Some(target) => self.name(target, prefix, name),
            None if inner["is_glob"] == true => {}
            None => {
                let path = self.crates.path(import.home, &inner["id"]);
                let path = path.unwrap_or_else(|| inner["source"].as_str().unwrap_or_default().to_owned());
                self.put(prefix, name, &path);
            }
        }
    }

    fn put(&mut self, prefix: &str, name: &str, path: &str) {
        let kind = path.rsplit("::").next().unwrap_or_default().to_owned();
        self.names.insert((format!("{prefix}::{name}"), kind), path.to_owned());
    }

    fn name(&mut self, item: Item<'a>, prefix: &str, name: &str) {
        let place = format!("{prefix}::{name}");
        let path = self.crates.path_of(item).unwrap_or_else(|| place.clone());
        // A crate that is renamed is a module of another name.
        self.put(prefix, name, &path);
        let is_module = item.kind() == "module";
        // polars has an index of its own, where it is not walked from the helper.
        let is_walked = if self.deep { !path.starts_with("polars") } else { name == "prelude" };
        self.found.entry(path).or_insert(item);
        if is_module && is_walked {
            self.module(item, &place);
        }
    }
}
