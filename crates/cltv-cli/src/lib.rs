//! The runner of cltv notebooks: it sets typed parameters, drives a kernel through the Jupyter
//! protocol, writes executed notebooks, and publishes a run's files only when all of it succeeded.
//!
//! The crate never depends on polars, models or charts. Notebooks load those; the runner only exchanges
//! messages with kernels.

pub mod cli;
pub mod doctor;
pub mod export;
mod fault;
pub mod files;
pub mod inputs;
pub mod inspect;
pub mod installed;
pub mod kernel;
pub mod new;
pub mod notebook;
pub mod notebooks;
pub mod params;
pub mod publish;
pub mod report;
pub mod run;
pub mod terminal;
pub mod version;
pub mod workspace;

use cli::{Cli, Command};
use run::error::RunError;
use run::launch::LaunchError;
use workspace::WorkspaceError;

/// Runs the command of the command line.
///
/// # Errors
/// A [`RunError`], wrapped; its message is a sentence with the remedy, and
/// [`exit_code`](run::error::exit_code) gives its exit code.
pub fn run(cli: Cli) -> anyhow::Result<()> {
    // Compilers and kernels fail in a folder that is gone, with messages about other things.
    std::env::current_dir().map_err(|error| RunError::from(WorkspaceError::CurrentFolder(error)))?;
    match cli.command {
        Command::Report(args) => report::report(&args)?,
        Command::Run(args) => run::command::run(&args)?,
        Command::Inspect(args) => inspect::inspect(&args)?,
        Command::Export(args) => export::export(&args)?,
        Command::New(args) => new::new(&args).map_err(RunError::from)?,
        Command::Notebooks(args) => notebooks::copy(&args).map_err(RunError::from)?,
        Command::Doctor(args) => doctor::doctor(&args)?,
        Command::Kernel { command } => {
            kernel::command(&command).map_err(LaunchError::from).map_err(RunError::from)?
        }
    }
    Ok(())
}
