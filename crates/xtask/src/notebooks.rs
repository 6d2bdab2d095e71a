//! The notebooks in the tree: no outputs, valid form, the same parameters with the same defaults, and the
//! sentences of the table of parameters as comments.

use crate::run::root;
use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The notebook that `cltv new` writes.
const STARTER: &str = "crates/cltv-cli/src/starter/my_customers.ipynb";

/// The notebooks in `notebooks/`, sorted.
fn notebooks() -> Result<Vec<PathBuf>> {
    let files = std::fs::read_dir(root().join("notebooks"))?.flatten().map(|entry| entry.path());
    let mut files: Vec<_> = files.filter(|file| file.extension().is_some_and(|e| e == "ipynb")).collect();
    files.sort();
    ensure!(!files.is_empty(), "there is no notebook in {}", root().join("notebooks").display());
    Ok(files)
}

/// Writes the sentences of the table of parameters behind the declarations in all notebooks.
pub(crate) fn write_comments() -> Result<()> {
    for file in notebooks()?.into_iter().chain([root().join(STARTER)]) {
        let text = std::fs::read_to_string(&file)?;
        let new = with_comments(&text).with_context(|| format!("{} is not JSON", file.display()))?;
        if new != text {
            std::fs::write(&file, new)?;
            eprintln!("{}: comments written", file.display());
        }
    }
    Ok(())
}

/// A notebook's file with the table's sentences behind its declarations; nothing else changes.
fn with_comments(text: &str) -> Result<String> {
    let notebook: Value = serde_json::from_str(text)?;
    let mut text = text.to_owned();
    for line in parameter_lines(&notebook) {
        let Some(sentence) = comment_of(&line) else { continue };
        let end = if line.ends_with('\n') { "\n" } else { "" };
        let new = format!("{} // {sentence}{end}", declaration(&line));
        text = text.replacen(&serde_json::to_string(&line)?, &serde_json::to_string(&new)?, 1);
    }
    Ok(text)
}

/// The comment that the table has for a line's parameter.
fn comment_of(line: &str) -> Option<String> {
    let parameter = cltv_protocol::parameters::find(name(line)?)?;
    Some(as_comment(parameter.sentence))
}

/// A sentence without its full stop and capital letter; a symbol such as P(alive) keeps its capital.
fn as_comment(sentence: &str) -> String {
    let sentence = sentence.trim_end_matches('.');
    let word = sentence.split(' ').next().unwrap_or_default();
    let is_symbol = word.chars().skip(1).any(|c| !c.is_lowercase());
    let mut letters = sentence.chars();
    match letters.next() {
        Some(first) if !is_symbol => first.to_lowercase().chain(letters).collect(),
        _ => sentence.to_owned(),
    }
}

/// Checks every notebook in `notebooks/`.
pub(crate) fn check() -> Result<()> {
    let mut known: BTreeMap<String, (String, String)> = BTreeMap::new();
    let files = notebooks()?;
    for file in &files {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let notebook = read(file)?;
        check_form(&notebook).with_context(|| format!("{name} is not as a committed notebook must be"))?;
        for (parameter, line) in parameters(&notebook) {
            match known.get(&parameter) {
                Some((other, first)) if *first != line => {
                    bail!(
                        "{name} declares `{line}`, but {other} declares `{first}`; one name means one thing"
                    )
                }
                Some(_) => {}
                None => drop(known.insert(parameter, (name.clone(), line))),
            }
        }
        let text = std::fs::read_to_string(file)?;
        ensure!(
            with_comments(&text)? == text,
            "{name}: a comment behind a parameter is not the sentence of the table in cltv-protocol; `cargo xtask notebooks --write-comments` writes them"
        );
    }
    eprintln!("==> {} notebooks are clean and agree on {} parameters", files.len(), known.len());
    Ok(())
}

fn read(file: &Path) -> Result<Value> {
    let text = std::fs::read_to_string(file)?;
    serde_json::from_str(&text).with_context(|| format!("{} is not JSON", file.display()))
}

fn check_form(notebook: &Value) -> Result<()> {
    ensure!(notebook["nbformat"] == 4 && notebook["nbformat_minor"] == 5, "its format is not 4.5");
    ensure!(notebook["metadata"]["kernelspec"]["name"] == "cltv", "its kernel is not cltv");
    for (i, cell) in cells(notebook).enumerate() {
        ensure!(cell["id"].is_string(), "cell {i} has no id");
        if cell["cell_type"] == "code" {
            ensure!(cell["outputs"].as_array().is_some_and(Vec::is_empty), "cell {i} has outputs");
            ensure!(cell["execution_count"].is_null(), "cell {i} has a number");
        }
    }
    Ok(())
}

fn cells(notebook: &Value) -> impl Iterator<Item = &Value> {
    notebook["cells"].as_array().into_iter().flatten()
}

fn source(cell: &Value) -> String {
    match &cell["source"] {
        Value::Array(lines) => lines.iter().filter_map(Value::as_str).collect(),
        other => other.as_str().unwrap_or_default().to_owned(),
    }
}

/// The lines of the cell with the parameters, each with its newline.
fn parameter_lines(notebook: &Value) -> Vec<String> {
    let tagged = |cell: &&Value| {
        cell["metadata"]["tags"].as_array().is_some_and(|tags| tags.iter().any(|tag| tag == "parameters"))
    };
    let text = cells(notebook).find(tagged).map(source).unwrap_or_default();
    text.split_inclusive('\n').map(str::to_owned).collect()
}

/// A line's declaration, without its comment.
fn declaration(line: &str) -> &str {
    line.split("//").next().unwrap_or_default().trim()
}

/// The parameter that a line declares.
fn name(line: &str) -> Option<&str> {
    declaration(line).strip_prefix("let ")?.split(':').next().map(str::trim)
}

/// Name and declaration, without its comment, of each parameter.
fn parameters(notebook: &Value) -> Vec<(String, String)> {
    let lines = parameter_lines(notebook);
    lines.iter().filter_map(|line| Some((name(line)?.to_owned(), declaration(line).to_owned()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn declarations_are_read_without_their_comments() {
        let notebook = json!({"cells": [
            {"cell_type": "code", "metadata": {"tags": ["parameters"]},
             "source": ["let horizon_months: u32 = 6; // months\n", "let currency: &str = \"$\";"]}]});
        assert_eq!(
            parameters(&notebook),
            [
                ("horizon_months".to_owned(), "let horizon_months: u32 = 6;".to_owned()),
                ("currency".to_owned(), "let currency: &str = \"$\";".to_owned()),
            ]
        );
    }

    #[test]
    fn comments_are_those_of_the_table_and_the_rest_of_the_file_stays() {
        let text = "{\"cells\": [{\"cell_type\": \"code\",\n \"metadata\": {\"tags\": [\"parameters\"]},\n \"source\": [\n  \"let horizon_months: u32 = 6; // old\\n\",\n  \"let own: u32 = 6; // mine\\n\",\n  \"let currency: &str = \\\"$\\\";\"]}]}\n";
        let expected = text
            .replace("// old", "// months ahead")
            .replace(r#"\"$\";"#, r#"\"$\"; // the sign before amounts"#);
        assert_ne!(expected, text);
        assert_eq!(with_comments(text).unwrap(), expected);
        assert_eq!(with_comments(&expected).unwrap(), expected);
        assert_eq!(as_comment("P(alive) below which."), "P(alive) below which");
        assert_eq!(as_comment("A named data set."), "a named data set");
    }

    #[test]
    fn a_notebook_with_outputs_is_refused() {
        let mut notebook = json!({"nbformat": 4, "nbformat_minor": 5,
            "metadata": {"kernelspec": {"name": "cltv"}},
            "cells": [{"id": "a", "cell_type": "code", "outputs": [], "execution_count": null}]});
        assert!(check_form(&notebook).is_ok());
        notebook["cells"][0]["outputs"] = json!([1]);
        assert!(check_form(&notebook).is_err());
    }
}
