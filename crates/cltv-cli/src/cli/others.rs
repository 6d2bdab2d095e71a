//! What the smaller commands take.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// `cltv inspect`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  cltv inspect notebooks/03_bgnbd_gamma_gamma.ipynb
  cltv inspect notebooks/03_bgnbd_gamma_gamma.ipynb --json")]
pub struct InspectArgs {
    /// The notebook to look at
    #[arg(value_name = "NOTEBOOK")]
    pub notebook: PathBuf,

    /// Print JSON: a list of objects with name, type, default, comment, kind, bounds and sentence
    #[arg(long)]
    pub json: bool,
}

/// `cltv new`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  cltv new my-shop            a notebook of your own, its workflow, a segment table, a README
  cd my-shop && cltv report   runs it")]
pub struct NewArgs {
    /// The folder to make, or an empty one
    #[arg(value_name = "FOLDER")]
    pub folder: PathBuf,
}

/// `cltv notebooks`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  cltv notebooks              writes the notebooks and their workflows to the folder notebooks
  cltv notebooks course       the same in another folder: course/notebooks

`cltv report` runs the copies from then on when it is called in that folder.")]
pub struct NotebooksArgs {
    /// The folder that gets a folder `notebooks`
    #[arg(value_name = "FOLDER", default_value = ".")]
    pub folder: PathBuf,
}

/// `cltv doctor`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  cltv doctor          a line for each thing that cltv needs, and what to type where it is not there
  cltv doctor --json   the same for programs

Exit codes: 0 cltv can run, perhaps with warnings; 1 something is missing.")]
pub struct DoctorArgs {
    /// Print JSON: a list of objects with check, state, detail and remedy
    #[arg(long)]
    pub json: bool,
}

/// What a notebook is turned into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ExportFormat {
    /// One page that needs nothing else, with live charts
    Html,
    /// Markdown, with tables and charts as text and images as files
    Md,
    /// Rust, with the text as comments
    Rs,
}

impl ExportFormat {
    /// The end of its files' names.
    pub fn extension(self) -> &'static str {
        match self {
            ExportFormat::Html => "html",
            ExportFormat::Md => "md",
            ExportFormat::Rs => "rs",
        }
    }
}

/// `cltv export`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  cltv export outputs/notebooks/01_eda.ipynb                      writes outputs/notebooks/01_eda.html
  cltv export executed.ipynb --to html --no-input -o report.html  text and results, no code
  cltv export executed.ipynb --to md -o - | less
  cltv export analysis.ipynb --to rs

Nothing is run: a notebook that was not executed has no results to show. Cells tagged remove-cell,
remove-input or remove-output lose what is named; those tagged hide-cell, hide-input or hide-output \
have it folded; so have cells whose code or outputs are hidden in Jupyter.")]
pub struct ExportArgs {
    /// The notebook; `-` is standard input
    #[arg(value_name = "NOTEBOOK")]
    pub notebook: PathBuf,

    /// What it is turned into
    #[arg(long = "to", value_name = "FORMAT", default_value = "html")]
    pub format: ExportFormat,

    /// Leave the code out
    #[arg(long)]
    pub no_input: bool,

    /// Let all scripts of the notebook run in the html page, not those of cltv's charts alone
    #[arg(long)]
    pub allow_scripts: bool,

    /// Where it goes; `-` is standard output [default: beside the notebook]
    #[arg(short = 'o', long = "output", value_name = "FILE")]
    pub output: Option<PathBuf>,
}
