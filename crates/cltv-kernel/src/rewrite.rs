//! Rewrites a cell before evcxr sees it: `:dep cltv = { path = ... }` is answered
//! from the prebuilt library, whatever path it names.

use crate::cell_text;
use crate::helper::Helper;

/// The cell with its `:dep` of the helper pointing at the helper's stub package.
pub(crate) fn point_at_helper(code: &str, helper: &Helper) -> String {
    let name = &helper.manifest.crate_name;
    let replacement = dep_line(helper);
    let lines: Vec<&str> =
        code.lines().map(|line| if is_dep_of(line, name) { replacement.as_str() } else { line }).collect();
    lines.join("\n")
}

/// The cell with `prefix` before each of its commands for a shell.
pub(crate) fn with_shell_prefix(code: &str, prefix: &str) -> String {
    let command = |line: &str| match line.strip_prefix('!') {
        Some(command) => format!("!{prefix}{command}"),
        None => line.to_owned(),
    };
    cell_text::lines_before_rust(code).map(command).collect::<String>()
        + &code[cell_text::begin_of_rust(code)..]
}

/// The `:dep` line of the helper.
pub(crate) fn dep_line(helper: &Helper) -> String {
    let path = toml::Value::String(helper.stub().to_string_lossy().into_owned());
    format!(":dep {} = {{ path = {path} }}", helper.manifest.crate_name)
}

fn is_dep_of(line: &str, name: &str) -> bool {
    line.trim_start()
        .strip_prefix(":dep")
        .filter(|rest| rest.starts_with(char::is_whitespace))
        .map(|rest| rest.trim_start())
        .and_then(|rest| rest.strip_prefix(name))
        .is_some_and(|rest| rest.trim().is_empty() || rest.trim_start().starts_with('='))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_for_a_shell_have_the_prefix() {
        assert_eq!(
            with_shell_prefix(":dep x\n!ls\nlet a = !b;\n!c", "u; "),
            ":dep x\n!u; ls\nlet a = !b;\n!c"
        );
    }

    #[test]
    fn only_the_helpers_own_dep_line_counts() {
        assert!(is_dep_of(":dep cltv = { path = \"../crates/cltv\" }", "cltv"));
        assert!(is_dep_of("  :dep   cltv", "cltv"));
        assert!(!is_dep_of(":dep cltv-models = \"0.1\"", "cltv"));
        assert!(!is_dep_of(":dep cltv_extra = \"0.1\"", "cltv"));
        assert!(!is_dep_of("let s = \":dep cltv\";", "cltv"));
    }
}
