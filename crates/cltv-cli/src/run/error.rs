//! The errors that end a command, with their exit codes.

use std::fmt::{self, Display, Formatter};
use std::path::PathBuf;

use thiserror::Error;

use super::launch::LaunchError;
use super::session::SessionError;
use super::temporary::TemporaryError;
use crate::files::FileError;
use crate::inputs::InputChanged;
use crate::new::NewError;
use crate::notebook::NotebookError;
use crate::notebooks::NotebooksError;
use crate::params::ParamError;
use crate::publish::PublishError;
use crate::terminal::strip_ansi;
use crate::workspace::WorkspaceError;

/// Everything that can end a command early; each message is a sentence with its remedy.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RunError {
    /// The workspace or its workflow is not right.
    #[error(transparent)]
    Workspace(#[from] WorkspaceError),
    /// A notebook could not be read.
    #[error(transparent)]
    Notebook(#[from] NotebookError),
    /// A parameter was refused.
    #[error(transparent)]
    Param(#[from] ParamError),
    /// A file could not be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// There is no kernel to start.
    #[error(transparent)]
    Launch(#[from] LaunchError),
    /// The kernel did not start, or died.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// The output folder could not be locked or written.
    #[error(transparent)]
    Publish(#[from] PublishError),
    /// An input file changed while a report ran.
    #[error(transparent)]
    Input(#[from] InputChanged),
    /// The notebooks cannot be copied.
    #[error(transparent)]
    Notebooks(#[from] NotebooksError),
    /// A new folder is not one.
    #[error(transparent)]
    New(#[from] NewError),
    /// Rust without code has nothing to write.
    #[error(
        "--no-input with --to rs leaves nothing to write: use --to html or --to md, or leave --no-input out."
    )]
    NothingLeft,
    /// The doctor found that cltv cannot run.
    #[error("cltv cannot run here: see {}.", missing.join(", "))]
    Doctor {
        /// The checks that failed.
        missing: Vec<String>,
    },
    /// A cell of a notebook failed.
    #[error(transparent)]
    Cell(Box<CellFailure>),
    /// The kernel died while a notebook ran.
    #[error("{ended}\n\n{place}")]
    Died {
        /// How it died, with the end of its log.
        ended: SessionError,
        /// Which cell ran, and where the partial notebook is.
        place: Box<Place>,
    },
    /// Sets were to run side by side, and there are none.
    #[error(
        "--jobs runs parameter sets side by side: give a file that holds a list of them, as in `cltv report -f sets.yaml --jobs 2`."
    )]
    NoSets,
    /// Some runs of a sweep failed.
    #[error("{} of {of} runs failed: {}. The others are published.", failed.len(), failed.join(", "))]
    Sweep {
        /// The sets that failed.
        failed: Vec<String>,
        /// How many there were.
        of: usize,
    },
    /// Ctrl-C was pressed, or a signal ended the process.
    #[error("The run was interrupted.{}", partial(.notebook))]
    Interrupted {
        /// The partial notebook.
        notebook: Option<PathBuf>,
    },
    /// Standard output is a terminal, and no output path was given.
    #[error(
        "Refusing to print notebook JSON to a terminal: give an output path, as in `cltv run {input} out.ipynb`, or redirect standard output to a file."
    )]
    NoOutput {
        /// The notebook to run.
        input: String,
    },
    /// The notebook has no parameters to list.
    #[error("{notebook} has no parameters: no code cell tagged `parameters` declares any.")]
    NoParameters {
        /// The notebook.
        notebook: String,
    },
    /// The temporary folder cannot be used.
    #[error(transparent)]
    Temporary(#[from] TemporaryError),
    /// The asynchronous runtime, or a signal handler, could not be set up.
    #[error("The runner could not start: {0}.")]
    Runtime(#[source] std::io::Error),
}

fn partial(notebook: &Option<PathBuf>) -> String {
    notebook
        .as_ref()
        .map_or_else(String::new, |path| format!(" The notebook up to there is {}.", path.display()))
}

/// Where in a notebook something happened.
#[derive(Debug, Clone)]
pub struct Place {
    /// The notebook's name, without folder and extension.
    pub notebook: String,
    /// The cell's number among the code cells, from 1.
    pub cell: usize,
    /// How many code cells the notebook has.
    pub cells: usize,
    /// The cell's code.
    pub code: String,
    /// The notebook with everything up to there.
    pub partial: Option<PathBuf>,
}

impl Display for Place {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Place { notebook, cell, cells, .. } = self;
        writeln!(f, "It was in cell {cell} of {cells} of {notebook}:\n")?;
        write!(f, "{}", indented(&self.code))?;
        write_partial(f, self.partial.as_ref())
    }
}

/// A cell that failed: what it said, and where.
#[derive(Debug, Clone, Error)]
pub struct CellFailure {
    /// Where it happened.
    pub place: Place,
    /// The kind of error, as the kernel names it.
    pub ename: String,
    /// The error in words.
    pub evalue: String,
    /// The lines that the kernel prints for it.
    pub traceback: Vec<String>,
}

impl Display for CellFailure {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Place { notebook, cell, cells, code, partial } = &self.place;
        writeln!(f, "Cell {cell} of {cells} of {notebook} failed:\n\n{}", indented(code))?;
        let message = format!("{}: {}", self.ename, strip_ansi(&self.evalue).trim_end());
        writeln!(f, "{message}")?;
        let traceback = strip_ansi(&self.traceback.join("\n"));
        let more = beyond(traceback.trim(), &message, self.evalue.trim());
        if !more.is_empty() {
            writeln!(f, "{more}")?;
        }
        write_partial(f, partial.as_ref())
    }
}

/// What a traceback says beyond the message that many kernels begin it with.
fn beyond<'a>(traceback: &'a str, message: &str, evalue: &str) -> &'a str {
    let rest = [message, evalue].into_iter().find_map(|said| traceback.strip_prefix(said));
    match rest {
        Some(rest) if rest.is_empty() || rest.starts_with('\n') => rest.trim(),
        _ => traceback,
    }
}

fn write_partial(f: &mut Formatter<'_>, partial: Option<&PathBuf>) -> fmt::Result {
    match partial {
        Some(path) => write!(f, "\nThe notebook up to there is {}.", path.display()),
        None => Ok(()),
    }
}

fn indented(code: &str) -> String {
    code.lines().map(|line| format!("    {line}\n")).collect()
}

/// The exit code for an error: 1, 2, 130 or 138, as the help text lists them.
pub fn exit_code(error: &anyhow::Error) -> u8 {
    error.downcast_ref::<RunError>().map_or(1, RunError::code)
}

impl RunError {
    /// The exit code: papermill's where it has one.
    pub fn code(&self) -> u8 {
        match self {
            RunError::Workspace(_) | RunError::Notebook(_) | RunError::Param(_) => 2,
            RunError::File(error) => error.code(),
            RunError::New(error) => error.code(),
            RunError::Notebooks(error) => error.code(),
            RunError::NoOutput { .. } | RunError::NothingLeft | RunError::NoSets => 2,
            RunError::Launch(error) => error.code(),
            RunError::Session(error) => error.code(),
            RunError::Died { .. } => 138,
            RunError::Interrupted { .. } => 130,
            RunError::Publish(error) => error.code(),
            // As papermill answers --help-notebook.
            RunError::NoParameters { .. } | RunError::Sweep { .. } | RunError::Doctor { .. } => 1,
            RunError::Input(_) | RunError::Temporary(_) | RunError::Cell(_) | RunError::Runtime(_) => 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_cell_says_what_where_and_which_code() {
        let failure = CellFailure {
            place: Place {
                notebook: "02_rfm".into(),
                cell: 3,
                cells: 9,
                code: "let rfm = customers.rfm()?;".into(),
                partial: Some("outputs/failed/02_rfm.ipynb".into()),
            },
            ename: "DataError".into(),
            evalue: "no column `day`".into(),
            traceback: vec!["\u{1b}[31mDataError\u{1b}[0m: no column `day`".into(), "It stopped.".into()],
        };
        let text = failure.to_string();
        assert!(
            text.contains("    let rfm = customers.rfm()?;\n\nDataError: no column `day`\nIt stopped.\n"),
            "{text}"
        );
        assert!(text.contains("Cell 3 of 9 of 02_rfm"), "{text}");
        assert!(text.contains("    let rfm = customers.rfm()?;"), "{text}");
        assert_eq!(text.matches("no column").count(), 1, "{text}");
        assert!(text.contains("outputs/failed/02_rfm.ipynb"), "{text}");
    }
}
