//! The table of FAILURES.md with the real kernel: cells that compile, run and fail as an analyst's do.

use std::process::{Child, Command};
use std::time::{Duration, Instant};

use predicates::prelude::*;
use predicates::str::contains;
use serde_json::{Value, json};

use crate::executed::{self, text};
use crate::workspace::Workspace;

const LOAD: &str = ":dep cltv = { path = \"../crates/cltv\" }\nuse cltv::prelude::*;";

/// A workspace with the notebook `one`: the helper's first cell, one that writes `kept`, and these.
fn one(cells: &[&str]) -> Workspace {
    let cell = |(number, source): (usize, &&str)| {
        json!({
            "cell_type": "code", "id": format!("cell-{number}"), "metadata": {}, "execution_count": null,
            "outputs": [], "source": source,
        })
    };
    let all = [&[LOAD, "println!(\"kept\");"], cells].concat();
    let notebook = json!({
        "nbformat": 4, "nbformat_minor": 5, "cells": all.iter().enumerate().map(cell).collect::<Vec<_>>(),
        "metadata": {"kernelspec": {"name": "cltv", "display_name": "Rust (cltv)", "language": "rust"}},
    });
    let workspace = Workspace::of(&[]);
    workspace.write("notebooks/one.ipynb", notebook.to_string());
    workspace
}

const RUN: [&str; 3] = ["run", "notebooks/one.ipynb", "out.ipynb"];

/// What is left of a run: the notebook is valid, and holds what was put out before the failure.
fn left(workspace: &Workspace) -> Value {
    let raw = workspace.read("out.ipynb");
    assert!(matches!(nbformat::parse_notebook(&raw), Ok(nbformat::Notebook::V4(_))));
    let notebook = workspace.json("out.ipynb");
    let outputs = executed::outputs(&notebook);
    assert!(outputs.iter().any(|output| text(&output["text"]) == "kept\n"), "{raw}");
    notebook
}

#[test]
fn cells_that_fail() {
    for (cell, error, place) in [
        (
            "let v: Vec<u32> = vec![1, 2, 3];\nlet x = v[7];",
            "Panic: index out of bounds: the len is 3 but the index is 7",
            "cell line 2",
        ),
        (
            "let wrong = Input { transactions: \"none.csv\".into(), ..Input::default() };\nload(&wrong)?.purchases",
            "Error: ",
            "none.csv",
        ),
        ("let a = 1;\nlet b: u32 = \"text\";", "CompileError: mismatched types", "line 2, column 14"),
    ] {
        let workspace = one(&[cell, "println!(\"never\");"]);
        let said = contains("Cell 3 of 4 of one failed").and(contains(error)).and(contains(place));
        workspace.cltv_in("", &RUN).code(1).stderr(said);
        let notebook = left(&workspace);
        assert_eq!(notebook["metadata"]["papermill"]["exception"], true);
        assert!(!notebook["cells"].to_string().contains("\"never\\n\""));
    }
}

#[test]
fn a_loop_without_an_end_is_interrupted_at_its_limit() {
    let workspace =
        one(&["println!(\"busy\");\nloop { std::thread::sleep(std::time::Duration::from_millis(20)); }"]);
    let limited = [&RUN[..], &["--execution-timeout", "10"]].concat();
    workspace
        .cltv_in("", &limited)
        .code(1)
        .stderr(contains("ran longer than 10 s").and(contains("interrupted")));
    let notebook = left(&workspace);
    assert!(notebook.to_string().contains("CellTimeoutError") && notebook.to_string().contains("busy"));
}

#[test]
fn a_cell_that_ends_its_process_is_an_error() {
    let workspace = one(&["std::process::abort();"]);
    workspace.cltv_in("", &RUN).code(1).stderr(contains("Cell 3 of 3 of one failed").and(contains("signal")));
    left(&workspace);
}

#[test]
fn a_killed_kernel_and_a_killed_runner_leave_a_notebook_and_no_process() {
    for kill_runner in [false, true] {
        let workspace =
            one(&["println!(\"busy\");\nstd::thread::sleep(std::time::Duration::from_secs(120));"]);
        let mut runner = Command::new(env!("CARGO_BIN_EXE_cltv"))
            .args(RUN)
            .args(["--autosave-cell-every", "1"])
            .current_dir(workspace.root())
            .stderr(std::process::Stdio::null())
            .spawn()
            .expect("started");
        await_text(&workspace, "busy", &mut runner);
        let family = descendants(runner.id());
        let kernel = family.iter().copied().find(|&pid| program(pid).contains("cltv-kernel")).expect("there");
        match kill_runner {
            true => runner.kill().expect("killed"),
            // SAFETY: a signal to a process that this test started.
            false => assert_eq!(unsafe { libc::kill(kernel.cast_signed(), libc::SIGKILL) }, 0),
        }
        let status = runner.wait().expect("ended");
        assert_eq!(status.code(), (!kill_runner).then_some(138));
        assert!(left(&workspace).to_string().contains("busy"));
        let deadline = Instant::now() + Duration::from_secs(20);
        while let Some(pid) = family.iter().find(|&&pid| program(pid).contains("cltv")) {
            assert!(Instant::now() < deadline, "process {pid} is left: {}", program(*pid));
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

/// Waits until the saved notebook holds the text as an output.
fn await_text(workspace: &Workspace, text: &str, runner: &mut Child) {
    let deadline = Instant::now() + Duration::from_secs(120);
    let wanted = format!("\"{text}\\n\"");
    while !std::fs::read_to_string(workspace.root().join("out.ipynb"))
        .is_ok_and(|saved| saved.contains(&wanted))
    {
        assert!(Instant::now() < deadline && runner.try_wait().expect("asked").is_none(), "no `{text}` came");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// The programs below a process.
fn descendants(pid: u32) -> Vec<u32> {
    let tasks = std::fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    let children = tasks.flat_map(|task| {
        let list = std::fs::read_to_string(task.path().join("children")).unwrap_or_default();
        list.split_whitespace().filter_map(|child| child.parse().ok()).collect::<Vec<u32>>()
    });
    children.flat_map(|child| std::iter::once(child).chain(descendants(child))).collect()
}

/// The command line of a process; empty once it has ended.
fn program(pid: u32) -> String {
    std::fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap_or_default()
}
