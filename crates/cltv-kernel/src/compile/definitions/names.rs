//! The names in a piece of source, and what of it says nothing about a type's layout.

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use std::collections::BTreeSet;
use syn::UseTree;

/// What the names of associated constants and types begin with here: they are no names of their own.
pub(super) const ASSOCIATED: &str = "::";

/// Traits of the standard library that give a type nothing that a layout could be made of.
pub(super) const NO_CHANGE_OF_LAYOUT: [&str; 18] = [
    "AsMut",
    "AsRef",
    "Clone",
    "Copy",
    "Debug",
    "Default",
    "Display",
    "Drop",
    "Eq",
    "Error",
    "From",
    "Hash",
    "Into",
    "Ord",
    "PartialEq",
    "PartialOrd",
    "Send",
    "Sync",
];

/// Attributes that say nothing about a layout. Any other may be a macro that rewrites its type.
const HARMLESS_ATTRIBUTES: [&str; 14] = [
    "allow",
    "cold",
    "default",
    "deny",
    "deprecated",
    "doc",
    "expect",
    "forbid",
    "inline",
    "must_use",
    "non_exhaustive",
    "test",
    "track_caller",
    "warn",
];

pub(super) fn name_of(name: &Ident) -> String {
    let name = name.to_string();
    name.strip_prefix("r#").unwrap_or(&name).to_owned()
}

/// The tokens without documentation, derives of the standard library and other attributes that say
/// nothing about a layout.
pub(super) fn without_attributes(tokens: TokenStream) -> TokenStream {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut kept = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let attribute = match (token, tokens.get(at + 1)) {
            (TokenTree::Punct(sign), Some(TokenTree::Group(group))) if sign.as_char() == '#' => Some(group),
            _ => None,
        };
        match (token, attribute) {
            (_, Some(group)) if is_harmless(group.stream()) => at += 1,
            (TokenTree::Group(group), _) => {
                let inner = without_attributes(group.stream());
                kept.push(TokenTree::Group(Group::new(group.delimiter(), inner)));
            }
            _ => kept.push(token.clone()),
        }
        at += 1;
    }
    kept.into_iter().collect()
}

/// Whether an attribute says nothing about a layout.
pub(super) fn is_harmless(attribute: TokenStream) -> bool {
    let mut tokens = attribute.into_iter();
    let Some(TokenTree::Ident(name)) = tokens.next() else { return false };
    let name = name.to_string();
    match (name.as_str(), tokens.next()) {
        ("derive", Some(TokenTree::Group(group))) => group.stream().into_iter().all(|token| match token {
            TokenTree::Ident(name) => NO_CHANGE_OF_LAYOUT.contains(&&*name.to_string()),
            TokenTree::Punct(sign) => sign.as_char() == ',',
            _ => false,
        }),
        // `clippy::` and such have a path.
        (_, Some(TokenTree::Punct(sign))) if sign.as_char() == ':' => matches!(&*name, "clippy" | "rustfmt"),
        (name, _) => HARMLESS_ATTRIBUTES.contains(&name),
    }
}

/// The names that paths begin with, also behind `crate::`, `self::` and `super::`, and behind `::` and `.`
/// those that may be associated with something.
pub(crate) fn first_names(tokens: TokenStream, names: &mut BTreeSet<String>) {
    let (mut colons, mut is_behind_root, mut is_behind_dot) = (0, false, false);
    for token in tokens {
        match &token {
            TokenTree::Punct(sign) if sign.as_char() == ':' => {
                colons += 1;
                continue;
            }
            TokenTree::Ident(name) => {
                let name = name_of(name);
                let is_associated = (colons == 2 && !is_behind_root) || is_behind_dot;
                if is_associated {
                    names.insert(format!("{ASSOCIATED}{name}"));
                }
                // A range ends behind a dot too.
                if !is_associated || is_behind_dot {
                    names.insert(name.clone());
                }
                is_behind_root = matches!(&*name, "crate" | "self" | "super");
                (colons, is_behind_dot) = (0, false);
                continue;
            }
            TokenTree::Group(group) => first_names(group.stream(), names),
            _ => {}
        }
        colons = 0;
        is_behind_root = false;
        is_behind_dot = matches!(&token, TokenTree::Punct(sign) if sign.as_char() == '.');
    }
}

/// The names that an import gives, and whether it gives all that there are somewhere.
pub(super) fn imported<'a>(tree: &'a UseTree, names: &mut Vec<&'a Ident>, has_glob: &mut bool) {
    match tree {
        UseTree::Path(path) => imported(&path.tree, names, has_glob),
        UseTree::Name(name) => names.push(&name.ident),
        UseTree::Rename(renamed) => names.push(&renamed.rename),
        UseTree::Group(group) => group.items.iter().for_each(|tree| imported(tree, names, has_glob)),
        UseTree::Glob(_) => *has_glob = true,
    }
}
