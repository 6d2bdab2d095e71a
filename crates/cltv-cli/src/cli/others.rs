//! What the smaller commands take.

use std::path::PathBuf;

use clap::Args;

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

    /// Print JSON: a list of objects with name, type, default and comment
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
