//! Options that every command which runs cells takes.

use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgAction, Args};

/// A hundred years: clocks overflow beyond a multiple of it.
const LONGEST: u64 = 100 * 366 * 86_400;

/// Seconds, from `least` on.
fn seconds(least: u64) -> clap::builder::RangedU64ValueParser<u64> {
    clap::value_parser!(u64).range(least..=LONGEST)
}

/// Where parameters come from. Later fields override earlier ones.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Parameters")]
pub struct ParameterArgs {
    /// Set a parameter; the value keeps the type that the notebook declares. The last one wins
    #[arg(
        short = 'p',
        long = "parameters",
        num_args = 2,
        value_names = ["NAME", "VALUE"],
        action = ArgAction::Append,
        allow_hyphen_values = true
    )]
    pub typed: Vec<String>,

    /// Set a string parameter; the value is taken as it is
    #[arg(
        short = 'r',
        long = "parameters_raw",
        alias = "parameters-raw",
        num_args = 2,
        value_names = ["NAME", "TEXT"],
        action = ArgAction::Append,
        allow_hyphen_values = true
    )]
    pub raw: Vec<String>,

    /// Set parameters from a YAML or JSON file
    #[arg(short = 'f', long = "parameters_file", alias = "parameters-file", value_name = "FILE")]
    pub files: Vec<PathBuf>,

    /// Set parameters from YAML, as in -y '{horizon_months: 12, currency: €}'
    #[arg(
        short = 'y',
        long = "parameters_yaml",
        alias = "parameters-yaml",
        value_name = "YAML",
        allow_hyphen_values = true
    )]
    pub yaml: Vec<String>,

    /// Set parameters from YAML in base64
    #[arg(short = 'b', long = "parameters_base64", alias = "parameters-base64", value_name = "BASE64")]
    pub base64: Vec<String>,
}

/// How cells run, and what is printed during a run.
#[derive(Debug, Clone, Args)]
pub struct ExecutionArgs {
    // The headings of the flattened groups hold for what follows them, so this comes first.
    /// Hide the code in the executed notebooks (--no-report-mode takes it back)
    #[arg(long, overrides_with = "no_report_mode")]
    pub report_mode: bool,

    /// The opposite of `report_mode`.
    #[arg(long, hide = true, overrides_with = "report_mode")]
    pub no_report_mode: bool,

    /// Where parameters come from.
    #[command(flatten)]
    pub parameters: ParameterArgs,

    /// How the kernel is used.
    #[command(flatten)]
    pub kernel: KernelArgs,

    /// What is printed.
    #[command(flatten)]
    pub progress: ProgressArgs,
}

/// Which kernel, and how long it may take.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Kernel")]
pub struct KernelArgs {
    /// Use this installed Jupyter kernel instead of cltv's own
    #[arg(short = 'k', long = "kernel", value_name = "NAME")]
    pub name: Option<String>,

    /// Seconds to wait for a kernel to answer
    #[arg(long, alias = "start_timeout", value_name = "SECONDS", default_value_t = 120, value_parser = seconds(1))]
    pub start_timeout: u64,

    /// Seconds that a cell may take; then it is interrupted and the run fails [default: no limit]
    #[arg(long, value_name = "SECONDS", value_parser = seconds(1))]
    pub execution_timeout: Option<u64>,

    /// Seconds between saves of the notebook while a cell runs; 0 saves between cells only
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = seconds(0))]
    pub autosave_cell_every: u64,
}

/// What is printed while cells run.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Progress")]
pub struct ProgressArgs {
    /// Show a line for each cell, also with --log-output
    #[arg(long, overrides_with = "no_progress_bar")]
    pub progress_bar: bool,

    /// Show no line for each cell
    #[arg(long, overrides_with = "progress_bar")]
    pub no_progress_bar: bool,

    /// Write the outputs of cells to standard error too (--no-log-output takes it back)
    #[arg(long, overrides_with = "no_log_output")]
    pub log_output: bool,

    /// The opposite of `log_output`.
    #[arg(long, hide = true, overrides_with = "log_output")]
    pub no_log_output: bool,

    /// Print errors only
    #[arg(short = 'q', long)]
    pub quiet: bool,
}

impl KernelArgs {
    /// How long a kernel may take until it answers.
    pub fn start_timeout(&self) -> Duration {
        Duration::from_secs(self.start_timeout)
    }

    /// How long a cell may take.
    pub fn execution_timeout(&self) -> Option<Duration> {
        self.execution_timeout.map(Duration::from_secs)
    }

    /// How often a notebook is saved while a cell runs.
    pub fn autosave(&self) -> Option<Duration> {
        (self.autosave_cell_every > 0).then(|| Duration::from_secs(self.autosave_cell_every))
    }
}
