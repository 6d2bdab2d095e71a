//! The messages that have come: one that comes again is a copy that somebody has recorded.
//!
//! A message is signed, and cannot be forged without the key, but who sees it on its way can send it
//! again. Clients give each message an id and a time, which are signed too. The id alone is not enough: two
//! parts of jupyter_client number their messages from 0 under one session.

use jupyter_protocol::Header;
use std::collections::{HashSet, VecDeque};
use std::sync::{Arc, Mutex};

/// How many ids are remembered.
const MOST: usize = 1 << 16;

/// The ids of messages, shared by all channels.
#[derive(Debug, Clone, Default)]
pub(super) struct Replays {
    seen: Arc<Mutex<Seen>>,
}

#[derive(Debug, Default)]
struct Seen {
    ids: HashSet<String>,
    order: VecDeque<String>,
}

impl Replays {
    /// Whether a message with this header has not come before.
    pub(super) fn is_new(&self, header: &Header) -> bool {
        self.is_first(&format!("{} {} {}", header.msg_id, header.date.timestamp_micros(), header.msg_type))
    }

    fn is_first(&self, id: &str) -> bool {
        // A poisoned lock holds data as good as any: nothing here is left half-changed.
        let mut seen = self.seen.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if !seen.ids.insert(id.to_owned()) {
            return false;
        }
        seen.order.push_back(id.to_owned());
        if seen.order.len() > MOST
            && let Some(oldest) = seen.order.pop_front()
        {
            seen.ids.remove(&oldest);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jupyter_protocol::{JupyterMessage, KernelInfoRequest};

    #[test]
    fn messages_of_one_number_and_two_times_are_two() {
        let message: JupyterMessage = KernelInfoRequest {}.into();
        let mut other = message.header.clone();
        other.msg_type = "interrupt_request".to_owned();
        let replays = Replays::default();
        assert!(
            replays.is_new(&message.header) && replays.is_new(&other) && !replays.is_new(&message.header)
        );
    }

    #[test]
    fn a_message_comes_once_on_whichever_channel() {
        let (shell, ids) = (Replays::default(), MOST + 1);
        let control = shell.clone();
        assert!(shell.is_first("first") && !shell.is_first("first") && !control.is_first("first"));
        assert!((0..ids).all(|id| shell.is_first(&id.to_string())));
        assert!(shell.seen.lock().unwrap().ids.len() <= MOST);
    }
}
