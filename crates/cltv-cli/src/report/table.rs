//! What each run of a sweep gave, as a table for people and a csv file for programs.

use std::path::Path;

use comfy_table::{CellAlignment, ContentArrangement, Table};

use super::sets::Set;
use crate::files::FileError;

/// What came of one set.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) set: Set,
    /// How it ended, in a word.
    pub(super) status: &'static str,
    pub(super) seconds: f64,
    /// Its folder, as people know it.
    pub(super) folder: String,
    /// The first line of its error.
    pub(super) error: String,
    /// Its key figures.
    pub(super) figures: Vec<(String, f64)>,
}

/// The names of the columns between the set's name and its status, and those of the figures.
struct Columns {
    values: Vec<String>,
    figures: Vec<String>,
}

impl Columns {
    fn of(rows: &[Row]) -> Columns {
        Columns {
            values: names(rows.iter().flat_map(|row| row.set.values.iter().map(|(name, _)| name))),
            figures: names(rows.iter().flat_map(|row| row.figures.iter().map(|(name, _)| name))),
        }
    }
}

fn names<'a>(all: impl Iterator<Item = &'a String>) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for name in all {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    names
}

/// The table for a terminal.
pub(super) fn text(rows: &[Row]) -> String {
    let columns = Columns::of(rows);
    let mut table = Table::new();
    table.load_preset(comfy_table::presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    let header = ["name"].into_iter().map(str::to_owned).chain(columns.values.clone());
    let header = header.chain(["status".into(), "seconds".into()]).chain(columns.figures.clone());
    table.set_header(header);
    for row in rows {
        let values = columns.values.iter().map(|name| printable(value(row, name)));
        let figures = columns.figures.iter().map(|name| figure(row, name).map_or_else(String::new, rounded));
        let cells = [printable(&row.set.name)].into_iter().chain(values);
        table.add_row(cells.chain([row.status.to_owned(), format!("{:.1}", row.seconds)]).chain(figures));
    }
    let first_number = columns.values.len() + 2;
    for column in table.column_iter_mut().skip(first_number) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    let lines = table.lines().map(|line| line.trim_end().to_owned());
    lines.collect::<Vec<_>>().join("\n")
}

/// The contents of `sweep.csv`: the same columns, with folder and error.
pub(super) fn csv(path: &Path, rows: &[Row]) -> Result<Vec<u8>, FileError> {
    let columns = Columns::of(rows);
    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut header = vec!["name"];
    header.extend(columns.values.iter().map(String::as_str));
    header.extend(["status", "seconds", "folder", "error"]);
    header.extend(columns.figures.iter().map(String::as_str));
    let wrong = |error: csv::Error| FileError::write(path)(error.into());
    writer.write_record(header.iter().map(|name| no_formula(name))).map_err(wrong)?;
    for row in rows {
        let mut cells = vec![no_formula(&row.set.name)];
        cells.extend(columns.values.iter().map(|name| no_formula(value(row, name))));
        cells.extend([row.status.to_owned(), format!("{:.3}", row.seconds)]);
        cells.extend([no_formula(&row.folder), no_formula(&row.error)]);
        cells.extend(
            columns
                .figures
                .iter()
                .map(|name| figure(row, name).map_or_else(String::new, |value| value.to_string())),
        );
        writer.write_record(&cells).map_err(wrong)?;
    }
    writer.into_inner().map_err(|error| FileError::write(path)(error.into_error()))
}

fn value<'a>(row: &'a Row, name: &str) -> &'a str {
    row.set.values.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
}

fn figure(row: &Row, name: &str) -> Option<f64> {
    row.figures.iter().find(|(known, _)| known == name).map(|(_, value)| *value)
}

/// Whole numbers without decimals, others with as many as differ between runs.
fn rounded(value: f64) -> String {
    if value.fract() == 0.0 { format!("{value:.0}") } else { format!("{value:.3}") }
}

fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// A spreadsheet runs a cell that begins like a formula; an apostrophe makes it a text.
fn no_formula(text: &str) -> String {
    let is_number = text.parse::<f64>().is_ok();
    match text.starts_with(['=', '+', '-', '@', '\t', '\r']) && !is_number {
        true => format!("'{text}"),
        false => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(name: &str, values: &[(&str, &str)], figures: &[(&str, f64)]) -> Row {
        let owned = |(name, value): &(&str, &str)| (name.to_string(), value.to_string());
        Row {
            set: Set {
                name: name.into(),
                values: values.iter().map(owned).collect(),
                assignments: Vec::new(),
            },
            status: "ok",
            seconds: 1.25,
            folder: format!("outputs/{name}"),
            error: String::new(),
            figures: figures.iter().map(|(name, value)| (name.to_string(), *value)).collect(),
        }
    }

    #[test]
    fn columns_are_those_of_all_sets_and_runs() {
        let rows = [
            row("a", &[("horizon_months", "6")], &[("customers", 2357.0), ("total_clv", 37308.16860449196)]),
            row("b", &[("margin", "=1+1")], &[]),
        ];
        assert_eq!(
            text(&rows),
            " name  horizon_months  margin  status  seconds  customers  total_clv\n \
             a     6                       ok          1.2       2357  37308.169\n \
             b                     =1+1    ok          1.2"
        );
        let bytes = csv(Path::new("sweep.csv"), &rows).expect("written");
        assert_eq!(
            String::from_utf8(bytes).expect("text"),
            "name,horizon_months,margin,status,seconds,folder,error,customers,total_clv\n\
             a,6,,ok,1.250,outputs/a,,2357,37308.16860449196\nb,,'=1+1,ok,1.250,outputs/b,,,\n"
        );
    }

    #[test]
    fn negative_numbers_are_no_formulas() {
        assert_eq!(no_formula("-0.5"), "-0.5");
        assert_eq!(no_formula("-x"), "'-x");
    }
}
