//! The Jupyter side: sockets, messages, and the thread that runs cells.

mod compiling;
mod messages;
mod outputs;

use crate::helper::Helper;
use crate::interrupt::Interrupter;
use crate::report::Failure;
use crate::session::{Session, Sink};
use crate::workdir::WorkDir;
use crate::{processes, types};
use anyhow::{Result, anyhow};
use compiling::CompileProgress;
use jupyter_protocol::{
    ConnectionInfo, ExecuteRequest, IoPubWelcome, JupyterMessage, JupyterMessageContent as Content, Status,
};
use jupyter_zmq_client as zmq;
use outputs::Outputs;
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};
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

/// A moment for the last messages to leave.
const LAST_MESSAGES: Duration = Duration::from_millis(50);
/// How long the end of the kernel is waited for.
const LONGEST_END: Duration = Duration::from_secs(2);

/// Serves one client until it asks for shutdown, the parent ends, or a signal comes.
pub(crate) fn serve(connection: ConnectionInfo, helper: Option<Helper>, workdir: WorkDir) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let interrupter = Interrupter::default();
    let outcome = runtime.block_on(serve_async(&connection, helper, &interrupter));
    interrupter.close();
    leave_nothing(&workdir);
    if let Err(error) = outcome {
        eprintln!("cltv-kernel: {error:#}");
        std::process::exit(1);
    }
    std::process::exit(0);
}

/// Ends every program below this process and removes the folder. The thread that runs cells may be in
/// the middle of one and start or write something yet, so this is done until nothing is left.
fn leave_nothing(workdir: &WorkDir) {
    let begun = Instant::now();
    loop {
        let programs = processes::below(std::process::id());
        processes::kill(&programs);
        if (workdir.remove() && programs.is_empty()) || begun.elapsed() > LONGEST_END {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

async fn serve_async(
    connection: &ConnectionInfo,
    helper: Option<Helper>,
    interrupter: &Interrupter,
) -> Result<()> {
    let session_id = format!("cltv-{}", std::process::id());
    let heartbeat = zmq::create_kernel_heartbeat_connection(connection).await?;
    let shell = zmq::create_kernel_shell_connection(connection, &session_id).await?;
    let control = zmq::create_kernel_control_connection(connection, &session_id).await?;
    let _stdin = zmq::create_kernel_stdin_connection(connection, &session_id).await?;
    let iopub = zmq::create_kernel_iopub_xpub_connection(connection, &session_id).await?;

    let (iopub_sender, iopub_queue) = unbounded_channel();
    let (shell_sender, shell_queue) = unbounded_channel();
    let wires = Wires { iopub: iopub_sender, shell: shell_sender };
    let (jobs, job_queue) = unbounded_channel();
    let (ending, mut endings) = unbounded_channel();
    start_executor(helper, job_queue, wires.clone(), interrupter.clone(), ending)?;

    let (shell_out, shell_in) = shell.split();
    tokio::spawn(beat(heartbeat));
    tokio::spawn(publish_all(iopub, iopub_queue));
    tokio::spawn(reply_all(shell_out, shell_queue));
    tokio::spawn(read_shell(shell_in, jobs, wires.clone(), interrupter.clone()));
    wires.publish(Status::starting().into());

    tokio::select! {
        _ = serve_control(control, wires, interrupter) => Ok(()),
        Some(outcome) = endings.recv() => {
            tokio::time::sleep(LAST_MESSAGES).await;
            outcome
        }
        _ = parent_gone() => Ok(()),
        _ = terminated() => Ok(()),
    }
}

/// Says to every client that asks that the kernel lives; one that leaves before the answer is no
/// reason to stop.
async fn beat(mut heartbeat: zmq::KernelHeartbeatConnection) {
    loop {
        if heartbeat.single_heartbeat().await.is_err() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
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
    jobs: UnboundedSender<Job>,
    wires: Wires,
    interrupter: Interrupter,
) {
    loop {
        match shell.read().await {
            Ok(message) if messages::needs_session(&message) => {
                let _ = jobs.send(Job { number: interrupter.number_request(), message });
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

/// Answers on the control channel until a client asks for shutdown.
async fn serve_control(mut control: zmq::KernelControlConnection, wires: Wires, interrupter: &Interrupter) {
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
                interrupter.interrupt();
                Some(messages::interrupt_reply(&message))
            }
            Content::ShutdownRequest(request) => {
                send_control(&mut control, messages::shutdown_reply(&message, request.restart)).await;
                wires.publish(messages::shutdown_reply(&message, request.restart));
                wires.publish(Status::idle().as_child_of(&message));
                tokio::time::sleep(LAST_MESSAGES).await;
                return;
            }
            _ => messages::answer(&message),
        };
        if let Some(reply) = reply {
            send_control(&mut control, reply).await;
        }
        wires.publish(Status::idle().as_child_of(&message));
    }
}

/// Sends a reply; a client that has left meanwhile must not cost the others their session.
async fn send_control(control: &mut zmq::KernelControlConnection, reply: JupyterMessage) {
    if let Err(error) = control.send(reply).await {
        eprintln!("cltv-kernel: cannot reply on the control channel: {error}");
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

/// A request for the thread that owns the session, and its place among them.
struct Job {
    number: u64,
    message: JupyterMessage,
}

/// Starts the thread that owns the session. The first request may wait for it; sockets do not.
fn start_executor(
    helper: Option<Helper>,
    queue: UnboundedReceiver<Job>,
    wires: Wires,
    interrupter: Interrupter,
    ending: UnboundedSender<Result<()>>,
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
            let session = start_session(helper, &sink, &interrupter);
            Executor { session, sink, outputs, wires, interrupter, ending, count: 0 }.run(queue);
        })?;
    Ok(())
}

fn start_session(helper: Option<Helper>, sink: &Sink, interrupter: &Interrupter) -> Result<Session> {
    let start = || {
        let mut session = Session::start(helper, sink, interrupter.clone())?;
        session.warm_up();
        Ok(session)
    };
    catch_unwind(AssertUnwindSafe(start)).unwrap_or_else(|panic| Err(anyhow!(words_of(&*panic))))
}

/// What a panic said.
fn words_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "it said nothing".to_owned())
}

/// Whether a cell asks for a session as a new kernel has it.
fn is_reset(code: &str) -> bool {
    code.trim() == ":clear"
}

/// Whether a cell asks the kernel to end. evcxr would end this process at once, in the middle of
/// everything; commands stand before Rust.
fn is_quit(code: &str) -> bool {
    types::lines_before_rust(code).any(|line| line.trim().split(' ').next() == Some(":quit"))
}

/// What became of a request: the kernel ends behind some.
enum Next {
    Go,
    End(Result<()>),
}

struct Executor {
    session: Result<Session>,
    sink: Sink,
    outputs: Arc<Outputs>,
    wires: Wires,
    interrupter: Interrupter,
    ending: UnboundedSender<Result<()>>,
    count: usize,
}

impl Executor {
    fn run(&mut self, mut queue: UnboundedReceiver<Job>) {
        while let Some(job) = queue.blocking_recv() {
            if let Next::End(outcome) = self.handle_safely(&job, &mut queue) {
                let _ = self.ending.send(outcome);
                return;
            }
        }
    }

    /// Handles a request; evcxr or rust-analyzer may panic over it, and is not fit for another then.
    fn handle_safely(&mut self, job: &Job, queue: &mut UnboundedReceiver<Job>) -> Next {
        let handled = catch_unwind(AssertUnwindSafe(|| self.handle(job, queue)));
        handled.unwrap_or_else(|panic| {
            let words = words_of(&*panic);
            self.break_down(&job.message, &words);
            Next::End(Err(anyhow!("the thread that runs cells panicked: {words}")))
        })
    }

    fn break_down(&self, message: &JupyterMessage, words: &str) {
        if matches!(message.content, Content::ExecuteRequest(_)) {
            let failure = Failure::broken(words);
            self.wires.publish(messages::error_output(message, &failure));
            self.wires.reply(messages::execute_error(message, self.count, failure));
        }
        self.wires.publish(Status::idle().as_child_of(message));
    }

    fn handle(&mut self, job: &Job, queue: &mut UnboundedReceiver<Job>) -> Next {
        let message = &job.message;
        self.wires.publish(Status::busy().as_child_of(message));
        let mut behind = Vec::new();
        let mut next = Next::Go;
        match &message.content {
            Content::ExecuteRequest(request) if is_quit(&request.code) => {
                self.wires.reply(messages::execute_ok(message, self.count));
                next = Next::End(Ok(()));
            }
            Content::ExecuteRequest(request) => behind = self.execute(job, request, queue),
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
        for job in behind {
            match &job.message.content {
                Content::ExecuteRequest(_) => self.abort(&job.message),
                _ => next = self.handle_safely(&job, queue),
            }
            if matches!(next, Next::End(_)) {
                break;
            }
        }
        next
    }

    fn abort(&self, message: &JupyterMessage) {
        self.wires.publish(Status::busy().as_child_of(message));
        self.wires.reply(messages::execute_aborted(message, self.count));
        self.wires.publish(Status::idle().as_child_of(message));
    }

    /// Runs a cell; if it fails, gives back the requests that came while it ran, to be refused.
    fn execute(
        &mut self,
        job: &Job,
        request: &ExecuteRequest,
        queue: &mut UnboundedReceiver<Job>,
    ) -> Vec<Job> {
        let message = &job.message;
        let mut behind = Vec::new();
        // Before anybody hears that the cell runs: an interrupt behind that is meant for it.
        let is_wanted = self.begin(job.number, &request.code);
        let silent = request.silent;
        if !silent && !request.code.trim().is_empty() {
            self.count += 1;
            self.wires.publish(messages::execute_input(message, &request.code, self.count));
        }
        self.outputs.begin(message, silent);
        let compiling = CompileProgress::watch(self.outputs.clone());
        let outcome = self.outcome(is_wanted, &request.code);
        self.interrupter.end();
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
                while let (true, Ok(job)) = (request.stop_on_error, queue.try_recv()) {
                    behind.push(job);
                }
                self.wires.reply(messages::execute_error(message, self.count, failure));
            }
        }
        behind
    }

    /// Whether a cell is to run. A new session is made whole; an interrupt then is for the cells that
    /// wait for it.
    fn begin(&self, number: u64, code: &str) -> bool {
        let is_wanted = self.interrupter.begin(number);
        if is_reset(code) {
            self.interrupter.end();
        }
        is_wanted
    }

    fn outcome(&mut self, is_wanted: bool, code: &str) -> Result<(), Failure> {
        let session = self.session.as_mut().map_err(|error| Failure::not_started(error))?;
        match is_reset(code) {
            _ if !is_wanted => Err(Failure::interrupted(0)),
            true => session.reset(),
            false => session.execute(code, &self.sink),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quit_is_known_before_evcxr_sees_it() {
        assert!(is_quit(":quit") && is_quit("// Good night.\n:dep x\n\n  :quit now"));
        assert!(!is_quit(":quitter") && !is_quit("let s = \"\n:quit\n\";") && !is_quit("quit()"));
    }
}
