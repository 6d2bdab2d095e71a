//! From what a notebook's parameters name to a prepared table of accounts.

use crate::progress::working;
use crate::{Error, frames};
use cltv_purchases::resolve_path;
use cltv_report::numbers::whole;
use cltv_accounts::{
    AccountTable, Accounts, ColumnReport, CrmColumns, PrepareReport, PrepareRules, TableSource, Values,
    prepare,
};
use polars::prelude::{Column, DataFrame};
use std::fmt;

/// The name of the embedded workbook.
pub(crate) const EMBEDDED: &str = "crm_accounts";
/// Tukey's outer fence, in interquartile ranges from the quartiles.
const FENCE: f64 = 3.0;

/// The parameters that say where the accounts are and how to read them, by their own names.
///
/// # Examples
/// ```
/// use cltv::prelude::*;
/// let crm = load_crm(&CrmInput::default())?;
/// assert_eq!(crm.table.len(), 5000);
/// # Ok::<(), cltv::Error>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct CrmInput {
    /// `crm_accounts`, the embedded workbook, or an xlsx, xls, ods or csv file.
    pub crm: &'static str,
    /// The workbook's sheet; "" for the first one that holds anything.
    pub sheet: &'static str,
    /// The column to be explained or ranked by; rows without it are left out.
    pub target: &'static str,
    /// The column that names an account; "" when rows have no names.
    pub id_column: &'static str,
    /// The column with the account's name in words.
    pub name_column: &'static str,
    /// The column with the channel that won the account.
    pub channel_column: &'static str,
    /// The column with the account's segment, such as its plan.
    pub segment_column: &'static str,
    /// The column with the income a year.
    pub income_column: &'static str,
    /// The column with the cost of winning the account.
    pub cost_column: &'static str,
    /// The column that says whether the account has left.
    pub churn_column: &'static str,
    /// Beginning of the headings of the months of spending, before "2024-01".
    pub months_prefix: &'static str,
    /// What to do with values beyond the outer fences: "limit" or "keep"; "" limits in the embedded
    /// workbook and keeps in any other.
    pub outliers: &'static str,
}

impl Default for CrmInput {
    fn default() -> Self {
        CrmInput {
            crm: EMBEDDED,
            sheet: "",
            target: "realised_ltv",
            id_column: "account_id",
            name_column: "name",
            channel_column: "channel",
            segment_column: "plan",
            income_column: "income",
            cost_column: "acquisition_cost",
            churn_column: "churned",
            months_prefix: "expense_",
            outliers: "",
        }
    }
}

impl CrmInput {
    fn columns(&self) -> CrmColumns {
        CrmColumns {
            id: self.id_column.to_owned(),
            name: self.name_column.to_owned(),
            channel: self.channel_column.to_owned(),
            segment: self.segment_column.to_owned(),
            income: self.income_column.to_owned(),
            acquisition_cost: self.cost_column.to_owned(),
            churned: self.churn_column.to_owned(),
            realised_value: self.target.to_owned(),
            months: self.months_prefix.to_owned(),
            ..CrmColumns::default()
        }
    }

    fn limits_outliers(&self) -> Result<bool, Error> {
        match self.outliers {
            "limit" => Ok(true),
            "keep" => Ok(false),
            "" => Ok(self.crm == EMBEDDED),
            other => Err(Error::UnknownWord {
                name: "outliers",
                value: other.to_owned(),
                bound: "\"limit\", \"keep\" or \"\" (limit in crm_accounts, keep elsewhere)",
            }),
        }
    }
}

/// A prepared table of accounts, and what was done to it.
#[derive(Debug, Clone)]
pub struct Crm {
    /// The prepared table.
    pub table: AccountTable,
    /// What the preparation found and did.
    pub prepared: PrepareReport,
    /// Whether this is the embedded workbook, none of whose accounts exists.
    pub simulated: bool,
    /// The column to be explained.
    pub target: String,
    pub(crate) columns: CrmColumns,
    /// Values beyond the outer fences that were kept, by column.
    kept_outliers: Vec<(String, usize)>,
}

/// Reads a workbook or a csv file and prepares it: doubles, missing values, spellings, outliers.
///
/// Relative paths are taken as everywhere, from the nearest workspace. An `id_column` that the file
/// does not have counts as none: then no rows are taken for doubles, and the result says so.
///
/// # Errors
/// [`Error::Table`] for a file, sheet or cell that cannot be read, by name, and for a target that is
/// not there or no number; [`Error::UnknownWord`] for another word than limit or keep.
pub fn load_crm(input: &CrmInput) -> Result<Crm, Error> {
    working(&format!("Reading {}", input.crm), || read(input))
}

fn read(input: &CrmInput) -> Result<Crm, Error> {
    let limit = input.limits_outliers()?;
    let mut source = TableSource::new(input.crm);
    source.path = resolve_path(input.crm);
    source.sheet = input.sheet.to_owned();
    let raw = source.read()?;
    let id = if raw.has(input.id_column) { input.id_column } else { "" };
    let keep = [input.name_column.to_owned()].into_iter().filter(|name| raw.has(name)).collect();
    let rules = |fence: f64| PrepareRules {
        id: id.to_owned(),
        target: input.target.to_owned(),
        keep,
        months: input.months_prefix.to_owned(),
        fence,
    };
    let limited = rules(FENCE);
    let found = prepare(&raw, &limited)?;
    let beyond = |column: &ColumnReport| (column.column.clone(), column.raised + column.lowered);
    let kept_outliers = match limit {
        true => Vec::new(),
        false => found.report.columns.iter().map(beyond).filter(|(_, n)| *n > 0).collect(),
    };
    let prepared = if limit { found } else { prepare(&raw, &PrepareRules { fence: 0.0, ..limited })? };
    Ok(Crm {
        table: prepared.table,
        prepared: prepared.report,
        simulated: input.crm == EMBEDDED,
        target: input.target.to_owned(),
        columns: CrmColumns { id: id.to_owned(), ..input.columns() },
        kept_outliers,
    })
}

impl Crm {
    /// The accounts with their months of spending.
    ///
    /// # Errors
    /// [`Error::Table`] when a column that accounts need is not there or of another kind; the message
    /// names it and the columns there are.
    pub fn accounts(&self) -> Result<Accounts, Error> {
        Ok(Accounts::of(&self.table, &self.columns)?)
    }

    /// The prepared table as a frame.
    ///
    /// # Errors
    /// [`Error::Frame`] when polars refuses the columns.
    pub fn frame(&self) -> Result<DataFrame, Error> {
        let columns = self.table.columns.iter().map(|column| {
            let name = column.name.as_str().into();
            match &column.values {
                Values::Number(values) => Column::new(name, values.clone()),
                Values::Flag(values) => Column::new(name, values.clone()),
                other => Column::new(name, other.shown()),
            }
        });
        frames::frame(columns.collect())
    }

    /// The target of each row.
    ///
    /// # Errors
    /// [`Error::Table`] when it is not there or no number.
    pub fn values(&self) -> Result<Vec<f64>, Error> {
        // The preparation left no row without a target.
        Ok(self.table.numbers(&self.target)?.into_iter().flatten().collect())
    }

    /// The id of each row, or its place in the sheet where rows have no names.
    pub(crate) fn ids(&self) -> Vec<String> {
        let ids = self.table.texts(&self.columns.id).unwrap_or_default();
        let row = |(at, row): (usize, &u32)| match ids.get(at) {
            Some(Some(id)) => id.clone(),
            _ => format!("row {row}"),
        };
        self.table.rows.iter().enumerate().map(row).collect()
    }

    /// What the preparation found and did, one sentence each.
    pub fn sentences(&self) -> Vec<String> {
        let mut out = self.prepared.sentences();
        if self.columns.id.is_empty() {
            out.push(
                "Rows have no names (`id_column` is not there), so none was taken for a double.".to_owned(),
            );
        }
        for (column, n) in &self.kept_outliers {
            let n = whole(*n as f64);
            out.push(format!(
                "{column}: {n} values lie beyond the outer fences ({FENCE} interquartile ranges from the quartiles) and were kept; outliers = \"limit\" would set them to the fence."
            ));
        }
        out
    }
}

impl fmt::Display for Crm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.simulated {
            writeln!(f, "Simulated: no account of this workbook exists.")?;
        }
        f.write_str(&self.sentences().join("\n"))
    }
}
