//! Frames of one's own: reading a file, describing a frame, and a table of two columns' values.

use cltv_tables::dates::{self, DateOptions};
use cltv_tables::header::{self, AllColumns};
use cltv_tables::kinds::{self, Kind, Kinds};
use cltv_tables::numbers::{self, NumberOptions};
use cltv_tables::{Cells, Column as Read, NO_DAY, NO_WHOLE, ReadOptions, Table, TableError, resolve_path};
use polars::prelude::*;

use crate::error::Error;

/// Columns that a message lists.
const LISTED: usize = 30;
/// The most columns that [`pivot`] makes.
const MOST_COLUMNS: usize = 200;
/// From here on a double does not represent every whole number.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Reads a file into a frame, with all its columns, by the rules of the workflows' own reader.
///
/// `source` is a csv file (any separator, encoding and decimal mark), also as gz or zip, a file of JSON lines, a parquet
/// file, or a workbook (xlsx, xls, xlsb, ods) whose first visible sheet is read; a folder, a pattern such as
/// `sales/*.csv` or a list with commas stands for several files with the same columns. Relative paths start at the folder
/// of the workspace. A column gets the type of its values: whole numbers, numbers, dates (by day), yes and no, or text;
/// codes such as 00042 stay text, "12%" is 0.12, "$1,250.00" is 1250.
///
/// # Errors
/// [`Error::File`] that names file, row, column and value: ambiguous dates and decimal marks, values that are not of
/// their column's type, rows of another length, a file that cannot be read.
///
/// # Examples
/// ```no_run
/// let sales = cltv_workflow::read_csv("sales.csv")?;
/// # Ok::<(), cltv_workflow::Error>(())
/// ```
pub fn read_csv(source: &str) -> Result<DataFrame, Error> {
    let options = ReadOptions { fill_merged: true, ..ReadOptions::default() };
    let all = AllColumns::default();
    let mut table =
        cltv_tables::read(source, &resolve_path, &options, &|shown, header| all.places(shown, header))?;
    header::check(&mut table)?;
    let read = std::mem::take(&mut table.columns);
    let (mut columns, mut errors) = (Vec::new(), Vec::new());
    for column in &read {
        match typed(&mut table, column) {
            Ok(column) => columns.push(column),
            Err(error) => errors.push(error),
        }
    }
    match errors.len() {
        0 => Ok(DataFrame::new(table.len(), columns)?),
        1 => Err(errors.remove(0).into()),
        _ => Err(TableError::Several { errors }.into()),
    }
}

fn typed(table: &mut Table, column: &Read) -> Result<Column, TableError> {
    kinds::refuse_errors(table, column)?;
    let name: PlSmallStr = column.name.as_str().into();
    if let Cells::Stamps(at) | Cells::Instants(at, _) = &column.cells {
        let micros: Vec<Option<i64>> = at.iter().map(|&at| (at != NO_WHOLE).then_some(at)).collect();
        let moments =
            Int64Chunked::from_slice_options(name, &micros).into_datetime(TimeUnit::Microseconds, None);
        return Ok(moments.into_column());
    }
    Ok(match Kinds::of(column).kind() {
        Kind::Number => {
            let remedy = ", or empty the cells";
            numbers_column(name, &numbers::read(table, column, NumberOptions { mark: None, remedy })?)
        }
        Kind::Date => {
            let days = dates::read(table, column, &DateOptions::default())?;
            let days: Vec<Option<i32>> = days.iter().map(|&day| (day != NO_DAY).then_some(day)).collect();
            Int32Chunked::from_slice_options(name, &days).into_date().into_column()
        }
        Kind::Flag => Column::new(name, kinds::read_flags(table, column)?),
        Kind::Text => {
            let text = |row| column.cells.value(row).map(|value| value.shown().into_owned());
            Column::new(name, (0..column.cells.len()).map(text).collect::<Vec<_>>())
        }
    })
}

/// Whole numbers where all of them are.
fn numbers_column(name: PlSmallStr, numbers: &[f64]) -> Column {
    let is_whole = |&n: &f64| n.is_nan() || n.fract() == 0.0 && n.abs() < EXACT;
    let has_some = numbers.iter().any(|n| !n.is_nan());
    if has_some && numbers.iter().all(is_whole) {
        let whole: Vec<Option<i64>> = numbers.iter().map(|&n| (!n.is_nan()).then_some(n as i64)).collect();
        return Column::new(name, whole);
    }
    let numbers: Vec<Option<f64>> = numbers.iter().map(|&n| (!n.is_nan()).then_some(n)).collect();
    Column::new(name, numbers)
}

/// The columns of a frame with their types, for messages: `"month" (date) and "amount" (f64)`.
pub fn column_list(frame: &DataFrame) -> String {
    let names: Vec<String> = frame
        .columns()
        .iter()
        .take(LISTED)
        .map(|c| format!("{:?} ({})", c.name().as_str(), c.dtype()))
        .collect();
    let more = frame.width().saturating_sub(LISTED);
    match (names.split_last(), more) {
        (None, _) => "none".to_owned(),
        (Some((last, [])), 0) => last.clone(),
        (Some((last, rest)), 0) => format!("{} and {last}", rest.join(", ")),
        _ => format!("{} and {more} more", names.join(", ")),
    }
}

/// Describes the columns of a frame, a row each: type, missing and distinct values; of numbers the mean, the standard
/// deviation (n - 1), the least, the quartiles (linear interpolation) and the largest; of other columns the first and the
/// last value in order, as text.
///
/// # Errors
/// [`Error::Frame`] when polars cannot compute a statistic.
///
/// # Examples
/// ```
/// use polars::prelude::df;
/// let described = cltv_workflow::describe(&df!("amount" => [1.0, 2.0, 6.0], "name" => ["a", "b", "b"])?)?;
/// assert_eq!(described.column("mean")?.f64()?.get(0), Some(3.0));
/// assert_eq!(described.column("distinct")?.u32()?.get(1), Some(2));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn describe(frame: &DataFrame) -> Result<DataFrame, Error> {
    let columns = frame.columns();
    let names: Vec<&str> = columns.iter().map(|column| column.name().as_str()).collect();
    let types: Vec<String> = columns.iter().map(|column| column.dtype().to_string()).collect();
    let missing: Vec<u32> = columns.iter().map(|column| column.null_count() as u32).collect();
    let distinct: Vec<u32> = columns
        .iter()
        .map(|column| Ok(column.drop_nulls().n_unique()? as u32))
        .collect::<PolarsResult<_>>()?;
    let mut statistics: [Vec<Option<f64>>; 7] = Default::default();
    let mut ends: [Vec<Option<String>>; 2] = Default::default();
    for column in columns {
        let found = if is_number(column) { of_numbers(column)? } else { [None; 7] };
        statistics.iter_mut().zip(found).for_each(|(all, one)| all.push(one));
        let found = if is_number(column) { [None, None] } else { of_others(column)? };
        ends.iter_mut().zip(found).for_each(|(all, one)| all.push(one));
    }
    let mut described = vec![
        Column::new("column".into(), names),
        Column::new("type".into(), types),
        Column::new("missing".into(), missing),
        Column::new("distinct".into(), distinct),
    ];
    let heads = ["mean", "std", "min", "q25", "median", "q75", "max"];
    described
        .extend(heads.into_iter().zip(statistics).map(|(head, values)| Column::new(head.into(), values)));
    if ends[0].iter().any(Option::is_some) {
        described.extend(
            ["first", "last"].into_iter().zip(ends).map(|(head, values)| Column::new(head.into(), values)),
        );
    }
    Ok(DataFrame::new(columns.len(), described)?)
}

/// A value as text; a string without quotation marks.
fn shown(value: &AnyValue<'_>) -> String {
    value.get_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn is_number(column: &Column) -> bool {
    column.dtype().is_primitive_numeric() || column.dtype().is_decimal()
}

fn of_numbers(column: &Column) -> PolarsResult<[Option<f64>; 7]> {
    let numbers = column.cast(&DataType::Float64)?;
    let numbers = numbers.f64()?;
    let quantile = |q| numbers.quantile(q, QuantileMethod::Linear);
    let (low, median, high) = (quantile(0.25)?, quantile(0.5)?, quantile(0.75)?);
    Ok([numbers.mean(), numbers.std(1), numbers.min(), low, median, high, numbers.max()])
}

fn of_others(column: &Column) -> PolarsResult<[Option<String>; 2]> {
    let Ok(sorted) = column.drop_nulls().sort(SortOptions::default()) else {
        return Ok([None, None]);
    };
    let text = |at: usize| -> PolarsResult<String> { Ok(shown(&sorted.get(at)?)) };
    match sorted.len() {
        0 => Ok([None, None]),
        n => Ok([Some(text(0)?), Some(text(n - 1)?)]),
    }
}

/// A table of two columns' values: a row for each value of `rows`, a column for each value of `columns`, and in the
/// cells `value` of the rows that have both; empty where there is none. Rows and columns stand in the order of their
/// first row in the frame.
///
/// # Errors
/// [`Error::Frame`] for a column that is not there; [`Error::Chart`] above 200 columns.
///
/// # Examples
/// ```
/// use polars::prelude::{col, df};
/// let sales = df!("region" => ["north", "south", "north"], "year" => [2023, 2023, 2024], "amount" => [1.0, 2.0, 4.0])?;
/// let table = cltv_workflow::pivot(&sales, "region", "year", col("amount").sum())?;
/// assert_eq!(table.columns()[1].name(), "2023");
/// assert_eq!(table.column("2024")?.f64()?.get(0), Some(4.0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn pivot(frame: &DataFrame, rows: &str, columns: &str, value: Expr) -> Result<DataFrame, Error> {
    const VALUE: &str = "value of the pivot";
    let cells = frame
        .clone()
        .lazy()
        .group_by_stable([col(rows), col(columns)])
        .agg([value.alias(VALUE)])
        .collect()?;
    let heads = cells.column(columns)?.unique_stable()?;
    if heads.len() > MOST_COLUMNS {
        return Err(Error::Chart(format!(
            "Column {columns:?} has {} different values, more than the {MOST_COLUMNS} columns that can be read; exchange \
             rows and columns, or filter first.",
            cltv_protocol::text::count(heads.len())
        )));
    }
    let index =
        cells.clone().lazy().select([col(rows)]).unique_stable(None, UniqueKeepStrategy::First).collect()?;
    let mut table = index;
    for at in 0..heads.len() {
        let head = heads.slice(at as i64, 1);
        let is_head =
            cells.column(columns)?.as_materialized_series().equal_missing(head.as_materialized_series())?;
        let name = match head.get(0)? {
            AnyValue::Null => "missing".to_owned(),
            value => shown(&value),
        };
        // A value may be the name of the column of rows.
        let name = if table.column(&name).is_ok() { format!("{columns} {name}") } else { name };
        let part = cells.filter(&is_head)?.lazy().select([col(rows), col(VALUE).alias(name.as_str())]);
        let arguments = JoinArgs {
            maintain_order: MaintainOrderJoin::Left,
            nulls_equal: true,
            ..JoinArgs::new(JoinType::Left)
        };
        table = table.lazy().join(part, [col(rows)], [col(rows)], arguments).collect()?;
    }
    Ok(table)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(name: &str, text: &str) -> (tempfile::TempDir, String) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        let shown = path.display().to_string();
        (folder, shown)
    }

    #[test]
    fn columns_get_the_type_of_their_values() {
        let (_folder, path) = written(
            "sales.csv",
            "customer;day;amount;share;code;paid;n\nÄnne;31.01.2024;1.250,50;12%;00042;yes;1\nBo;01.02.2024;-3,5;7%;10115;no;\n",
        );
        let sales = read_csv(&path).unwrap();
        let types: Vec<String> = sales.dtypes().iter().map(ToString::to_string).collect();
        assert_eq!(types, ["str", "date", "f64", "f64", "str", "bool", "i64"]);
        assert_eq!(sales.column("amount").unwrap().f64().unwrap().get(0), Some(1250.5));
        assert_eq!(sales.column("share").unwrap().f64().unwrap().get(1), Some(0.07));
        assert_eq!(sales.column("n").unwrap().null_count(), 1);
    }

    #[test]
    fn bad_values_are_named_with_their_line() {
        let (_folder, path) = written("sales.csv", "id,amount\na,1\nb,2\nc,3\nd,4\ne,many\n");
        let message = read_csv(&path).unwrap_err().to_string();
        for said in ["sales.csv", "amount", "line 6", "many"] {
            assert!(message.contains(said), "{message}");
        }
    }

    #[test]
    fn a_frame_is_described() {
        let frame = df!("x" => [Some(1), Some(2), Some(4), None], "t" => ["b", "a", "a", "c"]).unwrap();
        let described = describe(&frame).unwrap();
        let number = |name: &str, row: usize| described.column(name).unwrap().f64().unwrap().get(row);
        // pandas 2.2: pd.Series([1, 2, 4]).describe().
        assert_eq!(number("mean", 0).map(|m| (m * 1e6).round() / 1e6), Some(2.333_333));
        assert_eq!(number("std", 0).map(|m| (m * 1e6).round() / 1e6), Some(1.527_525));
        assert_eq!(
            [number("q25", 0), number("median", 0), number("q75", 0)],
            [Some(1.5), Some(2.0), Some(3.0)]
        );
        assert_eq!(
            (number("mean", 1), described.column("missing").unwrap().u32().unwrap().get(0)),
            (None, Some(1))
        );
        let first = described.column("first").unwrap();
        assert_eq!((first.str().unwrap().get(0), first.str().unwrap().get(1)), (None, Some("a")));
    }

    #[test]
    fn a_pivot_has_every_cell_and_no_other() {
        let frame = df!(
            "region" => [Some("n"), Some("s"), None, Some("n"), Some("n")],
            "kind" => ["a", "b", "a", "a", "region"],
            "amount" => [1, 2, 3, 4, 5],
        )
        .unwrap();
        let table = pivot(&frame, "region", "kind", col("amount").sum()).unwrap();
        let names: Vec<&str> = table.columns().iter().map(|column| column.name().as_str()).collect();
        assert_eq!(names, ["region", "a", "b", "kind region"]);
        let cells =
            |name: &str| -> Vec<Option<i32>> { table.column(name).unwrap().i32().unwrap().iter().collect() };
        assert_eq!(cells("a"), [Some(5), None, Some(3)]);
        assert_eq!(cells("b"), [None, Some(2), None]);
        assert_eq!(cells("kind region"), [Some(5), None, None]);
        assert!(pivot(&frame, "regoin", "kind", len()).is_err());
    }
}
