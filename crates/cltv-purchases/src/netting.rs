//! Returns netted into the purchases they undo.

use std::collections::HashMap;

use crate::raw::RawRow;

/// Takes each return from the same customer's purchases on or before its day, the latest first.
///
/// Returns are taken in the order of their days. The result is the amount that found no purchase.
pub(crate) fn net(rows: &mut [RawRow], returns: &[RawRow]) -> f64 {
    let mut purchases: HashMap<Option<String>, Vec<usize>> = HashMap::new();
    for (i, row) in rows.iter().enumerate() {
        purchases.entry(row.customer_id.clone()).or_default().push(i);
    }
    for indices in purchases.values_mut() {
        indices.sort_by_key(|&i| (rows[i].date, rows[i].row));
    }
    let mut ordered: Vec<&RawRow> = returns.iter().collect();
    ordered.sort_by_key(|row| (row.date, row.row));
    let mut unmatched = 0.0;
    for item in ordered {
        let own = purchases.get(&item.customer_id).map_or(&[][..], Vec::as_slice);
        unmatched += take_from(rows, own, item);
    }
    unmatched
}

fn take_from(rows: &mut [RawRow], own: &[usize], item: &RawRow) -> f64 {
    let mut left = item.amount.unwrap_or_default().abs();
    for &i in own.iter().rev() {
        if left <= 0.0 {
            break;
        }
        if rows[i].date > item.date {
            continue;
        }
        let amount = rows[i].amount.unwrap_or_default();
        let taken = left.min(amount);
        rows[i].amount = Some(cents(amount - taken));
        left = cents(left - taken);
    }
    left
}

/// Differences of two decimals carry the error of the binary fractions; a millionth is enough.
fn cents(amount: f64) -> f64 {
    (amount * 1e6).round() / 1e6
}
