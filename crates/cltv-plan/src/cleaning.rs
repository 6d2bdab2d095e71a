//! The cleaning rules as a plan: why a row is no purchase, as the first reason that applies.

use serde::{Deserialize, Serialize};

use crate::{Aggregate, Expr, Plan, col, missing, real, when, whole};

/// The table of rows as they were read.
pub const LINES: &str = "lines";

/// Why a row is no purchase, in the order of the checks; [`Reason::None`] is a purchase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reason {
    /// It is a purchase.
    None = 0,
    /// There is no customer.
    NoCustomer,
    /// The customer is left out by name.
    LeftOut,
    /// There is no date.
    NoDate,
    /// It is before the earliest day.
    BeforeEarliest,
    /// It is after today.
    AfterToday,
    /// It equals an earlier row in every column.
    Duplicate,
    /// There is no amount.
    NoAmount,
    /// The amount is negative.
    Return,
    /// The amount is 0.
    Zero,
    /// The amount is an outlier.
    Outlier,
}

impl Reason {
    /// Every reason for which a row is left out.
    pub const ALL: [Self; 10] = [
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
    #[must_use]
    pub fn words(self) -> &'static str {
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

/// The columns that there are, and the setting.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "each is a rule of its own, and is set by its name")]
pub struct Setting {
    /// Whether there are amounts.
    pub amounts: bool,
    /// Whether there are order ids.
    pub orders: bool,
    /// The day that counts as today, from 1970-01-01.
    pub today: i32,
    /// Rows before this day are left out.
    pub earliest: Option<i32>,
    /// Codes of customers that are left out.
    pub left_out: Vec<u32>,
    /// Whether rows equal to an earlier one in every column are counted; a plan without the count is faster.
    pub count_repeats: bool,
    /// Whether they are left out; they are then counted too.
    pub drop_duplicates: bool,
    /// Whether a row without an amount is a purchase of amount 0.
    pub missing_amount_is_zero: bool,
    /// Whether rows of amount 0 are left out.
    pub drop_zero_amounts: bool,
}

impl Setting {
    /// Default rules for a table with these columns, and the day that counts as today.
    #[must_use]
    pub fn new(amounts: bool, orders: bool, today: i32) -> Self {
        Self {
            amounts,
            orders,
            today,
            earliest: None,
            left_out: Vec::new(),
            count_repeats: true,
            drop_duplicates: false,
            missing_amount_is_zero: false,
            drop_zero_amounts: false,
        }
    }

    fn finds_repeats(&self) -> bool {
        self.count_repeats || self.drop_duplicates
    }
}

/// The lines with `reason` and `repeated`, whether a line equals an earlier one in every column.
///
/// Where orders are named, reasons of amounts come only after their lines are added up.
#[must_use]
pub fn lines(setting: &Setting) -> Plan {
    let mut compared = vec!["customer", "day", "fingerprint"];
    compared.extend(setting.amounts.then_some("amount"));
    compared.extend(setting.orders.then_some("order"));
    let left_out = setting.left_out.iter().map(|&code| col("customer").eq(whole(code)));
    let mut cases = vec![(col("customer").is_missing(), Reason::NoCustomer)];
    cases.extend(left_out.map(|is| (is, Reason::LeftOut)));
    cases.push((col("day").is_missing(), Reason::NoDate));
    cases.extend(setting.earliest.map(|day| (col("day").lt(whole(day)), Reason::BeforeEarliest)));
    cases.push((col("day").gt(whole(setting.today)), Reason::AfterToday));
    if setting.drop_duplicates {
        cases.push((col("repeated"), Reason::Duplicate));
    }
    let lines = match setting.finds_repeats() {
        true => Plan::Table(LINES).repeated(&compared, "repeated"),
        false => Plan::Table(LINES),
    };
    if setting.orders || !setting.amounts {
        return lines.derive(vec![("reason", first_of(cases))]);
    }
    cases.extend(of_amounts(setting));
    with_amounts(lines, setting).derive(vec![("reason", first_of(cases))])
}

/// One row for each order of a customer, from lines without a reason; an order is worth the sum of its lines.
///
/// Lines without an order's id stay by themselves. An order without any amount has none.
#[must_use]
pub fn orders(setting: &Setting) -> Plan {
    // Negative numbers are no codes of orders.
    let key = when(col("order").is_missing(), whole(-1) - col("row"), col("order"));
    let mut columns = vec![
        ("day", Aggregate::Min(col("day"))),
        ("order", Aggregate::Min(col("order"))),
        ("row", Aggregate::Min(col("row"))),
        ("lines", Aggregate::Count),
    ];
    if setting.finds_repeats() {
        columns.push(("repeats", Aggregate::Sum(when(col("repeated"), whole(1), whole(0)))));
    }
    if setting.amounts {
        let priced = when(col("amount").is_missing(), whole(0), whole(1));
        columns.extend([("amount", Aggregate::Sum(col("amount"))), ("priced", Aggregate::Sum(priced))]);
    }
    let merged =
        Plan::Table(LINES).derive(vec![("order_key", key)]).group(&["customer", "order_key"], columns);
    let merged = match setting.finds_repeats() {
        true => merged.derive(vec![("repeated", whole(0).lt(col("repeats")))]),
        false => merged,
    };
    if !setting.amounts {
        return merged.derive(vec![("reason", whole(Reason::None as i64))]);
    }
    // Sums of decimals carry the error of the binary fractions; a line and its full discount leave 0.
    let tiny = col("amount").lt(real(5e-7)).and(real(-5e-7).lt(col("amount")));
    let amount = when(tiny, real(0.0), col("amount"));
    let amount = when(col("priced").eq(whole(0)), missing(), amount);
    let merged = with_amounts(merged.derive(vec![("amount", amount)]), setting);
    merged.derive(vec![("reason", first_of(of_amounts(setting)))])
}

/// Rows without an amount get 0 where the rules say so.
fn with_amounts(rows: Plan, setting: &Setting) -> Plan {
    let lacks = || col("amount").is_missing();
    let rows = rows.derive(vec![("unpriced", lacks())]);
    if !setting.missing_amount_is_zero {
        return rows;
    }
    rows.derive(vec![("amount", when(lacks(), real(0.0), col("amount")))])
}

fn of_amounts(setting: &Setting) -> Vec<(Expr, Reason)> {
    let mut cases =
        vec![(col("amount").is_missing(), Reason::NoAmount), (col("amount").lt(real(0.0)), Reason::Return)];
    if setting.drop_zero_amounts {
        cases.push((col("amount").eq(real(0.0)), Reason::Zero));
    }
    cases
}

/// The number of the first reason that applies; a condition on a missing value does not.
fn first_of(cases: Vec<(Expr, Reason)>) -> Expr {
    let none = whole(Reason::None as i64);
    cases.into_iter().rev().fold(none, |rest, (is, reason)| when(is, whole(reason as i64), rest))
}

/// The clean rows: `customer`, `day` and, where there are amounts, `amount`.
///
/// Returns are left out; what takes them from earlier purchases is no relational plan.
#[must_use]
pub fn clean_rows(setting: &Setting) -> Plan {
    let mut columns = vec!["customer", "day"];
    columns.extend(setting.amounts.then_some("amount"));
    reasoned(setting).filter(is_purchase()).select(&columns)
}

fn is_purchase() -> Expr {
    col("reason").eq(whole(Reason::None as i64))
}

/// Rows with the reason of each: of lines, or of orders where there are order ids.
fn reasoned(setting: &Setting) -> Plan {
    if !setting.orders {
        return lines(setting);
    }
    let usable = lines(setting).filter(is_purchase());
    orders(setting).over(LINES, &usable)
}

/// Rows by reason and day, with what they add up to: what a report of the cleaning is made of.
///
/// Columns: `reason`, `day`, `n`, and where there are any `amount`, `zeros`, `repeats` (rows that equal an earlier one) and
/// `merged` (the lines of orders with several lines). With orders, lines that are left out before their orders
/// are made are in [`lines_by_reason`].
#[must_use]
pub fn rows_by_reason(setting: &Setting) -> Plan {
    let one_if = |condition: Expr| when(condition, whole(1), whole(0));
    let mut columns = vec![("n", Aggregate::Count)];
    if setting.amounts {
        columns.push(("amount", Aggregate::Sum(col("amount"))));
        columns.push(("zeros", Aggregate::Sum(one_if(col("amount").eq(real(0.0))))));
    }
    if setting.finds_repeats() {
        columns.push(("repeats", Aggregate::Sum(one_if(col("repeated")))));
    }
    if setting.orders {
        columns.push(("merged", Aggregate::Sum(when(whole(1).lt(col("lines")), col("lines"), whole(0)))));
    }
    reasoned(setting).group(&["reason", "day"], columns)
}

/// Lines by reason and day, before orders are made of them: `reason`, `day`, `n`, and where they are counted `repeats`.
#[must_use]
pub fn lines_by_reason(setting: &Setting) -> Plan {
    let mut columns = vec![("n", Aggregate::Count)];
    if setting.finds_repeats() {
        columns.push(("repeats", Aggregate::Sum(when(col("repeated"), whole(1), whole(0)))));
    }
    lines(setting).group(&["reason", "day"], columns)
}
