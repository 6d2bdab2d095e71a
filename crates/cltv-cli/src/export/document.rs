//! What of a notebook is to be seen, whatever it is turned into.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::media::Shown;
use crate::notebook::{Cell, CellKind, Notebook, Results};

/// How much of something a reader sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Sight {
    /// All of it.
    Open,
    /// A line that opens it, where the form has such a thing.
    Folded,
    /// Nothing.
    Removed,
}

/// A cell as it is shown.
#[derive(Debug, Clone)]
pub(super) enum Block {
    /// Text, and the images that are kept in it by name.
    Text { source: String, attachments: Vec<(String, String)> },
    /// Code with its number and its results.
    Code { source: String, input: Sight, number: Option<i64>, outputs: Vec<Shown>, output: Sight },
    /// Something for a converter, as it is.
    Raw { source: String, format: String },
}

/// A notebook as it is shown.
#[derive(Debug, Clone)]
pub(super) struct Document {
    pub(super) title: String,
    /// Where the notebook lies, for the images that it refers to.
    pub(super) folder: PathBuf,
    pub(super) blocks: Vec<Block>,
    /// The loader of the chart library, when what shows it is removed and charts are not.
    pub(super) loader: Option<String>,
}

impl Document {
    pub(super) fn new(
        notebook: &Notebook,
        results: &Results,
        name: &str,
        folder: &Path,
        no_input: bool,
    ) -> Document {
        let mut blocks = Vec::new();
        let mut removed = Vec::new();
        for (cell, (number, outputs)) in notebook.cells.iter().zip(results) {
            let shown: Vec<Shown> = outputs.iter().map(Shown::new).collect();
            if tagged(cell, "remove-cell") {
                removed.extend(shown);
                continue;
            }
            let block = block(cell, *number, shown, no_input);
            if let Block::Code { outputs, output: Sight::Removed, .. } = &block {
                removed.extend(outputs.iter().cloned());
            }
            blocks.push(block);
        }
        let loader = loader(&blocks, &removed);
        let title = heading(notebook).unwrap_or_else(|| name.to_owned());
        Document { title, folder: folder.to_path_buf(), blocks, loader }
    }
}

fn block(cell: &Cell, number: Option<i64>, outputs: Vec<Shown>, no_input: bool) -> Block {
    let source = cell.source.clone();
    match cell.kind {
        CellKind::Markdown => Block::Text { source, attachments: attachments(cell) },
        CellKind::Raw => Block::Raw { source, format: raw_format(cell) },
        CellKind::Code => Block::Code {
            source,
            input: if no_input { Sight::Removed } else { sight(cell, "input", "source_hidden") },
            number,
            outputs,
            output: sight(cell, "output", "outputs_hidden"),
        },
    }
}

/// The tags are those of nbconvert and of Jupyter Book, with `-` or `_`.
fn sight(cell: &Cell, part: &str, hidden: &str) -> Sight {
    let is_hidden = cell.metadata.get("jupyter").and_then(|jupyter| jupyter[hidden].as_bool()) == Some(true);
    if tagged(cell, &format!("remove-{part}")) {
        Sight::Removed
    } else if is_hidden || tagged(cell, &format!("hide-{part}")) || tagged(cell, "hide-cell") {
        Sight::Folded
    } else {
        Sight::Open
    }
}

fn tagged(cell: &Cell, tag: &str) -> bool {
    cell.has_tag(tag) || cell.has_tag(&tag.replace('-', "_"))
}

fn raw_format(cell: &Cell) -> String {
    let formats = ["raw_mimetype", "format"].iter().filter_map(|key| cell.metadata.get(*key)?.as_str());
    formats.map(str::to_owned).next().unwrap_or_default()
}

/// The names of a cell's attachments with a data address each.
fn attachments(cell: &Cell) -> Vec<(String, String)> {
    let all = cell.rest.get("attachments").and_then(Value::as_object);
    let addresses = all.into_iter().flatten().filter_map(|(name, bundle)| {
        let (kind, data) = bundle.as_object()?.iter().next()?;
        Some((name.clone(), format!("data:{kind};base64,{}", super::media::joined(data)?)))
    });
    addresses.collect()
}

/// The first heading of the notebook.
fn heading(notebook: &Notebook) -> Option<String> {
    let texts = notebook.cells.iter().filter(|cell| cell.kind == CellKind::Markdown);
    let mut lines = texts.flat_map(|cell| cell.source.lines());
    lines.find_map(|line| line.strip_prefix("# ")).map(|title| title.trim().to_owned())
}

fn loader(blocks: &[Block], removed: &[Shown]) -> Option<String> {
    let seen = blocks.iter().flat_map(|block| match block {
        Block::Code { outputs, output, .. } if *output != Sight::Removed => outputs.as_slice(),
        _ => &[],
    });
    let mut seen = seen.filter_map(Shown::chart_loader);
    if seen.next().is_some() {
        return None;
    }
    removed.iter().find_map(Shown::chart_loader).map(str::to_owned)
}
