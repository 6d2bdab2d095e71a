//! The state of one running cell: which of its two ends have come.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use jupyter_protocol::{
    ExecuteReply, ExecutionState, JupyterMessage, JupyterMessageContent as Content, ReplyError, ReplyStatus,
};
use jupyter_zmq_client::RuntimeError;

use super::wire::{Event, event_of, is_child};

/// After a cell's reply its last outputs follow within this time, or never.
const IDLE_PATIENCE: Duration = Duration::from_secs(10);

/// A socket from which a kernel's messages are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Socket {
    /// Replies.
    Shell,
    /// Outputs and the kernel's status.
    Iopub,
}

/// What has come of a cell that runs.
#[derive(Debug)]
pub struct RunningCell {
    request: HashSet<String>,
    reply: Option<ExecuteReply>,
    replied: Option<Instant>,
    /// Whether the kernel has begun with it.
    begun: bool,
    /// Whether the cell's last output has come.
    pub(super) idle: bool,
}

impl RunningCell {
    /// A cell that is run by this request.
    pub fn new(request: &JupyterMessage) -> RunningCell {
        RunningCell {
            request: HashSet::from([request.header.msg_id.clone()]),
            reply: None,
            replied: None,
            begun: false,
            idle: false,
        }
    }

    /// Takes what was read from a socket of the kernel and hands outputs over; gives the reply when both
    /// it and the end of the outputs have come.
    pub fn hear(
        &mut self,
        socket: Socket,
        read: Result<JupyterMessage, RuntimeError>,
        record: &mut (dyn FnMut(&Content) + Send),
    ) -> Option<ExecuteReply> {
        let event = event_of(read, |message| match socket {
            Socket::Shell => Event::Shell(message),
            Socket::Iopub => Event::Iopub(message),
        });
        if let Some(event) = event {
            self.take(event, record);
        }
        self.finished()
    }

    pub(super) fn take(&mut self, event: Event, record: &mut (dyn FnMut(&Content) + Send)) {
        match event {
            Event::Shell(message) if is_child(&message, &self.request) => {
                if let Content::ExecuteReply(reply) = message.content {
                    self.replied_with(reply);
                }
            }
            Event::Iopub(message) if is_child(&message, &self.request) => match &message.content {
                Content::Status(status) => {
                    self.begun = true;
                    self.idle |= status.execution_state == ExecutionState::Idle;
                }
                content => {
                    self.begun = true;
                    record(content);
                }
            },
            Event::Unreadable(kind) if kind == "execute_reply" => {
                self.replied_with(unreadable_reply());
            }
            _ => {}
        }
    }

    /// Whether the kernel has begun with the cell: a kernel that still starts takes the request and says
    /// nothing until it is ready.
    pub fn has_begun(&self) -> bool {
        self.begun
    }

    fn replied_with(&mut self, reply: ExecuteReply) {
        self.reply = Some(reply);
        self.replied = Some(Instant::now());
    }

    /// A reply is followed by the end of the outputs, unless that message was lost: then, after
    /// this instant, nothing more is waited for.
    pub(super) fn given_up(&self) -> Option<Instant> {
        self.replied.map(|replied| replied + IDLE_PATIENCE)
    }

    pub(super) fn finished(&mut self) -> Option<ExecuteReply> {
        if self.idle { self.reply.take() } else { None }
    }
}

fn unreadable_reply() -> ExecuteReply {
    ExecuteReply {
        status: ReplyStatus::Error,
        error: Some(Box::new(ReplyError {
            ename: "ProtocolError".to_owned(),
            evalue: "The kernel's reply to this cell does not follow the Jupyter protocol.".to_owned(),
            traceback: Vec::new(),
        })),
        ..ExecuteReply::default()
    }
}
