//! Audits of money that a join may have counted more than once.

use std::collections::HashMap;
use std::hash::Hash;

use crate::audit::{Audit, AuditLevel};
use crate::base::error::InputError;
use crate::base::words::grouped;

/// Share of orders with several rows that have the same amount on every row, from which it is a note: two
/// items of one price are common.
pub const REPEATED_AMOUNTS_NOTE: f64 = 0.5;
/// The share at which the amount clearly is the order's, repeated on each of its rows.
pub const REPEATED_AMOUNTS_WARNING: f64 = 0.9;
/// Relative difference of a total and its source from which it is a note: more than rounding.
pub const TOTAL_NOTE: f64 = 1e-6;
/// Relative difference of a total and its source that changes conclusions.
pub const TOTAL_WARNING: f64 = 1e-3;

/// The orders of a table of rows, and what their amounts add to.
///
/// # Examples
/// ```
/// use cltv_models::audit::{OrderAmounts, money_summed_twice};
/// // Orders 1 and 2 were joined with their items, and each item carries the order's total.
/// let amounts = OrderAmounts::of(&[1, 1, 2, 2, 2, 3], &[40.0, 40.0, 9.0, 9.0, 9.0, 12.0])?;
/// assert_eq!((amounts.orders, amounts.several_rows, amounts.same_amount), (3, 2, 2));
/// assert_eq!((amounts.summed, amounts.once), (119.0, 61.0));
/// assert_eq!(money_summed_twice(&amounts).level.name(), "warning");
/// # Ok::<(), cltv_models::InputError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OrderAmounts {
    /// Distinct orders.
    pub orders: u64,
    /// Orders of two or more rows.
    pub several_rows: u64,
    /// Those of them with the same amount, other than 0, on every row.
    pub same_amount: u64,
    /// The sum over all rows.
    pub summed: f64,
    /// The same sum with such an order's amount counted once.
    pub once: f64,
}

impl OrderAmounts {
    /// Groups rows by their order.
    ///
    /// # Errors
    /// [`InputError::LengthMismatch`] when there is not one amount an order id.
    pub fn of<K: Hash + Eq>(orders: &[K], amounts: &[f64]) -> Result<Self, InputError> {
        let (found, expected) = (amounts.len(), orders.len());
        if found != expected {
            return Err(InputError::LengthMismatch { column: "amounts", found, expected });
        }
        // Rows, the first row's amount, and whether all rows have it.
        let mut known: HashMap<&K, (u64, f64, bool)> = HashMap::new();
        for (order, &amount) in orders.iter().zip(amounts) {
            let entry = known.entry(order).or_insert((0, amount, true));
            entry.0 += 1;
            entry.2 &= entry.1 == amount;
        }
        let summed = amounts.iter().sum();
        let mut out =
            Self { orders: known.len() as u64, several_rows: 0, same_amount: 0, summed, once: summed };
        for (rows, amount, same) in known.into_values().filter(|(rows, ..)| *rows > 1) {
            out.several_rows += 1;
            if same && amount != 0.0 {
                out.same_amount += 1;
                out.once -= (rows - 1) as f64 * amount;
            }
        }
        Ok(out)
    }
}

/// Whether a join has put an order's amount on each of its rows, so that a sum counts it again.
///
/// The figure is the share of orders with several rows that have one amount on all of them; without
/// such orders it is 0.
#[must_use]
pub fn money_summed_twice(amounts: &OrderAmounts) -> Audit {
    let figure = amounts.same_amount as f64 / amounts.several_rows.max(1) as f64;
    let level = AuditLevel::from_high(figure, REPEATED_AMOUNTS_NOTE, REPEATED_AMOUNTS_WARNING);
    let advice = match level {
        AuditLevel::Ok => "so amounts are the rows' own",
        AuditLevel::Note => "so check whether an amount is a row's or the whole order's",
        AuditLevel::Warning => {
            "so the amount is the whole order's, repeated on its rows: take one row an order before adding, or the items' own amounts"
        }
    };
    Audit {
        name: "money_summed_twice",
        level,
        figure,
        message: format!(
            "{} of {} orders with several rows have the same amount on all of them, {:.1}% (a warning from {:.0}% on); all rows add to {:.2}, and to {:.2} with those amounts counted once, {advice}.",
            grouped(amounts.same_amount),
            grouped(amounts.several_rows),
            100.0 * figure,
            100.0 * REPEATED_AMOUNTS_WARNING,
            amounts.summed,
            amounts.once
        ),
    }
}

/// Whether money is still all there, and only once, after joins and merges: the total of a table
/// that was made, against the total of its source, which `what` names ("spend").
///
/// The figure is the relative difference, made / source − 1.
#[must_use]
pub fn money_reconciles(what: &str, made: f64, source: f64) -> Audit {
    let figure = match made == source {
        true => 0.0,
        false => ((made - source) / source.abs().max(f64::MIN_POSITIVE)).clamp(-1e6, 1e6),
    };
    let level = AuditLevel::from_high(figure.abs(), TOTAL_NOTE, TOTAL_WARNING);
    let advice = match level {
        AuditLevel::Ok => "so nothing was lost or counted twice",
        _ if figure > 0.0 => {
            "so some was counted twice: a key that should be unique in one of the joined tables is not"
        }
        _ => "so some was lost: look at filters, missing keys and returns",
    };
    Audit {
        name: "money_reconciles",
        level,
        figure,
        message: format!(
            "The {what} used add to {made:.2} and those of the source to {source:.2}, a difference of {:.3}% (a warning from {:.1}% on), {advice}.",
            100.0 * figure,
            100.0 * TOTAL_WARNING
        ),
    }
}
