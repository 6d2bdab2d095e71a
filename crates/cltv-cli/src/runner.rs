//! Runs one notebook on one kernel, and keeps its file up to date as it goes.

use std::path::{Path, PathBuf};
use std::time::Duration;

use jupyter_protocol::{ExecuteReply, ReplyStatus};
use nbformat::v4::{ErrorOutput, Output};

use crate::error::{CellFailure, Place, RunError};
use crate::execute::Recorder;
use crate::files::{FileError, write_atomically};
use crate::launch::KernelLaunch;
use crate::metadata::{self, Provenance, Start, Status};
use crate::notebook::{Notebook, inject, mark_error, remove_error_marks, to_json};
use crate::params::{Parameter, Settings};
use crate::progress::{CellLabel, Progress};
use crate::session::{self, Session, SessionError};
use crate::stop::Stop;

/// A cell with this tag may fail without stopping the run.
const MAY_FAIL_TAG: &str = "raises-exception";

/// A notebook that is to be run.
#[derive(Debug, Clone)]
pub struct Job {
    /// Its name, for people.
    pub name: String,
    /// The notebook as it was read.
    pub notebook: Notebook,
    /// What it declares.
    pub declared: Vec<Parameter>,
    /// What is set.
    pub settings: Settings,
    /// The folder that the kernel works in.
    pub cwd: PathBuf,
    /// The path that the notebook came from, as people know it.
    pub input: String,
    /// The path that the executed notebook will have, as people know it.
    pub output: String,
    /// Where it is saved after every cell; `None` keeps it in memory.
    pub save_to: Option<PathBuf>,
}

/// What runs of several notebooks share.
#[derive(Debug)]
pub struct Runner {
    /// The kernel that is started for each notebook.
    pub launch: KernelLaunch,
    /// What is added to the kernels' environment.
    pub env: Vec<(String, String)>,
    /// How long a kernel may take to answer.
    pub start_timeout: Duration,
    /// Where progress is told.
    pub progress: Progress,
    /// Whether somebody asked to stop.
    pub stop: Stop,
}

/// A notebook after its run, whole or partial.
#[derive(Debug)]
pub struct Outcome {
    /// The notebook as far as it came.
    pub notebook: Notebook,
    /// Why it stopped, or nothing.
    pub result: Result<(), RunError>,
    /// How long it took.
    pub seconds: f64,
}

/// Why the cells stopped.
enum Stopped {
    Cell { at: usize, failure: Box<CellFailure> },
    Died(SessionError, Box<Place>),
    Interrupted,
    Unsaved(FileError),
}

impl Runner {
    /// Runs a notebook from its first cell to its last, or to the first that fails.
    pub async fn run(&mut self, job: Job) -> Outcome {
        let start = Start::now();
        let mut notebook = prepared(&job, start);
        let result = self.run_cells(&job, &mut notebook).await;
        if let Err(Stopped::Cell { at, .. }) = &result {
            let count = notebook.cells[*at].execution_count;
            mark_error(&mut notebook, *at, count);
        }
        let seconds = metadata::end(&mut notebook, start, result.is_err());
        self.progress.done();
        let saved = save(&job, &notebook);
        let result = match (result, saved) {
            (Ok(()), Err(error)) => Err(error.into()),
            (Ok(()), Ok(())) => Ok(()),
            (Err(stopped), _) => Err(stopped.into_error()),
        };
        Outcome { notebook, result, seconds }
    }

    async fn run_cells(&mut self, job: &Job, notebook: &mut Notebook) -> Result<(), Stopped> {
        save(job, notebook).map_err(Stopped::Unsaved)?;
        let mut session = self.start_kernel(job, notebook).await?;
        metadata::language(notebook, session.language());
        let mut recorder = Recorder::new();
        let positions = notebook.running_cells();
        for (done, position) in positions.iter().enumerate() {
            let place = place(job, notebook, *position, done + 1, positions.len());
            let mut stop = self.stop.clone();
            let ran = tokio::select! {
                ran = self.run_cell(&mut session, notebook, *position, &mut recorder, &place) => ran,
                () = stop.asked() => Err(Stopped::Interrupted),
            };
            match ran.and_then(|()| save(job, notebook).map_err(Stopped::Unsaved)) {
                Ok(()) => {}
                Err(Stopped::Interrupted) => {
                    self.progress.line("Interrupted: the kernel is ended.");
                    session.interrupt_and_shutdown().await;
                    return Err(Stopped::Interrupted);
                }
                Err(stopped) => {
                    session.shutdown().await;
                    return Err(stopped);
                }
            }
        }
        session.shutdown().await;
        Ok(())
    }

    async fn start_kernel(&mut self, job: &Job, notebook: &Notebook) -> Result<Session, Stopped> {
        self.progress.waits_for(&format!("{}  starting the kernel", job.name));
        let start = session::Start {
            launch: &self.launch,
            cwd: &job.cwd,
            env: &self.env,
            patience: self.start_timeout,
        };
        tokio::select! {
            started = Session::start(&start) => started.map_err(|error| {
                let cells = notebook.running_cells().len();
                Stopped::Died(error, Box::new(Place {
                    notebook: job.name.clone(),
                    cell: 0,
                    cells,
                    code: String::new(),
                    partial: None,
                }))
            }),
            () = self.stop.asked() => Err(Stopped::Interrupted),
        }
    }

    async fn run_cell(
        &self,
        session: &mut Session,
        notebook: &mut Notebook,
        position: usize,
        recorder: &mut Recorder,
        place: &Place,
    ) -> Result<(), Stopped> {
        let cell = &mut notebook.cells[position];
        let line = cell.first_code_line();
        let label = CellLabel::new(&place.notebook, place.cell, place.cells, line);
        self.progress.cell_starts(&label);
        let start = Start::now();
        metadata::cell_begins(cell, start);
        let (code, id) = (cell.source.clone(), cell.id.clone());
        let reply =
            session.execute(&code, &id, &mut |content| recorder.record(notebook, position, content)).await;
        recorder.cell_ended();
        let error = match &reply {
            Ok(reply) => cell_error(notebook, position, reply),
            Err(_) => None,
        };
        let cell = &mut notebook.cells[position];
        let error = error.filter(|_| !cell.has_tag(MAY_FAIL_TAG));
        let failed = reply.is_err() || error.is_some();
        let status = if failed { Status::Failed } else { Status::Completed };
        let seconds = metadata::cell_ends(cell, start, status);
        self.progress.cell_ended(&label, seconds, failed);
        match (reply, error) {
            (Err(death), _) => Err(Stopped::Died(death, Box::new(place.clone()))),
            (Ok(_), Some(error)) => {
                Err(Stopped::Cell { at: position, failure: Box::new(failure(place, error)) })
            }
            (Ok(_), None) => Ok(()),
        }
    }
}

impl Stopped {
    fn into_error(self) -> RunError {
        match self {
            Stopped::Cell { failure, .. } => RunError::Cell(failure),
            // No cell has run yet, so there is no place to tell.
            Stopped::Died(death, place) if place.cell == 0 => RunError::Session(death),
            Stopped::Died(death, place) => RunError::Died { death, place },
            Stopped::Interrupted => RunError::Interrupted { notebook: None },
            Stopped::Unsaved(error) => RunError::File(error),
        }
    }
}

impl RunError {
    /// Says in the error where the partial notebook is.
    #[must_use]
    pub fn with_partial(mut self, path: Option<&Path>) -> RunError {
        let path = path.map(Path::to_path_buf);
        match &mut self {
            RunError::Cell(failure) => failure.place.partial = path,
            RunError::Died { place, .. } => place.partial = path,
            RunError::Interrupted { notebook } => *notebook = path,
            _ => {}
        }
        self
    }
}

/// The notebook with its parameters set and its metadata begun.
fn prepared(job: &Job, start: Start) -> Notebook {
    let mut notebook = job.notebook.clone();
    remove_error_marks(&mut notebook);
    if !job.settings.is_empty() {
        inject(&mut notebook, job.settings.code());
    }
    let provenance = Provenance {
        input: job.input.clone(),
        output: job.output.clone(),
        declared: &job.declared,
        settings: &job.settings,
    };
    metadata::begin(&mut notebook, &provenance, start);
    notebook
}

fn save(job: &Job, notebook: &Notebook) -> Result<(), FileError> {
    match &job.save_to {
        Some(path) => write_atomically(path, to_json(notebook).as_bytes()),
        None => Ok(()),
    }
}

fn place(job: &Job, notebook: &Notebook, position: usize, cell: usize, cells: usize) -> Place {
    Place {
        notebook: job.name.clone(),
        cell,
        cells,
        code: notebook.cells[position].source.clone(),
        partial: None,
    }
}

/// The error of a cell: what it put out, else what its reply says.
///
/// Some kernels send an error and reply that all is well; others reply with an error they never
/// sent. Either means that the cell failed, and the notebook must show why.
fn cell_error(notebook: &mut Notebook, position: usize, reply: &ExecuteReply) -> Option<ErrorOutput> {
    let cell = &mut notebook.cells[position];
    if cell.execution_count.is_none() && reply.execution_count.value() > 0 {
        cell.execution_count = i32::try_from(reply.execution_count.value()).ok();
    }
    let shown = shown_error(&cell.outputs);
    if shown.is_some() || reply.status == ReplyStatus::Ok {
        return shown;
    }
    let error = match &reply.error {
        Some(error) => ErrorOutput {
            ename: error.ename.clone(),
            evalue: error.evalue.clone(),
            traceback: error.traceback.clone(),
        },
        None => ErrorOutput {
            ename: "Error".to_owned(),
            evalue: "The kernel says that the cell failed, but not why.".to_owned(),
            traceback: Vec::new(),
        },
    };
    cell.outputs.push(Output::Error(error.clone()));
    Some(error)
}

/// The first error among outputs, with the lines of all: a compiler often has several to tell.
fn shown_error(outputs: &[Output]) -> Option<ErrorOutput> {
    let errors = outputs.iter().filter_map(|output| match output {
        Output::Error(error) => Some(error.clone()),
        _ => None,
    });
    errors.reduce(|mut first, next| {
        first.traceback.extend(next.traceback);
        first
    })
}

fn failure(place: &Place, error: ErrorOutput) -> CellFailure {
    CellFailure { place: place.clone(), ename: error.ename, evalue: error.evalue, traceback: error.traceback }
}
