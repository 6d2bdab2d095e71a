//! What the readers of all kinds of file give: cells, with the row they came from.

use std::hash::{DefaultHasher, Hash, Hasher};

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};

use crate::error::DataError;
use crate::source::Source;
use crate::words::closest;

/// Texts that stand for a value that is not there.
const MISSING: [&str; 12] =
    ["", "na", "n/a", "#n/a", "nan", "null", "none", "nil", "nat", "-", "?", "(blank)"];

/// One value as its file holds it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Cell {
    Missing,
    Text(String),
    Int(i64),
    Number(f64),
    Day(NaiveDate),
    Stamp(NaiveDateTime),
    Instant(DateTime<Utc>),
}

impl Cell {
    /// Text without blanks around it, or nothing where it stands for nothing.
    pub(crate) fn text(value: &str) -> Self {
        let value = trimmed(value);
        if MISSING.contains(&value.to_ascii_lowercase().as_str()) {
            return Self::Missing;
        }
        Self::Text(value.to_owned())
    }

    /// A number as text writes it: 12 and 12.0 are both "12".
    pub(crate) fn shown(&self) -> Option<String> {
        Some(match self {
            Self::Missing => return None,
            Self::Text(text) => text.clone(),
            Self::Int(n) => n.to_string(),
            Self::Number(n) if n.is_nan() => return None,
            Self::Number(n) => n.to_string(),
            Self::Day(day) => day.to_string(),
            Self::Stamp(stamp) => stamp.to_string(),
            Self::Instant(instant) => instant.to_rfc3339(),
        })
    }
}

fn trimmed(value: &str) -> &str {
    value.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}')
}

/// The columns that are needed, as cells.
#[derive(Debug, Clone, Default)]
pub(crate) struct Table {
    pub(crate) customers: Vec<Cell>,
    pub(crate) dates: Vec<Cell>,
    pub(crate) amounts: Option<Vec<Cell>>,
    pub(crate) orders: Option<Vec<Cell>>,
    /// Where each row stands in its file.
    pub(crate) rows: Vec<u64>,
    /// A hash of all columns of the row, for exact duplicates.
    pub(crate) prints: Vec<u64>,
    /// What was found out about the file, as sentences.
    pub(crate) notes: Vec<String>,
    /// The names of the columns in use.
    pub(crate) names: ColumnNames,
    /// Whether bare numbers may be Excel's serial dates.
    pub(crate) serial_dates: bool,
    /// Whether a comma separates the columns, so that one inside an amount is no decimal comma.
    pub(crate) comma_separated: bool,
    /// "line" for text, "row" for the others.
    pub(crate) where_word: &'static str,
}

impl Table {
    /// Adds a row; `cell` gives the cell of a column.
    pub(crate) fn push(&mut self, at: &Columns, row: u64, print: u64, mut cell: impl FnMut(usize) -> Cell) {
        self.customers.push(cell(at.customer));
        self.dates.push(cell(at.date));
        if let Some(column) = at.amount {
            self.amounts.get_or_insert_default().push(cell(column));
        }
        if let Some(column) = at.order {
            self.orders.get_or_insert_default().push(cell(column));
        }
        self.rows.push(row);
        self.prints.push(print);
    }
}

/// The names of the columns in use.
#[derive(Debug, Clone, Default)]
pub(crate) struct ColumnNames {
    pub(crate) date: String,
    pub(crate) amount: String,
}

/// Where the columns that are needed stand.
#[derive(Debug, Clone)]
pub(crate) struct Columns {
    pub(crate) customer: usize,
    pub(crate) date: usize,
    pub(crate) amount: Option<usize>,
    pub(crate) order: Option<usize>,
}

impl Columns {
    /// Finds the columns that the source names, or recognises customer and date by their names.
    pub(crate) fn locate(source: &Source, header: &[String]) -> Result<Self, DataError> {
        let header: Vec<String> = header.iter().map(|name| trimmed(name).to_owned()).collect();
        let find = |role: &Role| role.find(source, &header);
        Ok(Self {
            customer: find(&CUSTOMER)?.ok_or_else(|| CUSTOMER.unrecognised(source, &header))?,
            date: find(&DATE)?.ok_or_else(|| DATE.unrecognised(source, &header))?,
            amount: find(&AMOUNT)?,
            order: find(&ORDER)?,
        })
    }

    pub(crate) fn names(&self, header: &[String]) -> ColumnNames {
        let name = |column: usize| trimmed(&header[column]).to_owned();
        ColumnNames { date: name(self.date), amount: self.amount.map(name).unwrap_or_default() }
    }
}

/// What a column is for, and the names by which it is recognised.
struct Role {
    role: &'static str,
    parameter: &'static str,
    asked: fn(&Source) -> &str,
    known: &'static [&'static str],
}

const CUSTOMER: Role = Role {
    role: "customer's id",
    parameter: "customer_column",
    asked: |source| &source.customer_column,
    known: &[
        "customerid",
        "customer",
        "custid",
        "clientid",
        "client",
        "userid",
        "user",
        "accountid",
        "account",
        "memberid",
        "buyerid",
        "id",
    ],
};
const DATE: Role = Role {
    role: "date of the purchase",
    parameter: "date_column",
    asked: |source| &source.date_column,
    known: &[
        "date",
        "purchasedate",
        "orderdate",
        "transactiondate",
        "invoicedate",
        "datetime",
        "timestamp",
        "createdat",
        "day",
    ],
};
const AMOUNT: Role =
    Role { role: "amount", parameter: "amount_column", asked: |source| &source.amount_column, known: &[] };
const ORDER: Role =
    Role { role: "order's id", parameter: "order_column", asked: |source| &source.order_column, known: &[] };

impl Role {
    fn find(&self, source: &Source, header: &[String]) -> Result<Option<usize>, DataError> {
        let asked = trimmed((self.asked)(source));
        if asked.is_empty() {
            return Ok(self.recognise(header));
        }
        let hits: Vec<usize> = (0..header.len()).filter(|&i| header[i] == asked).collect();
        match hits[..] {
            [one] => Ok(Some(one)),
            [] => Err(DataError::MissingColumn {
                shown: source.transactions.clone(),
                column: asked.to_owned(),
                role: self.role,
                parameter: self.parameter,
                columns: header.into(),
                suggested: closest(asked, header).map(String::into_boxed_str),
            }),
            _ => Err(DataError::DoubleColumn {
                shown: source.transactions.clone(),
                column: asked.to_owned(),
                parameter: self.parameter,
                times: hits.len(),
            }),
        }
    }

    fn recognise(&self, header: &[String]) -> Option<usize> {
        let plain = |name: &String| -> String {
            name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
        };
        let names: Vec<String> = header.iter().map(plain).collect();
        self.known.iter().find_map(|known| names.iter().position(|name| name == known))
    }

    fn unrecognised(&self, source: &Source, header: &[String]) -> DataError {
        DataError::UnrecognisedColumn {
            shown: source.transactions.clone(),
            role: self.role,
            parameter: self.parameter,
            columns: header.to_vec(),
        }
    }
}

/// A hash of a whole row, equal for equal rows.
pub(crate) fn print_of<T: Hash>(fields: impl IntoIterator<Item = T>) -> u64 {
    let mut hasher = DefaultHasher::new();
    for field in fields {
        field.hash(&mut hasher);
    }
    hasher.finish()
}
