//! The index that completion and inspection in cells use: names, signatures and documentation.
//!
//! It is made from rustdoc's JSON of the helper's crates and of polars, and from the pages of the standard
//! library that come with the compiler, and committed. `crates/cltv-kernel/src/completion/index` reads it.

mod crates;
mod lines;
mod members;
mod standard;
mod types;
mod uses;

use crate::run::{cache, cargo, root, run};
use crate::structure::{House, POLARS_FILE, locked_version};
use crate::testing::in_cache;
use anyhow::{Context, Result, ensure};
use crates::Crates;
use std::path::Path;
use std::process::Command;

/// The facade, whose crates cells meet, and the one below it that they do not: it is for programs.
const FACADE: &str = "cltv";
const NOT_FOR_CELLS: &str = "cltv-protocol";
/// The crates of polars whose types cells meet.
const POLARS: [&str; 7] =
    ["polars", "polars-core", "polars-io", "polars-lazy", "polars-ops", "polars-plan", "polars-time"];

/// The files of the index, from the checkout's root.
const OWN_FILE: &str = "crates/cltv/src/index/cltv.txt";
const STANDARD_FILE: &str = "crates/cltv-kernel/src/completion/std.txt";
/// What its first line begins with; the release of Rust follows.
const STANDARD_HEAD: &str = "# std ";

/// Writes the index, or with `check` says where the committed one is another.
pub(crate) fn make(check: bool) -> Result<()> {
    let (release, made_with) = (standard::release()?, made_with());
    if check && release != made_with {
        eprintln!("The index was made with Rust {made_with} and is not compared: this is Rust {release}.");
        return Ok(());
    }
    let crates = documented()?;
    let (own, polars) = uses::lines(&crates)?;
    let polars_head = format!("# polars {}", locked_version(&root(), "polars")?);
    let mut files = vec![(OWN_FILE, own.text("# cltv")), (POLARS_FILE, polars.text(&polars_head))];
    if let Some(lines) = standard::lines()? {
        files.push((STANDARD_FILE, lines.text(&format!("{STANDARD_HEAD}{release}"))));
    }
    let mut stale = Vec::new();
    for (name, text) in files {
        let file = root().join(name);
        if check && std::fs::read_to_string(&file).unwrap_or_default() != text {
            stale.push(name);
        } else if !check {
            std::fs::create_dir_all(file.parent().unwrap_or(Path::new(".")))?;
            std::fs::write(&file, &text).with_context(|| format!("cannot write {name}"))?;
            eprintln!("{name}: {} lines, {} kB", text.lines().count(), text.len() / 1000);
        }
    }
    ensure!(stale.is_empty(), "{} is not current; `cargo xtask index` writes it", stale.join(" and "));
    Ok(())
}

/// The release of Rust that wrote the committed index.
fn made_with() -> String {
    let text = std::fs::read_to_string(root().join(STANDARD_FILE)).unwrap_or_default();
    text.lines().next().unwrap_or_default().trim_start_matches(STANDARD_HEAD).to_owned()
}

/// The variable that makes this program stand for rustdoc.
const AS_RUSTDOC: &str = "XTASK_AS_RUSTDOC";

/// If cargo started this program as rustdoc, is rustdoc with options that are not stable. With
/// `RUSTC_BOOTSTRAP` in cargo's own environment, build scripts would run again and all would be compiled again.
pub(crate) fn run_if_rustdoc() -> Option<u8> {
    std::env::var_os(AS_RUSTDOC)?;
    let mut rustdoc = Command::new("rustdoc");
    rustdoc.args(std::env::args_os().skip(1)).env_remove(AS_RUSTDOC).env("RUSTC_BOOTSTRAP", "1");
    let code = rustdoc.status().ok().and_then(|status| status.code());
    Some(code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1))
}

/// rustdoc's JSON of all crates, which needs the checks of their dependencies.
fn documented() -> Result<Crates> {
    let mut packages = House::read(&root().join("crates"))?.below(FACADE);
    packages.remove(NOT_FOR_CELLS);
    packages.extend(POLARS.map(str::to_owned));
    let mut doc = cargo();
    doc.args(["doc", "--no-deps", "--locked"]);
    doc.args(packages.iter().flat_map(|package| ["--package", package]));
    doc.env("RUSTDOC", std::env::current_exe()?).env(AS_RUSTDOC, "1");
    // The form of JSON is that of the installed compiler, and `Crates` knows which it can read.
    doc.env("RUSTDOCFLAGS", "-Z unstable-options --output-format json");
    run(in_cache(&mut doc, "check")?)?;
    let names = packages.iter().map(|package| package.replace('-', "_"));
    Crates::read(&cache()?.join("check").join("doc"), names)
}

/// Text in one line of the index, whose fields tabs separate.
fn in_one_line(text: &str) -> String {
    text.replace('\\', "\\\\").replace('\n', "\\n").replace('\t', " ")
}
