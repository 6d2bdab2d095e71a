//! Small inputs, a chart of each kind, and what the tests read off a chart.

use cltv_plots::*;
use serde_json::Value;

/// What no label may be taken as: markup, a template, a script's end.
pub(crate) const INJECTION: &str = "<script>alert(1)</script><b>%{x}</b>&amp;\u{2028}$a$";

pub(crate) fn texts(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn groups() -> Vec<FrequencyGroup> {
    let group =
        |(frequency, customers, actual, expected)| FrequencyGroup { frequency, customers, actual, expected };
    [(0, 2, 1, 0.5), (2, 1, 1, 0.9), (9, 1, 6, 5.1)].map(group).to_vec()
}

pub(crate) fn totals() -> PeriodTotals {
    PeriodTotals {
        period: "month".into(),
        starts: texts(&["1997-01-01", "1997-02-01", "1997-03-01"]),
        purchases: vec![2100, 2900, 1800],
        revenue: Some(vec![70_000.5, 95_000.0, 61_000.0]),
    }
}

pub(crate) fn cohorts() -> CohortTable {
    CohortTable {
        period: "month".into(),
        cohorts: texts(&["1997-01", "1997-02", "1997-03"]),
        sizes: vec![781, 820, 756],
        retention: vec![
            vec![Some(1.0), Some(0.22), Some(0.18)],
            vec![Some(1.0), Some(0.24), None],
            vec![Some(1.0)],
        ],
    }
}

pub(crate) fn timeline(id: &str) -> CustomerTimeline {
    CustomerTimeline { customer_id: id.into(), purchase_dates: texts(&["1997-01-01", "1997-01-18"]) }
}

pub(crate) fn grid() -> HistoryGrid {
    HistoryGrid {
        unit: "week".into(),
        age: 39.0,
        frequency: vec![0, 1, 2],
        recency: vec![0.0, 20.0, 39.0],
        values: vec![
            vec![Some(1.0), None, None],
            vec![None, Some(0.6), Some(0.3)],
            vec![None, Some(0.8), Some(0.9)],
        ],
    }
}

pub(crate) fn weeks() -> Tracking {
    Tracking {
        unit: "week".into(),
        elapsed: vec![1.0, 2.0, 3.0, 4.0],
        actual: vec![12.0, 20.0, 25.0, 15.0],
        expected: vec![14.0, 19.0, 23.5, 17.5],
        calibration_end: 2.0,
    }
}

pub(crate) fn segment(name: &str, revenue: Option<f64>) -> SegmentTotal {
    SegmentTotal { name: name.into(), customers: 310, revenue }
}

pub(crate) fn group(name: &str) -> GroupValue {
    GroupValue { name: name.into(), customers: 471, value: 31_000.0, winback_value: Some(4_100.0) }
}

pub(crate) fn pair(segment: &str, tier: &str, value: f64) -> SegmentTierValue {
    SegmentTierValue { segment: segment.into(), tier: tier.into(), customers: 10, value }
}

pub(crate) fn rfm_cell(r: u8, f: u8) -> RfmCell {
    RfmCell { r, f, customers: 120, mean_monetary: Some(42.5) }
}

pub(crate) fn scatter(id: &str, segment: &str) -> Result<Chart, PlotError> {
    let ids = texts(&[id, "2", "3"]);
    let segments = texts(&[segment, "At Risk", segment]);
    clv_by_p_return(&ids, &[0.9, 0.2, 0.4], &[88.0, 4.0, 1e-9], &segments, 6, "$")
}

pub(crate) fn ids() -> Vec<String> {
    texts(&["A-1", "A-2", "A-3"])
}

pub(crate) fn fan() -> ExpenseFan {
    ExpenseFan {
        whose: "all accounts".into(),
        months: texts(&["2025-11-01", "2025-12-01"]),
        spent: vec![900.0, 1200.0],
        ahead: texts(&["2026-01-01", "2026-02-01"]),
        mean: vec![950.0, 930.0],
        low: vec![800.0, 700.0],
        high: vec![1100.0, 1150.0],
        level: 0.9,
        tested: 1,
    }
}

pub(crate) fn channel(name: &str, ratio: Option<f64>) -> ChannelRatio {
    ChannelRatio { name: name.into(), accounts: 40, ratio, payback_months: ratio.map(|r| 36.0 / r) }
}

pub(crate) fn moved(input: &str, size: f64) -> SensitivityBar {
    SensitivityBar { input: input.into(), down: Some(-size), up: Some(1.1 * size) }
}

pub(crate) fn quarter(name: &str, mean: f64) -> QuarterValue {
    QuarterValue { name: name.into(), customers: 125, mean, total: 125.0 * mean }
}

pub(crate) fn origin(day: &str, model: &str) -> OriginTotal {
    OriginTotal {
        origin: day.into(),
        model: model.into(),
        expected: 600.0,
        low: 520.0,
        high: 690.0,
        actual: 660,
    }
}

pub(crate) fn model_total(model: &str, trusted: bool) -> ModelTotal {
    ModelTotal { model: model.into(), expected: 1653.4, low: 1500.0, high: 1810.0, trusted }
}

pub(crate) fn tenth(expected: f64, actual: u64) -> Tenth {
    Tenth { customers: 236, expected, low: 0.8 * expected, high: 1.2 * expected, actual }
}

pub(crate) fn by_method(method: &str, low: Option<f64>) -> MethodInterval {
    MethodInterval { parameter: "a".into(), method: method.into(), estimate: 0.8, low, high: Some(1.2) }
}

/// Intervals of customers with these values.
pub(crate) fn intervals(ids: &[String], value: &[f64]) -> Result<Chart, PlotError> {
    let times = |factor: f64| value.iter().map(|value| factor * value).collect::<Vec<_>>();
    value_intervals(ids, value, &times(0.5), &times(2.0), 0.95, 6, "$")
}

pub(crate) fn concentrated(amounts: &[f64], currency: &str) -> Result<Chart, PlotError> {
    Ok(concentration_curve(&ConcentrationCurve::of(amounts)?, currency))
}

pub(crate) fn curve(name: &str, observed: bool) -> ContractCurve {
    ContractCurve { name: name.into(), values: vec![1.0, 0.631, 0.468], observed }
}

pub(crate) fn contract(name: &str) -> ContractCurves {
    ContractCurves {
        cohort: name.into(),
        period: "year".into(),
        fitted_until: 1,
        curves: vec![curve("Observed", true), curve("sBG", false)],
    }
}

pub(crate) fn opportunities(values: [(u64, u64, f64); 2]) -> OpportunityGrid {
    let cell = |(x, t_x, value)| OpportunityCell { x, t_x, customers: 100, value };
    OpportunityGrid { opportunities: 6, cells: values.map(cell).to_vec(), left_out: 0 }
}

/// Every chart of the crate, drawn from small inputs.
pub(crate) fn all() -> Vec<Chart> {
    let charts = [
        purchases_over_time(&totals(), "$"),
        recency_distribution(&[3.0, 41.0, 250.0, 8.0]),
        frequency_distribution(&[1, 1, 2, 14]),
        monetary_distribution(&[11.77, 20.76, 20.76, 130.0], "$"),
        concentrated(&[5.0, 20.0, 75.0, 0.0, 100.0], "$"),
        cohort_retention(&cohorts()),
        rfm_heatmap(&[rfm_cell(5, 5), rfm_cell(1, 2)], "$"),
        segment_overview(&[segment("Champions", Some(61_000.0)), segment("Lost", Some(9.0))], "$"),
        customer_timelines(&[timeline("00004"), timeline("00021")], "1998-06-30", "1997-09-30"),
        expected_purchases_matrix(&grid(), 39.0),
        p_alive_matrix(&grid()),
        repeat_purchases(&[1411, 439, 214, 293], &[1416.1, 402.3, 208.8, 329.8]),
        holdout_by_frequency(&groups(), 39.0, "week"),
        cumulative_tracking(&weeks()),
        incremental_tracking(&weeks()),
        spend_density(&[22.0, 31.0, 35.5], &[0.0, 20.0, 40.0], &[0.0, 0.03, 0.01], "$"),
        clv_distribution(&[3.2, 18.0, 44.5, 7.1], 6, "$"),
        scatter("00004", "Champions"),
        value_by_group(&[group("High"), group("Low")], "tier", 6, "$"),
        value_by_segment_and_tier(&[pair("A", "High", 900.0), pair("B", "Low", 40.0)], 6, "$"),
        account_value_distribution(&[-20.0, 180.0, 445.0, 7100.0], "realised", "$"),
        Ok(account_value_concentration(
            &ConcentrationCurve::of(&[5.0, 20.0, 75.0, 0.0, 100.0]).expect("amounts"),
            "$",
        )),
        income_and_value(&ids(), &[52_000.0, 71_000.0, 20_000.0], &[900.0, -40.0, 1e6], "$"),
        actual_and_predicted(&[10.0, 20.0, 40.0], &[12.0, 19.0, 30.0], "linear", "test", "$"),
        residuals_and_fitted(&[10.0, 20.0, 40.0], &[1.0, -3.0, 2.0], "$"),
        normal_quantiles(&[-0.97, 0.0, 0.97], &[-1.1, 0.1, 3.4]),
        leverage(&ids(), &[0.1, 0.2, 0.7], &[0.5, -1.0, 3.2], &[0.01, 0.1, 2.0]),
        expense_forecast(&fan(), "$"),
        volatility_map(
            &ids(),
            &[80.0, 40.0, 0.0],
            &[0.2, 0.9, 0.0],
            &texts(&["none", "high", "left"]),
            0.5,
            "$",
        ),
        ltv_to_cac(
            &[channel("Events", Some(0.8)), channel("Web", Some(4.2)), channel("Organic", None)],
            "channel",
        ),
        value_sensitivity(&[moved("margin", 2.0), moved("retention", 12.0)], 260.0, "$"),
        value_by_quarter(&[quarter("Low", 2079.55), quarter("Top", 17990.25)], "$"),
        retention_curve(&[1.0, 0.3, 0.25], &[1.0, 0.5, 0.25], "quarter"),
        purchase_regularity(&[0.2, 0.5, 0.55, 1.0], 1.6, &[0.0, 1.5, 0.0]),
        model_totals(&[model_total("BG/NBD", false), model_total("NBD", true)], 1882, 0.95, "39 weeks"),
        decile_calibration(&[tenth(900.0, 1004), tenth(210.0, 300)], "BG/NBD", 0.95, "39 weeks"),
        rolling_backtest(&[origin("1997-09-30", "NBD"), origin("1997-12-31", "NBD")], 0.95, "13 weeks"),
        interval_methods(&[by_method("delta", Some(0.5)), by_method("profile", None)], 0.95),
        posterior_cloud(("a", &[0.7, 0.9, 1.1]), ("b", &[2.1, 2.9, 3.0]), (0.8, 2.4)),
        total_value_draws(&[36e3, 37e3, 39e3], (37.3e3, 35e3, 40e3), 0.95, 6, "$"),
        intervals(&texts(&["00004", "9"]), &[3.0, 88.0]),
        contract_survival(&contract("regular")),
        contract_retention(&contract("regular")),
        residual_lifetime(&[curve("sBG", false), curve("Constant rate", false)], "year", 0.1),
        opportunity_counts(&[3464, 1891, 1203], &[3460.2, 1902.5, 1195.3]),
        opportunities_expected(&opportunities([(0, 0, 0.07), (4, 5, 2.03)]), 5, "donation"),
        opportunities_alive(&opportunities([(0, 0, 0.11), (4, 5, 0.75)])),
    ];
    charts.into_iter().map(|chart| chart.expect("a chart")).collect()
}

pub(crate) fn axis_titles(figure: &Value) -> Vec<String> {
    let layout = figure["layout"].as_object().expect("a layout");
    let axes = layout.iter().filter(|(key, _)| key.starts_with("xaxis") || key.starts_with("yaxis"));
    axes.map(|(_, axis)| axis["title"]["text"].as_str().unwrap_or_default().to_owned()).collect()
}

pub(crate) fn shown(trace: &Value, key: &str) -> Vec<f64> {
    trace[key].as_array().expect("an array").iter().filter_map(Value::as_f64).collect()
}

pub(crate) fn column(chart: &Chart, name: &str) -> Vec<f64> {
    match chart.data().column(name).unwrap_or_else(|| panic!("{name}")).values() {
        Values::Numbers(v) => v.iter().copied().flatten().collect(),
        Values::Integers(v) => v.iter().map(|&n| n as f64).collect(),
        other => panic!("{name} is {other:?}"),
    }
}
