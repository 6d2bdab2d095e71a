//! Writes the clean rows of CDNOW, every definition as SQL for DuckDB, and what polars computes, into a folder.
//!
//! `cargo xtask sql` runs the statements in DuckDB and compares the tables.

use std::error::Error;
use std::path::PathBuf;

use cltv_models::{Grain, TimeUnit};
use cltv_purchases::{Cleaning, Dialect, Outputs, Source, sql_of};
use polars::prelude::{DataFrame, IntoColumn, NamedFrom, Series};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).ok_or("name the folder to write to")?);
    let out = Outputs::open(&folder.display().to_string())?;
    let cdnow = Source::new("cdnow").read()?.clean(&Cleaning::default())?.transactions;
    let rows = cdnow.columns()?;
    let amounts = rows.amount.ok_or("cdnow has amounts")?;
    let table = DataFrame::new_infer_height(vec![
        Series::new("customer".into(), rows.customer).into_column(),
        Series::new("day".into(), rows.day).into_column(),
        Series::new("amount".into(), amounts).into_column(),
    ])?;
    out.write_csv("rows.csv", &table)?;
    let periods = cdnow.periods("", "")?;
    for (unit, grain) in
        [(TimeUnit::Week, Grain::Day), (TimeUnit::Week, Grain::Week), (TimeUnit::Month, Grain::Month)]
    {
        for definition in cdnow.definitions(&periods, unit, grain) {
            let name = format!("{}_by_{grain}", definition.name);
            out.write_text(&format!("{name}.sql"), &sql_of(&definition.plan, Dialect::DuckDb))?;
            out.write_csv(&format!("{name}.csv"), &cdnow.computed(&definition)?)?;
        }
    }
    Ok(())
}
