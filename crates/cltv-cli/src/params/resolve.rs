//! Brings what was typed and what the notebooks declare together, before anything runs.

use std::collections::{BTreeMap, BTreeSet};

use super::rules::{bound_of, check, closest};
use super::{Assignment, Given, Kind, ParamError, Parameter, Value};

/// What one notebook of a run declares.
#[derive(Debug, Clone, PartialEq)]
pub struct NotebookParameters {
    /// The notebook's name.
    pub notebook: String,
    /// Its parameters, in its order.
    pub parameters: Vec<Parameter>,
}

/// The values that one notebook is run with.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Settings {
    values: Vec<(Parameter, Value)>,
}

impl Settings {
    /// Whether nothing is set.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Sets a text that the notebook may not declare, as a run's own paths are.
    ///
    /// A declared parameter of that name that is a text gets it too, if nothing was given for it.
    pub fn add_text(&mut self, declared: &[Parameter], name: &str, text: &str) {
        if self.values.iter().any(|(parameter, _)| parameter.name == name) {
            return;
        }
        let own = declared.iter().rfind(|parameter| parameter.name == name);
        let parameter = own.cloned().unwrap_or_else(|| Parameter {
            name: name.to_owned(),
            declared: Some("&str".to_owned()),
            kind: Kind::Text,
            default: String::new(),
            default_value: None,
            comment: None,
            mutable: false,
        });
        if let Some(value) = parameter.kind.read(&Given::Text(text.to_owned())) {
            self.values.push((parameter, value));
        }
    }

    /// The names and values, in the notebook's order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.values.iter().map(|(parameter, value)| (parameter.name.as_str(), value))
    }

    /// The cell that sets the values.
    pub fn code(&self) -> String {
        let statements = self.values.iter().map(|(parameter, value)| parameter.statement(value));
        std::iter::once("// Parameters".to_owned()).chain(statements).collect::<Vec<_>>().join("\n")
    }
}

/// The settings of each notebook, in the order of `notebooks`.
///
/// A name must be a parameter of at least one notebook, and its value must suit every notebook that
/// has it. When a name is given twice the last value counts. Bounds are those of the `workflow`.
///
/// # Errors
/// [`ParamError`] for the first name or value that is refused.
pub fn resolve(
    notebooks: &[NotebookParameters],
    assignments: &[Assignment],
    workflow: Option<&str>,
) -> Result<Vec<Settings>, ParamError> {
    let given: BTreeMap<&str, &Given> =
        assignments.iter().map(|assignment| (assignment.name.as_str(), &assignment.value)).collect();
    for assignment in assignments {
        check_known(notebooks, &assignment.name)?;
    }
    notebooks.iter().map(|notebook| settings(notebook, &given, workflow)).collect()
}

fn settings(
    notebook: &NotebookParameters,
    given: &BTreeMap<&str, &Given>,
    workflow: Option<&str>,
) -> Result<Settings, ParamError> {
    // A cell may declare a name twice; the compiler takes the last, and so does this.
    let mut values: Vec<(Parameter, Value)> = Vec::new();
    for parameter in &notebook.parameters {
        if let Some(given) = given.get(parameter.name.as_str()) {
            let value = typed(parameter, given, &notebook.notebook, workflow)?;
            values.retain(|(earlier, _)| earlier.name != parameter.name);
            values.push((parameter.clone(), value));
        }
    }
    Ok(Settings { values })
}

fn typed(
    parameter: &Parameter,
    given: &Given,
    notebook: &str,
    workflow: Option<&str>,
) -> Result<Value, ParamError> {
    let value = parameter.kind.read(given).ok_or_else(|| ParamError::Type {
        name: parameter.name.clone(),
        declared: parameter.type_name(),
        notebook: notebook.to_owned(),
        given: given.shown(),
        expected: expected(parameter, given, workflow),
    })?;
    check(&parameter.name, workflow, &value, &given.shown())?;
    Ok(value)
}

/// What fits: the bounds of the name where it has some, else those of the type.
fn expected(parameter: &Parameter, given: &Given, workflow: Option<&str>) -> String {
    let bound = bound_of(&parameter.name, workflow, &parameter.kind);
    let expected = bound.unwrap_or_else(|| parameter.kind.expected());
    match (given, parameter.kind.read(&Given::Written(given.characters().unwrap_or_default().to_owned()))) {
        (Given::Text(_), Some(_)) => {
            format!(
                "{expected}: quoted values and values of -r are strings; give it with -p, without quotation marks"
            )
        }
        _ => expected,
    }
}

fn check_known(notebooks: &[NotebookParameters], name: &str) -> Result<(), ParamError> {
    let names: BTreeSet<&str> =
        notebooks.iter().flat_map(|notebook| notebook.parameters.iter().map(|p| p.name.as_str())).collect();
    if names.contains(name) {
        return Ok(());
    }
    Err(ParamError::Unknown {
        name: name.to_owned(),
        close: closest(name, names.into_iter()),
        known: known(notebooks),
    })
}

/// The names there are, those of every notebook first, with who has the others.
fn known(notebooks: &[NotebookParameters]) -> String {
    let mut holders: Vec<(&str, Vec<&str>)> = Vec::new();
    for notebook in notebooks {
        for parameter in &notebook.parameters {
            let name = parameter.name.as_str();
            match holders.iter_mut().find(|(known, _)| *known == name) {
                Some((_, list)) => list.push(&notebook.notebook),
                None => holders.push((name, vec![&notebook.notebook])),
            }
        }
    }
    if holders.is_empty() {
        return no_parameters(notebooks);
    }
    let mut lines: Vec<(String, Vec<&str>)> = Vec::new();
    for (name, list) in holders {
        let label = label(&list, notebooks);
        match lines.iter_mut().find(|(known, _)| *known == label) {
            Some((_, names)) => names.push(name),
            None => lines.push((label, vec![name])),
        }
    }
    let lists: Vec<String> =
        lines.into_iter().map(|(label, names)| format!("{label}: {}", names.join(", "))).collect();
    format!("Parameters {}.", lists.join("; "))
}

fn label(holders: &[&str], notebooks: &[NotebookParameters]) -> String {
    match (holders.len() == notebooks.len(), notebooks) {
        (true, [only]) => format!("of {}", only.notebook),
        (true, _) => "of every notebook".to_owned(),
        (false, _) => format!("of {}", holders.join(", ")),
    }
}

fn no_parameters(notebooks: &[NotebookParameters]) -> String {
    let names: Vec<&str> = notebooks.iter().map(|n| n.notebook.as_str()).collect();
    format!("There is no cell tagged `parameters` with declarations in {}.", names.join(", "))
}

#[cfg(test)]
mod tests {
    use super::super::parameters_of;
    use super::*;

    fn two() -> Vec<NotebookParameters> {
        let declare = |notebook: &str, cell: &str| NotebookParameters {
            notebook: notebook.into(),
            parameters: parameters_of(cell, notebook).expect("valid"),
        };
        vec![
            declare("01_eda", "let transactions: &str = \"cdnow\";"),
            declare("03_fit", "let transactions: &str = \"cdnow\";\nlet horizon_months: u32 = 6;"),
        ]
    }

    fn message(name: &str, value: &str) -> String {
        resolve(&two(), &[Assignment::new(name, value)], None).unwrap_err().to_string()
    }

    #[test]
    fn values_go_to_the_notebooks_that_have_the_name() {
        let settings = resolve(
            &two(),
            &[
                Assignment::new("horizon_months", "3"),
                Assignment::new("transactions", "a\"b"),
                Assignment::new("horizon_months", "12"),
            ],
            None,
        )
        .expect("valid");
        assert_eq!(settings[0].code(), "// Parameters\nlet transactions: &str = \"a\\\"b\";");
        assert_eq!(
            settings[1].code(),
            "// Parameters\nlet transactions: &str = \"a\\\"b\";\nlet horizon_months: u32 = 12;"
        );
    }

    #[test]
    fn an_unknown_name_suggests_and_lists() {
        assert_eq!(
            message("horizn_months", "6"),
            "No parameter is named `horizn_months`; did you mean `horizon_months`? \
             Parameters of every notebook: transactions; of 03_fit: horizon_months."
        );
    }

    #[test]
    fn a_wrong_type_names_type_notebook_and_what_fits() {
        let text = message("horizon_months", "six");
        assert_eq!(
            text,
            "`horizon_months` is declared as u32 in 03_fit, and \"six\" is not a whole number from 1 to 600."
        );
        assert!(message("horizon_months", "2.5").contains("\"2.5\" is not a whole number"));
        assert!(message("horizon_months", "-6").contains("\"-6\" is not a whole number"));
        assert!(message("horizon_months", "0").contains("from 1 to 600"));
        let raw = resolve(&two(), &[Assignment::text("horizon_months", "6")], None).unwrap_err().to_string();
        assert!(raw.contains("the string \"6\" is not") && raw.contains("give it with -p"), "{raw}");
    }

    #[test]
    fn a_text_of_the_runs_own_is_set_declared_or_not() {
        let declared = parameters_of("let IN: String = String::new();\nlet n: u32 = 1;", "x").expect("valid");
        let mut settings = Settings::default();
        settings.add_text(&declared, "IN", "a.ipynb");
        settings.add_text(&declared, "OUT", "b\"");
        settings.add_text(&declared, "OUT", "given before");
        settings.add_text(&declared, "n", "no number");
        assert_eq!(
            settings.code(),
            "// Parameters\nlet IN: String = \"a.ipynb\".to_string();\nlet OUT: &str = \"b\\\"\";"
        );
    }
}
