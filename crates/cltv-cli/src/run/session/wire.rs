//! Sockets: how they are connected, and what their messages become.

use std::collections::HashSet;
use std::net::{Ipv4Addr, TcpListener};
use std::time::{Duration, Instant};

use jupyter_protocol::{ConnectionInfo, JupyterMessage, Transport};
use jupyter_zmq_client::RuntimeError;
use tokio::sync::mpsc::UnboundedSender;

use super::SessionError;

/// What a socket's reader passes on.
pub(super) enum Event {
    /// A reply.
    Shell(Box<JupyterMessage>),
    /// An output or a status.
    Iopub(Box<JupyterMessage>),
    /// A message of that type did not follow the protocol.
    Unreadable(String),
    /// A socket was closed.
    Closed,
}

pub(super) fn is_child(message: &JupyterMessage, requests: &HashSet<String>) -> bool {
    let parent = message.parent_header.as_ref();
    parent.is_some_and(|parent| requests.contains(&parent.msg_id))
}

/// Where a kernel's ports are sought: above the well-known ones and below 32768, where Linux begins
/// to hand out ports of its own. A port from there would now and then be somebody's outgoing
/// connection (even that of the client that waits for this kernel) by the time the kernel binds it.
const PORTS: std::ops::Range<u16> = 10_000..32_768;

/// Five ports that are free now. The kernel binds them a moment later: holding them until it was
/// started would fail a kernel that is quicker than we are.
pub(super) fn free_ports() -> std::io::Result<[u16; 5]> {
    let mut held = Vec::with_capacity(5);
    let mut refused = 0;
    while held.len() < 5 {
        let at_random = uuid::Uuid::new_v4().as_u128() % PORTS.len() as u128;
        let port = PORTS.start + at_random as u16;
        match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
            Ok(listener) => held.push((port, listener)),
            Err(error) if refused == 1000 => return Err(error),
            Err(_) => refused += 1,
        }
    }
    Ok(std::array::from_fn(|i| held[i].0))
}

/// A connection on this machine alone, signed with a key of its own.
pub(super) fn connection_info(ports: [u16; 5]) -> ConnectionInfo {
    ConnectionInfo {
        ip: Ipv4Addr::LOCALHOST.to_string(),
        transport: Transport::TCP,
        shell_port: ports[0],
        iopub_port: ports[1],
        stdin_port: ports[2],
        control_port: ports[3],
        hb_port: ports[4],
        key: uuid::Uuid::new_v4().to_string(),
        signature_scheme: "hmac-sha256".to_owned(),
        kernel_name: Some("cltv".to_owned()),
    }
}

/// Connects again and again until the kernel has bound its port.
///
/// The socket's own attempts wait twice as long each time, up to half a minute, which would add
/// seconds to a kernel's start; short attempts of ours do not.
pub(super) async fn patiently<T, F>(mut connect: impl FnMut() -> F) -> Result<T, SessionError>
where
    F: Future<Output = Result<T, RuntimeError>>,
{
    let begin = Instant::now();
    loop {
        let quick = begin.elapsed() < Duration::from_secs(20);
        let patience = Duration::from_millis(if quick { 400 } else { 5000 });
        match tokio::time::timeout(patience, connect()).await {
            Ok(Ok(connection)) => return Ok(connection),
            // A port that answers, but not as a kernel does, is one that is not ready.
            Ok(Err(RuntimeError::ZmqError(_))) => {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            Ok(Err(error)) => return Err(error.into()),
            Err(_) => {}
        }
    }
}

/// Passes a message on; false when the socket or the session has ended.
pub(super) fn forward(
    read: Result<JupyterMessage, RuntimeError>,
    to: &UnboundedSender<Event>,
    event: impl Fn(Box<JupyterMessage>) -> Event,
) -> bool {
    match event_of(read, event) {
        Some(Event::Closed) => {
            // The session may be gone already, which is why the socket is.
            let _ = to.send(Event::Closed);
            false
        }
        Some(event) => to.send(event).is_ok(),
        None => true,
    }
}

/// What was read from a socket; nothing for a message without a valid signature, which is ignored.
pub(super) fn event_of(
    read: Result<JupyterMessage, RuntimeError>,
    event: impl Fn(Box<JupyterMessage>) -> Event,
) -> Option<Event> {
    match read {
        Ok(message) => Some(event(Box::new(message))),
        Err(RuntimeError::ParseError { msg_type, .. }) => Some(Event::Unreadable(msg_type)),
        Err(RuntimeError::ZmqError(_) | RuntimeError::IoError(_)) => Some(Event::Closed),
        Err(_) => None,
    }
}
