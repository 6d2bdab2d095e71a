//! Ctrl-C and requests to end, as something that the runner can wait for.

use tokio::sync::watch;

/// Says whether somebody asked the run to stop. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Stop {
    asked: watch::Receiver<bool>,
}

impl Stop {
    /// Listens for Ctrl-C (and SIGTERM and SIGHUP where they exist) from now on.
    ///
    /// # Errors
    /// When the operating system lets no handler be installed.
    pub fn listen() -> std::io::Result<Stop> {
        let (sender, asked) = watch::channel(false);
        let signals = Signals::new()?;
        tokio::spawn(async move {
            signals.wait().await;
            // Nobody listens any more when the run is over, which is no fault.
            let _ = sender.send(true);
        });
        Ok(Stop { asked })
    }

    /// A stop that never comes, for tests and short waits.
    pub fn never() -> Stop {
        let (_, asked) = watch::channel(false);
        Stop { asked }
    }

    /// Whether somebody asked to stop already.
    pub fn is_asked(&self) -> bool {
        *self.asked.borrow()
    }

    /// Returns once somebody asked to stop.
    pub async fn asked(&mut self) {
        if self.asked.wait_for(|asked| *asked).await.is_err() {
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
