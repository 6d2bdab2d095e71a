//! The messages that have come: one that comes again is a copy that somebody has recorded.
//!
//! A message is signed, and cannot be forged without the key, but who sees it on its way can send it
//! again. Clients give each message an id of its own, which is signed too.

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
    /// Whether a message of this id has not come before.
    pub(super) fn is_new(&self, id: &str) -> bool {
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

    #[test]
    fn a_message_comes_once_on_whichever_channel() {
        let (shell, ids) = (Replays::default(), MOST + 1);
        let control = shell.clone();
        assert!(shell.is_new("first") && !shell.is_new("first") && !control.is_new("first"));
        assert!((0..ids).all(|id| shell.is_new(&id.to_string())));
        assert!(shell.seen.lock().unwrap().ids.len() <= MOST);
    }
}
