//! The index of the standard library, from the pages that come with the compiler; its sources and its JSON
//! do not.

use super::lines::Lines;
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Types, by their paths and pages.
const TYPES: &[(&str, &str)] = &[
    ("[T]", "primitive.slice.html"),
    ("[T; N]", "primitive.array.html"),
    ("bool", "primitive.bool.html"),
    ("char", "primitive.char.html"),
    ("f64", "primitive.f64.html"),
    ("i64", "primitive.i64.html"),
    ("str", "primitive.str.html"),
    ("u64", "primitive.u64.html"),
    ("std::boxed::Box", "boxed/struct.Box.html"),
    ("std::cell::Cell", "cell/struct.Cell.html"),
    ("std::cell::RefCell", "cell/struct.RefCell.html"),
    ("std::collections::BTreeMap", "collections/struct.BTreeMap.html"),
    ("std::collections::BTreeSet", "collections/struct.BTreeSet.html"),
    ("std::collections::HashMap", "collections/struct.HashMap.html"),
    ("std::collections::HashSet", "collections/struct.HashSet.html"),
    ("std::collections::VecDeque", "collections/struct.VecDeque.html"),
    ("std::collections::hash_map::Entry", "collections/hash_map/enum.Entry.html"),
    ("std::fs::File", "fs/struct.File.html"),
    ("std::option::Option", "option/enum.Option.html"),
    ("std::path::Path", "path/struct.Path.html"),
    ("std::path::PathBuf", "path/struct.PathBuf.html"),
    ("std::rc::Rc", "rc/struct.Rc.html"),
    ("std::result::Result", "result/enum.Result.html"),
    ("std::string::String", "string/struct.String.html"),
    ("std::sync::Arc", "sync/struct.Arc.html"),
    ("std::sync::Mutex", "sync/struct.Mutex.html"),
    ("std::time::Duration", "time/struct.Duration.html"),
    ("std::time::Instant", "time/struct.Instant.html"),
    ("std::vec::Vec", "vec/struct.Vec.html"),
];

/// Traits of the prelude.
const TRAITS: &[(&str, &str)] = &[
    ("std::clone::Clone", "clone/trait.Clone.html"),
    ("std::cmp::Ord", "cmp/trait.Ord.html"),
    ("std::cmp::PartialOrd", "cmp/trait.PartialOrd.html"),
    ("std::default::Default", "default/trait.Default.html"),
    ("std::iter::DoubleEndedIterator", "iter/trait.DoubleEndedIterator.html"),
    ("std::iter::ExactSizeIterator", "iter/trait.ExactSizeIterator.html"),
    ("std::iter::IntoIterator", "iter/trait.IntoIterator.html"),
    ("std::iter::Iterator", "iter/trait.Iterator.html"),
    ("std::string::ToString", "string/trait.ToString.html"),
];

/// The name of the trait whose types have all methods of `ToString`.
const DISPLAY: &str = "Display";

/// The release of the compiler that is called.
pub(super) fn release() -> Result<String> {
    let output = Command::new("rustc").arg("-vV").output()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let release = text.lines().find_map(|line| line.strip_prefix("release: "));
    Ok(release.context("rustc does not name its release")?.to_owned())
}

/// The lines; none where the pages are not installed.
pub(super) fn lines() -> Result<Option<Lines>> {
    let output = Command::new("rustc").args(["--print", "sysroot"]).output()?;
    let sysroot = PathBuf::from(String::from_utf8_lossy(&output.stdout).trim());
    let folder = sysroot.join("share/doc/rust/html/std");
    if !folder.is_dir() {
        eprintln!("rust-docs is not installed: the index of the standard library stays as it is");
        return Ok(None);
    }
    let mut lines = Lines::default();
    for (path, page) in TYPES.iter().chain(TRAITS) {
        add(path, &read(&folder, page)?, &mut lines);
    }
    // Iterators have no methods of their own, and there are many.
    for (path, page) in TRAITS.iter().filter(|(path, _)| path.ends_with("Iterator")) {
        let page = read(&folder, page)?;
        let implementors = page.split("id=\"implementors\"").nth(1).unwrap_or_default();
        for block in implementors.split("<section id=\"impl-").skip(1) {
            let heading = between(block, "<h3 class=\"code-header\">", "</h3>").unwrap_or_default();
            let subject = heading.rsplit("</a> for ").next().unwrap_or_default();
            let subject = subject.split("<div class=\"where\">").next().unwrap_or_default();
            let is_value = !subject.starts_with("&amp;") && !is_negative(heading);
            // A box is an iterator where its content is one.
            let name = between(subject, "title=\"struct ", "\"")
                .filter(|name| is_value && *name != "std::boxed::Box");
            name.into_iter().for_each(|name| lines.link(name, "impl", path));
        }
    }
    Ok(Some(lines))
}

fn read(folder: &Path, page: &str) -> Result<String> {
    let file = folder.join(page);
    std::fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))
}

/// Adds what a page describes.
fn add(path: &str, page: &str, lines: &mut Lines) {
    let declared = text(between(page, "item-decl\"><code>", "</code>").unwrap_or_default());
    let kinds = ["trait", "enum", "struct"];
    let kind = kinds.into_iter().find(|kind| declared.contains(&format!("{kind} "))).unwrap_or("primitive");
    let name = path.rsplit("::").next().unwrap_or_default();
    let declared = match kind {
        "primitive" => name.to_owned(),
        _ => format!("pub {kind} {name}"),
    };
    lines.item(path, kind, &declared, &first_paragraph(page));
    for block in own_part(page).split("<section id=\"").skip(1) {
        method(path, block, lines);
    }
    for block in page.split("<section id=\"impl-").skip(1) {
        of_impl(path, kind, block, lines);
    }
    let heading = between(page, "id=\"deref-methods-", "</h2>");
    let target = heading.and_then(|heading| between(heading, "Target = ", "</span>"));
    match target {
        Some(target) => lines.link(path, "deref", text(target).trim_end_matches('>')),
        None if page.contains("<section id=\"impl-Deref-for-") => lines.link(path, "deref", "T"),
        None => {}
    }
}

/// Adds the trait of a section about one, if its methods are those of the type's values.
fn of_impl(path: &str, kind: &str, block: &str, lines: &mut Lines) {
    let heading = between(block, "<h3 class=\"code-header\">", "</h3>").unwrap_or_default();
    let Some((name, subject)) = block.split_once("-for-") else { return };
    let is_conditional = path == "std::boxed::Box" && name.ends_with("Iterator");
    if kind == "trait" || subject.starts_with("%26") || is_negative(heading) || is_conditional {
        return;
    }
    let name = if name == DISPLAY { "ToString" } else { name };
    let known = TRAITS.iter().find(|(known, _)| known.ends_with(&format!("::{name}")));
    known.into_iter().for_each(|(known, _)| lines.link(path, "impl", known));
}

/// Whether a heading says that a type does not have a trait.
fn is_negative(heading: &str) -> bool {
    heading.contains("!<a ")
}

/// The part of a page about its own methods.
fn own_part(page: &str) -> &str {
    let ends = [
        "<h2 id=\"deref-methods",
        "<h2 id=\"trait-implementations\"",
        "<h2 id=\"foreign-impls\"",
        "id=\"implementors\"",
    ];
    let end = ends.iter().filter_map(|mark| page.find(mark)).min().unwrap_or(page.len());
    &page[..end]
}

/// Adds the method that a section describes, if it is a stable one.
fn method(path: &str, block: &str, lines: &mut Lines) {
    let name = block.split('"').next().unwrap_or_default();
    let is_method = ["method.", "tymethod."].iter().find_map(|kind| name.strip_prefix(kind));
    let Some(section) = block.split_once("</section>") else { return };
    let (Some(name), (head, rest)) = (is_method, section) else { return };
    // The second of a name has a number behind it.
    let name = name.split('-').next().unwrap_or(name);
    if !head.contains("class=\"since\"")
        || rest.split("docblock").next().is_some_and(|note| note.contains("stab deprecated"))
    {
        return;
    }
    let signature = between(head, "<h4 class=\"code-header\">", "</h4>").unwrap_or_default();
    let signature = text(&signature.replace("<div class=\"where\">", " ")).replace('ⓘ', "");
    let after = rest.split("<section id=\"").next().unwrap_or_default();
    let arguments = signature.split_once('(').map_or("", |(_, rest)| rest);
    let has_self = ["self", "&self", "&mut self", "mut self"].iter().any(|own| arguments.starts_with(own));
    let kind = if has_self { "method" } else { "fn" };
    lines.item(
        &format!("{path}::{name}"),
        kind,
        signature.trim().trim_end_matches(','),
        &first_paragraph(after),
    );
}

fn first_paragraph(html: &str) -> String {
    let block = html.split_once("<div class=\"docblock\">").map_or("", |(_, rest)| rest);
    let words = text(between(block, "<p>", "</p>").unwrap_or_default());
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn between<'a>(text: &'a str, begin: &str, end: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(begin)?;
    Some(rest.split_once(end)?.0)
}

/// The text between the tags.
fn text(html: &str) -> String {
    let mut pieces = html.split('<');
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        out.push_str(piece.split_once('>').map_or(piece, |(_, rest)| rest));
    }
    let marks =
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&nbsp;", " "), ("&amp;", "&")];
    marks.iter().fold(out, |out, (mark, c)| out.replace(mark, c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_becomes_lines() {
        let section = |name: &str, since: &str| {
            format!(
                "<section id=\"method.{name}\" class=\"method\">{since}<h4 class=\"code-header\">pub fn <a>{name}</a>(&amp;self) -&gt; <a>T</a> <a>ⓘ</a></h4></section></summary><div class=\"docblock\"><p>Takes\nit.</p></div>"
            )
        };
        let page = format!(
            "<title>Vec in std</title><pre class=\"rust item-decl\"><code>pub struct Vec</code></pre><div class=\"docblock\"><p>A list.</p></div>{}{}<h2 id=\"deref-methods-x\"><span>Methods from Deref&lt;Target = <a>[T]</a>&gt;</span></h2>{}<section id=\"impl-Clone-for-Vec\">",
            section("pop", "<span class=\"since\">1</span>"),
            section("unstable", ""),
            section("of_slice", "<span class=\"since\">1</span>"),
        );
        let mut lines = Lines::default();
        add("std::vec::Vec", &page, &mut lines);
        assert_eq!(
            lines.text("#").lines().skip(2).collect::<Vec<_>>(),
            [
                "std::vec::Vec\tderef\t[T]",
                "std::vec::Vec\timpl\tstd::clone::Clone",
                "std::vec::Vec\tstruct\tpub struct Vec\tA list.",
                "std::vec::Vec::pop\tmethod\tpub fn pop(&self) -> T\tTakes it.",
            ]
        );
    }
}
