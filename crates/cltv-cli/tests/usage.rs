//! What is refused before anything runs: no kernel is needed, and none is started.

mod common;

use common::Workspace;
use predicates::prelude::*;
use predicates::str::contains;

fn two() -> Workspace {
    Workspace::new(&[("01_eda", &["1"]), ("02_rfm", &["2"])])
}

/// The command is refused with exit code 2, these words, and no output folder.
fn refused(workspace: &Workspace, args: &[&str], words: &[&str]) {
    let mut assert = workspace.cltv(args).assert().code(2);
    for word in words {
        assert = assert.stderr(contains(*word));
    }
    assert.stdout(predicate::str::is_empty());
    assert!(!workspace.exists("outputs"));
}

#[test]
fn every_command_has_help_with_examples() {
    let workspace = two();
    for args in [
        &["--help"][..],
        &["report", "--help"],
        &["run", "--help"],
        &["inspect", "--help"],
        &["kernel", "--help"],
        &["new", "--help"],
        &["export", "--help"],
        &["doctor", "--help"],
    ] {
        let assert = workspace.cltv(args).assert().success();
        assert.stdout(contains("Examples:").and(contains("cltv ")));
    }
}

#[test]
fn an_unknown_parameter_is_refused_with_a_suggestion() {
    refused(
        &two(),
        &["report", "-p", "horizn_months", "6"],
        &["`horizn_months`", "did you mean `horizon_months`?", "of every notebook: transactions"],
    );
}

#[test]
fn a_wrong_type_is_refused_with_the_declared_one() {
    let workspace = two();
    for value in ["six", "2.5", "-1", "4294967296", ""] {
        let words = ["`horizon_months`", "u32", "a whole number from 1 to 600"];
        refused(&workspace, &["report", "-p", "horizon_months", value], &words);
    }
    refused(
        &workspace,
        &["report", "-p", "discount_annual", "0,1"],
        &["f64", "0,1", "a number from 0 to below 1"],
    );
    refused(&workspace, &["report", "-r", "horizon_months", "6"], &["the string \"6\"", "give it with -p"]);
    refused(&workspace, &["report", "-y", "outputs: [a]"], &["`outputs` is declared as &str", "a list"]);
    refused(&workspace, &["report", "-f", "none.yaml"], &["none.yaml cannot be read"]);
}

#[test]
fn a_value_out_of_range_is_refused_by_name() {
    let workspace = two();
    for (name, value) in
        [("horizon_months", "0"), ("discount_annual", "-0.1"), ("discount_annual", "2"), ("outputs", "")]
    {
        let named = format!("`{name}` must be");
        refused(&workspace, &["report", "-p", name, value], &[&named]);
        refused(&workspace, &["run", "notebooks/01_eda.ipynb", "out.ipynb", "-p", name, value], &[&named]);
    }
}

#[test]
fn a_missing_notebook_or_workflow_is_named() {
    let workspace = two();
    refused(&workspace, &["report", "clw"], &["no workflow `clw`", "did you mean `clv`?"]);
    refused(&workspace, &["run", "none.ipynb", "out.ipynb"], &["none.ipynb could not be read"]);
    std::fs::remove_file(workspace.root().join("notebooks/02_rfm.ipynb")).expect("removed");
    refused(&workspace, &["report"], &["lists `02_rfm`"]);
}

#[test]
fn what_is_no_notebook_or_no_rust_says_so() {
    let workspace = two();
    workspace.write("notebooks/02_rfm.ipynb", "customer,date\n");
    refused(&workspace, &["report"], &["02_rfm.ipynb is not a notebook"]);
    workspace.write(
        "notebooks/02_rfm.ipynb",
        r#"{"cells": [{"cell_type": "code", "metadata": {"tags": ["parameters"]}, "source": "x = 1\nimport os"}], "metadata": {}, "nbformat": 4, "nbformat_minor": 4}"#,
    );
    refused(&workspace, &["report"], &["parameters cell of 02_rfm is not valid Rust", "line"]);
}

#[test]
fn folders_of_sources_are_no_output_folders() {
    let workspace = two();
    let before = workspace.read("notebooks/01_eda.ipynb");
    for folder in [".", "notebooks/..", "notebooks", "notebooks/results", "data", "crates/cltv", "..", "/"] {
        for args in [
            ["report", "-k", "mock", "--outputs", folder].as_slice(),
            &["report", "-k", "mock", "-p", "outputs", folder],
        ] {
            let assert = workspace.cltv(args).assert().code(2);
            assert.stderr(contains("holds the workspace's own files"));
        }
    }
    assert_eq!(workspace.read("notebooks/01_eda.ipynb"), before);
    assert!(!workspace.exists("notebooks/results") && !workspace.exists("data"));
}

#[test]
fn an_unknown_kernel_lists_those_there_are() {
    let workspace = two();
    let args = ["run", "notebooks/01_eda.ipynb", "out.ipynb", "-k", "nosuch"];
    refused(&workspace, &args, &["No Jupyter kernel is named `nosuch`", "mock"]);
}

#[test]
fn inspect_lists_the_parameters() {
    let workspace = two();
    let args = ["inspect", "notebooks/01_eda.ipynb"];
    let line = "horizon_months   u32   6          a whole number from 1 to 600  Months ahead.\n";
    workspace.cltv(&args).assert().success().stdout(contains(line));
    let args = ["inspect", "notebooks/01_eda.ipynb", "--json"];
    let output = workspace.cltv(&args).assert().success().get_output().stdout.clone();
    let list: serde_json::Value = serde_json::from_slice(&output).expect("json");
    assert_eq!(list[1]["name"], "horizon_months");
    assert_eq!(list[1]["type"], "u32");
    assert_eq!(list[1]["default"], "6");
    assert_eq!(list[1]["comment"], "months ahead");
    assert_eq!(list[1]["bounds"], "a whole number from 1 to 600");
    assert_eq!(list[2]["kind"], "real");
    assert_eq!(list[3]["default"], "\"outputs\"");
}

#[test]
fn addresses_of_other_machines_are_not_local_paths() {
    let workspace = two();
    let (notebook, address) = ("notebooks/01_eda.ipynb", "s3://bucket/out.ipynb");
    let commands: [&[&str]; 12] = [
        &["run", notebook, address, "-k", "mock"],
        &["run", notebook, "{transactions}://bucket/out.ipynb", "-p", "transactions", "s3", "-k", "mock"],
        &["run", address, "out.ipynb", "-k", "mock"],
        &["run", notebook, "out.ipynb", "-p", "outputs", "gs://bucket", "-k", "mock"],
        &["run", notebook, "out.ipynb", "--cwd", "s3://bucket", "-k", "mock"],
        &["run", notebook, "out.ipynb", "--stdout-file", "https://host/log", "-k", "mock"],
        &["run", notebook, "out.ipynb", "-f", "s3://bucket/a.yaml", "-k", "mock"],
        &["report", "--outputs", "s3://bucket/results", "-k", "mock"],
        &["report", "-p", "outputs", "s3:results", "-k", "mock"],
        &["inspect", address],
        &["export", notebook, "-o", "s3://bucket/page.html"],
        &["new", "gs://bucket/shop"],
    ];
    let before = files(&workspace);
    for args in commands {
        workspace.cltv(args).assert().code(2).stderr(contains("local path"));
    }
    assert_eq!(files(&workspace), before, "nothing was written");
    let colon = ["run", notebook, "./s3:out.ipynb", "-k", "mock"];
    workspace.cltv(&colon).assert().success();
    assert!(workspace.exists("s3:out.ipynb"));
}

/// The names in the workspace's folder.
fn files(workspace: &Workspace) -> Vec<std::ffi::OsString> {
    let entries = std::fs::read_dir(workspace.root()).expect("there");
    let mut names: Vec<_> = entries.map(|entry| entry.expect("one").file_name()).collect();
    names.sort();
    names
}
