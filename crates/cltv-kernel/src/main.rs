//! `cltv-kernel`: the Jupyter kernel that notebooks of cltv run in.
//!
//! One binary has several roles, chosen by its environment and its name:
//! the kernel itself, the process that runs cells (evcxr starts the same binary
//! again), the cell host between the two, and the `cargo` and `rustup` that evcxr
//! finds first on its path. ARCHITECTURE.md says why.

mod cell_host;
mod cell_text;
mod commands;
mod compile;
mod completion;
mod evcxr_folders;
mod failure;
mod helper;
mod interrupt;
mod panic_lines;
mod private;
mod processes;
mod rewrite;
mod server;
mod session;
mod stand_ins;
mod surroundings;
mod toolchain;
mod user_environment;
mod variables;
mod wire;
mod workdir;

use anyhow::{Context, Result, bail};
use compile::{cache, cargo_shim};
use std::path::{Path, PathBuf};

/// evcxr parses each cell several times, and its parser allocates much.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const USAGE: &str = "Usage: cltv-kernel -f CONNECTION_FILE\n       cltv-kernel --compiler    says which compiler cells have\n\n\
Jupyter starts this program; `cltv kernel install` installs it.\n\
The variable CLTV_HELPER names the folder of the compiled helper library, where it is not the one of
the installation that this program belongs to.";

fn main() -> std::process::ExitCode {
    if let Some(code) = cargo_shim::run_if_invoked_as_tool() {
        return std::process::ExitCode::from(code);
    }
    cell_host::run_if_child();
    match run() {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("cltv-kernel: {error:#}");
            std::process::ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    user_environment::make_private();
    if std::env::args_os().nth(1).is_some_and(|argument| argument == "--compiler") {
        return show_compiler();
    }
    let connection_file = connection_file_argument()?;
    let text = std::fs::read_to_string(&connection_file)
        .with_context(|| format!("cannot read the connection file {}", connection_file.display()))?;
    let connection = serde_json::from_str(&text)
        .with_context(|| format!("{} is not a Jupyter connection file", connection_file.display()))?;
    let helper = helper::Helper::from_environment()?;
    let _held = helper::hold(helper.as_ref());
    let toolchain = toolchain::Toolchain::find(helper.as_ref())?;
    if let Some(cells) = helper.as_ref().and_then(helper::Helper::cells) {
        cache::sweep(&cells);
    }
    let workdir = workdir::WorkDir::create()?;
    cargo_shim::prepare_environment(workdir.path(), helper.as_ref(), &toolchain)?;
    server::serve(connection, helper, workdir)
}

/// Says which compiler cells would have; an error says what is needed.
fn show_compiler() -> Result<()> {
    let helper = helper::Helper::from_environment()?;
    let rustc = toolchain::Toolchain::find(helper.as_ref())?.rustc;
    match &helper {
        Some(helper) => println!("{}, {}", helper.manifest.compiler_name(), rustc.display()),
        None => println!("{}", rustc.display()),
    }
    Ok(())
}

fn connection_file_argument() -> Result<PathBuf> {
    let mut arguments = std::env::args_os().skip(1);
    match (arguments.next(), arguments.next()) {
        (Some(flag), Some(file)) if flag == "-f" || flag == "--control_file" => {
            Ok(Path::new(&file).to_path_buf())
        }
        _ => bail!("{USAGE}"),
    }
}
