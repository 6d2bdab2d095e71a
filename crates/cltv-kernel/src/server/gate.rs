//! The gate before the kernel's sockets: what comes over the network is looked at before zeromq reads it.
//!
//! zeromq makes room for a frame as long as announced before anybody has shown the key, so that one
//! announcement of 2^62 bytes ended the kernel. The kernel's sockets lie in its private folder, and this
//! listens at the ports that clients know, closes a connection of another user of this machine, reads the
//! lengths of frames on their way in and closes a connection that announces more than a bound.

use super::frames::Frames;
use anyhow::{Context, Result};
use jupyter_protocol::{ConnectionInfo, Transport};
use std::fs::File;
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::sync::Semaphore;

/// The most connections at once at one port.
const MOST_CONNECTIONS: usize = 256;
/// The longest path of a socket that the system takes.
const LONGEST_PATH: usize = 100;

/// The open ports, and the sockets behind them.
pub(super) struct Gate {
    /// What the kernel's own sockets are made from.
    pub(super) inner: ConnectionInfo,
    doors: Vec<(TcpListener, PathBuf)>,
    /// The folder of the sockets, where it is named by this descriptor.
    _folder: Option<File>,
}

impl Gate {
    /// Opens the ports of a connection; the sockets are to be made in a private folder. One over files
    /// is left as it is: only who may open these can reach it.
    pub(super) async fn open(connection: &ConnectionInfo, folder: &Path) -> Result<Gate> {
        if connection.transport == Transport::IPC {
            return Ok(Gate { inner: connection.clone(), doors: Vec::new(), _folder: None });
        }
        let (folder, opened) = short(folder)?;
        let prefix = folder.join("socket");
        let mut doors = Vec::new();
        let ports = [
            connection.hb_port,
            connection.shell_port,
            connection.control_port,
            connection.stdin_port,
            connection.iopub_port,
        ];
        for port in ports {
            let ip = if connection.ip == "*" { "0.0.0.0" } else { connection.ip.as_str() };
            let listener = TcpListener::bind((ip, port))
                .await
                .with_context(|| format!("cannot listen at {ip}, port {port}"))?;
            doors.push((listener, PathBuf::from(format!("{}-{port}", prefix.display()))));
        }
        let ip = prefix.to_str().context("the name of the temporary folder is not UTF-8")?.to_owned();
        let inner = ConnectionInfo { transport: Transport::IPC, ip, ..connection.clone() };
        Ok(Gate { inner, doors, _folder: opened })
    }

    /// Lets clients in, once the sockets are there, as long as the gate lives.
    pub(super) fn let_in(&mut self) {
        let large = Arc::new(AtomicUsize::new(0));
        for (listener, socket) in self.doors.drain(..) {
            tokio::spawn(keep(listener, socket, large.clone()));
        }
    }
}

/// A folder by a name that is short enough for sockets in it.
fn short(folder: &Path) -> Result<(PathBuf, Option<File>)> {
    if folder.as_os_str().len() + "/socket-65535".len() <= LONGEST_PATH {
        return Ok((folder.to_owned(), None));
    }
    let opened = File::open(folder)?;
    Ok((PathBuf::from(format!("/proc/self/fd/{}", opened.as_raw_fd())), Some(opened)))
}

/// Accepts clients at one port.
async fn keep(listener: TcpListener, socket: PathBuf, large: Arc<AtomicUsize>) {
    let places = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    loop {
        // The semaphore is never closed.
        let Ok(place) = places.clone().acquire_owned().await else { return };
        match listener.accept().await {
            Ok((client, from)) => {
                let (socket, large) = (socket.clone(), large.clone());
                tokio::spawn(async move {
                    if let Err(error) = pass(client, &socket, large).await {
                        eprintln!("cltv-kernel: the connection from {from} is closed: {error:#}");
                    }
                    drop(place);
                });
            }
            // Too many files are open, or the client has left.
            Err(_) => tokio::time::sleep(std::time::Duration::from_millis(100)).await,
        }
    }
}

/// Passes on what a client and the kernel's socket send, until one of them ends.
async fn pass(client: TcpStream, socket: &Path, large: Arc<AtomicUsize>) -> Result<()> {
    super::peer::check(&client)?;
    let _ = client.set_nodelay(true);
    let kernel = UnixStream::connect(socket).await.context("the kernel's socket is gone")?;
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_kernel, mut to_kernel) = kernel.into_split();
    let inward = async {
        let mut frames = Frames::new(large);
        let mut bytes = vec![0; 16 << 10];
        loop {
            let n = from_client.read(&mut bytes).await.unwrap_or(0);
            if n == 0 {
                return Ok(());
            }
            frames.read(&bytes[..n])?;
            if to_kernel.write_all(&bytes[..n]).await.is_err() {
                return Ok(());
            }
        }
    };
    let outward = tokio::io::copy(&mut from_kernel, &mut to_client);
    tokio::select! {
        ended = inward => ended,
        _ = outward => Ok(()),
    }
}
