//! Rules that turn rows into purchases.

use std::collections::HashSet;
use std::fmt;

use chrono::NaiveDate;

use crate::error::{DataError, EXAMPLES_SHOWN, SourceValue};
use crate::netting::net;
use crate::raw::{RawRow, RawTransactions};
use crate::report::{CleaningReport, Step};
use crate::rules::{Cleaning, Returns};
use crate::transactions::{Transaction, Transactions};
use crate::words::{counted, money};

/// Fewer positive amounts than this have no meaningful quartiles.
const AMOUNTS_FOR_QUARTILES: usize = 20;

/// Clean purchases, and what was done to get them.
#[derive(Debug, Clone)]
pub struct Cleaned {
    /// The purchases.
    pub transactions: Transactions,
    /// What was found and what was left out.
    pub report: CleaningReport,
}

pub(crate) fn clean(raw: &RawTransactions, rules: &Cleaning) -> Result<Cleaned, DataError> {
    let today = rules.today.unwrap_or_else(|| raw.clock_day());
    let mut work = Work::new(raw);
    work.missing_ids_and_dates();
    work.future(rules, today)?;
    work.duplicates(rules);
    if raw.origin.has_amounts {
        work.missing_amounts(rules);
        work.returns(rules)?;
        work.zero_amounts(rules);
        work.outliers(rules);
    }
    work.finish(today)
}

/// The rows that are still in, and the report that grows.
struct Work<'a> {
    raw: &'a RawTransactions,
    rows: Vec<RawRow>,
    report: CleaningReport,
}

impl<'a> Work<'a> {
    fn new(raw: &'a RawTransactions) -> Self {
        Self { raw, rows: raw.rows.clone(), report: CleaningReport::new(raw) }
    }

    /// Takes the rows out that meet a condition; returns how many.
    fn take_out(&mut self, reason: &str, condition: impl Fn(&RawRow) -> bool) -> usize {
        let (out, kept): (Vec<RawRow>, Vec<RawRow>) =
            std::mem::take(&mut self.rows).into_iter().partition(|row| condition(row));
        self.rows = kept;
        self.report.leave_out(reason, &out);
        out.len()
    }

    fn missing_ids_and_dates(&mut self) {
        let ids = self.take_out("no customer id", |row| row.customer_id.is_none());
        self.report.missing_ids = ids;
        self.report.step(Step::left_out("rows without a customer id", ids));
        let dates = self.take_out("no date", |row| row.date.is_none());
        self.report.missing_dates = dates;
        self.report.step(Step::left_out("rows without a date", dates));
    }

    fn future(&mut self, rules: &Cleaning, today: NaiveDate) -> Result<(), DataError> {
        let after = |row: &RawRow| row.date.is_some_and(|date| date > today);
        let found = self.rows.iter().filter(|row| after(row)).count();
        if found > 0 && !rules.drop_future {
            let values = self.rows.iter().filter(|row| after(row)).take(EXAMPLES_SHOWN);
            return Err(DataError::DatesAfterToday {
                shown: self.raw.origin.shown.clone(),
                today,
                bad: found,
                values: values
                    .map(|row| SourceValue {
                        row: row.row,
                        value: row.date.map(|date| date.to_string()).unwrap_or_default(),
                    })
                    .collect(),
                where_word: self.raw.origin.where_word,
            });
        }
        self.report.future_dates = self.take_out("dated after today", after);
        // Without the day itself: the same data give the same report tomorrow.
        self.report.step(Step::left_out("rows dated after today", found));
        Ok(())
    }

    fn duplicates(&mut self, rules: &Cleaning) {
        // Equal prints are checked against the values, so that a chance collision is no duplicate.
        type Key = (u64, Option<String>, Option<NaiveDate>, Option<u64>, Option<String>);
        let mut seen: HashSet<Key> = HashSet::with_capacity(self.rows.len());
        let mut rows = HashSet::new();
        for row in &self.rows {
            let amount = row.amount.map(f64::to_bits);
            let key = (row.print, row.customer_id.clone(), row.date, amount, row.order.clone());
            if !seen.insert(key) {
                rows.insert(row.row);
            }
        }
        self.report.duplicates = rows.len();
        let name = "rows equal to an earlier row in every column";
        if rules.drop_duplicates {
            self.take_out("exact duplicate", |row| rows.contains(&row.row));
            self.report.step(Step::left_out(name, rows.len()));
        } else {
            self.report.step(Step::kept(name, rows.len(), "kept as purchases"));
        }
    }

    fn missing_amounts(&mut self, rules: &Cleaning) {
        let missing = self.rows.iter().filter(|row| row.amount.is_none()).count();
        self.report.missing_amounts = missing;
        if rules.missing_amount_is_zero {
            for row in &mut self.rows {
                row.amount = row.amount.or(Some(0.0));
            }
            self.report.step(Step::kept("rows without an amount", missing, "kept as purchases of amount 0"));
        } else {
            self.take_out("no amount", |row| row.amount.is_none());
            self.report.step(Step::left_out("rows without an amount", missing));
        }
    }

    fn returns(&mut self, rules: &Cleaning) -> Result<(), DataError> {
        let is_return = |row: &RawRow| row.amount.is_some_and(|amount| amount < 0.0);
        let returns: Vec<RawRow> = self.rows.iter().filter(|row| is_return(row)).cloned().collect();
        if !returns.is_empty() && returns.len() == self.rows.len() {
            return Err(DataError::OnlyReturns { shown: self.raw.origin.shown.clone(), rows: returns.len() });
        }
        self.take_out("return", is_return);
        self.report.returns = returns.len();
        self.report.returned_amount = -returns.iter().filter_map(|row| row.amount).sum::<f64>();
        match rules.returns {
            Returns::Drop => {
                let mut step = Step::left_out("returns (negative amounts)", returns.len());
                if !returns.is_empty() {
                    step.done = format!(
                        "left out: {} of returns is not taken from spend",
                        money(self.report.returned_amount)
                    );
                }
                self.report.step(step);
            }
            Returns::Net => self.net(&returns),
        }
        Ok(())
    }

    fn net(&mut self, returns: &[RawRow]) {
        let unmatched = net(&mut self.rows, returns);
        self.report.netted_amount = self.report.returned_amount - unmatched;
        self.report.unmatched_returns = unmatched;
        let mut step = Step::left_out("returns (negative amounts)", returns.len());
        step.done = format!(
            "no purchases; {} taken from earlier purchases, {} without one",
            money(self.report.netted_amount),
            money(unmatched)
        );
        self.report.step(step);
    }

    fn zero_amounts(&mut self, rules: &Cleaning) {
        let is_zero = |row: &RawRow| row.amount == Some(0.0);
        let zeros = self.rows.iter().filter(|row| is_zero(row)).count();
        self.report.zero_amounts = zeros;
        if rules.drop_zero_amounts {
            self.take_out("amount 0", is_zero);
            self.report.step(Step::left_out("rows of amount 0", zeros));
        } else {
            self.report.step(Step::kept("rows of amount 0", zeros, "kept as purchases"));
        }
    }

    fn outliers(&mut self, rules: &Cleaning) {
        let limit = outlier_limit(&self.rows, rules.outlier_fence);
        let beyond = |row: &RawRow| limit.zip(row.amount).is_some_and(|(limit, a)| a > limit);
        let found = self.rows.iter().filter(|row| beyond(row)).count();
        self.report.outlier_limit = limit;
        self.report.outliers = found;
        let name = match limit {
            Some(limit) => {
                format!("amounts above {} (Q3 + {} IQR of log amounts)", money(limit), rules.outlier_fence)
            }
            None => {
                format!("outliers (not looked for: fewer than {AMOUNTS_FOR_QUARTILES} different amounts)")
            }
        };
        if rules.drop_outliers {
            self.take_out("outlier", beyond);
            self.report.step(Step::left_out(&name, found));
        } else {
            self.report.step(Step::kept(&name, found, "kept as purchases"));
        }
    }

    fn finish(mut self, today: NaiveDate) -> Result<Cleaned, DataError> {
        let rows: Vec<Transaction> = self.rows.into_iter().filter_map(purchase).collect();
        if rows.is_empty() {
            return Err(DataError::NoPurchases {
                shown: self.raw.origin.shown.clone(),
                rows: self.raw.rows.len(),
                reasons: self.report.reasons(),
            });
        }
        let transactions = Transactions::new(rows, self.raw.origin.clone(), today);
        if transactions.customers() == 1 {
            return Err(DataError::OneCustomer {
                shown: self.raw.origin.shown.clone(),
                customer_id: transactions.rows()[0].customer_id.clone(),
                purchases: transactions.len(),
            });
        }
        self.report.close(&transactions);
        Ok(Cleaned { transactions, report: self.report })
    }
}

fn purchase(row: RawRow) -> Option<Transaction> {
    Some(Transaction {
        customer_id: row.customer_id?,
        date: row.date?,
        amount: row.amount,
        order: row.order,
        row: row.row,
    })
}

/// exp(Q3 + fence * (Q3 - Q1)) of the logarithms of the positive amounts, quartiles interpolated
/// linearly (type 7 of Hyndman & Fan 1996); none when the quartiles coincide.
fn outlier_limit(rows: &[RawRow], fence: f64) -> Option<f64> {
    let mut logs: Vec<f64> =
        rows.iter().filter_map(|row| row.amount.filter(|&amount| amount > 0.0)).map(f64::ln).collect();
    if logs.len() < AMOUNTS_FOR_QUARTILES {
        return None;
    }
    logs.sort_by(f64::total_cmp);
    let quantile = |p: f64| {
        let at = p * (logs.len() - 1) as f64;
        let low = logs[at as usize];
        let high = logs[(at as usize + 1).min(logs.len() - 1)];
        low + at.fract() * (high - low)
    };
    let (q1, q3) = (quantile(0.25), quantile(0.75));
    (q3 > q1).then(|| (q3 + fence * (q3 - q1)).exp())
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
