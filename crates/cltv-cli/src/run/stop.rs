//! Ctrl-C and requests to end, as something that the runner can wait for.

use tokio::sync::watch;

/// Whether the run is to stop: Ctrl-C, or a signal that ends the process. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Stop {
    requested: watch::Receiver<bool>,
}

impl Stop {
    /// Listens for Ctrl-C (and SIGTERM and SIGHUP where they exist) from now on.
    ///
    /// # Errors
    /// When the operating system lets no handler be installed.
    pub fn listen() -> std::io::Result<Stop> {
        let (sender, requested) = watch::channel(false);
        let signals = Signals::new()?;
        tokio::spawn(async move {
            signals.wait().await;
            // Nobody listens any more when the run is over, which is no fault.
            let _ = sender.send(true);
        });
        Ok(Stop { requested })
    }

    /// A stop that never comes, for tests and short waits.
    pub fn never() -> Stop {
        let (_, requested) = watch::channel(false);
        Stop { requested }
    }

    /// Whether the run is to stop.
    pub fn is_requested(&self) -> bool {
        *self.requested.borrow()
    }

    /// Returns once the run is to stop.
    pub async fn requested(&mut self) {
        if self.requested.wait_for(|requested| *requested).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// The signals that end a run; nothing for one that was ignored when the program started, as `nohup`
/// and a shell without job control have it.
#[cfg(unix)]
struct Signals {
    interrupt: Option<tokio::signal::unix::Signal>,
    terminate: Option<tokio::signal::unix::Signal>,
    hang_up: Option<tokio::signal::unix::Signal>,
}

#[cfg(unix)]
impl Signals {
    fn new() -> std::io::Result<Signals> {
        use tokio::signal::unix::{SignalKind, signal};
        let listened = |kind: SignalKind| match is_ignored(kind.as_raw_value()) {
            true => Ok(None),
            false => signal(kind).map(Some),
        };
        Ok(Signals {
            interrupt: listened(SignalKind::interrupt())?,
            terminate: listened(SignalKind::terminate())?,
            hang_up: listened(SignalKind::hangup())?,
        })
    }

    async fn wait(mut self) {
        tokio::select! {
            () = received(&mut self.interrupt) => {}
            () = received(&mut self.terminate) => {}
            () = received(&mut self.hang_up) => {}
        }
    }
}

#[cfg(unix)]
async fn received(signal: &mut Option<tokio::signal::unix::Signal>) {
    match signal {
        Some(signal) => {
            signal.recv().await;
        }
        None => std::future::pending().await,
    }
}

/// Whether a signal is ignored now. A handler would take that back.
#[cfg(unix)]
fn is_ignored(signal: libc::c_int) -> bool {
    // SAFETY: the call writes the current action to `action`, for which all zeros are valid.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        libc::sigaction(signal, std::ptr::null(), &mut action) == 0 && action.sa_sigaction == libc::SIG_IGN
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> std::io::Result<Signals> {
        Ok(Signals)
    }

    async fn wait(self) {
        // Where no handler can be installed the process ends by itself.
        let _ = tokio::signal::ctrl_c().await;
    }
}
