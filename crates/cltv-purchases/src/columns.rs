//! Columns of polars tables as plain vectors.

use polars::prelude::{ChunkedArray, Column, DataFrame, DataType, PolarsNumericType};

use crate::error::DataError;

/// A column of numbers; a missing one is NaN.
pub(crate) fn reals(table: &DataFrame, name: &str) -> Result<Vec<f64>, DataError> {
    Ok(values(cast(table, name, &DataType::Float64)?.f64()?, f64::NAN))
}

/// A column of whole numbers; a missing one is 0.
pub(crate) fn wholes(table: &DataFrame, name: &str) -> Result<Vec<i64>, DataError> {
    Ok(values(cast(table, name, &DataType::Int64)?.i64()?, 0))
}

/// A column of counts; a missing one is 0.
pub(crate) fn counts(table: &DataFrame, name: &str) -> Result<Vec<u64>, DataError> {
    Ok(wholes(table, name)?.into_iter().map(|n| n.max(0) as u64).collect())
}

/// A column of codes, none of which is missing.
pub(crate) fn codes(table: &DataFrame, name: &str) -> Result<Vec<u32>, DataError> {
    Ok(values(table.column(name)?.u32()?, 0))
}

/// A column of days since 1970-01-01, none of which is missing.
pub(crate) fn days(table: &DataFrame, name: &str) -> Result<Vec<i32>, DataError> {
    Ok(values(table.column(name)?.i32()?, 0))
}

fn cast(table: &DataFrame, name: &str, to: &DataType) -> Result<Column, DataError> {
    let column = table.column(name)?;
    Ok(if column.dtype() == to { column.clone() } else { column.cast(to)? })
}

fn values<T: PolarsNumericType>(column: &ChunkedArray<T>, missing: T::Native) -> Vec<T::Native> {
    let mut all = Vec::with_capacity(column.len());
    for chunk in column.downcast_iter() {
        match chunk.validity() {
            None => all.extend_from_slice(chunk.values()),
            Some(_) => all.extend(chunk.iter().map(|value| value.copied().unwrap_or(missing))),
        }
    }
    all
}
