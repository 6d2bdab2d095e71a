//! The notebooks of the workspace declare the parameters of the table, with defaults that it allows.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use cltv_cli::notebook;
use cltv_cli::params::rules::check;
use cltv_cli::params::{Kind, Parameter, parameters_of};
use cltv_cli::workspace::Workspace;
use cltv_protocol::parameters::{self, find};

fn notebooks() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../notebooks");
    let entries = std::fs::read_dir(folder).expect("the notebooks").map(|entry| entry.expect("one").path());
    entries.filter(|path| path.extension().is_some_and(|extension| extension == "ipynb")).collect()
}

fn declared(path: &Path) -> Vec<Parameter> {
    let notebook = notebook::from_path(path).expect("a notebook");
    let cell = notebook.parameters_cell().expect("a cell with parameters");
    parameters_of(&cell.source, &path.display().to_string()).expect("declarations")
}

#[test]
fn every_parameter_of_a_notebook_is_in_the_table_with_that_kind() {
    let notebooks = notebooks();
    assert!(notebooks.len() >= 14);
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

#[test]
fn every_default_is_within_the_bounds_of_the_workflow() {
    let mut workflows = BTreeSet::new();
    for path in notebooks() {
        let path = path.canonicalize().expect("there");
        let workspace = Workspace::above(&path).expect("the workspace");
        let workflow = workspace.workflow_of(&path).expect("a workflow lists it");
        for parameter in declared(&path) {
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
