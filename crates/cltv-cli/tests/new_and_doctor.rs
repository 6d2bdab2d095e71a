//! `cltv new` and `cltv doctor`.

mod common;

use std::path::Path;

use assert_cmd::Command;
use common::{Workspace, write_program};
use predicates::prelude::*;
use predicates::str::contains;
use serde_json::Value;

#[test]
fn a_new_folder_is_a_workspace_that_runs() {
    let workspace = Workspace::new(&[]);
    workspace.cltv(&["new", "shops/mine"]).assert().success().stdout(contains("cd shops/mine"));
    for file in
        ["README.md", "segments.csv", ".gitignore", "notebooks/workflow.toml", "notebooks/my_customers.ipynb"]
    {
        assert!(workspace.exists(&format!("shops/mine/{file}")), "{file}");
    }
    let notebook = workspace.json("shops/mine/notebooks/my_customers.ipynb");
    assert_eq!(notebook["cells"][1]["source"][0], ":dep cltv = { path = \"../crates/cltv\" }\n");
    let inspect = ["inspect", "shops/mine/notebooks/my_customers.ipynb"];
    workspace
        .cltv(&inspect)
        .assert()
        .success()
        .stdout(contains("horizon_months").and(contains("Months ahead")));
    let report = |args: &[&str]| {
        let mut command = workspace.cltv(args);
        command.current_dir(workspace.root().join("shops/mine"));
        command.assert()
    };
    // The mock kernel runs no Rust, so the files that the workflow promises are missed by name.
    report(&["report", "-k", "mock", "-p", "horizon_months", "12"])
        .code(1)
        .stderr(contains("no cell wrote clv_results.csv"));
    report(&["report", "-k", "mock", "--outputs", "notebooks"]).code(2);
    assert!(workspace.exists("shops/mine/outputs/runs"));
}

#[test]
fn a_folder_with_something_in_it_is_left_alone() {
    let workspace = Workspace::new(&[]);
    workspace.write("full/.hidden", "");
    workspace.write("file", "");
    workspace.cltv(&["new", "full"]).assert().code(2).stderr(contains("full is not empty"));
    workspace.cltv(&["new", "file"]).assert().code(2).stderr(contains("file is a file"));
    assert!(!workspace.exists("full/README.md"));
    std::fs::create_dir(workspace.root().join("empty")).expect("made");
    workspace.cltv(&["new", "empty"]).assert().success();
    workspace.cltv(&["new", "empty"]).assert().code(2);
}

/// A machine with these programs on its path, each a script, and nothing else.
struct Machine {
    folder: tempfile::TempDir,
}

impl Machine {
    fn new(programs: &[(&str, &str)]) -> Machine {
        let machine = Machine { folder: tempfile::tempdir().expect("a temporary folder") };
        let path = machine.folder.path().join("bin");
        std::fs::create_dir(&path).expect("made");
        for (name, script) in programs {
            write_program(&path.join(name), format!("#!/bin/sh\n{script}\n"));
        }
        machine
    }

    fn doctor(&self, cache: &Path) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cltv"));
        let data = self.folder.path().join("data");
        command
            .args(["doctor", "--json"])
            .env("PATH", self.folder.path().join("bin"))
            .env("CLTV_CACHE", cache);
        command.env("XDG_DATA_HOME", &data).env("JUPYTER_DATA_DIR", &data).env_remove("BROWSER");
        command
    }

    /// The exit code, and the state and remedy of each check.
    fn examined(&self) -> (Option<i32>, Value) {
        let output = self.doctor(&self.folder.path().join("cache")).output().expect("started");
        (output.status.code(), serde_json::from_slice(&output.stdout).expect("json"))
    }
}

fn check<'a>(checks: &'a Value, name: &str) -> &'a Value {
    checks.as_array().expect("a list").iter().find(|check| check["check"] == name).expect(name)
}

const RUSTC: (&str, &str) =
    ("rustc", "echo 'rustc 1.95.0 (x 2026-01-01)'; echo 'host: x86_64-unknown-linux-gnu'");
const CARGO: (&str, &str) = ("cargo", "true");

#[test]
fn a_machine_that_can_run_is_told_what_could_be_better() {
    let machine = Machine::new(&[
        RUSTC,
        CARGO,
        ("cc", "true"),
        ("jupyter", "echo 'jupyterlab       : 4.4.2'"),
        ("firefox", "true"),
    ]);
    let (code, checks) = machine.examined();
    assert_eq!(code, Some(0), "{checks:#}");
    for (name, state) in [
        ("Rust", "ok"),
        ("C compiler", "ok"),
        ("temporary files", "ok"),
        ("kernel", "warning"),
        ("helper library", "warning"),
        ("kernelspec", "warning"),
        ("Jupyter", "ok"),
        ("browser", "ok"),
    ] {
        assert_eq!(check(&checks, name)["state"], state, "{name}: {checks:#}");
    }
    assert_eq!(check(&checks, "Jupyter")["detail"], "jupyterlab 4.4.2");
    assert_eq!(check(&checks, "kernelspec")["remedy"], "cltv kernel install");
    assert_eq!(check(&checks, "Rust")["remedy"], Value::Null);
}

#[test]
fn what_is_missing_is_named_with_what_to_type() {
    let old = ("rustc", "echo 'rustc 1.80.0 (x)'; echo 'host: x86_64-unknown-linux-gnu'");
    let (code, checks) = Machine::new(&[old, CARGO]).examined();
    assert_eq!(code, Some(1));
    assert_eq!(check(&checks, "Rust")["state"], "missing");
    assert!(check(&checks, "Rust")["detail"].as_str().is_some_and(|text| text.contains("1.80.0")));
    assert!(check(&checks, "Rust")["remedy"].as_str().is_some_and(|text| text.contains("rustup")));
    assert_eq!(check(&checks, "C compiler")["state"], "missing");
    assert_eq!(check(&checks, "Jupyter")["state"], "warning");
    let (code, checks) = Machine::new(&[]).examined();
    assert_eq!(code, Some(1));
    assert_eq!(check(&checks, "Rust")["state"], "missing");
}

#[test]
fn a_cache_that_cannot_be_is_named_and_lines_are_for_people() {
    let machine = Machine::new(&[RUSTC, CARGO, ("cc", "true")]);
    let file = machine.folder.path().join("file");
    std::fs::write(&file, "").expect("written");
    let assert = machine.doctor(&file.join("below")).assert().code(1);
    assert.stderr(contains("cltv cannot run here: see cache.")).stdout(contains("CLTV_CACHE"));
    let mut command = Command::new(env!("CARGO_BIN_EXE_cltv"));
    command.arg("doctor").env("PATH", machine.folder.path().join("bin"));
    command.env("CLTV_CACHE", machine.folder.path().join("cache"));
    let text = command.assert().success().get_output().stdout.clone();
    let text = String::from_utf8(text).expect("text");
    assert!(
        text.lines().all(|line| ["ok ", "warning ", "missing "].iter().any(|state| line.starts_with(state))),
        "{text}"
    );
    assert!(text.contains("warning  helper library  not built yet -> cltv kernel install"), "{text}");
}
