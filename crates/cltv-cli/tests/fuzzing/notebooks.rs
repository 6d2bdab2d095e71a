//! Notebook files: what is saved is read back, and every form of export ends.

use std::path::Path;

use cltv_cli::cli::ExportFormat;
use cltv_cli::export::converted;
use cltv_cli::notebook::{from_json, to_json};
use cltv_cli::params::parameters_of;
use cltv_fuzz::Seed;

use super::{Read, ensure};

/// Pieces of notebooks, Markdown and LaTeX.
pub(super) const WORDS: [&str; 44] = [
    "null",
    "[]",
    "{}",
    "\"\"",
    "[\"a\\n\", \"b\"]",
    "4",
    "3",
    "5",
    "-1",
    "1e400",
    "\"code\"",
    "\"markdown\"",
    "\"raw\"",
    "\"source\"",
    "\"outputs\"",
    "\"cells\"",
    "\"worksheets\"",
    "\"id\"",
    "\"tags\"",
    "[\"parameters\"]",
    "[\"remove-input\"]",
    "[\"hide-output\"]",
    "\"stream\"",
    "\"error\"",
    "\"text/html\"",
    "\"text/latex\"",
    "\"image/png\"",
    "\"attachments\"",
    "\"execution_count\"",
    "$\\\\frac{1}{2}$",
    "$$\\\\text{<b>}$$",
    "```",
    "| a | b |",
    "![x](attachment:a.png)",
    "[a](javascript:x)",
    "\\u0000",
    "\\u001b[31m",
    "\\ud800",
    "\\u2028",
    ":dep x = \\\"1\\\"",
    "let x = [[[",
    "// ",
    "fn f() {",
    "é",
];

const RICH: &str = r##"{
 "cells": [
  {"cell_type": "raw", "id": "raw-1", "metadata": {"format": "text/restructuredtext"}, "source": "---"},
  {"cell_type": "markdown", "id": "title", "metadata": {}, "source": ["# Title $x_i$ & <i>more</i>\n", "\n", "| a | b |\n|--|--|\n| 1 | $$\\frac{1}{2} < 3$$ |\n", "![x](attachment:a.png) [y](https://z)"],
   "attachments": {"a.png": {"image/png": "iVBORw=="}}},
  {"cell_type": "code", "id": "code-1", "execution_count": 4, "source": "let a: u32 = 1; // one\nlet b = \"x\";",
   "metadata": {"scrolled": "auto", "tags": ["parameters"], "vendor": {"x": [1.5, null]}}, "outputs": []},
  {"cell_type": "code", "id": "code-2", "execution_count": 5, "source": [":dep x = \"1\"\n", "for i in 0..3 { f(i) }\n", "a + 1"],
   "metadata": {"jupyter": {"source_hidden": true}},
   "outputs": [
    {"output_type": "stream", "name": "stdout", "text": ["\u001b[31mred\u001b[0m\n", "b"]},
    {"output_type": "error", "ename": "E", "evalue": "v", "traceback": ["a", "b"]},
    {"output_type": "display_data", "metadata": {}, "data": {"text/plain": "p", "text/html": ["<table>", "</table>"], "application/vnd.plotly.v1+json": {"data": []}}},
    {"output_type": "display_data", "metadata": {}, "data": {"text/markdown": "**$5**"}},
    {"output_type": "display_data", "metadata": {}, "data": {"text/latex": "$\\frac{1}{2}$"}},
    {"output_type": "display_data", "metadata": {}, "data": {"image/png": "iVBORw==\n", "text/plain": "a"}},
    {"output_type": "execute_result", "execution_count": 5, "metadata": {}, "data": {"image/svg+xml": "<svg/>"}}
   ]}
 ],
 "metadata": {"kernelspec": {"display_name": "Rust (cltv)", "name": "cltv"}, "odd": 1.0633303003969043e-18},
 "nbformat": 4, "nbformat_minor": 5}"##;
const OLD: &str = r#"{"metadata": {"name": "old"}, "nbformat": 3, "nbformat_minor": 0, "worksheets": [{"cells": [{"cell_type": "heading", "level": 1, "metadata": {}, "source": ["T"]}, {"cell_type": "code", "collapsed": false, "input": ["1"], "language": "rust", "metadata": {}, "outputs": [{"output_type": "pyout", "prompt_number": 1, "text": ["7"], "metadata": {}}], "prompt_number": 1}, {"cell_type": "markdown", "metadata": {}, "source": ["*x*"]}], "metadata": {}}]}"#;

/// Notebooks of both versions, and that of `cltv new`.
pub(super) fn seeds() -> Vec<Seed> {
    let starter = include_str!("../../src/starter/my_customers.ipynb");
    let all = [("rich.ipynb", RICH), ("old.ipynb", OLD), ("starter.ipynb", starter)];
    all.into_iter().map(|(name, text)| Seed::plain(name, text)).collect()
}

/// Reads, saves, reads again and exports.
pub(super) fn read(bytes: &[u8]) -> Read {
    let text = String::from_utf8_lossy(bytes);
    let Ok(notebook) = from_json(&text, "input") else { return Ok(false) };
    let written = to_json(&notebook);
    let again =
        from_json(&written, "saved").map_err(|error| format!("what is saved is not read: {error}"))?;
    ensure(to_json(&again) == written, || "what is saved is read as another notebook".into())?;
    let same = notebook.cells.iter().zip(&again.cells).all(|(one, other)| {
        one.source == other.source
            && one.id == other.id
            && one.metadata == other.metadata
            && one.rest == other.rest
    });
    ensure(same && notebook.cells.len() == again.cells.len(), || "a cell is read as another".into())?;
    if let Some(cell) = notebook.parameters_cell() {
        let _ = parameters_of(&cell.source, "input");
    }
    for format in [ExportFormat::Html, ExportFormat::Md, ExportFormat::Rs] {
        let form = converted(&text, "input", Path::new("nowhere"), format);
        let form = form.map_err(|error| format!("is a notebook and is not exported: {error}"))?;
        ensure(!form.is_empty(), || format!("an empty {format:?}"))?;
    }
    Ok(true)
}
