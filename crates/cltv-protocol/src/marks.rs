//! The lines by which code in a cell speaks to cltv's kernel.
//!
//! Data that a cell prints may contain anything, also the markers of evcxr's protocol. What a cell
//! shows, and how it ends, counts only between or on lines with the secret of the process that runs
//! cells, which it has in an environment variable. Under another kernel there is no such variable, and
//! nothing is written but the blocks themselves.
//!
//! This file uses only the standard library and nothing of its crate: where there is no helper library,
//! the kernel compiles it into the cell.

/// What such a line begins with; the secret, a space and a word follow.
pub const PREFIX: &str = "\u{1}CLTV ";
/// The word before blocks that are to be shown.
pub const BEGIN_DISPLAY: &str = "begin";
/// The word behind such blocks.
pub const END_DISPLAY: &str = "end";
/// The word for a cell that has ended.
pub const COMPLETE: &str = "complete";
/// The word for a cell that has panicked.
pub const PANIC: &str = "panic";
/// The word for a cell that a `?` has left; the error is on standard error.
pub const FAILED: &str = "failed";
/// The word for a variable whose type is not the one it was stored with; a space and its name follow.
pub const CHANGED: &str = "changed";

/// The line with a word, complete with its newline.
#[must_use]
pub fn line(secret: &str, word: &str) -> String {
    format!("{PREFIX}{secret} {word}\n")
}

/// Blocks that the program asks to be shown: between two lines in cltv's kernel, unchanged in any other.
#[must_use]
pub fn asked_for(blocks: String) -> String {
    match secret() {
        Some(secret) => line(&secret, BEGIN_DISPLAY) + &blocks + &line(&secret, END_DISPLAY),
        None => blocks,
    }
}

/// Says a word to the kernel.
pub fn tell(word: &str) {
    if let Some(secret) = secret() {
        print(&line(&secret, word));
    }
}

/// Shows a text as the output of a cell.
pub fn show_text(text: &str) {
    let text = text.replace("EVCXR_", "EVCXR\u{2060}_");
    print(&asked_for(format!("EVCXR_BEGIN_CONTENT text/plain\n{text}\nEVCXR_END_CONTENT\n")));
}

/// Tells the kernel while a value shows itself: between the two calls, blocks on standard output count.
pub trait Shown {
    /// The value, which is about to show itself.
    fn cltv_begins_display(&self) -> &Self {
        tell(BEGIN_DISPLAY);
        self
    }

    /// What showing a value has returned.
    #[must_use]
    fn cltv_ended_display(self) -> Self
    where
        Self: Sized,
    {
        tell(END_DISPLAY);
        self
    }
}

impl<T: ?Sized> Shown for T {}

fn secret() -> Option<String> {
    std::env::var("CLTV_MARK").ok()
}

fn print(text: &str) {
    use std::io::Write;
    let mut out = std::io::stdout().lock();
    // The reader of this pipe is the kernel; when it is gone there is no reader for an error.
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}
