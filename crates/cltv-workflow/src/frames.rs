//! Columns and frames from plain values.

use crate::error::Error;
use cltv_models::CustomerIds;
use polars::prelude::{Column, DataFrame, DataType, Float64Chunked, IntoColumn, StringChunked};
use std::ops::{Deref, Range};

/// A figure of each customer, none missing. Clones and columns share its memory.
#[derive(Debug, Clone)]
pub(crate) struct Figures(Float64Chunked);

impl Figures {
    pub(crate) fn new(name: &str, values: Vec<f64>) -> Figures {
        Figures(Float64Chunked::from_vec(name.into(), values))
    }

    pub(crate) fn column(&self) -> Column {
        self.0.clone().into_column()
    }
}

impl Deref for Figures {
    type Target = [f64];

    fn deref(&self) -> &[f64] {
        // Made of one vector, they are one chunk; without customers there may be none.
        self.0.downcast_iter().next().map_or(&[], |chunk| chunk.values().as_slice())
    }
}

pub(crate) fn frame(columns: Vec<Column>) -> Result<DataFrame, Error> {
    let rows = columns.first().map_or(0, Column::len);
    Ok(DataFrame::new(rows, columns)?)
}

pub(crate) fn texts<'a>(name: &str, values: impl Iterator<Item = &'a str>) -> Column {
    Column::new(name.into(), values.collect::<Vec<_>>())
}

/// Texts of which some are missing.
pub(crate) fn optional_texts<'a>(name: &str, values: impl Iterator<Item = Option<&'a str>>) -> Column {
    Column::new(name.into(), values.collect::<Vec<_>>())
}

/// The ids of some customers.
pub(crate) fn ids(ids: &CustomerIds, rows: Range<usize>) -> Column {
    let ids: StringChunked = rows.map(|row| Some(ids.get(row))).collect();
    ids.with_name("customer_id".into()).into_column()
}

pub(crate) fn counts(name: &str, values: impl Iterator<Item = u64>) -> Column {
    Column::new(name.into(), values.collect::<Vec<_>>())
}

pub(crate) fn numbers(name: &str, values: impl Iterator<Item = Option<f64>>) -> Column {
    Column::new(name.into(), values.collect::<Vec<_>>())
}

/// A column of numbers without any.
pub(crate) fn missing(name: &str, rows: usize) -> Column {
    Column::full_null(name.into(), rows, &DataType::Float64)
}
