//! The tables of the crate's README, made from the declarations.

use crate::{environment, parameters};

/// The environment variables as a Markdown table.
#[must_use]
pub fn environment_table() -> String {
    let rows = environment::ALL.iter().map(|variable| {
        [
            code(variable.name),
            variable.set_by.to_owned(),
            variable.read_by.to_owned(),
            variable.meaning.to_owned(),
        ]
    });
    table(["variable", "set by", "read by", "meaning"], rows)
}

/// The parameters of the notebooks as a Markdown table.
#[must_use]
pub fn parameter_table() -> String {
    let rows = parameters::ALL.iter().map(|parameter| {
        let bounds = parameter.bounds_in_words();
        [code(parameter.name), parameter.kind.to_string(), bounds, parameter.sentence.to_owned()]
    });
    table(["parameter", "kind", "bounds", "meaning"], rows)
}

fn code(name: &str) -> String {
    format!("`{name}`")
}

fn table(head: [&str; 4], rows: impl Iterator<Item = [String; 4]>) -> String {
    let line =
        |cells: [String; 4]| format!("| {} |\n", cells.map(|cell| cell.replace('|', "\\|")).join(" | "));
    let head = line(head.map(str::to_owned));
    std::iter::once(head + "|---|---|---|---|\n").chain(rows.map(line)).collect()
}
