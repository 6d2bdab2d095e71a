//! The lengths of frames in a stream of zeromq's protocol, which are looked at before zeromq reads them.

use anyhow::{Result, anyhow};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The most bytes of one message: a cell's text, or what a widget sends.
const MOST_IN_MESSAGE: usize = 64 << 20;
/// The most frames of one message.
const MOST_FRAMES: usize = 4096;
/// The most bytes of a command of zeromq's, such as a subscription.
const MOST_IN_COMMAND: usize = 64 << 10;
/// Messages above these bytes count in the sum for all connections.
const LARGE: usize = 1 << 20;
/// The most bytes of all large messages that are on their way at once.
const MOST_LARGE: usize = 256 << 20;
/// What comes next in a stream of zeromq's protocol, version 3.
#[derive(Debug, Clone, Copy)]
enum Next {
    /// Bytes of the greeting.
    Greeting(usize),
    Flags,
    /// Bytes of a length, of which some have been read.
    Length {
        flags: u8,
        bytes: usize,
        length: u64,
    },
    /// Bytes of a frame.
    Body {
        flags: u8,
        bytes: usize,
    },
}

/// A frame of the same message follows.
const MORE: u8 = 1;
/// The length has eight bytes.
const LONG: u8 = 2;
/// The frame is a command.
const COMMAND: u8 = 4;

/// The lengths of the frames that a client sends.
#[derive(Debug)]
pub(super) struct Frames {
    next: Next,
    /// Bytes and frames of the message so far.
    bytes: usize,
    frames: usize,
    /// What of the message counts in the sum of all large ones.
    counted: usize,
    large: Arc<AtomicUsize>,
}

impl Frames {
    pub(super) fn new(large: Arc<AtomicUsize>) -> Frames {
        Frames { next: Next::Greeting(64), bytes: 0, frames: 0, counted: 0, large }
    }

    /// Reads what came next; an error where it announces too much.
    pub(super) fn read(&mut self, mut bytes: &[u8]) -> Result<()> {
        while let Some(&first) = bytes.first() {
            match self.next {
                Next::Greeting(left) | Next::Body { bytes: left, .. } => {
                    let n = left.min(bytes.len());
                    bytes = &bytes[n..];
                    match self.next {
                        _ if n == left => self.end_of_body(),
                        Next::Body { flags, .. } => self.next = Next::Body { flags, bytes: left - n },
                        _ => self.next = Next::Greeting(left - n),
                    }
                }
                Next::Flags => {
                    let count = if first & LONG == 0 { 1 } else { 8 };
                    self.next = Next::Length { flags: first, bytes: count, length: 0 };
                    bytes = &bytes[1..];
                }
                Next::Length { flags, bytes: left, length } => {
                    let length = length << 8 | u64::from(first);
                    bytes = &bytes[1..];
                    match left {
                        1 => self.begin_body(flags, length)?,
                        _ => self.next = Next::Length { flags, bytes: left - 1, length },
                    }
                }
            }
        }
        Ok(())
    }

    fn begin_body(&mut self, flags: u8, length: u64) -> Result<()> {
        let most = if flags & COMMAND == 0 { MOST_IN_MESSAGE } else { MOST_IN_COMMAND };
        let announced = usize::try_from(length).unwrap_or(usize::MAX);
        self.bytes = self.bytes.saturating_add(announced);
        self.frames += 1;
        if self.bytes > most || self.frames > MOST_FRAMES {
            return Err(anyhow!(
                "it announces a message of {} bytes in {} frames, of which at most {most} in {MOST_FRAMES} are read",
                self.bytes,
                self.frames
            ));
        }
        if self.bytes > LARGE {
            let more = self.bytes - self.counted;
            self.counted = self.bytes;
            let all = self.large.fetch_add(more, Ordering::SeqCst) + more;
            if all > MOST_LARGE {
                return Err(anyhow!(
                    "messages of {all} bytes are on their way, of which at most {MOST_LARGE} are read"
                ));
            }
        }
        self.next = Next::Body { flags, bytes: announced };
        if announced == 0 {
            self.end_of_body();
        }
        Ok(())
    }

    fn end_of_body(&mut self) {
        let is_end = !matches!(self.next, Next::Body { flags, .. } if flags & MORE != 0);
        if is_end {
            self.forget();
        }
        self.next = Next::Flags;
    }

    /// The message is through.
    fn forget(&mut self) {
        self.large.fetch_sub(self.counted, Ordering::SeqCst);
        (self.bytes, self.frames, self.counted) = (0, 0, 0);
    }
}

impl Drop for Frames {
    fn drop(&mut self) {
        self.forget();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn long(flags: u8, length: u64) -> Vec<u8> {
        [&[flags | LONG][..], &length.to_be_bytes()].concat()
    }

    fn read(parts: &[Vec<u8>], chunk: usize) -> Result<Frames> {
        let stream = [&[0xff; 64][..], &parts.concat()].concat();
        let mut frames = Frames::new(Arc::default());
        stream.chunks(chunk).try_for_each(|bytes| frames.read(bytes))?;
        Ok(frames)
    }

    #[test]
    fn a_stream_is_read_however_it_is_cut() {
        let ready = [vec![COMMAND, 3], vec![1; 3]].concat();
        let message = [vec![MORE, 2], vec![2; 2], long(MORE, 300), vec![MORE; 300], vec![0, 0]].concat();
        for chunk in [1, 2, 7, 64, 1000] {
            let frames = read(&[ready.clone(), message.clone(), message.clone()], chunk).unwrap();
            assert!(matches!(frames.next, Next::Flags) && frames.bytes == 0 && frames.frames == 0);
            let frames = read(&[message.clone(), long(MORE, 5)], chunk).unwrap();
            assert!(matches!(frames.next, Next::Body { bytes: 5, .. }) && frames.bytes == 5);
        }
    }

    #[test]
    fn what_announces_too_much_is_refused() {
        for length in [1 << 62, u64::MAX, MOST_IN_MESSAGE as u64 + 1] {
            assert!(read(&[long(0, length)], 1).is_err(), "{length}");
            assert!(read(&[long(MORE, 10), vec![0; 10], long(0, length)], 64).is_err(), "{length}");
        }
        assert!(read(&[long(COMMAND, MOST_IN_COMMAND as u64 + 1)], 64).is_err());
        assert!(read(&[[MORE, 0].repeat(MOST_FRAMES + 1)], 64).is_err());
        assert!(read(&[long(0, MOST_IN_MESSAGE as u64)], 64).is_ok());
    }

    #[test]
    fn large_messages_of_all_connections_are_bounded_together() {
        let large = Arc::new(AtomicUsize::new(0));
        let announce = || {
            let mut frames = Frames::new(large.clone());
            frames.read(&[0xff; 64])?;
            frames.read(&long(0, MOST_IN_MESSAGE as u64)).map(|()| frames)
        };
        let mut held: Vec<Frames> = (0..MOST_LARGE / MOST_IN_MESSAGE).map(|_| announce().unwrap()).collect();
        assert!(announce().is_err());
        held.pop();
        held.push(announce().unwrap());
        drop(held);
        assert_eq!(large.load(Ordering::SeqCst), 0);
    }
}
