//! The steps of the preparation.

use super::categories;
use super::duplicates::{self, Kept};
use super::outliers;
use super::report::{ColumnReport, PrepareReport};
use super::rules::{MISSING_LEVEL, PrepareRules};
use crate::numeric::quantile;
use crate::table::{AccountTable, Column, TableError, Values};

/// A table without missing numbers, categories and flags, and the report of the changes.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Prepared {
    /// The table.
    pub table: AccountTable,
    /// The report of the changes.
    pub report: PrepareReport,
}

/// Cleans a table by rules that do not look at the target.
///
/// 1. Rows without id or target are left out. Of rows with one id, the one with the fewest missing
///    values is kept, the later one among equals.
/// 2. Categories that differ in case or blanks only are one, in the most frequent spelling;
///    a missing one is the level [`MISSING_LEVEL`].
/// 3. Numbers beyond Q1 - k IQR or Q3 + k IQR (k = `fence`) are set to that limit (winsorised);
///    for columns of positive numbers that are less skewed on the logarithmic scale, the quartiles
///    are those of the logarithms. Columns of ten different values or fewer are left alone.
/// 4. A missing number is then the median of the others, a missing flag the more frequent one.
///
/// # Errors
/// [`TableError::UnknownColumn`] for an id or target that is not there; [`TableError::WrongKind`]
/// for a target that is no number.
///
/// # Examples
/// ```
/// use cltv_accounts::{AccountTable, Column, PrepareRules, prepare};
/// let columns = vec![
///     Column::texts("account_id", ["A", "B", "A", "C"]),
///     Column::texts("region", ["North", "NORTH", "North", "North"]),
///     Column::numbers("income", [Some(5.0), None, Some(5.0), Some(7.0)]),
///     Column::numbers("realised_ltv", [90.0, 80.0, 90.0, 10.0]),
/// ];
/// let table = AccountTable::new("crm.xlsx", columns)?;
/// let prepared = prepare(&table, &PrepareRules::default())?;
/// assert_eq!((prepared.report.rows_read, prepared.report.rows_kept), (4, 3));
/// assert_eq!(prepared.table.numbers("income")?, [Some(6.0), Some(5.0), Some(7.0)]);
/// println!("{}", prepared.report);
/// # Ok::<(), cltv_accounts::TableError>(())
/// ```
///
/// # References
/// Tukey, J. W. (1977). Exploratory Data Analysis, section 2D (outer fences).
pub fn prepare(table: &AccountTable, rules: &PrepareRules) -> Result<Prepared, TableError> {
    let Kept { rows, left_out } = duplicates::find(table, rules)?;
    let mut clean = table.pick(&rows);
    let months: Vec<String> = table.months(&rules.months).into_iter().map(|(_, name)| name).collect();
    let untouched = |name: &str| {
        name == rules.id
            || name == rules.target
            || rules.keep.iter().chain(&months).any(|other| other == name)
    };
    let mut columns = Vec::new();
    for column in clean.columns.iter_mut().filter(|column| !untouched(&column.name)) {
        columns.push(clean_column(column, rules.fence));
    }
    let report = PrepareReport {
        source: table.source.clone(),
        rows_read: table.len(),
        rows_kept: clean.len(),
        left_out,
        columns,
        fence: rules.fence,
        notes: table.notes.clone(),
    };
    Ok(Prepared { table: clean, report })
}

fn clean_column(column: &mut Column, fence: f64) -> ColumnReport {
    let mut report = ColumnReport {
        column: column.name.clone(),
        kind: column.values.kind(),
        missing: column.values.is_missing().into_iter().filter(|missing| *missing).count(),
        filled_with: String::new(),
        raised: 0,
        lowered: 0,
        limits: None,
        logarithmic: false,
        respelled: 0,
    };
    match &mut column.values {
        Values::Number(values) => {
            if let Some(limits) = outliers::limits(values, fence) {
                limits.apply(values, &mut report);
            }
            let present: Vec<f64> = values.iter().flatten().copied().collect();
            let median = quantile(&present, 0.5);
            fill(values, median, &mut report);
        }
        Values::Text(values) => {
            report.respelled = categories::unite(values);
            fill(values, MISSING_LEVEL.to_owned(), &mut report);
        }
        Values::Flag(values) => {
            let yes = values.iter().flatten().filter(|flag| **flag).count();
            let no = values.iter().flatten().count() - yes;
            fill(values, yes > no, &mut report);
        }
        Values::Date(_) => report.filled_with = "left missing".to_owned(),
    }
    report
}

fn fill<T: Clone + ToString>(values: &mut [Option<T>], with: T, report: &mut ColumnReport) {
    report.filled_with = with.to_string();
    for value in values.iter_mut().filter(|value| value.is_none()) {
        *value = Some(with.clone());
    }
}
