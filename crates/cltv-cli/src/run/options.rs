//! The options of a run: kernels, time limits and saving.

use std::time::Duration;

use crate::cli::ExecutionArgs;

/// How notebooks are run.
#[derive(Debug, Clone)]
pub struct Options {
    /// How long a kernel may take to answer.
    pub start_timeout: Duration,
    /// How long a cell may take; `None` sets no limit.
    pub execution_timeout: Option<Duration>,
    /// How often a notebook is saved while a cell runs; `None` saves between cells only.
    pub autosave: Option<Duration>,
    /// Whether it is saved before and after each cell.
    pub save_each_cell: bool,
    /// Whether the code is hidden in executed notebooks.
    pub report_mode: bool,
}

impl Options {
    /// What the command line says.
    pub fn new(args: &ExecutionArgs) -> Options {
        Options {
            start_timeout: args.kernel.start_timeout(),
            execution_timeout: args.kernel.execution_timeout(),
            autosave: args.kernel.autosave(),
            save_each_cell: true,
            report_mode: args.report_mode,
        }
    }
}
