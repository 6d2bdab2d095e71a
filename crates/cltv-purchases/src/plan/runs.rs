//! Groups whose rows lie together: each group is a run of rows, and its aggregates are one pass over the run.
//!
//! polars makes a series of its own for each group of sorted rows, which costs most of a summary of five million
//! purchases. Here nothing is allocated for a group. A group's rows are added up in their order by one thread, so that
//! sums are the same for any number of threads.

use polars::prelude::{
    ChunkedArray, Column, DataFrame, DataType, Float64Type, Int32Type, Int64Type, IntoColumn, IntoSeries,
    NewChunkedArray, PlSmallStr, PolarsNumericType, PolarsResult, Series, UInt32Type,
};
use rayon::prelude::*;

/// Fewest groups that a thread takes.
const GROUPS_PER_TASK: usize = 1 << 13;

/// An aggregate of a column, by name.
#[derive(Debug, Clone, Copy)]
pub(super) enum Fold {
    /// The rows of the group.
    Count,
    /// The sum; 0 of no value.
    Sum,
    /// The least value.
    Min,
    /// The greatest value.
    Max,
}

/// One row for each run of rows with equal keys: the keys, and the named columns.
pub(super) fn aggregate(
    rows: &DataFrame,
    keys: &[&'static str],
    columns: &[(&'static str, Fold)],
) -> PolarsResult<DataFrame> {
    let mut borders: Vec<usize> = vec![0];
    let mut starts = vec![false; rows.height()];
    for key in keys {
        mark_changes(&one_chunk(rows.column(key)?), &mut starts)?;
    }
    borders.extend((1..rows.height()).filter(|&row| starts[row]));
    let groups = if rows.height() == 0 { 0 } else { borders.len() };
    borders.push(rows.height());
    drop(starts);
    let runs = Runs { borders: &borders, groups };
    let mut table = Vec::with_capacity(keys.len() + columns.len());
    for key in keys {
        table.push(runs.first(&one_chunk(rows.column(key)?), key)?);
    }
    for (name, fold) in columns {
        table.push(match fold {
            Fold::Count => runs.counts(name),
            _ => runs.fold(&one_chunk(rows.column(name)?), *fold, name)?,
        });
    }
    DataFrame::new_infer_height(table)
}

fn one_chunk(column: &Column) -> Series {
    column.as_materialized_series().rechunk()
}

/// Marks the rows at which a key differs from the row before.
fn mark_changes(key: &Series, starts: &mut [bool]) -> PolarsResult<()> {
    fn mark<T: PartialEq>(key: &[T], starts: &mut [bool]) {
        key.windows(2).zip(&mut starts[1..]).for_each(|(pair, start)| *start |= pair[0] != pair[1]);
    }
    if key.len() < 2 {
        return Ok(());
    }
    match key.dtype() {
        DataType::UInt32 => mark(key.u32()?.cont_slice()?, starts),
        DataType::Int32 => mark(key.i32()?.cont_slice()?, starts),
        _ => mark(key.cast(&DataType::Int64)?.i64()?.cont_slice()?, starts),
    }
    Ok(())
}

/// Where the runs of equal keys begin; the last border is the end of all rows.
struct Runs<'a> {
    borders: &'a [usize],
    groups: usize,
}

impl Runs<'_> {
    fn counts(&self, name: &str) -> Column {
        let counts: Vec<u32> = self.each(|own| own.len() as u32);
        ChunkedArray::<UInt32Type>::from_vec(PlSmallStr::from_str(name), counts).into_series().into_column()
    }

    fn each<T: Send>(&self, of: impl Fn(std::ops::Range<usize>) -> T + Sync) -> Vec<T> {
        let run = |group: usize| of(self.borders[group]..self.borders[group + 1]);
        (0..self.groups).into_par_iter().with_min_len(GROUPS_PER_TASK).map(run).collect()
    }

    fn first(&self, key: &Series, name: &str) -> PolarsResult<Column> {
        Ok(match key.dtype() {
            DataType::UInt32 => self.kept::<UInt32Type>(key.u32()?.cont_slice()?, name),
            DataType::Int32 => self.kept::<Int32Type>(key.i32()?.cont_slice()?, name),
            _ => self.kept::<Int64Type>(key.cast(&DataType::Int64)?.i64()?.cont_slice()?, name),
        })
    }

    fn kept<T>(&self, key: &[T::Native], name: &str) -> Column
    where
        T: PolarsNumericType,
        ChunkedArray<T>: IntoSeries,
    {
        let first = self.each(|own| key[own.start]);
        ChunkedArray::<T>::from_vec(PlSmallStr::from_str(name), first).into_series().into_column()
    }

    fn fold(&self, column: &Series, fold: Fold, name: &str) -> PolarsResult<Column> {
        Ok(match column.dtype() {
            DataType::Float64 => self.folded::<Float64Type>(column.f64()?, fold, name),
            DataType::UInt32 => self.folded::<UInt32Type>(column.u32()?, fold, name),
            DataType::Int32 => self.folded::<Int32Type>(column.i32()?, fold, name),
            _ => self.folded::<Int64Type>(column.cast(&DataType::Int64)?.i64()?, fold, name),
        })
    }

    fn folded<T>(&self, column: &ChunkedArray<T>, fold: Fold, name: &str) -> Column
    where
        T: PolarsNumericType,
        T::Native: PartialOrd + std::iter::Sum + Send + Sync,
        ChunkedArray<T>: IntoSeries,
    {
        let least = |a: T::Native, b: T::Native| if b < a { b } else { a };
        let greatest = |a: T::Native, b: T::Native| if b > a { b } else { a };
        let of = |values: &mut dyn Iterator<Item = T::Native>| match fold {
            Fold::Count | Fold::Sum => Some(values.sum()),
            Fold::Min => values.reduce(least),
            Fold::Max => values.reduce(greatest),
        };
        let name = PlSmallStr::from_str(name);
        let Ok(values) = column.cont_slice() else {
            // Missing values do not count.
            let values: Vec<Option<T::Native>> = column.iter().collect();
            let folded = self.each(|own| of(&mut values[own].iter().flatten().copied()));
            return ChunkedArray::<T>::from_slice_options(name, &folded).into_series().into_column();
        };
        // Runs have at least one row, so that each has a least and a greatest value.
        let folded: Vec<T::Native> = match fold {
            Fold::Count | Fold::Sum => self.each(|own| values[own].iter().copied().sum()),
            Fold::Min => self.each(|own| values[own.clone()].iter().copied().fold(values[own.start], least)),
            Fold::Max => {
                self.each(|own| values[own.clone()].iter().copied().fold(values[own.start], greatest))
            }
        };
        ChunkedArray::<T>::from_vec(name, folded).into_series().into_column()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use polars::df;

    #[test]
    fn runs_of_equal_keys_are_groups() {
        let rows = df!(
            "customer" => [0_u32, 0, 0, 2, 2, 5],
            "period" => [3_i32, 3, 4, 3, 3, 9],
            "day" => [30_i32, 31, 40, 33, 29, 90],
            "amount" => [Some(1.5), Some(2.0), None, Some(-1.0), Some(0.25), None],
        )
        .unwrap();
        let columns = [("rows", Fold::Count), ("day", Fold::Min), ("amount", Fold::Sum)];
        let table = aggregate(&rows, &["customer", "period"], &columns).unwrap();
        let expected = df!(
            "customer" => [0_u32, 0, 2, 5],
            "period" => [3_i32, 4, 3, 9],
            "rows" => [2_u32, 1, 2, 1],
            "day" => [30_i32, 40, 29, 90],
            "amount" => [3.5, 0.0, -0.75, 0.0],
        )
        .unwrap();
        assert!(table.equals(&expected), "{table}");
        let most = aggregate(&rows, &["customer"], &[("amount", Fold::Max), ("day", Fold::Max)]).unwrap();
        let expected = df!(
            "customer" => [0_u32, 2, 5],
            "amount" => [Some(2.0), Some(0.25), None],
            "day" => [40_i32, 33, 90],
        )
        .unwrap();
        assert!(most.equals_missing(&expected), "{most}");
        assert_eq!(aggregate(&rows.head(Some(0)), &["customer"], &columns).unwrap().height(), 0);
    }
}
