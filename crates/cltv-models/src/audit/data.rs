//! Audits of the data a model is fitted on.

use crate::audit::{Audit, AuditLevel};
use crate::base::words::grouped;
use crate::summary::intervals::wheat_morrison;
use crate::summary::rfm::RfmSummary;

/// Absolute Spearman correlation of frequency and mean spend from which it is a note.
pub const CORRELATION_NOTE: f64 = 0.25;
/// Absolute Spearman correlation at which Gamma-Gamma's independence does not hold.
pub const CORRELATION_WARNING: f64 = 0.30;
/// Repeat customers below which intervals are wide: the standard error of ln a, .23 on CDNOW's
/// 946, grows with 1/√n to about .45.
pub const SMALL_SAMPLE_NOTE: usize = 250;
/// Repeat customers below which dropout is known only to a factor of about four either way.
pub const SMALL_SAMPLE_WARNING: usize = 100;
/// Share of rows that are further items of an order (or further rows of a customer's day).
pub const ITEM_ROWS_NOTE: f64 = 0.2;
/// Share at which rows clearly are items, so that counting rows would triple frequencies.
pub const ITEM_ROWS_WARNING: f64 = 0.5;
/// Share of repeat customers with more repeat purchases than grain periods to make them in.
pub const WITHIN_GRAIN_NOTE: f64 = 1e-9;
/// The same share, at which purchases were clearly not merged.
pub const WITHIN_GRAIN_WARNING: f64 = 0.01;
/// First purchases of the first period, against the mean of the next two.
pub const CENSORED_NOTE: f64 = 1.5;
/// The same ratio, at which most "first" purchases of the first period cannot be first ones.
pub const CENSORED_WARNING: f64 = 2.0;
/// First purchases needed to judge the panel.
pub const MIN_FIRST_PURCHASES: u64 = 30;
/// Estimated Erlang order of the intervals; 1 is a Poisson process.
pub const REGULARITY_NOTE: f64 = 1.5;
/// The order from which a regular-interval model (CNBD-2 or higher) would do better.
pub const REGULARITY_WARNING: f64 = 2.0;
/// Pairs of intervals needed to estimate that order.
pub const MIN_INTERVALS: usize = 50;

/// Relative difference up to which two values tie: more than the rounding of a mean of equal amounts, and less than any
/// amount of money.
const TIE: f64 = 1e-10;

/// Spearman's rank correlation with average ranks for ties; `None` for fewer than three pairs or
/// when one side is constant. Values that differ by rounding alone tie.
#[must_use]
pub fn spearman(left: &[f64], right: &[f64]) -> Option<f64> {
    if left.len() != right.len() || left.len() < 3 {
        return None;
    }
    let (left, right) = (average_ranks(left), average_ranks(right));
    let middle = 0.5 * (left.len() as f64 + 1.0);
    let product =
        |a: &[f64], b: &[f64]| -> f64 { a.iter().zip(b).map(|(a, b)| (a - middle) * (b - middle)).sum() };
    let spread = (product(&left, &left) * product(&right, &right)).sqrt();
    (spread > 0.0).then(|| product(&left, &right) / spread)
}

/// Ranks from 1; equal values share the average of their ranks.
fn average_ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&i, &j| values[i].total_cmp(&values[j]));
    let mut ranks = vec![0.0; values.len()];
    let mut before = 0.0;
    let tie =
        |i: usize, j: usize| (values[j] - values[i]).abs() <= TIE * values[i].abs().max(values[j].abs());
    for ties in order.chunk_by(|&i, &j| tie(i, j)) {
        let count = ties.len() as f64;
        ties.iter().for_each(|&i| ranks[i] = before + 0.5 * (count + 1.0));
        before += count;
    }
    ranks
}

/// Gamma-Gamma takes spend to be independent of frequency: Spearman among repeat customers.
///
/// Where all of them spend the same there is no correlation; the figure is then 0, with a note. `None` for data without
/// amounts, or with fewer than three repeat customers.
#[must_use]
pub fn spend_frequency_correlation(rfm: &RfmSummary) -> Option<Audit> {
    let (frequency, spend): (Vec<f64>, Vec<f64>) = rfm
        .frequency()
        .iter()
        .zip(rfm.monetary()?)
        .filter(|&(&x, _)| x > 0)
        .map(|(&x, &spend)| (x as f64, spend))
        .unzip();
    if frequency.len() < 3 {
        return None;
    }
    let Some(figure) = spearman(&frequency, &spend) else {
        return Some(no_correlation(&frequency, &spend));
    };
    let level = AuditLevel::from_high(figure.abs(), CORRELATION_NOTE, CORRELATION_WARNING);
    let advice = match level {
        AuditLevel::Warning => {
            "so Gamma-Gamma's assumption does not hold: frequent buyers' spend is misjudged, and values should be read by segment"
        }
        AuditLevel::Note => "close to where Gamma-Gamma's assumption stops holding",
        AuditLevel::Ok => "low enough for Gamma-Gamma's assumption that they are independent",
    };
    Some(Audit {
        name: "spend_frequency_correlation",
        level,
        figure,
        message: format!(
            "The rank correlation of frequency and mean spend among {} repeat customers is {figure:.3} (a warning from {CORRELATION_WARNING:.2} on), {advice}.",
            grouped(frequency.len() as u64)
        ),
    })
}

/// The audit where the rank correlation is not defined, because one side is the same for all.
fn no_correlation(frequency: &[f64], spend: &[f64]) -> Audit {
    let customers = grouped(frequency.len() as u64);
    let amount = spend.iter().sum::<f64>() / spend.len() as f64;
    let is_same_spend = spearman(spend, spend).is_none();
    let message = if is_same_spend {
        format!(
            "All {customers} repeat customers spend {amount:.2} a purchase on average, so that the rank correlation of frequency and spend is not defined: Gamma-Gamma adds nothing, and expected spend is that amount. Where customers pay one price at regular times, look at notebook 08 on contracts."
        )
    } else {
        format!(
            "All {customers} repeat customers bought equally often, so that the rank correlation of frequency and spend is not defined, and whether they are independent cannot be tested."
        )
    };
    Audit { name: "spend_frequency_correlation", level: AuditLevel::Note, figure: 0.0, message }
}

/// Whether there are enough repeat customers for an estimate.
#[must_use]
pub fn small_sample(rfm: &RfmSummary) -> Audit {
    let repeat = rfm.repeat_customers();
    let level = if repeat < SMALL_SAMPLE_WARNING {
        AuditLevel::Warning
    } else if repeat < SMALL_SAMPLE_NOTE {
        AuditLevel::Note
    } else {
        AuditLevel::Ok
    };
    let advice = match level {
        AuditLevel::Ok => "enough for stable parameters",
        _ => "too few for stable parameters: read totals, not single customers, and look at the intervals",
    };
    Audit {
        name: "small_sample",
        level,
        figure: repeat as f64,
        message: format!(
            "{} of {} customers bought again (a note below {SMALL_SAMPLE_NOTE}, a warning below {SMALL_SAMPLE_WARNING}), {advice}.",
            grouped(repeat as u64),
            grouped(rfm.len() as u64)
        ),
    }
}

/// Counts of a table of purchases, before and after merging by customer and day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PurchaseCounts {
    /// Rows of the table.
    pub rows: u64,
    /// Customer-days: what counts as purchases at grain day.
    pub purchases: u64,
    /// Distinct order ids, where the table has them.
    pub orders: Option<u64>,
    /// Rows whose customer has another row on the same day.
    pub rows_sharing_a_day: u64,
}

/// Whether the rows are items of orders instead of purchases.
///
/// The figure is the share of rows beyond the first of their order; without order ids, the share
/// of rows beyond the first of their customer's day.
#[must_use]
pub fn item_rows(counts: PurchaseCounts) -> Audit {
    let rows = counts.rows.max(1) as f64;
    let (units, of) = match counts.orders {
        Some(orders) => (orders, "orders"),
        None => (counts.purchases, "customer-days"),
    };
    let figure = (1.0 - units as f64 / rows).max(0.0);
    let level = AuditLevel::from_high(figure, ITEM_ROWS_NOTE, ITEM_ROWS_WARNING);
    let advice = match level {
        AuditLevel::Ok => "so rows are purchases, not items",
        _ => {
            "so rows look like items of an order: they were merged, and frequency counts purchases, but check that amounts are a row's and not the whole order's on every row"
        }
    };
    Audit {
        name: "item_rows",
        level,
        figure,
        message: format!(
            "{} rows are {} {of} and {} purchases; {:.1}% of the rows share their customer's day with another, and {:.1}% are beyond the first of their {} (a warning from {:.0}% on), {advice}.",
            grouped(counts.rows),
            grouped(units),
            grouped(counts.purchases),
            100.0 * counts.rows_sharing_a_day as f64 / rows,
            100.0 * figure,
            of.trim_end_matches('s'),
            100.0 * ITEM_ROWS_WARNING
        ),
    }
}

/// Whether repeat purchases were counted inside one grain period: x above t_x in grain periods,
/// plus one period of tolerance for rounded times and uneven months.
#[must_use]
pub fn repeats_within_grain(rfm: &RfmSummary) -> Audit {
    let periods = rfm.unit().days() / rfm.grain().days();
    let too_many =
        (0..rfm.len()).filter(|&i| rfm.frequency()[i] as f64 > rfm.t_x()[i] * periods + 1.0).count();
    let figure = too_many as f64 / rfm.repeat_customers().max(1) as f64;
    let level = AuditLevel::from_high(figure, WITHIN_GRAIN_NOTE, WITHIN_GRAIN_WARNING);
    let grain = rfm.grain();
    let advice = match level {
        AuditLevel::Ok => format!("as it must be once purchases are merged by {grain}"),
        _ => format!(
            "so purchases were not merged by {grain}, or frequency counts item rows: summarise the transactions again"
        ),
    };
    Audit {
        name: "repeats_within_grain",
        level,
        figure,
        message: format!(
            "{} repeat customers have more repeat purchases than {grain}s between their first and last one, {advice}.",
            grouped(too_many as u64)
        ),
    }
}

/// Whether the panel starts in the middle of its customers' histories.
///
/// `first_purchases` counts customers by the period of their first purchase: equal periods, about
/// as long as customers wait between purchases (a month), counted from the panel's first day. When
/// a panel starts, old customers look new, so the first period has many more "first" purchases
/// than the next two. The figure is that ratio. When nobody joins after the first period it is
/// that period's count, with a note: a cohort by design looks the same as a cut panel.
/// `None` below [`MIN_FIRST_PURCHASES`] or with one period only.
#[must_use]
pub fn left_censored_panel(first_purchases: &[u64]) -> Option<Audit> {
    let total: u64 = first_purchases.iter().sum();
    let (&first, later) = first_purchases.split_first()?;
    if total < MIN_FIRST_PURCHASES || later.is_empty() {
        return None;
    }
    let next = &later[..later.len().min(2)];
    let mean = next.iter().sum::<u64>() as f64 / next.len() as f64;
    let (figure, level) = if total == first {
        (first as f64, AuditLevel::Note)
    } else {
        let figure = first as f64 / mean.max(1.0);
        (figure, AuditLevel::from_high(figure, CENSORED_NOTE, CENSORED_WARNING))
    };
    let advice = match level {
        _ if total == first => {
            "nobody joined later: fine for a cohort chosen by its first purchase, wrong for a panel that merely starts there"
        }
        AuditLevel::Ok => "as expected when customers are seen from their true first purchase",
        _ => {
            "as when a panel starts in the middle of its customers' histories: leave out customers seen in the first period, or start later and use the first period only to know who is new"
        }
    };
    Some(Audit {
        name: "left_censored_panel",
        level,
        figure,
        message: format!(
            "{} of {} first purchases fall in the panel's first period, {mean:.0} a period in the next {} (a warning from {CENSORED_WARNING:.0} times on): {advice}.",
            grouped(first),
            grouped(total),
            next.len()
        ),
    })
}

/// Whether purchases are too regular for a Poisson process (Wheat & Morrison 1990).
///
/// `intervals` are each customer's first two waiting times between purchases, in any unit; the
/// figure is [`wheat_morrison`]'s. `None` below [`MIN_INTERVALS`] pairs.
#[must_use]
pub fn purchase_regularity(intervals: &[(f64, f64)]) -> Option<Audit> {
    let pairs = intervals.iter().filter(|(first, second)| *first > 0.0 && *second > 0.0).count();
    if pairs < MIN_INTERVALS {
        return None;
    }
    let figure = wheat_morrison(intervals)?;
    let level = AuditLevel::from_high(figure, REGULARITY_NOTE, REGULARITY_WARNING);
    let advice = match level {
        AuditLevel::Ok => "close to or below the 1 of purely random timing",
        _ => "more regular than random timing: a model with Erlang intervals would recognise dropout sooner",
    };
    Some(Audit {
        name: "purchase_regularity",
        level,
        figure,
        message: format!(
            "The intervals of {} customers between purchases look like Erlang of order {figure:.2} (a warning from {REGULARITY_WARNING:.0} on), {advice}.",
            grouped(pairs as u64)
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::units::{Grain, TimeUnit};

    #[test]
    fn ties_share_their_average_rank() {
        assert_eq!(average_ranks(&[3.0, 1.0, 3.0, 2.0]), [3.5, 1.0, 3.5, 2.0]);
        assert_eq!(spearman(&[1.0, 2.0, 3.0], &[2.0, 4.0, 9.0]), Some(1.0));
        assert_eq!(spearman(&[1.0, 2.0, 3.0], &[9.0, 4.0, 2.0]), Some(-1.0));
        assert_eq!(spearman(&[1.0, 1.0, 1.0], &[9.0, 4.0, 2.0]), None);
        // Means of a price of 9.99, by the customer's number of purchases.
        let means: Vec<f64> = (1..40).map(|n| (0..n).map(|_| 9.99).sum::<f64>() / f64::from(n)).collect();
        assert!(means.iter().any(|mean| *mean != 9.99));
        let frequency: Vec<f64> = (1..40).map(f64::from).collect();
        assert_eq!(spearman(&frequency, &means), None);
    }

    #[test]
    fn item_rows_are_seen_with_and_without_order_ids() {
        let mut counts =
            PurchaseCounts { rows: 6919, purchases: 6696, orders: None, rows_sharing_a_day: 432 };
        assert_eq!(item_rows(counts).level, AuditLevel::Ok);
        counts.purchases = 2000;
        assert_eq!(item_rows(counts).level, AuditLevel::Warning);
        // Many orders a day are not items.
        counts.orders = Some(6900);
        assert_eq!(item_rows(counts).level, AuditLevel::Ok);
    }

    #[test]
    fn a_cut_panel_is_seen() {
        let level = |counts: &[u64]| left_censored_panel(counts).map(|audit| audit.level);
        // CDNOW: January, February, March 1997, then nobody: a cohort by design.
        assert_eq!(level(&[781, 857, 719, 0, 0]), Some(AuditLevel::Ok));
        assert_eq!(level(&[5000, 1500, 900, 700]), Some(AuditLevel::Warning));
        assert_eq!(level(&[900, 0, 0]), Some(AuditLevel::Note));
        assert_eq!(level(&[90]), None);
        assert_eq!(level(&[3, 2]), None);
    }

    #[test]
    fn regular_intervals_are_seen() {
        let uniform: Vec<(f64, f64)> = (1..200).map(|k| (f64::from(k), f64::from(200 - k))).collect();
        let audit = purchase_regularity(&uniform).unwrap();
        assert!((audit.figure - 1.0).abs() < 0.03, "{audit}");
        let regular = vec![(30.0, 31.0); 60];
        assert_eq!(purchase_regularity(&regular).unwrap().level, AuditLevel::Warning);
        assert_eq!(purchase_regularity(&regular[..10]), None);
    }

    #[test]
    fn unmerged_purchases_are_seen() {
        let rfm = RfmSummary::try_new(
            TimeUnit::Week,
            Grain::Day,
            vec!["a".into(), "b".into()],
            vec![2, 40],
            vec![1.0, 1.0],
            vec![5.0, 5.0],
            None,
        )
        .unwrap();
        let audit = repeats_within_grain(&rfm);
        assert_eq!((audit.level, audit.figure), (AuditLevel::Warning, 0.5));
        assert_eq!(small_sample(&rfm).level, AuditLevel::Warning);
        assert_eq!(spend_frequency_correlation(&rfm), None);
    }

    #[test]
    fn one_price_has_no_correlation_and_says_so() {
        let of = |frequency: Vec<u32>, monetary: Vec<f64>| {
            let n = frequency.len();
            let ids = (0..n).map(|k| k.to_string()).collect::<Vec<_>>();
            let t_x = vec![20.0; n];
            let rfm = RfmSummary::try_new(
                TimeUnit::Week,
                Grain::Day,
                ids.iter().map(|id| id.as_str().into()).collect::<Vec<_>>(),
                frequency,
                t_x,
                vec![30.0; n],
                Some(monetary),
            );
            spend_frequency_correlation(&rfm.unwrap()).unwrap()
        };
        let audit = of(vec![1, 2, 3, 4], vec![9.99, (9.99 + 9.99) / 2.0, (9.99 + 9.99 + 9.99) / 3.0, 9.99]);
        assert_eq!((audit.level, audit.figure), (AuditLevel::Note, 0.0));
        assert!(audit.message.starts_with("All 4 repeat customers spend 9.99 a purchase"), "{audit}");
        let audit = of(vec![2, 2, 2], vec![9.0, 10.0, 11.0]);
        assert!(audit.message.contains("bought equally often"), "{audit}");
        assert_eq!(of(vec![1, 2, 3], vec![9.0, 10.0, 11.0]).level, AuditLevel::Warning);
    }
}
