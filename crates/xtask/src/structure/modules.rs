//! The modules of a crate that are files of their own, and which file declares a name.

use super::imports::{self, Path};
use anyhow::{Context, Result};
use proc_macro2::TokenStream;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path as FilePath, PathBuf};
use syn::{Item, UseTree};

/// A module by its names from the crate's root; the root is empty.
pub(crate) type Name = Vec<String>;

/// How many re-exports are followed, one behind the other.
const MOST_STEPS: usize = 16;

struct Module {
    file: PathBuf,
    /// Names declared in the file.
    declared: BTreeSet<String>,
    /// Names that `use` declarations bring in, with what they stand for.
    imported: Vec<(String, Path)>,
    /// Modules all of whose names are brought in.
    globs: Vec<Path>,
    /// What the file's code mentions.
    paths: Vec<Path>,
}

/// The modules of one crate.
pub(crate) struct Modules {
    all: BTreeMap<Name, Module>,
}

impl Modules {
    /// Reads the crate in a folder; the file of the root is `lib.rs`, or else `main.rs`.
    pub(crate) fn read(folder: &FilePath) -> Result<Modules> {
        let source = folder.join("src");
        let root =
            ["lib.rs", "main.rs"].map(|file| source.join(file)).into_iter().find(|file| file.is_file());
        let root = root.with_context(|| format!("{} has neither lib.rs nor main.rs", source.display()))?;
        let mut all = BTreeMap::from([(Vec::new(), Module::read(&root, &[])?)]);
        read_folder(&source, &[], &mut all)?;
        Ok(Modules { all })
    }

    /// The file of a module.
    pub(crate) fn file(&self, name: &Name) -> Option<&FilePath> {
        self.all.get(name).map(|module| module.file.as_path())
    }

    /// Each module with the others that declare what it mentions, but for those above and below it.
    pub(crate) fn imports(&self) -> BTreeSet<(Name, Name)> {
        let mut edges = BTreeSet::new();
        for (name, module) in &self.all {
            for path in &module.paths {
                let found = self.declaring(path, MOST_STEPS);
                if !found.starts_with(name) && !name.starts_with(&found) {
                    edges.insert((name.clone(), found));
                }
            }
        }
        edges
    }

    /// The module that declares what a path stands for, as far as that can be followed.
    fn declaring(&self, path: &[String], steps: usize) -> Name {
        let mut at: Name = Vec::new();
        for (position, word) in path.iter().enumerate() {
            let next: Name = at.iter().chain([word]).cloned().collect();
            if self.all.contains_key(&next) {
                at = next;
                continue;
            }
            let Some(module) =
                self.all.get(&at).filter(|module| steps > 0 && !module.declared.contains(word))
            else {
                break;
            };
            let rest = &path[position + 1..];
            let named = module.imported.iter().find(|(name, _)| name == word).map(|(_, target)| target);
            let target = named.cloned().or_else(|| self.through_globs(module, word));
            return match target {
                Some(target) => self.declaring(&[target.as_slice(), rest].concat(), steps - 1),
                None => at,
            };
        }
        at
    }

    /// The path of a name that one of a module's globs brings in.
    fn through_globs(&self, module: &Module, word: &str) -> Option<Path> {
        let brings = |glob: &&Path| {
            let below: Name = glob.iter().cloned().chain([word.to_owned()]).collect();
            let declares = |module: &Module| {
                module.declared.contains(word) || module.imported.iter().any(|(name, _)| name == word)
            };
            self.all.contains_key(&below) || self.all.get(*glob).is_some_and(declares)
        };
        let glob = module.globs.iter().find(brings)?;
        Some(glob.iter().cloned().chain([word.to_owned()]).collect())
    }
}

fn read_folder(folder: &FilePath, above: &[String], all: &mut BTreeMap<Name, Module>) -> Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        let name: Name = above.iter().cloned().chain([stem.clone()]).collect();
        if path.is_dir() {
            if path.join("mod.rs").is_file() {
                all.insert(name.clone(), Module::read(&path.join("mod.rs"), &name)?);
            }
            // Programs in `src/bin` are crates of their own.
            if !(above.is_empty() && stem == "bin") {
                read_folder(&path, &name, all)?;
            }
        } else if path.extension().is_some_and(|extension| extension == "rs")
            && !(stem == "mod" || above.is_empty() && (stem == "lib" || stem == "main"))
        {
            all.insert(name.clone(), Module::read(&path, &name)?);
        }
    }
    Ok(())
}

impl Module {
    fn read(file: &FilePath, name: &[String]) -> Result<Module> {
        let text = std::fs::read_to_string(file)?;
        Module::of(&text, file, name).with_context(|| format!("{} is not Rust", file.display()))
    }

    fn of(text: &str, file: &FilePath, name: &[String]) -> Result<Module> {
        let tokens: TokenStream = text.parse().map_err(|error| anyhow::anyhow!("{error}"))?;
        let mut module = Module {
            file: file.to_path_buf(),
            declared: BTreeSet::new(),
            imported: Vec::new(),
            globs: Vec::new(),
            paths: imports::paths(&tokens, name),
        };
        for item in &syn::parse2::<syn::File>(tokens)?.items {
            match item {
                Item::Use(import) => module.import(&import.tree, None, name),
                item => module.declared.extend(declared(item)),
            }
        }
        Ok(module)
    }

    /// Notes the names that a `use` brings in; `path` is what stands before the tree, if anything.
    fn import(&mut self, tree: &UseTree, path: Option<Path>, module: &[String]) {
        match tree {
            UseTree::Path(step) => {
                self.import(&step.tree, Some(then(path, &step.ident.to_string(), module)), module);
            }
            UseTree::Name(name) => {
                let path = then(path, &name.ident.to_string(), module);
                self.imported.extend(path.last().cloned().map(|last| (last, path)));
            }
            UseTree::Rename(name) => {
                let path = then(path, &name.ident.to_string(), module);
                self.imported.push((name.rename.to_string(), path));
            }
            UseTree::Glob(_) => self.globs.extend(path),
            UseTree::Group(group) => {
                group.items.iter().for_each(|tree| self.import(tree, path.clone(), module));
            }
        }
    }
}

/// The names from the root with one more word of a `use`. A first word that is none of Rust's own is a
/// module of this file, or another crate, which leads nowhere.
fn then(path: Option<Path>, word: &str, module: &[String]) -> Path {
    let parent = || module[..module.len().saturating_sub(1)].to_vec();
    match (path, word) {
        (None, "crate") => Vec::new(),
        (None, "self") => module.to_vec(),
        (None, "super") => parent(),
        (None, word) => module.iter().cloned().chain([word.to_owned()]).collect(),
        (Some(path), "self") => path,
        (Some(mut path), "super") => {
            path.pop();
            path
        }
        (Some(mut path), word) => {
            path.push(word.to_owned());
            path
        }
    }
}

fn declared(item: &Item) -> Option<String> {
    Some(match item {
        Item::Const(item) => item.ident.to_string(),
        Item::Enum(item) => item.ident.to_string(),
        Item::Fn(item) => item.sig.ident.to_string(),
        Item::Macro(item) => item.ident.as_ref()?.to_string(),
        Item::Mod(item) => item.ident.to_string(),
        Item::Static(item) => item.ident.to_string(),
        Item::Struct(item) => item.ident.to_string(),
        Item::Trait(item) => item.ident.to_string(),
        Item::Type(item) => item.ident.to_string(),
        Item::Union(item) => item.ident.to_string(),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn imports(files: &[(&str, &str)]) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        for (file, text) in files {
            let path = folder.path().join("src").join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let modules = Modules::read(folder.path()).unwrap();
        let edges = modules.imports().into_iter();
        edges.map(|(from, to)| format!("{} -> {}", from.join("::"), to.join("::"))).collect()
    }

    #[test]
    fn an_import_leads_to_the_file_that_declares_the_name() {
        let files = [
            ("lib.rs", "mod a; mod b; mod c; pub use a::x::X; use b::*; pub use c::C as Renamed;"),
            ("a/mod.rs", "pub mod x; pub(crate) use self::x::Y; pub struct Own;"),
            ("a/x.rs", "pub struct X; pub struct Y; use super::Own;"),
            ("b.rs", "pub struct B; use crate::{X, a::Y};"),
            ("c.rs", "pub struct C; use crate::B; use crate::a; fn f() { a::g() }"),
            ("a/z.rs", "use crate::Renamed;"),
            ("main.rs", "use crate::nothing;"),
            ("bin/tool.rs", "use crate::a;"),
        ];
        assert_eq!(imports(&files), ["a::z -> c", "b -> a::x", "c -> a", "c -> b"]);
    }

    #[test]
    fn what_cannot_be_followed_stays_with_the_module_that_was_reached() {
        let files = [
            ("main.rs", "mod a; mod b; use std::fs; use a::b::c;"),
            ("a.rs", "variables! { NAME = 1 } pub use a::again;"),
            ("b.rs", "use crate::a::NAME; use crate::a::again; use crate::fs::File; use crate::c;"),
        ];
        assert_eq!(imports(&files), ["b -> a"]);
    }
}
