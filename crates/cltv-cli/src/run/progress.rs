//! What a person sees while cells run: a line for every cell, and the running one on a terminal.

use std::fs::File;
use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chrono::Utc;
use indicatif::{ProgressBar, ProgressStyle};

use crate::cli::ProgressArgs;
use crate::terminal::{harmless, tell};

/// Columns that a cell's first line may take.
const LINE_WIDTH: usize = 56;

/// How much progress is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Wanted {
    cells: bool,
    notices: bool,
}

/// Tells how far a run is, on standard error.
#[derive(Debug)]
pub struct Progress {
    spinner: Option<ProgressBar>,
    wanted: Wanted,
    /// Stands before every line, where several runs tell side by side.
    prefix: String,
    /// A file that gets every line that stays, however much is printed.
    log: Option<File>,
    /// Whether the last output that was passed on ended within a line.
    within_line: AtomicBool,
}

/// The cell that a line is about.
#[derive(Debug, Clone)]
pub struct CellLabel {
    notebook: String,
    cell: usize,
    cells: usize,
    line: String,
}

impl CellLabel {
    /// Cell `cell` of `cells` of a notebook, with its first line of code.
    pub fn new(notebook: &str, cell: usize, cells: usize, line: &str) -> CellLabel {
        CellLabel { notebook: notebook.to_owned(), cell, cells, line: shortened(line) }
    }

    fn start(&self) -> String {
        let Self { notebook, cell, cells, line } = self;
        format!("{notebook}  {cell:>2}/{cells}  {line:<LINE_WIDTH$}")
    }
}

impl Progress {
    /// By the options of the command line: a moving line on a terminal, plain lines elsewhere.
    pub fn new(args: &ProgressArgs) -> Progress {
        let cells = (!args.log_output || args.progress_bar) && !args.no_progress_bar && !args.quiet;
        let terminal = std::io::IsTerminal::is_terminal(&std::io::stderr());
        Progress {
            // Outputs that are passed on would run into the moving line.
            spinner: (terminal && cells && !args.log_output).then(spinner),
            wanted: Wanted { cells, notices: !args.quiet },
            prefix: String::new(),
            log: None,
            within_line: AtomicBool::new(false),
        }
    }

    /// The same for one of several runs: plain lines that begin with its name.
    #[must_use]
    pub fn named(&self, name: &str) -> Progress {
        let (prefix, within_line) = (format!("{name}  "), AtomicBool::new(false));
        Progress { spinner: None, wanted: self.wanted, prefix, log: None, within_line }
    }

    /// Writes every line that stays to a file, too.
    pub fn log_to(&mut self, file: File) {
        self.log = Some(file);
    }

    /// A cell starts.
    pub fn cell_starts(&self, label: &CellLabel) {
        self.waits_for(&label.start());
    }

    /// A cell has ended; its line stays.
    pub fn cell_ended(&self, label: &CellLabel, seconds: f64, failed: bool) {
        self.end_line();
        let sign = if failed { "  FAILED" } else { "" };
        let line = format!("{}  {seconds:6.1} s{sign}", label.start());
        self.note(&line);
        if self.wanted.cells {
            self.print(&line);
        }
    }

    /// Something takes a while.
    pub fn waits_for(&self, what: &str) {
        if let Some(spinner) = &self.spinner {
            spinner.reset();
            spinner.set_message(harmless(what).into_owned());
            spinner.enable_steady_tick(Duration::from_millis(120));
        }
    }

    /// A line that stays.
    pub fn line(&self, text: &str) {
        self.note(text);
        if self.wanted.notices {
            self.print(text);
        }
    }

    /// A line for the log alone.
    pub fn note(&self, text: &str) {
        if let Some(mut log) = self.log.as_ref() {
            // A run does not fail because of what is said about it.
            let _ = writeln!(log, "{} {}", Utc::now().format("%H:%M:%S"), harmless(text));
        }
    }

    /// What a cell put out, as it is.
    pub fn output(&self, text: &str) {
        // Standard error may be closed.
        let _ = std::io::stderr().lock().write_all(text.as_bytes());
        if !text.is_empty() {
            self.within_line.store(!text.ends_with('\n'), Ordering::Relaxed);
        }
    }

    /// What comes next begins a line of its own.
    fn end_line(&self) {
        if self.within_line.swap(false, Ordering::Relaxed) {
            tell("");
        }
    }

    fn print(&self, text: &str) {
        let line = format!("{}{text}", self.prefix);
        match &self.spinner {
            // The bar draws on standard error and moves itself below the line.
            Some(spinner) => spinner.suspend(|| tell(&line)),
            None => tell(&line),
        }
    }

    /// Nothing runs any more.
    pub fn done(&self) {
        if let Some(spinner) = &self.spinner {
            spinner.finish_and_clear();
        }
    }
}

impl Default for Progress {
    fn default() -> Self {
        Progress::new(&ProgressArgs::default())
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.done();
    }
}

fn spinner() -> ProgressBar {
    let bar = ProgressBar::new_spinner();
    // The template is fixed; should it ever be wrong, indicatif's own will do.
    if let Ok(style) = ProgressStyle::with_template("{msg}  {elapsed:>5} {spinner}") {
        bar.set_style(style);
    }
    bar
}

fn shortened(line: &str) -> String {
    let visible = line.chars().map(|c| if c.is_control() { ' ' } else { c });
    if line.chars().count() <= LINE_WIDTH {
        return visible.collect();
    }
    visible.take(LINE_WIDTH - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_line_is_cut_at_a_character() {
        let short = shortened(&"é".repeat(100));
        assert_eq!(short.chars().count(), LINE_WIDTH);
        assert!(short.ends_with('…'));
        assert_eq!(shortened("let a = 1;"), "let a = 1;");
    }
}
