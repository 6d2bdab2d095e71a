//! The state of one running cell: which of its two ends have come.

use std::collections::HashSet;
use std::time::Duration;

use jupyter_protocol::{
    ExecuteReply, ExecutionState, JupyterMessage, JupyterMessageContent as Content, ReplyError, ReplyStatus,
};

use super::wire::{Event, is_child};

/// After a cell's reply its last outputs follow within this time, or never.
const IDLE_PATIENCE: Duration = Duration::from_secs(10);

/// What has come of a cell that runs.
pub(super) struct RunningCell {
    request: HashSet<String>,
    reply: Option<ExecuteReply>,
    /// Whether the cell's last output has come.
    pub(super) idle: bool,
}

impl RunningCell {
    pub(super) fn new(request: &JupyterMessage) -> RunningCell {
        RunningCell { request: HashSet::from([request.header.msg_id.clone()]), reply: None, idle: false }
    }

    pub(super) fn take(&mut self, event: Event, record: &mut (dyn FnMut(&Content) + Send)) {
        match event {
            Event::Shell(message) if is_child(&message, &self.request) => {
                if let Content::ExecuteReply(reply) = message.content {
                    self.reply = Some(reply);
                }
            }
            Event::Iopub(message) if is_child(&message, &self.request) => match &message.content {
                Content::Status(status) => {
                    self.idle |= status.execution_state == ExecutionState::Idle;
                }
                content => record(content),
            },
            Event::Unreadable(kind) if kind == "execute_reply" => {
                self.reply = Some(unreadable_reply());
            }
            _ => {}
        }
    }

    /// A reply is followed by the end of the outputs, unless that message was lost.
    pub(super) fn patience(&self) -> Option<Duration> {
        self.reply.as_ref().map(|_| IDLE_PATIENCE)
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
