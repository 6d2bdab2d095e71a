//! Runs one notebook on one kernel, and keeps its file up to date as it goes.

mod cell;
pub mod command;
pub mod error;
mod help;
mod kernels;
pub mod launch;
mod listeners;
pub mod metadata;
mod options;
mod paths;
pub mod process;
pub mod progress;
pub mod recorder;
pub mod session;
pub mod stop;
mod temporary;

use std::path::{Path, PathBuf};

use crate::files::{FileError, write_by};
use crate::notebook::{Notebook, hide_code, inject, mark_error, remove_error_marks, write_json};
use crate::params::{Parameter, Settings};
use cell::Running;
use error::{CellFailure, Place, RunError};
use kernels::Kept;
use launch::KernelLaunch;
pub use listeners::Listeners;
use metadata::{Provenance, Start};
pub use options::Options;
use progress::Progress;
use recorder::Recorder;
use session::{Session, SessionError};
use stop::Stop;
pub use temporary::TemporaryError;

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
    /// How a kernel is started.
    pub launch: KernelLaunch,
    /// Whether the kernel can reset its session, so that one kernel runs several notebooks.
    pub resets: bool,
    /// What is added to the kernels' environment.
    pub env: Vec<(String, String)>,
    /// How notebooks are run.
    pub options: Options,
    /// Who else gets what the cells put out.
    pub listeners: Listeners,
    /// Where progress is printed.
    pub progress: Progress,
    /// Whether the run is to stop.
    pub stop: Stop,
    kept: Option<Kept>,
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
    /// A runner that has started no kernel yet; each notebook gets one of its own.
    pub fn new(launch: KernelLaunch, options: Options, progress: Progress, stop: Stop) -> Runner {
        Runner {
            launch,
            resets: false,
            env: Vec::new(),
            options,
            listeners: Listeners::default(),
            progress,
            stop,
            kept: None,
        }
    }

    /// Another runner of the same kind, whose progress lines begin with a name.
    #[must_use]
    pub fn beside(&self, name: &str) -> Runner {
        let progress = self.progress.named(name);
        let mut other = Runner::new(self.launch.clone(), self.options.clone(), progress, self.stop.clone());
        other.resets = self.resets;
        other.env.clone_from(&self.env);
        other
    }

    /// Runs a notebook from its first cell to its last, or to the first that fails.
    pub async fn run(&mut self, job: Job) -> Outcome {
        let start = Start::now();
        let mut notebook = prepared(&job, self.options.report_mode, start);
        let result = self.run_notebook(&job, &mut notebook).await;
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

    /// Runs the cells on a kernel, and sees to the kernel's end.
    async fn run_notebook(&mut self, job: &Job, notebook: &mut Notebook) -> Result<(), Stopped> {
        save(job, notebook).map_err(Stopped::Unsaved)?;
        let mut session = self.kernel_for(job, notebook.running_cells().len()).await?;
        metadata::language(notebook, session.language());
        match self.run_cells(&mut session, job, notebook).await {
            Ok(()) => self.keep_or_end(session, job).await,
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
        Ok(())
    }

    async fn run_cells(
        &mut self,
        session: &mut Session,
        job: &Job,
        notebook: &mut Notebook,
    ) -> Result<(), Stopped> {
        let mut recorder = Recorder::new();
        let positions = notebook.running_cells();
        for (done, position) in positions.iter().enumerate() {
            let place = place(job, notebook, *position, done + 1, positions.len());
            let recorder = &mut recorder;
            let mut running = Running { job, notebook, position: *position, recorder, place };
            self.run_cell(session, &mut running).await?;
            if self.options.save_each_cell {
                save(job, notebook).map_err(Stopped::Unsaved)?;
            }
        }
        Ok(())
    }
}

impl Stopped {
    fn into_error(self) -> RunError {
        match self {
            Stopped::Cell { failure, .. } => RunError::Cell(failure),
            // No cell has run yet, so there is no place to tell.
            Stopped::Died(ended, place) if place.cell == 0 => RunError::Session(ended),
            Stopped::Died(ended, place) => RunError::Died { ended, place },
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
pub(crate) fn prepared(job: &Job, report_mode: bool, start: Start) -> Notebook {
    let mut notebook = job.notebook.clone();
    remove_error_marks(&mut notebook);
    if !job.settings.is_empty() {
        inject(&mut notebook, job.settings.code());
    }
    if report_mode {
        hide_code(&mut notebook);
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

pub(crate) fn save(job: &Job, notebook: &Notebook) -> Result<(), FileError> {
    match &job.save_to {
        Some(path) => write_by(path, |file| write_json(notebook, file)),
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
