//! The thread that owns the session and runs cells, one request after another.

use super::compiling::CompileProgress;
use super::outputs::Outputs;
use super::{Wires, messages};
use crate::cell_text;
use crate::completion::Found;
use crate::failure::Failure;
use crate::helper::Helper;
use crate::interrupt::Interrupter;
use crate::session::{Session, Sink};
use crate::variables::Variables;
use anyhow::{Result, anyhow};
use jupyter_protocol::{ExecuteRequest, JupyterMessage, JupyterMessageContent as Content, Status};
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};

/// A request for the thread that owns the session, and its place among them.
pub(super) struct Job {
    pub(super) number: u64,
    pub(super) message: JupyterMessage,
}

/// Starts the thread that owns the session. The first request may wait for it; sockets do not.
pub(super) fn start_executor(
    helper: Option<Helper>,
    queue: UnboundedReceiver<Job>,
    wires: Wires,
    interrupter: Interrupter,
    variables: Variables,
    ending: UnboundedSender<Result<()>>,
) -> Result<()> {
    std::thread::Builder::new()
        .name("cells".into())
        // The parsers of cells recurse deeply.
        .stack_size(64 << 20)
        .spawn(move || {
            let outputs =
                Arc::new(Outputs::new(wires.iopub.clone(), wires.stdin.clone(), interrupter.clone()));
            let sink: Sink = {
                let outputs = outputs.clone();
                Arc::new(move |event| outputs.take(event))
            };
            let session = start_session(helper, &sink, &interrupter, variables);
            Executor { session, sink, outputs, wires, interrupter, ending, count: 0 }.run(queue);
        })?;
    Ok(())
}

fn start_session(
    helper: Option<Helper>,
    sink: &Sink,
    interrupter: &Interrupter,
    variables: Variables,
) -> Result<Session> {
    let start = || {
        let mut session = Session::start(helper, sink, interrupter.clone(), variables)?;
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

/// Whether a cell resets the session.
fn is_reset(code: &str) -> bool {
    code.trim() == ":clear"
}

/// Whether a cell ends the kernel. evcxr would end this process at once, in the middle of
/// everything; commands stand before Rust.
fn is_quit(code: &str) -> bool {
    cell_text::lines_before_rust(code).any(|line| line.trim().split(' ').next() == Some(":quit"))
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

    /// Handles a request; evcxr may panic over it, and is not fit for another then.
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
                    Err(_) => Found::default(),
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
        // Before clients get the message that the cell runs: a later interrupt is for this cell.
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
        let outcome = match self.outputs.wanted_input() {
            true => Err(Failure::no_input(outcome.err())),
            false => outcome,
        };
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
            _ if !is_wanted => Err(Failure::interrupted(&[])),
            true => session.reset(),
            false => session.execute(code, self.count, &self.sink),
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
