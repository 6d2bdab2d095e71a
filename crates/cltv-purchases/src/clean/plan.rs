//! The cleaning rules as a plan: why a row is no purchase, as the first reason that applies.

use serde::{Deserialize, Serialize};

use super::rules::{Cleaning, Returns};
use crate::plan::{Aggregate, Expr, Plan, col, missing, real, when, whole};

/// The table of rows as they were read.
pub(crate) const LINES: &str = "lines";

/// Why a row is no purchase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Reason {
    None = 0,
    NoCustomer,
    LeftOut,
    NoDate,
    BeforeEarliest,
    AfterToday,
    Duplicate,
    NoAmount,
    Return,
    Zero,
    Outlier,
}

impl Reason {
    pub(crate) const ALL: [Self; 10] = [
        Self::NoCustomer,
        Self::LeftOut,
        Self::NoDate,
        Self::BeforeEarliest,
        Self::AfterToday,
        Self::Duplicate,
        Self::NoAmount,
        Self::Return,
        Self::Zero,
        Self::Outlier,
    ];

    /// The reason as the table of rows left out says it.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::None => "",
            Self::NoCustomer => "no customer id",
            Self::LeftOut => "customer left out",
            Self::NoDate => "no date",
            Self::BeforeEarliest => "before the earliest date",
            Self::AfterToday => "dated after today",
            Self::Duplicate => "exact duplicate",
            Self::NoAmount => "no amount",
            Self::Return => "return",
            Self::Zero => "amount 0",
            Self::Outlier => "outlier",
        }
    }
}

/// What the plan needs to know beside the rules.
#[derive(Debug, Clone)]
pub(crate) struct Setting {
    pub(crate) amounts: bool,
    pub(crate) orders: bool,
    pub(crate) today: i32,
    pub(crate) earliest: Option<i32>,
    pub(crate) left_out: Vec<u32>,
}

/// The lines with `reason` and `repeated`, whether a line equals an earlier one in every column.
///
/// Where orders are named, reasons of amounts come only after their lines are added up.
pub(crate) fn lines(setting: &Setting, rules: &Cleaning) -> Plan {
    let mut compared = vec!["customer", "day", "fingerprint"];
    compared.extend(setting.amounts.then_some("amount"));
    compared.extend(setting.orders.then_some("order"));
    let left_out = setting.left_out.iter().map(|&code| col("customer").eq(whole(code)));
    let mut cases = vec![(col("customer").is_missing(), Reason::NoCustomer)];
    cases.extend(left_out.map(|is| (is, Reason::LeftOut)));
    cases.push((col("day").is_missing(), Reason::NoDate));
    cases.extend(setting.earliest.map(|day| (col("day").lt(whole(day)), Reason::BeforeEarliest)));
    cases.push((col("day").gt(whole(setting.today)), Reason::AfterToday));
    if rules.drop_duplicates {
        cases.push((col("repeated"), Reason::Duplicate));
    }
    let lines = Plan::Table(LINES).repeated(&compared, "repeated");
    if setting.orders || !setting.amounts {
        return lines.derive(vec![("reason", first_of(cases))]);
    }
    cases.extend(of_amounts(rules));
    with_amounts(lines, rules).derive(vec![("reason", first_of(cases))])
}

/// One row for each order of a customer, from lines without a reason; an order is worth the sum of its lines.
///
/// Lines without an order's id stay by themselves. An order without any amount has none.
pub(crate) fn orders(setting: &Setting, rules: &Cleaning) -> Plan {
    // Negative numbers are no codes of orders.
    let key = when(col("order").is_missing(), whole(-1) - col("row"), col("order"));
    let mut columns = vec![
        ("day", Aggregate::Min(col("day"))),
        ("order", Aggregate::Min(col("order"))),
        ("row", Aggregate::Min(col("row"))),
        ("lines", Aggregate::Count),
        ("repeats", Aggregate::Sum(when(col("repeated"), whole(1), whole(0)))),
    ];
    if setting.amounts {
        let priced = when(col("amount").is_missing(), whole(0), whole(1));
        columns.extend([("amount", Aggregate::Sum(col("amount"))), ("priced", Aggregate::Sum(priced))]);
    }
    let merged = Plan::Table(LINES)
        .derive(vec![("order_key", key)])
        .group(&["customer", "order_key"], columns)
        .derive(vec![("repeated", whole(0).lt(col("repeats")))]);
    if !setting.amounts {
        return merged.derive(vec![("reason", whole(Reason::None as i64))]);
    }
    // Sums of decimals carry the error of the binary fractions; a line and its full discount leave 0.
    let tiny = col("amount").lt(real(5e-7)).and(real(-5e-7).lt(col("amount")));
    let amount = when(tiny, real(0.0), col("amount"));
    let amount = when(col("priced").eq(whole(0)), missing(), amount);
    let merged = with_amounts(merged.derive(vec![("amount", amount)]), rules);
    merged.derive(vec![("reason", first_of(of_amounts(rules)))])
}

/// Rows without an amount get 0 where the rules say so.
fn with_amounts(rows: Plan, rules: &Cleaning) -> Plan {
    let lacks = || col("amount").is_missing();
    let rows = rows.derive(vec![("unpriced", lacks())]);
    if !rules.missing_amount_is_zero {
        return rows;
    }
    rows.derive(vec![("amount", when(lacks(), real(0.0), col("amount")))])
}

fn of_amounts(rules: &Cleaning) -> Vec<(Expr, Reason)> {
    let mut cases =
        vec![(col("amount").is_missing(), Reason::NoAmount), (col("amount").lt(real(0.0)), Reason::Return)];
    if rules.drop_zero_amounts {
        cases.push((col("amount").eq(real(0.0)), Reason::Zero));
    }
    cases
}

/// The number of the first reason that applies; a condition on a missing value does not.
fn first_of(cases: Vec<(Expr, Reason)>) -> Expr {
    let none = whole(Reason::None as i64);
    cases.into_iter().rev().fold(none, |rest, (is, reason)| when(is, whole(reason as i64), rest))
}

/// Whether returns stay for [`super::netting`], which takes them from earlier purchases.
pub(crate) fn nets(rules: &Cleaning) -> bool {
    rules.returns == Returns::Net
}
