//! The paths in a source that begin at its own crate.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// A path such as `crate::a::B` or `super::b`, as the names behind the crate's root. The last name is `*`
/// where everything is imported.
pub(crate) type Path = Vec<String>;

/// The paths of a module's source that begin with `crate`, `super` or `self`, but for those in code for
/// tests. Paths in macros count, too.
pub(crate) fn paths(source: &TokenStream, module: &[String]) -> Vec<Path> {
    let mut found = Vec::new();
    collect(source.clone(), module, &mut found);
    found
}

fn collect(tokens: TokenStream, module: &[String], found: &mut Vec<Path>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut at = 0;
    while at < tokens.len() {
        if is_test_attribute(&tokens[at..]) {
            at = end_of_item(&tokens, at);
            continue;
        }
        if let Some((mut base, next)) = beginning(&tokens, at, module) {
            at = follow(&tokens, next, &mut base, found);
            continue;
        }
        if let TokenTree::Group(group) = &tokens[at] {
            let inline = inline_module(&tokens, at);
            let inner: Vec<String> = module.iter().cloned().chain(inline).collect();
            collect(group.stream(), &inner, found);
        }
        at += 1;
    }
}

/// `#[cfg(test)]`.
fn is_test_attribute(tokens: &[TokenTree]) -> bool {
    let [TokenTree::Punct(mark), TokenTree::Group(group), ..] = tokens else { return false };
    let text: String = group.stream().to_string().split_whitespace().collect();
    mark.as_char() == '#' && (text == "cfg(test)" || text.starts_with("cfg(all(test,"))
}

/// The place behind an item: behind its body, or its semicolon.
fn end_of_item(tokens: &[TokenTree], begin: usize) -> usize {
    let ends = |token: &TokenTree| match token {
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        TokenTree::Punct(mark) => mark.as_char() == ';',
        _ => false,
    };
    tokens[begin..].iter().position(ends).map_or(tokens.len(), |at| begin + at + 1)
}

/// The name of the module whose body is at this place: `mod name { … }`.
fn inline_module(tokens: &[TokenTree], at: usize) -> Option<String> {
    let [.., TokenTree::Ident(keyword), TokenTree::Ident(name)] = &tokens[..at] else { return None };
    (keyword == "mod").then(|| name.to_string())
}

/// Where a path begins: the names from the root that it starts with, and the place behind.
fn beginning(tokens: &[TokenTree], at: usize, module: &[String]) -> Option<(Path, usize)> {
    let TokenTree::Ident(word) = &tokens[at] else { return None };
    let base = match word.to_string().as_str() {
        "crate" => Vec::new(),
        "self" => module.to_vec(),
        "super" => module[..module.len().saturating_sub(1)].to_vec(),
        _ => return None,
    };
    separator(tokens, at + 1).map(|next| (base, next))
}

/// The place behind `::`.
fn separator(tokens: &[TokenTree], at: usize) -> Option<usize> {
    let is_colon =
        |token: Option<&TokenTree>| matches!(token, Some(TokenTree::Punct(mark)) if mark.as_char() == ':');
    (is_colon(tokens.get(at)) && is_colon(tokens.get(at + 1))).then_some(at + 2)
}

/// Follows a path from behind a `::`; gives the place behind it.
fn follow(tokens: &[TokenTree], mut at: usize, base: &mut Path, found: &mut Vec<Path>) -> usize {
    loop {
        match tokens.get(at) {
            Some(TokenTree::Ident(word)) if word == "super" => {
                base.pop();
            }
            Some(TokenTree::Ident(word)) if word == "self" => {}
            Some(TokenTree::Ident(word)) => base.push(word.to_string().trim_start_matches("r#").to_owned()),
            Some(TokenTree::Punct(mark)) if mark.as_char() == '*' => base.push("*".to_owned()),
            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
                branches(group.stream(), base, found);
                return at + 1;
            }
            _ => break,
        }
        match separator(tokens, at + 1) {
            Some(next) => at = next,
            None => {
                at += 1;
                break;
            }
        }
    }
    found.push(base.clone());
    at
}

/// The paths of `{a, b::C, d::{self, E}}` behind a base.
fn branches(tokens: TokenStream, base: &Path, found: &mut Vec<Path>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let is_comma = |token: &TokenTree| matches!(token, TokenTree::Punct(mark) if mark.as_char() == ',');
    for branch in tokens.split(is_comma).filter(|branch| !branch.is_empty()) {
        follow(branch, 0, &mut base.clone(), found);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(source: &str) -> Vec<String> {
        let module = ["a".to_owned(), "b".to_owned()];
        paths(&source.parse().unwrap(), &module).into_iter().map(|path| path.join("::")).collect()
    }

    #[test]
    fn imports_and_paths_in_code_are_found() {
        assert_eq!(found("use crate::x::Y; use std::fs;"), ["x::Y"]);
        assert_eq!(found("use crate::{x::{self, Y as Z}, w::*};"), ["x", "x::Y", "w::*"]);
        assert_eq!(found("use super::c::D; pub use self::e::F;"), ["a::c::D", "a::b::e::F"]);
        assert_eq!(found("use super::super::g;"), ["g"]);
        assert_eq!(found("fn f(y: &crate::x::Y<u8>) { g!(\"{}\", crate::h::i(1)); }"), ["x::Y", "h::i"]);
        assert_eq!(found("impl A { fn f(self) { self.g(Self::H) } }"), Vec::<String>::new());
        assert_eq!(found("mod inner { use super::x; use super::super::c; }"), ["a::b::x", "a::c"]);
    }

    #[test]
    fn code_for_tests_does_not_count() {
        assert_eq!(found("#[cfg(test)] mod tests { use crate::x; } use crate::y;"), ["y"]);
        assert_eq!(found("#[cfg(all(test, unix))] #[allow(a)] fn t() { crate::x(); }"), Vec::<String>::new());
        assert_eq!(found("#[cfg(test)] use crate::x; fn f() { crate::y() }"), ["y"]);
    }
}
