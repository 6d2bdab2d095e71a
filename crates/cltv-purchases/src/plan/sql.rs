//! Plans printed as SQL.

use std::fmt::Write;

use cltv_models::Grain;

use super::Plan;
use super::expr::{Aggregate, Expr, Op};

/// What differs between databases: dates and division.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// DuckDB.
    DuckDb,
    /// PostgreSQL.
    Postgres,
    /// Spark and Sail.
    Spark,
}

/// A plan as one SQL statement; each table of the plan is a table or a view of the same name.
///
/// The tables hold `customer`, `day` (days since 1970-01-01) and `amount`. A statement is a chain of named steps, in
/// the order in which they are computed.
#[must_use]
pub fn sql_of(plan: &Plan, dialect: Dialect) -> String {
    let mut printer = Printer { dialect, steps: Vec::new() };
    let last = printer.step(plan);
    let mut out = String::new();
    for (i, (name, select)) in printer.steps.iter().enumerate() {
        let _ = writeln!(out, "{} {name} AS (\n  {select}\n)", if i == 0 { "WITH" } else { "," });
    }
    out + &format!("SELECT * FROM {last}\n")
}

struct Printer {
    dialect: Dialect,
    steps: Vec<(String, String)>,
}

impl Printer {
    /// Prints a plan's steps and gives the name of the last one.
    fn step(&mut self, plan: &Plan) -> String {
        let select = match plan {
            Plan::Table(name) => return (*name).to_owned(),
            Plan::Filter(input, condition) => {
                let from = self.step(input);
                format!("SELECT * FROM {from} WHERE {}", self.value(condition))
            }
            Plan::Derive(input, columns) => {
                let from = self.step(input);
                let all: Vec<String> =
                    columns.iter().map(|(name, expr)| format!("{} AS {name}", self.value(expr))).collect();
                format!("SELECT *, {} FROM {from}", all.join(", "))
            }
            Plan::Select(input, columns) => {
                let from = self.step(input);
                format!("SELECT {} FROM {from}", columns.join(", "))
            }
            Plan::Group { input, keys, columns, .. } => {
                let from = self.step(input);
                let keys = keys.join(", ");
                let all: Vec<String> =
                    columns.iter().map(|(name, of)| format!("{} AS {name}", self.aggregate(of))).collect();
                let comma = if keys.is_empty() { "" } else { ", " };
                let by = if keys.is_empty() { String::new() } else { format!(" GROUP BY {keys}") };
                format!("SELECT {keys}{comma}{} FROM {from}{by}", all.join(", "))
            }
            Plan::Previous { input, within, of, name } => {
                let from = self.step(input);
                format!(
                    "SELECT *, LAG({of}) OVER (PARTITION BY {within} ORDER BY {of}) AS {name} FROM {from}"
                )
            }
            Plan::Repeated { input, columns, name } => {
                let from = self.step(input);
                let by = columns.join(", ");
                format!(
                    "SELECT *, ROW_NUMBER() OVER (PARTITION BY {by} ORDER BY {by}) > 1 AS {name} FROM {from}"
                )
            }
            Plan::Running { input, by, of, name } => {
                let from = self.step(input);
                format!("SELECT *, SUM({of}) OVER (ORDER BY {by}) AS {name} FROM {from}")
            }
            Plan::Join { left, right, key } => {
                let (left, right) = (self.step(left), self.step(right));
                format!("SELECT * FROM {left} LEFT JOIN {right} USING ({key})")
            }
        };
        let name = format!("step_{}", self.steps.len() + 1);
        self.steps.push((name.clone(), select));
        name
    }

    fn aggregate(&self, aggregate: &Aggregate) -> String {
        match aggregate {
            Aggregate::Count => "COUNT(*)".to_owned(),
            Aggregate::Sum(of) => format!("COALESCE(SUM({}), 0)", self.value(of)),
            Aggregate::Min(of) => format!("MIN({})", self.value(of)),
            Aggregate::Max(of) => format!("MAX({})", self.value(of)),
        }
    }

    fn value(&self, expr: &Expr) -> String {
        match expr {
            Expr::Column(name) => (*name).to_owned(),
            Expr::Whole(n) => n.to_string(),
            Expr::Real(n) => format!(
                "CAST({n:?} AS DOUBLE{})",
                if self.dialect == Dialect::Postgres { " PRECISION" } else { "" }
            ),
            Expr::Missing => "NULL".to_owned(),
            Expr::Binary(op, a, b) => self.binary(*op, &self.value(a), &self.value(b)),
            Expr::Not(condition) => format!("NOT ({})", self.value(condition)),
            Expr::IsMissing(of) => format!("{} IS NULL", self.value(of)),
            Expr::If(condition, then, otherwise) => format!(
                "CASE WHEN {} THEN {} ELSE {} END",
                self.value(condition),
                self.value(then),
                self.value(otherwise)
            ),
            Expr::Ln(of) => format!("LN({})", self.value(of)),
            Expr::AsReal(of) => {
                let double = if self.dialect == Dialect::Postgres { "DOUBLE PRECISION" } else { "DOUBLE" };
                format!("CAST({} AS {double})", self.value(of))
            }
            Expr::Period(grain, day) => self.period(*grain, &self.value(day)),
            Expr::PeriodStart(grain, day) => self.start(*grain, &self.value(day)),
        }
    }

    fn binary(&self, op: Op, a: &str, b: &str) -> String {
        let sign = match op {
            Op::Add => "+",
            Op::Sub => "-",
            Op::Mul => "*",
            Op::Div => "/",
            Op::FloorDiv => return format!("CAST(FLOOR(({a}) / ({b} * 1.0)) AS INTEGER)"),
            Op::Eq => "=",
            Op::Lt => "<",
            Op::Le => "<=",
            Op::And => "AND",
            Op::Or => "OR",
        };
        format!("({a} {sign} {b})")
    }

    fn date(&self, day: &str) -> String {
        match self.dialect {
            Dialect::Spark => format!("DATE_ADD(DATE '1970-01-01', {day})"),
            _ => format!("(DATE '1970-01-01' + CAST({day} AS INTEGER))"),
        }
    }

    fn period(&self, grain: Grain, day: &str) -> String {
        match grain {
            Grain::Day => day.to_owned(),
            Grain::Week => self.binary(Op::FloorDiv, &format!("{day} + 3"), "7"),
            Grain::Month => {
                let date = self.date(day);
                format!("(EXTRACT(YEAR FROM {date}) * 12 + EXTRACT(MONTH FROM {date}) - 1)")
            }
        }
    }

    fn start(&self, grain: Grain, day: &str) -> String {
        match grain {
            Grain::Day => day.to_owned(),
            Grain::Week => format!("({} * 7 - 3)", self.period(grain, day)),
            Grain::Month => format!("({day} - EXTRACT(DAY FROM {}) + 1)", self.date(day)),
        }
    }
}
