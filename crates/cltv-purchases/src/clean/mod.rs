//! Rules that turn rows into purchases, and the report of what they did.

mod far_dates;
mod kept;
mod netting;
mod part;
mod report;
mod rules;
mod warnings;

use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::time::Instant;

use chrono::NaiveDate;
use cltv_protocol::text::{counted, money};
use cltv_tables::words::quote;
use cltv_tables::{NO_DAY, SourceValue, Values};
use polars::prelude::{
    ChunkFullNull, Column, DataFrame, Float64Chunked, IntoColumn, IntoSeries, SortMultipleOptions,
};

pub use report::{CleaningReport, Step};
pub use rules::{Cleaning, Returns};

use cltv_plan::cleaning::{LINES, Reason, Setting};

use crate::blocks::Ordered;
use crate::error::{DataError, EXAMPLES_SHOWN};
use crate::frame;
use crate::plan::{self as plans, Plan, col};
use crate::raw::{RawTransactions, day_of};
use crate::source::Source;
use crate::threads;
use crate::transactions::{Blocks, Transactions};
use kept::Kept;
use part::{Part, Tally};

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

impl Source {
    /// Reads and cleans the purchases, or takes what an earlier notebook of the same report kept of the same files.
    ///
    /// # Errors
    /// As [`Source::read`] and [`RawTransactions::clean`].
    pub fn purchases(&self, rules: &Cleaning) -> Result<Cleaned, DataError> {
        // The clock is read once, so that what is kept belongs to the day in its name.
        let today = rules.today.map_or_else(|| self.settings().map(|settings| settings.clock_day()), Ok)?;
        let rules = &rules.clone().today(today);
        let place = || Kept::in_report(self, rules);
        let kept = place();
        if let Some(cleaned) = kept.as_ref().and_then(Kept::read) {
            return Ok(cleaned);
        }
        let begin = Instant::now();
        let cleaned = self.read()?.clean(rules)?;
        // A file that changes while it is read has another place afterwards.
        if let Some(kept) =
            kept.filter(|kept| kept::worth_keeping(begin.elapsed()) && place().as_ref() == Some(kept))
        {
            kept.write(&cleaned);
        }
        Ok(cleaned)
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
        count_repeats: true,
        drop_duplicates: rules.drop_duplicates,
        missing_amount_is_zero: rules.missing_amount_is_zero,
        drop_zero_amounts: rules.drop_zero_amounts,
    };
    if !rules.drop_future {
        refuse_future(raw, &setting, today)?;
    }
    let last = rules.observation_end.map_or(setting.today, number).min(setting.today);
    far_dates::refuse(raw, setting.earliest, last)?;
    let ordered = Ordered::new(raw);
    let part = |block: &Range<usize>| Part::of(&setting, rules, ordered.lines(block)?);
    let parts = threads::each(&ordered.blocks(), part)?;
    drop(ordered);
    let mut work =
        Work { raw, rules, setting, tally: Tally::default(), blocks: Vec::new(), left_out: Vec::new() };
    parts.into_iter().for_each(|part| work.add(part));
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

struct Work<'a> {
    raw: &'a RawTransactions,
    rules: &'a Cleaning,
    setting: Setting,
    tally: Tally,
    blocks: Vec<DataFrame>,
    left_out: Vec<DataFrame>,
}

impl Work<'_> {
    /// Adds a block; blocks come in their order, so that sums do not depend on the number of threads.
    fn add(&mut self, part: Part) {
        self.tally.add(&part.tally);
        for rows in part.left_out {
            let kept: usize = self.left_out.iter().map(DataFrame::height).sum();
            if kept < LEFT_OUT_KEPT {
                self.left_out.push(rows.head(Some(LEFT_OUT_KEPT - kept)));
            }
        }
        if part.kept.height() > 0 {
            self.blocks.push(part.kept);
        }
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
        let shown_ids = |(_, values): &(Vec<u32>, Arc<Values>)| {
            Arc::new(values.iter().map(|value| value.shown().into_owned()).collect())
        };
        let (transactions, rows) = Transactions::new(Blocks {
            rows: std::mem::take(&mut self.blocks),
            ids: self.raw.ids.clone(),
            orders: self.raw.orders.as_ref().map(shown_ids),
            origin: self.raw.origin.clone(),
            today,
        })?;
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
            let name = format!("rows that do not meet the filter {}", quote(&self.raw.filter));
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
            Reason::ALL.into_iter().filter(dropped).map(|reason| (reason, found(reason))).collect();
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
