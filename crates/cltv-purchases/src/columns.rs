//! Columns of polars tables as plain vectors.

use polars::prelude::{DataFrame, DataType};

use crate::error::DataError;

/// A column of numbers; a missing one is NaN.
pub(crate) fn reals(table: &DataFrame, name: &str) -> Result<Vec<f64>, DataError> {
    let cast = table.column(name)?.cast(&DataType::Float64)?;
    Ok(cast.f64()?.iter().map(|n| n.unwrap_or(f64::NAN)).collect())
}

/// A column of whole numbers; a missing one is 0.
pub(crate) fn wholes(table: &DataFrame, name: &str) -> Result<Vec<i64>, DataError> {
    let cast = table.column(name)?.cast(&DataType::Int64)?;
    Ok(cast.i64()?.iter().map(|n| n.unwrap_or(0)).collect())
}

/// A column of counts; a missing one is 0.
pub(crate) fn counts(table: &DataFrame, name: &str) -> Result<Vec<u64>, DataError> {
    Ok(wholes(table, name)?.into_iter().map(|n| n.max(0) as u64).collect())
}

/// A column of codes.
pub(crate) fn codes(table: &DataFrame, name: &str) -> Result<Vec<u32>, DataError> {
    Ok(table.column(name)?.u32()?.iter().flatten().collect())
}

/// A column of days since 1970-01-01.
pub(crate) fn days(table: &DataFrame, name: &str) -> Result<Vec<i32>, DataError> {
    Ok(table.column(name)?.i32()?.iter().flatten().collect())
}
