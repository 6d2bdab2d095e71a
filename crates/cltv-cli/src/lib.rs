//! The runner of cltv notebooks: it sets typed parameters, drives a kernel through the Jupyter
//! protocol, writes executed notebooks, and publishes a run's files only when all of it succeeded.
//!
//! What is absent on purpose: polars, models and charts. Notebooks load those; the runner only
//! talks to kernels.

pub mod cli;
pub mod doctor;
pub mod error;
pub mod execute;
pub mod export;
pub mod files;
pub mod inspect;
pub mod kernel;
pub mod launch;
pub mod metadata;
pub mod new;
pub mod notebook;
pub mod params;
pub mod process;
pub mod progress;
pub mod publish;
pub mod report;
pub mod run;
pub mod runner;
pub mod session;
pub mod stop;
pub mod workspace;

use cli::{Cli, Command};

/// Does what the command line asks.
///
/// # Errors
/// A [`RunError`](error::RunError), wrapped, whose message is a sentence for the person who typed
/// the command; [`exit_code`](error::exit_code) says what the process should end with.
pub fn run(cli: Cli) -> anyhow::Result<()> {
    match cli.command {
        Command::Report(args) => report::report(&args)?,
        Command::Run(args) => run::run(&args)?,
        Command::Inspect(args) => inspect::inspect(&args)?,
        Command::Export(args) => export::export(&args)?,
        Command::New(args) => new::new(&args)?,
        Command::Doctor(args) => doctor::doctor(&args)?,
        Command::Kernel { command } => launch::kernel_command(&command)?,
    }
    Ok(())
}
