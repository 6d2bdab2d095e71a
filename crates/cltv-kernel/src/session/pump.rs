//! Passes on what evcxr's child prints, line by line.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// A thread that passes lines on, and can say that it has passed on all there were.
pub(super) struct Pump {
    receiver: crossbeam_channel::Receiver<String>,
    busy: AtomicBool,
}

impl Pump {
    pub(super) fn start(
        receiver: crossbeam_channel::Receiver<String>,
        take: impl Fn(String) + Send + 'static,
    ) -> Arc<Pump> {
        let pump = Arc::new(Pump { receiver, busy: AtomicBool::new(false) });
        let own = pump.clone();
        std::thread::spawn(move || own.run(take));
        pump
    }

    fn run(&self, take: impl Fn(String)) {
        let mut select = crossbeam_channel::Select::new();
        select.recv(&self.receiver);
        loop {
            select.ready();
            // Set before the line leaves the channel, so that there is no moment in which
            // the channel is empty, the line is not passed on, and the pump looks idle.
            self.busy.store(true, Ordering::SeqCst);
            let received = self.receiver.try_recv();
            let closed = matches!(received, Err(crossbeam_channel::TryRecvError::Disconnected));
            if let Ok(line) = received {
                take(line);
            }
            self.busy.store(false, Ordering::SeqCst);
            if closed {
                return;
            }
        }
    }

    pub(super) fn wait_until_idle(&self) {
        while !self.receiver.is_empty() || self.busy.load(Ordering::SeqCst) {
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    #[test]
    fn an_idle_pump_has_passed_on_every_line() {
        let (sender, receiver) = crossbeam_channel::unbounded();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let keep = seen.clone();
        let pump = Pump::start(receiver, move |line| keep.lock().unwrap().push(line));
        for i in 0..500 {
            sender.send(i.to_string()).unwrap();
        }
        pump.wait_until_idle();
        assert_eq!(seen.lock().unwrap().len(), 500);
    }
}
