//! Columns and frames from plain values.

use crate::error::Error;
use polars::prelude::{Column, DataFrame};

pub(crate) fn frame(columns: Vec<Column>) -> Result<DataFrame, Error> {
    let rows = columns.first().map_or(0, Column::len);
    Ok(DataFrame::new(rows, columns)?)
}

pub(crate) fn texts<'a>(name: &str, values: impl Iterator<Item = &'a str>) -> Column {
    Column::new(name.into(), values.collect::<Vec<_>>())
}

pub(crate) fn counts(name: &str, values: impl Iterator<Item = u64>) -> Column {
    Column::new(name.into(), values.collect::<Vec<_>>())
}

pub(crate) fn numbers(name: &str, values: impl Iterator<Item = Option<f64>>) -> Column {
    Column::new(name.into(), values.collect::<Vec<_>>())
}
