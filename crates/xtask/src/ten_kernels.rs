//! Ten kernels at once on sources that nobody has built yet: one build, ten answers.

use crate::python::cltv_program;
use crate::run::root;
use anyhow::{Context, Result, ensure};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

const KERNELS: usize = 10;
/// What sources are made of, for the kernel and the helper.
const PARTS: [&str; 4] = ["Cargo.toml", "Cargo.lock", "crates", "data"];

/// Starts ten runs on a changed copy of the sources and fails unless all of them answer after one build.
pub(crate) fn check() -> Result<()> {
    let program = cltv_program()?;
    let folder = changed_copy()?;
    let begun = Instant::now();
    let runs: Vec<(PathBuf, Child)> = (0..KERNELS)
        .map(|number| {
            let out = folder.join(format!("out-{number}.ipynb"));
            let mut run = Command::new(&program);
            run.arg("run").arg("notebook.ipynb").arg(&out).current_dir(&folder);
            run.stdout(Stdio::null()).stderr(Stdio::piped());
            Ok((out, run.spawn().context("cannot start cltv")?))
        })
        .collect::<Result<_>>()?;
    let mut built = 0;
    for (out, run) in runs {
        let ended = run.wait_with_output()?;
        let said = String::from_utf8_lossy(&ended.stderr);
        ensure!(ended.status.success(), "a run ended with {}:\n{said}", ended.status);
        built += said.matches("Built the helper library").count();
        let answer = std::fs::read_to_string(&out)?;
        ensure!(answer.contains("\"2357\""), "a run did not answer:\n{answer}");
    }
    std::fs::remove_dir_all(&folder)?;
    ensure!(built == 1, "the helper library was built {built} times");
    println!("{KERNELS} kernels answered after one build, all in {} s.", begun.elapsed().as_secs());
    Ok(())
}

/// The sources with another comment in the helper: nothing that was built before fits them.
fn changed_copy() -> Result<PathBuf> {
    let folder = root().join("target/ten-kernels");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder)?;
    for part in PARTS {
        copy(&root().join(part), &folder.join(part))?;
    }
    let facade = folder.join("crates/cltv/src/lib.rs");
    let stamp = std::time::SystemTime::UNIX_EPOCH.elapsed()?.as_nanos();
    let text = format!("{}// {stamp}\n", std::fs::read_to_string(&facade)?);
    std::fs::write(&facade, text)?;
    std::fs::write(folder.join("notebook.ipynb"), notebook().to_string())?;
    Ok(folder)
}

fn notebook() -> serde_json::Value {
    let cell = |id: &str, source: &str| {
        serde_json::json!({
            "cell_type": "code", "id": id, "metadata": {}, "execution_count": null, "outputs": [], "source": source,
        })
    };
    serde_json::json!({
        "nbformat": 4, "nbformat_minor": 5,
        "metadata": {"kernelspec": {"name": "cltv", "display_name": "Rust (cltv)", "language": "rust"}},
        "cells": [
            cell("load", ":dep cltv = { path = \"crates/cltv\" }\nuse cltv::prelude::*;"),
            cell("ask", "load(&Input::default())?.purchases.customers()"),
        ],
    })
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    if !from.is_dir() {
        std::fs::copy(from, to).with_context(|| format!("cannot copy {}", from.display()))?;
        return Ok(());
    }
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        if entry.file_name() != "target" {
            copy(&entry.path(), &to.join(entry.file_name()))?;
        }
    }
    Ok(())
}
