//! The rows of a table as a parquet file, for the library, which reads it as it reads any file.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow_array::RecordBatch;
use cltv_plan::Dialect;
use cltv_plan::source::Kind;
use cltv_protocol::private;
use cltv_protocol::text::MISSING_WORDS;
use parquet::basic::{LogicalType, Repetition, TimeUnit, Type as Physical};
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int32Type, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::Type;

use crate::connection::Warehouse;
use crate::error::WarehouseError;
use crate::values::{Values, kind_of, values};

/// Rows of a row group.
const GROUP: usize = 1 << 17;

/// The names of a table's columns, in their order.
///
/// # Errors
/// [`WarehouseError::NoTable`] with what the engine says.
pub fn header(warehouse: &mut Warehouse) -> Result<Vec<String>, WarehouseError> {
    Ok(warehouse.schema()?.fields().iter().map(|field| field.name().clone()).collect())
}

/// Writes the rows of a table to a new file that only its owner can read, and gives their number.
///
/// All columns are in the file, for the reader names them in messages. Only the `wanted` ones have their values; the others
/// are empty, and a last column has a number that is equal for rows that are equal in them.
///
/// # Errors
/// [`WarehouseError::TooMany`] before anything is read where the table has more than `most` rows; what the engine says.
pub fn fetch(
    warehouse: &mut Warehouse,
    wanted: &[String],
    most: u64,
    to: &Path,
) -> Result<u64, WarehouseError> {
    let address = warehouse.address().to_string();
    let step = "the rows";
    let rows = count(warehouse)?;
    if rows > most {
        return Err(WarehouseError::TooMany {
            step: step.to_owned(),
            address,
            most,
            remedy: "let the database count histories with `cltv-warehouse summary`, which brings no rows, or name a view with fewer rows",
        });
    }
    let schema = warehouse.schema()?;
    let mut columns = Vec::new();
    for field in schema.fields() {
        let kind = wanted.contains(field.name()).then(|| kind_of(field).or_else(|| boolean(field)));
        if let Some(None) = kind {
            return Err(WarehouseError::BadColumn {
                address,
                column: field.name().clone(),
                role: "column that was asked for",
                problem: format!(
                    "has the type {}, but text, a number, a DATE or a TIMESTAMP is needed; make a view with CAST({} AS VARCHAR)",
                    field.data_type(),
                    field.name()
                ),
            });
        }
        columns.push((field.name().clone(), kind.flatten()));
    }
    let sql = statement(warehouse, &columns, &schema);
    let written = write(warehouse, &sql, &columns, to);
    if written.is_err() {
        // Nothing half-written stays; it may not even have been made.
        let _ = std::fs::remove_file(to);
    }
    written
}

fn boolean(field: &arrow_schema::Field) -> Option<Kind> {
    (*field.data_type() == arrow_schema::DataType::Boolean).then_some(Kind::Whole)
}

fn count(warehouse: &mut Warehouse) -> Result<u64, WarehouseError> {
    let step = "the number of rows";
    let sql = format!("SELECT COUNT(*) AS n FROM {}", warehouse.relation());
    let table = warehouse.query(step, &sql, "this cannot be")?;
    let n = table.numbers("n").and_then(|all| all.first().copied().flatten());
    n.map(|n| n as u64).ok_or_else(|| WarehouseError::BadResult {
        step: step.to_owned(),
        address: warehouse.address().to_string(),
        column: "n".to_owned(),
    })
}

/// The wanted columns as they are, and a number of the others.
fn statement(
    warehouse: &Warehouse,
    columns: &[(String, Option<Kind>)],
    schema: &arrow_schema::Schema,
) -> String {
    let dialect = warehouse.dialect();
    let readable = |name: &String| schema.field_with_name(name).is_ok_and(|field| kind_of(field).is_some());
    let others = columns.iter().filter(|(name, kind)| kind.is_none() && readable(name));
    let others: Vec<String> = others.map(|(name, _)| dialect.name(name)).collect();
    let mut parts: Vec<String> =
        columns.iter().filter(|(_, kind)| kind.is_some()).map(|(name, _)| dialect.name(name)).collect();
    let all = others.join(", ");
    parts.push(match (others.is_empty(), dialect) {
        (true, _) => "0 AS cltv_other_columns".to_owned(),
        (_, Dialect::DuckDb) => format!("CAST(HASH({all}) >> 1 AS BIGINT) AS cltv_other_columns"),
        (_, Dialect::Postgres) => {
            format!("HASHTEXTEXTENDED(CAST(ROW({all}) AS TEXT), 0) AS cltv_other_columns")
        }
        (_, Dialect::Spark) => format!("XXHASH64({all}) AS cltv_other_columns"),
    });
    format!("SELECT {} FROM {}", parts.join(", "), warehouse.relation())
}

fn write(
    warehouse: &mut Warehouse,
    sql: &str,
    columns: &[(String, Option<Kind>)],
    to: &Path,
) -> Result<u64, WarehouseError> {
    let address = warehouse.address().to_string();
    let failed = |reason: String| WarehouseError::Write { path: to.display().to_string(), reason };
    let of_parquet = |error: ParquetError| failed(error.to_string());
    let file = private::new_file(to).map_err(|error| failed(error.to_string()))?;
    let schema = schema(columns).map_err(of_parquet)?;
    let properties = Arc::new(WriterProperties::builder().build());
    let mut writer = SerializedFileWriter::new(file, schema, properties).map_err(of_parquet)?;
    let (mut waiting, mut rows) = (Vec::<RecordBatch>::new(), 0_u64);
    let mut held = 0;
    warehouse.stream("the rows", sql, |_, batch| {
        let Some(batch) = batch else { return Ok(()) };
        rows += batch.num_rows() as u64;
        held += batch.num_rows();
        waiting.push(batch.clone());
        if held >= GROUP {
            held = 0;
            group(&mut writer, columns, &std::mem::take(&mut waiting), &address)
                .map_err(|error| error.unwrap_or_else(of_parquet))?;
        }
        Ok(())
    })?;
    if held > 0 {
        group(&mut writer, columns, &waiting, &address).map_err(|error| error.unwrap_or_else(of_parquet))?;
    }
    writer.close().map_err(of_parquet)?;
    Ok(rows)
}

/// The columns of the file: those without values are whole numbers.
fn schema(columns: &[(String, Option<Kind>)]) -> Result<Arc<Type>, ParquetError> {
    let mut fields = Vec::new();
    for (name, kind) in columns {
        let (physical, logical) = match kind {
            None => (Physical::INT32, None),
            Some(Kind::Text) => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
            Some(Kind::Whole) => (Physical::INT64, None),
            Some(Kind::Real) => (Physical::DOUBLE, None),
            Some(Kind::Day) => (Physical::INT32, Some(LogicalType::Date)),
            Some(kind @ (Kind::Stamp | Kind::Instant)) => {
                let in_utc = *kind == Kind::Instant;
                (Physical::INT64, Some(LogicalType::timestamp(in_utc, TimeUnit::MICROS)))
            }
        };
        fields.push(optional(name, physical, logical)?);
    }
    fields.push(optional("cltv_other_columns", Physical::INT64, None)?);
    Ok(Arc::new(Type::group_type_builder("rows").with_fields(fields).build()?))
}

fn optional(name: &str, physical: Physical, logical: Option<LogicalType>) -> Result<Arc<Type>, ParquetError> {
    let builder = Type::primitive_type_builder(name, physical).with_repetition(Repetition::OPTIONAL);
    Ok(Arc::new(builder.with_logical_type(logical).build()?))
}

/// Writes batches as one row group.
fn group(
    writer: &mut SerializedFileWriter<File>,
    columns: &[(String, Option<Kind>)],
    batches: &[RecordBatch],
    address: &str,
) -> Result<(), Result<WarehouseError, ParquetError>> {
    let rows: usize = batches.iter().map(RecordBatch::num_rows).sum();
    let mut own = writer.next_row_group().map_err(Err)?;
    let mut at = 0;
    let last = ("cltv_other_columns".to_owned(), Some(Kind::Whole));
    for (name, kind) in columns.iter().chain(std::iter::once(&last)) {
        let Some(mut column) = own.next_column().map_err(Err)? else { break };
        match kind {
            None => {
                column.typed::<Int32Type>().write_batch(&[], Some(&vec![0; rows]), None).map_err(Err)?;
            }
            Some(kind) => {
                let bad = || WarehouseError::BadResult {
                    step: "the rows".to_owned(),
                    address: address.to_owned(),
                    column: name.clone(),
                };
                let mut cells = Cells::new(*kind);
                for batch in batches {
                    let read = values(batch.column(at)).ok_or_else(|| Ok(bad()))?;
                    cells.add(read).ok_or_else(|| Ok(bad()))?;
                }
                cells.write(&mut column).map_err(Err)?;
                at += 1;
            }
        }
        column.close().map_err(Err)?;
    }
    own.close().map_err(Err)?;
    Ok(())
}

/// The values of a column in a row group, without the missing ones, which `levels` marks with 0.
struct Cells {
    levels: Vec<i16>,
    values: Kept,
}

enum Kept {
    Text(Vec<ByteArray>),
    Whole(Vec<i64>),
    Real(Vec<f64>),
    Day(Vec<i32>),
}

impl Cells {
    fn new(kind: Kind) -> Self {
        let values = match kind {
            Kind::Text => Kept::Text(Vec::new()),
            Kind::Whole | Kind::Stamp | Kind::Instant => Kept::Whole(Vec::new()),
            Kind::Real => Kept::Real(Vec::new()),
            Kind::Day => Kept::Day(Vec::new()),
        };
        Self { levels: Vec::new(), values }
    }

    fn add(&mut self, more: Values) -> Option<()> {
        fn split<T, U>(levels: &mut Vec<i16>, all: &mut Vec<U>, more: Vec<Option<T>>, of: impl Fn(T) -> U) {
            levels.extend(more.iter().map(|value| i16::from(value.is_some())));
            all.extend(more.into_iter().flatten().map(of));
        }
        match (&mut self.values, more) {
            (Kept::Text(all), Values::Text(more)) => {
                split(&mut self.levels, all, more, |text: String| ByteArray::from(text.into_bytes()));
            }
            (Kept::Whole(all), Values::Whole(more) | Values::Moment(more, _)) => {
                split(&mut self.levels, all, more, |n| n);
            }
            (Kept::Day(all), Values::Day(more)) => split(&mut self.levels, all, more, |day| day),
            (Kept::Real(all), Values::Text(more)) => {
                // Decimals of any length come as strings; NaN and words for no value are none.
                let read = |text: Option<String>| match text {
                    Some(text) if MISSING_WORDS.contains(&text.trim().to_lowercase().as_str()) => Some(None),
                    Some(text) => text.trim().parse::<f64>().ok().map(Some),
                    None => Some(None),
                };
                let numbers = more.into_iter().map(read).collect::<Option<Vec<Option<f64>>>>()?;
                split(&mut self.levels, all, numbers, |n| n);
            }
            (Kept::Real(all), more) => split(&mut self.levels, all, more.numbers()?, |n| n),
            _ => return None,
        }
        Some(())
    }

    fn write(
        &self,
        column: &mut parquet::file::writer::SerializedColumnWriter<'_>,
    ) -> Result<(), ParquetError> {
        let levels = Some(self.levels.as_slice());
        match &self.values {
            Kept::Text(all) => column.typed::<ByteArrayType>().write_batch(all, levels, None),
            Kept::Whole(all) => column.typed::<Int64Type>().write_batch(all, levels, None),
            Kept::Real(all) => column.typed::<DoubleType>().write_batch(all, levels, None),
            Kept::Day(all) => column.typed::<Int32Type>().write_batch(all, levels, None),
        }
        .map(drop)
    }
}
