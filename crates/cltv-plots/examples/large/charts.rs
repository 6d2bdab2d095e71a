//! Every chart whose input grows with customers, accounts, draws or days, over simulated ones.

use cltv_plots::*;

/// A chart to draw.
pub(crate) struct Large {
    /// Its name.
    pub(crate) name: &'static str,
    /// Whether it draws fewer marks than rows, and must say so.
    pub(crate) reduced: bool,
    /// Draws it.
    pub(crate) draw: Box<dyn Fn() -> Result<Chart, PlotError>>,
}

/// The charts over this many customers; only `draw` takes the time that a report spends on them.
pub(crate) fn charts(customers: usize) -> Vec<Large> {
    let base = std::rc::Rc::new(Base::simulated(customers));
    let mut charts = Vec::new();
    let mut add = |name, reduced, draw: fn(&Base) -> Result<Chart, PlotError>| {
        let base = base.clone();
        charts.push(Large { name, reduced, draw: Box::new(move || draw(&base)) });
    };
    add("recency_distribution", false, |b| recency_distribution(&b.days));
    add("frequency_distribution", false, |b| frequency_distribution(&b.purchases));
    add("monetary_distribution", false, |b| monetary_distribution(&b.spend, "$"));
    add("concentration_curve", false, |b| Ok(concentration_curve(&ConcentrationCurve::of(&b.clv)?, "$")));
    add("account_value_concentration", false, |b| {
        Ok(account_value_concentration(&ConcentrationCurve::of(&b.clv)?, "$"))
    });
    add("account_value_distribution", false, |b| account_value_distribution(&b.clv, "realised", "$"));
    add("clv_distribution", false, |b| clv_distribution(&b.clv, 6, "$"));
    add("spend_density", false, |b| spend_density(&b.spend, &[0.0, 50.0, 200.0], &[0.0, 0.01, 0.001], "$"));
    add("purchase_regularity", false, |b| purchase_regularity(&b.p_alive, 1.4, &[0.0, 1.5, 0.0]));
    add("total_value_draws", false, |b| total_value_draws(&b.clv, (10.0, 8.0, 12.0), 0.95, 6, "$"));
    add("clv_by_p_return", true, |b| clv_by_p_return(&b.ids, &b.p_alive, &b.clv, &b.segments, 6, "$"));
    add("value_intervals", true, |b| value_intervals(&b.ids, &b.clv, &b.low, &b.high, 0.95, 6, "$"));
    add("income_and_value", true, |b| income_and_value(&b.ids, &b.spend, &b.clv, "$"));
    add("actual_and_predicted", true, |b| actual_and_predicted(&b.clv, &b.high, "linear", "test", "$"));
    add("residuals_and_fitted", true, |b| residuals_and_fitted(&b.clv, &b.normal, "$"));
    add("normal_quantiles", true, |b| normal_quantiles(&b.sorted, &b.sorted));
    add("leverage", true, |b| leverage(&b.ids, &b.p_alive, &b.normal, &b.cooks));
    add("volatility_map", true, |b| volatility_map(&b.ids, &b.clv, &b.spend, &b.segments, 0.5, "$"));
    add("posterior_cloud", true, |b| posterior_cloud(("a", &b.spend), ("b", &b.high), (30.0, 40.0)));
    add("customer_timelines", true, |b| customer_timelines(&timelines(b), "9999-12-31", ""));
    add("purchases_over_time", true, |b| purchases_over_time(&totals(b), "$"));
    add("cumulative_tracking", true, |b| cumulative_tracking(&tracking(b)));
    add("incremental_tracking", true, |b| incremental_tracking(&tracking(b)));
    add("cohort_retention", true, |_| cohort_retention(&cohorts(600)));
    add("p_alive_matrix", true, |_| p_alive_matrix(&grid(400)));
    add("expected_purchases_matrix", true, |_| expected_purchases_matrix(&grid(400), 39.0));
    add("opportunities_alive", true, |_| opportunities_alive(&opportunities(400)));
    add("opportunities_expected", true, |_| opportunities_expected(&opportunities(400), 5, "donation"));
    charts
}

/// Columns with a row for each customer.
struct Base {
    ids: Vec<String>,
    segments: Vec<String>,
    purchases: Vec<u64>,
    days: Vec<f64>,
    spend: Vec<f64>,
    p_alive: Vec<f64>,
    clv: Vec<f64>,
    low: Vec<f64>,
    high: Vec<f64>,
    normal: Vec<f64>,
    sorted: Vec<f64>,
    cooks: Vec<f64>,
}

const SEGMENTS: [&str; 5] = ["Champions", "Loyal Customers", "Promising", "At Risk", "Hibernating"];

impl Base {
    /// Half of the customers buy once; values have a long tail and depend on P(alive).
    fn simulated(customers: usize) -> Base {
        let mut state = 42_u64;
        // PCG's multiplier; the upper bits are uniform enough for a picture.
        let mut uniform = move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            ((state >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
        };
        let mut column = |of: &mut dyn FnMut(&mut dyn FnMut() -> f64) -> f64| -> Vec<f64> {
            (0..customers).map(|_| of(&mut uniform)).collect()
        };
        let purchases: Vec<u64> =
            column(&mut |u| (-u().ln() * 1.5).floor() + 1.0).into_iter().map(|n| n as u64).collect();
        let normal = column(&mut |u| (0..12).map(|_| u()).sum::<f64>() - 6.0);
        let spend = column(&mut |u| 5.0 - 30.0 * u().ln());
        let days = column(&mut |u| (u() * 500.0).floor());
        let p_alive: Vec<f64> = purchases.iter().zip(&days).map(|(&n, day)| alive(n, *day)).collect();
        let clv: Vec<f64> = (0..customers)
            .map(|row| p_alive[row] * purchases[row] as f64 * spend[row] * (0.8 * normal[row]).exp())
            .collect();
        let mut sorted = normal.clone();
        sorted.sort_by(f64::total_cmp);
        Base {
            ids: (0..customers).map(|row| format!("C{row:08}")).collect(),
            segments: purchases.iter().map(|&n| SEGMENTS[5 - n.min(5) as usize].to_owned()).collect(),
            low: clv.iter().map(|value| 0.7 * value).collect(),
            high: clv.iter().zip(&normal).map(|(value, z)| value * (1.4 + 0.1 * z) + 0.01).collect(),
            cooks: normal.iter().map(|z| z.powi(8) / 1e4 / customers as f64).collect(),
            purchases,
            days,
            spend,
            p_alive,
            clv,
            normal,
            sorted,
        }
    }

    fn days(&self) -> usize {
        (self.ids.len() / 10).min(60_000)
    }
}

fn alive(purchases: u64, days: f64) -> f64 {
    1.0 / (1.0 + 0.05 * purchases as f64 * (days / 120.0).exp())
}

/// Sixty customers who have made all purchases, several a day.
fn timelines(base: &Base) -> Vec<CustomerTimeline> {
    let each = base.ids.len() / 60;
    let dates: Vec<String> = (0..each).map(|at| date(at / 5)).collect();
    let one = |id: &String| CustomerTimeline { customer_id: id.clone(), purchase_dates: dates.clone() };
    base.ids.iter().take(60).map(one).collect()
}

fn totals(base: &Base) -> PeriodTotals {
    PeriodTotals {
        period: "day".into(),
        starts: (0..base.days()).map(date).collect(),
        purchases: base.purchases[..base.days()].to_vec(),
        revenue: Some(base.spend[..base.days()].to_vec()),
    }
}

fn tracking(base: &Base) -> Tracking {
    let days = base.days();
    Tracking {
        unit: "day".into(),
        elapsed: (1..=days).map(|day| day as f64).collect(),
        actual: base.purchases[..days].iter().map(|&n| n as f64).collect(),
        expected: base.spend[..days].to_vec(),
        calibration_end: days as f64 / 2.0,
    }
}

fn cohorts(count: usize) -> CohortTable {
    let share = |cohort: usize, period: usize| Some(1.0 / (1.0 + period as f64 + 0.01 * cohort as f64));
    CohortTable {
        period: "week".into(),
        cohorts: (0..count).map(|week| date(7 * week)).collect(),
        sizes: (0..count).map(|week| 900 + week as u64).collect(),
        retention: (0..count).map(|at| (0..count - at).map(|period| share(at, period)).collect()).collect(),
    }
}

fn grid(places: usize) -> HistoryGrid {
    HistoryGrid {
        unit: "week".into(),
        age: 78.0,
        frequency: (0..places as u64).collect(),
        recency: (0..places).map(|at| at as f64).collect(),
        values: (0..places)
            .map(|t| (0..places).map(|x| Some(1.0 / (1.0 + x as f64 / (1.0 + t as f64)))).collect())
            .collect(),
    }
}

fn opportunities(count: u64) -> OpportunityGrid {
    let cell = |x: u64, t_x: u64| OpportunityCell { x, t_x, customers: 1 + x % 7, value: t_x as f64 / 400.0 };
    OpportunityGrid {
        opportunities: count,
        cells: (0..count).flat_map(|t_x| (0..=t_x).map(move |x| cell(x, t_x))).collect(),
        left_out: 0,
    }
}

/// The calendar day this many days after 1900-01-01.
fn date(days: usize) -> String {
    let mut rest = days;
    for year in 1900.. {
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let months = [31, if leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        let length: usize = months.iter().sum();
        if rest >= length {
            rest -= length;
            continue;
        }
        let mut month = 0;
        while rest >= months[month] {
            rest -= months[month];
            month += 1;
        }
        return format!("{year}-{:02}-{:02}", month + 1, rest + 1);
    }
    unreachable!("the years do not end")
}
