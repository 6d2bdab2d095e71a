//! The same input gives the same files, byte for byte, on one core and on all of them.

use std::collections::BTreeMap;
use std::fs;

use crate::workspace::{Workspace, repository};

const WORKFLOWS: [&str; 6] = ["clv", "revops", "formula", "models", "contracts", "discrete"];

/// What a run publishes, but for the log of the run, and the notebooks, which have times and ids of charts.
fn published(workflow: &str, cores: &str) -> BTreeMap<String, Vec<u8>> {
    let workspace = Workspace::whole();
    let all = fs::read_dir(repository().join("notebooks")).expect("there").flatten();
    let names: Vec<String> = all
        .filter_map(|entry| Some(entry.file_name().to_str()?.strip_suffix(".ipynb")?.to_owned()))
        .collect();
    workspace.add(&names.iter().map(String::as_str).collect::<Vec<_>>());
    workspace.on_cores(cores, &["report", workflow]).success();
    let mut files = workspace.files("outputs");
    files.retain(|name, _| !name.starts_with("runs/") && !name.contains("notebooks/"));
    files
}

#[test]
fn one_core_and_all_cores_write_the_same_bytes() {
    for workflow in WORKFLOWS {
        let (one, all) = (published(workflow, "0"), published(workflow, "0-1023"));
        assert!(one.len() > 2, "{workflow}: {:?}", one.keys());
        assert!(one.keys().eq(all.keys()), "{workflow}: {:?} and {:?}", one.keys(), all.keys());
        for (name, bytes) in one {
            assert!(all[&name] == bytes, "{workflow}: {name} depends on the number of cores");
        }
    }
}
