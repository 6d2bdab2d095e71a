//! Turns the two streams of the process that runs cells into lines for evcxr.

use crate::failure;
use crate::wire::Event;
use cltv_protocol::display::{
    BEGIN_CONTENT, END_CONTENT, ERROR_OCCURRED, EXECUTION_COMPLETE, INPUT_REQUEST, LOADER, MARKER_PREFIX,
    PANIC, PROGRESS, VARIABLE_CHANGED_TYPE,
};
use std::collections::BTreeMap;

/// Lines of evcxr's protocol that begin so are passed on unchanged.
const PASSED_ON: [&str; 2] = [VARIABLE_CHANGED_TYPE, INPUT_REQUEST];

/// How often it must be quiet before the blocks of an output are taken to be complete.
const QUIET_BUNDLE: u32 = 6;

/// Turns the child's two streams into lines for evcxr.
#[derive(Debug, Default)]
pub(super) struct Translator {
    /// Nobody reads yet: until the first cell is complete, events are dropped.
    silent: bool,
    lines: Vec<String>,
    /// Bytes of stdout behind the last newline.
    partial: Vec<u8>,
    /// Text of stdout not yet sent.
    out: String,
    /// Text of stderr not yet sent.
    err: String,
    /// The beginning of a character of stderr that was cut.
    cut: Vec<u8>,
    /// The rich output being read: its MIME type and its lines so far.
    content: Option<(String, Vec<String>)>,
    /// Content blocks that belong to one output.
    bundle: BTreeMap<String, String>,
    /// What was sent of stderr since the cell began: its end may turn out to be an error's text.
    sent_err: String,
    /// How often in a row it was quiet.
    quiet: u32,
}

impl Translator {
    /// A translator that drops events until the first cell is complete, if it is `silent`.
    pub(super) fn new(silent: bool) -> Translator {
        Translator { silent, ..Translator::default() }
    }

    pub(super) fn stderr(&mut self, bytes: &[u8]) {
        let mut text = std::mem::take(&mut self.cut);
        text.extend_from_slice(bytes);
        self.cut = text.split_off(text.len() - cut_character(&text));
        self.err.push_str(&String::from_utf8_lossy(&text));
    }

    /// Nothing more comes of what is held back.
    pub(super) fn end_of_cell(&mut self) {
        let cut = std::mem::take(&mut self.cut);
        self.err.push_str(&String::from_utf8_lossy(&cut));
    }

    pub(super) fn stdout(&mut self, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        self.quiet = 0;
        self.partial.extend_from_slice(bytes);
        let text = std::mem::take(&mut self.partial);
        let mut lines = text.split(|&b| b == b'\n');
        // What follows the last newline is not a line yet.
        let rest = lines.next_back().unwrap_or_default();
        for line in lines {
            self.line(&String::from_utf8_lossy(line));
        }
        self.partial = rest.to_vec();
    }

    fn line(&mut self, line: &str) {
        if let Some((mime, mut lines)) = self.content.take() {
            if line == END_CONTENT {
                return self.content_block(mime, lines.join("\n"));
            }
            lines.push(line.to_owned());
            self.content = Some((mime, lines));
            return;
        }
        // A cell may print without a newline before evcxr prints its marker.
        for marker in [EXECUTION_COMPLETE, PANIC, ERROR_OCCURRED] {
            if let Some(before) = line.strip_suffix(marker) {
                self.out.push_str(before);
                return self.marker(marker);
            }
        }
        if let Some((before, mime)) = line.split_once(BEGIN_CONTENT) {
            self.out.push_str(before);
            self.content = Some((mime.trim().to_owned(), Vec::new()));
        } else if PASSED_ON.iter().any(|start| line.starts_with(start)) {
            self.flush();
            self.lines.push(line.to_owned());
        } else {
            self.send_bundle();
            self.out.push_str(line);
            self.out.push('\n');
        }
    }

    fn content_block(&mut self, mime: String, content: String) {
        self.send_text();
        if mime == LOADER {
            return self.event(Event::Loader(content));
        }
        if mime == PROGRESS {
            self.send_bundle();
            let (name, text) = content.split_once('\n').unwrap_or((&content, ""));
            return self.event(Event::Progress { name: name.to_owned(), text: text.to_owned() });
        }
        if self.bundle.contains_key(&mime) {
            self.send_bundle();
        }
        self.bundle.insert(mime, content);
    }

    fn marker(&mut self, marker: &str) {
        self.send_out();
        self.send_bundle();
        self.end_of_cell();
        match marker {
            PANIC => {
                let text = self.panic_text();
                self.event(Event::Panic(text));
            }
            ERROR_OCCURRED => {
                let text = self.error_text();
                self.event(Event::Failed(text));
            }
            _ => self.send_err(),
        }
        self.lines.push(marker.to_owned());
        if marker == EXECUTION_COMPLETE {
            self.silent = false;
            self.sent_err.clear();
        }
    }

    fn event(&mut self, event: Event) {
        if !self.silent {
            self.lines.push(event.to_line());
        }
    }

    /// What panics wrote, from the first of this cell on; what stands before it is sent. On a busy
    /// machine, or when a thread panicked before, some may have been sent already.
    fn panic_text(&mut self) -> String {
        let sent = std::mem::take(&mut self.sent_err);
        let held = std::mem::take(&mut self.err);
        if let Some(at) = failure::first_panic(&sent) {
            return sent[at..].to_owned() + &held;
        }
        let Some(at) = failure::first_panic(&held) else {
            return if held.is_empty() { sent } else { held };
        };
        let (before, panics) = held.split_at(at);
        // A panic begins with an empty line.
        self.err = before.strip_suffix('\n').unwrap_or(before).to_owned();
        self.send_err();
        panics.to_owned()
    }

    /// What a failing `?` wrote; on a busy machine it may have been sent already.
    fn error_text(&mut self) -> String {
        match self.err.is_empty() {
            true => std::mem::take(&mut self.sent_err),
            false => std::mem::take(&mut self.err),
        }
    }

    /// Nothing came for a while: text need not wait, an output may still lack blocks.
    pub(super) fn quiet(&mut self) {
        self.quiet += 1;
        if self.bundle.is_empty() || self.quiet >= QUIET_BUNDLE {
            self.flush();
        }
    }

    /// Sends everything that can be sent without waiting for more.
    pub(super) fn flush(&mut self) {
        if self.content.is_none() && !may_become_marker(&self.partial) {
            let partial = std::mem::take(&mut self.partial);
            self.out.push_str(&String::from_utf8_lossy(&partial));
        }
        self.send_text();
        self.send_bundle();
    }

    fn send_text(&mut self) {
        self.send_out();
        self.send_err();
    }

    fn send_out(&mut self) {
        if !self.out.is_empty() {
            self.send_bundle();
            let text = std::mem::take(&mut self.out);
            self.event(Event::Out(text));
        }
    }

    fn send_err(&mut self) {
        if !self.err.is_empty() {
            let text = std::mem::take(&mut self.err);
            self.sent_err.push_str(&text);
            self.event(Event::Err(text));
        }
    }

    fn send_bundle(&mut self) {
        if !self.bundle.is_empty() {
            let bundle = std::mem::take(&mut self.bundle);
            self.event(Event::Display(bundle));
        }
    }

    pub(super) fn take_lines(&mut self) -> Vec<String> {
        std::mem::take(&mut self.lines)
    }
}

/// How many bytes at the end are the beginning of a character.
fn cut_character(bytes: &[u8]) -> usize {
    let rest = bytes.utf8_chunks().last().map_or(&[][..], |chunk| chunk.invalid());
    let is_cut = std::str::from_utf8(rest).is_err_and(|error| error.error_len().is_none());
    if is_cut { rest.len() } else { 0 }
}

/// Whether an unfinished line ends in what may be the beginning of a marker.
fn may_become_marker(partial: &[u8]) -> bool {
    const START: &[u8] = MARKER_PREFIX.as_bytes();
    partial.windows(START.len()).any(|w| w == START)
        || (1..START.len()).any(|n| partial.ends_with(&START[..n]))
        // A cut in the middle of a character would garble it.
        || cut_character(partial) > 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(feed: impl FnOnce(&mut Translator)) -> Vec<Event> {
        let mut translator = Translator::default();
        feed(&mut translator);
        translator.flush();
        translator.take_lines().iter().map(|l| Event::from_line(l)).collect()
    }

    fn marker(name: &str) -> Event {
        Event::Out(format!("{name}\n"))
    }

    #[test]
    fn an_unfinished_line_does_not_swallow_the_end_marker() {
        let events = lines(|t| t.stdout(b"abcEVCXR_EXECUTION_COMPLETE\n"));
        assert_eq!(events, [Event::Out("abc".into()), marker(EXECUTION_COMPLETE)]);
    }

    #[test]
    fn stderr_before_a_failing_question_mark_is_the_error() {
        let events = lines(|t| {
            t.stderr(b"the file is missing\n");
            t.stdout(b"EVCXR_ERROR_OCCURRED\nEVCXR_EXECUTION_COMPLETE\n");
        });
        assert_eq!(
            events,
            [
                Event::Failed("the file is missing\n".into()),
                marker(ERROR_OCCURRED),
                marker(EXECUTION_COMPLETE)
            ]
        );
    }

    const PANICKED: &str = "thread '<unnamed>' (7) panicked at target/lib.rs:3:5:\nboom\n";

    #[test]
    fn text_before_a_panic_is_text() {
        let events = lines(|t| {
            t.stderr(format!("a warning\n\n{PANICKED}").as_bytes());
            t.stdout(b"EVCXR_PANIC_NOTIFICATION\nEVCXR_EXECUTION_COMPLETE\n");
        });
        let text = Event::Err("a warning\n".into());
        assert_eq!(events, [text, Event::Panic(PANICKED.into()), marker(PANIC), marker(EXECUTION_COMPLETE)]);
    }

    #[test]
    fn a_threads_panic_comes_with_the_one_that_it_caused() {
        let later = PANICKED.replace("boom", "a scoped thread panicked");
        let mut translator = Translator::default();
        translator.stderr(format!("\n{PANICKED}").as_bytes());
        translator.quiet();
        translator.stderr(format!("\n{later}").as_bytes());
        translator.stdout(b"EVCXR_PANIC_NOTIFICATION\n");
        let events: Vec<Event> = translator.take_lines().iter().map(|l| Event::from_line(l)).collect();
        assert_eq!(events[1], Event::Panic(format!("{PANICKED}\n{later}")));
    }

    #[test]
    fn an_errors_text_is_known_though_it_was_sent_before() {
        let mut translator = Translator::default();
        translator.stderr(b"the file is missing\n");
        translator.quiet();
        translator.stdout(b"EVCXR_ERROR_OCCURRED\n");
        let events: Vec<Event> = translator.take_lines().iter().map(|l| Event::from_line(l)).collect();
        assert_eq!(events[1], Event::Failed("the file is missing\n".into()));
    }

    #[test]
    fn an_output_waits_for_its_blocks_and_data_cannot_end_it() {
        let mut translator = Translator::default();
        translator.stdout(b"EVCXR_BEGIN_CONTENT text/html\nxEVCXR_END_CONTENT\nEVCXR_END_CONTENT\n");
        translator.quiet();
        translator
            .stdout(b"EVCXR_BEGIN_CONTENT text/plain\ny\nEVCXR_END_CONTENT\nEVCXR_EXECUTION_COMPLETE\n");
        let bundle = BTreeMap::from([
            ("text/html".into(), "xEVCXR_END_CONTENT".into()),
            ("text/plain".into(), "y".into()),
        ]);
        assert_eq!(Event::from_line(&translator.take_lines()[0]), Event::Display(bundle));
    }

    #[test]
    fn several_charts_come_one_by_one_and_in_order() {
        let block = |mime: &str, text: &str| format!("{BEGIN_CONTENT}{mime}\n{text}\n{END_CONTENT}\n");
        let events = lines(|t| {
            for chart in ["one", "two"] {
                t.stdout(block("text/html", chart).as_bytes());
                t.stdout(block("text/plain", chart).as_bytes());
            }
            t.stdout(b"after\n");
        });
        let bundle = |s: &str| {
            Event::Display(BTreeMap::from([("text/html".into(), s.into()), ("text/plain".into(), s.into())]))
        };
        assert_eq!(events, [bundle("one"), bundle("two"), Event::Out("after\n".into())]);
    }

    #[test]
    fn text_and_rich_output_keep_their_order() {
        let events = lines(|t| {
            t.stdout(b"before ");
            t.stdout(format!("{BEGIN_CONTENT}text/plain\nx\n{END_CONTENT}\n").as_bytes());
            t.stdout(b"after\n");
        });
        let display = Event::Display(BTreeMap::from([("text/plain".into(), "x".into())]));
        assert_eq!(events, [Event::Out("before ".into()), display, Event::Out("after\n".into())]);
    }

    #[test]
    fn the_loader_is_not_an_output() {
        let events =
            lines(|t| t.stdout(format!("{BEGIN_CONTENT}{LOADER}\n<script>\n{END_CONTENT}\n").as_bytes()));
        assert_eq!(events, [Event::Loader("<script>".into())]);
    }

    #[test]
    fn a_partial_line_is_shown_unless_a_marker_may_follow() {
        let mut translator = Translator::default();
        translator.stdout(b"50%");
        translator.flush();
        assert_eq!(translator.take_lines(), [Event::Out("50%".into()).to_line()]);
        translator.stdout(b"EVCXR_EXEC");
        translator.flush();
        assert!(translator.take_lines().is_empty());
        translator.stdout(b"UTION_COMPLETE\n");
        assert_eq!(translator.take_lines(), [EXECUTION_COMPLETE]);
    }

    #[test]
    fn a_character_cut_in_two_is_put_together() {
        let euro = "€".as_bytes();
        let events = lines(|t| {
            t.stdout(&euro[..1]);
            t.flush();
            t.stdout(&euro[1..]);
            t.stdout(b"\n");
        });
        assert_eq!(events, [Event::Out("€\n".into())]);
        let events = lines(|t| {
            t.stderr(&euro[..2]);
            t.flush();
            t.stderr(&euro[2..]);
        });
        assert_eq!(events, [Event::Err("€".into())]);
    }

    #[test]
    fn half_a_character_is_shown_when_its_cell_ends() {
        let events = lines(|t| {
            t.stderr(b"\xff \xe2\x82");
            t.stdout(b"EVCXR_EXECUTION_COMPLETE\n");
        });
        assert_eq!(events, [Event::Err("\u{fffd} \u{fffd}".into()), marker(EXECUTION_COMPLETE)]);
    }
}
