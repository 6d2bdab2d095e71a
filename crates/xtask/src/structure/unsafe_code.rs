//! The list of `unsafe` code in `docs/reliability.md`, against the sources.

use anyhow::{Context, Result};
use proc_macro2::{TokenStream, TokenTree};
use std::collections::BTreeMap;
use std::path::Path;
use std::str::FromStr;

/// The page with the list, relative to the checkout.
const PAGE: &str = "docs/reliability.md";

/// The columns of the list.
const HEADER: &str = "| file | blocks | why |";

/// Files with the number of their blocks and functions that are `unsafe`.
type Counts = BTreeMap<String, usize>;

/// Compares the list with the sources of all crates, with their tests in `src` and their examples.
pub(super) fn compare(root: &Path) -> Result<Vec<String>> {
    let mut counts = Counts::new();
    let crates = root.join("crates");
    for entry in std::fs::read_dir(&crates)? {
        let member = entry?.path();
        for folder in ["src", "examples"] {
            collect(&crates, &member.join(folder), &mut counts)?;
        }
    }
    let page = std::fs::read_to_string(root.join(PAGE)).with_context(|| PAGE.to_owned())?;
    Ok(differences(&listed(&page), &counts))
}

fn collect(crates: &Path, folder: &Path, counts: &mut Counts) -> Result<()> {
    if !folder.is_dir() {
        return Ok(());
    }
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(crates, &path, counts)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path)?;
            let count = count(&text).with_context(|| path.display().to_string())?;
            let name = path.strip_prefix(crates)?.display().to_string();
            counts.extend((count > 0).then_some((name, count)));
        }
    }
    Ok(())
}

/// How often the keyword stands before a block, a function, an implementation or an attribute; not in
/// strings and comments.
fn count(text: &str) -> Result<usize> {
    let code = TokenStream::from_str(text).map_err(|error| anyhow::anyhow!("{error}"))?;
    let (mut count, mut open) = (0, vec![code.into_iter()]);
    while let Some(level) = open.last_mut() {
        match level.next() {
            None => drop(open.pop()),
            Some(TokenTree::Ident(word)) => count += usize::from(word == "unsafe"),
            Some(TokenTree::Group(group)) => open.push(group.stream().into_iter()),
            Some(_) => {}
        }
    }
    Ok(count)
}

/// The list on the page.
fn listed(page: &str) -> Counts {
    let rows = page.lines().skip_while(|line| *line != HEADER).skip(2);
    let rows = rows.take_while(|line| line.starts_with('|'));
    rows.filter_map(|line| {
        let mut cells = line.trim_matches('|').split('|').map(str::trim);
        let (file, count, why) = (cells.next()?, cells.next()?.parse().ok()?, cells.next()?);
        (!why.is_empty()).then(|| (file.trim_matches('`').to_owned(), count))
    })
    .collect()
}

fn differences(listed: &Counts, found: &Counts) -> Vec<String> {
    let files: std::collections::BTreeSet<&String> = listed.keys().chain(found.keys()).collect();
    let differing = files.into_iter().filter(|file| listed.get(*file) != found.get(*file));
    differing
        .map(|file| {
            let count = |counts: &Counts| counts.get(file).copied().unwrap_or(0);
            format!(
                "{file} has {} `unsafe`, and the list in {PAGE} has {}: give each its reason there",
                count(found),
                count(listed)
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keyword_counts_where_it_is_code() {
        let text = "// unsafe\nconst A: &str = \"unsafe\";\nfn f() { unsafe { g() } }\nunsafe fn g() {}\nm!(unsafe {});";
        assert_eq!(count(text).unwrap(), 3);
        assert_eq!(count("#![warn(unsafe_op_in_unsafe_fn)]").unwrap(), 0);
    }

    #[test]
    fn a_file_that_is_not_listed_or_counted_otherwise_is_found() {
        let page = format!(
            "# A\n\n{HEADER}\n|---|---|---|\n| `a/src/lib.rs` | 2 | signals |\n| `b/src/lib.rs` | 1 | |\n\nEnd"
        );
        let list = listed(&page);
        assert_eq!(
            list,
            Counts::from([("a/src/lib.rs".to_owned(), 2)]),
            "a row without a reason does not count"
        );
        assert!(differences(&list, &list).is_empty());
        let found = Counts::from([("a/src/lib.rs".to_owned(), 3), ("c/src/lib.rs".to_owned(), 1)]);
        let said = differences(&list, &found);
        assert_eq!(said.len(), 2);
        assert!(
            said[0].starts_with("a/src/lib.rs has 3 `unsafe`, and the list in docs/reliability.md has 2"),
            "{said:?}"
        );
    }
}
