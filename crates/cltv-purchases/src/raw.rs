//! Purchases as they were read, before cleaning: columns of codes, days and amounts.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use chrono::NaiveDate;
use chrono_tz::Tz;
use cltv_protocol::text::{count, counted, percent};
use cltv_tables::numbers::{self, NumberOptions};
use cltv_tables::words::{quote, quoted};
use cltv_tables::{Cells, Column, MISSING, NO_DAY, Places, Table, Values, dates, resolve_path};
use polars::prelude::DataFrame;

use crate::datasets::{self, DataSet};
use crate::error::DataError;
use crate::frame;
use crate::ids::{self, Ids, Variants};
use crate::origin::Origin;
use crate::roles::{self, Roles};
use crate::warehouse;

use crate::source::{Settings, Source, clock_day};

/// Purchases as they were read: ids, days and amounts may be missing, returns are negative.
///
/// # Examples
/// ```
/// use cltv_purchases::{Cleaning, Source};
/// let raw = Source::new("cdnow").read()?;
/// println!("{raw}");
/// let cleaned = raw.clean(&Cleaning::default())?;
/// assert_eq!(cleaned.transactions.customers(), 2357);
/// # Ok::<(), cltv_purchases::DataError>(())
/// ```
#[derive(Debug, Clone)]
pub struct RawTransactions {
    /// The customer of each row, [`MISSING`] without one.
    pub(crate) customers: Vec<u32>,
    pub(crate) ids: Arc<Ids>,
    /// Days since 1970-01-01, [`NO_DAY`] without one.
    pub(crate) days: Vec<i32>,
    /// NaN without an amount; none where there is no column of amounts.
    pub(crate) amounts: Option<Vec<f64>>,
    pub(crate) orders: Option<(Vec<u32>, Arc<Values>)>,
    pub(crate) fingerprints: Vec<u32>,
    pub(crate) places: Arc<Places>,
    /// Rows that do not meet the filter are left out here; the others keep their place.
    pub(crate) rows: Option<Vec<u32>>,
    pub(crate) filtered: usize,
    pub(crate) filter: String,
    /// Customers that `leave_out` names.
    pub(crate) left_out: Vec<u32>,
    pub(crate) origin: Origin,
    pub(crate) notes: Vec<String>,
    pub(crate) warnings: Vec<String>,
    zone: Option<Tz>,
}

impl Source {
    /// Reads the purchases as they are, before any cleaning.
    ///
    /// # Errors
    /// A [`DataError`] that names the file, the column or the rows: a file that is missing, empty or not what its name
    /// says, a column that is not there, dates or amounts that cannot be read.
    pub fn read(&self) -> Result<RawTransactions, DataError> {
        read(self, &self.settings()?)
    }
}

fn read(source: &Source, settings: &Settings) -> Result<RawTransactions, DataError> {
    let filter = settings.filter.as_ref();
    // Kept until the rows are read.
    let fetched = warehouse::fetch(source, settings)?;
    let (name, resolve): (&str, &dyn Fn(&str) -> PathBuf) = match &fetched {
        Some(fetched) => (&fetched.shown, &|_| fetched.file.clone()),
        None => (&source.transactions, &resolve_path),
    };
    let find = |shown: &str, header: &[String]| roles::locate(source, filter, shown, header);
    let (mut table, roles) = match datasets::find(&source.transactions) {
        Some(set) => {
            let source = of_set(source, set);
            let header: Vec<String> = set.columns.iter().map(ToString::to_string).collect();
            let (places, roles) = roles::locate(&source, filter, &source.transactions, &header)?;
            (set.table(&places), roles)
        }
        None => {
            let wanted = |shown: &str, header: &[String]| find(shown, header).map(|(places, _)| places);
            let table = cltv_tables::read(name, resolve, &source.options(), &wanted);
            let table = table.map_err(with_data_sets)?;
            let roles = find(name, &table.header)?.1;
            (table, roles)
        }
    };
    let columns = std::mem::take(&mut table.columns);
    RawTransactions::from_columns(source, settings, table, columns, roles)
}

/// A data set without amounts simply has none, where the column has its default name.
fn of_set(source: &Source, set: &DataSet) -> Source {
    let mut source = source.clone();
    if !set.columns.contains(&"amount") && source.amount_column == "amount" {
        source.amount_column.clear();
    }
    source
}

/// Names the data sets that could have been meant where there is no such file.
fn with_data_sets(error: cltv_tables::TableError) -> DataError {
    use cltv_tables::{FileError, TableError};
    match error {
        TableError::File(FileError::NoSuchFile { shown, looked_at, .. }) => {
            let data_sets = datasets::data_sets();
            TableError::File(FileError::NoSuchFile { shown, looked_at, data_sets }).into()
        }
        error => error.into(),
    }
}

impl RawTransactions {
    fn from_columns(
        source: &Source,
        settings: &Settings,
        mut table: Table,
        mut columns: Vec<Column>,
        roles: Roles,
    ) -> Result<Self, DataError> {
        let filter_columns = columns.split_off(roles.filter);
        let keeps = settings.filter.as_ref().map(|filter| filter.keeps(&filter_columns));
        drop(filter_columns);
        let mut take = |at: usize| std::mem::take(&mut columns[at]);
        let date = take(roles.date);
        let mut days = dates::read(&mut table, &date, &settings.dates)?;
        drop(date);
        let options = |remedy| NumberOptions { mark: settings.mark, remedy };
        let number = |column: Option<Column>, remedy: &'static str, table: &mut Table| {
            column.map(|column| numbers::read(table, &footless(column, table), options(remedy))).transpose()
        };
        let amount = roles.amount.map(&mut take);
        let amounts = number(amount, ", name another amount_column, or give the decimal_mark", &mut table)?;
        let quantity = roles.quantity.map(&mut take);
        let quantities = number(quantity, ", or name another quantity_column", &mut table)?;
        let order = roles.order.map(&mut take);
        let customer = footless(take(roles.customer), &table);
        let amounts = times(amounts, quantities);
        let coded = ids::code(customer, settings.id_match);
        let orders = order.map(|order| orders_of(footless(order, &table)));
        let rows = days.len();
        table.fingerprints.truncate(rows);
        let mut raw = Self {
            customers: coded.codes,
            ids: coded.ids,
            days: std::mem::take(&mut days),
            amounts,
            orders,
            fingerprints: std::mem::take(&mut table.fingerprints),
            places: Arc::new(std::mem::take(&mut table.places)),
            rows: None,
            filtered: 0,
            filter: source.filter.trim().to_owned(),
            left_out: Vec::new(),
            origin: Origin {
                shown: source.transactions.clone(),
                ends: datasets::find(&source.transactions).and_then(DataSet::ends),
                has_amounts: roles.amount.is_some(),
                has_orders: roles.order.is_some(),
            },
            notes: table.notes,
            warnings: table.warnings,
            zone: settings.dates.zone,
        };
        if let Some(keeps) = keeps {
            raw.apply_filter(&keeps[..rows]);
        }
        raw.leave_out(&settings.leave_out);
        raw.warn_of_ids(coded.variants);
        if let Some(column) = roles::unused_quantity(source, &table.header) {
            raw.warnings.push(format!(
                "The file has a column {column}: if {} is the price of one piece, set quantity_column to {column}.",
                quote(&source.amount_column),
                column = quote(&column),
            ));
        }
        Ok(raw)
    }

    fn apply_filter(&mut self, keeps: &[bool]) {
        let rows: Vec<u32> = (0..).zip(keeps).filter(|(_, keep)| **keep).map(|(row, _)| row).collect();
        self.filtered = keeps.len() - rows.len();
        if self.filtered == 0 {
            return;
        }
        fn kept<T: Copy>(all: &mut Vec<T>, rows: &[u32]) {
            *all = rows.iter().map(|&row| all[row as usize]).collect();
        }
        kept(&mut self.customers, &rows);
        kept(&mut self.days, &rows);
        kept(&mut self.fingerprints, &rows);
        if let Some(amounts) = &mut self.amounts {
            kept(amounts, &rows);
        }
        if let Some((codes, _)) = &mut self.orders {
            kept(codes, &rows);
        }
        self.rows = Some(rows);
    }

    fn leave_out(&mut self, ids: &[String]) {
        let (mut codes, mut unknown) = (Vec::new(), Vec::new());
        for id in ids {
            match self.ids.find(id).or_else(|| id.strip_suffix(".0").and_then(|id| self.ids.find(id))) {
                Some(code) => codes.push(code),
                None => unknown.push(id.clone()),
            }
        }
        if !unknown.is_empty() {
            self.warnings.push(format!("leave_out names {}, which no row has.", quoted(&unknown)));
        }
        self.left_out = codes;
    }

    fn warn_of_ids(&mut self, variants: Variants) {
        let all = count(self.ids.len());
        if variants.number > 0 {
            self.warnings.push(format!(
                "{} of {all} customer ids are the same number as another one, written otherwise (such as 17850 and 17850.0, or 000012 and 12): each counts as a customer of its own; id_match \"number\" joins them.",
                count(variants.number)
            ));
        }
        if variants.case > 0 {
            self.warnings.push(format!(
                "{} of {all} customer ids differ from another one only in case or blanks: each counts as a customer of its own; id_match \"trim_case\" joins them.",
                count(variants.case)
            ));
        }
        if variants.scientific > 0 {
            self.warnings.push(format!(
                "{} of {all} customer ids are in scientific notation (such as 4.47955E+11), which a spreadsheet program has shortened: customers may be mixed up; export the column as text.",
                count(variants.scientific)
            ));
        }
    }

    /// Number of rows, without those that the filter leaves out.
    #[must_use]
    pub fn len(&self) -> usize {
        self.days.len()
    }

    /// Whether no row is left.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.days.is_empty()
    }

    /// The source, as it was named.
    #[must_use]
    pub fn name(&self) -> String {
        self.origin.shown.clone()
    }

    /// Whether an amount column was named.
    #[must_use]
    pub fn has_amounts(&self) -> bool {
        self.origin.has_amounts
    }

    /// Whether an order column was named.
    #[must_use]
    pub fn has_orders(&self) -> bool {
        self.origin.has_orders
    }

    /// What was recognised while reading (separator, encoding, order of day and month), as sentences.
    #[must_use]
    pub fn notes(&self) -> Vec<String> {
        self.notes.clone()
    }

    /// What looks wrong, as sentences; nothing was changed because of it.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        self.warnings.clone()
    }

    /// The rows as a table: `row`, `customer_id`, `date`, and `amount` and `order_id` where named.
    ///
    /// # Errors
    /// [`DataError::Frame`] if polars refuses the table.
    pub fn frame(&self) -> Result<DataFrame, DataError> {
        let rows = 0..self.len();
        let id = |code: u32| (code != MISSING).then(|| self.ids.get(code).to_owned());
        let mut columns = vec![
            frame::counts("row", rows.clone().map(|row| self.line(row))),
            frame::texts("customer_id", self.customers.iter().map(|&code| id(code))),
            frame::dates("date", self.days.iter().map(|&day| day_of(day))),
        ];
        if let Some(amounts) = &self.amounts {
            columns.push(frame::numbers("amount", amounts.iter().map(|n| (!n.is_nan()).then_some(*n))));
        }
        if let Some((codes, values)) = &self.orders {
            let order = |&code: &u32| (code != MISSING).then(|| values.get(code).shown().into_owned());
            columns.push(frame::texts("order_id", codes.iter().map(order)));
        }
        frame::frame(columns)
    }

    /// The row of the file, counted from 0.
    pub(crate) fn row_in_file(&self, row: usize) -> u64 {
        self.rows.as_ref().map_or(row as u64, |rows| u64::from(rows[row]))
    }

    /// The line or row of the file, as people count.
    pub(crate) fn line(&self, row: usize) -> u64 {
        self.places.line(self.row_in_file(row))
    }

    /// The day that the clock shows in the given zone, or on this machine.
    pub(crate) fn clock_day(&self) -> NaiveDate {
        clock_day(self.zone)
    }
}

pub(crate) fn day_of(day: i32) -> Option<NaiveDate> {
    if day == NO_DAY { None } else { cltv_tables::date(day) }
}

/// The column without the rows of a footer that the dates have shown.
fn footless(mut column: Column, table: &Table) -> Column {
    if let Some(rows) = table.rows_left {
        match &mut column.cells {
            Cells::Coded { codes, .. } => codes.truncate(rows),
            Cells::Whole(cells) | Cells::Stamps(cells) | Cells::Instants(cells, _) => cells.truncate(rows),
            Cells::Numbers(cells) => cells.truncate(rows),
            Cells::Days(cells) => cells.truncate(rows),
        }
    }
    column
}

/// Price times quantity; a line without a quantity has no amount.
fn times(amounts: Option<Vec<f64>>, quantities: Option<Vec<f64>>) -> Option<Vec<f64>> {
    match (amounts, quantities) {
        // A product of two decimals carries the error of the binary fractions; a millionth is enough.
        (Some(amounts), Some(quantities)) => {
            let product = |(price, quantity): (f64, f64)| (price * quantity * 1e6).round() / 1e6;
            Some(amounts.into_iter().zip(quantities).map(product).collect())
        }
        (amounts, _) => amounts,
    }
}

fn orders_of(column: Column) -> (Vec<u32>, Arc<Values>) {
    match column.cells.into_coded() {
        Cells::Coded { codes, mut values } => {
            values.seal();
            (codes, Arc::new(values))
        }
        _ => (Vec::new(), Arc::default()),
    }
}

impl fmt::Display for RawTransactions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let amounts = if self.origin.has_amounts {
            "with amounts"
        } else {
            "without amounts: the steps on spend are skipped"
        };
        write!(f, "{} read from {}, {amounts}.", counted(self.len(), "row"), self.origin.shown)?;
        if self.filtered > 0 {
            let all = self.len() + self.filtered;
            write!(
                f,
                " {} more ({}) do not meet the filter.",
                count(self.filtered),
                percent(self.filtered, all)
            )?;
        }
        self.notes.iter().chain(&self.warnings).try_for_each(|note| write!(f, " {note}"))
    }
}
