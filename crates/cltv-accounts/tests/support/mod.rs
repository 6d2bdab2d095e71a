//! Tables for tests, made without a reader of files.

#![allow(dead_code, reason = "each test takes what it needs")]

pub(crate) mod embedded;

use cltv_accounts::{AccountTable, Column, Values};

/// A table of csv text: columns of numbers, of yes and no, or of texts; an empty cell is missing.
pub(crate) fn table(csv: &str) -> AccountTable {
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let names: Vec<String> = reader.headers().unwrap().iter().map(String::from).collect();
    let records: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let column = |(at, name): (usize, &String)| {
        let cells: Vec<Option<&str>> =
            records.iter().map(|record| Some(&record[at]).filter(|cell| !cell.is_empty())).collect();
        Column::new(name, typed(&cells))
    };
    let columns = names.iter().enumerate().map(column).collect();
    AccountTable::new("crm.csv", columns).unwrap().with_rows((2..).take(records.len()).collect()).unwrap()
}

fn typed(cells: &[Option<&str>]) -> Values {
    let present = || cells.iter().flatten();
    if present().all(|cell| cell.parse::<f64>().is_ok()) {
        return Values::Number(cells.iter().map(|cell| cell.and_then(|cell| cell.parse().ok())).collect());
    }
    if present().all(|cell| ["yes", "no"].contains(cell)) {
        return Values::Flag(cells.iter().map(|cell| cell.map(|cell| cell == "yes")).collect());
    }
    Values::Text(cells.iter().map(|cell| cell.map(str::to_owned)).collect())
}
