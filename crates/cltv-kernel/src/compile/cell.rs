//! A run of the compiler over a cell, in which types are inferred and checked.

use super::definitions::first_names;
use super::inter_process_files::{Externs, add_externs, add_types};
use super::rustc_arguments::{check_arguments, dependency_folders, extern_options, is_named, libraries};
use super::type_inference::{self, Inference, LINT, Types};
use super::{INFERENCE_OPTIONS, TYPED_SOURCE, cache};
use anyhow::{Context, Result};
use cltv_protocol::environment;
use serde_json::Value;
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

/// The types that the compiler names in its messages about a text.
pub(super) fn inferred_types(messages: &str, text: &str) -> Types {
    messages.lines().filter_map(|line| inferred_type(line, text)).collect()
}

fn inferred_type(line: &str, text: &str) -> Option<(String, String)> {
    let is_meant = line.contains(LINT);
    is_meant.then(|| type_inference::inferred(&serde_json::from_str(line).ok()?, text)).flatten()
}

/// Whether a line of rustc's is a message about the cell; none if it is not of its protocol.
fn is_diagnostic(line: &str) -> Option<bool> {
    let message: Value = serde_json::from_str(line).ok()?;
    Some(message["$message_type"] == "diagnostic")
}

/// A text to compile, and the types to infer in it.
pub(super) struct Cell<'a> {
    pub(super) rustc: OsString,
    pub(super) arguments: Vec<String>,
    /// The file among the arguments that holds the text.
    pub(super) source: &'a str,
    pub(super) text: &'a str,
    pub(super) inference: &'a Inference,
}

/// How the compiler came to an end.
pub(super) struct Ended {
    status: ExitStatus,
    /// Messages in the compiler's form about types that have no name.
    pub(super) errors: Vec<String>,
    /// Whether another crate had to be named for a type.
    named_crates: bool,
}

impl Ended {
    pub(super) fn is_success(&self) -> bool {
        self.status.success() && self.errors.is_empty()
    }
}

impl Cell<'_> {
    /// Compiles the cell; `true` where the compiler would always give the same result.
    pub(super) fn compile_for_evcxr(&self) -> Result<(cache::Compiled, bool)> {
        let mut messages = String::new();
        let ended = self.compile(&mut |line| match is_diagnostic(line) {
            Some(true) => messages.extend([line, "\n"]),
            Some(false) => {}
            None => eprintln!("{line}"),
        })?;
        messages.extend(ended.errors.iter().flat_map(|line| [line, "\n"]));
        let compiled = cache::Compiled { code: if ended.is_success() { 0 } else { 101 }, messages };
        // The messages of a compiler that was stopped are not complete.
        let is_complete = matches!(ended.status.code(), Some(0 | 1)) && compiled.is_about_the_cell();
        let is_repeatable = is_complete && ended.errors.is_empty() && !ended.named_crates;
        Ok((compiled, is_repeatable))
    }

    /// Compiles the cell and infers types; `on_line` gets each line of rustc's standard error.
    pub(super) fn compile(&self, on_line: &mut dyn FnMut(&str)) -> Result<Ended> {
        let mut types = Types::new();
        std::thread::scope(|scope| {
            let mut checking = None;
            let status = self.run(&self.arguments, &mut |line| {
                on_line(line);
                types.extend(inferred_type(line, self.text));
                if checking.is_none() && self.inference.is_needed() && self.unnamed(&types).is_none() {
                    let types = types.clone();
                    checking = Some(scope.spawn(move || self.errors_with_types(&types, &Externs::new())));
                }
            })?;
            let mut ended = Ended { status, errors: Vec::new(), named_crates: false };
            if !status.success() || !self.inference.is_needed() {
                return Ok(ended);
            }
            let Some(checking) = checking else {
                let variable = self.unnamed(&types).unwrap_or_default();
                ended.errors.push(self.no_name_error(variable));
                return Ok(ended);
            };
            ended.errors = checking.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
            if !ended.errors.is_empty()
                && let Some(found) = self.name_crates(&types)?
            {
                types = found;
                ended.named_crates = true;
                ended.errors.clear();
            }
            match self.variable_of(&ended.errors) {
                _ if ended.errors.is_empty() => add_types(&self.inference.known(&types))?,
                Some(variable) => ended.errors.push(self.no_name_error(variable)),
                None => {}
            }
            Ok(ended)
        })
    }

    /// A variable whose type was not inferred or has no name.
    fn unnamed(&self, types: &Types) -> Option<&str> {
        let has_name =
            |variable: &&String| types.get(*variable).is_some_and(|found| type_inference::has_name(found));
        self.inference.variables().find(|variable| !has_name(variable)).map(String::as_str)
    }

    /// The compiler's errors once the types are written down.
    fn errors_with_types(&self, types: &Types, externs: &Externs) -> Result<Vec<String>> {
        let (is_right, messages) = self.check(&type_inference::with_types(self.text, types), externs)?;
        Ok(if is_right { Vec::new() } else { messages })
    }

    /// Checks a text with the cell's options and more crates: whether it is right, and the messages.
    fn check(&self, text: &str, externs: &Externs) -> Result<(bool, Vec<String>)> {
        let source = Path::new(TYPED_SOURCE);
        let folder = source.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder)?;
        std::fs::write(source, text)?;
        let mut arguments = check_arguments(&self.arguments, self.source, folder);
        arguments.extend(extern_options(externs, &self.arguments));
        let mut messages = Vec::new();
        let status = self.run(&arguments, &mut |line| messages.push(line.to_owned()))?;
        anyhow::ensure!(status.success() || !messages.is_empty(), "the compiler was stopped ({status})");
        Ok((status.success(), messages))
    }

    /// Types that can be written once crates are named that only other crates name; these can be named
    /// from then on. A type has another path then, for of a crate that the source names rustc knows where
    /// it shows its types.
    fn name_crates(&self, types: &Types) -> Result<Option<Types>> {
        let folders = dependency_folders(&self.arguments);
        let mut tried = vec![Externs::new()];
        // Most of these are no crates, and have no library.
        let mut names = BTreeSet::new();
        let tokens = types.values().filter_map(|found| found.parse().ok());
        tokens.for_each(|tokens| first_names(tokens, &mut names));
        for name in names.iter().filter(|name| !is_named(name, &self.arguments)) {
            // Each crate is tried in each of its versions; the check finds the right one.
            let files = libraries(&folders, name);
            let with = |tried: &Externs, file: &PathBuf| {
                let mut more = tried.clone();
                more.insert(name.to_owned(), file.to_string_lossy().into_owned());
                more
            };
            let more: Vec<Externs> =
                tried.iter().flat_map(|t| files.iter().map(|file| with(t, file))).take(MOST_TRIED).collect();
            tried = if more.is_empty() { tried } else { more };
        }
        for more in tried.into_iter().filter(|more| !more.is_empty()) {
            let named: String =
                more.keys().map(|name| format!("const _: () = {{ use ::{name} as _named; }};\n")).collect();
            let (_, messages) = self.check(&format!("{}\n{named}", self.text), &more)?;
            let types = inferred_types(&messages.join("\n"), self.text);
            if self.unnamed(&types).is_none() && self.errors_with_types(&types, &more)?.is_empty() {
                add_externs(more)?;
                return Ok(Some(types));
            }
        }
        Ok(None)
    }

    /// The variable whose type, written down, the compiler refuses first.
    fn variable_of(&self, errors: &[String]) -> Option<&str> {
        let lines: Vec<&str> = self.text.lines().collect();
        let spans = errors.iter().filter_map(|error| serde_json::from_str::<Value>(error).ok());
        let numbers =
            spans.filter_map(|error| usize::try_from(error["spans"][0]["line_start"].as_u64()?).ok());
        let refused: Vec<&str> =
            numbers.filter_map(|number| lines.get(number.checked_sub(1)?).copied()).collect();
        let is_of = |variable: &&String| refused.iter().any(|line| type_inference::stores(line, variable));
        self.inference.variables().find(is_of).map(String::as_str)
    }

    /// An error in the compiler's form, where evcxr looks for one about a variable.
    fn no_name_error(&self, variable: &str) -> String {
        let line = 1 + self.text.lines().position(|line| type_inference::stores(line, variable)).unwrap_or(0);
        let span = serde_json::json!({
            "file_name": self.source, "line_start": line, "line_end": line, "column_start": 1, "column_end": 1,
            "is_primary": true, "label": null, "expansion": null,
        });
        serde_json::json!({
            "$message_type": "diagnostic", "level": "error", "code": null, "spans": [span], "children": [],
            "message": format!("the type of `{variable}` has no name"),
        })
        .to_string()
    }

    /// Runs the compiler; `on_line` gets each line of its standard error.
    fn run(&self, arguments: &[String], on_line: &mut dyn FnMut(&str)) -> Result<ExitStatus> {
        let mut command = Command::new(&self.rustc);
        command
            .args(arguments)
            .env_remove(environment::RUSTC_WRAPPER)
            .stderr(Stdio::piped())
            .stdin(Stdio::null());
        if arguments.iter().any(|option| option == INFERENCE_OPTIONS[0]) {
            command.env("RUSTC_BOOTSTRAP", "1");
        }
        let mut rustc = command.spawn().context("cannot start rustc")?;
        for line in BufReader::new(rustc.stderr.take().context("rustc has no stderr")?).lines() {
            on_line(&line?);
        }
        Ok(rustc.wait()?)
    }
}

/// How many versions of crates are tried before a type is given up.
const MOST_TRIED: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_diagnostic_is_complete_from_the_rest() {
        assert_eq!(
            is_diagnostic(r#"{"$message_type":"diagnostic","message":"mismatched types"}"#),
            Some(true)
        );
        assert_eq!(is_diagnostic(r#"{"$message_type":"artifact","artifact":"libctx.so"}"#), Some(false));
        assert_eq!(is_diagnostic("error: linking failed"), None);
    }
}
