//! Duplicate rows, and rows without an id or a target.

use std::collections::BTreeMap;

use super::report::{LeftOutReason, LeftOutRow};
use super::rules::PrepareRules;
use crate::table::{AccountTable, TableError};

/// The indices of the rows that are kept, and the rows that are left out.
pub(crate) struct Kept {
    pub(crate) rows: Vec<usize>,
    pub(crate) left_out: Vec<LeftOutRow>,
}

pub(crate) fn find(table: &AccountTable, rules: &PrepareRules) -> Result<Kept, TableError> {
    let none = || vec![Some(String::new()); table.len()];
    let ids = if rules.id.is_empty() { none() } else { table.texts(&rules.id)? };
    let has_target: Vec<bool> = match rules.target.as_str() {
        "" => vec![true; table.len()],
        target => table.numbers(target)?.iter().map(Option::is_some).collect(),
    };
    let mut left_out = Vec::new();
    let mut best: BTreeMap<&str, usize> = BTreeMap::new();
    let missing = missing_by_row(table);
    let mut keep = vec![true; table.len()];
    for row in 0..table.len() {
        let mut leave_out = |row: usize, reason: LeftOutReason| {
            keep[row] = false;
            let account = ids[row].clone().unwrap_or_default();
            left_out.push(LeftOutRow { row: table.rows[row], account, reason });
        };
        let Some(id) = &ids[row] else {
            leave_out(row, LeftOutReason::Missing { column: rules.id.clone() });
            continue;
        };
        if !has_target[row] {
            leave_out(row, LeftOutReason::Missing { column: rules.target.clone() });
            continue;
        }
        if rules.id.is_empty() {
            continue;
        }
        if let Some(&other) = best.get(id.as_str()) {
            let (loser, winner) = if missing[row] <= missing[other] { (other, row) } else { (row, other) };
            leave_out(loser, LeftOutReason::Duplicate { kept: table.rows[winner] });
            best.insert(id, winner);
        } else {
            best.insert(id, row);
        }
    }
    Ok(Kept { rows: (0..table.len()).filter(|&row| keep[row]).collect(), left_out })
}

fn missing_by_row(table: &AccountTable) -> Vec<usize> {
    let mut missing = vec![0; table.len()];
    for column in &table.columns {
        for (row, value) in column.values.is_missing().into_iter().enumerate() {
            missing[row] += usize::from(value);
        }
    }
    missing
}
