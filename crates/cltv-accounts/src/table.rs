//! A plain typed table: named columns of numbers, texts, dates or flags, with missing values.

use chrono::NaiveDate;

use crate::table_error::TableError;

/// The values of a column; `None` is missing.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Values {
    /// Numbers; percentages are shares of 1.
    Number(Vec<Option<f64>>),
    /// Texts, such as names and categories.
    Text(Vec<Option<String>>),
    /// Calendar days.
    Date(Vec<Option<NaiveDate>>),
    /// Yes or no.
    Flag(Vec<Option<bool>>),
}

impl Values {
    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Number(values) => values.len(),
            Self::Text(values) => values.len(),
            Self::Date(values) => values.len(),
            Self::Flag(values) => values.len(),
        }
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What the column holds, in words: "numbers", "texts", "dates" or "flags".
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Number(_) => "numbers",
            Self::Text(_) => "texts",
            Self::Date(_) => "dates",
            Self::Flag(_) => "flags",
        }
    }

    /// Each value as text; numbers as short as they can be read back.
    #[must_use]
    pub fn shown(&self) -> Vec<Option<String>> {
        fn all<T: ToString>(values: &[Option<T>]) -> Vec<Option<String>> {
            values.iter().map(|value| value.as_ref().map(ToString::to_string)).collect()
        }
        match self {
            Self::Number(values) => all(values),
            Self::Text(values) => values.clone(),
            Self::Date(values) => all(values),
            Self::Flag(values) => all(values),
        }
    }

    /// How many values are missing.
    #[must_use]
    pub fn missing(&self) -> usize {
        self.shown().iter().filter(|value| value.is_none()).count()
    }

    /// The rows at these places, in their order.
    pub(crate) fn pick(&self, rows: &[usize]) -> Self {
        fn of<T: Clone>(values: &[Option<T>], rows: &[usize]) -> Vec<Option<T>> {
            rows.iter().map(|&row| values[row].clone()).collect()
        }
        match self {
            Self::Number(values) => Self::Number(of(values, rows)),
            Self::Text(values) => Self::Text(of(values, rows)),
            Self::Date(values) => Self::Date(of(values, rows)),
            Self::Flag(values) => Self::Flag(of(values, rows)),
        }
    }
}

/// A named column.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Column {
    /// The heading.
    pub name: String,
    /// One value a row.
    pub values: Values,
}

impl Column {
    /// A column of this name.
    #[must_use]
    pub fn new(name: &str, values: Values) -> Self {
        Self { name: name.to_owned(), values }
    }
}

/// A table of accounts: what a workbook's sheet or a csv file holds, typed.
///
/// # Examples
/// ```
/// use cltv_accounts::{AccountTable, Column, Values};
/// let table = AccountTable::new("in memory", vec![
///     Column::new("income", Values::Number(vec![Some(52_000.0), None])),
///     Column::new("plan", Values::Text(vec![Some("Basic".into()), Some("Premium".into())])),
/// ])?;
/// assert_eq!(table.numbers("income")?, [Some(52_000.0), None]);
/// assert!(table.numbers("plan").unwrap_err().to_string().contains("holds texts"));
/// # Ok::<(), cltv_accounts::TableError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct AccountTable {
    /// The file, as it was named.
    pub source: String,
    /// The sheet; empty for csv files.
    pub sheet: String,
    /// The columns in the order of the sheet.
    pub columns: Vec<Column>,
    /// The sheet's row, or the file's line, of each row of the table.
    pub rows: Vec<u32>,
    /// What was recognised while reading, one sentence each.
    pub notes: Vec<String>,
}

impl AccountTable {
    /// A table made in memory; its rows are counted from 1.
    ///
    /// # Errors
    /// [`TableError::BadColumn`] for columns of unequal length or two of one name.
    pub fn new(source: &str, columns: Vec<Column>) -> Result<Self, TableError> {
        let rows = columns.first().map_or(0, |column| column.values.len());
        for (i, column) in columns.iter().enumerate() {
            let bad = |reason: String| TableError::BadColumn { column: column.name.clone(), reason };
            if column.values.len() != rows {
                let found = column.values.len();
                return Err(bad(format!("has {found} values where the first column has {rows}")));
            }
            if columns[..i].iter().any(|other| other.name == column.name) {
                return Err(bad("stands there twice".to_owned()));
            }
        }
        let rows = (1..=rows as u32).collect();
        Ok(Self { source: source.to_owned(), sheet: String::new(), columns, rows, notes: Vec::new() })
    }

    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The headings in the order of the sheet.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.columns.iter().map(|column| column.name.clone()).collect()
    }

    /// Whether there is a column of this name.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.columns.iter().any(|column| column.name == name)
    }

    /// The column of this name.
    ///
    /// # Errors
    /// [`TableError::UnknownColumn`].
    pub fn column(&self, name: &str) -> Result<Column, TableError> {
        self.find(name).cloned()
    }

    pub(crate) fn find(&self, name: &str) -> Result<&Column, TableError> {
        self.columns
            .iter()
            .find(|column| column.name == name)
            .ok_or_else(|| TableError::UnknownColumn { column: name.to_owned(), columns: self.names() })
    }

    /// A column as numbers; flags are 0 and 1.
    ///
    /// # Errors
    /// [`TableError::UnknownColumn`] or [`TableError::WrongKind`].
    pub fn numbers(&self, name: &str) -> Result<Vec<Option<f64>>, TableError> {
        match &self.find(name)?.values {
            Values::Number(values) => Ok(values.clone()),
            Values::Flag(values) => Ok(values.iter().map(|flag| flag.map(f64::from)).collect()),
            other => Err(wrong_kind(name, other, "numbers")),
        }
    }

    /// A column as texts, whatever it holds.
    ///
    /// # Errors
    /// [`TableError::UnknownColumn`].
    pub fn texts(&self, name: &str) -> Result<Vec<Option<String>>, TableError> {
        Ok(self.find(name)?.values.shown())
    }

    /// A column of days.
    ///
    /// # Errors
    /// [`TableError::UnknownColumn`] or [`TableError::WrongKind`].
    pub fn dates(&self, name: &str) -> Result<Vec<Option<NaiveDate>>, TableError> {
        match &self.find(name)?.values {
            Values::Date(values) => Ok(values.clone()),
            other => Err(wrong_kind(name, other, "dates")),
        }
    }

    /// A column of yes and no; numbers must all be 0 or 1.
    ///
    /// # Errors
    /// [`TableError::UnknownColumn`] or [`TableError::WrongKind`].
    pub fn flags(&self, name: &str) -> Result<Vec<Option<bool>>, TableError> {
        match &self.find(name)?.values {
            Values::Flag(values) => Ok(values.clone()),
            Values::Number(values) if values.iter().flatten().all(|&n| n == 0.0 || n == 1.0) => {
                Ok(values.iter().map(|n| n.map(|n| n == 1.0)).collect())
            }
            other => Err(wrong_kind(name, other, "flags (yes and no, true and false, 1 and 0)")),
        }
    }

    /// The columns whose heading is `prefix` and then a month as "2024-01", in the months' order.
    ///
    /// # Examples
    /// ```
    /// use cltv_accounts::{AccountTable, Column, Values};
    /// let month = |name: &str| Column::new(name, Values::Number(vec![Some(1.0)]));
    /// let columns = vec![month("expense_2024-02"), month("expense_2024-01"), month("expense_total")];
    /// let months = AccountTable::new("in memory", columns)?.months("expense_");
    /// let names: Vec<&str> = months.iter().map(|(_, name)| name.as_str()).collect();
    /// assert_eq!(names, ["expense_2024-01", "expense_2024-02"]);
    /// # Ok::<(), cltv_accounts::TableError>(())
    /// ```
    #[must_use]
    pub fn months(&self, prefix: &str) -> Vec<(NaiveDate, String)> {
        let month = |name: &str| {
            let rest = name.strip_prefix(prefix)?;
            NaiveDate::parse_from_str(&format!("{rest}-01"), "%Y-%m-%d").ok().filter(|_| rest.len() == 7)
        };
        let named = |column: &Column| Some((month(&column.name)?, column.name.clone()));
        let mut months: Vec<(NaiveDate, String)> = self.columns.iter().filter_map(named).collect();
        months.sort();
        months
    }

    /// The rows at these places, in their order.
    pub(crate) fn pick(&self, rows: &[usize]) -> Self {
        let column = |column: &Column| Column::new(&column.name, column.values.pick(rows));
        Self {
            columns: self.columns.iter().map(column).collect(),
            rows: rows.iter().map(|&row| self.rows[row]).collect(),
            ..self.clone()
        }
    }

    /// Puts a column in place of the one of its name, or at the end.
    pub(crate) fn set(&mut self, name: &str, values: Values) {
        match self.columns.iter_mut().find(|column| column.name == name) {
            Some(column) => column.values = values,
            None => self.columns.push(Column::new(name, values)),
        }
    }
}

fn wrong_kind(name: &str, values: &Values, wanted: &str) -> TableError {
    TableError::WrongKind {
        column: name.to_owned(),
        kind: values.kind().to_owned(),
        wanted: wanted.to_owned(),
        example: values.shown().into_iter().flatten().next().unwrap_or_default(),
    }
}
