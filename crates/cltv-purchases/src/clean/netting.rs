//! Returns netted into the purchases they undo.
//!
//! This rule goes through a customer's rows one after another and has no form as a plan.

/// A row of a customer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Line {
    pub(crate) day: i32,
    pub(crate) row: u32,
    pub(crate) amount: f64,
}

/// Takes each return from the same customer's purchases on or before its day, the latest first.
///
/// Returns are the rows below 0, taken in the order of their days. The result is the amount that found no purchase.
pub(crate) fn net(lines: &mut [Line]) -> f64 {
    lines.sort_by_key(|line| (line.day, line.row));
    let mut unmatched = 0.0;
    for at in 0..lines.len() {
        if lines[at].amount >= 0.0 {
            continue;
        }
        let mut left = -lines[at].amount;
        let day = lines[at].day;
        for purchase in lines.iter_mut().rev().filter(|line| line.day <= day && line.amount > 0.0) {
            if left <= 0.0 {
                break;
            }
            let taken = left.min(purchase.amount);
            purchase.amount = rounded(purchase.amount - taken);
            left = rounded(left - taken);
        }
        unmatched += left;
    }
    unmatched
}

/// Differences of two decimals carry the error of the binary fractions; a millionth is enough.
fn rounded(amount: f64) -> f64 {
    (amount * 1e6).round() / 1e6
}
