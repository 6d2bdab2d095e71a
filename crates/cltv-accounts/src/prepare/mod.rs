//! Preparation: rows that stand twice, missing values and outliers, by stated rules with a report.

mod categories;
mod duplicates;
mod outliers;
mod report;

use duplicates::Kept;
pub use report::{ColumnReport, LeftOutRow, PrepareReport};

use crate::numeric::quantile;
use crate::table::{AccountTable, Column, Values};
use crate::table_error::TableError;

/// The level that stands for a missing category.
pub const MISSING_LEVEL: &str = "missing";

/// The rules of the preparation.
#[derive(Debug, Clone, PartialEq)]
pub struct PrepareRules {
    /// The column that names an account; "" when rows have no names, and then none stand twice.
    pub id: String,
    /// The column to be explained; rows without it are left out, and it is never changed. "" for none.
    pub target: String,
    /// Columns that stay as they are.
    pub keep: Vec<String>,
    /// Beginning of the months' headings, which stay as they are: an empty month may be one before
    /// the account's start.
    pub months: String,
    /// Outliers lie further than so many interquartile ranges from the quartiles; 0 keeps all.
    pub fence: f64,
}

impl Default for PrepareRules {
    /// The columns of the embedded workbook, and Tukey's outer fence, 3.
    fn default() -> Self {
        Self {
            id: "account_id".to_owned(),
            target: "realised_ltv".to_owned(),
            keep: vec!["name".to_owned()],
            months: "expense_".to_owned(),
            fence: 3.0,
        }
    }
}

/// A table without missing values in its numbers and categories, and what was done to it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Prepared {
    /// The table.
    pub table: AccountTable,
    /// What was found and done.
    pub report: PrepareReport,
}

/// Cleans a table by rules that do not look at the target.
///
/// 1. Rows without id or target are left out. Of rows with one id, the one with the fewest missing
///    values is kept, the later one among equals.
/// 2. Categories that differ in case or blanks only are one, in the spelling that most rows have;
///    a missing one is the level [`MISSING_LEVEL`].
/// 3. Numbers beyond Q1 - k IQR or Q3 + k IQR (k = `fence`) are set to that limit (winsorised);
///    for columns of positive numbers that are less skewed on the logarithmic scale, the quartiles
///    are those of the logarithms. Columns of ten different values or fewer are left alone.
/// 4. A missing number is then the median of the others, a missing flag the commoner one.
///
/// # Errors
/// [`TableError::UnknownColumn`] for an id or target that is not there; [`TableError::WrongKind`]
/// for a target that is no number.
///
/// # Examples
/// ```
/// use cltv_accounts::{PrepareRules, TableSource, prepare};
/// let text = "account_id,region,income,realised_ltv\nA,North,5,90\nB,NORTH,,80\nA,North,5,90\nC,North,7,10\n";
/// let table = TableSource::new("crm.csv").read_bytes("csv", text.as_bytes())?;
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
        kind: column.values.kind().to_owned(),
        missing: column.values.missing(),
        ..ColumnReport::default()
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
