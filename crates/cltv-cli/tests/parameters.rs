//! The notebooks of the workspace declare the parameters of the table, with defaults that it allows.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use cltv_cli::notebook;
use cltv_cli::params::rules::check;
use cltv_cli::params::{Assignment, Kind, NotebookParameters, Parameter, parameters_of, resolve};
use cltv_cli::workspace::Workspace;
use cltv_protocol::parameters::{self, find};

fn notebooks() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../notebooks");
    let entries = std::fs::read_dir(folder).expect("the notebooks").map(|entry| entry.expect("one").path());
    entries.filter(|path| path.extension().is_some_and(|extension| extension == "ipynb")).collect()
}

/// The parameters of a notebook; an example of free work, which no workflow runs, has none.
fn declared(path: &Path) -> Vec<Parameter> {
    let notebook = notebook::from_path(path).expect("a notebook");
    let declarations = |cell: &notebook::Cell| parameters_of(&cell.source, &path.display().to_string());
    notebook.parameters_cell().map(|cell| declarations(cell).expect("declarations")).unwrap_or_default()
}

#[test]
fn every_parameter_of_a_notebook_is_in_the_table_with_that_kind() {
    let notebooks = notebooks();
    assert!(notebooks.len() >= 15);
    for path in &notebooks {
        for parameter in declared(path) {
            let place = format!("{}: {}", path.display(), parameter.name);
            let known = find(&parameter.name).unwrap_or_else(|| panic!("{place} is not in the table"));
            let agrees = match (&parameter.kind, known.kind) {
                (Kind::Text, kind) => kind.is_string(),
                (Kind::Whole(_), kind) => kind == parameters::Kind::Integer,
                (Kind::Double, kind) => kind == parameters::Kind::Real,
                _ => false,
            };
            assert!(agrees, "{place} is declared as {}, but the table says {}", parameter.kind, known.kind);
        }
    }
}

/// What the command line does with `-p NAME VALUE` where a notebook declares the name as the table says.
fn accepts(parameter: &parameters::Parameter, workflow: Option<&str>, value: &str) -> bool {
    let declared = match parameter.kind {
        parameters::Kind::Integer => "i64 = 1",
        parameters::Kind::Real => "f64 = 1.0",
        _ => "&str = \"\"",
    };
    let cell = format!("let {}: {declared};", parameter.name);
    let parameters = parameters_of(&cell, "one").expect("a declaration");
    let notebook = NotebookParameters { notebook: "one".into(), parameters };
    resolve(&[notebook], &[Assignment::new(parameter.name, value)], workflow).is_ok()
}

#[test]
fn the_command_line_keeps_every_bound_of_the_table() {
    let mut count = 0;
    for parameter in parameters::ALL {
        let workflows = parameter.by_workflow.iter().map(|(workflow, _)| Some(*workflow));
        for workflow in workflows.chain([None]) {
            for (number, allowed) in parameter.edges(workflow) {
                let place = format!("{} = {number} in {workflow:?}", parameter.name);
                assert_eq!(accepts(parameter, workflow, &number.to_string()), allowed, "{place}");
                count += 1;
            }
            if let parameters::Kind::OneOf(words) = parameter.kind {
                assert!(words.iter().all(|word| accepts(parameter, workflow, word)), "{}", parameter.name);
                assert!(!accepts(parameter, workflow, "another"), "{}", parameter.name);
            }
        }
    }
    assert!(count > 50, "{count} edges");
}

#[test]
fn every_default_is_within_the_bounds_of_the_workflow() {
    let mut workflows = BTreeSet::new();
    for path in notebooks() {
        let path = path.canonicalize().expect("there");
        let workspace = Workspace::above(&path).expect("the workspace");
        let declared = declared(&path);
        let Some(workflow) = workspace.workflow_of(&path) else {
            assert!(declared.is_empty(), "{} has parameters and no workflow", path.display());
            continue;
        };
        assert!(!declared.is_empty(), "{} has no parameters", path.display());
        for parameter in declared {
            let value = parameter.default_value.as_ref().expect("a plain value");
            let checked = check(&parameter.name, Some(&workflow), value, &value.shown());
            assert_eq!(checked.map_err(|error| error.to_string()), Ok(()), "{}", path.display());
        }
        workflows.insert(workflow);
    }
    let bounds_of: BTreeSet<String> = parameters::ALL
        .iter()
        .flat_map(|parameter| parameter.by_workflow)
        .map(|(workflow, _)| (*workflow).to_owned())
        .collect();
    assert!(bounds_of.is_subset(&workflows), "the table has bounds for workflows that do not exist");
}
