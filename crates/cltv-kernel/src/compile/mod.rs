//! Compiles a cell, and infers the types of its variables in the same run of rustc.
//!
//! rustc names the types in warnings when it has checked the cell, and goes on to generate code. During
//! that time the cell is checked once more, with the types written down: later cells can only use types
//! that can be written.

pub(crate) mod cache;
pub(crate) mod canonical_source;
mod cargo_answers;
pub(crate) mod cargo_shim;
mod definitions;
pub(crate) mod inter_process_files;
mod linking;
mod marked;
mod rustc_arguments;
pub(crate) mod type_inference;

use crate::completion::probe;
use crate::evcxr_folders::evcxr_folder;
use crate::helper::Helper;
use anyhow::{Context, Result};
use canonical_source::{Canonical, SourceContext};
use cltv_protocol::environment;
use definitions::first_names;
use inter_process_files::{Externs, add_types, externs, known};
use rustc_arguments::{check_arguments, dependency_folders, extern_options, is_named, libraries};
use serde_json::Value;
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use type_inference::{Inference, LINT, Types};

/// evcxr's source of a cell.
pub(crate) const SOURCE: &str = "src/lib.rs";
/// What rustc reads: evcxr's source with the variables in order. evcxr knows its source by the name `lib.rs`.
pub(crate) const ORDERED_SOURCE: &str = "target/lib.rs";
/// The source with the types that were found; what is checked is not kept.
const TYPED_SOURCE: &str = "target/typed/lib.rs";

/// The options of rustc that make it name types by paths that can be written and not by their last word,
/// without which a type that is not in scope could not be named; a long type is cut without `--verbose`.
/// The first is not stable, and with it a cell could ask for other things that are not, but for the
/// second. The last has rustc warn of references that are dropped whatever the cell allows.
const INFERENCE_OPTIONS: [&str; 5] =
    ["-Ztrim-diagnostic-paths=no", "-Zallow-features=", "--verbose", "--force-warn", LINT];

/// A build that evcxr has requested.
pub(crate) struct CellBuild {
    pub(crate) check: bool,
    pub(crate) target: String,
}

impl CellBuild {
    fn from_arguments(arguments: &[String]) -> Option<CellBuild> {
        let check = arguments.iter().any(|a| a == "check");
        if !check && !arguments.iter().any(|a| a == "build") {
            return None;
        }
        let at = arguments.iter().position(|a| a == "--target")?;
        Some(CellBuild { check, target: arguments.get(at + 1)?.clone() })
    }
}

/// Compiles a cell, and prints what cargo would print.
pub(crate) fn without_cargo(build: &CellBuild, helper: Option<&Helper>) -> Result<u8> {
    let out_dir = Path::new("target").join(&build.target).join("debug");
    std::fs::create_dir_all(&out_dir)?;
    let inference = inference()?;
    let ordered = Canonical::of(&inference.text, &context(helper));
    std::fs::write(ORDERED_SOURCE, &ordered.text)?;
    let library = (!build.check).then(|| out_dir.join("libctx.so"));
    let mut options = options(build, helper);
    options.extend(extern_options(&externs(), &options));
    let is_probe = probe::is_probe(&inference.text);
    if inference.is_needed() || is_probe {
        options.extend(INFERENCE_OPTIONS.map(str::to_owned));
    }
    // Completion has many probes, and no use for one of them again.
    let place = helper.filter(|_| !is_probe).and_then(|helper| {
        // The library finds the helper by a path that begins in this kernel's folder.
        let folders = evcxr_folder().ok()?.ancestors().nth(2)?.to_string_lossy().into_owned();
        let options = [options.clone(), vec![folders]].concat();
        cache::Place::of(&helper.cells()?, &helper.library(), &ordered.text, &options)
    });
    let cell = Cell {
        rustc: std::env::var_os(environment::REAL_RUSTC).context("started outside a cltv kernel")?,
        arguments: [options, vec!["--out-dir".to_owned(), out_dir.to_string_lossy().into_owned()]].concat(),
        source: ORDERED_SOURCE,
        text: &ordered.text,
        inference: &inference,
    };
    let compiled = match place.as_ref().and_then(|place| place.find(library.as_deref())) {
        Some(found) => {
            // Types of a cell that did not compile were not checked.
            if found.code == 0 {
                add_types(&inference.known(&inferred_types(&found.messages, &ordered.text)))?;
            }
            found
        }
        None => {
            let (compiled, can_be_kept) = cell.compile_for_evcxr()?;
            if let Some(place) = place.filter(|_| can_be_kept) {
                place.keep(&compiled, library.as_deref());
            }
            compiled
        }
    };
    report_as_cargo(&compiled, &ordered, library.as_deref())?;
    Ok(compiled.code)
}

/// Compiles a cell for the real cargo, which has called for it with these arguments.
pub(crate) fn for_cargo(rustc: String, mut arguments: Vec<String>, helper: Option<&Helper>) -> Result<u8> {
    let mut inference = inference()?;
    inference.text = Canonical::in_place(&inference.text, &context(helper));
    // In its place: cargo watches the file that it named. Lines stay.
    std::fs::write(SOURCE, &inference.text)?;
    arguments.extend(extern_options(&externs(), &arguments));
    if inference.is_needed() || probe::is_probe(&inference.text) {
        arguments.extend(INFERENCE_OPTIONS.map(str::to_owned));
    }
    let cell =
        Cell { rustc: rustc.into(), arguments, source: SOURCE, text: &inference.text, inference: &inference };
    let ended = cell.compile(&mut |line| match serde_json::from_str(line) {
        Ok(mut message) => {
            keep_apart(&mut message, SOURCE);
            eprintln!("{message}");
        }
        Err(_) => eprintln!("{line}"),
    })?;
    ended.errors.iter().for_each(|line| eprintln!("{line}"));
    Ok(if ended.is_success() { 0 } else { 101 })
}

/// The program that a text about a panic in it speaks of, by its lines.
pub(crate) fn source_of_panic(text: &str) -> Option<String> {
    let file = if text.contains(&format!("panicked at {SOURCE}:")) { SOURCE } else { ORDERED_SOURCE };
    std::fs::read_to_string(evcxr_folder().ok()?.join(file)).ok()
}

fn inference() -> Result<Inference> {
    Ok(Inference::of(&std::fs::read_to_string(SOURCE).context("the cell has no source")?, &known()))
}

fn context(helper: Option<&Helper>) -> SourceContext {
    SourceContext {
        store: helper.and_then(|helper| helper.manifest.store.clone()),
        redefined: inter_process_files::redefined(),
    }
}

/// What decides, with its source, what a cell is compiled to.
fn options(build: &CellBuild, helper: Option<&Helper>) -> Vec<String> {
    let emit = if build.check { "--emit=metadata" } else { "--emit=link" };
    let mut options = vec!["--crate-name", "ctx", "--edition=2024", ORDERED_SOURCE, "--crate-type", "cdylib"];
    options.extend(["--error-format=json", "--json=diagnostic-rendered-ansi,artifacts", emit]);
    // Heavy loops belong in the helper; a cell's own code is compiled for speed of compiling.
    options.extend(["-C", "opt-level=0", "-C", "debuginfo=0", "-C", "panic=unwind"]);
    options.extend(["-C", "debug-assertions=on", "-C", "overflow-checks=on"]);
    options.extend(["-C", "prefer-dynamic", "-C", "rpath", "-C", "codegen-units=4"]);
    let own = options.into_iter().map(str::to_owned);
    let of_helper = |helper: &Helper| [helper.rustc_arguments(), linking::options(helper)].concat();
    own.chain(helper.into_iter().flat_map(of_helper)).collect()
}

fn report_as_cargo(compiled: &cache::Compiled, ordered: &Canonical, library: Option<&Path>) -> Result<()> {
    let mut stdout = std::io::stdout().lock();
    for message in compiled.messages.lines() {
        let mut message: Value = serde_json::from_str(message)?;
        ordered.restore(&mut message);
        keep_apart(&mut message, ORDERED_SOURCE);
        // The form in which cargo hands on what rustc says.
        writeln!(stdout, "{}", serde_json::json!({"reason": "compiler-message", "message": message}))?;
    }
    if let Some(library) = library.filter(|_| compiled.code == 0) {
        let artifact = serde_json::json!({
            "reason": "compiler-artifact",
            "target": {"name": "ctx", "kind": ["cdylib"], "crate_types": ["cdylib"]},
            "filenames": [std::env::current_dir()?.join(library)],
            "fresh": false,
        });
        writeln!(stdout, "{artifact}")?;
    }
    Ok(())
}

/// Marks the places in other crates' files of the cell's name: evcxr would take them for places in the cell.
fn keep_apart(message: &mut Value, source: &str) {
    match message {
        Value::Array(values) => values.iter_mut().for_each(|value| keep_apart(value, source)),
        Value::Object(fields) => {
            if let Some(Value::String(file)) = fields.get_mut("file_name")
                && file != source
                && file.ends_with("lib.rs")
            {
                file.push_str(" (elsewhere)");
            }
            fields.values_mut().for_each(|value| keep_apart(value, source));
        }
        _ => {}
    }
}

/// The types that the compiler names in its messages about a text.
fn inferred_types(messages: &str, text: &str) -> Types {
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
struct Cell<'a> {
    rustc: OsString,
    arguments: Vec<String>,
    /// The file among the arguments that holds the text.
    source: &'a str,
    text: &'a str,
    inference: &'a Inference,
}

/// How the compiler came to an end.
struct Ended {
    status: ExitStatus,
    /// Messages in the compiler's form about types that have no name.
    errors: Vec<String>,
    /// Whether another crate had to be named for a type.
    named_crates: bool,
}

impl Ended {
    fn is_success(&self) -> bool {
        self.status.success() && self.errors.is_empty()
    }
}

impl Cell<'_> {
    /// Compiles the cell; `true` where the compiler would always give the same result.
    fn compile_for_evcxr(&self) -> Result<(cache::Compiled, bool)> {
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
    fn compile(&self, on_line: &mut dyn FnMut(&str)) -> Result<Ended> {
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
                inter_process_files::add_externs(more)?;
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

    #[test]
    fn a_place_in_another_crate_is_none_in_the_cell() {
        let mut message = serde_json::json!({"spans": [{"file_name": "src/lib.rs"}], "children": [
            {"spans": [{"file_name": "/x/src/lib.rs", "expansion": {"span": {"file_name": "/y/z.rs"}}}]}]});
        keep_apart(&mut message, "src/lib.rs");
        let expected = serde_json::json!({"spans": [{"file_name": "src/lib.rs"}], "children": [
            {"spans": [{"file_name": "/x/src/lib.rs (elsewhere)", "expansion": {"span": {"file_name": "/y/z.rs"}}}]}]});
        assert_eq!(message, expected);
    }
}
