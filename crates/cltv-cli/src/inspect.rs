//! `cltv inspect`: the parameters of a notebook.

use std::path::Path;

use serde_json::{Value, json};

use crate::cli::InspectArgs;
use crate::error::RunError;
use crate::notebook;
use crate::params::Parameter;
use crate::run::{declared, stem};

/// Prints the parameters of a notebook.
///
/// # Errors
/// [`RunError`] when the notebook cannot be read, or its parameters cell is not Rust.
pub fn inspect(args: &InspectArgs) -> Result<(), RunError> {
    let notebook = notebook::from_path(&args.notebook)?;
    let parameters = declared(&notebook, &stem(&args.notebook))?;
    if args.json {
        println!("{}", as_json(&parameters));
    } else {
        print!("{}", as_table(&parameters, &args.notebook));
    }
    Ok(())
}

fn as_json(parameters: &[Parameter]) -> String {
    let list: Vec<Value> = parameters
        .iter()
        .map(|parameter| {
            json!({
                "name": parameter.name,
                "type": parameter.type_name(),
                "default": parameter.default,
                "comment": parameter.comment,
            })
        })
        .collect();
    format!("{:#}", Value::Array(list))
}

fn as_table(parameters: &[Parameter], path: &Path) -> String {
    if parameters.is_empty() {
        return format!(
            "{} has no parameters: no code cell tagged `parameters` declares any.\n",
            path.display()
        );
    }
    let rows: Vec<[String; 4]> = parameters
        .iter()
        .map(|parameter| {
            [
                parameter.name.clone(),
                parameter.type_name(),
                parameter.default.clone(),
                parameter.comment.clone().unwrap_or_default(),
            ]
        })
        .collect();
    let width = |column: usize| {
        let widths = rows.iter().map(|row| row[column].chars().count());
        widths.max().unwrap_or(0)
    };
    let (name, kind, default) = (width(0), width(1), width(2));
    let lines = rows.iter().map(|row| {
        let line = format!("{:name$}  {:kind$}  {:default$}  {}", row[0], row[1], row[2], row[3]);
        format!("{}\n", line.trim_end())
    });
    lines.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::params::parameters_of;

    #[test]
    fn a_table_lists_name_type_default_and_comment() {
        let cell = "let horizon_months: u32 = 6; // months ahead\nlet currency: &str = \"$\";";
        let parameters = parameters_of(cell, "x").expect("valid");
        assert_eq!(
            as_table(&parameters, Path::new("x.ipynb")),
            "horizon_months  u32   6    months ahead\ncurrency        &str  \"$\"\n"
        );
        let json: Value = serde_json::from_str(&as_json(&parameters)).expect("json");
        assert_eq!(json[0]["type"], "u32");
        assert_eq!(json[1]["comment"], Value::Null);
    }
}
