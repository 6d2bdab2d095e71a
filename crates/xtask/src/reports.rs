//! Reports of benchmarks, kept in the repository.

use crate::run::root;
use anyhow::{Context, Result};

/// A Markdown file with a section for each benchmark.
pub(crate) struct Report {
    /// Where it is, in the checkout.
    pub(crate) file: &'static str,
    /// What it says before its sections.
    pub(crate) introduction: &'static str,
}

impl Report {
    /// Puts a section in the place of the one of the same name.
    pub(crate) fn keep(&self, heading: &str, text: &str) -> Result<()> {
        let file = root().join(self.file);
        let before = std::fs::read_to_string(&file).unwrap_or_else(|_| self.introduction.to_owned());
        std::fs::write(&file, with_section(&before, heading, text))
            .with_context(|| format!("cannot write {}", file.display()))
    }
}

/// A Markdown text in which the section of this heading, or a new last one, holds `text`.
fn with_section(before: &str, heading: &str, text: &str) -> String {
    let section = format!("\n## {heading}\n\n{}\n", text.trim());
    let start = format!("\n## {heading}\n");
    let Some((head, rest)) = before.split_once(&start) else {
        return format!("{}\n{section}", before.trim_end());
    };
    let tail = rest.find("\n## ").map_or("", |next| &rest[next..]);
    format!("{head}{section}{tail}")
}

#[cfg(test)]
mod tests {
    use super::with_section;

    #[test]
    fn sections_are_added_and_replaced() {
        let one = with_section("# Report\n", "Fits", "old\n");
        assert_eq!(one, "# Report\n\n## Fits\n\nold\n");
        let two = with_section(&one, "Speed", "fast\n### parts");
        let new = with_section(&two, "Fits", "new");
        assert_eq!(new, "# Report\n\n## Fits\n\nnew\n\n## Speed\n\nfast\n### parts\n");
        assert_eq!(with_section(&new, "Speed", "fast\n### parts"), new);
    }
}
