//! What `cltv --version` says: the version, the commit and the compiler.

use std::process::Command;

use clap::{CommandFactory, FromArgMatches};

use crate::cli::Cli;
use crate::installed::Installed;
use crate::kernel;

/// The command line; the version is put together only where it is asked for.
pub fn parsed() -> Cli {
    let is_asked = std::env::args_os().any(|argument| argument == "--version" || argument == "-V");
    let command = match is_asked {
        // Once in the life of a program that ends after it.
        true => Cli::command().version(&*text().leak()),
        false => Cli::command(),
    };
    Cli::from_arg_matches(&command.get_matches()).unwrap_or_else(|error| error.exit())
}

/// The version with what it was made from.
pub fn text() -> String {
    let version = env!("CARGO_PKG_VERSION");
    let made = Installed::find().map(|installed| installed.what).unwrap_or_default();
    match made {
        Some(what) => {
            format!("{version} (commit {}, {}, {} variant)", what.commit, what.rustc, what.variant.name())
        }
        None => match of_checkout() {
            Some(commit) => format!("{version} (commit {commit}, from a checkout)"),
            None => version.to_owned(),
        },
    }
}

/// The commit of the checkout that notebooks are built from.
fn of_checkout() -> Option<String> {
    let mut git = Command::new("git");
    git.args(["rev-parse", "--short=10", "HEAD"]).current_dir(kernel::sources()?);
    let output = git.output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
