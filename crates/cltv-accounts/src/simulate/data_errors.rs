//! Errors of CRM data: missing values, typing errors, numbers as text, duplicates.

use super::draws::Draws;
use super::sheet::{FIRST_COLUMNS, MONTHS, SimulatedCell};
use SimulatedCell::{Empty, NotAvailable, Number, Percent, Text};

/// Duplicate rows.
const DUPLICATES: usize = 30;

pub(crate) fn add(draws: &mut Draws, rows: &mut Vec<Vec<SimulatedCell>>) {
    for row in rows.iter_mut() {
        spoil_columns(draws, row);
        spoil_months(draws, row);
    }
    if rows.is_empty() {
        return;
    }
    for i in 0..DUPLICATES {
        let mut row = rows[draws.below(rows.len())].clone();
        // A third of the duplicates differ: an older state of the account.
        if i % 3 == 0 {
            row[at("engagement")] = Empty;
        }
        let place = draws.below(rows.len());
        rows.insert(place, row);
    }
}

fn at(column: &str) -> usize {
    FIRST_COLUMNS.iter().position(|name| *name == column).unwrap_or(0)
}

/// A change of a cell by an error.
type Spoil<'a> = &'a dyn Fn(&SimulatedCell) -> SimulatedCell;

fn spoil_columns(draws: &mut Draws, row: &mut [SimulatedCell]) {
    let spelling = draws.below(3);
    let spoils: [(&str, f64, Spoil<'_>); 12] = [
        ("income", 0.020, &|_| Empty),
        ("income", 0.003, &|cell| Number(number(cell) * 100.0)),
        ("income", 0.015, &|cell| Text(number(cell).to_string())),
        ("income", 0.010, &|cell| Text(dollars(number(cell)))),
        ("engagement", 0.010, &|_| Empty),
        ("engagement", 0.002, &|_| NotAvailable),
        ("region", 0.006, &|_| Empty),
        ("region", 0.015, &|cell| respell(cell, spelling)),
        ("discount", 0.005, &|_| Empty),
        ("discount", 0.020, &|cell| Text(format!("{}%", (100.0 * number(cell)).round()))),
        ("acquisition_cost", 0.010, &|cell| Text(dollars(number(cell)))),
        ("tenure_months", 0.005, &|cell| Text(number(cell).to_string())),
    ];
    for (column, probability, spoil) in spoils {
        let cell = &mut row[at(column)];
        let whole = matches!(cell, Number(_) | Percent(_)) || column == "region" && matches!(cell, Text(_));
        if draws.happens(probability) && whole {
            *cell = spoil(cell);
        }
    }
}

/// A month that was not entered, or one typed with an extra digit.
fn spoil_months(draws: &mut Draws, row: &mut [SimulatedCell]) {
    let (lost, slipped) = (draws.happens(0.03), draws.happens(0.015));
    let months = &mut row[FIRST_COLUMNS.len()..FIRST_COLUMNS.len() + MONTHS];
    let (first, second) = (1 + draws.below(MONTHS - 2), 1 + draws.below(MONTHS - 2));
    if lost {
        months[first] = Empty;
    }
    if slipped && let Number(spent) = months[second] {
        months[second] = Number(10.0 * spent);
    }
}

fn number(cell: &SimulatedCell) -> f64 {
    match cell {
        Number(n) | Percent(n) => *n,
        _ => 0.0,
    }
}

fn dollars(n: f64) -> String {
    format!("${}.00", crate::text::count(n.round() as usize))
}

fn respell(cell: &SimulatedCell, spelling: usize) -> SimulatedCell {
    match cell {
        Text(text) if spelling == 0 => Text(text.to_uppercase()),
        Text(text) if spelling == 1 => Text(text.to_lowercase()),
        Text(text) => Text(format!(" {text} ")),
        other => other.clone(),
    }
}
