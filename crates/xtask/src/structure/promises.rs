//! The tests that `docs/reliability.md` names for its promises.

use anyhow::Result;
use std::collections::BTreeSet;
use std::path::Path;

/// The page with the promises, relative to the checkout.
const PAGE: &str = "docs/reliability.md";

/// The columns of its tables.
const HEADER: &str = "| promise | test |";

/// Promises whose test is not there, and promises that name none and do not say so.
pub(super) fn check(root: &Path) -> Result<Vec<String>> {
    let mut tests = BTreeSet::new();
    collect(&root.join("crates"), &mut tests)?;
    Ok(findings(&std::fs::read_to_string(root.join(PAGE))?, &tests))
}

fn collect(folder: &Path, tests: &mut BTreeSet<String>) -> Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, tests)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path)?;
            let after = text.split("#[test]").skip(1).chain(text.split("#[tokio::test").skip(1));
            let names = after.filter_map(|rest| rest.split("fn ").nth(1)?.split('(').next());
            tests.extend(names.map(str::to_owned));
        }
    }
    Ok(())
}

fn findings(page: &str, tests: &BTreeSet<String>) -> Vec<String> {
    let mut found = Vec::new();
    let mut within = false;
    for line in page.lines() {
        within = line == HEADER || (within && line.starts_with('|'));
        if !within || line == HEADER || line.starts_with("|---") {
            continue;
        }
        let cell = line.trim_matches('|').rsplit('|').next().unwrap_or_default().trim();
        let names: Vec<&str> =
            cell.split('`').skip(1).step_by(2).filter(|name| !name.contains(' ')).collect();
        if names.is_empty() && !cell.starts_with("no test") {
            found.push(format!("{PAGE} names no test and does not say `no test`: {line}"));
        }
        let missing = names.into_iter().filter(|name| !tests.contains(*name));
        found.extend(missing.map(|name| format!("{PAGE} names the test {name}, which is not there")));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_promise_without_its_test_is_found() {
        let page = format!(
            "{HEADER}\n|---|---|\n| a `x` | `one`, `cargo xtask faults` |\n| b | no test |\n| c | `gone` |\n| d | |\n\n| e | f |\n"
        );
        let said = findings(&page, &BTreeSet::from(["one".to_owned()]));
        assert_eq!(said.len(), 2, "{said:?}");
        assert!(said[0].contains("names the test gone") && said[1].contains("| d | |"), "{said:?}");
    }
}
