//! What looks wrong in clean purchases: said beside the headline, and left as it is.

use cltv_protocol::text::{count, counted, money, percent};
use cltv_tables::words::quote;

use crate::ids::Ids;

/// Duplicates above this share of the rows are more than the odd repeated row.
const DUPLICATE_SHARE: f64 = 0.01;
/// A customer with more than this share of the rows, and more than so many times the rows of the customer at the 90th
/// percentile, may be no single customer.
const SHARED_ID: (f64, u32) = (0.05, 10);
/// Ids that programs give to buyers without an account.
const PLACEHOLDERS: [&str; 18] = [
    "0",
    "-1",
    "1",
    "9999",
    "99999",
    "999999",
    "guest",
    "guests",
    "gast",
    "invite",
    "invitado",
    "anonymous",
    "unknown",
    "cash",
    "walk-in",
    "walkin",
    "default",
    "test",
];
/// A placeholder with more than this share of the rows is named, whatever the other customers do.
const PLACEHOLDER_SHARE: f64 = 0.02;

/// Duplicates that were kept.
pub(super) fn duplicates(found: usize, rows: usize, amount: Option<f64>) -> Option<String> {
    if (found as f64) < DUPLICATE_SHARE * rows as f64 {
        return None;
    }
    let worth = amount.map(|amount| format!(", together {},", money(amount))).unwrap_or_default();
    Some(format!(
        "{} ({}){worth} equal an earlier row in every column and are kept as purchases: part of the export may be in the file twice; duplicates \"drop\" leaves them out.",
        counted(found, "row"),
        percent(found, rows)
    ))
}

/// Customers with so many rows that their id may be shared by many buyers.
pub(super) fn shared_ids(ids: &Ids, rows: &[u32]) -> Vec<String> {
    let all: u64 = rows.iter().map(|&n| u64::from(n)).sum();
    let mut sorted = rows.to_vec();
    if sorted.len() < 10 {
        return Vec::new();
    }
    let at = sorted.len() * 9 / 10;
    let usual = *sorted.select_nth_unstable(at).1;
    let share = |n: u32| f64::from(n) / all as f64;
    let shared = |(code, n): (u32, u32)| {
        let placeholder = PLACEHOLDERS.contains(&ids.get(code).to_lowercase().as_str());
        let many = share(n) > SHARED_ID.0 && n > SHARED_ID.1.saturating_mul(usual);
        many || (placeholder && share(n) > PLACEHOLDER_SHARE && n > 2 * usual)
    };
    let found = (0..).zip(rows.iter().copied()).filter(|&pair| shared(pair));
    found
        .map(|(code, n)| {
            format!(
                "Customer {id} has {} of {} purchase rows ({}), far more than others: if this id stands for guests or for no customer, leave_out {id} leaves it out.",
                count(n as usize),
                count(all as usize),
                percent(n as usize, all as usize),
                id = quote(ids.get(code)),
            )
        })
        .collect()
}
