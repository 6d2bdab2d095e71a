//! A table of purchases in a database as the lines that are cleaned.
//!
//! What a file's reader does to a value, the query does here: blanks around an id do not count, a word such as "n/a" is no
//! id, and a moment is the day on which it was.

use cltv_protocol::text::MISSING_WORDS;

use crate::sql::{Dialect, Given};
use crate::{cleaning::LINES, cleaning::Setting};

/// Characters around a value that do not count.
const BLANKS: &str = " \t\r\n\u{b}\u{c}\u{a0}\u{feff}";

/// What a column contains.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Strings.
    Text,
    /// Whole numbers.
    Whole,
    /// Numbers with a part behind the point.
    Real,
    /// Calendar days.
    Day,
    /// Moments without a time zone.
    Stamp,
    /// Moments in a time zone.
    Instant,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceColumn {
    /// Its name.
    pub name: String,
    /// What it contains.
    pub kind: Kind,
}

/// A table of purchases, and what its columns are for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceTable {
    /// The table, as it stands behind `FROM`.
    pub from: String,
    /// The customer: strings or whole numbers.
    pub customer: SourceColumn,
    /// The day or moment of the purchase.
    pub date: SourceColumn,
    /// The amount, where there is one: numbers.
    pub amount: Option<SourceColumn>,
    /// The order, where there is one: strings or whole numbers.
    pub order: Option<SourceColumn>,
    /// The other columns, in which exact duplicates are equal too.
    pub others: Vec<String>,
    /// Whether case and blanks of ids do not count.
    pub trim_case: bool,
    /// The time zone whose days count; UTC without one.
    pub zone: Option<String>,
}

impl SourceTable {
    /// The lines of the table, which [`crate::cleaning`] starts from.
    ///
    /// # Examples
    /// ```
    /// use cltv_plan::{Dialect, cleaning, source::{Kind, SourceColumn, SourceTable}, sql_over};
    /// let column = |name: &str, kind| SourceColumn { name: name.to_owned(), kind };
    /// let table = SourceTable {
    ///     from: "shop".to_owned(),
    ///     customer: column("buyer", Kind::Whole),
    ///     date: column("day", Kind::Day),
    ///     amount: Some(column("paid", Kind::Real)),
    ///     order: None,
    ///     others: Vec::new(),
    ///     trim_case: false,
    ///     zone: None,
    /// };
    /// let setting = cleaning::Setting::new(true, false, 20_000);
    /// let lines = table.lines(Dialect::DuckDb, &setting);
    /// let sql = sql_over(&cleaning::clean_rows(&setting), Dialect::DuckDb, &[lines]);
    /// assert!(sql.contains("CAST(\"buyer\" AS VARCHAR) AS \"customer\""));
    /// ```
    #[must_use]
    pub fn lines(&self, dialect: Dialect, setting: &Setting) -> Given {
        let name = |name: &str| dialect.name(name);
        let mut values = vec![
            ("customer", self.id(&self.customer, dialect, self.trim_case)),
            ("day", self.day(dialect)),
            ("fingerprint", self.fingerprint(dialect, setting)),
        ];
        if let Some(amount) = &self.amount {
            values.push(("amount", number(amount, dialect)));
        }
        if let Some(order) = &self.order {
            values.push(("order", self.id(order, dialect, false)));
        }
        let all: Vec<String> =
            values.iter().map(|(column, value)| format!("{value} AS {}", name(column))).collect();
        let mut columns: Vec<&'static str> = values.iter().map(|(column, _)| *column).collect();
        let query = format!("SELECT {} FROM {}", all.join(", "), self.from);
        if self.order.is_none() {
            return Given::Query(LINES, columns, query);
        }
        // An order is a number among those of its customer, and so is a line.
        let [customer, day, amount, order] = ["customer", "day", "amount", "order"].map(name);
        let kept: Vec<String> =
            columns.iter().filter(|column| **column != "order").map(|c| name(c)).collect();
        let by = if self.amount.is_some() { format!("{day}, {amount}") } else { day };
        columns.retain(|column| *column != "order");
        columns.extend(["order", "row"]);
        Given::Query(
            LINES,
            columns,
            format!(
                "SELECT {}, CASE WHEN {order} IS NULL THEN NULL ELSE DENSE_RANK() OVER (PARTITION BY {customer} ORDER BY {order}) END AS {order}, ROW_NUMBER() OVER (PARTITION BY {customer} ORDER BY {by}) AS {row} FROM ({query}) AS coded",
                kept.join(", "),
                row = name("row"),
            ),
        )
    }

    /// Ids that another `id_match` would join: `ids`, and how many there `would_be` without case.
    #[must_use]
    pub fn distinct_ids(&self, dialect: Dialect) -> String {
        let id = self.id(&self.customer, dialect, false);
        let folded = self.id(&self.customer, dialect, true);
        format!(
            "SELECT COUNT(DISTINCT {id}) AS {}, COUNT(DISTINCT {folded}) AS {} FROM {}",
            dialect.name("ids"),
            dialect.name("would_be"),
            self.from
        )
    }

    fn id(&self, column: &SourceColumn, dialect: Dialect, fold: bool) -> String {
        let name = dialect.name(&column.name);
        if column.kind != Kind::Text {
            return format!(
                "CAST({name} AS {})",
                if dialect == Dialect::Spark { "STRING" } else { "VARCHAR" }
            );
        }
        let blanks = dialect.text(BLANKS);
        let trimmed = match dialect {
            Dialect::DuckDb => format!("TRIM({name}, {blanks})"),
            Dialect::Postgres => format!("BTRIM({name}, {blanks})"),
            Dialect::Spark => format!("TRIM(BOTH {blanks} FROM {name})"),
        };
        let words: Vec<String> = MISSING_WORDS.iter().map(|word| dialect.text(word)).collect();
        let given = if fold { format!("LOWER({trimmed})") } else { trimmed.clone() };
        format!("CASE WHEN LOWER({trimmed}) IN ({}) THEN NULL ELSE {given} END", words.join(", "))
    }

    fn day(&self, dialect: Dialect) -> String {
        let name = dialect.name(&self.date.name);
        let zone = dialect.text(self.zone.as_deref().unwrap_or("UTC"));
        let date = match self.date.kind {
            Kind::Instant => format!("CAST({name} AT TIME ZONE {zone} AS DATE)"),
            Kind::Stamp => format!("CAST({name} AS DATE)"),
            _ => name,
        };
        match dialect {
            Dialect::Spark => format!("DATEDIFF({date}, DATE '1970-01-01')"),
            Dialect::DuckDb | Dialect::Postgres => format!("CAST({date} - DATE '1970-01-01' AS INTEGER)"),
        }
    }

    /// A number that is equal for rows that are equal in the other columns.
    fn fingerprint(&self, dialect: Dialect, setting: &Setting) -> String {
        if self.others.is_empty() || !(setting.count_repeats || setting.drop_duplicates) {
            return "0".to_owned();
        }
        let all: Vec<String> = self.others.iter().map(|name| dialect.name(name)).collect();
        let all = all.join(", ");
        match dialect {
            Dialect::DuckDb => format!("HASH({all})"),
            Dialect::Postgres => format!("HASHTEXTEXTENDED(CAST(ROW({all}) AS TEXT), 0)"),
            Dialect::Spark => format!("XXHASH64({all})"),
        }
    }
}

fn number(column: &SourceColumn, dialect: Dialect) -> String {
    let value = format!("CAST({} AS {})", dialect.name(&column.name), dialect.double());
    match column.kind {
        // What is not a number is no amount.
        Kind::Real => format!("NULLIF({value}, CAST('NaN' AS {}))", dialect.double()),
        _ => value,
    }
}
