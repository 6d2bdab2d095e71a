//! What a person sees while cells run: a line for every cell, and the running one on a terminal.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// Columns that a cell's first line may take.
const LINE_WIDTH: usize = 56;

/// Tells how far a run is, on standard error.
#[derive(Debug)]
pub struct Progress {
    spinner: Option<ProgressBar>,
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
    /// A moving line on a terminal, plain lines elsewhere.
    pub fn new() -> Progress {
        let terminal = std::io::IsTerminal::is_terminal(&std::io::stderr());
        Progress { spinner: terminal.then(spinner) }
    }

    /// A cell starts.
    pub fn cell_starts(&self, label: &CellLabel) {
        self.waits_for(&label.start());
    }

    /// A cell has ended; its line stays.
    pub fn cell_ended(&self, label: &CellLabel, seconds: f64, failed: bool) {
        let sign = if failed { "  FAILED" } else { "" };
        self.line(&format!("{}  {seconds:6.1} s{sign}", label.start()));
    }

    /// Something takes a while.
    pub fn waits_for(&self, what: &str) {
        if let Some(spinner) = &self.spinner {
            spinner.reset();
            spinner.set_message(what.to_owned());
            spinner.enable_steady_tick(Duration::from_millis(120));
        }
    }

    /// A line that stays.
    pub fn line(&self, text: &str) {
        match &self.spinner {
            // The bar draws on standard error and moves itself below the line.
            Some(spinner) => spinner.suspend(|| eprintln!("{text}")),
            None => eprintln!("{text}"),
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
        Progress::new()
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
