//! What the preparation found and did, in figures and sentences.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use crate::text::{count, counted, money, percent};

/// A row that is no account of its own, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct LeftOutRow {
    /// The sheet's row.
    pub row: u32,
    /// The account's id, if there is one.
    pub account: String,
    /// Why it was left out.
    pub reason: String,
}

/// What was found in a column and done to it.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[non_exhaustive]
pub struct ColumnReport {
    /// The column.
    pub column: String,
    /// "numbers", "texts", "dates" or "flags".
    pub kind: String,
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
    /// The columns that were looked at.
    pub columns: Vec<ColumnReport>,
    /// Interquartile ranges from the quartiles to the limits.
    pub fence: f64,
    /// What was recognised while reading.
    pub notes: Vec<String>,
}

impl PrepareReport {
    /// The report as sentences.
    #[must_use]
    pub fn sentences(&self) -> Vec<String> {
        let mut out = vec![format!(
            "{}: {} read, {} are accounts and {} are left out{}.",
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

    fn reasons(&self) -> String {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for row in &self.left_out {
            let reason = row.reason.split(';').next().unwrap_or_default();
            *counts.entry(reason).or_default() += 1;
        }
        let parts: Vec<String> =
            counts.iter().map(|(reason, n)| format!("{}: {reason}", count(*n))).collect();
        if parts.is_empty() { String::new() } else { format!(" ({})", parts.join(", ")) }
    }

    fn of_column(&self, column: &ColumnReport) -> Vec<String> {
        let name = &column.column;
        let mut out = Vec::new();
        if column.missing > 0 {
            let share = percent(column.missing as f64 / self.rows_kept.max(1) as f64);
            let done = match column.kind.as_str() {
                "numbers" => format!("set to the median, {}", column.filled_with),
                "texts" => format!("set to the level {:?}", column.filled_with),
                "flags" => format!("set to the commoner value, {}", column.filled_with),
                _ => "left missing".to_owned(),
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
            out.push(format!("{name}: {values} in another spelling of the same level, united."));
        }
        out
    }
}

impl fmt::Display for PrepareReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentences().join("\n"))
    }
}
