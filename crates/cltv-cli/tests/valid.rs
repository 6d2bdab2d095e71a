//! Every notebook that the runner writes follows Jupyter's schema of version 4.5.

mod common;

use std::path::Path;

use boon::{Compiler, SchemaIndex, Schemas};
use common::Workspace;
use serde_json::{Value, json};

struct Schema {
    schemas: Schemas,
    index: SchemaIndex,
}

impl Schema {
    fn read() -> Schema {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/nbformat.v4.5.schema.json");
        let mut schemas = Schemas::new();
        let index = Compiler::new().compile(&file.display().to_string(), &mut schemas).expect("a schema");
        Schema { schemas, index }
    }

    fn holds(&self, notebook: &Value) -> Result<(), String> {
        self.schemas.validate(notebook, self.index).map_err(|error| format!("{error:#}"))
    }

    fn check(&self, workspace: &Workspace, file: &str) -> Value {
        let notebook = workspace.json(file);
        if let Err(error) = self.holds(&notebook) {
            panic!("{file}: {error}\n{notebook:#}");
        }
        notebook
    }
}

const ALL_KINDS: &[&str] = &[
    "// mock: stdout a\n// mock: stderr b\n// mock: display d1 c\n// mock: update d1 e",
    "// mock: result 42",
    "",
];

fn run(more: &[&'static str]) -> Vec<&'static str> {
    let mut args = vec!["run", "notebooks/one.ipynb", "out.ipynb", "-k", "mock"];
    args.extend(more);
    args
}

#[test]
fn the_schema_refuses_what_is_no_notebook() {
    let schema = Schema::read();
    let good = json!({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5});
    assert_eq!(schema.holds(&good), Ok(()));
    let without_id = json!([{"cell_type": "markdown", "metadata": {}, "source": ""}]);
    let mut bad = good.clone();
    bad["cells"] = without_id;
    assert!(schema.holds(&bad).is_err());
}

#[test]
fn whole_failed_and_prepared_notebooks_are_valid() {
    let schema = Schema::read();
    let workspace = Workspace::new(&[("one", ALL_KINDS)]);
    workspace
        .cltv(&run(&["-p", "horizon_months", "3", "--report-mode", "--inject-paths"]))
        .assert()
        .success();
    let whole = schema.check(&workspace, "out.ipynb");
    assert_eq!(whole["cells"].as_array().map(Vec::len), Some(5));
    workspace.cltv(&run(&["--prepare-only"])).assert().success();
    schema.check(&workspace, "out.ipynb");
    for (cell, code) in [
        ("// mock: stdout a\n// mock: error A b", 1),
        ("// mock: reply-error", 1),
        ("// mock: sleep 0.2\n// mock: die", 138),
        ("// mock: sleep 30", 1),
    ] {
        workspace.notebook("notebooks/one.ipynb", &["1", cell, "2"]);
        workspace.cltv(&run(&["--execution-timeout", "1"])).assert().code(code);
        let failed = schema.check(&workspace, "out.ipynb");
        let run = &failed["metadata"]["papermill"];
        assert_eq!(run["exception"], true, "{cell}");
        assert!(run["start_time"].as_str() < run["end_time"].as_str());
        let cells = failed["cells"].as_array().expect("cells");
        let failed = cells.iter().find(|cell| cell["metadata"]["papermill"]["status"] == "failed");
        let failed = &failed.expect("a failed cell")["metadata"]["papermill"];
        assert_eq!(failed["exception"], true);
        assert!(failed["duration"].as_f64().is_some_and(|seconds| seconds > 0.0));
    }
}

#[test]
fn what_is_saved_on_the_way_is_valid() {
    let schema = Schema::read();
    let workspace = Workspace::new(&[("one", &["// mock: stdout a", "// mock: sleep 0.5", "1", "2"])]);
    let mut child = workspace.start(&run(&[]));
    let mut seen = 0;
    while child.try_wait().expect("asked").is_none() {
        if workspace.exists("out.ipynb") {
            schema.check(&workspace, "out.ipynb");
            seen += 1;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    assert!(seen > 3, "{seen} states seen");
}

#[test]
fn old_and_untidy_notebooks_become_valid() {
    let schema = Schema::read();
    let workspace = Workspace::new(&[("one", &[])]);
    let old = json!({
        "metadata": {"name": ""}, "nbformat": 3, "nbformat_minor": 0,
        "worksheets": [{"metadata": {}, "cells": [
            {"cell_type": "heading", "level": 2, "metadata": {}, "source": "title"},
            {"cell_type": "code", "collapsed": false, "input": "// mock: stdout a", "language": "rust",
             "metadata": {}, "outputs": [], "prompt_number": 1},
        ]}],
    });
    workspace.write("notebooks/one.ipynb", &old.to_string());
    workspace.cltv(&run(&[])).assert().success();
    schema.check(&workspace, "out.ipynb");
    let untidy = json!({
        "metadata": {}, "nbformat": 4, "nbformat_minor": 2,
        "cells": [
            {"cell_type": "code", "metadata": {}, "source": ["1\n", "2"]},
            {"cell_type": "markdown", "id": "no good id", "metadata": {"tags": []}, "source": "x"},
            {"cell_type": "raw", "id": "a", "metadata": {}, "source": ""},
            {"cell_type": "markdown", "id": "a", "metadata": {}, "source": ""},
        ],
    });
    workspace.write("notebooks/one.ipynb", &untidy.to_string());
    workspace.cltv(&run(&[])).assert().success();
    schema.check(&workspace, "out.ipynb");
}

#[test]
fn a_reports_notebooks_are_valid() {
    let schema = Schema::read();
    let workspace = Workspace::new(&[("01_eda", ALL_KINDS), ("02_rfm", ALL_KINDS)]);
    workspace.cltv(&["report", "-k", "mock"]).assert().success();
    for name in ["01_eda", "02_rfm"] {
        let notebook = schema.check(&workspace, &format!("outputs/notebooks/{name}.ipynb"));
        assert_eq!(notebook["cells"][1]["metadata"]["papermill"]["status"], "completed");
        assert_eq!(notebook["cells"][1]["execution_count"], 2);
    }
}
