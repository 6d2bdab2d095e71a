//! Running programs, with what is run shown first.

use anyhow::{Context, Result, ensure};
use cltv_protocol::environment;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Instant;

/// The checkout: that of the call, for a program in a shared cache may have been built from another one.
pub(crate) fn root() -> PathBuf {
    let called = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let manifest = called.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")));
    manifest.ancestors().nth(2).map(PathBuf::from).unwrap_or(manifest)
}

/// Where build output that later runs reuse is kept: the same folder as `cltv kernel install` uses.
pub(crate) fn cache() -> Result<PathBuf> {
    let named = std::env::var_os(environment::CACHE).map(PathBuf::from);
    let base = || {
        let xdg = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
        xdg.or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache")))
    };
    let folder = named.or_else(|| base().map(|base| base.join("cltv")));
    folder.context("there is no cache folder for this user; set CLTV_CACHE to one")
}

/// Where cargo puts what it builds of this checkout.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// Runs a command in the checkout, and fails when it does.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let line = words(command);
    eprintln!("\n==> {line}");
    let started = Instant::now();
    let status = command.current_dir(root()).status().with_context(|| format!("cannot start `{line}`"))?;
    ensure!(status.success(), "`{line}` failed ({status})");
    eprintln!("==> done in {} s", started.elapsed().as_secs());
    Ok(())
}

/// Runs a command in the checkout, shows each line of its standard output and hands it on, and fails
/// when the command does.
pub(crate) fn run_with_lines(command: &mut Command, each: &mut dyn FnMut(&str)) -> Result<()> {
    let line = words(command);
    eprintln!("\n==> {line}");
    let started = Instant::now();
    let child = command.current_dir(root()).stdout(Stdio::piped()).spawn();
    let mut child = child.with_context(|| format!("cannot start `{line}`"))?;
    for printed in BufReader::new(child.stdout.take().context("no standard output")?).lines() {
        let printed = printed?;
        println!("{printed}");
        each(&printed);
    }
    let status = child.wait()?;
    ensure!(status.success(), "`{line}` failed ({status})");
    eprintln!("==> done in {} s", started.elapsed().as_secs());
    Ok(())
}

/// What a command prints, shown as well, and whether it ended well.
pub(crate) fn printed(command: &mut Command) -> Result<(String, bool)> {
    let line = words(command);
    eprintln!("\n==> {line}");
    let output = command.current_dir(root()).stderr(Stdio::inherit()).output();
    let output = output.with_context(|| format!("cannot start `{line}`"))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    eprintln!("{text}");
    ensure!(!text.trim().is_empty(), "`{line}` printed nothing ({})", output.status);
    Ok((text, output.status.success()))
}

fn words(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

/// The cargo that started this program, without the variables that would make it compile again what
/// `cltv kernel install` has compiled: rust-analyzer's parser compiles CI in, ring's build watches the other.
pub(crate) fn cargo() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.env_remove("CI").env_remove("CARGO_MANIFEST_DIR");
    cargo
}
