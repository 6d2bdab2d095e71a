//! The notebooks in the tree: no outputs, valid form, the same parameters with the same defaults.

use crate::run::root;
use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

/// Checks every notebook in `notebooks/`.
pub(crate) fn check() -> Result<()> {
    let folder = root().join("notebooks");
    let mut known: BTreeMap<String, (String, String)> = BTreeMap::new();
    let mut count = 0;
    let mut files: Vec<_> = std::fs::read_dir(&folder)?.flatten().map(|entry| entry.path()).collect();
    files.sort();
    for file in files.iter().filter(|f| f.extension().is_some_and(|e| e == "ipynb")) {
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
        count += 1;
    }
    ensure!(count > 0, "there is no notebook in {}", folder.display());
    eprintln!("==> {count} notebooks are clean and agree on {} parameters", known.len());
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

/// Name and declaration, without its comment, of each parameter.
fn parameters(notebook: &Value) -> Vec<(String, String)> {
    let tagged = |cell: &&Value| {
        cell["metadata"]["tags"].as_array().is_some_and(|tags| tags.iter().any(|tag| tag == "parameters"))
    };
    let text = cells(notebook).find(tagged).map(source).unwrap_or_default();
    text.lines()
        .filter_map(|line| {
            let declaration = line.split("//").next()?.trim();
            let name = declaration.strip_prefix("let ")?.split(':').next()?.trim();
            Some((name.to_owned(), declaration.to_owned()))
        })
        .collect()
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
    fn a_notebook_with_outputs_is_refused() {
        let mut notebook = json!({"nbformat": 4, "nbformat_minor": 5,
            "metadata": {"kernelspec": {"name": "cltv"}},
            "cells": [{"id": "a", "cell_type": "code", "outputs": [], "execution_count": null}]});
        assert!(check_form(&notebook).is_ok());
        notebook["cells"][0]["outputs"] = json!([1]);
        assert!(check_form(&notebook).is_err());
    }
}
