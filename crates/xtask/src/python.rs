//! Python environments for checks that need Jupyter's own programs, kept in the cache.

use crate::run::{cache, cargo, root, run, target};
use crate::testing::in_cache;
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A virtual environment with packages of stated versions.
pub(crate) struct Environment {
    folder: PathBuf,
}

impl Environment {
    /// The environment of that name, made when it is not there or holds other packages.
    pub(crate) fn with(name: &str, packages: &[&str]) -> Result<Environment> {
        Self::of("python3", name, packages)
    }

    /// The same of a named interpreter.
    pub(crate) fn of(interpreter: &str, name: &str, packages: &[&str]) -> Result<Environment> {
        let environment = Environment { folder: cache()?.join(name) };
        let marker = environment.folder.join("packages");
        let wanted = packages.join("\n");
        if !std::fs::read_to_string(&marker).is_ok_and(|have| have == wanted) {
            run(Command::new(interpreter).args(["-m", "venv"]).arg(&environment.folder))?;
            environment.pip(packages)?;
            std::fs::write(marker, wanted)?;
        }
        Ok(environment)
    }

    /// Installs packages, or folders that hold one.
    pub(crate) fn pip(&self, arguments: &[&str]) -> Result<()> {
        run(self.python().args(["-m", "pip", "install", "--quiet"]).args(arguments))
    }

    /// Its interpreter.
    pub(crate) fn python(&self) -> Command {
        Command::new(self.folder.join("bin/python"))
    }

    /// Runs one of the scripts in the folder `scripts`, beside this program's sources.
    pub(crate) fn script(&self, name: &str) -> Command {
        let mut command = self.python();
        command.arg(root().join("crates/xtask/scripts").join(name));
        command
    }

    /// Makes this checkout's kernel known to its Jupyter.
    pub(crate) fn install_kernel(&self) -> Result<()> {
        let folder = self.folder.to_str().context("the cache folder's name is not text")?;
        run(Command::new(cltv_program()?).args(["kernel", "install", "--prefix", folder]))
    }

    /// Where the environment is.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }
}

/// The program of this checkout, as the tests have built it.
pub(crate) fn cltv_program() -> Result<PathBuf> {
    run(in_cache(&mut build_cltv(), "test")?)?;
    Ok(cache()?.join("test/debug/cltv"))
}

/// The program as people install it, for what is timed.
pub(crate) fn cltv_released() -> Result<PathBuf> {
    run(build_cltv().arg("--release"))?;
    Ok(target().join("release/cltv"))
}

fn build_cltv() -> Command {
    let mut build = cargo();
    build.args(["build", "--locked", "--quiet", "--package", "cltv-cli", "--bin", "cltv"]);
    build
}
