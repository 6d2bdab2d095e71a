//! The lines of one item: its own, and those of its methods, fields, variants and traits.

use super::crates::{Crates, Item, list};
use super::lines::Lines;
use super::types;
use serde_json::Value;

/// Traits of the standard library whose methods completion shows for types that implement them.
const STANDARD_TRAITS: [&str; 8] = [
    "Clone",
    "Default",
    "Display",
    "DoubleEndedIterator",
    "ExactSizeIterator",
    "IntoIterator",
    "Iterator",
    "PartialOrd",
];

/// How much of the documentation the index has.
#[derive(Clone, Copy)]
pub(super) enum Docs {
    Whole,
    FirstParagraph,
}

impl Docs {
    fn of(self, item: Item<'_>) -> String {
        match self {
            Docs::Whole => without_hidden_lines(item.docs()),
            Docs::FirstParagraph => {
                let words = item.docs().split("\n\n").next().unwrap_or_default();
                words.trim_start_matches(['#', ' ']).split_whitespace().collect::<Vec<_>>().join(" ")
            }
        }
    }
}

/// Adds an item at its path with its members.
pub(super) fn add(crates: &Crates, item: Item<'_>, path: &str, docs: Docs, lines: &mut Lines) {
    let inner = item.inner();
    let name = path.rsplit("::").next().unwrap_or_default();
    let generics = types::generics(&inner["generics"]);
    match item.kind() {
        "function" => lines.item(path, "fn", &types::signature(name, inner, true), &docs.of(item)),
        kind @ ("struct" | "enum" | "union") => {
            lines.item(path, kind, &format!("pub {kind} {name}{generics}"), &docs.of(item));
            fields(crates, item, path, docs, lines);
            list(&inner["impls"])
                .filter_map(|id| crates.item(item.home, id))
                .for_each(|block| of_impl(crates, block, path, docs, lines));
        }
        "trait" => {
            lines.item(path, "trait", &format!("pub trait {name}{generics}"), &docs.of(item));
            functions(crates, item.home, &inner["items"], path, docs, lines);
            implementations(crates, item, path, lines);
        }
        "type_alias" => {
            let text = format!("pub type {name}{generics} = {}", types::of(&inner["type"]));
            lines.item(path, "type", &text, &docs.of(item));
        }
        "constant" | "static" => {
            lines.item(
                path,
                "const",
                &format!("pub const {name}: {}", types::of(&inner["type"])),
                &docs.of(item),
            );
        }
        "macro" | "proc_macro" => lines.item(path, "macro", &format!("{name}!"), &docs.of(item)),
        "module" => lines.item(path, "mod", &format!("pub mod {name}"), &docs.of(item)),
        _ => {}
    }
}

fn fields(crates: &Crates, item: Item<'_>, path: &str, docs: Docs, lines: &mut Lines) {
    let inner = item.inner();
    let plain = list(&inner["kind"]["plain"]["fields"]);
    for part in plain.chain(list(&inner["variants"])).filter_map(|id| crates.item(item.home, id)) {
        let name = part.name();
        match part.kind() {
            "struct_field" => {
                let text = format!("{name}: {}", types::of(part.inner()));
                lines.item(&format!("{path}::{name}"), "field", &text, &docs.of(part));
            }
            _ => lines.item(&format!("{path}::{name}"), "variant", name, &docs.of(part)),
        }
    }
}

fn functions(crates: &Crates, home: &str, items: &Value, path: &str, docs: Docs, lines: &mut Lines) {
    for part in list(items).filter_map(|id| crates.item(home, id)).filter(|part| !part.is_deprecated()) {
        let (name, is_public) = (part.name(), part.json["visibility"] == "public");
        let place = format!("{path}::{name}");
        match part.kind() {
            "function" => {
                let has_self = part.inner()["sig"]["inputs"][0][0] == "self";
                let kind = if has_self { "method" } else { "fn" };
                lines.item(&place, kind, &types::signature(name, part.inner(), is_public), &docs.of(part));
            }
            "assoc_const" => {
                let text = format!("const {name}: {}", types::of(&part.inner()["type"]));
                lines.item(&place, "const", &text, &docs.of(part));
            }
            _ => {}
        }
    }
}

fn of_impl(crates: &Crates, block: Item<'_>, path: &str, docs: Docs, lines: &mut Lines) {
    let inner = block.inner();
    if inner["trait"].is_null() {
        functions(crates, block.home, &inner["items"], path, docs, lines);
        return;
    }
    if inner["is_synthetic"] == true || inner["is_negative"] == true || !inner["blanket_impl"].is_null() {
        return;
    }
    let name = inner["trait"]["path"].as_str().unwrap_or_default();
    if name == "Deref" {
        let parts = list(&inner["items"]).filter_map(|id| crates.item(block.home, id));
        let target = parts.into_iter().find(|part| part.kind() == "assoc_type");
        if let Some(target) = target {
            lines.link(path, "deref", &types::of(&target.inner()["type"]));
        }
    } else if STANDARD_TRAITS.contains(&name) {
        lines.link(path, "impl", name);
    }
}

/// The types that implement a trait, where it is defined.
fn implementations(crates: &Crates, item: Item<'_>, path: &str, lines: &mut Lines) {
    let blocks = list(&item.inner()["implementations"]).filter_map(|id| crates.item(item.home, id));
    for block in blocks {
        let subject = &block.inner()["for"];
        let found = &subject["resolved_path"]["id"];
        let name = crates.path(block.home, found);
        let primitive = || Some(subject["primitive"].as_str()?.to_owned());
        if let Some(name) = name.or_else(primitive) {
            lines.link(&name, "impl", path);
        }
    }
}

/// Documentation without the lines of examples that rustdoc hides.
fn without_hidden_lines(docs: &str) -> String {
    let mut in_code = false;
    let shown = docs.lines().filter(|line| {
        let fence = line.trim_start().starts_with("```");
        in_code ^= fence;
        let line = line.trim_start();
        !(in_code && (line == "#" || line.starts_with("# ")))
    });
    shown.collect::<Vec<_>>().join("\n")
}
