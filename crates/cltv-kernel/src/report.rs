//! What a failed cell tells its reader: a name, a sentence, and the place in the cell.

use evcxr::{CompilationError, Error};

/// A failure in the three parts of Jupyter's protocol.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Failure {
    pub(crate) name: String,
    pub(crate) value: String,
    pub(crate) traceback: Vec<String>,
}

const RED: &str = "\u{1b}[31m";
const BLUE: &str = "\u{1b}[34m";
const RESET: &str = "\u{1b}[0m";

impl Failure {
    fn new(name: &str, value: String, details: Vec<String>) -> Failure {
        let mut traceback = vec![format!("{RED}{name}{RESET}: {value}")];
        traceback.extend(details);
        Failure { name: name.to_owned(), value, traceback }
    }

    /// A `?` that left the cell early.
    pub(crate) fn question_mark(text: &str) -> Failure {
        let value = match text.trim() {
            "" => "A `?` in this cell met an error that says nothing about itself.".to_owned(),
            text => text.to_owned(),
        };
        let details =
            vec!["The cell stopped at its `?`; the variables it was to define do not exist.".to_owned()];
        Failure::new("Error", value, details)
    }

    /// A panic: `text` is what it wrote to standard error, `source` the compiled program, `ran` the
    /// cell as it was compiled and `cell` as it was written, line by line the same.
    pub(crate) fn panic(text: &str, source: Option<&str>, ran: &str, cell: &str) -> Failure {
        let (place, message) = split_panic(text);
        let line = place.and_then(|line| cell_line(line, source?, ran));
        let mut details = Vec::new();
        if let Some(number) = line {
            let code = cell.lines().nth(number - 1).unwrap_or_default().trim();
            details.push(format!("{BLUE}cell line {number}{RESET}: {code}"));
        }
        details.push("The cell panicked; the variables it was to define do not exist.".to_owned());
        Failure::new("Panic", message, details)
    }

    /// The kernel's child was ended by an interrupt.
    pub(crate) fn interrupted(lost_variables: usize) -> Failure {
        let lost = lost(lost_variables);
        Failure::new("Interrupted", format!("The cell was interrupted. {lost}"), vec![])
    }

    /// The session never came to be.
    pub(crate) fn not_started(error: &anyhow::Error) -> Failure {
        let details = vec!["`cltv kernel install` builds the kernel again.".to_owned()];
        Failure::new("KernelNotStarted", format!("Cells cannot run: {error:#}"), details)
    }

    /// Everything evcxr calls an error.
    pub(crate) fn from_evcxr(error: &Error, lost_variables: usize) -> Failure {
        match error {
            Error::CompilationErrors(errors) => compile_failure(errors),
            Error::SubprocessTerminated(text) => Failure::new(
                "Crash",
                format!(
                    "The process that runs cells ended: {}. {}",
                    end_of_process(text),
                    lost(lost_variables)
                ),
                vec!["Run the notebook again from its first cell.".to_owned()],
            ),
            Error::TypeRedefinedVariablesLost(names) => Failure::new(
                "TypeChanged",
                format!("A type was defined anew, so these variables are lost: {}.", names.join(", ")),
                vec![],
            ),
            Error::Message(text) => Failure::new("Error", with_remedy(text.trim()), vec![]),
        }
    }
}

fn lost(variables: usize) -> String {
    match variables {
        0 => "No variable was lost.".to_owned(),
        1 => "The one variable of this session is lost; run the cell that made it again.".to_owned(),
        n => format!("The {n} variables of this session are lost; run the cells that made them again."),
    }
}

/// How a process ended, without the words evcxr wraps it in. A status above 128 is a signal's.
fn end_of_process(text: &str) -> String {
    let text = text.trim().trim_end_matches('.');
    let status = text.strip_prefix("Subprocess terminated with status: ").unwrap_or(text);
    let code = status.strip_prefix("exit status: ").and_then(|code| code.parse::<i32>().ok());
    match code.and_then(|code| code.checked_sub(128)).filter(|signal| (1..65).contains(signal)) {
        Some(libc::SIGABRT) => "signal 6, as after `abort` or a panic within a panic".to_owned(),
        Some(libc::SIGSEGV) => "signal 11, as after a stack overflow or wrong `unsafe` code".to_owned(),
        Some(libc::SIGKILL) => "signal 9, as when memory runs out".to_owned(),
        Some(signal) => format!("signal {signal}"),
        None => status.to_owned(),
    }
}

fn with_remedy(text: &str) -> String {
    const UNKNOWN: &str = "Couldn't automatically determine type of variable `";
    match text.split_once(UNKNOWN).and_then(|(_, rest)| rest.split_once('`')) {
        Some((name, _)) => {
            format!("The type of `{name}` could not be worked out. Write it down: `let {name}: TYPE = ...;`")
        }
        None => text.to_owned(),
    }
}

fn compile_failure(errors: &[CompilationError]) -> Failure {
    let serious: Vec<&CompilationError> = errors.iter().filter(|e| e.level() != "warning").collect();
    let details = serious.iter().flat_map(|e| describe(e)).collect();
    let value = match serious.first() {
        Some(first) => match place(first) {
            Some(place) => format!("{} ({place})", first.message()),
            None => first.message(),
        },
        None => "The cell did not compile.".to_owned(),
    };
    Failure::new("CompileError", value, details)
}

fn place(error: &CompilationError) -> Option<String> {
    let span = error.primary_spanned_message()?.span?;
    Some(format!("line {}, column {}", span.start_line, span.start_column))
}

fn describe(error: &CompilationError) -> Vec<String> {
    let code = error.code().map(|c| format!("[{c}]")).unwrap_or_default();
    let mut lines = vec![format!("{RED}error{code}{RESET}: {}", error.message())];
    for spanned in error.spanned_messages() {
        let Some(span) = spanned.span else { continue };
        lines.push(format!("{BLUE} --> cell line {}, column {}{RESET}", span.start_line, span.start_column));
        let width = span.start_column.saturating_sub(1);
        // evcxr gives a line once more for each part of the cell that it was cut into.
        let count = (span.end_line + 1).saturating_sub(span.start_line).max(1);
        for (i, text) in spanned.lines.iter().take(count).enumerate() {
            lines.push(format!("{BLUE}{:>4} |{RESET} {text}", span.start_line + i));
            if i == 0 {
                let end =
                    if span.end_line == span.start_line { span.end_column } else { text.chars().count() + 1 };
                let marks = "^".repeat(end.saturating_sub(span.start_column).max(1));
                lines.push(format!(
                    "{BLUE}     |{RESET} {}{RED}{marks} {}{RESET}",
                    " ".repeat(width),
                    spanned.label
                ));
            }
        }
    }
    lines.extend(error.help().into_iter().map(|help| format!("{BLUE}help{RESET}: {help}")));
    lines.extend(error.evcxr_extra_hint().map(|hint| format!("{BLUE}help{RESET}: {hint}")));
    lines
}

/// The line of the generated source and the message in what a panic wrote.
fn split_panic(text: &str) -> (Option<usize>, String) {
    let body: Vec<&str> = text
        .lines()
        .filter(|l| !l.starts_with("note: run with `RUST_BACKTRACE") && !l.trim().is_empty())
        .collect();
    let Some(at) = body.iter().rposition(|l| l.starts_with("thread ") && l.contains("panicked at ")) else {
        return (None, text.trim().to_owned());
    };
    let place = body[at].split("panicked at ").nth(1).unwrap_or_default().trim_end_matches(':');
    let line = place
        .strip_prefix(crate::shim::ORDERED_SOURCE)
        // With another crate beside the helper the real cargo compiles evcxr's own source.
        .or_else(|| place.strip_prefix("src/lib.rs"))
        .and_then(|rest| rest.split(':').nth(1))
        .and_then(|line| line.parse().ok());
    let mut message = body[at + 1..].join("\n");
    if line.is_none() && !place.is_empty() {
        message = format!("{message} (at {place})");
    }
    (line, message)
}

/// Finds a line of the generated source in the cell; lines count from 1.
fn cell_line(line: usize, source: &str, cell: &str) -> Option<usize> {
    let code = source.lines().nth(line.checked_sub(1)?)?.trim();
    let is_it = |text: &str| !text.is_empty() && (text == code || code.contains(text));
    cell.lines().position(|text| is_it(text.trim())).map(|i| i + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PANIC: &str = "\nthread '<unnamed>' (7) panicked at target/lib.rs:3:5:\nindex out of bounds: the len is 1 but the index is 9\nnote: run with `RUST_BACKTRACE=1` environment variable to display a backtrace\n";

    #[test]
    fn a_panic_names_its_message_and_the_cells_own_line() {
        let source = "fn a() {}\nfn b() {\nlet x = v[9];\n}";
        let failure = Failure::panic(
            PANIC,
            Some(source),
            "let v = vec![1];\nlet x = v[9];",
            "let v = vec![1];\nlet x = v[9];",
        );
        assert_eq!(failure.name, "Panic");
        assert_eq!(failure.value, "index out of bounds: the len is 1 but the index is 9");
        assert!(failure.traceback.iter().any(|l| l.contains("cell line 2")), "{failure:?}");
    }

    #[test]
    fn a_panic_elsewhere_says_where() {
        let text = "thread 'main' panicked at crates/x/src/y.rs:9:1:\nboom\n";
        assert_eq!(Failure::panic(text, None, "", "").value, "boom (at crates/x/src/y.rs:9:1)");
    }

    #[test]
    fn a_question_mark_shows_the_errors_sentence() {
        let failure = Failure::question_mark("The file x.csv is missing.\n");
        assert_eq!(failure.value, "The file x.csv is missing.");
        assert_eq!(failure.name, "Error");
    }

    #[test]
    fn an_unknown_type_comes_with_the_line_to_write() {
        let error = Error::Message(
            "Couldn't automatically determine type of variable `n`.\nPlease give it an explicit type.".into(),
        );
        assert!(Failure::from_evcxr(&error, 0).value.contains("`let n: TYPE = ...;`"));
    }

    #[test]
    fn the_end_of_a_process_is_told_in_words() {
        assert!(end_of_process("Subprocess terminated with status: exit status: 137").contains("memory"));
        assert_eq!(end_of_process("Subprocess terminated with status: exit status: 3"), "exit status: 3");
        assert_eq!(end_of_process("Subprocess terminated with status: exit status: 255"), "exit status: 255");
        let crash = Failure::from_evcxr(&Error::SubprocessTerminated("x".into()), 2);
        assert!(crash.value.ends_with(
            "ended: x. The 2 variables of this session are lost; run the cells that made them again."
        ));
    }

    #[test]
    fn an_interrupt_says_what_was_lost() {
        assert!(Failure::interrupted(0).value.ends_with("No variable was lost."));
        assert!(Failure::interrupted(3).value.contains("3 variables"));
    }
}
