//! The README's tables are those of the declarations, and no variable of cltv is used undeclared.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use cltv_protocol::{documentation, environment};

fn crate_folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The README with what stands between two comments replaced.
fn with_table(readme: &str, name: &str, table: &str) -> String {
    let (begin, end) = (format!("<!-- {name} -->\n"), format!("<!-- end of {name} -->"));
    let (before, rest) = readme.split_once(&begin).unwrap_or_else(|| panic!("{begin} is missing"));
    let (_, after) = rest.split_once(&end).unwrap_or_else(|| panic!("{end} is missing"));
    format!("{before}{begin}{table}{end}{after}")
}

#[test]
fn the_readme_has_the_tables_of_the_declarations() {
    let path = crate_folder().join("README.md");
    let written = std::fs::read_to_string(&path).expect("the README");
    let expected = with_table(&written, "environment", &documentation::environment_table());
    let expected = with_table(&expected, "parameters", &documentation::parameter_table());
    if std::env::var_os("UPDATE_README").is_some() {
        std::fs::write(&path, expected).expect("written");
        return;
    }
    for (number, (have, want)) in written.lines().zip(expected.lines()).enumerate() {
        assert_eq!(have, want, "line {}: run `UPDATE_README=1 cargo test -p cltv-protocol`", number + 1);
    }
    assert_eq!(written.lines().count(), expected.lines().count(), "run with UPDATE_README=1");
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        if entry.is_dir() {
            sources(&entry, found);
        } else if entry.extension().is_some_and(|extension| extension == "rs") {
            found.push(entry);
        }
    }
}

/// The names of variables in string literals of a source.
fn variables(text: &str) -> impl Iterator<Item = &str> {
    text.split('"').filter(|part| {
        let name = part.strip_prefix("CLTV_").unwrap_or_default();
        !name.is_empty() && name.bytes().all(|b| b.is_ascii_uppercase() || b == b'_')
    })
}

#[test]
fn every_variable_of_cltv_in_the_workspace_is_declared() {
    let declared: BTreeSet<&str> = environment::ALL.iter().map(|variable| variable.name).collect();
    let mut files = Vec::new();
    sources(crate_folder().parent().expect("the folder of crates"), &mut files);
    assert!(files.len() > 100, "the sources were not found");
    for file in files {
        let text = std::fs::read_to_string(&file).expect("a source");
        for name in variables(&text) {
            assert!(declared.contains(name), "{} uses {name}: declare it in environment.rs", file.display());
        }
    }
}
