//! The Jupyter side: sockets, messages, and the thread that runs cells.

mod compiling;
mod messages;
mod outputs;

use crate::helper::Helper;
use crate::report::Failure;
use crate::session::{Interrupter, Session, Sink};
use crate::workdir::WorkDir;
use anyhow::Result;
use compiling::CompileProgress;
use jupyter_protocol::{
    ConnectionInfo, IoPubWelcome, JupyterMessage, JupyterMessageContent as Content, Status,
};
use jupyter_zmq_client as zmq;
use outputs::Outputs;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// Where messages go from any thread.
#[derive(Clone)]
struct Wires {
    iopub: UnboundedSender<JupyterMessage>,
    shell: UnboundedSender<JupyterMessage>,
}

impl Wires {
    // A send fails only when the kernel is shutting down; there is nobody left to tell.
    fn publish(&self, message: JupyterMessage) {
        let _ = self.iopub.send(message);
    }

    fn reply(&self, message: JupyterMessage) {
        let _ = self.shell.send(message);
    }
}

type SharedInterrupter = Arc<Mutex<Option<Interrupter>>>;

/// Serves one client until it asks for shutdown, the parent ends, or a signal comes.
pub(crate) fn serve(connection: ConnectionInfo, helper: Option<Helper>, workdir: WorkDir) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let outcome = runtime.block_on(serve_async(&connection, helper));
    crate::session::stop_compile();
    workdir.remove();
    // The thread that runs cells may be in the middle of one; its child ends with us.
    if let Err(error) = outcome {
        eprintln!("cltv-kernel: {error:#}");
        std::process::exit(1);
    }
    std::process::exit(0);
}

async fn serve_async(connection: &ConnectionInfo, helper: Option<Helper>) -> Result<()> {
    let session_id = format!("cltv-{}", std::process::id());
    let mut heartbeat = zmq::create_kernel_heartbeat_connection(connection).await?;
    let shell = zmq::create_kernel_shell_connection(connection, &session_id).await?;
    let control = zmq::create_kernel_control_connection(connection, &session_id).await?;
    let _stdin = zmq::create_kernel_stdin_connection(connection, &session_id).await?;
    let iopub = zmq::create_kernel_iopub_xpub_connection(connection, &session_id).await?;

    let (iopub_sender, iopub_queue) = unbounded_channel();
    let (shell_sender, shell_queue) = unbounded_channel();
    let wires = Wires { iopub: iopub_sender, shell: shell_sender };
    let interrupter = SharedInterrupter::default();
    let (jobs, job_queue) = unbounded_channel();
    start_executor(helper, job_queue, wires.clone(), interrupter.clone())?;

    let (shell_out, shell_in) = shell.split();
    tokio::spawn(async move { while heartbeat.single_heartbeat().await.is_ok() {} });
    tokio::spawn(publish_all(iopub, iopub_queue));
    tokio::spawn(reply_all(shell_out, shell_queue));
    tokio::spawn(read_shell(shell_in, jobs, wires.clone()));
    wires.publish(Status::starting().into());

    tokio::select! {
        outcome = serve_control(control, wires, interrupter) => outcome,
        _ = parent_gone() => Ok(()),
        _ = terminated() => Ok(()),
    }
}

async fn publish_all(
    mut iopub: zmq::KernelIoPubXPubConnection,
    mut queue: UnboundedReceiver<JupyterMessage>,
) {
    loop {
        tokio::select! {
            message = queue.recv() => {
                let Some(message) = message else { return };
                if let Err(error) = iopub.send(message).await {
                    eprintln!("cltv-kernel: cannot publish: {error}");
                }
            }
            event = iopub.recv_subscription() => {
                if let Ok(zmq::SubscriptionEvent::Subscribe(topic)) = event {
                    let _ = iopub.send(IoPubWelcome::new(topic).into()).await;
                }
            }
        }
    }
}

async fn reply_all(mut shell: zmq::RouterSendConnection, mut queue: UnboundedReceiver<JupyterMessage>) {
    while let Some(message) = queue.recv().await {
        if let Err(error) = shell.send(message).await {
            eprintln!("cltv-kernel: cannot reply: {error}");
        }
    }
}

/// Reads requests; what needs the session goes to its thread, the rest is answered here.
async fn read_shell(
    mut shell: zmq::RouterRecvConnection,
    jobs: UnboundedSender<JupyterMessage>,
    wires: Wires,
) {
    loop {
        match shell.read().await {
            Ok(message) if messages::needs_session(&message) => {
                let _ = jobs.send(message);
            }
            Ok(message) => {
                wires.publish(Status::busy().as_child_of(&message));
                if let Some(reply) = messages::answer(&message) {
                    wires.reply(reply);
                }
                wires.publish(Status::idle().as_child_of(&message));
            }
            Err(error) => {
                eprintln!("cltv-kernel: a request could not be read: {error}");
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
    }
}

async fn serve_control(
    mut control: zmq::KernelControlConnection,
    wires: Wires,
    interrupter: SharedInterrupter,
) -> Result<()> {
    loop {
        let message = match control.read().await {
            Ok(message) => message,
            // One message that cannot be read must not cost a session.
            Err(error) => {
                eprintln!("cltv-kernel: a control message could not be read: {error}");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        wires.publish(Status::busy().as_child_of(&message));
        let reply = match &message.content {
            Content::InterruptRequest(_) => {
                let interrupter = interrupter.lock().ok().and_then(|i| i.clone());
                if let Some(interrupter) = interrupter {
                    tokio::task::spawn_blocking(move || interrupter.interrupt()).await?;
                }
                Some(messages::interrupt_reply(&message))
            }
            Content::ShutdownRequest(request) => {
                control.send(messages::shutdown_reply(&message, request.restart)).await?;
                wires.publish(messages::shutdown_reply(&message, request.restart));
                wires.publish(Status::idle().as_child_of(&message));
                // A moment for the last messages to leave.
                tokio::time::sleep(Duration::from_millis(50)).await;
                return Ok(());
            }
            _ => messages::answer(&message),
        };
        if let Some(reply) = reply {
            control.send(reply).await?;
        }
        wires.publish(Status::idle().as_child_of(&message));
    }
}

/// Ends when the process that started the kernel has ended without saying so.
async fn parent_gone() {
    // SAFETY: asks for a number.
    let parent = unsafe { libc::getppid() };
    loop {
        tokio::time::sleep(Duration::from_secs(1)).await;
        // SAFETY: as above.
        if unsafe { libc::getppid() } != parent {
            return;
        }
    }
}

async fn terminated() {
    use tokio::signal::unix::{SignalKind, signal};
    // Jupyter interrupts by message; a stray ctrl-c in the terminal must not end the kernel.
    let _ignored = signal(SignalKind::interrupt());
    match (signal(SignalKind::terminate()), signal(SignalKind::hangup())) {
        (Ok(mut terminate), Ok(mut hangup)) => {
            tokio::select! { _ = terminate.recv() => {}, _ = hangup.recv() => {} }
        }
        _ => std::future::pending().await,
    }
}

/// Starts the thread that owns the session. The first request may wait for it; sockets do not.
fn start_executor(
    helper: Option<Helper>,
    queue: UnboundedReceiver<JupyterMessage>,
    wires: Wires,
    interrupter: SharedInterrupter,
) -> Result<()> {
    std::thread::Builder::new()
        .name("cells".into())
        // rust-analyzer's inference recurses deeply.
        .stack_size(64 << 20)
        .spawn(move || {
            let outputs = Arc::new(Outputs::new(wires.iopub.clone()));
            let sink: Sink = {
                let outputs = outputs.clone();
                Arc::new(move |event| outputs.take(event))
            };
            let session = Session::start(helper, &sink).map(|mut session| {
                if let Ok(mut shared) = interrupter.lock() {
                    *shared = Some(session.interrupter());
                }
                session.warm_up();
                session
            });
            Executor { session, sink, outputs, wires, count: 0 }.run(queue);
        })?;
    Ok(())
}

/// Whether a cell asks for a session as a new kernel has it.
fn is_reset(code: &str) -> bool {
    code.trim() == ":clear"
}

struct Executor {
    session: Result<Session>,
    sink: Sink,
    outputs: Arc<Outputs>,
    wires: Wires,
    count: usize,
}

impl Executor {
    fn run(&mut self, mut queue: UnboundedReceiver<JupyterMessage>) {
        while let Some(message) = queue.blocking_recv() {
            self.handle(&message, &mut queue);
        }
    }

    fn handle(&mut self, message: &JupyterMessage, queue: &mut UnboundedReceiver<JupyterMessage>) {
        self.wires.publish(Status::busy().as_child_of(message));
        let mut behind = Vec::new();
        match &message.content {
            Content::ExecuteRequest(request) => behind = self.execute(message, request, queue),
            Content::CompleteRequest(request) => {
                let offset = messages::byte_offset(&request.code, request.cursor_pos);
                let found = match &mut self.session {
                    Ok(session) => session.complete(&request.code, offset),
                    Err(_) => (Vec::new(), offset, offset),
                };
                self.wires.reply(messages::complete_reply(message, &request.code, found));
            }
            Content::InspectRequest(request) => {
                let offset = messages::byte_offset(&request.code, request.cursor_pos);
                let found = self.session.as_mut().ok().and_then(|s| s.inspect(&request.code, offset));
                self.wires.reply(messages::inspect_reply(message, found));
            }
            _ => {}
        }
        self.wires.publish(Status::idle().as_child_of(message));
        for message in behind {
            match &message.content {
                Content::ExecuteRequest(_) => self.abort(&message),
                _ => self.handle(&message, queue),
            }
        }
    }

    fn abort(&self, message: &JupyterMessage) {
        self.wires.publish(Status::busy().as_child_of(message));
        self.wires.reply(messages::execute_aborted(message, self.count));
        self.wires.publish(Status::idle().as_child_of(message));
    }

    /// Runs a cell; if it fails, gives back the requests that came while it ran, to be refused.
    fn execute(
        &mut self,
        message: &JupyterMessage,
        request: &jupyter_protocol::ExecuteRequest,
        queue: &mut UnboundedReceiver<JupyterMessage>,
    ) -> Vec<JupyterMessage> {
        let mut behind = Vec::new();
        let silent = request.silent;
        if !silent && !request.code.trim().is_empty() {
            self.count += 1;
            self.wires.publish(messages::execute_input(message, &request.code, self.count));
        }
        self.outputs.begin(message, silent);
        let compiling = CompileProgress::watch(self.outputs.clone());
        let outcome = match &mut self.session {
            Ok(session) if is_reset(&request.code) => session.reset(),
            Ok(session) => session.execute(&request.code, &self.sink),
            Err(error) => Err(Failure::not_started(error)),
        };
        compiling.end();
        self.outputs.end();
        match outcome {
            Ok(()) => {
                self.wires.reply(messages::execute_ok(message, self.count));
                if is_reset(&request.code) {
                    self.count = 0;
                }
            }
            Err(failure) => {
                if !silent {
                    self.wires.publish(messages::error_output(message, &failure));
                }
                // Before the reply: what a client sends after it, it sends knowing of the failure.
                while let (true, Ok(message)) = (request.stop_on_error, queue.try_recv()) {
                    behind.push(message);
                }
                self.wires.reply(messages::execute_error(message, self.count, failure));
            }
        }
        behind
    }
}
