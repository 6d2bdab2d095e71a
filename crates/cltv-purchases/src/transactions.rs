//! Clean purchases: what every later step starts from.

use std::fmt;
use std::sync::Arc;

use chrono::NaiveDate;
use cltv_protocol::text::{count, counted, money, percent};
use cltv_tables::Outputs;
use polars::prelude::{
    ChunkedArray, DataFrame, DataType, IntoColumn, IntoSeries, NamedFrom, Series, UInt32Type,
};
use rayon::prelude::*;

use crate::columns::{codes, days, reals};
use crate::error::DataError;
use crate::ids::Ids;
use crate::origin::Origin;
use crate::plan::{self, Plan, queries::ROWS};
use crate::threads;

/// Blocks whose results are in memory at once, by the threads that make them.
const BLOCKS_A_THREAD: usize = 4;

/// Clean purchases of several customers, ordered by customer, day and amount.
///
/// The order does not depend on the order of the source's rows, so sums of amounts are the same
/// to the last bit however the source was sorted. The rows lie in columns, 16 bytes a row.
///
/// # Examples
/// ```
/// use cltv_purchases::{Cleaning, Source};
/// let cdnow = Source::new("cdnow").read()?.clean(&Cleaning::default())?.transactions;
/// assert_eq!((cdnow.len(), cdnow.customers()), (6919, 2357));
/// assert_eq!(cdnow.first_date().to_string(), "1997-01-01");
/// # Ok::<(), cltv_purchases::DataError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Transactions {
    /// Rows in blocks of whole customers: `customer` (its code), `day`, `amount`, `order`.
    blocks: Arc<Vec<DataFrame>>,
    ids: Arc<Ids>,
    /// The orders' ids by code.
    orders: Option<Arc<Ids>>,
    pub(crate) origin: Origin,
    pub(crate) today: NaiveDate,
    rows: usize,
    first: NaiveDate,
    last: NaiveDate,
    total: Option<f64>,
}

/// Clean rows in columns, ordered by customer, day and amount: row i of each column is one row.
#[derive(Debug, Clone, PartialEq)]
pub struct Rows {
    /// The customer's code, its place in [`Transactions::ids`].
    pub customer: Vec<u32>,
    /// The day, from 1970-01-01.
    pub day: Vec<i32>,
    /// What was paid; `None` without amounts.
    pub amount: Option<Vec<f64>>,
}

impl Transactions {
    /// Takes blocks of rows, of which there is at least one; customers without a row lose their code.
    ///
    /// The second result is the number of rows of each customer.
    pub(crate) fn new(mut blocks: Blocks) -> Result<(Self, Vec<u32>), DataError> {
        let mut rows_of = vec![0_u32; blocks.ids.len()];
        for block in &blocks.rows {
            codes(block, "customer")?.into_iter().for_each(|code| rows_of[code as usize] += 1);
        }
        if rows_of.contains(&0) {
            blocks = recoded(blocks, &rows_of)?;
        }
        rows_of.retain(|&n| n > 0);
        Ok((Self::of_blocks(blocks)?, rows_of))
    }

    /// Takes blocks in which every customer has a row.
    pub(crate) fn of_blocks(blocks: Blocks) -> Result<Self, DataError> {
        let figures: Result<Vec<Figures>, DataError> =
            blocks.rows.par_iter().map(|block| Figures::of(block, blocks.origin.has_amounts)).collect();
        let figures = figures?;
        let date = |day: Option<i32>| day.and_then(cltv_tables::date).unwrap_or_default();
        Ok(Self {
            rows: blocks.rows.iter().map(DataFrame::height).sum(),
            blocks: Arc::new(blocks.rows),
            ids: blocks.ids,
            orders: blocks.orders,
            // In the order of the blocks, so that the sum does not depend on the number of threads.
            total: blocks.origin.has_amounts.then(|| figures.iter().map(|figures| figures.amount).sum()),
            origin: blocks.origin,
            today: blocks.today,
            first: date(figures.iter().map(|figures| figures.first).min()),
            last: date(figures.iter().map(|figures| figures.last).max()),
        })
    }

    /// The blocks of which this is made; nothing is copied.
    pub(crate) fn to_blocks(&self) -> Blocks {
        Blocks {
            rows: self.blocks.to_vec(),
            ids: self.ids.clone(),
            orders: self.orders.clone(),
            origin: self.origin.clone(),
            today: self.today,
        }
    }

    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows
    }

    /// Always false: cleaning refuses a source without purchases.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// The source, as it was named.
    #[must_use]
    pub fn name(&self) -> String {
        self.origin.shown.clone()
    }

    /// Number of customers.
    #[must_use]
    pub fn customers(&self) -> usize {
        self.ids.len()
    }

    /// The customers' ids; a customer's code is the place in them.
    #[must_use]
    pub fn ids(&self) -> Arc<Ids> {
        self.ids.clone()
    }

    /// Day of the first purchase.
    #[must_use]
    pub fn first_date(&self) -> NaiveDate {
        self.first
    }

    /// Day of the last purchase.
    #[must_use]
    pub fn last_date(&self) -> NaiveDate {
        self.last
    }

    /// Whether there are amounts; without them the steps on spend are skipped.
    #[must_use]
    pub fn has_amounts(&self) -> bool {
        self.origin.has_amounts
    }

    /// Whether there are order ids.
    #[must_use]
    pub fn has_orders(&self) -> bool {
        self.origin.has_orders
    }

    /// The same purchases as if their amounts were not known; the rows are shared.
    #[must_use]
    pub fn without_amounts(&self) -> Self {
        let mut without = self.clone();
        (without.origin.has_amounts, without.total) = (false, None);
        without
    }

    /// What all purchases add up to; `None` without amounts.
    #[must_use]
    pub fn total_amount(&self) -> Option<f64> {
        self.total
    }

    /// The rows in columns.
    ///
    /// # Errors
    /// [`DataError::Frame`] if polars refuses the table.
    pub fn columns(&self) -> Result<Rows, DataError> {
        let amount = self.has_amounts().then(|| Vec::with_capacity(self.rows));
        let mut all =
            Rows { customer: Vec::with_capacity(self.rows), day: Vec::with_capacity(self.rows), amount };
        for block in self.blocks.iter() {
            all.customer.extend(block.column("customer")?.u32()?.iter().flatten());
            all.day.extend(block.column("day")?.i32()?.iter().flatten());
            if let Some(amount) = &mut all.amount {
                amount.extend(block.column("amount")?.f64()?.iter().flatten());
            }
        }
        Ok(all)
    }

    /// The result of a plan with rows by customer, for all customers in their order; several blocks run at a time.
    ///
    /// The parts of the blocks stay where they are: to put them together would need the memory of the result again.
    pub(crate) fn by_customer(&self, plan: &Plan) -> Result<DataFrame, DataError> {
        let mut parts = self.of_blocks_by(plan, Ok)?.into_iter();
        let mut all = parts.next().unwrap_or_default();
        for part in parts {
            all.vstack_mut_owned(part)?;
        }
        Ok(all)
    }

    /// Hands over each block's result of a plan with rows by customer, in the customers' order.
    ///
    /// Several blocks run at a time, and only their results are in memory.
    pub(crate) fn for_each_block(
        &self,
        plan: &Plan,
        mut take: impl FnMut(&DataFrame) -> Result<(), DataError>,
    ) -> Result<(), DataError> {
        for blocks in self.blocks.chunks(BLOCKS_A_THREAD * rayon::current_num_threads()) {
            let parts = threads::each(blocks, |block| plan::run(plan, &|name| self.table(name, block)))?;
            parts.iter().try_for_each(&mut take)?;
        }
        Ok(())
    }

    /// Something of each block's result of a plan with rows by customer.
    pub(crate) fn of_blocks_by<T: Send>(
        &self,
        plan: &Plan,
        of: impl Fn(DataFrame) -> Result<T, DataError> + Sync,
    ) -> Result<Vec<T>, DataError> {
        threads::each(&self.blocks, |block| of(plan::run(plan, &|name| self.table(name, block))?))
    }

    /// The result of a plan whose rows are sums over customers: the sums of the blocks are added up, in their order.
    pub(crate) fn summed(&self, plan: &Plan, keys: &[&'static str]) -> Result<DataFrame, DataError> {
        let parts = self.by_customer(plan)?;
        let sums = parts.get_column_names().into_iter().filter(|name| !keys.contains(&name.as_str()));
        let columns: Vec<(&'static str, plan::Aggregate)> = sums
            .filter_map(|name| plan::queries::SUMS.iter().find(|known| **known == name.as_str()))
            .map(|name| (*name, plan::Aggregate::Sum(plan::col(name))))
            .collect();
        plan::run(&Plan::Table(ROWS).group(keys, columns), &|_| parts.clone())
    }

    fn table(&self, name: &str, block: &DataFrame) -> DataFrame {
        debug_assert_eq!(name, ROWS);
        block.clone()
    }

    /// The rows as a table: `customer_id`, `date`, and `amount` and `order_id` where there are any.
    ///
    /// # Errors
    /// [`DataError::Frame`] if polars refuses the table.
    pub fn frame(&self) -> Result<DataFrame, DataError> {
        self.head(self.rows)
    }

    /// The first rows as a table, with the columns of [`Transactions::frame`].
    ///
    /// # Errors
    /// [`DataError::Frame`] if polars refuses the table.
    pub fn head(&self, rows: usize) -> Result<DataFrame, DataError> {
        let mut all: Option<DataFrame> = None;
        let mut left = rows;
        for block in self.blocks.iter() {
            let part = self.named(&block.head(Some(left)))?;
            left -= part.height();
            match &mut all {
                None => all = Some(part),
                Some(all) => {
                    all.vstack_mut(&part)?;
                }
            }
            if left == 0 {
                break;
            }
        }
        Ok(all.unwrap_or_default())
    }

    /// Writes the rows as `clv_data`, part by part, and returns the path to show.
    ///
    /// # Errors
    /// [`DataError::Table`] when the file cannot be written.
    pub fn save(&self, out: &Outputs) -> Result<String, DataError> {
        const ROWS_PER_PART: usize = 1 << 18;
        let mut writer = out.table("clv_data")?;
        for block in self.blocks.iter() {
            let mut at = 0;
            while at < block.height() {
                writer.write(&self.named(&block.slice(at as i64, ROWS_PER_PART))?)?;
                at += ROWS_PER_PART;
            }
        }
        Ok(writer.finish()?)
    }

    fn named(&self, block: &DataFrame) -> Result<DataFrame, DataError> {
        let codes: Vec<u32> = block.column("customer")?.u32()?.iter().flatten().collect();
        let date = block.column("day")?.cast(&DataType::Date)?.with_name("date".into());
        let mut columns = vec![self.ids.column("customer_id", &codes), date];
        if self.has_amounts() {
            columns.push(block.column("amount")?.clone());
        }
        if let Some(ids) = &self.orders {
            let order = |code: Option<u32>| code.map(|code| ids.get(code));
            let orders: Vec<Option<&str>> = block.column("order")?.u32()?.iter().map(order).collect();
            columns.push(Series::new("order_id".into(), orders).into_column());
        }
        Ok(DataFrame::new_infer_height(columns)?)
    }
}

/// Rows in blocks of whole customers, with what belongs to them.
pub(crate) struct Blocks {
    /// Each block: `customer` (a code), `day`, `amount`, `order` (a code).
    pub(crate) rows: Vec<DataFrame>,
    pub(crate) ids: Arc<Ids>,
    pub(crate) orders: Option<Arc<Ids>>,
    pub(crate) origin: Origin,
    pub(crate) today: NaiveDate,
}

/// What is known of a block at once.
struct Figures {
    first: i32,
    last: i32,
    amount: f64,
}

impl Figures {
    fn of(block: &DataFrame, amounts: bool) -> Result<Self, DataError> {
        let days = days(block, "day")?;
        let amount = if amounts { reals(block, "amount")?.into_iter().sum() } else { 0.0 };
        let (first, last) = (days.iter().copied().min(), days.iter().copied().max());
        Ok(Self { first: first.unwrap_or(i32::MAX), last: last.unwrap_or(i32::MIN), amount })
    }
}

/// The blocks and ids without customers that have no row.
fn recoded(mut blocks: Blocks, rows_of: &[u32]) -> Result<Blocks, DataError> {
    let used: Vec<bool> = rows_of.iter().map(|&n| n > 0).collect();
    let mut next = 0;
    let place = |&used: &bool| {
        let code = next;
        next += u32::from(used);
        code
    };
    let places: Vec<u32> = used.iter().map(place).collect();
    let recode = |block: &mut DataFrame| -> Result<(), DataError> {
        let codes = codes(block, "customer")?.into_iter().map(|code| places[code as usize]).collect();
        let column = ChunkedArray::<UInt32Type>::from_vec("customer".into(), codes);
        block.with_column(column.into_series().into_column())?;
        Ok(())
    };
    blocks.rows.par_iter_mut().try_for_each(recode)?;
    blocks.ids = Arc::new(blocks.ids.kept(&used));
    Ok(blocks)
}

impl fmt::Display for Transactions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} of {} from {} to {}",
            counted(self.len(), "purchase row"),
            counted(self.customers(), "customer"),
            self.first,
            self.last
        )?;
        match self.total_amount() {
            Some(total) => {
                write!(f, ", {} in all, {} a row on average.", money(total), money(total / self.len() as f64))
            }
            None => write!(f, ", without amounts."),
        }
    }
}

/// "1,234 of 2,357 (52%)".
pub(crate) fn part_of(part: usize, whole: usize) -> String {
    format!("{} of {} ({})", count(part), count(whole), percent(part, whole))
}
