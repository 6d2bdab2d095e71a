//! The Jupyter side: sockets and messages. What needs the session is done by the executor's thread.

mod compiling;
mod executor;
mod frames;
mod gate;
mod messages;
mod outputs;
mod peer;
mod replays;

use crate::helper::Helper;
use crate::interrupt::Interrupter;
use crate::processes;
use crate::variables::Variables;
use crate::workdir::WorkDir;
use anyhow::Result;
use executor::{Job, start_executor};
use gate::Gate;
use jupyter_protocol::{
    ConnectionInfo, DebugReply, IoPubWelcome, JupyterMessage, JupyterMessageContent as Content, Status,
};
use jupyter_zmq_client as zmq;
use replays::Replays;
use std::path::Path;
use std::time::{Duration, Instant};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// Where messages go from any thread.
#[derive(Clone)]
struct Wires {
    iopub: UnboundedSender<JupyterMessage>,
    shell: UnboundedSender<JupyterMessage>,
    stdin: UnboundedSender<JupyterMessage>,
}

impl Wires {
    // A send fails only when the kernel is shutting down.
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

/// Serves clients until a shutdown request, the parent ends, or a signal comes.
pub(crate) fn serve(connection: ConnectionInfo, helper: Option<Helper>, workdir: WorkDir) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let interrupter = Interrupter::default();
    let outcome = runtime.block_on(serve_async(&connection, helper, &interrupter, workdir.path()));
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
    folder: &Path,
) -> Result<()> {
    let session_id = format!("cltv-{}", std::process::id());
    let mut gate = Gate::open(connection, folder).await?;
    let connection = &gate.inner;
    let heartbeat = zmq::create_kernel_heartbeat_connection(connection).await?;
    let shell = zmq::create_kernel_shell_connection(connection, &session_id).await?;
    let control = zmq::create_kernel_control_connection(connection, &session_id).await?;
    let stdin = zmq::create_kernel_stdin_connection(connection, &session_id).await?;
    let iopub = zmq::create_kernel_iopub_xpub_connection(connection, &session_id).await?;

    let (iopub_sender, iopub_queue) = unbounded_channel();
    let (shell_sender, shell_queue) = unbounded_channel();
    let (stdin_sender, stdin_queue) = unbounded_channel();
    let wires = Wires { iopub: iopub_sender, shell: shell_sender, stdin: stdin_sender };
    let (jobs, job_queue) = unbounded_channel();
    let (ending, mut endings) = unbounded_channel();
    let variables = Variables::default();
    start_executor(helper, job_queue, wires.clone(), interrupter.clone(), variables.clone(), ending)?;

    let (shell_out, shell_in) = shell.split();
    tokio::spawn(beat(heartbeat));
    tokio::spawn(publish_all(iopub, iopub_queue));
    tokio::spawn(reply_all(shell_out, shell_queue));
    let replays = Replays::default();
    let (stdin_out, stdin_in) = stdin.split();
    tokio::spawn(reply_all(stdin_out, stdin_queue));
    tokio::spawn(read_input(stdin_in, interrupter.clone(), replays.clone()));
    tokio::spawn(read_shell(shell_in, jobs, wires.clone(), interrupter.clone(), replays.clone()));
    gate.let_in();
    wires.publish(Status::starting().into());

    tokio::select! {
        _ = serve_control(control, wires, interrupter, &variables, replays) => Ok(()),
        Some(outcome) = endings.recv() => {
            tokio::time::sleep(LAST_MESSAGES).await;
            outcome
        }
        _ = parent_gone() => Ok(()),
        _ = terminated() => Ok(()),
    }
}

/// Answers heartbeats; a client that leaves before the answer is no
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

/// Passes on what a client has typed for a cell.
async fn read_input(mut stdin: zmq::RouterRecvConnection, interrupter: Interrupter, replays: Replays) {
    loop {
        match stdin.read().await {
            Ok(message) if !replays.is_new(&message.header) => refuse_copy(&message),
            Ok(message) => {
                if let Content::InputReply(reply) = &message.content {
                    interrupter.answer_input(&reply.value);
                }
            }
            Err(error) => {
                eprintln!("cltv-kernel: an answer could not be read: {error}");
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
    }
}

/// Reads requests; what needs the session goes to its thread, the rest is answered here.
async fn read_shell(
    mut shell: zmq::RouterRecvConnection,
    jobs: UnboundedSender<Job>,
    wires: Wires,
    interrupter: Interrupter,
    replays: Replays,
) {
    loop {
        match shell.read().await {
            Ok(message) if !replays.is_new(&message.header) => refuse_copy(&message),
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

/// Answers on the control channel until a shutdown request.
async fn serve_control(
    mut control: zmq::KernelControlConnection,
    wires: Wires,
    interrupter: &Interrupter,
    variables: &Variables,
    replays: Replays,
) {
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
        if !replays.is_new(&message.header) {
            refuse_copy(&message);
            continue;
        }
        wires.publish(Status::busy().as_child_of(&message));
        let reply = match &message.content {
            Content::InterruptRequest(_) => {
                interrupter.interrupt();
                Some(messages::interrupt_reply(&message))
            }
            Content::DebugRequest(request) => {
                Some(DebugReply { content: variables.answer(&request.content) }.as_child_of(&message))
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

/// Says that a message came before, so that its sender may have recorded it and not have the key. Clients
/// repeat the question what kernel this is while it starts, which does nothing.
fn refuse_copy(message: &JupyterMessage) {
    if !matches!(message.content, Content::KernelInfoRequest(_)) {
        eprintln!(
            "cltv-kernel: the message {:?} came before and is not answered again",
            message.header.msg_id
        );
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
    // SAFETY: returns a number.
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
