//! The `cltv` command: the library does the work, this file turns its result into an exit code.

use std::process::ExitCode;

use cltv_cli::run::error::{RunError, exit_code};
use cltv_cli::terminal::tell;
use cltv_cli::version;

fn main() -> ExitCode {
    match cltv_cli::run(version::parsed()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report(&error);
            ExitCode::from(exit_code(&error))
        }
    }
}

/// A failed cell brings its own layout; every other error is one sentence with its causes.
fn report(error: &anyhow::Error) {
    match error.downcast_ref::<RunError>() {
        Some(known) => tell(&format!("error: {known}")),
        None => tell(&format!("error: {error:#}")),
    }
}
