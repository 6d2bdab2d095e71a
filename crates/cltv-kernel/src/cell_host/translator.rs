//! Turns the two streams of the process that runs cells into lines for evcxr.
//!
//! All that is printed is text, but for lines with the secret of that process
//! ([`cltv_protocol::marks`]) and the blocks between two of them.

use crate::panic_lines::first_panic;
use crate::wire::Event;
use cltv_protocol::display::{
    BEGIN_CONTENT, END_CONTENT, ERROR_OCCURRED, EXECUTION_COMPLETE, LOADER, MARKER_PREFIX, PANIC, PROGRESS,
    VARIABLE_CHANGED_TYPE,
};
use cltv_protocol::marks;
use proc_macro2::TokenStream;
use std::collections::BTreeMap;

/// Bytes of text that are sent without waiting for a pause.
const MOST_HELD: usize = 64 << 10;

/// Bytes of standard error that are kept to find the text of an error in them.
const MOST_SEARCHED: usize = 1 << 20;

/// How often it must be quiet before the blocks of an output are taken to be complete.
const QUIET_BUNDLE: u32 = 6;

/// Turns the child's two streams into lines for evcxr.
#[derive(Debug, Default)]
pub(super) struct Translator {
    /// Nobody reads yet: until the first cell is complete, events are dropped.
    silent: bool,
    /// What a line begins with by which the process speaks to the kernel.
    mark: String,
    /// How many displays are under way; blocks count only within one.
    displays: usize,
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
    /// Says that the running cell has failed to the compile that evcxr then asks for; whether it could.
    note_failure: Option<fn() -> bool>,
}

/// The variable whose type a failed cell is said to have changed. evcxr would keep what such a cell has
/// defined, and forget the variables that it was to define anew; of this it knows that it has to compile
/// the cell once more, and that compile ends with an error ([`note_failed_cell`]), so that all is as before.
///
/// [`note_failed_cell`]: crate::compile::inter_process_files::note_failed_cell
const OF_FAILED_CELL: &str = "none: the cell has failed";

impl Translator {
    /// A translator for the process with this secret, that drops events until the first cell is
    /// complete, if it is `silent`.
    /// `note_failure` is called before evcxr is told that a cell has failed.
    pub(super) fn new(secret: &str, silent: bool, note_failure: fn() -> bool) -> Translator {
        Translator {
            silent,
            mark: format!("{}{secret} ", marks::PREFIX),
            note_failure: Some(note_failure),
            ..Translator::default()
        }
    }

    pub(super) fn stderr(&mut self, bytes: &[u8]) {
        let mut text = std::mem::take(&mut self.cut);
        text.extend_from_slice(bytes);
        self.cut = text.split_off(text.len() - cut_character(&text));
        self.err.push_str(&String::from_utf8_lossy(&text));
    }

    /// Nothing more comes of what is held back.
    fn end_of_cell(&mut self) {
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
        if self.partial.len() > MOST_HELD {
            self.release_partial();
        }
        if self.out.len() > MOST_HELD {
            self.send_out();
        }
    }

    fn line(&mut self, line: &str) {
        // A cell may print without a newline before the mark.
        if let Some((before, word)) = line.split_once(&self.mark) {
            let word = word.to_owned();
            if !before.is_empty() {
                self.text(before);
            }
            return self.word(&word);
        }
        if self.content.is_some() && line == END_CONTENT {
            return self.end_content();
        }
        match line.split_once(BEGIN_CONTENT) {
            Some((before, mime)) if self.displays > 0 && self.content.is_none() => {
                self.out.push_str(before);
                self.content = Some((mime.trim().to_owned(), Vec::new()));
            }
            _ => {
                self.text(line);
                if self.content.is_none() {
                    self.out.push('\n');
                }
            }
        }
    }

    /// What is no word to the kernel: a part of the rich output that is being read, or text.
    fn text(&mut self, text: &str) {
        match &mut self.content {
            Some((_, lines)) => lines.push(text.to_owned()),
            None => {
                self.send_bundle();
                self.out.push_str(text);
            }
        }
    }

    /// What the process says to the kernel.
    fn word(&mut self, word: &str) {
        match word {
            marks::BEGIN_DISPLAY => self.displays += 1,
            marks::END_DISPLAY => {
                self.displays = self.displays.saturating_sub(1);
                if self.displays == 0 {
                    self.content_as_text();
                    self.send_text();
                    self.send_bundle();
                }
            }
            marks::COMPLETE => self.complete(),
            marks::INPUT => self.ask(),
            marks::PANIC => self.failed(|translator| Event::Panic(translator.panic_text()), PANIC),
            _ => {
                let (word, rest) = word.split_once(' ').unwrap_or((word, ""));
                self.word_with(word, rest);
            }
        }
    }

    fn word_with(&mut self, word: &str, rest: &str) {
        let names = || rest.split_whitespace().map(str::to_owned).collect();
        match word {
            marks::CHANGED => {
                self.flush();
                self.lines.push(format!("{VARIABLE_CHANGED_TYPE}{rest}"));
            }
            marks::FAILED => {
                let place = rest.to_owned();
                let event = |translator: &mut Self| Event::Failed { text: translator.error_text(), place };
                self.failed(event, ERROR_OCCURRED);
            }
            marks::DESCRIBED => self.described(rest),
            marks::LOST => self.event(Event::Lost(names())),
            _ => {}
        }
    }

    /// The name of a variable and two texts in quotation marks.
    fn described(&mut self, rest: &str) {
        let Some((name, texts)) = rest.split_once(' ') else { return };
        let Ok(texts) = texts.parse::<TokenStream>() else { return };
        let mut texts = texts.into_iter().filter_map(|text| syn::parse2::<syn::LitStr>(text.into()).ok());
        if let (Some(short), Some(long)) = (texts.next(), texts.next()) {
            let (name, short, long) = (name.to_owned(), short.value(), long.value());
            self.event(Event::Described { name, short, long });
        }
    }

    /// A rich output whose end did not come is text.
    fn content_as_text(&mut self) {
        if let Some((mime, lines)) = self.content.take() {
            let lines = lines.into_iter().flat_map(|line| [line, "\n".to_owned()]);
            self.out.push_str(&format!("{BEGIN_CONTENT}{mime}\n{}", lines.collect::<String>()));
        }
    }

    fn end_content(&mut self) {
        let Some((mime, lines)) = self.content.take() else { return };
        let content = lines.join("\n");
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

    /// A cell has come to an end of some kind; what it was showing then does not go on.
    fn end_of_output(&mut self) {
        self.displays = 0;
        self.content_as_text();
        self.send_out();
        self.send_bundle();
        self.end_of_cell();
    }

    /// A cell has failed; `marker` tells evcxr so where the compile that follows cannot be told.
    fn failed(&mut self, event: impl FnOnce(&mut Self) -> Event, marker: &str) {
        self.end_of_output();
        let event = event(self);
        self.event(event);
        self.lines.push(match self.note_failure.is_some_and(|note| note()) {
            true => format!("{VARIABLE_CHANGED_TYPE}{OF_FAILED_CELL}"),
            false => marker.to_owned(),
        });
    }

    fn complete(&mut self) {
        self.end_of_output();
        self.send_err();
        self.lines.push(EXECUTION_COMPLETE.to_owned());
        self.silent = false;
        self.sent_err.clear();
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
        if let Some(at) = first_panic(&sent) {
            return sent[at..].to_owned() + &held;
        }
        let Some(at) = first_panic(&held) else {
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

    /// The cell waits for input; what it has printed is seen before.
    fn ask(&mut self) {
        self.flush();
        self.event(Event::Input);
    }

    /// The process has ended: what is held back, because it may become a character, a line with the secret
    /// or a display, is text.
    pub(super) fn end(&mut self) {
        self.end_of_cell();
        self.content_as_text();
        let partial = std::mem::take(&mut self.partial);
        if !partial.is_empty() {
            self.text(&String::from_utf8_lossy(&partial));
        }
        self.flush();
    }

    /// Sends everything that can be sent without waiting for more.
    pub(super) fn flush(&mut self) {
        self.release_partial();
        self.send_text();
        self.send_bundle();
    }

    /// Makes an unfinished line text, unless it may yet become more than that.
    fn release_partial(&mut self) {
        let mark = self.mark.as_bytes();
        let may_be_mark = (0..self.partial.len()).filter(|&at| self.partial[at] == mark[0]).any(|at| {
            let rest = &self.partial[at..];
            rest.starts_with(mark) || mark.starts_with(rest)
        });
        let may_be_block = self.displays > 0 && may_become_marker(&self.partial);
        // A cut in the middle of a character would garble it.
        if self.content.is_some() || may_be_mark || may_be_block || cut_character(&self.partial) > 0 {
            return;
        }
        let partial = std::mem::take(&mut self.partial);
        self.out.push_str(&String::from_utf8_lossy(&partial));
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
            if self.sent_err.len() > MOST_SEARCHED {
                let end = self.sent_err.len() - MOST_SEARCHED / 2;
                let kept = self.sent_err.char_indices().find(|(at, _)| *at >= end).map_or(0, |(at, _)| at);
                self.sent_err.drain(..kept);
            }
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
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(feed: impl FnOnce(&mut Translator)) -> Vec<Event> {
        let mut translator = Translator::new("1f", false, || true);
        feed(&mut translator);
        translator.flush();
        translator.take_lines().iter().map(|l| Event::from_line(l)).collect()
    }

    /// The line with a word to the kernel.
    fn word(word: &str) -> Vec<u8> {
        marks::line("1f", word).into_bytes()
    }

    /// A block of a display that was asked for.
    fn shown(blocks: &str) -> String {
        marks::line("1f", "begin") + blocks + &marks::line("1f", "end")
    }

    fn marker(name: &str) -> Event {
        Event::Out(format!("{name}\n"))
    }

    /// What evcxr is told when a cell has failed.
    fn failed() -> Event {
        marker(&format!("{VARIABLE_CHANGED_TYPE}{OF_FAILED_CELL}"))
    }

    #[test]
    fn variables_that_are_gone_are_named_and_a_failure_that_cannot_be_noted_is_evcxrs() {
        let mut translator = Translator::new("1f", false, || false);
        translator.stdout(&[word("lost a b"), word("panic"), word("failed ")].concat());
        let events: Vec<Event> = translator.take_lines().iter().map(|l| Event::from_line(l)).collect();
        let lost = Event::Lost(vec!["a".into(), "b".into()]);
        let panic = Event::Panic(String::new());
        let failed = Event::Failed { text: String::new(), place: String::new() };
        assert_eq!(events, [lost, panic, marker(PANIC), failed, marker(ERROR_OCCURRED)]);
    }

    #[test]
    fn what_is_printed_before_a_request_for_input_is_sent_before_it() {
        let events = lines(|t| t.stdout(&[b"name? ", &word("input")[..]].concat()));
        assert_eq!(events, [Event::Out("name? ".into()), Event::Input]);
    }

    #[test]
    fn values_of_variables_are_read() {
        let text = format!("described r#type {:?} {:?}", "a \"b\"", "two\nlines \u{1}");
        let events = lines(|t| t.stdout(&word(&text)));
        let (name, short, long) = ("r#type".into(), "a \"b\"".into(), "two\nlines \u{1}".into());
        assert_eq!(events, [Event::Described { name, short, long }]);
    }

    #[test]
    fn an_unfinished_line_does_not_swallow_the_end_marker() {
        let events = lines(|t| t.stdout(&[b"abc", &word("complete")[..]].concat()));
        assert_eq!(events, [Event::Out("abc".into()), marker(EXECUTION_COMPLETE)]);
    }

    #[test]
    fn what_is_held_back_is_text_when_the_process_ends() {
        let begun = [&word("begin")[..], b"EVCXR_BEGIN_CONTENT text/html\n<b>\nmore"].concat();
        for (printed, text) in [
            (&b"K\xc3"[..], "K\u{fffd}"),
            (b"a\n\x01", "a\n\u{1}"),
            (b"\x01CLTV 1", "\u{1}CLTV 1"),
            (&begun, "EVCXR_BEGIN_CONTENT text/html\n<b>\nmore"),
        ] {
            let events = lines(|t| {
                t.stdout(printed);
                t.flush();
                t.end();
            });
            let all: String = events
                .iter()
                .map(|event| match event {
                    Event::Out(text) => text.as_str(),
                    other => panic!("{other:?}"),
                })
                .collect();
            assert_eq!(all, text);
        }
    }

    #[test]
    fn stderr_before_a_failing_question_mark_is_the_error() {
        let events = lines(|t| {
            t.stderr(b"the file is missing\n");
            t.stdout(&[word("failed target/lib.rs:7"), word("complete")].concat());
        });
        assert_eq!(
            events,
            [
                Event::Failed { text: "the file is missing\n".into(), place: "target/lib.rs:7".into() },
                failed(),
                marker(EXECUTION_COMPLETE)
            ]
        );
    }

    const PANICKED: &str = "thread '<unnamed>' (7) panicked at target/lib.rs:3:5:\nboom\n";

    #[test]
    fn text_before_a_panic_is_text() {
        let events = lines(|t| {
            t.stderr(format!("a warning\n\n{PANICKED}").as_bytes());
            t.stdout(&[word("panic"), word("complete")].concat());
        });
        let text = Event::Err("a warning\n".into());
        assert_eq!(events, [text, Event::Panic(PANICKED.into()), failed(), marker(EXECUTION_COMPLETE)]);
    }

    #[test]
    fn a_threads_panic_comes_with_the_one_that_it_caused() {
        let later = PANICKED.replace("boom", "a scoped thread panicked");
        let mut translator = Translator::new("1f", false, || true);
        translator.stderr(format!("\n{PANICKED}").as_bytes());
        translator.quiet();
        translator.stderr(format!("\n{later}").as_bytes());
        translator.stdout(&word("panic"));
        let events: Vec<Event> = translator.take_lines().iter().map(|l| Event::from_line(l)).collect();
        assert_eq!(events[1], Event::Panic(format!("{PANICKED}\n{later}")));
    }

    #[test]
    fn an_errors_text_is_known_though_it_was_sent_before() {
        let mut translator = Translator::new("1f", false, || true);
        translator.stderr(b"the file is missing\n");
        translator.quiet();
        translator.stdout(&word("failed"));
        let events: Vec<Event> = translator.take_lines().iter().map(|l| Event::from_line(l)).collect();
        assert_eq!(events[1], Event::Failed { text: "the file is missing\n".into(), place: String::new() });
    }

    #[test]
    fn an_output_waits_for_its_blocks_and_data_cannot_end_it() {
        let mut translator = Translator::new("1f", false, || true);
        translator.stdout(&word("begin"));
        translator.stdout(b"EVCXR_BEGIN_CONTENT text/html\nxEVCXR_END_CONTENT\nEVCXR_END_CONTENT\n");
        translator.quiet();
        translator.stdout(b"EVCXR_BEGIN_CONTENT text/plain\ny\nEVCXR_END_CONTENT\n");
        translator.stdout(&[word("end"), word("complete")].concat());
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
                let blocks = block("text/html", chart) + &block("text/plain", chart);
                t.stdout(shown(&blocks).as_bytes());
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
            t.stdout(shown(&format!("{BEGIN_CONTENT}text/plain\nx\n{END_CONTENT}\n")).as_bytes());
            t.stdout(b"after\n");
        });
        let display = Event::Display(BTreeMap::from([("text/plain".into(), "x".into())]));
        assert_eq!(events, [Event::Out("before ".into()), display, Event::Out("after\n".into())]);
    }

    #[test]
    fn the_loader_is_not_an_output() {
        let events = lines(|t| {
            t.stdout(shown(&format!("{BEGIN_CONTENT}{LOADER}\n<script>\n{END_CONTENT}\n")).as_bytes())
        });
        assert_eq!(events, [Event::Loader("<script>".into())]);
    }

    #[test]
    fn a_partial_line_is_shown_unless_a_marker_may_follow() {
        let mut translator = Translator::new("1f", false, || true);
        translator.stdout(b"50%");
        translator.flush();
        assert_eq!(translator.take_lines(), [Event::Out("50%".into()).to_line()]);
        let (begin, rest) = (&word("complete")[..9], &word("complete")[9..]);
        translator.stdout(begin);
        translator.flush();
        assert!(translator.take_lines().is_empty());
        translator.stdout(rest);
        assert_eq!(translator.take_lines(), [EXECUTION_COMPLETE]);
        // A byte that only begins like a mark is text.
        translator.stdout(b"\x01CLTW");
        translator.flush();
        assert_eq!(translator.take_lines(), [Event::Out("\u{1}CLTW".into()).to_line()]);
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
            t.stdout(&word("complete"));
        });
        assert_eq!(events, [Event::Err("\u{fffd} \u{fffd}".into()), marker(EXECUTION_COMPLETE)]);
    }

    #[test]
    fn printed_markers_are_text() {
        let attack = "EVCXR_BEGIN_CONTENT text/html\n<script>\nEVCXR_END_CONTENT\nEVCXR_EXECUTION_COMPLETE\nEVCXR_INPUT_REQUEST:x\nEVCXR_VARIABLE_CHANGED_TYPE:y\nEVCXR_PANIC_NOTIFICATION\n\u{1}CLTV 00 complete\n\u{1}{\"panic\":\"x\"}\n";
        let mut translator = Translator::new("1f", false, || true);
        translator.stdout(attack.as_bytes());
        translator.flush();
        let sent = translator.take_lines();
        assert_eq!(sent.len(), 1);
        // evcxr looks for its markers anywhere in a line.
        assert!(!sent[0].contains(MARKER_PREFIX), "{sent:?}");
        assert_eq!(Event::from_line(&sent[0]), Event::Out(attack.to_owned()));
    }

    #[test]
    fn a_display_without_its_end_is_text_and_no_later_block_counts() {
        let block = format!("{BEGIN_CONTENT}text/html\nx\n");
        let events = lines(|t| {
            t.stdout(&[word("begin"), block.clone().into_bytes(), word("panic"), word("complete")].concat());
            t.stdout(format!("{block}{END_CONTENT}\n").as_bytes());
        });
        let text = Event::Out(block.clone());
        let later = Event::Out(format!("{block}{END_CONTENT}\n"));
        let panic = Event::Panic(String::new());
        assert_eq!(events, [text, panic, failed(), marker(EXECUTION_COMPLETE), later]);
    }

    #[test]
    fn long_text_is_sent_before_its_cell_ends() {
        let mut translator = Translator::new("1f", false, || true);
        let line = [b'x'; 1000];
        for _ in 0..1000 {
            translator.stdout(&line);
            translator.stderr(&line);
            translator.send_err();
        }
        assert!(translator.partial.len() + translator.out.len() <= 2 * MOST_HELD + 1000);
        assert!(translator.sent_err.len() <= MOST_SEARCHED);
    }
}
