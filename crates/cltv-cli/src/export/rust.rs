//! Rust: one program whose sections are the cells, with the text as comments.

use super::document::{Block, Document};
use crate::params::depth;

/// The file.
pub(super) fn file(document: &Document) -> String {
    let mut text = format!(
        "// {}\n//\n// Exported by `cltv export`. Each section is a cell; lines that begin with a colon were\n\
         // commands to the kernel, such as the dependencies that Cargo.toml would name.\n\
         #![allow(unused)]\n\nfn main() -> Result<(), Box<dyn std::error::Error>> {{\n",
        one_line(&document.title)
    );
    let mut number = 0;
    for block in &document.blocks {
        match block {
            Block::Text { source, .. } | Block::Raw { source, .. } => text.push_str(&commented(source)),
            Block::Code { source, .. } if source.trim().is_empty() => continue,
            Block::Code { source, .. } => {
                number += 1;
                text.push_str(&format!("// ---- cell {number} ----\n{}", section(source)));
            }
        }
        text.push('\n');
    }
    text + "Ok(())\n}\n"
}

/// A cell as statements of a function.
fn section(source: &str) -> String {
    let (commands, code): (Vec<&str>, Vec<&str>) =
        source.lines().partition(|line| line.trim_start().starts_with(':'));
    let commands: String = commands.iter().map(|line| format!("// {line}\n")).collect();
    let code = code.join("\n");
    if code.trim().is_empty() {
        return commands;
    }
    match parsed(&code) {
        None => format!("{commands}// This cell is no Rust by itself:\n{}", commented(&code)),
        Some(statements) => commands + &statements,
    }
}

/// The statements of a cell; nothing of what is no Rust, or nested deeper than a parser can follow.
fn parsed(code: &str) -> Option<String> {
    depth::check(code).ok()?;
    let parse = || {
        let block = syn::parse_str::<syn::Block>(&format!("{{\n{code}\n}}")).ok()?;
        Some(statements(code, &block))
    };
    depth::with_room(parse).ok()?
}

/// A cell may end with a value to show; in a function it is looked at and left where it is.
fn statements(code: &str, block: &syn::Block) -> String {
    use syn::spanned::Spanned;
    let Some(syn::Stmt::Expr(value, None)) = block.stmts.last() else {
        return format!("{code}\n");
    };
    let has_value = !matches!(
        value,
        syn::Expr::ForLoop(_) | syn::Expr::While(_) | syn::Expr::Return(_) | syn::Expr::Break(_)
    );
    let range = value.span().byte_range();
    // Two bytes are the brace and its line's end, which the cell does not have.
    let parts = (range.start.checked_sub(2)).zip(range.end.checked_sub(2)).filter(|_| has_value);
    match parts.and_then(|(start, end)| Some((code.get(..start)?, code.get(start..end)?, code.get(end..)?))) {
        Some((before, value, after)) => format!("{before}_ = &({value});{after}\n"),
        None => format!("{code}\n"),
    }
}

fn commented(text: &str) -> String {
    text.lines().map(|line| format!("// {line}").trim_end().to_owned() + "\n").collect()
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_comments_and_a_value_stays_where_it_is() {
        assert_eq!(section(":dep x = \"1\"\nuse x::y;"), "// :dep x = \"1\"\nuse x::y;\n");
        assert_eq!(section("let a = 1;\na // shown"), "let a = 1;\n_ = &(a); // shown\n");
        assert_eq!(section("é.f(\"(\")?"), "_ = &(é.f(\"(\")?);\n");
        assert_eq!(section("for x in y {}"), "for x in y {}\n");
        assert_eq!(section("println!(\"a\")"), "_ = &(println!(\"a\"));\n");
        assert_eq!(section("let a = ;"), "// This cell is no Rust by itself:\n// let a = ;\n");
    }

    #[test]
    fn what_stands_in_a_comment_does_not_leave_it() {
        let block = |source: &str| Block::Text { source: source.into(), attachments: Vec::new() };
        let document = Document {
            title: "a\n} fn x() {".into(),
            folder: "".into(),
            blocks: vec![block("one\r\n*/ } fn main() {\n\nend")],
            loader: None,
        };
        let file = file(&document);
        let parsed: syn::File = syn::parse_str(&file).expect("Rust");
        assert_eq!(parsed.items.len(), 1, "{file}");
    }
}
