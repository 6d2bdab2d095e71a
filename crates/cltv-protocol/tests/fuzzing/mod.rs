//! The fuzz target of what programs and library agree on, shared by the long runs and the replay.

mod seeds;

use std::path::{Path, PathBuf};

use cltv_fuzz::{Outcome, Target};
use cltv_protocol::display::{BEGIN_CONTENT, END_CONTENT, HTML, MARKER_PREFIX, block};
use cltv_protocol::helper::Manifest;
use cltv_protocol::parameters::{self, Kind, Value};
use cltv_protocol::spreadsheet::{escape_formula, is_formula};
use cltv_protocol::{input_files, kept_cells, marks, text, workspace};

/// Blocks of outputs, marks, spreadsheets, figures, values of parameters, paths, manifests and kept cells.
pub(crate) const PROTOCOL: Target = Target {
    name: "protocol",
    words: &seeds::WORDS,
    seeds: seeds::all,
    read: |name, bytes| match read(name, bytes) {
        Ok(true) => Outcome::Accepted,
        Ok(false) => Outcome::Refused,
        Err(what) => Outcome::Finding(what),
    },
};

/// What a check found: nothing, or a fault in words.
type Checked = Result<(), String>;

/// Reads an input by the ending of its name.
fn read(name: &str, bytes: &[u8]) -> Result<bool, String> {
    let text = String::from_utf8_lossy(bytes);
    match name.rsplit('.').next() {
        Some("json") => manifest(&text),
        Some("kept") => kept(bytes),
        _ => {
            shown(&text)?;
            text.split('\n').try_for_each(line)?;
            nearest(&text);
            Ok(true)
        }
    }
}

fn ensure(is_so: bool, fault: impl FnOnce() -> String) -> Checked {
    if is_so { Ok(()) } else { Err(fault()) }
}

/// A block of an output has one beginning and one end, whatever it shows.
fn shown(text: &str) -> Checked {
    let block = block(HTML, text);
    let is_whole = block.starts_with(BEGIN_CONTENT) && block.ends_with(&format!("\n{END_CONTENT}\n"));
    let markers = block.matches(MARKER_PREFIX).count();
    ensure(is_whole && markers == 2, || format!("a block with {markers} markers: {block:?}"))?;
    let line = marks::line("5ec4e7", marks::CHANGED);
    ensure(!text.contains(&line), || "a text with the secret".to_owned())?;
    spreadsheet(text)
}

/// No part of an escaped text is a formula, and only apostrophes were added.
fn spreadsheet(text: &str) -> Checked {
    let escaped = escape_formula(text);
    ensure(!is_formula(&escaped), || format!("{text:?} is still a formula: {escaped:?}"))?;
    ensure(is_formula(text) || escaped == text, || format!("{text:?} is escaped for nothing"))?;
    let mut own = text.chars().peekable();
    for c in escaped.chars() {
        if own.peek() == Some(&c) {
            own.next();
        } else if c != '\'' {
            return Err(format!("{text:?} has become {escaped:?}"));
        }
    }
    ensure(own.next().is_none(), || format!("{escaped:?} has lost a part of {text:?}"))
}

fn line(line: &str) -> Checked {
    spreadsheet(line)?;
    values(line)?;
    path(line)?;
    line.trim().parse::<f64>().map_or(Ok(()), money)
}

/// An amount is read back as it was, to a cent or to the digits of a number.
fn money(amount: f64) -> Checked {
    let shown = text::money(amount);
    if !amount.is_finite() {
        return ensure(shown.len() < 9, || format!("{amount} is {shown}"));
    }
    let digits: String = shown.chars().filter(|c| *c != ',').collect();
    let read: f64 = digits.parse().map_err(|error| format!("{amount} is {shown}: {error}"))?;
    let error = (read - amount).abs();
    // Beyond 2^53 cents amounts are shown to the unit.
    let rounding = if amount.abs() < 9e13 { 0.005 } else { 0.5 };
    ensure(error <= rounding + 1e-15 * amount.abs(), || format!("{amount} is shown as {shown}"))?;
    let cents = shown.split_once('.').map_or(0, |(_, cents)| cents.len());
    ensure(cents == 2, || format!("{amount} has {cents} decimals: {shown}"))
}

/// A value of every parameter is allowed, or refused in one line.
fn values(line: &str) -> Checked {
    let number = line.parse::<f64>().ok().map(Value::Real);
    let whole = line.parse::<i128>().ok().map(Value::Integer);
    for parameter in parameters::ALL {
        let workflows = parameter.by_workflow.iter().map(|(workflow, _)| Some(*workflow));
        for workflow in workflows.chain([None]) {
            for value in [Some(Value::Text(line)), number, whole].into_iter().flatten() {
                value_of(parameter, workflow, value)?;
            }
        }
    }
    Ok(())
}

fn value_of(parameter: &parameters::Parameter, workflow: Option<&str>, value: Value<'_>) -> Checked {
    let name = parameter.name;
    match (parameter.check(workflow, value), parameter.kind, value) {
        (Err(error), ..) => {
            let said = error.to_string();
            ensure(!said.contains(char::is_control), || format!("a message with controls: {said:?}"))
        }
        (Ok(()), Kind::Date, Value::Text(day)) => {
            let is_day = day.is_empty() || day.len() == 10 && day.is_ascii();
            ensure(is_day, || format!("{name} may be the day {day:?}"))
        }
        (Ok(()), Kind::OneOf(words), Value::Text(word)) => {
            ensure(words.contains(&word), || format!("{name} may be {word:?}"))
        }
        (Ok(()), Kind::Integer | Kind::Real, Value::Real(number)) => {
            ensure(number.is_finite(), || format!("{name} may be {number}"))
        }
        _ => Ok(()),
    }
}

/// A path without `.` and `..` stays as it is; a name stands for files or for none.
fn path(line: &str) -> Checked {
    let clean = workspace::resolve(Path::new("/shop"), line);
    let again = workspace::normalised(&clean);
    ensure(clean == again, || format!("{line:?} is {clean:?}, and that is {again:?}"))?;
    let is_inside = clean.is_absolute() && !clean.components().any(|part| part.as_os_str() == "..");
    ensure(is_inside, || format!("{line:?} leads to {clean:?}"))?;
    let scheme = workspace::scheme(line).unwrap_or("s3");
    ensure(scheme.len() > 1 && scheme.is_ascii(), || format!("{line:?} has the scheme {scheme:?}"))?;
    // A folder that is not there: patterns of an input must not list the disk.
    let nowhere = |path: &str| PathBuf::from("/nowhere").join(path.replace(['/', '.'], "_"));
    let files = input_files::named(line, &nowhere);
    ensure(files.as_ref().is_ok_and(Vec::is_empty) || files.is_err(), || {
        format!("{line:?} names {files:?}")
    })?;
    let _ = input_files::Kind::of_name(Path::new(line));
    Ok(())
}

/// A suggestion is one of the candidates.
fn nearest(text: &str) {
    let lines: Vec<String> = text.lines().take(20).map(|line| line.chars().take(40).collect()).collect();
    let _ = (text::quoted(&lines), lines.first().and_then(|word| text::closest(word, &lines[1..])));
}

fn manifest(text: &str) -> Result<bool, String> {
    let Ok(manifest) = serde_json::from_str::<Manifest>(text) else { return Ok(false) };
    let written = serde_json::to_string(&manifest).map_err(|error| error.to_string())?;
    let again = serde_json::from_str::<Manifest>(&written).map_err(|error| error.to_string())?;
    ensure(again == manifest, || format!("{manifest:?} is read as {again:?}"))?;
    Ok(true)
}

/// A kept cell that is read is the one that was written.
fn kept(bytes: &[u8]) -> Result<bool, String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("a.so"), bytes).map_err(|error| error.to_string())?;
    let Ok(content) = kept_cells::read(&path("a.so")) else { return Ok(false) };
    kept_cells::write(&path("b.so"), &content, &path("new")).map_err(|error| error.to_string())?;
    let again = std::fs::read(path("b.so")).map_err(|error| error.to_string())?;
    ensure(again == bytes, || "a damaged cell is read".to_owned())?;
    Ok(true)
}
