//! Rows in the order of customer, day and amount, cut into blocks of whole customers.
//!
//! A plan runs on one block in one thread, so that what it needs besides the rows is bounded. The order, and with it
//! every sum, does not depend on the order of the rows in the file; neither do the blocks, nor on the number of threads.

use std::cmp::Ordering;
use std::ops::Range;

use cltv_tables::{MISSING, NO_DAY};
use polars::prelude::{
    ChunkedArray, Column, DataFrame, Float64Type, Int32Type, IntoColumn, IntoSeries, PlSmallStr,
    PolarsNumericType, UInt32Type,
};

use crate::error::DataError;
use crate::raw::RawTransactions;

/// Rows in a block, unless its last customer has more.
const ROWS: usize = 1 << 19;

/// The rows of a source by customer, as places in its columns.
pub(crate) struct Ordered<'a> {
    raw: &'a RawTransactions,
    /// Rows by customer, in the order of the file within one; rows without a customer come last.
    rows: Vec<u32>,
    /// Where the rows of each customer end; the last entry is for rows without a customer.
    ends: Vec<u32>,
}

impl<'a> Ordered<'a> {
    /// Puts the rows of each customer together: a counting sort.
    pub(crate) fn new(raw: &'a RawTransactions) -> Self {
        let customers = raw.ids.len();
        let place = |code: u32| if code == MISSING { customers } else { code as usize };
        // The start of each customer's rows moves on to its end as they are placed.
        let mut next = vec![0_u32; customers + 2];
        raw.customers.iter().for_each(|&code| next[place(code) + 1] += 1);
        for i in 1..next.len() {
            next[i] += next[i - 1];
        }
        next.pop();
        let mut rows = vec![0_u32; raw.customers.len()];
        for (row, &code) in raw.customers.iter().enumerate() {
            let to = &mut next[place(code)];
            rows[*to as usize] = row as u32;
            *to += 1;
        }
        Self { raw, rows, ends: next }
    }

    /// The customers of each block.
    pub(crate) fn blocks(&self) -> Vec<Range<usize>> {
        let mut blocks = Vec::new();
        let mut start = 0;
        for customer in 0..self.ends.len() {
            let last = customer + 1 == self.ends.len();
            if last || self.rows_of(&(start..customer + 1)).len() >= ROWS {
                blocks.push(start..customer + 1);
                start = customer + 1;
            }
        }
        blocks.retain(|block| !self.rows_of(block).is_empty());
        blocks
    }

    fn rows_of(&self, customers: &Range<usize>) -> Range<usize> {
        let start = customers.start.checked_sub(1).map_or(0, |before| self.ends[before]);
        let end = customers.end.checked_sub(1).map_or(0, |last| self.ends[last]);
        start as usize..end as usize
    }

    /// A block as a table `lines`: `customer`, `day`, `amount`, `order`, `fingerprint`, `row`, ordered by customer, day,
    /// amount, order, fingerprint and place in the file.
    pub(crate) fn lines(&self, block: &Range<usize>) -> Result<DataFrame, DataError> {
        let raw = self.raw;
        let mut rows: Vec<(i32, u32)> =
            self.rows[self.rows_of(block)].iter().map(|&row| (raw.days[row as usize], row)).collect();
        let mut customers: Vec<u32> = Vec::with_capacity(rows.len());
        for customer in block.clone() {
            let own = self.rows_of(&(customer..customer + 1)).len();
            let start = customers.len();
            rows[start..start + own].sort_unstable_by(|a, b| self.compare(*a, *b));
            let code = if customer == raw.ids.len() { MISSING } else { customer as u32 };
            customers.resize(start + own, code);
        }
        let at = |codes: &[u32]| -> Vec<u32> { rows.iter().map(|row| codes[row.1 as usize]).collect() };
        let is_missing = |code: u32| code == MISSING;
        let days = rows.iter().map(|row| row.0).collect();
        let mut columns = vec![
            column::<UInt32Type>("customer", customers, is_missing),
            column::<Int32Type>("day", days, |day| day == NO_DAY),
        ];
        if let Some(amounts) = &raw.amounts {
            let amounts = rows.iter().map(|row| amounts[row.1 as usize]).collect();
            columns.push(column::<Float64Type>("amount", amounts, f64::is_nan));
        }
        if let Some((orders, _)) = &raw.orders {
            columns.push(column::<UInt32Type>("order", at(orders), is_missing));
        }
        columns.push(column::<UInt32Type>("fingerprint", at(&raw.fingerprints), |_| false));
        columns.push(column::<UInt32Type>("row", rows.iter().map(|row| row.1).collect(), |_| false));
        Ok(DataFrame::new_infer_height(columns)?)
    }

    /// Two rows of one customer, each with its day.
    fn compare(&self, a: (i32, u32), b: (i32, u32)) -> Ordering {
        let raw = self.raw;
        let amount = |row: u32| raw.amounts.as_ref().map_or(0.0, |amounts| amounts[row as usize]);
        let order = |row: u32| raw.orders.as_ref().map_or(0, |(orders, _)| orders[row as usize]);
        let print = |row: u32| raw.fingerprints[row as usize];
        a.0.cmp(&b.0)
            .then_with(|| amount(a.1).total_cmp(&amount(b.1)))
            .then_with(|| order(a.1).cmp(&order(b.1)))
            .then_with(|| print(a.1).cmp(&print(b.1)))
            .then_with(|| a.1.cmp(&b.1))
    }
}

fn column<T>(name: &str, values: Vec<T::Native>, is_missing: impl Fn(T::Native) -> bool) -> Column
where
    T: PolarsNumericType,
    ChunkedArray<T>: IntoSeries,
{
    let name = PlSmallStr::from_str(name);
    let complete = !values.iter().any(|&value| is_missing(value));
    let valid = (!complete).then(|| values.iter().map(|&value| !is_missing(value)).collect());
    ChunkedArray::<T>::from_vec_validity(name, values, valid).into_series().into_column()
}
