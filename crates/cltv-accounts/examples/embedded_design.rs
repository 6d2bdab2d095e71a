//! Writes what notebook 11 regresses on, target first, as csv to the standard output:
//! `cargo run -p cltv-accounts --example embedded_design > design.csv`.
//!
//! `tests/reference/make_regression.py` takes the file; amounts keep all their digits.

use std::error::Error;
use std::io;

use cltv_accounts::regression::FeatureValues;
use cltv_accounts::{DesignRules, PrepareRules, design, prepare};

#[path = "../tests/support/embedded.rs"]
mod embedded;

fn main() -> Result<(), Box<dyn Error>> {
    let prepared = prepare(&embedded::embedded(), &PrepareRules::default())?;
    let rules = DesignRules { drop: vec!["churned".to_owned()], ..DesignRules::default() };
    let data = design(&prepared.table, &rules)?.data;
    let mut columns = vec![(data.target_name(), texts(data.target()))];
    for feature in data.features() {
        let values = match &feature.values {
            FeatureValues::Numeric(numbers) => texts(numbers),
            FeatureValues::Categorical(words) => words.clone(),
        };
        columns.push((&feature.name, values));
    }
    let mut writer = csv::Writer::from_writer(io::stdout().lock());
    writer.write_record(columns.iter().map(|(name, _)| name))?;
    for row in 0..data.rows() {
        writer.write_record(columns.iter().map(|(_, values)| &values[row]))?;
    }
    writer.flush()?;
    Ok(())
}

/// The shortest texts that parse as the same numbers.
fn texts(numbers: &[f64]) -> Vec<String> {
    numbers.iter().map(f64::to_string).collect()
}
