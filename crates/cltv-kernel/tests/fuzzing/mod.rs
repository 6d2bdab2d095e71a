//! The fuzz target of what a cell prints and of what comes in at a port, shared by the long runs and the replay.
//!
//! The kernel is a program and no library, so the files that are tested are compiled into this target.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use cltv_fuzz::{Outcome, Seed, Target};
use cltv_protocol::display::MARKER_PREFIX;
use cltv_protocol::marks;

use crate::frames::Frames;
use crate::translator::Translator;
use crate::wire::{Event, PREFIX};

/// Text, displays and ends of cells, cut anywhere; frames of zeromq's protocol.
pub(crate) const TEXT: Target = Target {
    name: "text",
    words: &WORDS,
    seeds,
    read: |name, bytes| match read(name, bytes) {
        Ok(true) => Outcome::Accepted,
        Ok(false) => Outcome::Refused,
        Err(what) => Outcome::Finding(what),
    },
};

/// The secret of the process; data do not contain it.
const SECRET: &str = "1f5ec4e7";
/// What stands for the beginning of a line with the secret in an input that has such lines.
const MARK: &str = "MARK ";

/// Pieces of markers, of panics and of terminals.
const WORDS: [&str; 38] = [
    "EVCXR_BEGIN_CONTENT text/html\n",
    "EVCXR_END_CONTENT\n",
    "EVCXR_EXECUTION_COMPLETE\n",
    "EVCXR_",
    "EVCXR",
    "EVCXR_PANIC_NOTIFICATION",
    "EVCXR_VARIABLE_CHANGED_TYPE:x",
    "EVCXR_INPUT_REQUEST",
    "\u{1}CLTV ",
    "\u{1}",
    "\u{1}{\"out\":\"x\"}",
    "MARK begin\n",
    "MARK end\n",
    "MARK complete\n",
    "MARK panic\n",
    "MARK failed\n",
    "MARK changed x\n",
    "MARK ",
    "MARK other\n",
    "thread 'main' (7) panicked at src/lib.rs:1:1:\n",
    "note: run with `RUST_BACKTRACE=1`\n",
    "\n",
    "\r",
    "\r\n",
    "\n\n",
    "\0",
    "é",
    "🦀",
    "\u{1b}[31m",
    "text/html",
    "text/plain",
    "application/x-cltv-progress",
    "application/x-cltv-loader",
    "<b>1</b>",
    "()",
    "\"",
    "\\",
    "\\u005f",
];

const PRINTED: &str = "Köln 🦀\nEVCXR_BEGIN_CONTENT text/html\n<b>1</b>\nEVCXR_END_CONTENT\nno newline \u{1}CLTV 77 complete\nEVCXR_EXECUTION_COMPLETE";
const MARKED: &str = "before\nMARK begin\nEVCXR_BEGIN_CONTENT text/html\n<b>1</b>\nEVCXR_END_CONTENT\nEVCXR_BEGIN_CONTENT text/plain\n1\nEVCXR_END_CONTENT\nMARK end\nEVCXR_BEGIN_CONTENT text/html\nMARK begin\nEVCXR_BEGIN_CONTENT application/x-cltv-progress\nfit\n50%\nEVCXR_END_CONTENT\nMARK end\nrestMARK complete\nMARK changed x\nMARK panic\nMARK complete\nmore";
const ERRORS: &str = "a warning\n\nthread 'main' (7) panicked at src/lib.rs:3:5:\nboom é\nnote: run with `RUST_BACKTRACE=1` environment variable\n";

fn seeds() -> Vec<Seed> {
    let mut frames = vec![0xff; 64];
    // A command, and a message of three frames, of which one has a long length.
    frames.extend([4, 3, 1, 1, 1, 1, 2, 9, 9, 3, 0, 0, 0, 0, 0, 0, 1, 0]);
    frames.extend([7; 256]);
    frames.extend([0, 1, 8]);
    vec![
        Seed::plain("printed.out", PRINTED),
        Seed::plain("marked.cell", MARKED),
        Seed::plain("errors.err", ERRORS),
        Seed::plain("message.frames", frames),
    ]
}

/// Reads an input by the ending of its name.
fn read(name: &str, bytes: &[u8]) -> Result<bool, String> {
    match name.rsplit('.').next() {
        Some("out") => printed(bytes).map(|()| true),
        Some("err") => errors(bytes).map(|()| true),
        Some("frames") => frames(bytes),
        _ => marked(bytes).map(|()| true),
    }
}

fn ensure(is_so: bool, fault: impl FnOnce() -> String) -> Result<(), String> {
    if is_so { Ok(()) } else { Err(fault()) }
}

/// The events of what is written in pieces of these lengths, with or without pauses between them.
fn events(
    bytes: &[u8],
    length: usize,
    pauses: bool,
    write: fn(&mut Translator, &[u8]),
) -> Result<Vec<Event>, String> {
    let mut translator = Translator::new(SECRET, false, || true);
    let mut lines = Vec::new();
    for piece in bytes.chunks(length) {
        write(&mut translator, piece);
        if pauses {
            translator.quiet();
        }
        lines.extend(translator.take_lines());
    }
    translator.end();
    lines.extend(translator.take_lines());
    lines.iter().map(|line| event(line)).collect()
}

/// A line is an event or one of evcxr's markers, which no data can be.
fn event(line: &str) -> Result<Event, String> {
    ensure(!line.contains('\n'), || format!("two lines: {line:?}"))?;
    let event = Event::from_line(line);
    if line.starts_with(PREFIX) {
        ensure(!line.contains(MARKER_PREFIX), || format!("a marker in {line:?}"))?;
        ensure(event.to_line() == line, || format!("{line:?} is read as {event:?}"))?;
    } else {
        ensure(line.starts_with(MARKER_PREFIX), || format!("a line without an event: {line:?}"))?;
    }
    Ok(event)
}

/// The text of events that are text alone.
fn text_of(events: &[Event]) -> Result<String, String> {
    let mut text = String::new();
    for event in events {
        match event {
            Event::Out(more) | Event::Err(more) => text.push_str(more),
            other => return Err(format!("printed data have become {other:?}")),
        }
    }
    Ok(text)
}

/// What a cell prints is text, all of it, however it is cut.
fn printed(bytes: &[u8]) -> Result<(), String> {
    let expected = String::from_utf8_lossy(bytes);
    if expected.contains(SECRET) {
        return Ok(());
    }
    for (length, pauses) in [(1 << 20, false), (1, false), (1, true), (7, true), (64, false)] {
        let text = text_of(&events(bytes, length, pauses, Translator::stdout)?)?;
        ensure(text == expected, || format!("pieces of {length} bytes are printed as {text:?}"))?;
    }
    Ok(())
}

/// Standard error is text, all of it.
fn errors(bytes: &[u8]) -> Result<(), String> {
    let expected = String::from_utf8_lossy(bytes);
    for length in [1 << 20, 1, 5] {
        let text = text_of(&events(bytes, length, false, Translator::stderr)?)?;
        ensure(text == expected, || format!("pieces of {length} bytes are printed as {text:?}"))?;
    }
    let ended = |translator: &mut Translator, bytes: &[u8]| {
        translator.stderr(bytes);
        translator.stdout(marks::line(SECRET, marks::PANIC).as_bytes());
        translator.stdout(marks::line(SECRET, marks::COMPLETE).as_bytes());
    };
    events(bytes, 1 << 20, false, ended).map(drop)
}

/// Lines with the secret at any place: the events are the same however the stream is cut.
fn marked(bytes: &[u8]) -> Result<(), String> {
    let mark = format!("{}{SECRET} ", marks::PREFIX);
    let mut stream = Vec::new();
    let mut rest = bytes;
    while let Some(at) = rest.windows(MARK.len()).position(|window| window == MARK.as_bytes()) {
        stream.extend_from_slice(&rest[..at]);
        stream.extend_from_slice(mark.as_bytes());
        rest = &rest[at + MARK.len()..];
    }
    stream.extend_from_slice(rest);
    let whole = joined(events(&stream, 1 << 20, false, Translator::stdout)?);
    for length in [1, 5, 33] {
        let cut = joined(events(&stream, length, false, Translator::stdout)?);
        ensure(cut == whole, || format!("pieces of {length} bytes give {cut:?}, all at once {whole:?}"))?;
        events(&stream, length, true, Translator::stdout)?;
    }
    Ok(())
}

/// Events with neighbouring texts in one.
fn joined(events: Vec<Event>) -> Vec<Event> {
    let mut all: Vec<Event> = Vec::new();
    for event in events {
        match (all.last_mut(), event) {
            (Some(Event::Out(text)), Event::Out(more)) => text.push_str(&more),
            (_, event) => all.push(event),
        }
    }
    all
}

/// A stream of frames is passed on or refused, however it is cut, and nothing of it stays counted.
fn frames(bytes: &[u8]) -> Result<bool, String> {
    let large = Arc::new(AtomicUsize::new(0));
    let passed = |length: usize| {
        let mut frames = Frames::new(large.clone());
        bytes.chunks(length).try_for_each(|piece| frames.read(piece)).is_ok()
    };
    let outcomes = [1 << 20, 1, 3, 64].map(passed);
    ensure(outcomes.iter().all(|one| *one == outcomes[0]), || format!("the cut decides: {outcomes:?}"))?;
    let left = large.load(Ordering::SeqCst);
    ensure(left == 0, || format!("{left} bytes stay counted"))?;
    Ok(outcomes[0])
}
