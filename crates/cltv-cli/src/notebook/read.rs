//! Reads notebooks of versions 3 and 4.

use std::collections::HashSet;
use std::path::Path;

use nbformat::v4::CellId;
use serde_json::{Map, Value};

use super::{Cell, CellKind, Notebook, NotebookError, new_id};

/// Reads a notebook file; `-` is standard input.
///
/// # Errors
/// [`NotebookError`] when the file is not there, is no notebook, or is of an unknown version.
pub fn from_path(path: &Path) -> Result<Notebook, NotebookError> {
    from_json(&text_of(path)?, &path.display().to_string())
}

fn text_of(path: &Path) -> Result<String, NotebookError> {
    let text = if path == Path::new("-") {
        std::io::read_to_string(std::io::stdin())
    } else {
        std::fs::read_to_string(path)
    };
    text.map_err(|source| NotebookError::Unreadable { path: path.to_path_buf(), source })
}

/// What a notebook file shows of an earlier run: for each cell its number and its outputs, as JSON.
pub type Results = Vec<(Option<i64>, Vec<Value>)>;

/// Reads a notebook file with the results that it holds; `-` is standard input.
///
/// # Errors
/// As [`from_path`].
pub fn executed(path: &Path) -> Result<(Notebook, Results), NotebookError> {
    executed_from_json(&text_of(path)?, &path.display().to_string())
}

/// Reads a notebook with its results from its JSON; `label` names it in messages.
///
/// # Errors
/// As [`from_json`].
pub fn executed_from_json(text: &str, label: &str) -> Result<(Notebook, Results), NotebookError> {
    let json = version_4_json(text, label)?;
    let results = json["cells"].as_array().into_iter().flatten().map(|cell| {
        let outputs = cell["outputs"].as_array().cloned().unwrap_or_default();
        (cell["execution_count"].as_i64(), outputs)
    });
    let results = results.collect();
    Ok((version_4(json, label)?, results))
}

/// Reads a notebook from its JSON; `label` names it in messages.
///
/// Old outputs and execution counts are not kept: a run makes its own, and a notebook that stopped
/// half way must not show results of another run below.
///
/// # Errors
/// [`NotebookError`] when the text is no notebook, or of an unknown version.
pub fn from_json(text: &str, label: &str) -> Result<Notebook, NotebookError> {
    version_4(version_4_json(text, label)?, label)
}

/// The file's JSON, in the form of version 4.
fn version_4_json(text: &str, label: &str) -> Result<Value, NotebookError> {
    let json: Value = serde_json::from_str(text)
        .map_err(|source| NotebookError::NotJson { label: label.to_owned(), source })?;
    let version = |key: &str| json.get(key).and_then(Value::as_i64);
    let major = version("nbformat").ok_or_else(|| wrong(label, "it has no `nbformat`"))?;
    match major {
        4 => Ok(json),
        3 => {
            check_headings(&json, label)?;
            upgraded(text, label)
        }
        _ => Err(NotebookError::Version {
            label: label.to_owned(),
            major,
            minor: version("nbformat_minor").unwrap_or(0),
        }),
    }
}

fn wrong(label: &str, what: impl Into<String>) -> NotebookError {
    NotebookError::NotANotebook { label: label.to_owned(), what: what.into() }
}

/// Refuses headings of version 3 that are none of html: the upgrade makes as many signs as the level says.
fn check_headings(json: &Value, label: &str) -> Result<(), NotebookError> {
    let list = |json: &Value, key: &str| json[key].as_array().cloned().unwrap_or_default();
    let cells = list(json, "worksheets").into_iter().flat_map(|sheet| list(&sheet, "cells"));
    for (position, cell) in cells.enumerate() {
        let level = &cell["level"];
        if cell["cell_type"] == "heading"
            && !level.is_null()
            && !level.as_i64().is_some_and(|n| (1..=6).contains(&n))
        {
            let number = position + 1;
            return Err(wrong(
                label,
                format!("the heading in cell {number} has the level {level}; levels are 1 to 6"),
            ));
        }
    }
    Ok(())
}

fn upgraded(text: &str, label: &str) -> Result<Value, NotebookError> {
    let parsed = nbformat::parse_notebook(text).map_err(|error| wrong(label, error.to_string()))?;
    let nbformat::Notebook::V3(old) = parsed else {
        return Err(wrong(label, "its version is not what it says"));
    };
    let new = nbformat::upgrade_v3_notebook(old).map_err(|error| wrong(label, error.to_string()))?;
    serde_json::to_value(new).map_err(|error| wrong(label, error.to_string()))
}

fn version_4(json: Value, label: &str) -> Result<Notebook, NotebookError> {
    let Value::Object(mut fields) = json else {
        return Err(wrong(label, "it is not an object"));
    };
    let Some(Value::Array(cells)) = fields.remove("cells") else {
        return Err(wrong(label, "it has no list of cells"));
    };
    let mut taken = HashSet::new();
    let cells = cells
        .into_iter()
        .enumerate()
        .map(|(position, json)| cell(json, position, &mut taken, label))
        .collect::<Result<_, _>>()?;
    Ok(Notebook { metadata: object(fields.remove("metadata")), cells })
}

fn cell(
    json: Value,
    position: usize,
    taken: &mut HashSet<String>,
    label: &str,
) -> Result<Cell, NotebookError> {
    let number = position + 1;
    let Value::Object(mut fields) = json else {
        return Err(wrong(label, format!("cell {number} is not an object")));
    };
    let kind = match fields.remove("cell_type") {
        Some(Value::String(name)) => kind(&name),
        _ => None,
    };
    let kind =
        kind.ok_or_else(|| wrong(label, format!("cell {number} is neither code, markdown nor raw")))?;
    let source =
        joined(fields.remove("source")).ok_or_else(|| wrong(label, format!("cell {number} has no text")))?;
    let id = unique_id(fields.remove("id"), taken);
    let metadata = object(fields.remove("metadata"));
    fields.remove("outputs");
    fields.remove("execution_count");
    Ok(Cell { kind, id, metadata, source, execution_count: None, outputs: Vec::new(), rest: fields })
}

fn kind(name: &str) -> Option<CellKind> {
    [CellKind::Code, CellKind::Markdown, CellKind::Raw].into_iter().find(|kind| kind.name() == name)
}

fn object(json: Option<Value>) -> Map<String, Value> {
    match json {
        Some(Value::Object(map)) => map,
        _ => Map::new(),
    }
}

/// A text that a notebook keeps as one string or as a list of lines.
fn joined(json: Option<Value>) -> Option<String> {
    match json? {
        Value::String(text) => Some(text),
        Value::Array(lines) => lines.iter().map(Value::as_str).collect(),
        _ => None,
    }
}

/// Versions before 4.5 have no ids, and hand-made notebooks repeat them.
fn unique_id(json: Option<Value>, taken: &mut HashSet<String>) -> String {
    let own = match json {
        Some(Value::String(id)) if CellId::new(&id).is_ok() => Some(id),
        _ => None,
    };
    let mut id = own.unwrap_or_else(new_id);
    while !taken.insert(id.clone()) {
        id = new_id();
    }
    id
}

#[cfg(test)]
mod tests {
    use super::super::to_json;
    use super::*;
    use serde_json::json;

    const RICH: &str = r##"{
 "cells": [
  {"cell_type": "raw", "id": "raw-1", "metadata": {}, "source": "---", "attachments": {"a.png": {"image/png": "AA=="}}},
  {"cell_type": "code", "id": "code-1", "execution_count": 4, "source": "let a = 1;\nlet b = 2;",
   "metadata": {"scrolled": "auto", "tags": ["parameters"], "vendor": {"x": [1, null]}},
   "outputs": [{"output_type": "stream", "name": "stdout", "text": "old"}]},
  {"cell_type": "markdown", "id": "code-1", "metadata": {}, "source": ["# a\n", "b"]}
 ],
 "metadata": {"authors": [{"email": "a@b"}], "kernelspec": {"display_name": "Rust (cltv)", "name": "cltv"}, "odd": 1.5},
 "nbformat": 4, "nbformat_minor": 5}"##;

    #[test]
    fn everything_but_old_results_survives() {
        let notebook = from_json(RICH, "rich").expect("a notebook");
        let written: Value = serde_json::from_str(&to_json(&notebook)).expect("json");
        let read: Value = serde_json::from_str(RICH).expect("json");
        assert_eq!(written["metadata"], read["metadata"]);
        assert_eq!(written["cells"][0]["attachments"], read["cells"][0]["attachments"]);
        assert_eq!(written["cells"][1]["metadata"], read["cells"][1]["metadata"]);
        assert_eq!(written["cells"][1]["source"], json!(["let a = 1;\n", "let b = 2;"]));
        assert_eq!(written["cells"][1]["outputs"], json!([]));
        assert_eq!(written["cells"][1]["execution_count"], Value::Null);
    }

    #[test]
    fn repeated_ids_become_unique() {
        let notebook = from_json(RICH, "rich").expect("a notebook");
        assert_eq!(notebook.cells[1].id, "code-1");
        assert_ne!(notebook.cells[2].id, "code-1");
    }

    #[test]
    fn old_versions_are_upgraded() {
        let four = r#"{"cells": [{"cell_type": "code", "execution_count": null, "metadata": {}, "outputs": [], "source": ["1"]}], "metadata": {}, "nbformat": 4, "nbformat_minor": 2}"#;
        let three = r#"{"metadata": {"name": ""}, "nbformat": 3, "nbformat_minor": 0, "worksheets": [{"cells": [{"cell_type": "code", "collapsed": false, "input": ["1"], "language": "rust", "metadata": {}, "outputs": []}], "metadata": {}}]}"#;
        for text in [four, three] {
            let notebook = from_json(text, "old").expect("a notebook");
            assert_eq!(notebook.cells[0].source, "1");
            assert!(!notebook.cells[0].id.is_empty());
        }
    }

    #[test]
    fn a_heading_of_an_old_notebook_has_a_level_of_html() {
        let old = |level: &str| {
            let cell =
                format!(r#"{{"cell_type": "heading", "level": {level}, "metadata": {{}}, "source": ["T"]}}"#);
            let sheets = format!(r#"[{{"cells": [{cell}], "metadata": {{}}}}]"#);
            let text = format!(
                r#"{{"metadata": {{"name": ""}}, "nbformat": 3, "nbformat_minor": 0, "worksheets": {sheets}}}"#
            );
            from_json(&text, "old.ipynb")
        };
        assert_eq!(old("6").expect("a notebook").cells[0].source, "###### T");
        for level in ["0", "-1", "7", "2147483647", "1e300"] {
            let said = old(level).unwrap_err().to_string();
            assert!(
                said.starts_with("old.ipynb is not a notebook: the heading in cell 1 has the level "),
                "{said}"
            );
        }
    }

    #[test]
    fn what_is_no_notebook_says_why() {
        let message = |text: &str| from_json(text, "x.ipynb").unwrap_err().to_string();
        assert!(message("customer,date").starts_with("x.ipynb is not a notebook"));
        assert!(message("[1]").contains("no `nbformat`"));
        assert!(message(r#"{"nbformat": 4}"#).contains("no list of cells"));
        assert!(message(r#"{"nbformat": 7, "nbformat_minor": 1}"#).contains("version 7.1"));
        assert!(message(r#"{"nbformat": 4, "cells": [{"cell_type": "query"}]}"#).contains("cell 1"));
    }
}
