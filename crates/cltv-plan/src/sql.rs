//! Plans printed as SQL.

use std::fmt::Write;

use cltv_models::Grain;

use crate::Plan;
use crate::expr::{Aggregate, Expr, Op};

/// What differs between databases: quotation marks, dates and types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// DuckDB.
    DuckDb,
    /// PostgreSQL.
    Postgres,
    /// Spark and Sail.
    Spark,
}

impl Dialect {
    /// A name between the dialect's quotation marks, so that it may be any word.
    ///
    /// # Examples
    /// ```
    /// use cltv_plan::Dialect;
    /// assert_eq!(Dialect::Postgres.name("order"), "\"order\"");
    /// assert_eq!(Dialect::Spark.name("a`b"), "`a``b`");
    /// ```
    #[must_use]
    pub fn name(self, name: &str) -> String {
        match self {
            Self::Spark => format!("`{}`", name.replace('`', "``")),
            Self::DuckDb | Self::Postgres => format!("\"{}\"", name.replace('"', "\"\"")),
        }
    }

    /// A string as a literal.
    ///
    /// # Examples
    /// ```
    /// use cltv_plan::Dialect;
    /// assert_eq!(Dialect::DuckDb.text("it's"), "'it''s'");
    /// assert_eq!(Dialect::Spark.text("a\\b"), r"'a\\b'");
    /// ```
    #[must_use]
    pub fn text(self, text: &str) -> String {
        match self {
            // Backslashes begin escapes there.
            Self::Spark => format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'")),
            Self::DuckDb | Self::Postgres => format!("'{}'", text.replace('\'', "''")),
        }
    }

    /// The type of numbers with 64 bits.
    #[must_use]
    pub fn double(self) -> &'static str {
        if self == Self::Postgres { "DOUBLE PRECISION" } else { "DOUBLE" }
    }

    /// A list of names.
    fn names(self, names: &[&str]) -> String {
        names.iter().map(|name| self.name(name)).collect::<Vec<_>>().join(", ")
    }
}

/// What a table of a plan stands for.
#[derive(Debug, Clone, PartialEq)]
pub enum Given {
    /// A query with these columns.
    Query(&'static str, Vec<&'static str>, String),
    /// A plan over the tables before it.
    Plan(&'static str, Plan),
}

/// A plan as one SQL statement; each table of the plan is a table or a view of the same name.
///
/// The tables hold `customer`, `day` (days since 1970-01-01) and `amount`. A statement is a chain of named steps, in
/// the order in which they are computed.
#[must_use]
pub fn sql_of(plan: &Plan, dialect: Dialect) -> String {
    sql_over(plan, dialect, &[])
}

/// A plan as one SQL statement, over tables that are queries or plans themselves.
///
/// # Examples
/// ```
/// use cltv_plan::{Dialect, Given, queries, sql_over};
/// let query = "SELECT buyer AS customer, bought - DATE '1970-01-01' AS day FROM shop".to_owned();
/// let rows = Given::Query(queries::ROWS, vec!["customer", "day"], query);
/// let sql = sql_over(&queries::births(10_000), Dialect::Postgres, &[rows]);
/// assert!(sql.starts_with("WITH \"rows\" AS (") && sql.contains("GROUP BY \"first_day\""));
/// ```
#[must_use]
pub fn sql_over(plan: &Plan, dialect: Dialect, tables: &[Given]) -> String {
    let mut printer = Printer { dialect, steps: Vec::new(), tables: Vec::new() };
    for table in tables {
        match table {
            Given::Query(name, columns, query) => printer.define(name, Some(columns.clone()), query.clone()),
            Given::Plan(name, plan) => {
                let (last, columns) = printer.step(plan);
                printer.define(name, columns, format!("SELECT * FROM {last}"));
            }
        }
    }
    let (last, _) = printer.step(plan);
    let mut out = String::new();
    for (i, (name, select)) in printer.steps.iter().enumerate() {
        let _ = writeln!(out, "{} {name} AS (\n  {select}\n)", if i == 0 { "WITH" } else { "," });
    }
    out + &format!("SELECT * FROM {last}\n")
}

/// The columns of a step, where they are known.
type Columns = Option<Vec<&'static str>>;

struct Printer {
    dialect: Dialect,
    steps: Vec<(String, String)>,
    tables: Vec<(&'static str, Columns)>,
}

impl Printer {
    fn define(&mut self, name: &'static str, columns: Columns, select: String) {
        self.tables.push((name, columns));
        self.steps.push((self.dialect.name(name), select));
    }

    /// Prints a plan's steps and gives the name of the last one, with its columns.
    fn step(&mut self, plan: &Plan) -> (String, Columns) {
        let (select, columns) = match plan {
            Plan::Table(name) => {
                let known = self.tables.iter().find(|(table, _)| table == name);
                return (self.dialect.name(name), known.and_then(|(_, columns)| columns.clone()));
            }
            Plan::Filter(input, condition) => {
                let (from, columns) = self.step(input);
                (format!("SELECT * FROM {from} WHERE {}", self.value(condition)), columns)
            }
            Plan::Derive(input, columns) => {
                let (from, known) = self.step(input);
                self.derived(&from, known, columns)
            }
            Plan::Select(input, columns) => {
                let (from, _) = self.step(input);
                (format!("SELECT {} FROM {from}", self.dialect.names(columns)), Some(columns.clone()))
            }
            Plan::Group { input, keys, columns, .. } => {
                let (from, _) = self.step(input);
                let names = self.dialect.names(keys);
                let all: Vec<String> =
                    columns.iter().map(|(name, of)| self.named(name, self.aggregate(of))).collect();
                let comma = if keys.is_empty() { "" } else { ", " };
                let by = if keys.is_empty() { String::new() } else { format!(" GROUP BY {names}") };
                let made = columns.iter().map(|(name, _)| *name);
                (
                    format!("SELECT {names}{comma}{} FROM {from}{by}", all.join(", ")),
                    Some(keys.iter().copied().chain(made).collect()),
                )
            }
            Plan::Previous { input, within, of, name } => {
                let [within, of] = [within, of].map(|name| self.dialect.name(name));
                let made = format!("LAG({of}) OVER (PARTITION BY {within} ORDER BY {of})");
                self.beside(input, name, made)
            }
            Plan::Repeated { input, columns, name } => {
                let by = self.dialect.names(columns);
                let made = format!("ROW_NUMBER() OVER (PARTITION BY {by} ORDER BY {by}) > 1");
                self.beside(input, name, made)
            }
            Plan::Running { input, by, of, name } => {
                let [by, of] = [by, of].map(|name| self.dialect.name(name));
                self.beside(input, name, format!("SUM({of}) OVER (ORDER BY {by})"))
            }
            Plan::Join { left, right, key } => {
                let ((left, one), (right, two)) = (self.step(left), self.step(right));
                let columns = one.zip(two).map(|(mut all, more)| {
                    all.extend(more.into_iter().filter(|name| name != key));
                    all
                });
                let key = self.dialect.name(key);
                (format!("SELECT * FROM {left} LEFT JOIN {right} USING ({key})"), columns)
            }
        };
        let name = format!("step_{}", self.steps.len() + 1);
        self.steps.push((name.clone(), select));
        (name, columns)
    }

    fn named(&self, name: &str, value: String) -> String {
        format!("{value} AS {}", self.dialect.name(name))
    }

    /// All columns of a plan with one more.
    fn beside(&mut self, input: &Plan, name: &'static str, made: String) -> (String, Columns) {
        let (from, columns) = self.step(input);
        let columns = columns.map(|mut all| {
            all.push(name);
            all
        });
        (format!("SELECT *, {} FROM {from}", self.named(name, made)), columns)
    }

    /// All columns with others, which replace those of the same name.
    fn derived(&self, from: &str, known: Columns, more: &[(&'static str, Expr)]) -> (String, Columns) {
        let made: Vec<String> = more.iter().map(|(name, expr)| self.named(name, self.value(expr))).collect();
        let made = made.join(", ");
        let is_new = |name: &&str| !more.iter().any(|(new, _)| new == name);
        let Some(known) = known else { return (format!("SELECT *, {made} FROM {from}"), None) };
        let kept: Vec<&'static str> = known.iter().copied().filter(|name| is_new(name)).collect();
        let select = match kept.len() == known.len() {
            true => format!("SELECT *, {made} FROM {from}"),
            false => format!("SELECT {}, {made} FROM {from}", self.dialect.names(&kept)),
        };
        let columns = kept.into_iter().chain(more.iter().map(|(name, _)| *name)).collect();
        (select, Some(columns))
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
            Expr::Column(name) => self.dialect.name(name),
            Expr::Whole(n) => n.to_string(),
            Expr::Real(n) => format!("CAST({n:?} AS {})", self.dialect.double()),
            Expr::Missing => "NULL".to_owned(),
            Expr::Binary(op, a, b) => self.binary(*op, &self.value(a), &self.value(b)),
            Expr::Not(condition) => format!("NOT ({})", self.value(condition)),
            Expr::IsMissing(of) => format!("({} IS NULL)", self.value(of)),
            Expr::If(condition, then, otherwise) => format!(
                "CASE WHEN {} THEN {} ELSE {} END",
                self.value(condition),
                self.value(then),
                self.value(otherwise)
            ),
            Expr::Ln(of) => format!("LN({})", self.value(of)),
            Expr::AsReal(of) => format!("CAST({} AS {})", self.value(of), self.dialect.double()),
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
            Dialect::Spark => format!("DATE_ADD(DATE '1970-01-01', CAST({day} AS INTEGER))"),
            _ => format!("(DATE '1970-01-01' + CAST({day} AS INTEGER))"),
        }
    }

    fn period(&self, grain: Grain, day: &str) -> String {
        match grain {
            Grain::Day => day.to_owned(),
            Grain::Week => self.binary(Op::FloorDiv, &format!("{day} + 3"), "7"),
            Grain::Month => {
                let date = self.date(day);
                format!("CAST(EXTRACT(YEAR FROM {date}) * 12 + EXTRACT(MONTH FROM {date}) - 1 AS INTEGER)")
            }
        }
    }

    fn start(&self, grain: Grain, day: &str) -> String {
        match grain {
            Grain::Day => day.to_owned(),
            Grain::Week => format!("({} * 7 - 3)", self.period(grain, day)),
            Grain::Month => format!("CAST({day} - EXTRACT(DAY FROM {}) + 1 AS INTEGER)", self.date(day)),
        }
    }
}
