//! What a run writes into a notebook's metadata: papermill's fields, so that its readers find them.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Map, Value, json};

use crate::notebook::{Cell, Notebook};
use crate::params::{Parameter, Settings};

/// The state of a cell in a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// It waits for its turn.
    Pending,
    /// It runs.
    Running,
    /// It ended well.
    Completed,
    /// It ended with an error.
    Failed,
}

impl Status {
    fn name(self) -> &'static str {
        match self {
            Status::Pending => "pending",
            Status::Running => "running",
            Status::Completed => "completed",
            Status::Failed => "failed",
        }
    }
}

/// Names and parameters of a run.
#[derive(Debug, Clone)]
pub struct Provenance<'a> {
    /// The notebook that was read.
    pub input: String,
    /// Where the executed notebook goes.
    pub output: String,
    /// What the notebook declares.
    pub declared: &'a [Parameter],
    /// What was set.
    pub settings: &'a Settings,
}

/// A point in time, with how long ago it was.
#[derive(Debug, Clone, Copy)]
pub struct Start {
    at: DateTime<Utc>,
    clock: std::time::Instant,
}

impl Start {
    /// Now.
    pub fn now() -> Start {
        Start { at: Utc::now(), clock: std::time::Instant::now() }
    }

    /// Seconds since then; the system clock may be set meanwhile, this one not.
    pub fn seconds(&self) -> f64 {
        self.clock.elapsed().as_secs_f64()
    }
}

fn written(time: DateTime<Utc>) -> Value {
    time.to_rfc3339_opts(SecondsFormat::Micros, true).into()
}

/// Marks the notebook and all its cells as waiting.
pub fn begin(notebook: &mut Notebook, provenance: &Provenance<'_>, start: Start) {
    let defaults: Map<String, Value> = provenance
        .declared
        .iter()
        .filter_map(|p| Some((p.name.clone(), p.default_value.as_ref()?.json())))
        .collect();
    let set: Map<String, Value> =
        provenance.settings.iter().map(|(name, value)| (name.to_owned(), value.json())).collect();
    let fields = json!({
        "default_parameters": defaults,
        "duration": null,
        "end_time": null,
        "environment_variables": {},
        "exception": null,
        "input_path": provenance.input,
        "output_path": provenance.output,
        "parameters": set,
        "start_time": written(start.at),
        "version": concat!("cltv ", env!("CARGO_PKG_VERSION")),
    });
    notebook.metadata.insert("papermill".to_owned(), fields);
    for cell in notebook.cells.iter_mut().filter(|cell| cell.runs()) {
        cell_fields(cell, Status::Pending, None);
    }
}

/// Marks a cell as running.
pub fn cell_begins(cell: &mut Cell, start: Start) {
    cell_fields(cell, Status::Running, Some((start, None)));
}

/// Marks a cell as done; gives the seconds it took.
pub fn cell_ends(cell: &mut Cell, start: Start, status: Status) -> f64 {
    let seconds = start.seconds();
    cell_fields(cell, status, Some((start, Some(seconds))));
    seconds
}

fn cell_fields(cell: &mut Cell, status: Status, times: Option<(Start, Option<f64>)>) {
    let start = times.map(|(start, _)| written(start.at));
    let seconds = times.and_then(|(_, seconds)| seconds);
    let exception = match status {
        Status::Completed => Value::Bool(false),
        Status::Failed => Value::Bool(true),
        Status::Pending | Status::Running => Value::Null,
    };
    let fields = json!({
        "duration": seconds.map(rounded),
        "end_time": seconds.map(|_| written(Utc::now())),
        "exception": exception,
        "start_time": start,
        "status": status.name(),
    });
    cell.metadata.insert("papermill".to_owned(), fields);
}

/// Marks the notebook as done; gives the seconds it took.
pub fn end(notebook: &mut Notebook, start: Start, failed: bool) -> f64 {
    let seconds = start.seconds();
    if let Some(Value::Object(fields)) = notebook.metadata.get_mut("papermill") {
        fields.insert("duration".to_owned(), rounded(seconds).into());
        fields.insert("end_time".to_owned(), written(Utc::now()));
        let exception = if failed { Value::Bool(true) } else { Value::Null };
        fields.insert("exception".to_owned(), exception);
    }
    seconds
}

fn rounded(seconds: f64) -> f64 {
    (seconds * 1e6).round() / 1e6
}

/// Notes the language that the kernel speaks.
pub fn language(notebook: &mut Notebook, info: Option<&jupyter_protocol::LanguageInfo>) {
    if let Some(info) = info.and_then(|info| serde_json::to_value(info).ok()) {
        notebook.metadata.insert("language_info".to_owned(), info);
    }
}
