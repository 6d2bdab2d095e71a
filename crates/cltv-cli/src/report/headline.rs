//! The headline of an executive summary as plain text, for the end of a run in a terminal.

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

/// Paragraphs and items that are shown at most; the page has the rest.
const MOST: usize = 6;

/// The paragraphs and the items of lists between the title and the first table or section, without marks.
pub(super) fn of(page: &str) -> String {
    let mut blocks: Vec<String> = Vec::new();
    let mut block: Option<String> = None;
    let mut in_title = false;
    for event in Parser::new_ext(page, Options::ENABLE_TABLES) {
        match event {
            Event::Start(Tag::Heading { level: HeadingLevel::H1, .. }) => in_title = true,
            Event::End(TagEnd::Heading(HeadingLevel::H1)) => in_title = false,
            Event::Start(Tag::Heading { .. } | Tag::Table(_)) => break,
            Event::Start(Tag::Item) => block = Some("- ".to_owned()),
            // An item of a loose list contains a paragraph.
            Event::Start(Tag::Paragraph) => _ = block.get_or_insert_default(),
            Event::End(TagEnd::Paragraph | TagEnd::Item) => blocks.extend(block.take()),
            Event::Text(text) | Event::Code(text) if !in_title => {
                block.get_or_insert_default().push_str(&text);
            }
            Event::SoftBreak | Event::HardBreak => block.get_or_insert_default().push(' '),
            _ => {}
        }
    }
    blocks.truncate(MOST);
    blocks.iter().map(|block| format!("{block}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_headline_ends_before_the_first_section_or_table() {
        let page = "# Executive summary: x\n\n**$37,308** (95% interval $1 to $2) of *a\\_b* over\n6 months.\n\n- **Accuracy:** 12.1% low.\n- a &lt;b&gt;\n\n## Tiers\n\n| a |\n|---|\n| 1 |\n";
        let expected =
            "$37,308 (95% interval $1 to $2) of a_b over 6 months.\n- Accuracy: 12.1% low.\n- a <b>\n";
        assert_eq!(of(page), expected);
        assert_eq!(of("# Title\n\nOne.\n\n| a |\n|---|\n| 1 |\n\nTwo.\n"), "One.\n");
        assert_eq!(of("# Title\n\n- a\n\n- b\n"), "- a\n- b\n");
    }

    #[test]
    fn a_long_headline_is_cut_and_an_empty_page_has_none() {
        assert_eq!(of(&"A paragraph.\n\n".repeat(40)).lines().count(), MOST);
        assert_eq!(of(""), "");
    }
}
