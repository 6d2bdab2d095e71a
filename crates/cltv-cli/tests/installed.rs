//! `cltv` in an installation: a folder with the command, a kernel of two lines of shell, and notebooks.
#![cfg(unix)]

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use common::{Workspace, write_program};
use predicates::prelude::*;
use predicates::str::contains;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// A kernel that says of its compiler what the file beside it says.
const KERNEL: &str = "#!/bin/sh\nfile=\"$(dirname \"$0\")/../../../said\"\n/bin/cat \"$file\" && exit 0\necho 'cltv-kernel: cells need rustc 1.95.0 (x), and this machine has none; install it with `rustup toolchain install 1.95.0`' >&2\nexit 1\n";

/// An installation beside a folder that is no workspace.
struct Installation {
    workspace: Workspace,
}

impl Installation {
    fn new() -> Installation {
        let workspace = Workspace::new(&[("01_eda", &["// mock: write clv_data.csv data"])]);
        let installation = Installation { workspace };
        let root = installation.workspace.root();
        let home = installation.home();
        for folder in ["bin", "share/cltv/kernel", "share/cltv/helper"] {
            fs::create_dir_all(installation.prefix().join(folder)).expect("made");
        }
        fs::create_dir(root.join("here")).expect("made");
        // The folder is then no workspace any more.
        fs::rename(root.join("notebooks"), home.join("notebooks")).expect("moved");
        let program = fs::read(env!("CARGO_BIN_EXE_cltv")).expect("read");
        write_program(&installation.prefix().join("bin/cltv"), program);
        let what = r#"{"version":"0.1.0","commit":"1f2e3d","rustc":"rustc 1.95.0 (x)","variant":"slim"}"#;
        fs::write(home.join("installation.json"), what).expect("written");
        write_program(&home.join("kernel/cltv-kernel"), KERNEL);
        installation.note();
        installation
    }

    fn prefix(&self) -> PathBuf {
        self.workspace.root().join("the prefix é")
    }

    fn home(&self) -> PathBuf {
        self.prefix().join("share/cltv")
    }

    /// Writes the list of files, as `cargo xtask dist` does.
    fn note(&self) {
        let files =
            ["installation.json", "kernel/cltv-kernel", "notebooks/workflow.toml", "notebooks/01_eda.ipynb"];
        let entry = |name: &&str| {
            let bytes = fs::read(self.home().join(name)).expect("read");
            let digest: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
            ((*name).to_owned(), (bytes.len(), digest))
        };
        let contents: BTreeMap<String, (usize, String)> = files.iter().map(entry).collect();
        fs::write(self.home().join("contents.json"), serde_json::to_vec(&contents).expect("json"))
            .expect("written");
    }

    fn has_compiler(&self) {
        fs::write(self.prefix().join("said"), "rustc 1.95.0 (x), /a/rustc").expect("written");
    }

    /// The installed `cltv` in the folder that is no workspace.
    fn cltv(&self, args: &[&str]) -> Command {
        let root = self.workspace.root();
        let mut command = Command::new(self.prefix().join("bin/cltv"));
        command.args(args).current_dir(root.join("here")).env("JUPYTER_PATH", root.join("jupyter"));
        command.env("CLTV_CACHE", root.join("cache")).env("JUPYTER_DATA_DIR", root.join("data"));
        command.env("XDG_DATA_HOME", root.join("data"));
        command
    }

    fn here(&self, file: &str) -> PathBuf {
        self.workspace.root().join("here").join(file)
    }
}

fn file_names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("listed").flatten();
    let mut names: Vec<String> =
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn a_report_runs_the_installed_notebooks_in_the_current_folder() {
    let installation = Installation::new();
    installation.cltv(&["report", "-k", "mock"]).assert().success().stdout(contains("Written to outputs"));
    assert_eq!(fs::read_to_string(installation.here("outputs/clv_data.csv")).expect("read"), "data");
    assert!(installation.here("outputs/notebooks/01_eda.ipynb").is_file());
    assert_eq!(file_names(&installation.home().join("notebooks")), ["01_eda.ipynb", "workflow.toml"]);
    installation
        .cltv(&["report", "nothing", "-k", "mock"])
        .assert()
        .code(2)
        .stderr(contains("no workflow `nothing`"));
}

#[test]
fn notebooks_are_copied_once_and_run_from_then_on() {
    let installation = Installation::new();
    installation.cltv(&["notebooks"]).assert().success().stdout(contains("notebooks has the notebooks"));
    assert_eq!(file_names(&installation.here("notebooks")), ["01_eda.ipynb", "workflow.toml"]);
    installation.cltv(&["notebooks"]).assert().code(2).stderr(contains("notebooks is there already"));
    let changed = fs::read_to_string(installation.here("notebooks/workflow.toml")).expect("read");
    let changed = changed.replace("A test", "My own title");
    fs::write(installation.here("notebooks/workflow.toml"), changed).expect("written");
    installation.cltv(&["report", "-k", "mock"]).assert().success().stdout(contains("My own title"));
    installation.cltv(&["notebooks", "course"]).assert().success();
    assert!(installation.here("course/notebooks/workflow.toml").is_file());
}

#[test]
fn the_version_names_commit_compiler_and_variant() {
    let installation = Installation::new();
    installation
        .cltv(&["--version"])
        .assert()
        .success()
        .stdout("cltv 0.1.0 (commit 1f2e3d, rustc 1.95.0 (x), slim variant)\n");
}

#[test]
fn without_its_compiler_a_run_says_what_to_install() {
    let installation = Installation::new();
    let needs = "cells need rustc 1.95.0 (x), and this machine has none; install it with `rustup toolchain install 1.95.0`.";
    installation.cltv(&["report"]).assert().code(1).stderr(contains(needs));
    assert!(!installation.workspace.exists("cache"), "nothing is built");
}

#[test]
fn a_changed_installation_is_refused_by_the_file() {
    let installation = Installation::new();
    installation.has_compiler();
    fs::write(installation.home().join("notebooks/01_eda.ipynb"), "{}").expect("written");
    let message = contains("01_eda.ipynb is missing or was changed").and(contains("install cltv again"));
    installation.cltv(&["report"]).assert().failure().stderr(contains("01_eda.ipynb"));
    installation.cltv(&["kernel", "install"]).assert().code(1).stderr(message);
}

#[test]
fn doctor_knows_an_installation() {
    let installation = Installation::new();
    let check = |name: &str| -> Value {
        let output = installation.cltv(&["doctor", "--json"]).output().expect("run").stdout;
        let checks: Value = serde_json::from_slice(&output).expect("json");
        checks
            .as_array()
            .into_iter()
            .flatten()
            .find(|check| check["check"] == name)
            .cloned()
            .unwrap_or_default()
    };
    let found = check("installation")["detail"].as_str().map(str::to_owned).unwrap_or_default();
    assert!(found.contains("slim variant, commit 1f2e3d") && found.ends_with("the prefix é"), "{found}");
    assert_eq!(check("Rust")["state"], "missing");
    assert_eq!(check("Rust")["remedy"], "install it with `rustup toolchain install 1.95.0`");
    assert_eq!(check("C compiler"), Value::Null, "none is needed");
    installation.has_compiler();
    assert_eq!(check("Rust")["detail"], "rustc 1.95.0 (x), /a/rustc");
    assert_eq!(check("helper library")["state"], "ok");
    assert_eq!(check("kernelspec")["state"], "warning");
    installation.cltv(&["kernel", "install"]).assert().success();
    assert_eq!(check("kernelspec")["state"], "ok");
    fs::write(installation.home().join("kernel/cltv-kernel"), KERNEL.to_uppercase()).expect("written");
    assert_eq!(check("helper library")["state"], "missing");
}
