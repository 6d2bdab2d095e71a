//! Parquet files, read with polars.

use std::io::Cursor;

use chrono::{DateTime, NaiveDate, Utc};
use polars::prelude::{ArrowDataType, Column, DataFrame, DataType, TimeUnit};
use polars_io::SerReader;
use polars_io::parquet::read::ParquetReader;

use crate::error::{DataError, FileError};
use crate::source::Source;
use crate::table::{Cell, Columns, Table, print_of};

pub(crate) fn read(source: &Source, bytes: Vec<u8>) -> Result<Table, DataError> {
    let malformed = |error: polars::error::PolarsError| FileError::Malformed {
        shown: source.transactions.clone(),
        named: "parquet file".to_owned(),
        reason: error.to_string(),
    };
    let mut reader = ParquetReader::new(Cursor::new(bytes));
    let schema = reader.schema().map_err(malformed)?;
    let header: Vec<String> = schema.iter_names().map(ToString::to_string).collect();
    let at = Columns::locate(source, &header)?;
    let types: Vec<&ArrowDataType> = schema.iter_values().map(|field| &field.dtype).collect();
    check_types(source, &at, &header, &types)?;
    // Columns that are not used only help to tell exact duplicates apart.
    let readable: Vec<usize> = (0..header.len()).filter(|&i| is_read(types[i])).collect();
    let frame = reader.with_projection(Some(readable.clone())).finish().map_err(malformed)?;
    let cells = columns_of(&frame).map_err(malformed)?;
    fill(source, &header, &at, &readable, &cells)
}

fn fill(
    source: &Source,
    header: &[String],
    at: &Columns,
    readable: &[usize],
    cells: &[Vec<Cell>],
) -> Result<Table, DataError> {
    let rows = cells.first().map_or(0, Vec::len);
    if rows == 0 {
        return Err(FileError::NoRows { shown: source.transactions.clone(), columns: header.to_vec() }.into());
    }
    let place = |column: usize| readable.iter().position(|&i| i == column);
    let mut table = Table { names: at.names(header), where_word: "row", ..Table::default() };
    for row in 0..rows {
        let print = print_of(cells.iter().map(|column| column[row].shown()));
        table.push(at, row as u64 + 1, print, |column| {
            place(column).map_or(Cell::Missing, |i| cells[i][row].clone())
        });
    }
    Ok(table)
}

fn check_types(
    source: &Source,
    at: &Columns,
    header: &[String],
    types: &[&ArrowDataType],
) -> Result<(), DataError> {
    let used = [Some(at.customer), Some(at.date), at.amount, at.order];
    match used.into_iter().flatten().find(|&i| !is_read(types[i])) {
        None => Ok(()),
        Some(column) => Err(DataError::UnsupportedColumn {
            shown: source.transactions.clone(),
            column: header[column].clone(),
            kind: format!("{:?}", types[column]),
        }),
    }
}

/// The types that polars reads with the features it is built with.
fn is_read(kind: &ArrowDataType) -> bool {
    use ArrowDataType as A;
    matches!(
        kind,
        A::Null
            | A::Boolean
            | A::Int32
            | A::Int64
            | A::UInt32
            | A::UInt64
            | A::Float32
            | A::Float64
            | A::Date32
            | A::Date64
            | A::Timestamp(..)
            | A::Utf8
            | A::LargeUtf8
            | A::Utf8View
    )
}

fn columns_of(frame: &DataFrame) -> polars::error::PolarsResult<Vec<Vec<Cell>>> {
    frame.columns().iter().map(cells_of).collect()
}

fn cells_of(column: &Column) -> polars::error::PolarsResult<Vec<Cell>> {
    let or = |cell: Option<Cell>| cell.unwrap_or(Cell::Missing);
    Ok(match column.dtype() {
        DataType::String => column.str()?.iter().map(|v| or(v.map(Cell::text))).collect(),
        DataType::Date => {
            let days = column.cast(&DataType::Int32)?;
            days.i32()?.iter().map(|v| or(v.and_then(day))).collect()
        }
        DataType::Datetime(unit, zone) => {
            let (unit, zoned) = (*unit, zone.is_some());
            let ticks = column.cast(&DataType::Int64)?;
            let cell = |v: i64| {
                instant(v, unit).map(|at| match zoned {
                    true => Cell::Instant(at),
                    false => Cell::Stamp(at.naive_utc()),
                })
            };
            ticks.i64()?.iter().map(|v| or(v.and_then(cell))).collect()
        }
        DataType::Float32 | DataType::Float64 => {
            let numbers = column.cast(&DataType::Float64)?;
            numbers.f64()?.iter().map(|v| or(v.map(Cell::Number))).collect()
        }
        DataType::Null => vec![Cell::Missing; column.len()],
        DataType::Boolean => {
            let text = |v: bool| Cell::Text(v.to_string());
            column.bool()?.iter().map(|v| or(v.map(text))).collect()
        }
        _ => {
            let whole = column.cast(&DataType::Int64)?;
            whole.i64()?.iter().map(|v| or(v.map(Cell::Int))).collect()
        }
    })
}

fn day(since_1970: i32) -> Option<Cell> {
    NaiveDate::from_epoch_days(since_1970).map(Cell::Day)
}

fn instant(ticks: i64, unit: TimeUnit) -> Option<DateTime<Utc>> {
    match unit {
        TimeUnit::Milliseconds => DateTime::from_timestamp_millis(ticks),
        TimeUnit::Microseconds => DateTime::from_timestamp_micros(ticks),
        TimeUnit::Nanoseconds => Some(DateTime::from_timestamp_nanos(ticks)),
    }
}
