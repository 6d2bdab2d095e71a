//! The rules applied to one block of rows.

use polars::prelude::{DataFrame, IntoColumn, NamedFrom, Series, SortMultipleOptions};

use super::LEFT_OUT_KEPT;
use super::netting::{self, Line};
use super::rules::{Cleaning, Returns};
use crate::error::DataError;
use crate::plan::{self as plans, Plan, col, whole};
use cltv_plan::cleaning::{self, LINES, Reason, Setting};

/// What is counted over all blocks.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// Rows and what they add up to, by reason.
    pub(super) reasons: [(usize, f64); 11],
    pub(super) repeated: usize,
    pub(super) repeated_amount: f64,
    pub(super) zeros: usize,
    pub(super) unpriced: usize,
    pub(super) merged_lines: usize,
    pub(super) orders_of_several: usize,
    pub(super) unmatched: f64,
}

impl Tally {
    pub(super) fn add(&mut self, other: &Self) {
        for ((rows, sum), (more, amount)) in self.reasons.iter_mut().zip(other.reasons) {
            *rows += more;
            *sum += amount;
        }
        self.repeated += other.repeated;
        self.repeated_amount += other.repeated_amount;
        self.zeros += other.zeros;
        self.unpriced += other.unpriced;
        self.merged_lines += other.merged_lines;
        self.orders_of_several += other.orders_of_several;
        self.unmatched += other.unmatched;
    }
}

/// A block after the rules.
pub(super) struct Part {
    /// `customer`, `day`, and `amount` and `order` where there are any, in the order of purchases.
    pub(super) kept: DataFrame,
    pub(super) tally: Tally,
    /// Some of the rows left out, with their reasons.
    pub(super) left_out: Vec<DataFrame>,
}

impl Part {
    /// Applies the rules to the lines of a block.
    pub(super) fn of(setting: &Setting, rules: &Cleaning, lines: DataFrame) -> Result<Self, DataError> {
        let mut block = Block { rules, setting, tally: Tally::default(), left_out: Vec::new() };
        let kept = block.clean(lines)?;
        Ok(Self { kept, tally: block.tally, left_out: block.left_out })
    }
}

struct Block<'a> {
    rules: &'a Cleaning,
    setting: &'a Setting,
    tally: Tally,
    left_out: Vec<DataFrame>,
}

impl Block<'_> {
    fn clean(&mut self, lines: DataFrame) -> Result<DataFrame, DataError> {
        let one = |table: DataFrame| move |_: &str| table.clone();
        let mut rows = plans::run(&cleaning::lines(self.setting), &one(lines))?;
        if self.setting.orders {
            self.leave_out(&rows, Reason::Duplicate)?;
            let whole_lines = self.without_reason(&rows)?;
            let repeated = whole_lines.column("repeated")?.bool()?.sum().unwrap_or(0) as usize;
            rows = plans::run(&cleaning::orders(self.setting), &one(whole_lines))?;
            let lines = rows.column("lines")?.u32()?;
            let several = || lines.iter().flatten().filter(|&n| n > 1);
            self.tally.orders_of_several += several().count();
            self.tally.merged_lines += several().map(|n| n as usize).sum::<usize>();
            self.tally.repeated += repeated;
        }
        self.leave_out(&rows, Reason::Outlier)?;
        if self.setting.amounts && self.nets() {
            rows = self.net(&rows)?;
        }
        let kept = self.without_reason(&rows)?;
        self.count_kept(&kept)?;
        let mut names = vec!["customer", "day"];
        names.extend(self.setting.amounts.then_some("amount"));
        names.extend(self.setting.orders.then_some("order"));
        let mut kept = kept.select(names)?;
        if self.setting.orders || self.nets() {
            let mut by = vec!["customer", "day"];
            by.extend(self.setting.amounts.then_some("amount"));
            kept = kept.sort(by, SortMultipleOptions::default().with_maintain_order(true))?;
        }
        Ok(kept)
    }

    /// Whether returns are taken from earlier purchases, by [`netting`].
    fn nets(&self) -> bool {
        self.rules.returns == Returns::Net
    }

    fn without_reason(&self, rows: &DataFrame) -> Result<DataFrame, DataError> {
        if rows.column("reason")?.i32()?.iter().all(|reason| reason == Some(Reason::None as i32)) {
            return Ok(rows.clone());
        }
        let none = Plan::Table(LINES).filter(col("reason").eq(whole(Reason::None as i64)));
        plans::run(&none, &|_| rows.clone())
    }

    /// Counts the rows of each reason, and keeps some of them; `last` is the last reason of this step.
    fn leave_out(&mut self, rows: &DataFrame, last: Reason) -> Result<(), DataError> {
        let reasons = rows.column("reason")?.i32()?;
        let amounts = if self.setting.amounts { Some(rows.column("amount")?.f64()?.clone()) } else { None };
        let mut out = false;
        for (row, reason) in reasons.iter().enumerate() {
            let reason = reason.unwrap_or(0);
            if reason == 0 || reason > last as i32 {
                continue;
            }
            let (found, sum) = &mut self.tally.reasons[reason as usize];
            *found += 1;
            *sum += amounts.as_ref().and_then(|amounts| amounts.get(row)).unwrap_or(0.0);
            out = true;
        }
        let kept: usize = self.left_out.iter().map(DataFrame::height).sum();
        if out && kept < LEFT_OUT_KEPT {
            let given = Plan::Table(LINES).filter(whole(0).lt(col("reason")));
            let mut names = vec!["customer", "day", "row", "reason"];
            names.extend(self.setting.amounts.then_some("amount"));
            let frame = plans::run(&given, &|_| rows.clone())?.select(names)?;
            self.left_out.push(frame.head(Some(LEFT_OUT_KEPT - kept)));
        }
        Ok(())
    }

    /// Takes returns from earlier purchases of the same customer.
    fn net(&mut self, rows: &DataFrame) -> Result<DataFrame, DataError> {
        let stays = [Reason::None, Reason::Return].map(|reason| col("reason").eq(whole(reason as i64)));
        let [purchase, back] = stays;
        let either = !((!purchase).and(!back));
        let rows = plans::run(&Plan::Table(LINES).filter(either), &|_| rows.clone())?;
        let (customers, days) = (rows.column("customer")?.u32()?, rows.column("day")?.i32()?);
        let (places, amounts) = (rows.column("row")?.u32()?, rows.column("amount")?.f64()?);
        let mut all: Vec<(u32, usize, Line)> = Vec::with_capacity(rows.height());
        for (at, (((customer, day), row), amount)) in
            customers.iter().zip(days.iter()).zip(places.iter()).zip(amounts.iter()).enumerate()
        {
            let line = Line {
                day: day.unwrap_or_default(),
                row: row.unwrap_or_default(),
                amount: amount.unwrap_or_default(),
            };
            all.push((customer.unwrap_or_default(), at, line));
        }
        let mut netted = vec![0.0; rows.height()];
        for own in all.chunk_by(|a, b| a.0 == b.0) {
            let mut lines: Vec<Line> = own.iter().map(|(_, _, line)| *line).collect();
            if lines.iter().any(|line| line.amount < 0.0) {
                self.tally.unmatched += netting::net(&mut lines);
            }
            let mut at: Vec<(u32, usize)> = own.iter().map(|(_, at, line)| (line.row, *at)).collect();
            at.sort_unstable();
            lines.sort_by_key(|line| line.row);
            at.iter().zip(&lines).for_each(|((_, at), line)| netted[*at] = line.amount);
        }
        let mut rows = rows.clone();
        rows.with_column(Series::new("amount".into(), netted).into_column())?;
        Ok(rows)
    }

    fn count_kept(&mut self, kept: &DataFrame) -> Result<(), DataError> {
        let repeated = kept.column("repeated")?.bool()?;
        if !self.setting.orders {
            self.tally.repeated += repeated.sum().unwrap_or(0) as usize;
        }
        if self.setting.amounts {
            let amounts = kept.column("amount")?.f64()?;
            let worth = amounts.iter().zip(repeated.iter()).filter(|(_, repeated)| *repeated == Some(true));
            self.tally.repeated_amount += worth.filter_map(|(amount, _)| amount).sum::<f64>();
            self.tally.zeros += amounts.iter().filter(|amount| *amount == Some(0.0)).count();
            self.tally.unpriced += kept.column("unpriced")?.bool()?.sum().unwrap_or(0) as usize;
        }
        Ok(())
    }
}
