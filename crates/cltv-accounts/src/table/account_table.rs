//! The table in memory that everything in the crate starts from.

use chrono::NaiveDate;

use super::column::{Column, Values};
use super::error::TableError;

/// A table of accounts in memory: typed columns, and the row of the source that each row comes from.
///
/// It is all that the rest of the crate sees of a file: whatever reads files fills it.
///
/// # Examples
/// ```
/// use cltv_accounts::{AccountTable, Column};
/// let columns = vec![
///     Column::numbers("income", [Some(52_000.0), None]),
///     Column::texts("plan", ["Basic", "Premium"]),
/// ];
/// let table = AccountTable::new("crm.xlsx", columns)?.with_sheet("Accounts").with_rows(vec![5, 6])?;
/// assert_eq!(table.numbers("income")?, [Some(52_000.0), None]);
/// assert!(table.numbers("plan").unwrap_err().to_string().contains("holds texts"));
/// # Ok::<(), cltv_accounts::TableError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct AccountTable {
    /// The file, as the user named it.
    pub source: String,
    /// The sheet; empty for csv files.
    pub sheet: String,
    /// The columns in the order of the sheet.
    pub columns: Vec<Column>,
    /// The sheet's row, or the file's line, of each row of the table.
    pub rows: Vec<u32>,
    /// What the reader recognised, left out or filled, one sentence each.
    pub notes: Vec<String>,
}

impl AccountTable {
    /// A table of these columns; its rows are numbered from 1.
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
                return Err(bad("has the name of another column".to_owned()));
            }
        }
        let rows = (1..=rows as u32).collect();
        Ok(Self { source: source.to_owned(), sheet: String::new(), columns, rows, notes: Vec::new() })
    }

    /// The same table with the rows of the source that its rows come from: the sheet's row numbers, or
    /// the lines of a text file, counted from 1.
    ///
    /// # Errors
    /// [`TableError::RowCount`] unless there is one number for each row.
    pub fn with_rows(self, rows: Vec<u32>) -> Result<Self, TableError> {
        if rows.len() == self.len() {
            return Ok(Self { rows, ..self });
        }
        Err(TableError::RowCount { what: "row numbers".to_owned(), found: rows.len(), rows: self.len() })
    }

    /// The same table with the name of the sheet that it comes from.
    #[must_use]
    pub fn with_sheet(self, sheet: &str) -> Self {
        Self { sheet: sheet.to_owned(), ..self }
    }

    /// The same table with sentences on what the reader recognised, left out or filled.
    #[must_use]
    pub fn with_notes(self, notes: Vec<String>) -> Self {
        Self { notes, ..self }
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

    /// A column of numbers in which none is missing.
    pub(crate) fn all_numbers(&self, name: &str) -> Result<Vec<f64>, TableError> {
        self.without_missing(name, self.numbers(name)?)
    }

    /// A column of texts in which none is missing.
    pub(crate) fn all_texts(&self, name: &str) -> Result<Vec<String>, TableError> {
        self.without_missing(name, self.texts(name)?)
    }

    /// A column of flags in which none is missing.
    pub(crate) fn all_flags(&self, name: &str) -> Result<Vec<bool>, TableError> {
        self.without_missing(name, self.flags(name)?)
    }

    fn without_missing<T>(&self, name: &str, values: Vec<Option<T>>) -> Result<Vec<T>, TableError> {
        let Some(first) = values.iter().position(Option::is_none) else {
            return Ok(values.into_iter().flatten().collect());
        };
        let missing = values.iter().filter(|value| value.is_none()).count();
        Err(TableError::MissingValues { column: name.to_owned(), missing, row: self.rows[first] })
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
    /// use cltv_accounts::{AccountTable, Column};
    /// let month = |name: &str| Column::numbers(name, [1.0]);
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

    /// The rows at these indices, in their order.
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
        kind: values.kind(),
        wanted: wanted.to_owned(),
        example: values.shown().into_iter().flatten().next().unwrap_or_default(),
    }
}
