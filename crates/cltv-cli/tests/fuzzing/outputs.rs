//! Exports of outputs with text of customers in each of their forms.

use std::path::Path;

use cltv_cli::cli::ExportFormat;
use cltv_cli::export::converted;
use cltv_cli::terminal::harmless;
use cltv_fuzz::Seed;
use serde_json::json;

use super::{Read, elements, ensure};

/// Pieces of html, Markdown and LaTeX that could become elements of a page.
pub(super) const WORDS: [&str; 60] = [
    "<script>alert(1)</script>",
    "</pre>",
    "</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<!--",
    "-->",
    "<![CDATA[",
    "&lt;",
    "&#60;",
    "&#x3c;script",
    "\"",
    "' onclick='x",
    "\" onload=\"x",
    "javascript:alert(1)",
    "[a](javascript:x)",
    "[a](<java\tscript:x>)",
    "![a](javascript:x)",
    "[a]: javascript:x",
    "<https://x>",
    "<javascript:x>",
    "**",
    "__",
    "~~",
    "`",
    "```\n",
    "~~~",
    "# ",
    "> ",
    "- [ ] ",
    "| a | b |\n|--|--|\n| c | d |",
    "\n\n",
    "\\<b>",
    "$",
    "$$",
    "\\frac{1}{2}",
    "\\text{<b>x</b>}",
    "\\textbf{",
    "\\mbox{<img>}",
    "\\operatorname{<b>}",
    "\\href{javascript:x}{a}",
    "\\begin{matrix}",
    "\\end{matrix}",
    "\\color{red}",
    "\\left<",
    "\\right>",
    "\\unicode{x3c}",
    "\\char\"3C",
    "\\class{a}{b}",
    "\\style{x}{y}",
    "\\htmlData{a}",
    "\\tag{<b>}",
    "\\verb|<b>|",
    "\\mathrm{<}",
    "\\underbrace{a}_{<b>}",
    "\u{1b}[31m",
    "\u{9b}2J",
    "\0",
    "\u{202e}",
    "é",
];

const HTML: &str =
    "<script>alert(1)</script> & \"x\" 'y' </pre> <b onclick=\"a\">bold</b> <img src=x onerror=y>";
const MARKDOWN: &str = "# Customers\n\n**$5** and <b>6</b>, [link](https://a.b/?c=d \"title\"), ![i](data:image/png;base64,AA==)\n\n| a | b |\n|---|---|\n| `x<y` | ~~z~~ |\n\n- [x] done\n\n```rust\nlet a = \"<\";\n```\n";
const LATEX: &str = "\\text{alive}_{x>0} < \\frac{\\alpha}{\\beta^2} \\begin{matrix} a & b \\\\ c & d \\end{matrix} \\sqrt[3]{x} \\left( \\sum_{i=1}^n x_i \\right)";

/// Texts of each form.
pub(super) fn seeds() -> Vec<Seed> {
    let all = [("html.txt", HTML), ("markdown.txt", MARKDOWN), ("latex.txt", LATEX)];
    all.into_iter().map(|(name, text)| Seed::plain(name, text)).collect()
}

/// Exports a notebook whose outputs contain the text.
pub(super) fn read(bytes: &[u8]) -> Read {
    let text = String::from_utf8_lossy(bytes);
    let shown = |data| json!({"output_type": "display_data", "metadata": {}, "data": data});
    let outputs = [
        json!({"output_type": "stream", "name": "stdout", "text": text}),
        json!({"output_type": "error", "ename": text, "evalue": text, "traceback": []}),
        json!({"output_type": "error", "ename": "E", "evalue": "v", "traceback": [text]}),
        shown(json!({"text/plain": text})),
        shown(json!({"text/markdown": text})),
        shown(json!({"text/latex": text})),
        shown(json!({"image/png": text, "text/plain": text})),
        shown(json!({"image/svg+xml": text})),
        shown(json!({ text.as_ref(): {} })),
    ];
    let cell = |outputs: &[serde_json::Value]| json!([{"cell_type": "code", "id": "c", "metadata": {}, "source": text, "execution_count": 1, "outputs": outputs}]);
    for output in outputs.iter().map(std::slice::from_ref) {
        let file =
            json!({"cells": cell(output), "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).to_string();
        let page = converted(&file, &text, Path::new("nowhere"), ExportFormat::Html);
        let page = page.map_err(|error| error.to_string())?;
        let kind = output[0]["data"].as_object().and_then(|data| data.keys().next()).cloned();
        elements::check(&page).map_err(|what| format!("{}: {what}", kind.unwrap_or_default()))?;
        let _ = converted(&file, &text, Path::new("nowhere"), ExportFormat::Md);
    }
    let bad = harmless(&text).chars().find(|c| c.is_control() && !matches!(c, '\n' | '\t'));
    ensure(bad.is_none(), || format!("a terminal gets {bad:?}"))?;
    Ok(true)
}
