//! Parquet files, read with polars in slices of a bounded number of rows.

mod pages;

use std::fs::File;
use std::sync::Arc;

use polars::prelude::{ArrowDataType, Column as Series, DataFrame, DataType, TimeUnit};
use polars_io::SerReader;
use polars_io::parquet::read::ParquetReader;
use polars_io::prelude::FileMetadata;
use rayon::prelude::*;

use crate::column::{Cells, Column, NO_DAY, NO_WHOLE};
use crate::decoder;
use crate::error::TableError;
use crate::file_error::FileError;
use crate::header::{self, Wanted};
use crate::options::{Progress, ReadOptions};

use crate::table::Table;
use crate::value::{MISSING, Value, hash_of, is_missing, trimmed};

/// What a file is called whose decoder fails.
const NAMED: &str = "parquet file";
/// Rows that are decoded at a time.
const ROWS: usize = 1 << 20;

/// A parquet file, and which of its columns are read.
struct Slices<'a> {
    shown: &'a str,
    file: &'a File,
    metadata: Arc<FileMetadata>,
    /// Columns that are decoded, by their places in the file.
    readable: Vec<usize>,
}

/// Reads the wanted columns of a parquet file to the end of a table.
pub(crate) fn read(
    shown: &str,
    file: &File,
    options: &ReadOptions,
    wanted: &Wanted<'_>,
    table: &mut Table,
) -> Result<(), TableError> {
    let mut reader = reader_of(shown, file)?;
    let described = decoder::run(shown, NAMED, || Ok((reader.schema()?, reader.get_metadata()?.clone())))?;
    let (schema, metadata) = described.map_err(|error| malformed(shown, &error))?;
    let header: Vec<String> = schema.iter_names().map(ToString::to_string).collect();
    let types: Vec<&ArrowDataType> = schema.iter_values().map(|field| &field.dtype).collect();
    let places = header::places(shown, &header, wanted)?;
    if let Some(&at) = places.iter().find(|&&at| !is_read(types[at])) {
        let (column, kind) = (header[at].clone(), format!("{:?}", types[at]));
        return Err(TableError::UnsupportedColumn { shown: shown.to_owned(), column, kind });
    }
    // Columns that are not wanted only help to tell exact duplicates apart.
    let kept = |at: &usize| if options.fingerprints { is_read(types[*at]) } else { places.contains(at) };
    let readable: Vec<usize> = (0..header.len()).filter(kept).collect();
    let names: Vec<String> = readable.iter().map(|&at| header[at].clone()).collect();
    decoder::run(shown, NAMED, || pages::check(shown, file, &metadata, &names))??;
    let mut columns: Vec<Column> =
        places.iter().map(|&at| Column { name: header[at].clone(), ..Column::default() }).collect();
    let slices = Slices { shown, file, metadata, readable };
    let rows = slices.read(&places, &mut columns, options, table)?;
    if rows == 0 {
        return Err(FileError::NoRows { shown: shown.to_owned(), columns: header }.into());
    }
    table.places.push_many(1, rows as u64);
    table.append(columns, &header);
    Ok(())
}

impl Slices<'_> {
    /// Adds all rows to the columns, which stand at places of the file, and gives how many there are.
    fn read(
        &self,
        places: &[usize],
        columns: &mut [Column],
        options: &ReadOptions,
        table: &mut Table,
    ) -> Result<usize, TableError> {
        let place = |at: &usize| self.readable.iter().position(|i| i == at).unwrap_or_default();
        let decoded: Vec<usize> = places.iter().map(place).collect();
        let mut done = 0;
        let mut next = self.decode(0)?;
        while let Some(frame) = next {
            done += frame.height();
            let code = |(column, at): (&mut Column, &usize)| add(&frame.columns()[*at], &mut column.cells);
            let code = || columns.par_iter_mut().zip(&decoded).try_for_each(code);
            let print = || if options.fingerprints { fingerprints(&frame) } else { Ok(Vec::new()) };
            // The next slice is decoded while this one is coded.
            let (decoded, coded) = rayon::join(
                || self.decode(done),
                || decoder::run(self.shown, NAMED, || rayon::join(code, print)),
            );
            let (coded, prints) = coded?;
            coded.map_err(|error| malformed(self.shown, &error))?;
            table.fingerprints.extend(prints.map_err(|error| malformed(self.shown, &error))?);
            next = decoded?;
            if let Some(progress) = &options.progress {
                progress
                    .tell(Progress { rows: done as u64, part: done as f64 / self.metadata.num_rows as f64 });
            }
        }
        Ok(done)
    }

    /// The slice from a row on; none at the end.
    fn decode(&self, start: usize) -> Result<Option<DataFrame>, TableError> {
        let rows = ROWS.min(self.metadata.num_rows.saturating_sub(start));
        if rows == 0 {
            return Ok(None);
        }
        let mut part = reader_of(self.shown, self.file)?;
        part.set_metadata(self.metadata.clone());
        let part = part.with_projection(Some(self.readable.clone())).with_slice(Some((start, rows)));
        let frame = decoder::run(self.shown, NAMED, || part.finish())?;
        let frame = frame.map_err(|error| malformed(self.shown, &error))?;
        Ok((frame.height() > 0).then_some(frame))
    }
}

fn reader_of(shown: &str, file: &File) -> Result<ParquetReader<File>, TableError> {
    Ok(ParquetReader::new(file.try_clone().map_err(|error| FileError::of_io(shown, &error))?))
}

fn malformed(shown: &str, error: &polars::error::PolarsError) -> TableError {
    FileError::Malformed { shown: shown.to_owned(), named: NAMED.to_owned(), reason: error.to_string() }
        .into()
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
        match column.dtype() {
            DataType::String => {
                mix(&mut hashes, column.str()?.iter().map(|text| of_text(text.map(str::as_bytes))))
            }
            DataType::Binary => mix(&mut hashes, column.binary()?.iter().map(of_text)),
            _ => {
                let mut cells = Cells::default();
                add(column, &mut cells)?;
                match &cells {
                    Cells::Coded { codes, values } => {
                        let of_values: Vec<u64> =
                            values.iter().map(|value| hash_of(value.shown().as_bytes())).collect();
                        let own = |&code: &u32| if code == MISSING { 0 } else { of_values[code as usize] };
                        mix(&mut hashes, codes.iter().map(own));
                    }
                    Cells::Whole(all) | Cells::Stamps(all) | Cells::Instants(all, _) => {
                        mix(&mut hashes, all.iter().map(|&n| n as u64));
                    }
                    Cells::Numbers(all) => mix(&mut hashes, all.iter().map(|n| n.to_bits())),
                    Cells::Days(all) => mix(&mut hashes, all.iter().map(|&day| day as u64)),
                }
            }
        }
    }
    Ok(hashes.into_iter().map(|hash| (hash >> 32) as u32).collect())
}

fn mix(hashes: &mut [u64], own: impl Iterator<Item = u64>) {
    for (hash, own) in hashes.iter_mut().zip(own) {
        let mixed = own.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        *hash = crate::table::mixed(*hash, mixed ^ (mixed >> 32));
    }
}

fn of_text(text: Option<&[u8]>) -> u64 {
    let text = text.map(trimmed).unwrap_or_default();
    if is_missing(text) { 0 } else { hash_of(text) }
}
