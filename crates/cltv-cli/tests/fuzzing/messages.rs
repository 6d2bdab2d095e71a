//! Messages of a kernel: frames, as zeromq gives them, become the outputs of a notebook.

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use cltv_cli::notebook::{Cell, Notebook, from_json, to_json};
use cltv_cli::run::recorder::Recorder;
use cltv_cli::run::session::{RunningCell, Socket};
use cltv_fuzz::Seed;
use jupyter_protocol::{ExecuteRequest, JupyterMessage};
use jupyter_zmq_client::{Connection, RuntimeError};
use zeromq::{SocketRecv, ZmqMessage, ZmqResult};

use super::{Read, ensure};

/// Pieces of messages.
pub(super) const WORDS: [&str; 50] = [
    "<IDS|MSG>",
    "{}",
    "[]",
    "null",
    "\"\"",
    "shell",
    "iopub",
    "\n\n",
    "\"msg_type\":\"stream\"",
    "\"msg_type\":\"status\"",
    "stream",
    "status",
    "error",
    "display_data",
    "update_display_data",
    "execute_result",
    "execute_input",
    "execute_reply",
    "clear_output",
    "comm_open",
    "comm_msg",
    "input_request",
    "kernel_info_reply",
    "shutdown_reply",
    "iopub_welcome",
    "\"execution_state\":\"idle\"",
    "\"busy\"",
    "\"dead\"",
    "\"stdin\"",
    "\"stderr\"",
    "\"wait\":true",
    "\"wait\":false",
    "\"display_id\":\"d1\"",
    "\"transient\":{}",
    "\"text/plain\"",
    "\"text/html\":[\"a\",\"b\"]",
    "\"image/png\":\"AA==\"",
    "\"application/json\":{\"a\":[1]}",
    "\"application/vnd.plotly.v1+json\":null",
    "\"execution_count\":-1",
    "\"execution_count\":99999999999",
    "\"traceback\":[]",
    "\"status\":\"aborted\"",
    "\"ok\"",
    "\"request\"",
    "\\u0000",
    "\\ud800",
    "1e999",
    "2024-01-05T10:00:00Z",
    "é",
];

/// A conversation about one cell. A message is a socket's name and a line for each frame; an empty line ends it.
fn conversation() -> String {
    let message = |socket: &str, kind: &str, content: &str| {
        let header = |id: &str, kind: &str| {
            format!(
                "{{\"msg_id\":\"{id}\",\"username\":\"kernel\",\"session\":\"s\",\"date\":\"2024-01-05T10:00:00.000000Z\",\"msg_type\":\"{kind}\",\"version\":\"5.3\"}}"
            )
        };
        let (own, parent) = (header("m", kind), header("request", "execute_request"));
        format!("{socket}\nidentity\n<IDS|MSG>\n\n{own}\n{parent}\n{{}}\n{content}\n")
    };
    let shown = "{\"data\":{\"text/plain\":\"a\",\"text/html\":\"<b>a</b>\",\"image/png\":\"AA==\"},\"metadata\":{},\"transient\":{\"display_id\":\"d1\"}}";
    let all = [
        message("iopub", "status", "{\"execution_state\":\"busy\"}"),
        message("iopub", "execute_input", "{\"code\":\"1\",\"execution_count\":1}"),
        message("iopub", "stream", "{\"name\":\"stdout\",\"text\":\"a\\n\"}"),
        message("iopub", "stream", "{\"name\":\"stderr\",\"text\":\"b\"}"),
        message("iopub", "display_data", shown),
        message("iopub", "update_display_data", shown),
        message("iopub", "clear_output", "{\"wait\":true}"),
        message(
            "iopub",
            "execute_result",
            "{\"execution_count\":1,\"data\":{\"application/json\":{\"a\":[1]}},\"metadata\":{}}",
        ),
        message("iopub", "error", "{\"ename\":\"E\",\"evalue\":\"v\",\"traceback\":[\"t\"]}"),
        message(
            "shell",
            "execute_reply",
            "{\"status\":\"ok\",\"execution_count\":1,\"payload\":[],\"user_expressions\":{}}",
        ),
        message("iopub", "status", "{\"execution_state\":\"idle\"}"),
    ];
    all.join(END)
}

/// What stands between two messages; the signature of a message may be an empty line.
const END: &str = "----\n";

/// A conversation, and a shorter one.
pub(super) fn seeds() -> Vec<Seed> {
    let all = conversation();
    let first: Vec<&str> = all.split(END).take(3).collect();
    vec![Seed::plain("cell.messages", all.as_str()), Seed::plain("short.messages", first.join(END))]
}

/// A socket with frames that have come.
struct Frames(Option<ZmqMessage>);

impl SocketRecv for Frames {
    fn recv<'a, 'b>(&'a mut self) -> Pin<Box<dyn Future<Output = ZmqResult<ZmqMessage>> + Send + 'b>>
    where
        'a: 'b,
        Self: 'b,
    {
        let message = self.0.take().ok_or(zeromq::ZmqError::NoMessage);
        Box::pin(std::future::ready(message))
    }
}

/// What the client makes of a message's frames.
fn message_of<'a>(mut frames: impl Iterator<Item = &'a str>) -> Option<Result<JupyterMessage, RuntimeError>> {
    let mut message = ZmqMessage::from(frames.next()?);
    frames.for_each(|frame| message.push_back(frame.as_bytes().to_vec().into()));
    let socket = Frames(Some(message));
    let mut connection = Connection { socket, mac: None, session_id: "s".to_owned() };
    let read = pin!(connection.read());
    match read.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(read) => Some(read),
        Poll::Pending => None,
    }
}

/// Hands the messages to a running cell, whose outputs are recorded, written and read.
pub(super) fn read(bytes: &[u8]) -> Read {
    let text = String::from_utf8_lossy(bytes);
    let mut request = JupyterMessage::from(ExecuteRequest::new("1".to_owned()));
    request.header.msg_id = "request".to_owned();
    let (mut cell, mut recorder) = (RunningCell::new(&request), Recorder::new());
    let cells = ["0", "1"].map(|code| Cell::code(code.into(), "t")).to_vec();
    let mut notebook = Notebook { cells, ..Notebook::default() };
    let mut heard = 0;
    for message in text.split(END) {
        let mut lines = message.split_terminator('\n');
        let socket = if lines.next() == Some("shell") { Socket::Shell } else { Socket::Iopub };
        let Some(read) = message_of(lines) else { continue };
        heard += usize::from(read.is_ok());
        let ended = cell.hear(socket, read, &mut |content| recorder.record(&mut notebook, 1, content));
        if ended.is_some() {
            recorder.cell_ended();
        }
    }
    let written = to_json(&notebook);
    let json: serde_json::Value = serde_json::from_str(&written).map_err(|error| error.to_string())?;
    let recorded = notebook.cells[1].outputs.len();
    let saved = json["cells"][1]["outputs"].as_array().map_or(0, Vec::len);
    ensure(saved == recorded, || format!("{saved} outputs of {recorded} are saved"))?;
    from_json(&written, "saved").map_err(|error| format!("what is saved is not read: {error}"))?;
    Ok(heard > 0)
}
