//! The definitions: purchases, summaries, RFM, splits, cohorts. Each is written here once.
//!
//! The table `rows` holds clean rows: `customer`, `day` and, where there are amounts, `amount`, in the order of
//! customer, day and amount.

use cltv_models::{DAYS_PER_MONTH, Grain, TimeUnit};

use crate::{Aggregate, Expr, Plan, col, missing, real, when, whole};

/// Columns that are added up when blocks of customers are put together.
pub const SUMS: [&str; 6] = ["active", "revenue", "purchases", "repeat_purchases", "customers", "births"];

/// The table of clean rows.
pub const ROWS: &str = "rows";

/// Rows merged into purchases: what lies in one period of the grain is one purchase of its customer.
///
/// Columns: `customer`, `period`, `day` (of its first row), `last_day`, `amount` (the sum of its rows), `rows`.
#[must_use]
pub fn purchases(grain: Grain, after: Option<i32>, end: i32, amounts: bool) -> Plan {
    let seen = col("day").le(whole(end));
    let seen = match after {
        Some(after) => seen.and(col("day").gt(whole(after))),
        None => seen,
    };
    let mut columns = vec![
        ("day", Aggregate::Min(col("day"))),
        ("last_day", Aggregate::Max(col("day"))),
        ("rows", Aggregate::Count),
    ];
    if amounts {
        columns.push(("amount", Aggregate::Sum(col("amount"))));
    }
    Plan::Table(ROWS)
        .filter(seen)
        .derive(vec![("period", col("day").period(grain))])
        .group_ordered(&["customer", "period"], columns)
}

/// Frequency x, recency t_x and age T of each customer at a day, in time units, with the mean spend of repeat
/// purchases (0 without one) and the sum of ln(time between purchases).
///
/// x = purchases - 1; t_x = last - first period; T = end - first period (Fader, Hardie and Lee 2005, section 2).
#[must_use]
pub fn summary(unit: TimeUnit, grain: Grain, end: i32, end_period: i64, amounts: bool) -> Plan {
    let units = |periods: Expr| periods.as_real() * real(days_of(grain)) / real(unit.days());
    let repeat = || !col("previous").is_missing();
    let mut columns = vec![
        ("purchases", Aggregate::Count),
        ("first", Aggregate::Min(col("period"))),
        ("last", Aggregate::Max(col("period"))),
        ("ln_intervals", Aggregate::Sum(col("ln_interval"))),
    ];
    if amounts {
        columns.push(("repeat_spend", Aggregate::Sum(when(repeat(), col("amount"), missing()))));
    }
    let interval = when(repeat(), units(col("period") - col("previous")), real(1.0));
    let mut derived = vec![
        ("frequency", col("purchases") - whole(1)),
        ("t_x", units(col("last") - col("first"))),
        ("age", units(whole(end_period) - col("first"))),
    ];
    if amounts {
        let mean = col("repeat_spend") / (col("purchases") - whole(1)).as_real();
        derived.push(("monetary", when(col("purchases").le(whole(1)), real(0.0), mean)));
    }
    purchases(grain, None, end, amounts)
        .previous("customer", "period", "previous")
        .derive(vec![("ln_interval", interval.ln())])
        .group_ordered(&["customer"], columns)
        .derive(derived)
}

/// What each customer bought after one day until another: `holdout_purchases`, `holdout_spend`.
#[must_use]
pub fn holdout(grain: Grain, after: i32, end: i32, amounts: bool) -> Plan {
    let mut columns = vec![("holdout_purchases", Aggregate::Count)];
    if amounts {
        columns.push(("holdout_spend", Aggregate::Sum(col("amount"))));
    }
    purchases(grain, Some(after), end, amounts).group_ordered(&["customer"], columns)
}

/// Each customer's number of purchases.
#[must_use]
pub fn purchase_counts(grain: Grain, end: i32) -> Plan {
    purchases(grain, None, end, false).group_ordered(&["customer"], vec![("purchases", Aggregate::Count)])
}

/// The day of each customer's first row.
#[must_use]
pub fn first_days(end: i32) -> Plan {
    Plan::Table(ROWS)
        .filter(col("day").le(whole(end)))
        .group_ordered(&["customer"], vec![("first_day", Aggregate::Min(col("day")))])
}

/// Customers by the day of their first row.
#[must_use]
pub fn births(end: i32) -> Plan {
    first_days(end).group(&["first_day"], vec![("births", Aggregate::Count)])
}

/// Repeat purchases by day, of customers whose first row is not after `born`.
#[must_use]
pub fn repeats_by_day(grain: Grain, born: i32, end: i32) -> Plan {
    purchases(grain, None, end, false)
        .previous("customer", "period", "previous")
        .join(first_days(end), "customer")
        .filter(col("first_day").le(whole(born)).and(!col("previous").is_missing()))
        .group(&["day"], vec![("repeat_purchases", Aggregate::Count)])
}

/// Purchases by day after the day `after`, of customers whose first row is not after `born`, without first purchases: those
/// of [`holdout`].
#[must_use]
pub fn repeats_by_day_after(grain: Grain, after: i32, born: i32, end: i32) -> Plan {
    let is_first = col("first_day").gt(whole(after)).and(col("previous").is_missing());
    purchases(grain, Some(after), end, false)
        .previous("customer", "period", "previous")
        .join(first_days(end), "customer")
        .filter(col("first_day").le(whole(born)).and(!is_first))
        .group(&["day"], vec![("repeat_purchases", Aggregate::Count)])
}

/// Recency in days, frequency and money of each customer at a snapshot, without scores.
#[must_use]
pub fn rfm(grain: Grain, snapshot: i32, amounts: bool) -> Plan {
    let mut columns = vec![
        ("frequency", Aggregate::Count),
        ("first_purchase", Aggregate::Min(col("day"))),
        ("last_purchase", Aggregate::Max(col("last_day"))),
    ];
    if amounts {
        columns.push(("monetary_total", Aggregate::Sum(col("amount"))));
    }
    let mut derived = vec![("recency_days", whole(snapshot) - col("last_purchase"))];
    if amounts {
        derived.push(("monetary_mean", col("monetary_total") / col("frequency").as_real()));
    }
    purchases(grain, None, snapshot, amounts).group_ordered(&["customer"], columns).derive(derived)
}

/// The score of each distinct value of a column, 1 to 5: quintiles in which equal values share a score.
///
/// With `below` smaller values, `n` equal ones and `all` in total, the midpoint of the ranks is below + (n + 1) / 2 and
/// the score ceil(5 midpoint / all), in whole numbers: (5 (2 below + n + 1) + 2 all - 1) div (2 all), at most 5.
fn scores(input: Plan, of: &'static str, all: i64, high_is_good: bool, name: &'static str) -> Plan {
    let twice_midpoint = whole(2) * (col("up_to") - col("n")) + col("n") + whole(1);
    let score = (whole(5) * twice_midpoint + whole(2 * all - 1)).floor_div(whole(2 * all));
    let score = when(whole(5).lt(score.clone()), whole(5), score);
    let order = if high_is_good { col(of).as_real() } else { real(0.0) - col(of).as_real() };
    input
        .group(&[of], vec![("n", Aggregate::Count)])
        .derive(vec![("n", col("n") + whole(0_i64)), ("order_of", order)])
        .running("order_of", "n", "up_to")
        .derive(vec![(name, score)])
        .select(&[of, name])
}

/// The range of values that have each score: `score`, `low` and `high`.
///
/// Scores rise or fall with the values, so that the ranges of two scores have no value in common.
#[must_use]
pub fn score_ranges(input: Plan, of: &'static str, all: i64, high_is_good: bool) -> Plan {
    let (low, high) = (Aggregate::Min(col(of)), Aggregate::Max(col(of)));
    scores(input, of, all, high_is_good, "score").group(&["score"], vec![("low", low), ("high", high)])
}

/// Customers, buyers and revenue by month of the first purchase and month of age.
///
/// Columns: `cohort` and `age` in calendar months, `active` customers, `revenue`.
#[must_use]
pub fn cohorts(end: i32, amounts: bool) -> Plan {
    let rows = || {
        let month = ("month", col("day").period(Grain::Month));
        Plan::Table(ROWS).filter(col("day").le(whole(end))).derive(vec![month])
    };
    let first = rows().group_ordered(&["customer"], vec![("cohort", Aggregate::Min(col("month")))]);
    let spent = |of: &'static str| Aggregate::Sum(col(of));
    let by_month = if amounts { vec![("spent", spent("amount"))] } else { vec![("rows", Aggregate::Count)] };
    let mut columns = vec![("active", Aggregate::Count)];
    if amounts {
        columns.push(("revenue", spent("spent")));
    }
    rows()
        .group_ordered(&["customer", "month"], by_month)
        .join(first, "customer")
        .derive(vec![("age", col("month") - col("cohort"))])
        .group(&["cohort", "age"], columns)
}

/// Purchases, repeat purchases and new customers by period; a purchase counts on the day of its first row.
#[must_use]
pub fn purchases_by_period(period: Grain, grain: Grain, end: i32) -> Plan {
    let repeat = when(col("previous").is_missing(), whole(0), whole(1));
    purchases(grain, None, end, false)
        .previous("customer", "period", "previous")
        .derive(vec![("start", col("day").period_start(period)), ("repeat", repeat)])
        .group(
            &["start"],
            vec![("purchases", Aggregate::Count), ("repeat_purchases", Aggregate::Sum(col("repeat")))],
        )
}

/// Customers with a row and revenue by period.
#[must_use]
pub fn customers_by_period(period: Grain, end: i32, amounts: bool) -> Plan {
    let spent = if amounts {
        vec![("spent", Aggregate::Sum(col("amount")))]
    } else {
        vec![("rows", Aggregate::Count)]
    };
    let mut columns = vec![("customers", Aggregate::Count)];
    if amounts {
        columns.push(("revenue", Aggregate::Sum(col("spent"))));
    }
    Plan::Table(ROWS)
        .filter(col("day").le(whole(end)))
        .derive(vec![("start", col("day").period_start(period))])
        .group_ordered(&["customer", "start"], spent)
        .group(&["start"], columns)
}

/// Histories with the number of customers that have each, at a day, and what these customers bought until another one.
///
/// A history is x (`frequency`) with the periods of the `first` and the `last` purchase, from which t_x and T follow.
/// Columns beside these: `customers`, `holdout_purchases`, and with amounts `spend` (the sum of the customers' mean spends a
/// repeat purchase) and `holdout_spend`. There are at most as many rows as triples, which days bound, not customers.
#[must_use]
pub fn history_counts(
    (unit, grain): (TimeUnit, Grain),
    (end, end_period): (i32, i64),
    observed: i32,
    amounts: bool,
) -> Plan {
    let or_zero = |name: &'static str, zero: Expr| when(col(name).is_missing(), zero, col(name));
    let mut columns = vec![
        ("customers", Aggregate::Count),
        ("holdout_purchases", Aggregate::Sum(or_zero("holdout_purchases", whole(0)))),
    ];
    if amounts {
        columns.push(("spend", Aggregate::Sum(col("monetary"))));
        columns.push(("holdout_spend", Aggregate::Sum(or_zero("holdout_spend", real(0.0)))));
    }
    summary(unit, grain, end, end_period, amounts)
        .join(holdout(grain, end, observed, amounts), "customer")
        .group(&["frequency", "first", "last"], columns)
}

/// Pairs of x (`frequency`) and mean spend (`monetary`) of customers who bought again, with the number of `customers`.
///
/// With a `width`, mean spends whose logarithms fall into one interval of this width are one row: `bin` is its number, and
/// `spend` the sum of the mean spends.
#[must_use]
pub fn spend_counts(
    (unit, grain): (TimeUnit, Grain),
    (end, end_period): (i32, i64),
    width: Option<f64>,
) -> Plan {
    let again = whole(0).lt(col("frequency")).and(real(0.0).lt(col("monetary")));
    let paid = summary(unit, grain, end, end_period, true).filter(again);
    let columns = vec![("customers", Aggregate::Count), ("spend", Aggregate::Sum(col("monetary")))];
    match width {
        None => paid.group(&["frequency", "monetary"], columns),
        Some(width) => paid
            .derive(vec![("bin", col("monetary").ln().floor_div(real(width)))])
            .group(&["frequency", "bin"], columns),
    }
}

/// Customers by recency and frequency at a snapshot: `recency_days`, `frequency`, `customers`, and with amounts `revenue`.
#[must_use]
pub fn rfm_counts(grain: Grain, snapshot: i32, amounts: bool) -> Plan {
    let mut columns = vec![("customers", Aggregate::Count)];
    if amounts {
        columns.push(("revenue", Aggregate::Sum(col("monetary_total"))));
    }
    rfm(grain, snapshot, amounts).group(&["recency_days", "frequency"], columns)
}

/// Days in a grain period; a month is 30.4375 days.
#[must_use]
pub fn days_of(grain: Grain) -> f64 {
    match grain {
        Grain::Day => 1.0,
        Grain::Week => 7.0,
        Grain::Month => DAYS_PER_MONTH,
    }
}
