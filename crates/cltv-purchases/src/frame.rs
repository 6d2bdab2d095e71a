//! Columns of polars tables, from iterators.

use chrono::{Datelike, NaiveDate};
use polars::prelude::{Column, DataFrame, DataType, IntoColumn, NamedFrom, Series};

use crate::error::DataError;

/// Days from 0001-01-01 to 1970-01-01, as chrono counts them.
const EPOCH: i32 = 719_163;

pub(crate) fn texts<T: Into<Option<String>>>(
    name: &str,
    values: impl Iterator<Item = T>,
) -> Result<Column, DataError> {
    let values: Vec<Option<String>> = values.map(Into::into).collect();
    Ok(Series::new(name.into(), values).into_column())
}

/// A column of texts; none where all are empty.
pub(crate) fn filled<'a>(
    name: &str,
    values: impl Iterator<Item = &'a str> + Clone,
) -> Option<Result<Column, DataError>> {
    values.clone().any(|text| !text.is_empty()).then(|| texts(name, values.map(str::to_owned)))
}

pub(crate) fn numbers<T: Into<Option<f64>>>(
    name: &str,
    values: impl Iterator<Item = T>,
) -> Result<Column, DataError> {
    let values: Vec<Option<f64>> = values.map(Into::into).collect();
    Ok(Series::new(name.into(), values).into_column())
}

pub(crate) fn counts<T: Into<Option<u64>>>(
    name: &str,
    values: impl Iterator<Item = T>,
) -> Result<Column, DataError> {
    let values: Vec<Option<i64>> =
        values.map(|value| value.into().map(|n: u64| i64::try_from(n).unwrap_or(i64::MAX))).collect();
    Ok(Series::new(name.into(), values).into_column())
}

pub(crate) fn dates<T: Into<Option<NaiveDate>>>(
    name: &str,
    values: impl Iterator<Item = T>,
) -> Result<Column, DataError> {
    let days: Vec<Option<i32>> =
        values.map(|value| value.into().map(|day: NaiveDate| day.num_days_from_ce() - EPOCH)).collect();
    let days = Series::new(name.into(), days).cast(&DataType::Date)?;
    Ok(days.into_column())
}

/// A table of columns of equal length.
pub(crate) fn frame(columns: Vec<Result<Column, DataError>>) -> Result<DataFrame, DataError> {
    let columns: Result<Vec<Column>, DataError> = columns.into_iter().collect();
    Ok(DataFrame::new_infer_height(columns?)?)
}
