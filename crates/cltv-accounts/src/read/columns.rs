//! The grid's columns as typed ones; every cell that does not fit is refused by name.

use std::collections::BTreeMap;

use super::days::{self, Order};
use super::error::{BadCell, ReadError};
use super::grid::{Cell, Grid, GridRow};
use super::kinds::{self, Census, Kind};
use super::numbers::{DecimalMark, Evidence, Parts};
use super::source::{ErrorCells, TableSource};
use crate::table::{AccountTable, Column, Values};
use crate::text::counted;

/// First cells of rows that add the others up.
const TOTALS: [&str; 4] = ["total", "totals", "grand total", "sum"];

pub(crate) fn read(
    source: &TableSource,
    grid: &Grid,
    header: usize,
    names: &[String],
) -> Result<AccountTable, ReadError> {
    let is_total = |row: &&GridRow| {
        let first = row.cells.iter().find(|cell| **cell != Cell::Missing).map(Cell::shown);
        first.is_some_and(|text| TOTALS.contains(&text.trim_end_matches(':').to_lowercase().as_str()))
    };
    let (totals, rows): (Vec<&GridRow>, Vec<&GridRow>) = grid.rows[header + 1..].iter().partition(is_total);
    let mut notes = grid.notes.clone();
    notes.extend(totals.iter().map(|row| format!("Row {} is a total and is left out.", row.number)));
    let (mut columns, mut bad) = (Vec::new(), Vec::new());
    for (at, name) in names.iter().enumerate().filter(|(_, name)| !name.is_empty()) {
        let mut reader = ColumnReader::new(source, grid, at, name, &rows);
        columns.push(Column::new(name, reader.read()));
        notes.append(&mut reader.notes);
        bad.append(&mut reader.bad);
    }
    if !bad.is_empty() {
        return Err(ReadError::BadCells { shown: source.shown.clone(), cells: bad });
    }
    let rows = rows.iter().map(|row| row.number).collect();
    let table = AccountTable::new(&source.shown, columns)?.with_sheet(&grid.sheet);
    Ok(table.with_rows(rows)?.with_notes(notes))
}

/// One column on its way to typed values.
struct ColumnReader<'a> {
    source: &'a TableSource,
    grid: &'a Grid,
    at: usize,
    name: &'a str,
    /// Each cell with its row; missing ones and errors that count as such are `Missing`.
    cells: Vec<(u32, Cell)>,
    notes: Vec<String>,
    bad: Vec<BadCell>,
}

impl<'a> ColumnReader<'a> {
    fn new(source: &'a TableSource, grid: &'a Grid, at: usize, name: &'a str, rows: &[&GridRow]) -> Self {
        let cell = |row: &&GridRow| (row.number, row.cells.get(at).cloned().unwrap_or(Cell::Missing));
        let cells = rows.iter().map(cell).collect();
        Self { source, grid, at, name, cells, notes: Vec::new(), bad: Vec::new() }
    }

    fn read(&mut self) -> Values {
        self.drop_missing();
        let census = Census::of(self.cells.iter().map(|(_, cell)| cell));
        let kind = match self.source.text_columns.iter().any(|name| name == self.name) {
            true => Kind::Text,
            false => census.kind(),
        };
        match kind {
            Kind::Number => self.numbers(),
            Kind::Date => self.dates(),
            Kind::Flag => self.flags(),
            Kind::Text => {
                if census.numbers > 0 && census.numbers < census.values {
                    let (n, of) = (census.numbers, counted(census.values, "value"));
                    self.notes.push(format!(
                        "Column {:?} is read as texts; {n} of its {of} are numbers.",
                        self.name
                    ));
                }
                let text = |(_, cell): &(u32, Cell)| (*cell != Cell::Missing).then(|| cell.shown());
                Values::Text(self.cells.iter().map(text).collect())
            }
        }
    }

    /// Turns words and errors that mean a missing value into missing ones, and refuses the rest.
    fn drop_missing(&mut self) {
        let mut errors = 0;
        for i in 0..self.cells.len() {
            let (row, cell) = self.cells[i].clone();
            match &cell {
                Cell::Text(text) if kinds::is_missing(self.source, text) => {}
                Cell::Error(error) if self.is_missing_error(error) => errors += 1,
                Cell::Error(_) => self.refuse(
                    row,
                    &cell,
                    "it is an error of a formula",
                    "correct the formula, empty the cell, or read errors as missing values",
                ),
                Cell::NoValue(_) => self.refuse(
                    row,
                    &cell,
                    "it is a formula whose value was never stored",
                    "open the workbook in a spreadsheet program and save it, or paste the values",
                ),
                _ => continue,
            }
            self.cells[i].1 = Cell::Missing;
        }
        if errors > 0 {
            let cells = counted(errors, "error cell");
            self.notes.push(format!("{cells} of column {:?} are read as missing.", self.name));
        }
    }

    fn is_missing_error(&self, error: &str) -> bool {
        match self.source.error_cells {
            ErrorCells::Missing => true,
            ErrorCells::NotAvailableIsMissing => error == "#N/A",
            ErrorCells::Refuse => false,
        }
    }

    fn refuse(&mut self, row: u32, cell: &Cell, reason: &str, remedy: &str) {
        let (reason, remedy, column) = (reason.to_owned(), remedy.to_owned(), self.name.to_owned());
        self.bad.push(BadCell { column, reason, remedy, ..self.grid.bad(self.at, row, cell) });
    }

    fn numbers(&mut self) -> Values {
        let parts: Vec<Option<Parts>> = self
            .cells
            .iter()
            .map(|(_, cell)| if let Cell::Text(text) = cell { Parts::of(text) } else { None })
            .collect();
        let mark = self.column_mark(&parts);
        let currency = main_currency(&parts);
        let percentages = parts.iter().flatten().filter(|parts| parts.percent).count();
        let mut as_text = 0;
        let cells = self.cells.clone();
        let mut values = Vec::with_capacity(cells.len());
        for ((row, cell), parts) in cells.iter().zip(&parts) {
            let read = match cell {
                Cell::Missing => {
                    values.push(None);
                    continue;
                }
                Cell::Number(n) if !n.is_finite() => Err(NOT_A_NUMBER),
                Cell::Number(n) if percentages > 0 && n.abs() > 1.0 => Err(BARE_PERCENT),
                Cell::Number(n) => Ok(*n),
                Cell::Text(_) => text_number(parts.as_ref(), mark, &currency, percentages > 0),
                _ => Err(NOT_A_NUMBER),
            };
            as_text += usize::from(read.is_ok() && parts.is_some());
            values.push(read.ok());
            if let Err((reason, remedy)) = read {
                self.refuse(*row, cell, reason, remedy);
            }
        }
        self.number_notes(as_text, percentages, &currency);
        Values::Number(values)
    }

    fn number_notes(&mut self, as_text: usize, percentages: usize, currency: &str) {
        if as_text > 0 && !self.grid.sheet.is_empty() {
            let mut note = format!("{} of column {:?} stood as text", counted(as_text, "number"), self.name);
            if percentages > 0 {
                note += &format!(", {percentages} of them with a percent sign (12% is 0.12)");
            }
            if !currency.is_empty() {
                note += &format!(", some with the currency {currency}");
            }
            self.notes.push(note + ".");
        }
    }

    /// The decimal mark of the column's texts; `None` when they contradict each other or say nothing.
    fn column_mark(&self, parts: &[Option<Parts>]) -> Option<DecimalMark> {
        if let Some(comma) = self.source.decimal_comma {
            return Some(if comma { DecimalMark::Comma } else { DecimalMark::Point });
        }
        let sure = |mark| parts.iter().flatten().any(|parts| parts.evidence() == Evidence::Sure(mark));
        match (sure(DecimalMark::Point), sure(DecimalMark::Comma)) {
            (true, false) => Some(DecimalMark::Point),
            (false, true) => Some(DecimalMark::Comma),
            (false, false) if self.grid.comma_separated => Some(DecimalMark::Point),
            _ => None,
        }
    }

    fn dates(&mut self) -> Values {
        let cells = self.cells.clone();
        let texts: Vec<(u32, &str)> = cells
            .iter()
            .filter_map(
                |(row, cell)| if let Cell::Text(text) = cell { Some((*row, text.as_str())) } else { None },
            )
            .collect();
        let order = days::order(&texts.iter().map(|(_, text)| *text).collect::<Vec<_>>());
        if let Err(at) = order {
            let (row, text) = texts[at];
            self.refuse(
                row,
                &Cell::Text(text.to_owned()),
                "day and month can be read in two ways, and no other date of the column settles it",
                "write the dates as 2024-01-31",
            );
        }
        let order = order.unwrap_or(Order::DayFirst);
        let mut values = Vec::with_capacity(cells.len());
        for (row, cell) in &cells {
            let day = match cell {
                Cell::Day(day) => Some(*day),
                Cell::Text(text) => days::day(text, order),
                _ => None,
            };
            if day.is_none() && *cell != Cell::Missing {
                self.refuse(
                    *row,
                    cell,
                    "it is no date, as the column's other values are",
                    "write it as 2024-01-31, or empty the cell",
                );
            }
            values.push(day);
        }
        Values::Date(values)
    }

    fn flags(&mut self) -> Values {
        let cells = self.cells.clone();
        let mut values = Vec::with_capacity(cells.len());
        for (row, cell) in &cells {
            let flag = match cell {
                Cell::Flag(flag) => Some(*flag),
                Cell::Number(n) if *n == 0.0 || *n == 1.0 => Some(*n == 1.0),
                Cell::Text(text) if text == "0" || text == "1" => Some(text == "1"),
                Cell::Text(text) => kinds::flag(text),
                _ => None,
            };
            if flag.is_none() && *cell != Cell::Missing {
                self.refuse(
                    *row,
                    cell,
                    "it is neither yes nor no, as the column's other values are",
                    "write yes or no, or empty the cell",
                );
            }
            values.push(flag);
        }
        Values::Flag(values)
    }
}

type Refusal = (&'static str, &'static str);

const NOT_A_NUMBER: Refusal = (
    "it is no number, as the column's other values are",
    "write a number, or empty the cell, or name the column as text",
);
const BARE_PERCENT: Refusal = (
    "other values of the column are percentages, and this number above 1 has no percent sign",
    "write 12% or 0.12 for twelve percent",
);
const OPEN_MARK: Refusal = (
    "its mark may separate thousands or decimals, and the column's other values do not settle it",
    "store it as a number, or give decimal_comma",
);
const OTHER_CURRENCY: Refusal = (
    "it is in another currency than the column's other values",
    "convert it, and export one currency a column",
);

/// A number that stands as text, under the column's decimal mark or its own.
fn text_number(
    parts: Option<&Parts>,
    mark: Option<DecimalMark>,
    currency: &str,
    percentages: bool,
) -> Result<f64, Refusal> {
    let parts = parts.ok_or(NOT_A_NUMBER)?;
    if !parts.currency.is_empty() && parts.currency != currency {
        return Err(OTHER_CURRENCY);
    }
    let mark = match (mark, parts.evidence()) {
        (Some(mark), _) | (None, Evidence::Sure(mark)) => mark,
        (None, Evidence::None) => DecimalMark::Point,
        (None, Evidence::Open) => return Err(OPEN_MARK),
    };
    let number = parts.value(mark).ok_or(NOT_A_NUMBER)?;
    if percentages && !parts.percent && number.abs() > 1.0 {
        return Err(BARE_PERCENT);
    }
    Ok(number)
}

/// The currency that most texts of the column name; empty when none does.
fn main_currency(parts: &[Option<Parts>]) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for parts in parts.iter().flatten().filter(|parts| !parts.currency.is_empty()) {
        *counts.entry(&parts.currency).or_default() += 1;
    }
    let most = counts.iter().max_by_key(|(_, n)| **n);
    most.map(|(currency, _)| (*currency).to_owned()).unwrap_or_default()
}
