//! Parquet files, read with polars in slices of a bounded number of rows.

use std::fs::File;

use polars::prelude::{ArrowDataType, Column as Series, DataFrame, DataType, TimeUnit};
use polars_io::SerReader;
use polars_io::parquet::read::ParquetReader;

use crate::column::{Cells, Column, NO_DAY, NO_WHOLE};
use crate::error::TableError;
use crate::file_error::FileError;
use crate::header::Wanted;
use crate::options::{Progress, ReadOptions};
use crate::table::Table;
use crate::value::{MISSING, Value, Values, hash_of};

/// Rows that are decoded at a time.
const ROWS: usize = 1 << 20;

/// Reads the wanted columns of a parquet file to the end of a table.
pub(crate) fn read(
    shown: &str,
    file: &File,
    options: &ReadOptions,
    wanted: &Wanted<'_>,
    table: &mut Table,
) -> Result<(), TableError> {
    let malformed = |error: polars::error::PolarsError| FileError::Malformed {
        shown: shown.to_owned(),
        named: "parquet file".to_owned(),
        reason: error.to_string(),
    };
    let open = || -> Result<ParquetReader<File>, TableError> {
        let file = file.try_clone();
        let unreadable = |error: std::io::Error| FileError::Unreadable {
            shown: shown.to_owned(),
            reason: error.to_string(),
        };
        Ok(ParquetReader::new(file.map_err(unreadable)?))
    };
    let mut reader = open()?;
    let schema = reader.schema().map_err(malformed)?;
    let metadata = reader.get_metadata().map_err(malformed)?.clone();
    let header: Vec<String> = schema.iter_names().map(ToString::to_string).collect();
    let types: Vec<&ArrowDataType> = schema.iter_values().map(|field| &field.dtype).collect();
    let places = wanted(&header)?;
    if let Some(&at) = places.iter().find(|&&at| !is_read(types[at])) {
        let (column, kind) = (header[at].clone(), format!("{:?}", types[at]));
        return Err(TableError::UnsupportedColumn { shown: shown.to_owned(), column, kind });
    }
    // Columns that are not wanted only help to tell exact duplicates apart.
    let kept = |at: &usize| if options.fingerprints { is_read(types[*at]) } else { places.contains(at) };
    let readable: Vec<usize> = (0..header.len()).filter(kept).collect();
    let mut columns: Vec<Column> =
        places.iter().map(|&at| Column { name: header[at].clone(), ..Column::default() }).collect();
    let mut done = 0;
    while done < metadata.num_rows {
        let mut part = open()?;
        part.set_metadata(metadata.clone());
        let rows = ROWS.min(metadata.num_rows - done);
        let part = part.with_projection(Some(readable.clone())).with_slice(Some((done, rows)));
        let frame = part.finish().map_err(malformed)?;
        for (column, at) in columns.iter_mut().zip(&places) {
            let place = readable.iter().position(|i| i == at).unwrap_or_default();
            add(&frame.columns()[place], &mut column.cells).map_err(malformed)?;
        }
        if options.fingerprints {
            table.fingerprints.extend(fingerprints(&frame).map_err(malformed)?);
        }
        done += rows;
        if let Some(progress) = &options.progress {
            progress(Progress { rows: done as u64, part: done as f64 / metadata.num_rows as f64 });
        }
    }
    if done == 0 {
        return Err(FileError::NoRows { shown: shown.to_owned(), columns: header }.into());
    }
    table.places.push_many(1, done as u64);
    table.append(columns, &header);
    Ok(())
}

/// The types that polars reads with the features it is built with, and that a column of a table can hold.
fn is_read(kind: &ArrowDataType) -> bool {
    use ArrowDataType as A;
    match kind {
        A::Dictionary(_, values, _) => is_read(values),
        A::Null
        | A::Boolean
        | A::Int8
        | A::Int16
        | A::Int32
        | A::Int64
        | A::UInt8
        | A::UInt16
        | A::UInt32
        | A::UInt64
        | A::Float32
        | A::Float64
        | A::Decimal(..)
        | A::Date32
        | A::Date64
        | A::Timestamp(..)
        | A::Utf8
        | A::LargeUtf8
        | A::Utf8View
        | A::Binary
        | A::LargeBinary
        | A::BinaryView => true,
        _ => false,
    }
}

/// Adds the cells of a column; codes of strings go on from those before.
fn add(column: &Series, cells: &mut Cells) -> polars::error::PolarsResult<()> {
    match column.dtype() {
        DataType::String => column.str()?.iter().for_each(|text| push(cells, text.map(str::as_bytes))),
        DataType::Binary => column.binary()?.iter().for_each(|bytes| push(cells, bytes)),
        DataType::Categorical(..) | DataType::Enum(..) => {
            let text = column.cast(&DataType::String)?;
            text.str()?.iter().for_each(|text| push(cells, text.map(str::as_bytes)));
        }
        DataType::Boolean => {
            column.bool()?.iter().for_each(|truth| cells.push(truth.map(Value::Bool).as_ref()));
        }
        DataType::Null => (0..column.len()).for_each(|_| cells.push(None)),
        DataType::Float32 | DataType::Float64 | DataType::Decimal(..) => {
            let numbers = column.cast(&DataType::Float64)?;
            cells.append(Cells::Numbers(numbers.f64()?.iter().map(|n| n.unwrap_or(f64::NAN)).collect()));
        }
        DataType::Date => {
            let days = column.cast(&DataType::Int32)?;
            cells.append(Cells::Days(days.i32()?.iter().map(|day| day.unwrap_or(NO_DAY)).collect()));
        }
        DataType::Datetime(unit, zone) => {
            let (unit, zone) = (*unit, zone.as_ref().map(ToString::to_string));
            let ticks = column.cast(&DataType::Int64)?;
            let micros = |tick: Option<i64>| tick.map_or(NO_WHOLE, |tick| micros(tick, unit));
            let moments = ticks.i64()?.iter().map(micros).collect();
            cells.append(match zone {
                Some(zone) => Cells::Instants(moments, zone),
                None => Cells::Stamps(moments),
            });
        }
        // What does not fit into 64 bits with a sign stays a number of as many digits as text.
        DataType::UInt64 => column.u64()?.iter().for_each(|n| match n.map(i64::try_from) {
            Some(Ok(n)) => cells.push(Some(&Value::Int(n))),
            Some(Err(_)) => push(cells, n.map(|n| n.to_string()).as_deref().map(str::as_bytes)),
            None => cells.push(None),
        }),
        _ => {
            let whole = column.cast(&DataType::Int64)?;
            cells.append(Cells::Whole(whole.i64()?.iter().map(|n| n.unwrap_or(NO_WHOLE)).collect()));
        }
    }
    Ok(())
}

fn push(cells: &mut Cells, text: Option<&[u8]>) {
    match text {
        Some(text) => cells.push_text(text),
        None => cells.push(None),
    }
}

fn micros(ticks: i64, unit: TimeUnit) -> i64 {
    match unit {
        TimeUnit::Milliseconds => ticks.saturating_mul(1000),
        TimeUnit::Microseconds => ticks,
        TimeUnit::Nanoseconds => ticks.div_euclid(1000),
    }
}

/// A hash of each row over all columns.
fn fingerprints(frame: &DataFrame) -> polars::error::PolarsResult<Vec<u32>> {
    let mut hashes = vec![0_u64; frame.height()];
    for column in frame.columns() {
        let mut cells = Cells::default();
        add(column, &mut cells)?;
        let own = |row: usize| -> u64 {
            match &cells {
                Cells::Coded { codes, values } => code_hash(codes[row], values),
                Cells::Whole(all) | Cells::Stamps(all) | Cells::Instants(all, _) => all[row] as u64,
                Cells::Numbers(all) => all[row].to_bits(),
                Cells::Days(all) => all[row] as u64,
            }
        };
        for (row, hash) in hashes.iter_mut().enumerate() {
            let mixed = own(row).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            *hash = crate::table::mixed(*hash, mixed ^ (mixed >> 32));
        }
    }
    Ok(hashes.into_iter().map(|hash| (hash >> 32) as u32).collect())
}

fn code_hash(code: u32, values: &Values) -> u64 {
    if code == MISSING {
        return 0;
    }
    hash_of(values.get(code).shown().as_bytes())
}
