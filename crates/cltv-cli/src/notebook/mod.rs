//! Notebooks: read without losing anything, changed as a run changes them, written whole.
//!
//! The `nbformat` crate gives the types of outputs and the upgrade from version 3. Its notebook
//! type is not used for the rest: it drops fields it does not know from a cell, refuses
//! `"scrolled": "auto"` and authors without a name, adds a null language, and leaves a source that
//! is one string as one long line.

mod inject;
mod read;
mod write;

use std::path::PathBuf;

use nbformat::v4::Output;
use serde_json::{Map, Value};
use thiserror::Error;

pub use inject::{INJECTED_TAG, PARAMETERS_TAG, hide_code, inject, mark_error, remove_error_marks};
pub use read::{Results, executed, executed_from_json, from_json, from_path};
pub use write::{to_json, write_json};

/// A notebook could not be read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum NotebookError {
    /// There is no such file, or it cannot be opened.
    #[error("The notebook {} could not be read: {source}.", path.display())]
    Unreadable {
        /// The notebook.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not JSON.
    #[error("{label} is not a notebook: {source}.")]
    NotJson {
        /// The notebook.
        label: String,
        /// Why.
        source: serde_json::Error,
    },
    /// The file is JSON, but no notebook.
    #[error("{label} is not a notebook: {what}.")]
    NotANotebook {
        /// The notebook.
        label: String,
        /// What is missing or wrong.
        what: String,
    },
    /// The notebook is of a version that is not known.
    #[error(
        "{label} is a notebook of version {major}.{minor}; versions 3 and 4 are read: open it in Jupyter and save it again."
    )]
    Version {
        /// The notebook.
        label: String,
        /// The major version.
        major: i64,
        /// The minor version.
        minor: i64,
    },
}

/// A notebook of version 4.5.
#[derive(Debug, Clone, Default)]
pub struct Notebook {
    /// The notebook's metadata, as it was read.
    pub metadata: Map<String, Value>,
    /// Its cells.
    pub cells: Vec<Cell>,
}

/// What a cell holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CellKind {
    /// Code that a kernel runs.
    Code,
    /// Text.
    Markdown,
    /// Something for a converter.
    Raw,
}

impl CellKind {
    /// The name that a notebook file uses.
    pub fn name(self) -> &'static str {
        match self {
            CellKind::Code => "code",
            CellKind::Markdown => "markdown",
            CellKind::Raw => "raw",
        }
    }
}

/// A cell of a notebook.
#[derive(Debug, Clone)]
pub struct Cell {
    /// What it holds.
    pub kind: CellKind,
    /// Its name within the notebook: 1 to 64 letters, digits, `-` and `_`.
    pub id: String,
    /// Its metadata, as it was read.
    pub metadata: Map<String, Value>,
    /// Its text.
    pub source: String,
    /// Its number among the cells that ran.
    pub execution_count: Option<i32>,
    /// What it gave.
    pub outputs: Vec<Output>,
    /// Whatever else the file had, attachments for instance.
    pub rest: Map<String, Value>,
}

impl Cell {
    /// A new code cell with one tag.
    pub fn code(source: String, tag: &str) -> Cell {
        Cell::new(CellKind::Code, source, tag)
    }

    /// A new markdown cell with one tag.
    pub fn markdown(source: String, tag: &str) -> Cell {
        Cell::new(CellKind::Markdown, source, tag)
    }

    fn new(kind: CellKind, source: String, tag: &str) -> Cell {
        let mut metadata = Map::new();
        metadata.insert("tags".to_owned(), Value::from(vec![tag]));
        Cell {
            kind,
            id: new_id(),
            metadata,
            source,
            execution_count: None,
            outputs: Vec::new(),
            rest: Map::new(),
        }
    }

    /// Whether the cell has a tag.
    pub fn has_tag(&self, tag: &str) -> bool {
        self.metadata.get("tags").and_then(Value::as_array).is_some_and(|tags| tags.iter().any(|t| t == tag))
    }

    /// Whether a kernel has something to run here.
    pub fn runs(&self) -> bool {
        self.kind == CellKind::Code && !self.source.trim().is_empty()
    }

    /// The line that names the cell in a progress list: its first that is not a comment.
    pub fn first_code_line(&self) -> &str {
        let mut lines = self.source.lines().map(str::trim);
        lines
            .clone()
            .find(|line| !line.is_empty() && !line.starts_with("//"))
            .or_else(|| lines.find(|line| !line.is_empty()))
            .unwrap_or_default()
    }
}

impl Notebook {
    /// The cell tagged `parameters`.
    pub fn parameters_cell(&self) -> Option<&Cell> {
        self.cells.iter().find(|cell| cell.kind == CellKind::Code && cell.has_tag(PARAMETERS_TAG))
    }

    /// The positions of the cells that a kernel runs.
    pub fn running_cells(&self) -> Vec<usize> {
        let cells = self.cells.iter().enumerate();
        cells.filter(|(_, cell)| cell.runs()).map(|(position, _)| position).collect()
    }
}

pub(crate) fn new_id() -> String {
    let mut id = uuid::Uuid::new_v4().simple().to_string();
    id.truncate(8);
    id
}
