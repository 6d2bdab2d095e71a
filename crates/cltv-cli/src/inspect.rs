//! `cltv inspect`: the parameters of a notebook.

use std::path::Path;

use cltv_protocol::parameters::{self, Parameter as Known};
use serde_json::{Value, json};

use crate::cli::InspectArgs;
use crate::files::check_local;
use crate::notebook;
use crate::params::{Kind, Parameter};
use crate::run::command::{declared, stem, workflow_of};
use crate::run::error::RunError;
use crate::terminal::{print, print_json};

/// Prints the parameters of a notebook, with the bounds of the workflow that lists it.
///
/// # Errors
/// [`RunError`] when the notebook cannot be read, or its parameters cell is not Rust.
pub fn inspect(args: &InspectArgs) -> Result<(), RunError> {
    check_local(&args.notebook)?;
    let notebook = notebook::from_path(&args.notebook)?;
    let parameters = declared(&notebook, &stem(&args.notebook))?;
    let workflow = workflow_of(&args.notebook);
    if args.json {
        print_json(&as_json(&parameters, workflow.as_deref()))?;
    } else {
        print(&as_table(&parameters, workflow.as_deref(), &args.notebook))?;
    }
    Ok(())
}

/// The table's entry of a parameter, where the notebook declares it with a type of that kind.
fn known(parameter: &Parameter) -> Option<&'static Known> {
    let known = parameters::find(&parameter.name)?;
    let is_string = matches!(parameter.kind, Kind::Text | Kind::OwnedText);
    let is_number = matches!(parameter.kind, Kind::Whole(_) | Kind::Double | Kind::Single);
    (if known.kind.is_string() { is_string } else { is_number }).then_some(known)
}

fn as_json(parameters: &[Parameter], workflow: Option<&str>) -> Value {
    parameters
        .iter()
        .map(|parameter| {
            let known = known(parameter);
            json!({
                "name": parameter.name,
                "type": parameter.type_name(),
                "default": parameter.default,
                "comment": parameter.comment,
                "kind": known.map(|known| known.kind.to_string()),
                "bounds": known.map(|known| known.bound(workflow)),
                "sentence": known.map(|known| known.sentence),
            })
        })
        .collect()
}

fn as_table(parameters: &[Parameter], workflow: Option<&str>, path: &Path) -> String {
    if parameters.is_empty() {
        return format!(
            "{} has no parameters: no code cell tagged `parameters` declares any.\n",
            path.display()
        );
    }
    let rows: Vec<[String; 5]> = parameters.iter().map(|parameter| row(parameter, workflow)).collect();
    let width = |column: usize| {
        let widths = rows.iter().map(|row| row[column].chars().count());
        widths.max().unwrap_or(0)
    };
    let [name, kind, default, bounds] = [0, 1, 2, 3].map(width);
    let lines = rows.iter().map(|row| {
        let line = format!(
            "{:name$}  {:kind$}  {:default$}  {:bounds$}  {}",
            row[0], row[1], row[2], row[3], row[4]
        );
        format!("{}\n", line.trim_end())
    });
    lines.collect()
}

/// Name, type, default, what a value must be, and what the parameter is.
fn row(parameter: &Parameter, workflow: Option<&str>) -> [String; 5] {
    let known = known(parameter);
    let comment = || parameter.comment.clone().unwrap_or_default();
    [
        parameter.name.clone(),
        parameter.type_name(),
        parameter.default.clone(),
        known.map(|known| known.bound(workflow)).unwrap_or_default(),
        known.map_or_else(comment, |known| known.sentence.to_owned()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::params::parameters_of;

    #[test]
    fn a_table_lists_name_type_default_bounds_and_sentence() {
        let cell = "let horizon_months: u32 = 6; // months ahead\nlet own: &str = \"$\"; // mine";
        let parameters = parameters_of(cell, "x").expect("valid");
        assert_eq!(
            as_table(&parameters, Some("revops"), Path::new("x.ipynb")),
            "horizon_months  u32   6    a whole number from 1 to 60 in the workflow revops  Months ahead.\n\
             own             &str  \"$\"                                                      mine\n"
        );
        let json = as_json(&parameters, None);
        assert_eq!(json[0]["type"], "u32");
        assert_eq!(json[0]["kind"], "integer");
        assert_eq!(json[0]["bounds"], "a whole number from 1 to 600");
        assert_eq!(json[1]["sentence"], Value::Null);
    }

    #[test]
    fn a_name_with_a_type_of_another_kind_is_the_notebooks_own() {
        let parameters = parameters_of("let grain: u32 = 7; // of wheat", "x").expect("valid");
        assert_eq!(as_table(&parameters, None, Path::new("x")), "grain  u32  7    of wheat\n");
    }
}
