//! Which kernel a notebook gets: one of its own, or the last one's, made new.

use std::path::PathBuf;
use std::time::Duration;

use super::error::Place;
use super::session::{self, Session};
use super::{Job, Runner, Stopped};

/// How long a kernel may take to make itself new; starting another takes about as long.
const RESET_PATIENCE: Duration = Duration::from_secs(15);

/// A kernel that waits for the next notebook, and how it was started.
#[derive(Debug)]
pub(super) struct Kept {
    session: Session,
    cwd: PathBuf,
    env: Vec<(String, String)>,
}

impl Runner {
    /// A kernel without variables, in the notebook's folder.
    pub(super) async fn kernel_for(&mut self, job: &Job, cells: usize) -> Result<Session, Stopped> {
        self.progress.waits_for(&format!("{}  starting the kernel", job.name));
        match self.kept.take() {
            Some(kept) => match self.made_new(kept, job).await? {
                Some(session) => Ok(session),
                None => self.start_kernel(job, cells).await,
            },
            None => self.start_kernel(job, cells).await,
        }
    }

    /// The last notebook's kernel, made new; nothing when it cannot be used again.
    async fn made_new(&mut self, kept: Kept, job: &Job) -> Result<Option<Session>, Stopped> {
        let mut session = kept.session;
        if kept.cwd != job.cwd || kept.env != self.env {
            session.shutdown().await;
            return Ok(None);
        }
        let mut stop = self.stop.clone();
        let is_new = tokio::select! {
            is_new = session.reset(RESET_PATIENCE.min(self.options.start_timeout)) => is_new,
            () = stop.requested() => {
                session.interrupt_and_shutdown().await;
                return Err(Stopped::Interrupted);
            }
        };
        if is_new {
            return Ok(Some(session));
        }
        // A kernel that does not answer would keep us waiting for its end, too.
        session.kill();
        Ok(None)
    }

    async fn start_kernel(&mut self, job: &Job, cells: usize) -> Result<Session, Stopped> {
        let start = session::Start {
            launch: &self.launch,
            cwd: &job.cwd,
            env: &self.env,
            patience: self.options.start_timeout,
        };
        let nowhere =
            Place { notebook: job.name.clone(), cell: 0, cells, code: String::new(), partial: None };
        let session = tokio::select! {
            started = Session::start(&start) => {
                started.map_err(|error| Stopped::Died(error, Box::new(nowhere)))?
            }
            () = self.stop.requested() => return Err(Stopped::Interrupted),
        };
        self.progress.note(&self.described(&session));
        Ok(session)
    }

    /// Which program runs the cells, for a log.
    fn described(&self, session: &Session) -> String {
        let program = self.launch.argv.first().map_or("", String::as_str);
        let language = session.language().map(|language| format!(", {} {}", language.name, language.version));
        format!("kernel: {program}{}", language.unwrap_or_default())
    }

    /// After a notebook that ended well: its kernel waits for the next, or ends.
    pub(super) async fn keep_or_end(&mut self, session: Session, job: &Job) {
        if self.resets {
            self.kept = Some(Kept { session, cwd: job.cwd.clone(), env: self.env.clone() });
        } else {
            session.shutdown().await;
        }
    }

    /// Ends the kernel that waits for a next notebook, as there is none.
    pub async fn finish(&mut self) {
        if let Some(kept) = self.kept.take() {
            kept.session.shutdown().await;
        }
    }
}
