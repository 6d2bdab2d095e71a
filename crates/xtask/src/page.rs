//! Tables that commands write to a page, each between two marks.

use crate::run::root;
use anyhow::{Context, Result};

/// The page with the promises and with what was tried, relative to the checkout.
pub(crate) const RELIABILITY: &str = "docs/reliability.md";

/// The text of a page that a command has written.
pub(crate) fn written(page: &str, command: &str) -> Result<String> {
    let text = std::fs::read_to_string(root().join(page))?;
    Ok(parts(&text, command)?[1].to_owned())
}

/// Puts a text in the place of a command on a page.
pub(crate) fn write(page: &str, command: &str, table: &str) -> Result<()> {
    let path = root().join(page);
    let text = std::fs::read_to_string(&path)?;
    let [before, _, after] = parts(&text, command)?;
    Ok(std::fs::write(&path, format!("{before}{table}{after}"))?)
}

/// What stands before a command's text, the text, and what stands behind it.
fn parts<'a>(page: &'a str, command: &str) -> Result<[&'a str; 3]> {
    let (begin, end) = (format!("<!-- begin: {command} -->\n"), format!("<!-- end: {command} -->"));
    let start = page.find(&begin).map(|at| at + begin.len());
    let start = start.with_context(|| format!("the page has no place for the table of `{command}`"))?;
    let length = page[start..].find(&end);
    let length = length.with_context(|| format!("the page has no end of the table of `{command}`"))?;
    let (before, rest) = page.split_at(start);
    let (table, after) = rest.split_at(length);
    Ok([before, table, after])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commands_text_stands_between_its_marks() {
        let page = "# A\n<!-- begin: cargo xtask a -->\nold\n<!-- end: cargo xtask a -->\n<!-- begin: cargo xtask b -->\n";
        let [before, table, after] = parts(page, "cargo xtask a").unwrap();
        assert_eq!((before, table), ("# A\n<!-- begin: cargo xtask a -->\n", "old\n"));
        assert_eq!(format!("{before}{table}{after}"), page);
        for (command, said) in [("cargo xtask b", "no end of the table"), ("cargo xtask c", "no place for")] {
            assert!(parts(page, command).unwrap_err().to_string().contains(said), "{command}");
        }
    }

    #[test]
    fn the_page_has_a_place_for_each_command() {
        for command in ["cargo xtask faults", "cargo xtask fuzz"] {
            assert!(written(RELIABILITY, command).unwrap().contains("|---|"), "{command}");
        }
    }
}
