//! What `cltv run` takes.

use std::path::PathBuf;

use clap::Args;

use super::ExecutionArgs;

/// `cltv run`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  cltv run notebooks/02_rfm.ipynb out.ipynb
  cltv run notebooks/03_bgnbd_gamma_gamma.ipynb out.ipynb -p horizon_months 12 -p margin 0.3
  cltv run analysis.ipynb 'runs/{region}-{run_uuid}.ipynb' -f region.yaml --execution-timeout 600
  cltv run analysis.ipynb --help-notebook
  cat analysis.ipynb | cltv run - - > executed.ipynb

Options have papermill's names and meaning. Parameters come from --inject-paths, -b, -f, -y, -p and -r; \
later ones in this list override earlier ones. A {name} in IN or OUT is filled in from the parameters, and from \
{run_uuid}, {current_datetime_utc} and {current_datetime_local}, which take a format as in \
{current_datetime_utc:%Y-%m-%d}; {{ and }} are braces.

Without OUT, or with `-`, the executed notebook goes to standard output; IN as `-` is standard input.")]
pub struct RunArgs {
    /// The notebook to run; the kernel works in its folder unless --cwd names another
    #[arg(value_name = "IN.ipynb")]
    pub input: String,

    /// Where the executed notebook goes
    #[arg(value_name = "OUT.ipynb")]
    pub output: Option<String>,

    /// Print the parameters that the notebook takes, and run nothing
    #[arg(long)]
    pub help_notebook: bool,

    /// How cells run.
    #[command(flatten)]
    pub execution: ExecutionArgs,

    /// Where the run happens, and what it writes beside the notebook.
    #[command(flatten)]
    pub places: PlaceArgs,
}

/// Where a run happens and what it writes.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Paths and files")]
pub struct PlaceArgs {
    /// The folder that the kernel works in
    #[arg(long, value_name = "DIR")]
    pub cwd: Option<PathBuf>,

    /// Set the parameters and write the notebook, but run nothing (--prepare-execute takes it back)
    #[arg(long, overrides_with = "prepare_execute")]
    pub prepare_only: bool,

    /// The opposite of `prepare_only`.
    #[arg(long, hide = true, overrides_with = "prepare_only")]
    pub prepare_execute: bool,

    /// Give the notebook its own paths as strings: PAPERMILL_INPUT_PATH and PAPERMILL_OUTPUT_PATH
    #[arg(long)]
    pub inject_paths: bool,

    /// Give the notebook the path it was read from: PAPERMILL_INPUT_PATH
    #[arg(long)]
    pub inject_input_path: bool,

    /// Give the notebook the path it will have: PAPERMILL_OUTPUT_PATH
    #[arg(long)]
    pub inject_output_path: bool,

    /// Write what the cells print to this file too
    #[arg(long, value_name = "FILE")]
    pub stdout_file: Option<PathBuf>,

    /// Write what the cells print on standard error to this file too
    #[arg(long, value_name = "FILE")]
    pub stderr_file: Option<PathBuf>,

    /// Save the notebook after each cell, which it does
    #[arg(long, hide = true, overrides_with = "no_request_save_on_cell_execute")]
    pub request_save_on_cell_execute: bool,

    /// Do not save the notebook after each cell; at the end it is
    #[arg(long, overrides_with = "request_save_on_cell_execute")]
    pub no_request_save_on_cell_execute: bool,
}
