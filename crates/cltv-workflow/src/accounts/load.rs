//! From what a notebook's parameters name to a prepared table of accounts.

use crate::choice::{one_of, setters};
use crate::data::accounts_table::{self, Reading};
use crate::error::Error;
use crate::frames;
use crate::progress::working;
use cltv_accounts::{
    AccountTable, Accounts, CRM_WORKBOOK, ColumnReport, CrmColumns, PrepareReport, PrepareRules, Values,
    prepare,
};
use cltv_report::numbers::whole;
use cltv_tables::dates::DateOptions;
use cltv_tables::numbers::DecimalMark;
use polars::prelude::{Column, DataFrame};
use std::fmt;

/// The name of the embedded workbook.
pub(crate) const EMBEDDED: &str = "crm_accounts";
/// Tukey's outer fence, in interquartile ranges from the quartiles.
const FENCE: f64 = 3.0;

/// The parameters of reading accounts, by their own names; each has a setter of its name.
///
/// # Examples
/// ```
/// use cltv_workflow::{CrmInput, load_crm};
/// let crm = load_crm(&CrmInput::new("crm_accounts").outliers("limit"))?;
/// assert_eq!(crm.table.len(), 5000);
/// # Ok::<(), cltv_workflow::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct CrmInput {
    /// `crm_accounts`, the embedded workbook, or a workbook, csv, jsonl or parquet file, a folder, a pattern such as
    /// `accounts-*.csv`, or a list of these with the same columns.
    pub crm: String,
    /// The workbook's sheet; "" for the first visible one with content, "*" for all with the same columns.
    pub sheet: String,
    /// The row or line of the header, from 1; 0 to find it.
    pub header_row: u64,
    /// The encoding of a text file, as windows-1252; "" to find it.
    pub encoding: String,
    /// The decimal mark of numbers that are text, "." or ","; "" to find it.
    pub decimal_mark: String,
    /// The format of dates that are text, as `%d/%m/%Y`; "" to find it.
    pub date_format: String,
    /// The column to be explained or ranked by; rows without it are left out.
    pub target: String,
    /// The column with the account's id; "" when there is none.
    pub id_column: String,
    /// The column with the account's name.
    pub name_column: String,
    /// The column with the acquisition channel.
    pub channel_column: String,
    /// The column with the account's segment, such as its plan.
    pub segment_column: String,
    /// The column with the income a year.
    pub income_column: String,
    /// The column with the acquisition cost.
    pub cost_column: String,
    /// The column with whether the account has churned.
    pub churn_column: String,
    /// Beginning of the headings of the months of spending, before "2024-01".
    pub months_prefix: String,
    /// How values beyond the outer fences are treated: "limit" or "keep"; "" limits in the embedded
    /// workbook and keeps in any other.
    pub outliers: String,
}

impl Default for CrmInput {
    /// The embedded workbook.
    fn default() -> Self {
        let text = |value: &str| value.to_owned();
        CrmInput {
            crm: text(EMBEDDED),
            sheet: text(""),
            header_row: 0,
            encoding: text(""),
            decimal_mark: text(""),
            date_format: text(""),
            target: text("realised_ltv"),
            id_column: text("account_id"),
            name_column: text("name"),
            channel_column: text("channel"),
            segment_column: text("plan"),
            income_column: text("income"),
            cost_column: text("acquisition_cost"),
            churn_column: text("churned"),
            months_prefix: text("expense_"),
            outliers: text(""),
        }
    }
}

setters! {
    CrmInput:
    /// Sets [`CrmInput::sheet`].
    sheet,
    /// Sets [`CrmInput::encoding`].
    encoding,
    /// Sets [`CrmInput::decimal_mark`].
    decimal_mark,
    /// Sets [`CrmInput::date_format`].
    date_format,
    /// Sets [`CrmInput::target`].
    target,
    /// Sets [`CrmInput::id_column`].
    id_column,
    /// Sets [`CrmInput::name_column`].
    name_column,
    /// Sets [`CrmInput::channel_column`].
    channel_column,
    /// Sets [`CrmInput::segment_column`].
    segment_column,
    /// Sets [`CrmInput::income_column`].
    income_column,
    /// Sets [`CrmInput::cost_column`].
    cost_column,
    /// Sets [`CrmInput::churn_column`].
    churn_column,
    /// Sets [`CrmInput::months_prefix`].
    months_prefix,
    /// Sets [`CrmInput::outliers`].
    outliers,
}

impl CrmInput {
    /// The embedded workbook or a file, with the default columns.
    pub fn new(crm: impl ToString) -> CrmInput {
        CrmInput { crm: crm.to_string(), ..CrmInput::default() }
    }

    /// Sets [`CrmInput::header_row`].
    #[must_use]
    pub fn header_row(mut self, row: u64) -> CrmInput {
        self.header_row = row;
        self
    }

    /// Reads the table as it is, with the row of each account and notes on what was recognised; [`load_crm`] prepares
    /// it.
    ///
    /// The kind of a column (numbers, dates, yes and no, texts) is that of four fifths of its values. The percentage
    /// 12% is 0.12.
    ///
    /// # Errors
    /// [`Error::File`] for a file, a header or values that cannot be read.
    ///
    /// # Examples
    /// ```
    /// use cltv_workflow::CrmInput;
    /// let table = CrmInput::new("crm_accounts").read()?;
    /// assert_eq!((table.sheet.as_str(), table.len(), table.rows[0]), ("Accounts", 5030, 5));
    /// # Ok::<(), cltv_workflow::Error>(())
    /// ```
    pub fn read(&self) -> Result<AccountTable, Error> {
        let reading = Reading {
            sheet: self.sheet.clone(),
            header_row: self.header_row,
            encoding: self.encoding.clone(),
            mark: DecimalMark::named(&self.decimal_mark)?,
            dates: DateOptions { format: self.date_format.trim().to_owned(), ..DateOptions::default() },
        };
        let embedded = (self.crm == EMBEDDED).then_some(("crm_accounts.xlsx", CRM_WORKBOOK));
        accounts_table::read(&self.crm, embedded, &reading)
    }

    fn columns(&self) -> CrmColumns {
        CrmColumns {
            id: self.id_column.clone(),
            name: self.name_column.clone(),
            channel: self.channel_column.clone(),
            segment: self.segment_column.clone(),
            income: self.income_column.clone(),
            acquisition_cost: self.cost_column.clone(),
            churned: self.churn_column.clone(),
            realised_value: self.target.clone(),
            months: self.months_prefix.clone(),
            ..CrmColumns::default()
        }
    }

    fn limits_outliers(&self) -> Result<bool, Error> {
        match self.outliers.as_str() {
            "" => Ok(self.crm == EMBEDDED),
            word => one_of("outliers", word, &[("limit", true), ("keep", false), ("", false)]),
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

/// Reads a table of accounts and prepares it: duplicates, missing values, spellings, outliers.
///
/// Relative paths are taken as everywhere, from the nearest workspace. An `id_column` that the file
/// does not have counts as none: then duplicates are not looked for, and the result says so.
///
/// # Errors
/// [`Error::File`] for a file, sheet or value that cannot be read, [`Error::Table`] for a target that is not there or
/// no number, [`Error::UnknownWord`] for another word than limit or keep.
///
/// # Examples
/// ```
/// use cltv_workflow::*;
/// let book = load_crm(&CrmInput::new("crm_accounts"))?;
/// assert_eq!(book.frame()?.height(), book.values()?.len());
/// # Ok::<(), cltv_workflow::Error>(())
/// ```
pub fn load_crm(input: &CrmInput) -> Result<Crm, Error> {
    working(&format!("Reading {}", input.crm), || read(input))
}

fn read(input: &CrmInput) -> Result<Crm, Error> {
    let limit = input.limits_outliers()?;
    let raw = input.read()?;
    let id = if raw.has(&input.id_column) { input.id_column.as_str() } else { "" };
    let keep = [input.name_column.clone()].into_iter().filter(|name| raw.has(name)).collect();
    let rules = |fence: f64| PrepareRules {
        id: id.to_owned(),
        target: input.target.clone(),
        keep,
        months: input.months_prefix.clone(),
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
        target: input.target.clone(),
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
                "Rows have no ids (`id_column` is not there), so duplicates were not looked for.".to_owned(),
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
            writeln!(f, "Simulated: none of the accounts of this workbook exists.")?;
        }
        f.write_str(&self.sentences().join("\n"))
    }
}
