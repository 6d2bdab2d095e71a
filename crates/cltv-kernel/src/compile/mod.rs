//! Compiles a cell, and infers the types of its variables in the same run of rustc.
//!
//! rustc names the types in warnings when it has checked the cell, and goes on to generate code. During
//! that time the cell is checked once more, with the types written down: later cells can only use types
//! that can be written.

mod bindings;
pub(crate) mod cache;
pub(crate) mod canonical_source;
mod cargo_answers;
pub(crate) mod cargo_shim;
mod cell;
mod checks;
mod definitions;
pub(crate) mod inter_process_files;
mod kept_crates;
mod lending;
mod linking;
mod marked;
mod rustc_arguments;
pub(crate) mod type_inference;

use crate::completion::probe;
use crate::evcxr_folders::evcxr_folder;
use crate::helper::Helper;
use anyhow::{Context, Result};
use canonical_source::{Canonical, SourceContext};
use cell::{Cell, inferred_types};
use cltv_protocol::environment;
use inter_process_files::{Externs, add_types, externs, known};
use rustc_arguments::{extern_options, libraries};
use serde_json::Value;
use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;
use type_inference::{Inference, LINT};

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
    let library = (!build.check).then(|| out_dir.join("libctx.so"));
    let mut options = options(build, helper);
    options.extend(extern_options(&named_crates(helper), &options));
    let is_probe = probe::is_probe(&inference.text);
    if inference.is_needed() || is_probe {
        options.extend(INFERENCE_OPTIONS.map(str::to_owned));
    }
    // Completion has many probes, and no use for one of them again.
    let kept_beside = helper.filter(|_| !is_probe);
    let mut context = context(helper);
    let (ordered, compiled) = loop {
        let ordered = Canonical::of(&inference.text, &context);
        let compiled =
            compile_or_find(&ordered, &inference, &options, &out_dir, library.as_deref(), kept_beside)?;
        let used_up = used_up(compiled.messages.lines(), &ordered.text);
        if used_up.is_subset(&context.used_up) {
            break (ordered, compiled);
        }
        context.used_up.extend(used_up);
    };
    report_as_cargo(&compiled, &ordered, library.as_deref())?;
    Ok(compiled.code)
}

/// What a source is compiled to, from the cache if it is there.
fn compile_or_find(
    ordered: &Canonical,
    inference: &Inference,
    options: &[String],
    out_dir: &Path,
    library: Option<&Path>,
    helper: Option<&Helper>,
) -> Result<cache::Compiled> {
    std::fs::write(ORDERED_SOURCE, &ordered.text)?;
    let place = helper.and_then(|helper| {
        // The library finds the helper by a path that begins in this kernel's folder.
        let folders = evcxr_folder().ok()?.ancestors().nth(2)?.to_string_lossy().into_owned();
        let options = [options, &[folders]].concat();
        cache::Place::of(&helper.cells()?, &helper.library(), &ordered.text, &options)
    });
    if let Some(found) = place.as_ref().and_then(|place| place.find(library)) {
        // Types of a cell that did not compile were not checked.
        if found.code == 0 {
            add_types(&inference.known(&inferred_types(&found.messages, &ordered.text)))?;
        }
        return Ok(found);
    }
    let out_dir = ["--out-dir".to_owned(), out_dir.to_string_lossy().into_owned()];
    let cell = Cell {
        rustc: std::env::var_os(environment::REAL_RUSTC).context("started outside a cltv kernel")?,
        arguments: [options, &out_dir].concat(),
        source: ORDERED_SOURCE,
        text: &ordered.text,
        inference,
    };
    let (compiled, can_be_kept) = cell.compile_for_evcxr()?;
    if let Some(place) = place.filter(|_| can_be_kept) {
        place.keep(&compiled, library);
    }
    Ok(compiled)
}

/// Compiles a cell for the real cargo, which has called for it with these arguments.
pub(crate) fn for_cargo(rustc: String, mut arguments: Vec<String>, helper: Option<&Helper>) -> Result<u8> {
    let inference = inference()?;
    rustc_arguments::set_level(&mut arguments, &inter_process_files::level());
    arguments.extend(extern_options(&named_crates(helper), &arguments));
    if inference.is_needed() || probe::is_probe(&inference.text) {
        arguments.extend(INFERENCE_OPTIONS.map(str::to_owned));
    }
    let mut context = context(helper);
    loop {
        let ordered = Canonical::in_place(&inference.text, &context);
        // In its place: cargo watches the file that it named. Lines stay.
        std::fs::write(SOURCE, &ordered.text)?;
        let cell = Cell {
            rustc: rustc.clone().into(),
            arguments: arguments.clone(),
            source: SOURCE,
            text: &ordered.text,
            inference: &inference,
        };
        let mut lines = Vec::new();
        let ended = cell.compile(&mut |line| lines.push(line.to_owned()))?;
        let used_up = used_up(lines.iter().map(String::as_str), &ordered.text);
        if !used_up.is_subset(&context.used_up) {
            context.used_up.extend(used_up);
            continue;
        }
        for line in &lines {
            match serde_json::from_str(line) {
                Ok(mut message) => {
                    prepare(&mut message, &ordered, SOURCE);
                    eprintln!("{message}");
                }
                Err(_) => eprintln!("{line}"),
            }
        }
        ended.errors.iter().for_each(|line| eprintln!("{line}"));
        return Ok(if ended.is_success() { 0 } else { 101 });
    }
}

/// The program that a text about a panic or a `?` in it speaks of, by its lines as they were written.
pub(crate) fn source_of(text: &str) -> Option<String> {
    let file = if text.contains(ORDERED_SOURCE) { ORDERED_SOURCE } else { SOURCE };
    let source = std::fs::read_to_string(evcxr_folder().ok()?.join(file)).ok()?;
    Some(checks::without(&source))
}

fn inference() -> Result<Inference> {
    Ok(Inference::of(&std::fs::read_to_string(SOURCE).context("the cell has no source")?, &known()))
}

fn context(helper: Option<&Helper>) -> SourceContext {
    SourceContext {
        store: helper.and_then(|helper| helper.manifest.store.clone()),
        redefined: inter_process_files::redefined(),
        used_up: BTreeSet::new(),
    }
}

/// Crates below the library that cells can name beside it.
const BESIDE_LIBRARY: [&str; 1] = ["polars"];

/// The crates that cells can name beside those that they ask for.
fn named_crates(helper: Option<&Helper>) -> Externs {
    let mut named = externs();
    let folders = helper.map(Helper::dependency_folders).unwrap_or_default();
    for name in BESIDE_LIBRARY {
        // Of several versions it is not known which one the library has.
        if let [file] = &libraries(&folders, name)[..] {
            named.insert(name.to_owned(), file.to_string_lossy().into_owned());
        }
    }
    named
}

/// What decides, with its source, what a cell is compiled to.
fn options(build: &CellBuild, helper: Option<&Helper>) -> Vec<String> {
    let emit = if build.check { "--emit=metadata" } else { "--emit=link" };
    let mut options = vec!["--crate-name", "ctx", "--edition=2024", ORDERED_SOURCE, "--crate-type", "cdylib"];
    options.extend(["--error-format=json", "--json=diagnostic-rendered-ansi,artifacts", emit]);
    let level = format!("opt-level={}", inter_process_files::level());
    options.extend(["-C", &level, "-C", "debuginfo=0", "-C", "panic=unwind"]);
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
        prepare(&mut message, ordered, ORDERED_SOURCE);
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

/// A message of the compiler's as evcxr is to read it.
fn prepare(message: &mut Value, ordered: &Canonical, source: &str) {
    without_uses(message, &ordered.text);
    ordered.restore(message);
    keep_apart(message, source);
}

/// Of the error that a variable cannot be stored, because the cell has moved it, leaves the place where it
/// is stored: for evcxr an error in the cell's last expression is a reason to show it as text.
fn without_uses(message: &mut Value, text: &str) {
    let is_of_moves = matches!(message["code"]["code"].as_str(), Some("E0382" | "E0505"));
    let Some(spans) = message["spans"].as_array_mut().filter(|_| is_of_moves) else { return };
    let is_stored = |span: &Value| line_of(span, text).is_some_and(type_inference::stores_any);
    if spans.iter().any(|span| span["is_primary"] == true && is_stored(span)) {
        spans.retain(|span| span["is_primary"] == true);
        // Advice to clone, at the same place.
        message["children"] = Value::Array(Vec::new());
    }
}

/// The line of a text in which a place begins.
fn line_of<'a>(span: &Value, text: &'a str) -> Option<&'a str> {
    let line = usize::try_from(span["line_start"].as_u64()?).ok()?;
    text.lines().nth(line.checked_sub(1)?)
}

/// The variables that cannot be put back when the cell fails, because it uses them up.
fn used_up<'a>(messages: impl Iterator<Item = &'a str>, text: &str) -> BTreeSet<String> {
    let name = |line: &str| {
        let message: Value = serde_json::from_str(line).ok()?;
        let is_put_back = |span: &Value| {
            span["is_primary"] == true
                && line_of(span, text).is_some_and(|line| line.contains(".put_back::<"))
        };
        message["spans"].as_array()?.iter().find(|span| is_put_back(span))?;
        Some(message["message"].as_str()?.split('`').nth(1)?.trim_start_matches("r#").to_owned())
    };
    messages.filter(|line| line.contains("E0382") || line.contains("E0505")).filter_map(name).collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_that_was_moved_is_an_error_where_it_is_stored_alone() {
        let text = "f(a)\nevcxr_variable_store.put_variable::<u8>(stringify!(a), a);\n";
        let message = |line: u64| {
            serde_json::json!({"code": {"code": "E0382"}, "children": [{"spans": [{"line_start": 1}]}],
                "spans": [{"is_primary": false, "line_start": 1}, {"is_primary": true, "line_start": line}]})
        };
        let mut stored = message(2);
        without_uses(&mut stored, text);
        let spans = serde_json::json!([{"is_primary": true, "line_start": 2}]);
        assert_eq!((&stored["spans"], &stored["children"]), (&spans, &serde_json::json!([])));
        let mut elsewhere = message(1);
        without_uses(&mut elsewhere, text);
        assert_eq!(elsewhere, message(1));
    }

    #[test]
    fn what_cannot_be_put_back_is_known() {
        let text = "evcxr_variable_store.put_back::<u8>(stringify!(r#type), r#type); evcxr_variable_store.settle();\n";
        let message = |line: u64| {
            serde_json::json!({"message": "use of moved value: `r#type`", "code": {"code": "E0382"},
                "spans": [{"is_primary": true, "line_start": line}]})
            .to_string()
        };
        assert_eq!(used_up([message(1).as_str()].into_iter(), text), BTreeSet::from(["type".to_owned()]));
        assert!(used_up([message(2).as_str()].into_iter(), text).is_empty());
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
