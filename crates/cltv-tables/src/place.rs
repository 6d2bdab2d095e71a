//! Where a row of a table stands in its file.

use crate::words::{quote, quote_path};

/// A row's place: the file, the sheet of a workbook, and the line or row in it, from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file as it was named; empty when only one was read.
    pub file: String,
    /// The sheet, where several were read.
    pub sheet: String,
    /// The line of a text file, the row of a sheet, or the number of the row in a parquet file.
    pub line: u64,
    /// "line" or "row".
    pub word: &'static str,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.word, self.line)?;
        if !self.sheet.is_empty() {
            write!(f, " of sheet {}", quote(&self.sheet))?;
        }
        if !self.file.is_empty() {
            write!(f, " of {}", quote_path(&self.file))?;
        }
        Ok(())
    }
}

/// A value of the source, with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceValue {
    /// Where it stands.
    pub place: Place,
    /// As it is written.
    pub value: String,
}

impl std::fmt::Display for SourceValue {
    /// As in `line 12: "31/31/2024"`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.place, quote(&self.value))
    }
}

/// Consecutive rows whose lines are consecutive too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Run {
    row: u64,
    line: u64,
    part: u32,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Part {
    file: String,
    sheet: String,
    word: &'static str,
}

/// The places of all rows of a table, kept as runs of consecutive lines.
///
/// A file without blank lines and without line ends inside quotes is one run, so a hundred million
/// rows need a few bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Places {
    runs: Vec<Run>,
    parts: Vec<Part>,
    rows: u64,
}

impl Places {
    /// Starts a file or a sheet; the rows pushed from now on stand in it.
    pub(crate) fn start(&mut self, file: &str, sheet: &str, word: &'static str) {
        self.parts.push(Part { file: file.to_owned(), sheet: sheet.to_owned(), word });
    }

    /// Adds the next row, which stands on a line.
    pub(crate) fn push(&mut self, line: u64) {
        self.push_many(line, 1);
    }

    /// Adds rows that stand on consecutive lines, the first of which is given.
    pub(crate) fn push_many(&mut self, line: u64, rows: u64) {
        let part = self.parts.len().saturating_sub(1) as u32;
        let follows = |run: &Run| run.part == part && run.line + (self.rows - run.row) == line;
        if !self.runs.last().is_some_and(follows) {
            self.runs.push(Run { row: self.rows, line, part });
        }
        self.rows += rows;
    }

    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.rows
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// The line of a row, counted from 0.
    #[must_use]
    pub fn line(&self, row: u64) -> u64 {
        self.run(row).map_or(0, |run| run.line + (row - run.row))
    }

    /// The place of a row, counted from 0. File and sheet are left empty where there is only one.
    #[must_use]
    pub fn place(&self, row: u64) -> Place {
        let several = |of: fn(&Part) -> &str| self.parts.iter().any(|part| of(part) != of(&self.parts[0]));
        let Some((run, part)) = self.run(row).and_then(|run| Some((run, self.parts.get(run.part as usize)?)))
        else {
            return Place { file: String::new(), sheet: String::new(), line: 0, word: "row" };
        };
        let (files, sheets) = (several(|part| &part.file), several(|part| &part.sheet));
        Place {
            file: if files { part.file.clone() } else { String::new() },
            sheet: if sheets { part.sheet.clone() } else { String::new() },
            line: run.line + (row - run.row),
            word: part.word,
        }
    }

    /// The sheet in which all rows stand; "" where there is none, or several.
    #[must_use]
    pub fn sheet(&self) -> &str {
        let mut sheets = self.runs.iter().filter_map(|run| self.parts.get(run.part as usize));
        match sheets.next() {
            Some(first) if sheets.all(|part| part.sheet == first.sheet) => &first.sheet,
            _ => "",
        }
    }

    /// Where the rows stand that are kept, in their order.
    pub(crate) fn kept(&self, keep: &[bool]) -> Self {
        let mut kept = Self { runs: Vec::new(), parts: self.parts.clone(), rows: 0 };
        for row in (0..self.rows).filter(|&row| keep[row as usize]) {
            let Some(run) = self.run(row) else { continue };
            let (line, part) = (run.line + (row - run.row), run.part);
            let follows = |last: &Run| last.part == part && last.line + (kept.rows - last.row) == line;
            if !kept.runs.last().is_some_and(follows) {
                kept.runs.push(Run { row: kept.rows, line, part });
            }
            kept.rows += 1;
        }
        kept
    }

    fn run(&self, row: u64) -> Option<&Run> {
        let after = self.runs.partition_point(|run| run.row <= row);
        self.runs.get(after.checked_sub(1)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn consecutive_lines_are_one_run() {
        let mut places = Places::default();
        places.start("a.csv", "", "line");
        (2..100).for_each(|line| places.push(line));
        places.push(101);
        places.start("b.csv", "", "line");
        places.push_many(2, 10);
        assert_eq!(places.runs.len(), 3);
        assert_eq!((places.line(0), places.line(97), places.line(98), places.line(108)), (2, 99, 101, 11));
        assert_eq!(places.place(99).to_string(), "line 2 of \"b.csv\"");
        assert_eq!(places.len(), 109);
        let keep: Vec<bool> = (0..109).map(|row| row != 3).collect();
        let kept = places.kept(&keep);
        assert_eq!((kept.len(), kept.runs.len()), (108, 4));
        assert_eq!((kept.line(2), kept.line(3), kept.line(107)), (4, 6, 11));
    }
}
