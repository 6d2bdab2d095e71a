//! A conversation with one kernel: start, execute, shut down.
//!
//! Each socket is read by a task of its own into one channel, so that no message is lost when the
//! runner waits for several things at once.

mod cell;
mod wire;

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use jupyter_protocol::{
    ConnectionInfo, ExecuteReply, ExecuteRequest, InterruptRequest, JupyterMessage,
    JupyterMessageContent as Content, KernelInfoRequest, LanguageInfo, ReplyStatus, ShutdownRequest,
};
use jupyter_zmq_client::{
    ClientControlConnection, DealerSendConnection, RuntimeError, create_client_control_connection,
    create_client_iopub_connection, create_client_shell_connection_with_identity, peer_identity_for_session,
};
use thiserror::Error;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::task::JoinHandle;

use crate::run::launch::KernelLaunch;
use crate::run::process::{KernelProcess, SpawnError, end_in_words};
pub use cell::{RunningCell, Socket};
use wire::{Event, connection_info, forward, free_ports, is_child, patiently};

/// How long a kernel may take to end after a shutdown request.
const SHUTDOWN_PATIENCE: Duration = Duration::from_secs(3);

/// The cell that makes cltv's own kernel new.
const RESET: &str = ":clear";

/// The kernel did not start, died, or could not be talked to.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SessionError {
    /// The kernel's program could not be started.
    #[error("The kernel could not be started with `{program}`: {source}.")]
    Spawn {
        /// The program.
        program: String,
        /// Why.
        source: std::io::Error,
    },
    /// A folder that the kernel needs cannot be used.
    #[error("The kernel could not be started, because the folder {} cannot be used: {source}. Check that it is there, that you may write there, and that the disk has room.", path.display())]
    Folder {
        /// The temporary folder, or the one that the kernel works in.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The kernel did not answer in time.
    #[error(
        "The kernel did not answer within {} s: give it longer with --start-timeout.{}",
        patience.as_secs(), log_in_words(.log)
    )]
    NoAnswer {
        /// How long it was given.
        patience: Duration,
        /// The end of its log.
        log: String,
    },
    /// The kernel's process ended.
    #[error("The kernel died: {how}.{}", log_in_words(.log))]
    Died {
        /// How it ended.
        how: String,
        /// The end of its log.
        log: String,
    },
    /// The sockets failed.
    #[error("The connection to the kernel failed: {0}.")]
    Connection(#[from] RuntimeError),
}

fn log_in_words(log: &str) -> String {
    match log.trim() {
        "" => String::new(),
        log => format!(" The end of its log:\n\n{log}"),
    }
}

impl SessionError {
    /// The exit code: 138 when the kernel died.
    pub fn code(&self) -> u8 {
        match self {
            SessionError::Died { .. } => 138,
            _ => 1,
        }
    }
}

/// How and where a kernel is started.
#[derive(Debug, Clone)]
pub struct Start<'a> {
    /// What is started.
    pub launch: &'a KernelLaunch,
    /// The folder it works in.
    pub cwd: &'a Path,
    /// What is added to its environment.
    pub env: &'a [(String, String)],
    /// How long it may take to answer.
    pub patience: Duration,
}

/// A kernel that answers.
pub struct Session {
    // Dropped first: readers must not report that a kernel we end has gone.
    readers: Vec<JoinHandle<()>>,
    process: Option<KernelProcess>,
    shell: DealerSendConnection,
    control: ClientControlConnection,
    events: UnboundedReceiver<Event>,
    language: Option<LanguageInfo>,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session")
            .field("process", &self.process)
            .field("language", &self.language)
            .finish_non_exhaustive()
    }
}

impl Session {
    /// Starts a kernel and waits until it answers on both channels.
    ///
    /// # Errors
    /// [`SessionError`] when it cannot be started, dies, or does not answer in time.
    pub async fn start(start: &Start<'_>) -> Result<Session, SessionError> {
        let mut attempts = 5;
        loop {
            attempts -= 1;
            match Session::start_once(start).await {
                // Between our choice of ports and the kernel's, another program can take one.
                Err(SessionError::Died { log, .. })
                    if attempts > 0 && log.contains("ddress already in use") => {}
                done => return done,
            }
        }
    }

    async fn start_once(start: &Start<'_>) -> Result<Session, SessionError> {
        let connection = connection_info(free_ports().map_err(RuntimeError::from)?);
        let spawned = KernelProcess::spawn(start.launch, &connection, start.cwd, start.env);
        let mut process = spawned.map_err(|error| match error {
            SpawnError::Program(source) => SessionError::Spawn {
                program: start.launch.argv.first().cloned().unwrap_or_default(),
                source,
            },
            SpawnError::Folder { path, source } => SessionError::Folder { path, source },
        })?;
        let started = tokio::select! {
            started = Session::connect(&connection) => Some(started),
            status = process.ended() => return Err(died(status, &process)),
            () = tokio::time::sleep(start.patience) => None,
        };
        match started {
            Some(started) => started.map(|mut session| {
                session.process = Some(process);
                session
            }),
            None => Err(SessionError::NoAnswer { patience: start.patience, log: process.log_tail() }),
        }
    }

    /// Connects to a kernel that another program started, without a time limit.
    ///
    /// # Errors
    /// [`SessionError::Connection`] when the sockets fail.
    pub async fn connect(connection: &ConnectionInfo) -> Result<Session, SessionError> {
        let id = uuid::Uuid::new_v4().to_string();
        let identity = peer_identity_for_session(&id)?;
        let shell =
            patiently(|| create_client_shell_connection_with_identity(connection, &id, identity.clone()))
                .await?;
        let mut iopub = patiently(|| create_client_iopub_connection(connection, "", &id)).await?;
        let control = patiently(|| create_client_control_connection(connection, &id)).await?;
        let (shell, mut replies) = shell.split();
        let (sender, events) = unbounded_channel();
        let to = sender.clone();
        let readers = vec![
            tokio::spawn(async move { while forward(replies.read().await, &to, Event::Shell) {} }),
            tokio::spawn(async move { while forward(iopub.read().await, &sender, Event::Iopub) {} }),
        ];
        let mut session = Session { readers, process: None, shell, control, events, language: None };
        session.wait_until_ready().await?;
        Ok(session)
    }

    /// Asks `kernel_info` until both its reply and its status on iopub arrive: a kernel that binds
    /// a plain PUB socket sends no welcome, and what it sends too early is lost.
    async fn wait_until_ready(&mut self) -> Result<(), SessionError> {
        let (mut replied, mut heard) = (false, false);
        let mut requests = HashSet::new();
        loop {
            let request = JupyterMessage::from(KernelInfoRequest {});
            requests.insert(request.header.msg_id.clone());
            self.shell.send(request).await?;
            // A kernel that is still loading answers every question later; do not pile them up.
            let mut until = Instant::now() + Duration::from_secs(3);
            while let Ok(Some(event)) = tokio::time::timeout_at(until.into(), self.events.recv()).await {
                match event {
                    Event::Shell(message) if is_child(&message, &requests) => {
                        replied = true;
                        if let Content::KernelInfoReply(info) = message.content {
                            self.language = Some(info.language_info);
                        }
                    }
                    Event::Iopub(message) => heard |= is_child(&message, &requests),
                    Event::Unreadable(kind) => replied |= kind == "kernel_info_reply",
                    Event::Closed => return Err(self.lost().await),
                    Event::Shell(_) => {}
                }
                if replied && heard {
                    return Ok(());
                }
                if replied {
                    // Its status was sent before it knew of us: ask again soon.
                    until = until.min(Instant::now() + Duration::from_millis(200));
                }
            }
        }
    }

    /// The language that the kernel says it speaks.
    pub fn language(&self) -> Option<&LanguageInfo> {
        self.language.as_ref()
    }

    /// Sends a cell to the kernel; [`step`](Session::step) follows it to its end.
    ///
    /// # Errors
    /// [`SessionError::Connection`] when the socket fails.
    pub async fn begin(&mut self, code: &str, cell_id: &str) -> Result<RunningCell, SessionError> {
        let request = JupyterMessage::from(ExecuteRequest::new(code.to_owned()))
            .with_metadata(serde_json::json!({ "cellId": cell_id }));
        let cell = RunningCell::new(&request);
        self.shell.send(request).await?;
        Ok(cell)
    }

    /// Waits for the next thing that a running cell gives and hands it over; gives the reply when
    /// both it and the end of the outputs have come. Dropping the wait loses nothing.
    ///
    /// # Errors
    /// [`SessionError::Died`] when the kernel's process ends meanwhile.
    pub async fn step(
        &mut self,
        cell: &mut RunningCell,
        record: &mut (dyn FnMut(&Content) + Send),
    ) -> Result<Option<ExecuteReply>, SessionError> {
        let given_up = cell.given_up();
        tokio::select! {
            event = self.events.recv() => match event {
                Some(Event::Closed) | None => {
                    self.take_rest(cell, record).await;
                    return Err(self.lost().await);
                }
                Some(event) => cell.take(event, record),
            },
            status = ended(&mut self.process) => {
                self.take_rest(cell, record).await;
                return Err(self.end_error(status));
            }
            () = sleep_until_or_never(given_up) => cell.idle = true,
        }
        Ok(cell.finished())
    }

    /// Runs one cell and hands over what it gives, until both its reply and its end have come.
    ///
    /// # Errors
    /// [`SessionError::Died`] when the kernel's process ends meanwhile.
    pub async fn execute(
        &mut self,
        code: &str,
        cell_id: &str,
        record: &mut (dyn FnMut(&Content) + Send),
    ) -> Result<ExecuteReply, SessionError> {
        let mut cell = self.begin(code, cell_id).await?;
        loop {
            if let Some(reply) = self.step(&mut cell, record).await? {
                return Ok(reply);
            }
        }
    }

    /// Asks the kernel to make itself new: no variables, the next cell is number 1. Says whether it
    /// did; only cltv's own kernel knows the request.
    pub async fn reset(&mut self, patience: Duration) -> bool {
        let mut failed = false;
        let mut record = |content: &Content| failed |= matches!(content, Content::ErrorOutput(_));
        let answer = self.execute(RESET, "reset", &mut record);
        let answer = tokio::time::timeout(patience, answer).await;
        matches!(answer, Ok(Ok(reply)) if reply.status == ReplyStatus::Ok) && !failed
    }

    /// Asks the kernel to stop the running cell.
    pub async fn interrupt(&mut self) {
        self.ask(InterruptRequest {}.into()).await;
    }

    /// Ends the kernel and what it started, without asking.
    pub fn kill(&mut self) {
        if let Some(process) = &mut self.process {
            process.kill();
        }
    }

    /// What a kernel said before it died, or was stopped, may still be on its way.
    pub async fn take_rest(&mut self, cell: &mut RunningCell, record: &mut (dyn FnMut(&Content) + Send)) {
        let until = Instant::now() + Duration::from_millis(200);
        while let Ok(Some(event)) = tokio::time::timeout_at(until.into(), self.events.recv()).await {
            cell.take(event, record);
        }
    }

    fn end_error(&self, status: Option<std::process::ExitStatus>) -> SessionError {
        SessionError::Died {
            how: end_in_words(status),
            log: self.process.as_ref().map_or_else(String::new, KernelProcess::log_tail),
        }
    }

    async fn lost(&mut self) -> SessionError {
        if let Some(process) = &mut self.process
            && let Ok(status) = tokio::time::timeout(SHUTDOWN_PATIENCE, process.ended()).await
        {
            return self.end_error(status);
        }
        SessionError::Died { how: "it closed its sockets".to_owned(), log: String::new() }
    }

    /// Asks the kernel to end and makes sure that it, and what it started, has.
    pub async fn shutdown(mut self) {
        self.ask(ShutdownRequest { restart: false }.into()).await;
        if let Some(process) = &mut self.process {
            process.wait_at_most(SHUTDOWN_PATIENCE).await;
            process.kill();
        }
    }

    /// Stops the running cell and ends the kernel.
    pub async fn interrupt_and_shutdown(mut self) {
        self.interrupt().await;
        self.shutdown().await;
    }

    async fn ask(&mut self, request: JupyterMessage) {
        // A kernel that is gone already needs no request.
        let sent = self.control.send(request);
        let _ = tokio::time::timeout(Duration::from_secs(1), sent).await;
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        for reader in &self.readers {
            reader.abort();
        }
    }
}

fn died(status: Option<std::process::ExitStatus>, process: &KernelProcess) -> SessionError {
    SessionError::Died { how: end_in_words(status), log: process.log_tail() }
}

async fn ended(process: &mut Option<KernelProcess>) -> Option<std::process::ExitStatus> {
    match process {
        Some(process) => process.ended().await,
        None => std::future::pending().await,
    }
}

async fn sleep_until_or_never(until: Option<Instant>) {
    match until {
        Some(until) => tokio::time::sleep_until(until.into()).await,
        None => std::future::pending().await,
    }
}
