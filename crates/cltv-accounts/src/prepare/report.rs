//! The report of the preparation, in figures and sentences.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use crate::table::ColumnKind;
use crate::text::{count, counted, money, percent};

/// Why a row is left out.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[non_exhaustive]
pub enum LeftOutReason {
    /// It has no value in a column that every account needs.
    Missing {
        /// The column.
        column: String,
    },
    /// Another row of the same account is kept.
    Duplicate {
        /// The source's row that is kept.
        kept: u32,
    },
}

impl fmt::Display for LeftOutReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { column } => write!(f, "has no {column}"),
            Self::Duplicate { kept } => write!(f, "has the same id as row {kept}, which is kept"),
        }
    }
}

/// A row that is left out, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct LeftOutRow {
    /// The source's row.
    pub row: u32,
    /// The account's id, if there is one.
    pub account: String,
    /// Why it is left out.
    pub reason: LeftOutReason,
}

/// What was found in a column, and how it was changed.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ColumnReport {
    /// The column.
    pub column: String,
    /// What it holds.
    pub kind: ColumnKind,
    /// Values that were missing.
    pub missing: usize,
    /// What they were filled with.
    pub filled_with: String,
    /// Values raised to the lower limit.
    pub raised: usize,
    /// Values lowered to the upper limit.
    pub lowered: usize,
    /// The limits, where there are some.
    pub limits: Option<[f64; 2]>,
    /// Whether the limits come from the quartiles of the logarithms.
    pub logarithmic: bool,
    /// Texts that were given the usual spelling of their category.
    pub respelled: usize,
}

/// The preparation in figures; as text, one sentence a finding.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct PrepareReport {
    /// The table's source, as it was named.
    pub source: String,
    /// Rows of the table.
    pub rows_read: usize,
    /// Rows that are accounts.
    pub rows_kept: usize,
    /// The other rows.
    pub left_out: Vec<LeftOutRow>,
    /// The columns that were prepared.
    pub columns: Vec<ColumnReport>,
    /// Interquartile ranges from the quartiles to the limits.
    pub fence: f64,
    /// The reader's notes.
    pub notes: Vec<String>,
}

impl PrepareReport {
    /// The report as sentences.
    #[must_use]
    pub fn sentences(&self) -> Vec<String> {
        let mut out = vec![format!(
            "{}: {} read, of which {} are accounts and {} are left out{}.",
            self.source,
            counted(self.rows_read, "row"),
            count(self.rows_kept),
            count(self.left_out.len()),
            self.reasons()
        )];
        out.extend(self.columns.iter().flat_map(|column| self.of_column(column)));
        let clean =
            |column: &&ColumnReport| column.missing + column.raised + column.lowered + column.respelled == 0;
        let names: Vec<&str> =
            self.columns.iter().filter(clean).map(|column| column.column.as_str()).collect();
        if !names.is_empty() {
            out.push(format!("Nothing to correct in: {}.", names.join(", ")));
        }
        out.extend(self.notes.iter().cloned());
        out
    }

    /// " (2 without id, 1 duplicate)"; nothing when no row is left out.
    fn reasons(&self) -> String {
        let mut without: BTreeMap<&str, usize> = BTreeMap::new();
        let mut duplicates = 0;
        for row in &self.left_out {
            match &row.reason {
                LeftOutReason::Missing { column } => *without.entry(column).or_default() += 1,
                LeftOutReason::Duplicate { .. } => duplicates += 1,
            }
        }
        let mut parts: Vec<String> =
            without.iter().map(|(column, n)| format!("{} without {column}", count(*n))).collect();
        if duplicates > 0 {
            parts.push(counted(duplicates, "duplicate"));
        }
        if parts.is_empty() { String::new() } else { format!(" ({})", parts.join(", ")) }
    }

    fn of_column(&self, column: &ColumnReport) -> Vec<String> {
        let name = &column.column;
        let mut out = Vec::new();
        if column.missing > 0 {
            let share = percent(column.missing as f64 / self.rows_kept.max(1) as f64);
            let done = match column.kind {
                ColumnKind::Numbers => format!("set to the median, {}", column.filled_with),
                ColumnKind::Texts => format!("set to the level {:?}", column.filled_with),
                ColumnKind::Flags => format!("set to the more frequent value, {}", column.filled_with),
                ColumnKind::Dates => "left missing".to_owned(),
            };
            out.push(format!("{name}: {} ({share}) missing, {done}.", counted(column.missing, "value")));
        }
        let scale = if column.logarithmic { " of the logarithms" } else { "" };
        for (n, which, limit) in [(column.raised, "below", 0), (column.lowered, "above", 1)] {
            let limit = column.limits.map_or(0.0, |limits| limits[limit]);
            if n > 0 {
                out.push(format!(
                    "{name}: {} {which} {} (quartiles{scale} and {} interquartile ranges), set to that limit.",
                    counted(n, "value"),
                    money(limit),
                    self.fence
                ));
            }
        }
        if column.respelled > 0 {
            let values = counted(column.respelled, "value");
            out.push(format!(
                "{name}: {values} differed in case from the most frequent spelling and were changed to it."
            ));
        }
        out
    }
}

impl fmt::Display for PrepareReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentences().join("\n"))
    }
}
