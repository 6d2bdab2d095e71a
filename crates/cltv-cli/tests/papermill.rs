//! The options of `cltv run` that have papermill's names, over the mock kernel.

mod common;

use base64::Engine;
use common::{Workspace, stream};
use predicates::prelude::*;
use predicates::str::contains;
use serde_json::{Value, json};

const INJECTION: &str = "\"; std::process::exit(0); \"";

fn one(cells: &[&str]) -> Workspace {
    Workspace::new(&[("one", cells)])
}

fn run<'a>(more: &[&'a str]) -> Vec<&'a str> {
    let mut args = vec!["run", "notebooks/one.ipynb", "out.ipynb", "-k", "mock"];
    args.extend(more);
    args
}

/// What the injected cell says.
fn injected(workspace: &Workspace, file: &str) -> String {
    let notebook = workspace.json(file);
    let cells = notebook["cells"].as_array().expect("cells");
    let cell = cells.iter().find(|cell| cell["metadata"]["tags"] == json!(["injected-parameters"]));
    let source = &cell.expect("an injected cell")["source"];
    source.as_array().expect("lines").iter().filter_map(Value::as_str).collect()
}

#[test]
fn every_source_sets_parameters_and_the_later_one_counts() {
    let workspace = one(&[]);
    workspace.write("p.yaml", "transactions: file\nhorizon_months: 2\ndiscount_annual: 0.2\n");
    workspace.write("p.json", "{\"horizon_months\": 3}");
    let encoded = base64::engine::general_purpose::STANDARD.encode("{outputs: b64, horizon_months: 1}");
    let args = run(&[
        "-r",
        "transactions",
        "5",
        "-p",
        "discount_annual",
        "0.5",
        "-y",
        "discount_annual: 0.4",
        "-f",
        "p.yaml",
        "-f",
        "p.json",
        "-b",
        &encoded,
    ]);
    workspace.cltv(&args).assert().success();
    assert_eq!(
        injected(&workspace, "out.ipynb"),
        "// Parameters\nlet transactions: &str = \"5\";\nlet horizon_months: u32 = 3;\n\
         let discount_annual: f64 = 0.5;\nlet outputs: &str = \"b64\";"
    );
    let papermill = &workspace.json("out.ipynb")["metadata"]["papermill"];
    assert_eq!(papermill["parameters"]["horizon_months"], 3);
    assert_eq!(papermill["parameters"]["transactions"], "5");
}

#[test]
fn hostile_text_is_text_from_every_source() {
    let yaml = format!("transactions: {}", json!(INJECTION));
    let encoded = base64::engine::general_purpose::STANDARD.encode(&yaml);
    for args in [
        ["-p", "transactions", INJECTION].as_slice(),
        &["-r", "transactions", INJECTION],
        &["-y", &yaml],
        &["-b", &encoded],
    ] {
        let workspace = one(&[]);
        workspace.cltv(&run(args)).assert().success();
        let expected = r#"let transactions: &str = "\"; std::process::exit(0); \"";"#;
        assert_eq!(injected(&workspace, "out.ipynb"), format!("// Parameters\n{expected}"));
    }
}

#[test]
fn yaml_keeps_the_declared_types_or_is_refused_by_name() {
    let workspace = one(&[]);
    workspace.cltv(&run(&["-y", "{transactions: true, outputs: 007}"])).assert().success();
    let code = injected(&workspace, "out.ipynb");
    assert!(code.contains("transactions: &str = \"true\"") && code.contains("outputs: &str = \"007\""));
    for (yaml, words) in [
        ("horizon_months: [6]", "`horizon_months` is declared as u32 in one, and a list is not"),
        ("transactions: {a: 1}", "`transactions` is declared as &str in one, and a map of names"),
        ("horizon_months: true", "`horizon_months` is declared as u32 in one, and \"true\" is not"),
        ("horizon_months: \"6\"", "the string \"6\" is not a whole number from 1 to 600"),
        ("transactions: null", "null is not a string"),
        ("horizon_months: -3", "a whole number from 1 to 600"),
        ("horizn_months: 3", "did you mean `horizon_months`?"),
        ("- 1", "-y cannot be read: it must map names to values"),
        ("a: [", "-y cannot be read: it is not YAML"),
    ] {
        workspace.cltv(&run(&["-y", yaml])).assert().code(2).stderr(contains(words));
    }
    workspace.cltv(&run(&["-f", "no.yaml"])).assert().code(2).stderr(contains("no.yaml cannot be read"));
    workspace.cltv(&run(&["-r", "horizon_months", "6"])).assert().code(2).stderr(contains("give it with -p"));
}

#[test]
fn a_notebook_learns_its_own_paths() {
    let workspace = one(&["// mock: where"]);
    workspace.cltv(&run(&["--inject-paths"])).assert().success();
    assert_eq!(
        injected(&workspace, "out.ipynb"),
        "// Parameters\nlet PAPERMILL_INPUT_PATH: &str = \"notebooks/one.ipynb\";\n\
         let PAPERMILL_OUTPUT_PATH: &str = \"out.ipynb\";"
    );
    workspace.cltv(&run(&["--inject-output-path", "-p", "horizon_months", "2"])).assert().success();
    let code = injected(&workspace, "out.ipynb");
    assert!(code.contains("OUTPUT_PATH") && !code.contains("INPUT_PATH") && code.contains("= 2;"));
}

#[test]
fn a_path_is_filled_in_from_the_parameters() {
    let workspace = one(&[]);
    let args = ["run", "notebooks/{name}.ipynb", "out.ipynb", "-k", "mock"];
    workspace.cltv(&args).assert().code(2).stderr(contains("nothing is named `name`"));
    workspace.notebook("notebooks/cdnow.ipynb", &[]);
    let args = [
        "run",
        "notebooks/{transactions}.ipynb",
        "runs/{transactions}-{horizon_months:02}-{run_uuid}.ipynb",
        "-k",
        "mock",
        "-p",
        "transactions",
        "cdnow",
    ];
    workspace.cltv(&args).assert().success();
    let name = std::fs::read_dir(workspace.root().join("runs")).expect("there").next().expect("one");
    let name = name.expect("readable").file_name().to_string_lossy().into_owned();
    assert!(name.starts_with("cdnow-06-") && name.len() == "cdnow-06-.ipynb".len() + 36, "{name}");
    let away =
        ["run", "notebooks/one.ipynb", "{transactions}.ipynb", "-k", "mock", "-p", "transactions", "../x"];
    workspace.cltv(&away).assert().code(2).stderr(contains("no part of a file's name"));
}

#[test]
fn preparing_runs_nothing_and_report_mode_hides_code() {
    let workspace = one(&["// mock: die"]);
    let args = [
        "run",
        "notebooks/one.ipynb",
        "out.ipynb",
        "--prepare-only",
        "--report-mode",
        "-p",
        "horizon_months",
        "9",
    ];
    workspace.cltv(&args).assert().success();
    assert!(injected(&workspace, "out.ipynb").contains("= 9;"));
    let notebook = workspace.json("out.ipynb");
    for cell in notebook["cells"].as_array().expect("cells") {
        assert_eq!(cell["metadata"]["jupyter"]["source_hidden"], true);
        assert_eq!(cell["outputs"], json!([]));
        assert_eq!(cell["metadata"]["papermill"]["status"], "pending");
    }
    let workspace = one(&["// mock: stdout a"]);
    workspace.cltv(&run(&["--report-mode"])).assert().success();
    assert_eq!(workspace.json("out.ipynb")["cells"][1]["metadata"]["jupyter"]["source_hidden"], true);
}

#[test]
fn the_folder_can_be_chosen() {
    let workspace = one(&["// mock: where"]);
    workspace.cltv(&run(&["--cwd", "."])).assert().success();
    let place = stream(&workspace.json("out.ipynb"), 1);
    assert!(place.starts_with(&format!("cwd={} ", workspace.root().display())), "{place}");
    workspace
        .cltv(&run(&["--cwd", "nowhere"]))
        .assert()
        .code(1)
        .stderr(contains("nowhere could not be read"));
}

#[test]
fn outputs_go_to_files_and_to_standard_error() {
    let workspace = one(&[
        "// mock: stdout a\n// mock: stderr b\u{1b}[2J\n// mock: display d shown",
        "// mock: stdout c",
    ]);
    let files = ["--stdout-file", "o.txt", "--stderr-file", "e.txt"];
    workspace.cltv(&run(&files)).assert().success().stderr(contains("shown").not());
    let parameters = stream(&workspace.json("out.ipynb"), 0);
    assert_eq!(workspace.read("o.txt"), Some(format!("{parameters}a\nc\n")));
    assert_eq!(workspace.read("e.txt").as_deref(), Some("b\u{1b}[2J\n"));
    workspace
        .cltv(&run(&["--log-output"]))
        .assert()
        .success()
        .stderr(contains("a\nb\nshown\nc\n").and(contains("\u{1b}").not()).and(contains("2/3").not()));
    let assert = workspace.cltv(&run(&["--log-output", "--progress-bar"])).assert().success();
    assert.stderr(contains("2/3").and(contains("shown")));
}

#[test]
fn quiet_tells_errors_only() {
    let workspace = one(&["// mock: stdout a"]);
    workspace.cltv(&run(&["--quiet"])).assert().success().stderr("").stdout("");
    workspace.cltv(&run(&["--no-progress-bar"])).assert().success().stderr("").stdout("");
    workspace.notebook("notebooks/one.ipynb", &["// mock: error A bad"]);
    workspace.cltv(&run(&["--quiet"])).assert().code(1).stderr(contains("A: bad").and(contains("2/2").not()));
}

#[test]
fn the_notebooks_help_lists_its_parameters() {
    let workspace = one(&[]);
    let args = ["run", "notebooks/one.ipynb", "--help-notebook"];
    workspace.cltv(&args).assert().success().stdout(
        contains("Parameters inferred for notebook 'notebooks/one.ipynb':\n")
            .and(contains(
                "  horizon_months: u32 (default 6)\n                                  months ahead\n",
            ))
            .and(contains("  discount_annual: f64 (default 0.10)\n")),
    );
    let empty = json!({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5});
    workspace.write("empty.ipynb", &empty.to_string());
    workspace
        .cltv(&["run", "empty.ipynb", "--help-notebook"])
        .assert()
        .code(1)
        .stderr(contains("no parameters"));
}

#[test]
fn every_command_tells_its_version() {
    let workspace = one(&[]);
    for args in [["--version"].as_slice(), &["run", "--version"], &["report", "--version"]] {
        workspace.cltv(args).assert().success().stdout(contains(env!("CARGO_PKG_VERSION")));
    }
}

#[test]
fn a_long_cell_is_saved_while_it_runs() {
    for (every, seen) in [("1", true), ("0", false)] {
        let workspace = one(&["// mock: stdout early\n// mock: sleep 3\n// mock: stdout late"]);
        let mut child = workspace.start(&run(&["--autosave-cell-every", every]));
        let mut early = false;
        while child.try_wait().expect("asked").is_none() {
            let text = workspace.read("out.ipynb").unwrap_or_default();
            early |= text.contains("\"early\\n\"") && !text.contains("\"late\\n\"");
            // The cell is known to run from its start on.
            assert!(!text.contains("\"early\\n\"") || early == seen || text.contains("\"late\\n\""));
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        assert_eq!(early, seen, "every {every} s");
        assert!(workspace.read("out.ipynb").is_some_and(|text| text.contains("\"late\\n\"")));
    }
}

#[test]
fn saving_can_wait_for_the_end() {
    let workspace = one(&["// mock: stdout early", "// mock: sleep 1.5"]);
    let mut child =
        workspace.start(&run(&["--no-request-save-on-cell-execute", "--autosave-cell-every", "0"]));
    while child.try_wait().expect("asked").is_none() {
        let text = workspace.read("out.ipynb").unwrap_or_default();
        // What is read while the process still runs may already be the last save.
        assert!(!text.contains("early\\n") || !text.contains("\"running\""));
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    assert_eq!(stream(&workspace.json("out.ipynb"), 1), "early\n");
}
