//! Runs one cell: to its end, to its time limit, or until the run is stopped.

use std::time::{Duration, Instant};

use jupyter_protocol::{ExecuteReply, ReplyStatus};
use nbformat::v4::{ErrorOutput, Output};

use super::error::{CellFailure, Place};
use super::metadata::{self, Start, Status};
use super::progress::CellLabel;
use super::recorder::Recorder;
use super::session::{Session, SessionError};
use super::{Job, Runner, Stopped, save};
use crate::notebook::Notebook;

/// A cell with this tag may fail without stopping the run.
const MAY_FAIL_TAG: &str = "raises-exception";

/// How long an interrupted cell may take to end; then its kernel is killed.
const INTERRUPT_PATIENCE: Duration = Duration::from_secs(5);

/// After this time the notebook says that the cell runs, and has its outputs so far.
const FIRST_SAVE: Duration = Duration::from_secs(1);

/// What nbclient, and so papermill, calls a cell that took too long.
const TIMEOUT_NAME: &str = "CellTimeoutError";

/// A cell on its way.
pub(super) struct Running<'a> {
    pub(super) job: &'a Job,
    pub(super) notebook: &'a mut Notebook,
    pub(super) position: usize,
    pub(super) recorder: &'a mut Recorder,
    pub(super) place: Place,
}

/// How a cell ended.
enum Ended {
    Replied(ExecuteReply),
    TimedOut { killed: bool },
    Died(SessionError),
}

impl Runner {
    /// Runs a cell and notes how it went.
    pub(super) async fn run_cell(
        &mut self,
        session: &mut Session,
        running: &mut Running<'_>,
    ) -> Result<(), Stopped> {
        let position = running.position;
        let cell = &mut running.notebook.cells[position];
        let Place { notebook, cell: number, cells, .. } = &running.place;
        let label = CellLabel::new(notebook, *number, *cells, cell.first_code_line());
        self.progress.cell_starts(&label);
        let start = Start::now();
        metadata::cell_begins(cell, start);
        if self.options.save_each_cell && self.options.autosave.is_none() {
            save(running.job, running.notebook).map_err(Stopped::Unsaved)?;
        }
        let ended = match self.follow(session, running).await {
            Ok(ended) => ended,
            Err(stopped) => {
                metadata::cell_ends(&mut running.notebook.cells[position], start, Status::Failed);
                return Err(stopped);
            }
        };
        running.recorder.cell_ended();
        let error = self.error_of(running, &ended);
        let failed = error.is_some() || matches!(ended, Ended::Died(_));
        let status = if failed { Status::Failed } else { Status::Completed };
        let seconds = metadata::cell_ends(&mut running.notebook.cells[position], start, status);
        self.progress.cell_ended(&label, seconds, failed);
        match (ended, error) {
            (Ended::Died(ended), _) => Err(Stopped::Died(ended, Box::new(running.place.clone()))),
            (_, Some(error)) => {
                Err(Stopped::Cell { at: position, failure: Box::new(failure(&running.place, error)) })
            }
            (_, None) => self.listeners.check().map_err(Stopped::Unsaved),
        }
    }

    /// Takes what the cell gives until it ends, saving now and then.
    async fn follow(&mut self, session: &mut Session, running: &mut Running<'_>) -> Result<Ended, Stopped> {
        let cell = &running.notebook.cells[running.position];
        let (code, id) = (cell.source.clone(), cell.id.clone());
        let mut cell = match session.begin(&code, &id).await {
            Ok(cell) => cell,
            Err(error) => return Ok(Ended::Died(error)),
        };
        // A kernel that starts does not run the cell yet; that has a limit of its own.
        let mut limit =
            self.options.execution_timeout.map(|limit| Instant::now() + self.options.start_timeout + limit);
        let mut begun = false;
        // That a cell runs is worth a save when it runs for a while; most are over before.
        let each_cell = self.options.save_each_cell;
        let first = self.options.autosave.map(|every| if each_cell { every.min(FIRST_SAVE) } else { every });
        let mut save_at = first.map(|wait| Instant::now() + wait);
        let (mut changed, mut interrupted) = (each_cell, false);
        let mut stop = self.stop.clone();
        loop {
            if !std::mem::replace(&mut begun, cell.has_begun()) && begun {
                limit = self.options.execution_timeout.map(|limit| Instant::now() + limit);
            }
            let Running { notebook, recorder, position, .. } = running;
            let (listeners, progress) = (&mut self.listeners, &self.progress);
            let mut record = |content: &_| {
                recorder.record(notebook, *position, content);
                listeners.take(content, progress);
                changed = true;
            };
            tokio::select! {
                step = session.step(&mut cell, &mut record) => match step {
                    Ok(Some(_)) if interrupted => return Ok(Ended::TimedOut { killed: false }),
                    Ok(Some(reply)) => return Ok(Ended::Replied(reply)),
                    Ok(None) => {}
                    Err(_) if interrupted => return Ok(Ended::TimedOut { killed: true }),
                    Err(error) => return Ok(Ended::Died(error)),
                },
                () = sleep_until(limit) => {
                    if interrupted {
                        session.kill();
                        return Ok(Ended::TimedOut { killed: true });
                    }
                    session.interrupt().await;
                    interrupted = true;
                    limit = Some(Instant::now() + INTERRUPT_PATIENCE);
                }
                () = sleep_until(save_at) => {
                    if std::mem::take(&mut changed) {
                        save(running.job, running.notebook).map_err(Stopped::Unsaved)?;
                    }
                    save_at = self.options.autosave.map(|every| Instant::now() + every);
                }
                () = stop.requested() => {
                    session.take_rest(&mut cell, &mut record).await;
                    return Err(Stopped::Interrupted);
                }
            }
        }
    }

    /// The error that ends the run, put into the notebook where the kernel did not.
    fn error_of(&self, running: &mut Running<'_>, ended: &Ended) -> Option<ErrorOutput> {
        match ended {
            Ended::Replied(reply) => {
                let error = cell_error(running.notebook, running.position, reply);
                let cell = &running.notebook.cells[running.position];
                error.filter(|_| !cell.has_tag(MAY_FAIL_TAG))
            }
            Ended::TimedOut { killed } => {
                let error = timeout_error(self.options.execution_timeout.unwrap_or_default(), *killed);
                running.notebook.cells[running.position].outputs.push(Output::Error(error.clone()));
                Some(error)
            }
            Ended::Died(_) => None,
        }
    }
}

async fn sleep_until(until: Option<Instant>) {
    match until {
        Some(until) => tokio::time::sleep_until(until.into()).await,
        None => std::future::pending().await,
    }
}

fn timeout_error(limit: Duration, killed: bool) -> ErrorOutput {
    let end = match killed {
        false => "It was interrupted",
        true => "It did not heed an interrupt, so its kernel was ended",
    };
    let evalue = format!(
        "The cell ran longer than {} s, the limit that --execution-timeout sets. {end}. Give it longer, or make it quicker.",
        limit.as_secs()
    );
    ErrorOutput { ename: TIMEOUT_NAME.to_owned(), traceback: vec![evalue.clone()], evalue }
}

/// The error of a cell: its error output, or that of its reply.
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
