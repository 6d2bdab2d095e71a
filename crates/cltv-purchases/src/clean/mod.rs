//! Rules that turn rows into purchases, and the report of what they did.

mod far_dates;
mod netting;
pub(crate) mod plan;
mod report;
mod rules;
mod warnings;

use std::fmt;

use chrono::NaiveDate;
use cltv_protocol::text::{counted, money};
use cltv_tables::{NO_DAY, SourceValue};
use polars::prelude::{
    ChunkFullNull, Column, DataFrame, Float64Chunked, IntoColumn, IntoSeries, NamedFrom, Series,
    SortMultipleOptions,
};

pub use report::{CleaningReport, Step};
pub use rules::{Cleaning, Returns};

use crate::blocks::Ordered;
use crate::error::{DataError, EXAMPLES_SHOWN};
use crate::frame;
use crate::plan::{self as plans, Plan, col, whole};
use crate::raw::{RawTransactions, day_of};
use crate::transactions::Transactions;
use netting::Line;
use plan::{LINES, Reason, Setting};

/// Fewer positive amounts than this have no meaningful quartiles.
const AMOUNTS_FOR_QUARTILES: usize = 20;
/// Rows left out that are kept for a look; all of them are counted.
const LEFT_OUT_KEPT: usize = 100_000;

/// Clean purchases, and what was done to get them.
#[derive(Debug, Clone)]
pub struct Cleaned {
    /// The purchases.
    pub transactions: Transactions,
    /// What was found and what was left out.
    pub report: CleaningReport,
}

/// The report as one sentence a check; see [`CleaningReport`].
impl fmt::Display for Cleaned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} of {}. {}",
            counted(self.transactions.len(), "purchase row"),
            counted(self.transactions.customers(), "customer"),
            self.report
        )
    }
}

impl RawTransactions {
    /// Applies the rules and reports what they did.
    ///
    /// # Errors
    /// [`DataError::DatesAfterToday`], [`DataError::FarDates`], [`DataError::OnlyReturns`],
    /// [`DataError::NoPurchases`] or [`DataError::OneCustomer`].
    pub fn clean(&self, rules: &Cleaning) -> Result<Cleaned, DataError> {
        clean(self, rules)
    }
}

fn clean(raw: &RawTransactions, rules: &Cleaning) -> Result<Cleaned, DataError> {
    let today = rules.today.unwrap_or_else(|| raw.clock_day());
    let number = |day: NaiveDate| day.to_epoch_days();
    let setting = Setting {
        amounts: raw.amounts.is_some(),
        orders: raw.orders.is_some(),
        today: number(today),
        earliest: rules.earliest_date.map(number),
        left_out: raw.left_out.clone(),
    };
    if !rules.drop_future {
        refuse_future(raw, &setting, today)?;
    }
    let last = rules.observation_end.map_or(setting.today, number).min(setting.today);
    far_dates::refuse(raw, setting.earliest, last)?;
    let mut work =
        Work { raw, rules, setting, tally: Tally::default(), blocks: Vec::new(), left_out: Vec::new() };
    let ordered = Ordered::new(raw);
    for block in ordered.blocks() {
        work.block(block?)?;
    }
    drop(ordered);
    work.finish(today)
}

fn refuse_future(raw: &RawTransactions, setting: &Setting, today: NaiveDate) -> Result<(), DataError> {
    let has_customer = |row: &usize| {
        let code = raw.customers[*row];
        code != cltv_tables::MISSING && !raw.left_out.contains(&code)
    };
    let after = |row: &usize| raw.days[*row] != NO_DAY && raw.days[*row] > setting.today;
    if raw.days.iter().copied().max().is_none_or(|day| day <= setting.today) {
        return Ok(());
    }
    let rows: Vec<usize> = (0..raw.len()).filter(|row| after(row) && has_customer(row)).collect();
    if rows.is_empty() {
        return Ok(());
    }
    let value = |&row: &usize| SourceValue {
        place: raw.places.place(raw.row_in_file(row)),
        value: day_of(raw.days[row]).map(|day| day.to_string()).unwrap_or_default(),
    };
    Err(DataError::DatesAfterToday {
        shown: raw.origin.shown.clone(),
        today,
        bad: rows.len(),
        values: rows.iter().take(EXAMPLES_SHOWN).map(value).collect(),
    })
}

/// What is counted over all blocks.
#[derive(Debug, Default)]
struct Tally {
    /// Rows and what they add up to, by reason.
    reasons: [(usize, f64); 11],
    repeated: usize,
    repeated_amount: f64,
    zeros: usize,
    unpriced: usize,
    merged_lines: usize,
    orders_of_several: usize,
    unmatched: f64,
    /// Rows that are returns, for the error when there is nothing else.
    rows: usize,
}

struct Work<'a> {
    raw: &'a RawTransactions,
    rules: &'a Cleaning,
    setting: Setting,
    tally: Tally,
    blocks: Vec<DataFrame>,
    left_out: Vec<DataFrame>,
}

impl Work<'_> {
    fn block(&mut self, lines: DataFrame) -> Result<(), DataError> {
        self.tally.rows += lines.height();
        let one = |table: DataFrame| move |_: &str| table.clone();
        let mut rows = plans::run(&plan::lines(&self.setting, self.rules), &one(lines))?;
        if self.setting.orders {
            self.leave_out(&rows, Reason::Duplicate)?;
            let whole_lines = self.without_reason(&rows)?;
            let repeated = whole_lines.column("repeated")?.bool()?.sum().unwrap_or(0) as usize;
            rows = plans::run(&plan::orders(&self.setting, self.rules), &one(whole_lines))?;
            let lines = rows.column("lines")?.u32()?;
            let several = || lines.iter().flatten().filter(|&n| n > 1);
            self.tally.orders_of_several += several().count();
            self.tally.merged_lines += several().map(|n| n as usize).sum::<usize>();
            self.tally.repeated += repeated;
        }
        self.leave_out(&rows, Reason::Outlier)?;
        if self.setting.amounts && plan::nets(self.rules) {
            rows = self.net(&rows)?;
        }
        let kept = self.without_reason(&rows)?;
        self.count_kept(&kept)?;
        let mut names = vec!["customer", "day"];
        names.extend(self.setting.amounts.then_some("amount"));
        names.extend(self.setting.orders.then_some("order"));
        let mut kept = kept.select(names)?;
        if self.setting.orders || plan::nets(self.rules) {
            let mut by = vec!["customer", "day"];
            by.extend(self.setting.amounts.then_some("amount"));
            kept = kept.sort(by, SortMultipleOptions::default().with_maintain_order(true))?;
        }
        if kept.height() > 0 {
            self.blocks.push(kept);
        }
        Ok(())
    }

    fn without_reason(&self, rows: &DataFrame) -> Result<DataFrame, DataError> {
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

    fn finish(mut self, today: NaiveDate) -> Result<Cleaned, DataError> {
        let returns = self.tally.reasons[Reason::Return as usize];
        let shown = self.raw.origin.shown.clone();
        let mut report = CleaningReport::new(self.raw);
        let limit = if self.setting.amounts { self.outliers()? } else { None };
        self.tell(&mut report, limit);
        if self.blocks.is_empty() {
            let usable = returns.0 > 0
                && Reason::ALL.iter().all(|&reason| {
                    let early = (reason as usize) < Reason::Duplicate as usize || reason == Reason::Return;
                    early || self.tally.reasons[reason as usize].0 == 0
                });
            if usable {
                return Err(DataError::OnlyReturns { shown, rows: returns.0 });
            }
            return Err(DataError::NoPurchases { shown, rows: self.raw.len(), reasons: report.reasons() });
        }
        let orders = self.raw.orders.as_ref().map(|(_, values)| values.clone());
        let blocks = std::mem::take(&mut self.blocks);
        let (transactions, rows) =
            Transactions::new(blocks, &self.raw.ids, orders, self.raw.origin.clone(), today)?;
        if transactions.customers() == 1 {
            return Err(DataError::OneCustomer {
                shown,
                customer_id: transactions.ids().get(0).to_owned(),
                purchases: transactions.len(),
            });
        }
        report.left_out = self.left_out_frame()?;
        report.close(&transactions);
        let worth = self.setting.amounts.then_some(report.duplicate_amount);
        if !self.rules.drop_duplicates {
            report.warnings.extend(warnings::duplicates(report.duplicates, transactions.len(), worth));
        }
        report.warnings.extend(warnings::shared_ids(&transactions.ids(), &rows));
        Ok(Cleaned { transactions, report })
    }

    /// The outlier limit; the rows above it are taken out where the rules say so.
    fn outliers(&mut self) -> Result<Option<f64>, DataError> {
        let mut amounts = Vec::new();
        for block in &self.blocks {
            amounts.extend(block.column("amount")?.f64()?.iter().flatten().filter(|&amount| amount > 0.0));
        }
        let Some(limit) = outlier_limit(&mut amounts, self.rules.outlier_fence) else { return Ok(None) };
        drop(amounts);
        let above = crate::plan::real(limit).lt(col("amount"));
        for at in 0..self.blocks.len() {
            let block = self.blocks[at].clone();
            let found = plans::run(&Plan::Table(LINES).filter(above.clone()), &|_| block.clone())?;
            let (rows, sum) = &mut self.tally.reasons[Reason::Outlier as usize];
            *rows += found.height();
            *sum += found.column("amount")?.f64()?.iter().flatten().sum::<f64>();
            if self.rules.drop_outliers {
                self.blocks[at] = plans::run(&Plan::Table(LINES).filter(!above.clone()), &|_| block.clone())?;
            }
        }
        self.blocks.retain(|block| block.height() > 0);
        Ok(Some(limit))
    }

    /// Writes the figures and the steps of the report, in the order of the rules.
    fn tell(&self, report: &mut CleaningReport, limit: Option<f64>) {
        let tally = &self.tally;
        let found = |reason: Reason| tally.reasons[reason as usize].0;
        let left = |report: &mut CleaningReport, name: &str, reason: Reason| {
            report.step(Step::left_out(name, found(reason)));
        };
        report.filtered = self.raw.filtered;
        if !self.raw.filter.is_empty() {
            let name = format!("rows that do not meet the filter {:?}", self.raw.filter);
            report.step(Step::left_out(&name, self.raw.filtered));
        }
        report.missing_ids = found(Reason::NoCustomer);
        left(report, "rows without a customer id", Reason::NoCustomer);
        if !self.setting.left_out.is_empty() {
            left(report, "rows of customers named in leave_out", Reason::LeftOut);
        }
        report.missing_dates = found(Reason::NoDate);
        left(report, "rows without a date", Reason::NoDate);
        if let Some(day) = self.rules.earliest_date {
            left(report, &format!("rows before {day}"), Reason::BeforeEarliest);
        }
        report.future_dates = found(Reason::AfterToday);
        // Without the day itself: the same data give the same report tomorrow.
        left(report, "rows dated after today", Reason::AfterToday);
        if self.rules.drop_duplicates {
            report.duplicates = found(Reason::Duplicate);
            left(report, DUPLICATES, Reason::Duplicate);
        }
        if self.setting.orders {
            report.merged_lines = tally.merged_lines;
            let done = format!("added up to {}", counted(tally.orders_of_several, "order"));
            report.step(Step::kept("lines of orders with several lines", tally.merged_lines, &done));
        }
        if self.setting.amounts {
            self.tell_amounts(report);
        }
        if !self.rules.drop_duplicates {
            report.duplicates = tally.repeated;
            report.duplicate_amount = tally.repeated_amount;
            let done = if self.setting.orders { "kept in their orders" } else { "kept as purchases" };
            report.step(Step::kept(DUPLICATES, tally.repeated, done));
        }
        if self.setting.amounts {
            let zeros = if self.rules.drop_zero_amounts { found(Reason::Zero) } else { tally.zeros };
            report.zero_amounts = zeros;
            report.step(match self.rules.drop_zero_amounts {
                true => Step::left_out("rows of amount 0", zeros),
                false => Step::kept("rows of amount 0", zeros, "kept as purchases"),
            });
            self.tell_outliers(report, limit);
        }
        let dropped = |reason: &Reason| *reason != Reason::Outlier || self.rules.drop_outliers;
        report.reasons =
            Reason::ALL.into_iter().filter(dropped).map(|reason| (reason.words(), found(reason))).collect();
    }

    fn tell_amounts(&self, report: &mut CleaningReport) {
        let (missing, _) = self.tally.reasons[Reason::NoAmount as usize];
        let name = if self.setting.orders { "orders without an amount" } else { "rows without an amount" };
        report.missing_amounts =
            if self.rules.missing_amount_is_zero { self.tally.unpriced } else { missing };
        report.step(match self.rules.missing_amount_is_zero {
            true => Step::kept(name, self.tally.unpriced, "kept as purchases of amount 0"),
            false => Step::left_out(name, missing),
        });
        let (returns, amount) = self.tally.reasons[Reason::Return as usize];
        report.returns = returns;
        report.returned_amount = if returns > 0 { -amount } else { 0.0 };
        let mut step = Step::left_out("returns (negative amounts)", returns);
        if self.rules.returns == Returns::Net {
            report.unmatched_returns = self.tally.unmatched;
            report.netted_amount = report.returned_amount - self.tally.unmatched;
            step.done = format!(
                "no purchases; {} taken from earlier purchases, {} without one",
                money(report.netted_amount),
                money(self.tally.unmatched)
            );
        } else if returns > 0 {
            step.done =
                format!("left out: {} of returns is not taken from spend", money(report.returned_amount));
        }
        report.step(step);
    }

    fn tell_outliers(&self, report: &mut CleaningReport, limit: Option<f64>) {
        let (found, _) = self.tally.reasons[Reason::Outlier as usize];
        report.outlier_limit = limit;
        report.outliers = found;
        let name = match limit {
            Some(limit) => {
                format!(
                    "amounts above {} (Q3 + {} IQR of log amounts)",
                    money(limit),
                    self.rules.outlier_fence
                )
            }
            None => {
                format!("outliers (not looked for: fewer than {AMOUNTS_FOR_QUARTILES} different amounts)")
            }
        };
        report.step(match self.rules.drop_outliers {
            true => Step::left_out(&name, found),
            false => Step::kept(&name, found, "kept as purchases"),
        });
    }

    /// The rows left out, in the order of the checks and of the file.
    fn left_out_frame(&self) -> Result<DataFrame, DataError> {
        let mut parts = self.left_out.iter();
        let Some(first) = parts.next() else { return self.named_rows(&DataFrame::empty()) };
        let mut all = first.clone();
        for part in parts {
            all.vstack_mut(part)?;
        }
        self.named_rows(&all.sort(["reason", "row"], SortMultipleOptions::default())?)
    }

    fn named_rows(&self, rows: &DataFrame) -> Result<DataFrame, DataError> {
        let whole = |name: &str| -> Result<Vec<Option<i64>>, DataError> {
            if rows.height() == 0 {
                return Ok(Vec::new());
            }
            let cast = rows.column(name)?.cast(&polars::prelude::DataType::Int64)?;
            Ok(cast.i64()?.iter().collect())
        };
        let amounts: Float64Chunked = match rows.column("amount") {
            Ok(amounts) => amounts.f64()?.clone(),
            Err(_) => Float64Chunked::full_null("amount".into(), rows.height()),
        };
        let word =
            |n: Option<i64>| Reason::ALL.iter().find(|&&reason| Some(reason as i64) == n).map(|r| r.words());
        let line = |n: Option<i64>| n.map(|n| self.raw.line(n as usize));
        let day = |n: Option<i64>| n.and_then(|n| day_of(n as i32));
        let id = |n: Option<i64>| n.map(|n| self.raw.ids.get(n as u32).to_owned());
        let amount: Column = amounts.into_series().into_column();
        frame::frame(vec![
            frame::counts("row", whole("row")?.into_iter().map(line)),
            frame::texts("customer_id", whole("customer")?.into_iter().map(id)),
            frame::dates("date", whole("day")?.into_iter().map(day)),
            Ok(amount.with_name("amount".into())),
            frame::texts("reason", whole("reason")?.into_iter().map(|n| word(n).map(str::to_owned))),
        ])
    }
}

const DUPLICATES: &str = "rows equal to an earlier row in every column";

/// exp(Q3 + fence * (Q3 - Q1)) of the logarithms of positive amounts, quartiles interpolated
/// linearly (type 7 of Hyndman & Fan 1996); none when the quartiles coincide.
fn outlier_limit(amounts: &mut [f64], fence: f64) -> Option<f64> {
    let n = amounts.len();
    if n < AMOUNTS_FOR_QUARTILES {
        return None;
    }
    let mut quantile = |p: f64| {
        let at = p * (n - 1) as f64;
        let (_, &mut low, above) = amounts.select_nth_unstable_by(at as usize, f64::total_cmp);
        // The next larger amount is the least of those that lie above.
        let high = above.iter().copied().min_by(f64::total_cmp).unwrap_or(low);
        low.ln() + at.fract() * (high.ln() - low.ln())
    };
    let (q1, q3) = (quantile(0.25), quantile(0.75));
    (q3 > q1).then(|| (q3 + fence * (q3 - q1)).exp())
}
