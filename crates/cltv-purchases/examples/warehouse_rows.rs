//! Reads the tables of `warehouse_cases` through `cltv-warehouse` as well as from their files, and compares.
//!
//! Arguments: the folder of the cases, and an address with `{name}` in the place of a table's name.

use std::error::Error;
use std::path::Path;

use cltv_purchases::{Cleaned, Cleaning, DataError, Source};
use polars::prelude::{DataFrame, SortMultipleOptions};
use serde_json::Value;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, address] = arguments.as_slice() else {
        return Err("give the folder of the cases, and an address with {name} in it".into());
    };
    let folder = Path::new(folder);
    let cases: Vec<Value> = serde_json::from_str(&std::fs::read_to_string(folder.join("cases.json"))?)?;
    let mut compared = 0;
    for case in &cases {
        let name = case["name"].as_str().unwrap_or_default();
        let file = folder.join(format!("{name}.parquet")).display().to_string();
        let from_table = cleaned(case, &address.replace("{name}", name));
        let from_file = cleaned(case, &file);
        match (from_table, from_file) {
            (Ok(one), Ok(two)) => compare(name, &one, &two)?,
            (Err(one), Err(two)) if about(&one) == about(&two) => {}
            (one, two) => {
                let said = |result: Result<Cleaned, DataError>| {
                    result.map_or_else(|e| e.to_string(), |_| "rows".to_owned())
                };
                return Err(
                    format!("{name}: {} from the table, {} from the file", said(one), said(two)).into()
                );
            }
        }
        compared += 1;
    }
    println!("{compared} tables are read from the database as from their files");
    (compared > 0).then_some(()).ok_or_else(|| "there is no case".into())
}

fn cleaned(case: &Value, transactions: &str) -> Result<Cleaned, DataError> {
    let mut source = Source::new(transactions);
    if case["orders"] == true {
        source = source.order_column("order_id");
    }
    if case["amounts"] == false {
        source = source.amount_column("");
    }
    if case["trim_case"] == true {
        source = source.id_match("trim_case");
    }
    let today = case["today"].as_str().unwrap_or_default().parse().unwrap_or_default();
    source.read()?.clean(&Cleaning::default().today(today).drop_duplicates(case["drop_duplicates"] == true))
}

/// An error without the name of the source, which differs.
fn about(error: &DataError) -> String {
    let said = error.to_string();
    said.split_whitespace()
        .filter(|word| !word.contains(".parquet") && !word.contains("adbc:"))
        .collect::<Vec<_>>()
        .join(" ")
}

fn compare(name: &str, one: &Cleaned, two: &Cleaned) -> Result<(), Box<dyn Error>> {
    // An engine may give rows that are equal in customer, day and amount in another order.
    let sorted = |cleaned: &Cleaned| -> Result<DataFrame, Box<dyn Error>> {
        let frame = cleaned.transactions.frame()?;
        let names: Vec<String> = frame.get_column_names().iter().map(ToString::to_string).collect();
        Ok(frame.sort(names, SortMultipleOptions::default())?)
    };
    if !sorted(one)?.equals_missing(&sorted(two)?) {
        return Err(format!("{name}: the clean rows differ").into());
    }
    let (a, b) = (&one.report, &two.report);
    let figures = |report: &cltv_purchases::CleaningReport| {
        (
            report.rows_read,
            report.rows_left_out(),
            report.duplicates,
            report.zero_amounts,
            report.merged_lines,
        )
    };
    if figures(a) != figures(b) || a.steps != b.steps || a.warnings != b.warnings {
        return Err(format!("{name}: the reports differ:\n{a}\n{b}").into());
    }
    Ok(())
}
