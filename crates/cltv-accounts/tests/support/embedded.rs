//! The embedded workbook as a table, from the simulator's cells instead of the file.

use chrono::NaiveDate;
use cltv_accounts::{AccountTable, Column, CrmSimulation, SimulatedCell, Values, simulate_crm};

/// What a reader makes of the sheet "Accounts", whose header is in row 4.
pub(crate) fn embedded() -> AccountTable {
    let crm = simulate_crm(&CrmSimulation::default());
    let column = |(at, name): (usize, &String)| {
        let cells: Vec<&SimulatedCell> = crm.rows.iter().map(|row| &row[at]).collect();
        Column::new(name, values(name, &cells))
    };
    let columns = crm.header.iter().enumerate().map(column).collect();
    let rows = (5..).take(crm.rows.len()).collect();
    AccountTable::new("crm_accounts", columns).unwrap().with_sheet("Accounts").with_rows(rows).unwrap()
}

fn values(name: &str, cells: &[&SimulatedCell]) -> Values {
    match name {
        "account_id" | "name" | "region" | "channel" | "plan" => {
            Values::Text(cells.iter().map(|cell| text(cell)).collect())
        }
        "churned" => Values::Flag(cells.iter().map(|cell| text(cell).map(|word| word == "yes")).collect()),
        "start_date" => Values::Date(cells.iter().map(|cell| day(cell)).collect()),
        _ => Values::Number(cells.iter().map(|cell| number(cell)).collect()),
    }
}

fn text(cell: &SimulatedCell) -> Option<String> {
    match cell {
        SimulatedCell::Text(text) => Some(text.trim().to_owned()),
        SimulatedCell::Empty => None,
        other => panic!("{other:?} is no text"),
    }
}

fn day(cell: &SimulatedCell) -> Option<NaiveDate> {
    match cell {
        SimulatedCell::Day(day) => Some(*day),
        other => panic!("{other:?} is no day"),
    }
}

/// Numbers, also those written as text: "52000", "$1,234.00" and "15%".
fn number(cell: &SimulatedCell) -> Option<f64> {
    match cell {
        SimulatedCell::Number(n) | SimulatedCell::Percent(n) => Some(*n),
        SimulatedCell::Text(text) => {
            let digits: String = text.chars().filter(|c| !"$,%".contains(*c)).collect();
            let n: f64 = digits.parse().unwrap();
            Some(if text.ends_with('%') { n / 100.0 } else { n })
        }
        SimulatedCell::Empty | SimulatedCell::NotAvailable => None,
        other => panic!("{other:?} is no number"),
    }
}
