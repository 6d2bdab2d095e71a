//! The message of a failed cell: a name, a sentence, and the place in the cell.

mod panicked;

use crate::interrupt::PATIENCE;
use crate::processes::NOT_DONE;
use crate::{cell_text, surroundings};
use evcxr::{CompilationError, Error};
use panicked::{Panicked, cell_line, panics};

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

    /// The failure with its texts changed.
    pub(crate) fn with_texts(self, change: impl Fn(&str) -> String) -> Failure {
        let traceback = self.traceback.iter().map(|line| change(line)).collect();
        Failure { value: change(&self.value), traceback, ..self }
    }

    /// A `?` that left the cell early, at a place in the compiled program; `source`, `ran` and `cell` as for
    /// [`Failure::panic`].
    pub(crate) fn question_mark(
        text: &str,
        place: &str,
        source: Option<&str>,
        ran: &str,
        cell: &str,
    ) -> Failure {
        let value = match text.trim() {
            "" => "A `?` in this cell returned an error without a message.".to_owned(),
            text => text.to_owned(),
        };
        let source_line = place.rsplit(':').next().and_then(|line| line.parse().ok());
        let line = source_line.and_then(|line| cell_line(line, source?, ran));
        let mut details = Vec::new();
        details.extend(line.map(|number| place_in_cell(number, cell)));
        details.push(format!("The cell stopped at its `?`. {AS_BEFORE}"));
        Failure::new("Error", value, details)
    }

    /// A panic: `text` is what was written to standard error from it on, `source` the compiled program,
    /// `ran` the cell as it was compiled and `cell` as it was written, line by line the same.
    ///
    /// When one follows another the first is the cause: a thread's panic makes the one that waits for
    /// it panic as well, with nothing to say.
    pub(crate) fn panic(text: &str, source: Option<&str>, ran: &str, cell: &str) -> Failure {
        let panics = panics(text);
        let line = |panic: &Panicked| cell_line(panic.source_line()?, source?, ran);
        let value = panics.first().map_or_else(|| text.trim().to_owned(), Panicked::in_words);
        let mut details = Vec::new();
        if let Some(number) = panics.first().and_then(line) {
            details.push(place_in_cell(number, cell));
        }
        for panic in panics.iter().skip(1) {
            let place = line(panic).map(|number| format!(" (at cell line {number})")).unwrap_or_default();
            details.push(format!("Then another panic: {}{place}", panic.in_words()));
        }
        details.push(format!("The cell panicked. {AS_BEFORE}"));
        Failure::new("Panic", value, details)
    }

    /// An interrupt ended the cell; these variables are lost.
    pub(crate) fn interrupted(lost: &[String]) -> Failure {
        Failure::new("Interrupted", format!("The cell was interrupted. {}", lost_variables(lost)), vec![])
    }

    /// An interrupt came, the cell did not end, and its process was ended with all variables.
    pub(crate) fn ended_by_force(lost: &[String]) -> Failure {
        let text = format!(
            "The cell was interrupted. It had not stopped after {} s, as in a long call of a library, so its process was ended. {}",
            PATIENCE.as_secs(),
            lost_variables(lost)
        );
        Failure::new("Interrupted", text, vec![])
    }

    /// The failure of a cell that has used up these variables before it failed.
    pub(crate) fn with_used_up(mut self, lost: &[String]) -> Failure {
        if !lost.is_empty() {
            for line in &mut self.traceback {
                *line = line.replace(AS_BEFORE, OTHERS_AS_BEFORE);
            }
            let (names, is) = (in_backticks(lost), if lost.len() == 1 { "is" } else { "are" });
            self.traceback.push(format!(
                "The cell moves {names}, which {is} gone with it; run the cell that made {names}, and write `{}.clone()` in this one.",
                lost[0]
            ));
        }
        self
    }

    /// The failure with what became of each variable that is not found: the cell that used it up and the line.
    pub(crate) fn with_uses(mut self, use_of: impl Fn(&str) -> Option<String>) -> Failure {
        if self.name == "CompileError" {
            let (_, rest) = self.value.split_once("cannot find value `").unwrap_or_default();
            let found = rest.split_once('`').and_then(|(name, _)| use_of(name));
            self.traceback.extend(found.map(|text| format!("{BLUE}help{RESET}: {text}")));
        }
        self
    }

    /// The kernel itself came upon a mistake of its own, or of evcxr's, and ends.
    pub(crate) fn broken(message: &str) -> Failure {
        let value = format!("The kernel failed and ends: {message}. All variables are lost.");
        let details = vec!["Start the kernel again and run the notebook from its first cell.".to_owned()];
        Failure::new("KernelFailed", value, details)
    }

    /// A cell that reads standard input where nobody types; `how` it ended then.
    pub(crate) fn no_input(how: Option<Failure>) -> Failure {
        let value = "The cell reads standard input, and this client sends none; give the value in the cell, or as a parameter of the notebook.";
        Failure::new("NoInput", value.to_owned(), how.map(|failure| failure.value).into_iter().collect())
    }

    /// A command that cannot be obeyed.
    pub(crate) fn of_command(error: &anyhow::Error) -> Failure {
        Failure::new("Command", format!("{error:#}"), vec!["`:help` lists the commands.".to_owned()])
    }

    /// A name that `?` asks about, and nothing is known of.
    pub(crate) fn unknown_name(name: &str) -> Failure {
        let value = format!(
            "Nothing is known of `{name}`; write a function, type, method or variable as in a cell, such as `?df.head`."
        );
        Failure::new("Command", value, vec![])
    }

    /// What is around the kernel keeps cells from running.
    pub(crate) fn surroundings(fault: String) -> Failure {
        Failure::new("KernelEnvironment", fault, vec![])
    }

    /// The session never came to be.
    pub(crate) fn not_started(error: &anyhow::Error) -> Failure {
        if let Some(fault) = surroundings::fault() {
            return Failure::surroundings(fault);
        }
        let details = vec!["`cltv kernel install` builds the kernel again.".to_owned()];
        Failure::new("KernelNotStarted", format!("Cells cannot run: {error:#}"), details)
    }

    /// Whether what is around the kernel may be the reason of an error: it names no place in the cell.
    pub(crate) fn may_be_of_surroundings(error: &Error) -> bool {
        match error {
            Error::CompilationErrors(errors) => {
                let has_place = |error: &CompilationError| {
                    error.primary_spanned_message().is_some_and(|message| message.span.is_some())
                };
                !errors.iter().any(|error| error.level() != "warning" && has_place(error))
            }
            Error::SubprocessTerminated(text) => text.contains(&format!("exit status: {NOT_DONE}")),
            Error::TypeRedefinedVariablesLost(_) => false,
            Error::Message(_) => true,
        }
    }

    /// Whether evcxr says that it does not know the type of a variable.
    pub(crate) fn is_of_unknown_type(text: &str) -> bool {
        text.starts_with(UNKNOWN_TYPE) || (text.starts_with(VARIABLE) && text.contains(IS_CLOSURE))
    }

    /// Everything evcxr calls an error, about a cell as it was written.
    pub(crate) fn from_evcxr(error: &Error, lost: &[String], cell: &str) -> Failure {
        match error {
            Error::CompilationErrors(errors) => compile_failure(errors, cell),
            Error::SubprocessTerminated(text) => Failure::new(
                "Crash",
                format!(
                    "The process that runs cells ended: {}. {}",
                    end_of_process(text),
                    lost_variables(lost)
                ),
                vec!["Run the notebook again from its first cell.".to_owned()],
            ),
            Error::TypeRedefinedVariablesLost(names) => Failure::new(
                "TypeChanged",
                format!("A type was redefined, so these variables are lost: {}.", names.join(", ")),
                vec![],
            ),
            Error::Message(text) => match failed_dependency(text) {
                Some(said) => Failure::new(
                    "CompileError",
                    "A crate in a `:dep` of this cell does not compile.".to_owned(),
                    said,
                ),
                None => Failure::new("Error", with_remedy(text.trim()), vec![]),
            },
        }
    }
}

/// What a failed cell leaves.
const AS_BEFORE: &str = "The variables that it was to define are as they were before it.";
/// The same where it has used some up.
const OTHERS_AS_BEFORE: &str = "Other variables that it was to define are as they were before it.";

/// How many variables are named.
const MOST_NAMED: usize = 12;

fn lost_variables(names: &[String]) -> String {
    match names {
        [] => "No variable was lost.".to_owned(),
        [one] => format!("The variable `{one}` is lost; run the cell that made it again."),
        _ => {
            format!("These variables are lost: {}; run the cells that made them again.", in_backticks(names))
        }
    }
}

/// Names with commas between them, of many the first.
fn in_backticks(names: &[String]) -> String {
    let shown: Vec<String> = names.iter().take(MOST_NAMED).map(|name| format!("`{name}`")).collect();
    match names.len().checked_sub(MOST_NAMED).filter(|more| *more > 0) {
        Some(more) => format!("{} and {more} others", shown.join(", ")),
        None => shown.join(", "),
    }
}

/// A line of a cell with its number.
fn place_in_cell(number: usize, cell: &str) -> String {
    let code = cell.lines().nth(number - 1).unwrap_or_default().trim();
    format!("{BLUE}cell line {number}{RESET}: {code}")
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

/// What cargo said of a crate that does not compile, from its first error on; evcxr gives all that it
/// printed, for people and for programs.
fn failed_dependency(text: &str) -> Option<Vec<String>> {
    let (_, said) = text.split_once("no parsable errors were found. STDERR:")?;
    let (said, _) = said.split_once("STDOUT:").unwrap_or((said, ""));
    let lines: Vec<String> = said.trim().lines().map(str::to_owned).collect();
    let first = lines.iter().position(|line| line.starts_with("error")).unwrap_or(0);
    Some(lines[first..].to_vec())
}

/// How evcxr says that it does not know a variable's type, or that it is a closure.
const UNKNOWN_TYPE: &str = "Couldn't automatically determine type of variable `";
const VARIABLE: &str = "The variable `";
const IS_CLOSURE: &str = " is a closure";

/// How evcxr says that a type cannot be written.
const PRIVATE_TYPE: &str = "Failed to determine type of variable `";

/// The variable that evcxr says has a type that cannot be written.
pub(crate) fn of_type_without_name(text: &str) -> Option<&str> {
    let rest = text.strip_prefix(PRIVATE_TYPE).or(text.strip_prefix(VARIABLE))?;
    Some(rest.split_once('`')?.0)
}

/// evcxr's words for a variable whose type it does not know or that is a closure.
pub(crate) fn of_unknown_type(variable: &str, is_closure: bool) -> String {
    match is_closure {
        true => format!("{VARIABLE}{variable}`{IS_CLOSURE}."),
        false => format!("{UNKNOWN_TYPE}{variable}`."),
    }
}

fn with_remedy(text: &str) -> String {
    let named = |begin: &str| text.split_once(begin).and_then(|(_, rest)| rest.split_once('`'));
    if let Some((name, _)) = named(UNKNOWN_TYPE) {
        return format!(
            "The type of `{name}` could not be worked out. Write it down: `let {name}: TYPE = ...;`"
        );
    }
    match named(VARIABLE) {
        Some((name, rest)) if rest.starts_with(IS_CLOSURE) => format!(
            "`{name}` is a closure, whose type has no name, and so cannot outlive the cell. Box it, as in `let {name}: Box<dyn Fn(f64) -> f64> = Box::new(...);`, or write a function."
        ),
        _ => text.to_owned(),
    }
}

fn compile_failure(errors: &[CompilationError], cell: &str) -> Failure {
    let serious: Vec<&CompilationError> = errors.iter().filter(|e| e.level() != "warning").collect();
    let details = serious.iter().flat_map(|e| describe(e, cell)).collect();
    let value = match serious.first() {
        Some(first) => match place(first, cell) {
            Some(place) => format!("{} ({place})", message_in_cell(first, cell)),
            None => first.message(),
        },
        None => "The cell did not compile.".to_owned(),
    };
    Failure::new("CompileError", value, details)
}

fn place(error: &CompilationError, cell: &str) -> Option<String> {
    let span = error.primary_spanned_message()?.span?;
    let column = cell_text::written_column(cell, span.start_line, span.start_column);
    Some(format!("line {}, column {column}", span.start_line))
}

/// What evcxr says of a variable that borrows, with the line that works.
fn of_borrow(message: &str, cell: &str) -> Option<String> {
    let (name, rest) = message.strip_prefix(VARIABLE)?.split_once('`')?;
    let line = cell_text::owning_line(cell, name).filter(|_| rest.contains("non-static lifetime"))?;
    Some(format!(
        "`{name}` borrows from another variable, and so cannot outlive the cell; keep a copy: `{line}` (`.to_owned()` for text and slices, `.collect::<Vec<_>>()` for an iterator)"
    ))
}

/// An error's message; what the compiler found behind the cell's own code is the end of the cell.
fn message_in_cell(error: &CompilationError, cell: &str) -> String {
    if let Some(message) = of_borrow(&error.message(), cell) {
        return message;
    }
    let span = error.primary_spanned_message().and_then(|message| message.span);
    match span {
        Some(span) => found_in_cell(&error.message(), cell, span.start_line, span.start_column),
        None => error.message(),
    }
}

/// What the parser may find behind a cell's own code, in its words.
const AROUND_CELL: [&str; 5] =
    ["keyword `fn`", "`evcxr_variable_store`", "`evcxr_send_text_plain`", "`Ok`", "<end of input>"];

/// "expected `;`, found keyword `fn`" with what stands in the cell at that place: the compiler saw code
/// that was written around the cell.
fn found_in_cell(message: &str, cell: &str, line: usize, column: usize) -> String {
    let Some((expected, found)) = message.split_once(", found ") else { return message.to_owned() };
    let before: usize = cell.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let column = cell_text::written_column(cell, line, column);
    let rest: String =
        cell.get(before..).unwrap_or_default().chars().skip(column.saturating_sub(1)).collect();
    let rest = rest.trim_start();
    let word = found.split('`').nth(1).unwrap_or_default();
    if !AROUND_CELL.contains(&found) || (!word.is_empty() && rest.starts_with(word)) {
        return message.to_owned();
    }
    let in_word = |c: char| c.is_alphanumeric() || c == '_';
    let token = match rest.find(|c| !in_word(c)) {
        Some(0) => rest.chars().take(1).collect(),
        Some(end) => rest[..end].to_owned(),
        None => rest.to_owned(),
    };
    match token.is_empty() {
        true => format!("{expected}, found the end of the cell"),
        false => format!("{expected}, found `{token}`"),
    }
}

fn describe(error: &CompilationError, cell: &str) -> Vec<String> {
    let code = error.code().map(|c| format!("[{c}]")).unwrap_or_default();
    let mut lines = vec![format!("{RED}error{code}{RESET}: {}", message_in_cell(error, cell))];
    for spanned in error.spanned_messages() {
        let Some(span) = spanned.span else { continue };
        let column = cell_text::written_column(cell, span.start_line, span.start_column);
        lines.push(format!("{BLUE} --> cell line {}, column {column}{RESET}", span.start_line));
        let count = (span.end_line + 1).saturating_sub(span.start_line).max(1);
        for (i, text) in cell.lines().skip(span.start_line - 1).take(count).enumerate() {
            lines.push(format!("{BLUE}{:>4} |{RESET} {text}", span.start_line + i));
            if i == 0 {
                let end_of_line = text.chars().count() + 1;
                let end = match span.end_line == span.start_line {
                    true => cell_text::written_column(cell, span.end_line, span.end_column).min(end_of_line),
                    false => end_of_line,
                };
                let marks = "^".repeat(end.saturating_sub(column).max(1));
                lines.push(format!(
                    "{BLUE}     |{RESET} {}{RED}{marks} {}{RESET}",
                    " ".repeat(column.saturating_sub(1)),
                    found_in_cell(&spanned.label, cell, span.start_line, span.start_column)
                ));
            }
        }
    }
    // The compiler's advice, and behind an empty line what it would write.
    let helps = error.help().into_iter().map(|help| help.trim().replace("\n\n", ": "));
    lines.extend(helps.map(|help| format!("{BLUE}help{RESET}: {help}")));
    lines.extend(error.evcxr_extra_hint().map(|hint| format!("{BLUE}help{RESET}: {hint}")));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    const PANIC: &str = "\nthread '<unnamed>' (7) panicked at target/lib.rs:3:5:\nindex out of bounds: the len is 1 but the index is 9\nnote: run with `RUST_BACKTRACE=1` environment variable to display a backtrace\n";

    #[test]
    fn a_panic_names_its_message_and_the_cells_own_line() {
        let source = "pub extern \"C\" fn run_user_code_1(\nlet v = vec![1];\nlet x = v[9];\n}";
        let cell = "let v = vec![1];\nlet x = v[9];";
        let failure = Failure::panic(PANIC, Some(source), cell, cell);
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
    fn of_several_panics_the_first_is_the_cause() {
        let later = "thread '<unnamed>' (7) panicked at /rustc/x/library/std/src/thread/scoped.rs:9:1:\na scoped thread panicked\n";
        let failure = Failure::panic(&format!("{PANIC}{later}"), None, "", "");
        assert_eq!(failure.value, "index out of bounds: the len is 1 but the index is 9");
        let traceback = failure.traceback.join("\n");
        assert!(traceback.contains("Then another panic: a scoped thread panicked (at /rustc"), "{traceback}");
    }

    #[test]
    fn a_question_mark_shows_the_errors_sentence() {
        let failure = Failure::question_mark("The file x.csv is missing.\n", "", None, "", "");
        assert_eq!(failure.value, "The file x.csv is missing.");
        let source = "pub extern \"C\" fn run_user_code_1(\nlet v = 1;\nread(v)?;\n}";
        let cell = "let v = 1;\nread(v)?;";
        let failure = Failure::question_mark("no", "target/lib.rs:3", Some(source), cell, cell);
        assert!(failure.traceback[1].contains("cell line 2") && failure.traceback[1].ends_with("read(v)?;"));
        assert_eq!(failure.name, "Error");
    }

    #[test]
    fn code_around_a_cell_is_not_shown() {
        let found = |message: &str, cell: &str, column| found_in_cell(message, cell, 1, column);
        let of_fn = "expected `;`, found keyword `fn`";
        assert_eq!(found(of_fn, "let t = 5", 10), "expected `;`, found the end of the cell");
        assert_eq!(
            found("expected `;`, found <end of input>", "t", 2),
            "expected `;`, found the end of the cell"
        );
        assert_eq!(found(of_fn, "foo bar", 4), "expected `;`, found `bar`");
        assert_eq!(found(of_fn, "é = 5\nprintln!(\"a\")", 6), "expected `;`, found `println`");
        assert_eq!(found(of_fn, "let t = 5\nfn f() {}", 10), of_fn);
        for message in ["mismatched types", "expected `u8`, found `&str`"] {
            assert_eq!(found(message, "f(\"x\")", 3), message);
        }
    }

    #[test]
    fn an_unknown_type_comes_with_the_line_to_write() {
        let error = Error::Message(
            "Couldn't automatically determine type of variable `n`.\nPlease give it an explicit type.".into(),
        );
        assert!(Failure::from_evcxr(&error, &[], "").value.contains("`let n: TYPE = ...;`"));
    }

    #[test]
    fn words_for_unknown_types_are_known() {
        for is_closure in [true, false] {
            let text = of_unknown_type("v", is_closure);
            assert!(Failure::is_of_unknown_type(&text) && with_remedy(&text) != text, "{text}");
        }
        assert!(!Failure::is_of_unknown_type("no space left"));
    }

    #[test]
    fn a_closure_comes_with_the_line_to_write() {
        let error = Error::Message("The variable `f` is a closure, which cannot be persisted.\nMore.".into());
        let message = Failure::from_evcxr(&error, &[], "").value;
        assert!(
            message.contains("`let f: Box<dyn Fn(f64) -> f64> = Box::new(...);`")
                && !message.contains("evcxr"),
            "{message}"
        );
    }

    #[test]
    fn a_crate_that_does_not_compile_has_cargos_errors_only() {
        let said = "Compilation failed, but no parsable errors were found. STDERR:\n   Compiling x v1.0\nerror: no\nerror: could not compile `x`\n\nSTDOUT:{\"reason\":\"build-finished\"}";
        let failure = Failure::from_evcxr(&Error::Message(said.into()), &[], "");
        assert_eq!(failure.name, "CompileError");
        let message = failure.traceback.join("\n");
        assert!(message.contains("error: could not compile `x`") && !message.contains("reason"), "{message}");
        assert!(!message.contains("Compiling x"), "{message}");
    }

    #[test]
    fn the_end_of_a_process_is_described() {
        assert!(end_of_process("Subprocess terminated with status: exit status: 137").contains("memory"));
        assert_eq!(end_of_process("Subprocess terminated with status: exit status: 3"), "exit status: 3");
        assert_eq!(end_of_process("Subprocess terminated with status: exit status: 255"), "exit status: 255");
        let lost = ["a".to_owned(), "b".to_owned()];
        let crash = Failure::from_evcxr(&Error::SubprocessTerminated("x".into()), &lost, "");
        assert!(
            crash.value.ends_with(
                "ended: x. These variables are lost: `a`, `b`; run the cells that made them again."
            )
        );
    }

    #[test]
    fn an_interrupt_says_what_was_lost() {
        assert!(Failure::interrupted(&[]).value.ends_with("No variable was lost."));
        let many: Vec<String> = (0..14).map(|i| format!("v{i}")).collect();
        assert!(Failure::interrupted(&many[..1]).value.contains("`v0` is lost"));
        assert!(Failure::interrupted(&many).value.contains("`v11` and 2 others"));
    }
}
