//! `--help-notebook`: the parameters of a notebook, as papermill lists them.

use crate::params::Parameter;

/// Columns before a parameter's comment.
const COLUMN: usize = 34;

/// A longer definition has its comment on the next line.
const WIDEST: usize = 30;

/// The parameters with type, default and comment.
pub(super) fn text(path: &str, parameters: &[Parameter]) -> String {
    let mut text = format!(
        "Usage: cltv run {path} OUT.ipynb [-p NAME VALUE]...\n\nParameters inferred for notebook '{path}':\n"
    );
    for parameter in parameters {
        let (name, default) = (&parameter.name, &parameter.default);
        let definition = format!("  {name}: {} (default {default})", parameter.type_name());
        let comment = parameter.comment.as_deref().unwrap_or_default();
        let line = match definition.chars().count() > WIDEST && !comment.is_empty() {
            true => format!("{definition}\n{:COLUMN$}{comment}", ""),
            false => format!("{definition:COLUMN$}{comment}"),
        };
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::params::parameters_of;

    #[test]
    fn a_long_definition_has_its_comment_below() {
        let cell =
            "let n: u32 = 6; // months\nlet long: &str = \"a long default value\"; // what\nlet b = 1;";
        let parameters = parameters_of(cell, "x").expect("valid");
        let text = text("x.ipynb", &parameters);
        assert!(text.contains("\n  n: u32 (default 6)              months\n"), "{text}");
        let below = format!("\n  long: &str (default \"a long default value\")\n{:34}what\n", "");
        assert!(text.contains(&below), "{text}");
        assert!(text.ends_with("  b: i32 (default 1)\n"), "{text}");
    }
}
