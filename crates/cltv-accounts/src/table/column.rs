//! A named column of typed values.

use std::fmt;

use chrono::NaiveDate;
use serde::Serialize;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ColumnKind {
    /// Numbers.
    Numbers,
    /// Texts.
    Texts,
    /// Calendar days.
    Dates,
    /// Yes or no.
    Flags,
}

impl fmt::Display for ColumnKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Numbers => "numbers",
            Self::Texts => "texts",
            Self::Dates => "dates",
            Self::Flags => "flags",
        })
    }
}

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

    /// What the column holds.
    #[must_use]
    pub fn kind(&self) -> ColumnKind {
        match self {
            Self::Number(_) => ColumnKind::Numbers,
            Self::Text(_) => ColumnKind::Texts,
            Self::Date(_) => ColumnKind::Dates,
            Self::Flag(_) => ColumnKind::Flags,
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

    /// Whether each value is missing.
    #[must_use]
    pub fn is_missing(&self) -> Vec<bool> {
        fn all<T>(values: &[Option<T>]) -> Vec<bool> {
            values.iter().map(Option::is_none).collect()
        }
        match self {
            Self::Number(values) => all(values),
            Self::Text(values) => all(values),
            Self::Date(values) => all(values),
            Self::Flag(values) => all(values),
        }
    }

    /// The values at these indices, in their order.
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

    /// A column of numbers, given as numbers or, where some are missing, as options.
    pub fn numbers<I: IntoIterator<Item: Into<Option<f64>>>>(name: &str, values: I) -> Self {
        Self::new(name, Values::Number(values.into_iter().map(Into::into).collect()))
    }

    /// A column of texts.
    pub fn texts<'a, I: IntoIterator<Item: Into<Option<&'a str>>>>(name: &str, values: I) -> Self {
        let text = |value: I::Item| value.into().map(str::to_owned);
        Self::new(name, Values::Text(values.into_iter().map(text).collect()))
    }

    /// A column of calendar days.
    pub fn dates<I: IntoIterator<Item: Into<Option<NaiveDate>>>>(name: &str, values: I) -> Self {
        Self::new(name, Values::Date(values.into_iter().map(Into::into).collect()))
    }

    /// A column of yes and no.
    pub fn flags<I: IntoIterator<Item: Into<Option<bool>>>>(name: &str, values: I) -> Self {
        Self::new(name, Values::Flag(values.into_iter().map(Into::into).collect()))
    }
}
