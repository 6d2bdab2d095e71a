//! Rows in the order of customer, day and amount, cut into blocks of whole customers.
//!
//! A plan runs on one block at a time, so that what it needs besides the rows is bounded. The order, and with it every
//! sum, does not depend on the order of the rows in the file; neither do the blocks, nor on the number of threads.

use cltv_tables::{MISSING, NO_DAY};
use polars::prelude::{
    Column, DataFrame, Float64Chunked, Int32Chunked, IntoColumn, IntoSeries, NamedFrom, PlSmallStr, Series,
    UInt32Chunked,
};

use crate::error::DataError;
use crate::raw::RawTransactions;

/// Rows in a block; a customer with more rows has a block of its own.
const ROWS: usize = 1 << 22;
/// Rows that one thread sorts.
const ROWS_PER_TASK: usize = 1 << 16;

/// The rows of a source in order, as places in its columns.
pub(crate) struct Ordered<'a> {
    raw: &'a RawTransactions,
    rows: Vec<u32>,
}

impl<'a> Ordered<'a> {
    /// Orders rows by customer, day, amount, order, fingerprint and place; rows without a customer come last.
    pub(crate) fn new(raw: &'a RawTransactions) -> Self {
        let mut rows = by_customer(raw);
        sort_customers(&mut rows, raw);
        Self { raw, rows }
    }

    /// The blocks, each a table `lines`: `customer`, `day`, `amount`, `order`, `fingerprint`, `row`.
    pub(crate) fn blocks(&self) -> impl Iterator<Item = Result<DataFrame, DataError>> {
        let customers = &self.raw.customers;
        let mut start = 0;
        std::iter::from_fn(move || {
            let rest = self.rows.get(start..).filter(|rest| !rest.is_empty())?;
            let mut end = rest.len().min(ROWS);
            let at = |i: usize| customers[rest[i] as usize];
            while end < rest.len() && at(end) == at(end - 1) {
                end += 1;
            }
            start += end;
            Some(self.frame(&rest[..end]))
        })
    }

    fn frame(&self, rows: &[u32]) -> Result<DataFrame, DataError> {
        let raw = self.raw;
        let code = |codes: &[u32], name: &str| {
            let all: UInt32Chunked =
                rows.iter().map(|&row| Some(codes[row as usize]).filter(|&code| code != MISSING)).collect();
            named(all.into_series(), name)
        };
        let day = |&row: &u32| Some(raw.days[row as usize]).filter(|&day| day != NO_DAY);
        let days: Int32Chunked = rows.iter().map(day).collect();
        let mut columns = vec![code(&raw.customers, "customer"), named(days.into_series(), "day")];
        if let Some(amounts) = &raw.amounts {
            let amount = |&row: &u32| Some(amounts[row as usize]).filter(|amount| !amount.is_nan());
            let all: Float64Chunked = rows.iter().map(amount).collect();
            columns.push(named(all.into_series(), "amount"));
        }
        if let Some((orders, _)) = &raw.orders {
            columns.push(code(orders, "order"));
        }
        let prints: Vec<u32> = rows.iter().map(|&row| raw.fingerprints[row as usize]).collect();
        columns.push(named(Series::new("".into(), prints), "fingerprint"));
        columns.push(named(Series::new("".into(), rows), "row"));
        Ok(DataFrame::new_infer_height(columns)?)
    }
}

fn named(series: Series, name: &str) -> Column {
    series.with_name(PlSmallStr::from_str(name)).into_column()
}

/// Rows by customer, in the order of the file within one; a counting sort.
fn by_customer(raw: &RawTransactions) -> Vec<u32> {
    let customers = raw.ids.len();
    let place = |code: u32| if code == MISSING { customers } else { code as usize };
    let mut next = vec![0_u32; customers + 2];
    raw.customers.iter().for_each(|&code| next[place(code) + 1] += 1);
    for i in 1..next.len() {
        next[i] += next[i - 1];
    }
    let mut rows = vec![0_u32; raw.customers.len()];
    for (row, &code) in raw.customers.iter().enumerate() {
        let to = &mut next[place(code)];
        rows[*to as usize] = row as u32;
        *to += 1;
    }
    rows
}

/// Sorts the rows of each customer, several customers at a time.
fn sort_customers(rows: &mut [u32], raw: &RawTransactions) {
    let customer = |row: u32| raw.customers[row as usize];
    if rows.len() > ROWS_PER_TASK {
        let mut middle = rows.len() / 2;
        while middle < rows.len() && customer(rows[middle]) == customer(rows[middle - 1]) {
            middle += 1;
        }
        if middle < rows.len() {
            let (left, right) = rows.split_at_mut(middle);
            rayon::join(|| sort_customers(left, raw), || sort_customers(right, raw));
            return;
        }
    }
    let amount = |row: u32| raw.amounts.as_ref().map_or(0.0, |amounts| amounts[row as usize]);
    let order = |row: u32| raw.orders.as_ref().map_or(0, |(orders, _)| orders[row as usize]);
    let day = |row: u32| raw.days[row as usize];
    let print = |row: u32| raw.fingerprints[row as usize];
    let compare = |&a: &u32, &b: &u32| {
        day(a)
            .cmp(&day(b))
            .then_with(|| amount(a).total_cmp(&amount(b)))
            .then_with(|| order(a).cmp(&order(b)))
            .then_with(|| print(a).cmp(&print(b)))
            .then_with(|| a.cmp(&b))
    };
    for own in rows.chunk_by_mut(|&a, &b| customer(a) == customer(b)) {
        own.sort_unstable_by(compare);
    }
}
