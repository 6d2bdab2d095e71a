//! Cycles among the modules of a crate.
//!
//! The modules below one module are compared as wholes, each with everything below it: an import of
//! `a::x` by `b::y` is an import of `a` by `b`. So neither files nor folders may import each other in a
//! cycle. A module and those below it may: that is how Rust's folders are written.

use super::modules::{Modules, Name};
use anyhow::Result;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::Path;

/// An import, as the two files between which it is.
type Import = (Name, Name);

/// The cycles of a crate, each as a text that lists its imports.
pub(crate) fn in_crate(root: &Path, name: &str) -> Result<Vec<String>> {
    let modules = Modules::read(&root.join("crates").join(name))?;
    let shown = |module: &Name| {
        let file = modules.file(module).unwrap_or(Path::new("?"));
        file.strip_prefix(root).unwrap_or(file).display().to_string()
    };
    let describe = |cycle: &Vec<Import>| {
        let lines = cycle.iter().map(|(from, to)| format!("  {} imports {}\n", shown(from), shown(to)));
        format!("modules of {name} import each other in a cycle:\n{}", lines.collect::<String>())
    };
    Ok(cycles(&modules.imports()).iter().map(describe).collect())
}

/// A shortest cycle for each group of siblings that import each other.
fn cycles(imports: &BTreeSet<Import>) -> Vec<Vec<Import>> {
    // For each module the imports between those below it, with one example each.
    let mut levels: BTreeMap<Name, BTreeMap<Name, BTreeMap<Name, Import>>> = BTreeMap::new();
    for (from, to) in imports {
        let common = from.iter().zip(to).take_while(|(one, other)| one == other).count();
        let below = |module: &Name| module[..=common].to_vec();
        let siblings = levels.entry(from[..common].to_vec()).or_default();
        let example = (from.clone(), to.clone());
        siblings.entry(below(from)).or_default().entry(below(to)).or_insert(example);
    }
    levels.values().flat_map(cycles_of_siblings).collect()
}

fn cycles_of_siblings(imports: &BTreeMap<Name, BTreeMap<Name, Import>>) -> Vec<Vec<Import>> {
    let mut found = Vec::new();
    let mut done: BTreeSet<&Name> = BTreeSet::new();
    for start in imports.keys() {
        if done.contains(start) {
            continue;
        }
        if let Some(cycle) = shortest_cycle(start, imports) {
            done.extend(cycle.iter().copied());
            let next = cycle.iter().cycle().skip(1);
            let examples = cycle.iter().zip(next).filter_map(|(from, to)| imports.get(*from)?.get(*to));
            found.push(examples.cloned().collect());
        }
    }
    found
}

/// The modules of a shortest cycle through one.
fn shortest_cycle<'a>(
    start: &'a Name,
    imports: &'a BTreeMap<Name, BTreeMap<Name, Import>>,
) -> Option<Vec<&'a Name>> {
    let mut before: BTreeMap<&Name, &Name> = BTreeMap::new();
    let mut queue = VecDeque::from([start]);
    while let Some(module) = queue.pop_front() {
        for next in imports.get(module).into_iter().flat_map(BTreeMap::keys) {
            if next == start {
                let mut cycle = vec![module];
                while let Some(previous) = before.get(cycle[cycle.len() - 1]) {
                    cycle.push(previous);
                }
                cycle.reverse();
                return Some(cycle);
            }
            if !before.contains_key(next) {
                before.insert(next, module);
                queue.push_back(next);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(imports: &[(&str, &str)]) -> Vec<String> {
        let name = |text: &str| text.split("::").map(str::to_owned).collect::<Name>();
        let imports = imports.iter().map(|(from, to)| (name(from), name(to))).collect();
        let shown = |(from, to): &Import| format!("{}>{}", from.join("::"), to.join("::"));
        cycles(&imports).iter().map(|cycle| cycle.iter().map(shown).collect::<Vec<_>>().join(" ")).collect()
    }

    #[test]
    fn files_and_folders_may_not_import_each_other() {
        assert_eq!(found(&[("a", "b"), ("b", "c"), ("a", "c")]), Vec::<String>::new());
        assert_eq!(found(&[("a", "b"), ("b", "a")]), ["a>b b>a"]);
        assert_eq!(found(&[("d", "a"), ("a", "b"), ("b", "c"), ("c", "a")]), ["a>b b>c c>a"]);
        assert_eq!(found(&[("a::x", "b"), ("b", "a::y")]), ["a::x>b b>a::y"], "folders, though no files");
        assert_eq!(found(&[("a::x", "a::y"), ("a::y", "b")]), Vec::<String>::new());
        assert_eq!(found(&[("a::x", "a::y"), ("a::y", "a::x"), ("b", "a")]), ["a::x>a::y a::y>a::x"]);
    }

    #[test]
    fn each_module_in_a_cycle_is_in_one_that_is_shown() {
        assert_eq!(found(&[("a", "b"), ("b", "c"), ("c", "a"), ("b", "a")]), ["a>b b>a", "c>a a>b b>c"]);
        assert_eq!(found(&[("a", "b"), ("b", "a"), ("c", "d"), ("d", "c")]), ["a>b b>a", "c>d d>c"]);
    }
}
