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

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    hang_up: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> std::io::Result<Signals> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Signals {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
        })
    }

    async fn wait(mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            _ = self.hang_up.recv() => {}
        }
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
