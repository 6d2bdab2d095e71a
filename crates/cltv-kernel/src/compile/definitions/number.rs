//! A number for a definition and all that it uses.

use super::Definition;
use super::names::ASSOCIATED;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// The name under which stands what may be part of any type: calls of macros, and what a source has that
/// is not known here.
pub(super) const EVERYWHERE: &str = "!";
/// The name under which stand imports of all that is somewhere.
pub(super) const GLOBS: &str = "*";

/// Names whose meaning no import of all that is somewhere can change.
const FIXED: [&str; 48] = [
    "Self", "alloc", "as", "bool", "char", "const", "core", "crate", "dyn", "enum", "extern", "f32", "f64",
    "false", "fn", "for", "i128", "i16", "i32", "i64", "i8", "impl", "in", "isize", "let", "match", "mut",
    "pub", "ref", "return", "self", "static", "std", "str", "struct", "super", "trait", "true", "type",
    "u128", "u16", "u32", "u64", "u8", "union", "unsafe", "usize", "where",
];

/// Whether a name is none of the source.
pub(super) fn is_special(name: &str) -> bool {
    name == EVERYWHERE || name == GLOBS
}

/// The number of a definition, of all definitions that it uses, and of what may be part of any.
pub(super) fn number(all: &BTreeMap<String, Definition>, name: &str) -> u64 {
    let mut used = Used { all, names: BTreeSet::new(), has_unknown: false };
    used.add(name);
    used.add(EVERYWHERE);
    if used.has_unknown {
        used.add(GLOBS);
    }
    hash(used.names.iter().filter_map(|name| all.get(*name)))
}

/// The number of all that there is.
pub(super) fn number_of_all(all: &BTreeMap<String, Definition>) -> u64 {
    hash(all.values())
}

struct Used<'a> {
    all: &'a BTreeMap<String, Definition>,
    names: BTreeSet<&'a str>,
    /// Whether something is used that is defined elsewhere.
    has_unknown: bool,
}

impl<'a> Used<'a> {
    fn add(&mut self, name: &str) {
        let Some((name, _)) = self.all.get_key_value(name) else { return };
        let mut open = vec![name];
        self.names.insert(name);
        while let Some(name) = open.pop() {
            for part in &self.all[name].parts {
                match self.all.get_key_value(part) {
                    Some((part, _)) if self.names.insert(part) => open.push(part),
                    Some(_) => {}
                    None => {
                        let is_known = part.starts_with(ASSOCIATED) || FIXED.contains(&part.as_str());
                        self.has_unknown |= !is_known;
                    }
                }
            }
        }
    }
}

fn hash<'a>(definitions: impl Iterator<Item = &'a Definition>) -> u64 {
    let mut hash = Sha256::new();
    for text in definitions.flat_map(|definition| &definition.texts) {
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text);
    }
    u64::from_le_bytes(hash.finalize()[..8].try_into().unwrap_or_default())
}
