//! Charts by their JSON: titles, axes, traces, and that they show exactly the values they return.

use cltv_plots::*;
use serde_json::Value;

/// What no label may be taken as: markup, a template, a script's end.
const HOSTILE: &str = "<script>alert(1)</script><b>%{x}</b>&amp;\u{2028}$a$";

fn texts(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn totals() -> PeriodTotals {
    PeriodTotals {
        period: "month".into(),
        starts: texts(&["1997-01-01", "1997-02-01", "1997-03-01"]),
        purchases: vec![2100, 2900, 1800],
        revenue: Some(vec![70_000.5, 95_000.0, 61_000.0]),
    }
}

fn cohorts() -> CohortTable {
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

fn timeline(id: &str) -> CustomerTimeline {
    CustomerTimeline { customer_id: id.into(), purchase_dates: texts(&["1997-01-01", "1997-01-18"]) }
}

fn grid() -> HistoryGrid {
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

fn weeks() -> Tracking {
    Tracking {
        unit: "week".into(),
        elapsed: vec![1.0, 2.0, 3.0, 4.0],
        actual: vec![12.0, 20.0, 25.0, 15.0],
        expected: vec![14.0, 19.0, 23.5, 17.5],
        calibration_end: 2.0,
    }
}

fn segment(name: &str, revenue: Option<f64>) -> SegmentTotal {
    SegmentTotal { name: name.into(), customers: 310, revenue }
}

fn group(name: &str) -> GroupValue {
    GroupValue { name: name.into(), customers: 471, value: 31_000.0, value_at_risk: Some(4_100.0) }
}

fn pair(segment: &str, tier: &str, value: f64) -> SegmentTierValue {
    SegmentTierValue { segment: segment.into(), tier: tier.into(), customers: 10, value }
}

fn rfm_cell(r: u8, f: u8) -> RfmCell {
    RfmCell { r, f, customers: 120, mean_monetary: Some(42.5) }
}

fn scatter(id: &str, segment: &str) -> Result<Chart, PlotError> {
    let ids = texts(&[id, "2", "3"]);
    let segments = texts(&[segment, "At Risk", segment]);
    clv_by_p_alive(&ids, &[0.9, 0.2, 0.4], &[88.0, 4.0, 1e-9], &segments, 6, "$")
}

fn ids() -> Vec<String> {
    texts(&["A-1", "A-2", "A-3"])
}

fn fan() -> ExpenseFan {
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

fn channel(name: &str, ratio: Option<f64>) -> ChannelRatio {
    ChannelRatio { name: name.into(), accounts: 40, ratio, payback_months: ratio.map(|r| 36.0 / r) }
}

fn moved(input: &str, size: f64) -> SensitivityBar {
    SensitivityBar { input: input.into(), down: Some(-size), up: Some(1.1 * size) }
}

fn quarter(name: &str, mean: f64) -> QuarterValue {
    QuarterValue { name: name.into(), customers: 125, mean, total: 125.0 * mean }
}

fn origin(day: &str, model: &str) -> OriginTotal {
    OriginTotal {
        origin: day.into(),
        model: model.into(),
        expected: 600.0,
        low: 520.0,
        high: 690.0,
        actual: 660,
    }
}

fn model_total(model: &str, trusted: bool) -> ModelTotal {
    ModelTotal { model: model.into(), expected: 1653.4, low: 1500.0, high: 1810.0, trusted }
}

fn tenth(expected: f64, actual: u64) -> Tenth {
    Tenth { customers: 236, expected, low: 0.8 * expected, high: 1.2 * expected, actual }
}

fn by_method(method: &str, low: Option<f64>) -> MethodInterval {
    MethodInterval { parameter: "a".into(), method: method.into(), estimate: 0.8, low, high: Some(1.2) }
}

fn valued(id: &str, value: f64) -> CustomerInterval {
    CustomerInterval { customer_id: id.into(), value, low: 0.5 * value, high: 2.0 * value }
}

fn curve(name: &str, observed: bool) -> ContractCurve {
    ContractCurve { name: name.into(), values: vec![1.0, 0.631, 0.468], observed }
}

fn contract(name: &str) -> ContractCurves {
    ContractCurves {
        cohort: name.into(),
        period: "year".into(),
        fitted_until: 1,
        curves: vec![curve("Observed", true), curve("sBG", false)],
    }
}

fn opportunities(values: [(u64, u64, f64); 2]) -> OpportunityGrid {
    let cell = |(x, t_x, value)| OpportunityCell { x, t_x, customers: 100, value };
    OpportunityGrid { opportunities: 6, cells: values.map(cell).to_vec(), left_out: 0 }
}

/// Every chart of the crate, drawn from small inputs.
fn all() -> Vec<Chart> {
    let charts = [
        purchases_over_time(&totals(), "$"),
        recency_distribution(&[3.0, 41.0, 250.0, 8.0]),
        frequency_distribution(&[1, 1, 2, 14]),
        monetary_distribution(&[11.77, 20.76, 20.76, 130.0], "$"),
        concentration_curve(&[5.0, 20.0, 75.0, 0.0, 100.0], "$"),
        cohort_retention(&cohorts()),
        rfm_heatmap(&[rfm_cell(5, 5), rfm_cell(1, 2)], "$"),
        segment_overview(&[segment("Champions", Some(61_000.0)), segment("Lost", Some(9.0))], "$"),
        customer_timelines(&[timeline("00004"), timeline("00021")], "1998-06-30", "1997-09-30"),
        expected_purchases_matrix(&grid(), 39.0),
        p_alive_matrix(&grid()),
        repeat_purchases(&[1411, 439, 214, 293], &[1416.1, 402.3, 208.8, 329.8]),
        holdout_by_frequency(&[0, 2, 9, 0], &[0, 1, 6, 1], &[0.2, 0.9, 5.1, 0.3], 39.0, "week"),
        cumulative_tracking(&weeks()),
        incremental_tracking(&weeks()),
        spend_density(&[22.0, 31.0, 35.5], &[0.0, 20.0, 40.0], &[0.0, 0.03, 0.01], "$"),
        clv_distribution(&[3.2, 18.0, 44.5, 7.1], 6, "$"),
        scatter("00004", "Champions"),
        value_by_group(&[group("High"), group("Low")], "tier", 6, "$"),
        value_by_segment_and_tier(&[pair("A", "High", 900.0), pair("B", "Low", 40.0)], 6, "$"),
        account_value_distribution(&[-20.0, 180.0, 445.0, 7100.0], "realised", "$"),
        account_value_concentration(&[5.0, 20.0, 75.0, 0.0, 100.0], "$"),
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
        value_intervals(&[valued("00004", 3.0), valued("9", 88.0)], 0.95, 6, "$"),
        contract_survival(&contract("regular")),
        contract_retention(&contract("regular")),
        residual_lifetime(&[curve("sBG", false), curve("Constant rate", false)], "year", 0.1),
        opportunity_counts(&[3464, 1891, 1203], &[3460.2, 1902.5, 1195.3]),
        opportunities_expected(&opportunities([(0, 0, 0.07), (4, 5, 2.03)]), 5, "donation"),
        opportunities_alive(&opportunities([(0, 0, 0.11), (4, 5, 0.75)])),
    ];
    charts.into_iter().map(|chart| chart.expect("a chart")).collect()
}

fn axis_titles(figure: &Value) -> Vec<String> {
    let layout = figure["layout"].as_object().expect("a layout");
    let axes = layout.iter().filter(|(key, _)| key.starts_with("xaxis") || key.starts_with("yaxis"));
    axes.map(|(_, axis)| axis["title"]["text"].as_str().unwrap_or_default().to_owned()).collect()
}

fn shown(trace: &Value, key: &str) -> Vec<f64> {
    trace[key].as_array().expect("an array").iter().filter_map(Value::as_f64).collect()
}

fn column(chart: &Chart, name: &str) -> Vec<f64> {
    match chart.data().column(name).unwrap_or_else(|| panic!("{name}")).values() {
        Values::Numbers(v) => v.iter().copied().flatten().collect(),
        Values::Integers(v) => v.iter().map(|&n| n as f64).collect(),
        other => panic!("{name} is {other:?}"),
    }
}

#[test]
fn every_chart_is_complete() {
    let charts = all();
    assert_eq!(charts.len(), 47);
    let mut names: Vec<&str> = charts.iter().map(Chart::name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), 47, "names are unique");
    for chart in &charts {
        let figure = chart.figure_json();
        assert_eq!(figure["layout"]["title"]["text"], chart.title(), "{}", chart.name());
        assert!(figure["data"].as_array().is_some_and(|data| !data.is_empty()), "{}", chart.name());
        assert!(axis_titles(&figure).iter().any(|title| !title.is_empty()), "{}", chart.name());
        assert!(figure["layout"]["height"].as_u64().is_some_and(|height| height >= 300));
        assert_eq!(figure["config"]["responsive"], true);
        assert_eq!(figure["config"]["displaylogo"], false);
        assert!(chart.how_to_read().ends_with('.') && chart.text_summary().ends_with('.'));
        assert!(chart.title().chars().count() <= 65, "{} fits 700 pixels", chart.title());
        assert!(chart.data().rows() > 0);
        assert_eq!(chart.data().to_csv().lines().count(), chart.data().rows() + 1);
    }
}

#[test]
fn axes_name_their_units() {
    let titles = |chart: &Chart| axis_titles(&chart.figure_json());
    let charts = all();
    let find = |name: &str| charts.iter().find(|chart| chart.name() == name).expect("the chart");
    assert!(titles(find("purchases_over_time")).contains(&"Revenue ($)".to_owned()));
    assert!(titles(find("recency_distribution")).contains(&"Days since the last purchase".to_owned()));
    assert!(titles(find("cohort_retention")).contains(&"Months since first purchase".to_owned()));
    assert!(
        titles(find("cumulative_tracking"))
            .contains(&"Weeks since the first purchase in the data".to_owned())
    );
    assert!(titles(find("spend_density")).contains(&"Mean spend per purchase ($)".to_owned()));
    assert!(
        titles(find("clv_by_p_alive")).contains(&"Expected value, next 6 months ($, log scale)".to_owned())
    );
    assert!(titles(find("holdout_by_frequency")).contains(&"Mean purchases in 39 weeks".to_owned()));
}

#[test]
fn bars_and_lines_are_the_data() {
    let chart = purchases_over_time(&totals(), "$").unwrap();
    let figure = chart.figure_json();
    assert_eq!(shown(&figure["data"][0], "y"), column(&chart, "purchases"));
    assert_eq!(shown(&figure["data"][1], "y"), column(&chart, "revenue"));

    let chart = repeat_purchases(&[1411, 439, 214], &[1416.1, 402.3, 208.8]).unwrap();
    let figure = chart.figure_json();
    assert_eq!(shown(&figure["data"][0], "y"), column(&chart, "observed_customers"));
    assert_eq!(shown(&figure["data"][1], "y"), column(&chart, "expected_customers"));
    assert_eq!(figure["data"][0]["x"], serde_json::json!(["0", "1", "2+"]));
    let all_of_them = opportunity_counts(&[1411, 439, 214], &[1416.1, 402.3, 208.8]).unwrap().figure_json();
    assert_eq!(all_of_them["data"][0]["x"], serde_json::json!(["0", "1", "2"]));
    assert_ne!(figure["data"][0]["marker"]["pattern"], figure["data"][1]["marker"]["pattern"]);

    let chart = cumulative_tracking(&weeks()).unwrap();
    let figure = chart.figure_json();
    assert_eq!(shown(&figure["data"][0], "y"), column(&chart, "cumulative_actual"));
    assert_eq!(column(&chart, "cumulative_actual"), [12.0, 32.0, 57.0, 72.0]);
    assert_eq!(shown(&figure["data"][1], "y"), column(&chart, "cumulative_expected"));
    assert_ne!(figure["data"][0]["line"]["dash"], figure["data"][1]["line"]["dash"]);
    assert_eq!(figure["layout"]["shapes"][0]["x0"], 2.0);

    let chart = incremental_tracking(&weeks()).unwrap();
    assert_eq!(shown(&chart.figure_json()["data"][1], "y"), weeks().expected);
}

#[test]
fn histograms_count_everybody() {
    let values: Vec<f64> = (0..500).map(|n| f64::from(n * n % 977)).collect();
    for chart in [
        clv_distribution(&values, 6, "$"),
        recency_distribution(&values),
        monetary_distribution(&values, "$"),
    ] {
        let chart = chart.unwrap();
        assert_eq!(shown(&chart.figure_json()["data"][0], "y"), column(&chart, "customers"));
        assert_eq!(column(&chart, "customers").iter().sum::<f64>(), 500.0);
    }
    let chart = frequency_distribution(&[1, 1, 2, 10, 11, 30]).unwrap();
    assert_eq!(column(&chart, "customers"), [2.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 3.0]);
}

#[test]
fn concentration_matches_the_formulas() {
    let figures = concentration_of(&[1.0, 2.0, 3.0, 4.0]).unwrap();
    // G = sum((2i - n - 1) x_i) / (n sum(x)) = (-3 - 2 + 3 + 12) / 40.
    assert!((figures.gini - 0.25).abs() < 1e-12);
    // 20% of four customers is 0.8 of the best one.
    assert!((figures.top_20_share - 0.32).abs() < 1e-12);
    assert_eq!(concentration_of(&[7.0; 10]).unwrap().gini, 0.0);
    let chart = concentration_curve(&[1.0, 2.0, 3.0, 4.0], "$").unwrap();
    let figure = chart.figure_json();
    assert_eq!(shown(&figure["data"][0], "y"), column(&chart, "share_of_revenue"));
    let notes = figure["layout"]["annotations"].to_string();
    assert!(notes.contains("Gini 0.250") && notes.contains("top 20&#37; bring 32.0&#37;"), "{notes}");
}

#[test]
fn cells_without_a_value_stay_blank() {
    let chart = cohort_retention(&cohorts()).unwrap();
    let trace = &chart.figure_json()["data"][0];
    assert_eq!(trace["z"][1], serde_json::json!([1.0, 0.24, null]));
    assert_eq!(trace["z"][2], serde_json::json!([1.0, null, null]));
    assert_eq!(trace["text"][2], serde_json::json!(["100%", "", ""]));
    assert_eq!(column(&chart, "retention"), [1.0, 0.22, 0.18, 1.0, 0.24, 1.0]);
    assert!(chart.text_summary().contains("23.0%"), "{}", chart.text_summary());

    let chart = p_alive_matrix(&grid()).unwrap();
    assert_eq!(chart.figure_json()["data"][0]["z"][0], serde_json::json!([1.0, null, null]));
    assert_eq!(column(&chart, "p_alive"), [1.0, 0.6, 0.3, 0.8, 0.9]);

    let chart = rfm_heatmap(&[rfm_cell(5, 1)], "$").unwrap();
    let figure = chart.figure_json();
    assert_eq!(figure["data"].as_array().map(Vec::len), Some(2));
    assert_eq!(figure["data"][0]["z"][4][0], 120.0);
    assert_eq!(figure["data"][1]["z"][0][0], Value::Null);
}

#[test]
fn the_last_frequency_is_open() {
    let chart =
        holdout_by_frequency(&[0, 0, 7, 9], &[1, 0, 4, 6], &[0.5, 0.1, 3.0, 6.0], 39.0, "week").unwrap();
    assert_eq!(
        chart.data().to_csv(),
        "calibration_frequency,customers,mean_actual,mean_expected\n0,2,0.5,0.3\n7+,2,5,4.5\n"
    );
    assert!(chart.text_summary().contains("bought 11 times against 9.6 expected (-12.7%)"));
    let figure = chart.figure_json();
    assert_eq!(figure["data"][0]["x"], serde_json::json!(["0", "7+"]));
    assert_eq!(figure["layout"]["xaxis"]["type"], "category");
}

#[test]
fn timelines_have_a_mark_per_purchase() {
    let chart = customer_timelines(&[timeline("4"), timeline("21")], "1998-06-30", "").unwrap();
    let figure = chart.figure_json();
    let marks: usize = [2, 3].iter().map(|&at| figure["data"][at]["x"].as_array().map_or(0, Vec::len)).sum();
    assert_eq!(marks, chart.data().rows());
    assert_eq!(figure["layout"]["shapes"].as_array().map(Vec::len), Some(1));
    assert_eq!(figure["layout"]["shapes"][0]["x0"], "1998-06-30");
}

#[test]
fn density_bars_have_the_area_of_the_customers_drawn() {
    let spend: Vec<f64> = (0..=40).map(f64::from).collect();
    let density = vec![0.025; 41];
    let chart = spend_density(&[22.0, 31.0, 35.5, 90.0], &spend, &density, "$").unwrap();
    let figure = chart.figure_json();
    let width = figure["data"][0]["width"].as_f64().unwrap() / 0.94;
    let area: f64 = shown(&figure["data"][0], "y").iter().map(|height| height * width).sum();
    assert!((area - 0.75).abs() < 1e-9, "{area}");
    assert_eq!(shown(&figure["data"][1], "y"), density);
    assert!(figure["layout"]["annotations"].to_string().contains("1 customer above $40 not drawn"));
}

#[test]
fn scatter_tells_segments_apart_by_symbol() {
    let chart = scatter("00004", "Champions").unwrap();
    let figure = chart.figure_json();
    assert_eq!(figure["data"].as_array().map(Vec::len), Some(2));
    assert_ne!(figure["data"][0]["marker"]["symbol"], figure["data"][1]["marker"]["symbol"]);
    assert_eq!(figure["layout"]["yaxis"]["type"], "log");
    assert!(figure["layout"]["annotations"].to_string().contains("1 customer below"));
    assert_eq!(column(&chart, "clv"), [88.0, 4.0, 1e-9]);
}

#[test]
fn stacked_tiers_add_up() {
    let rows = [pair("A", "High", 900.0), pair("A", "Low", 40.0), pair("B", "Low", 10.0)];
    let figure = value_by_segment_and_tier(&rows, 6, "$").unwrap().figure_json();
    assert_eq!(figure["layout"]["barmode"], "stack");
    assert_eq!(shown(&figure["data"][0], "x"), [900.0, 0.0]);
    assert_eq!(shown(&figure["data"][1], "x"), [40.0, 10.0]);
}

#[test]
fn without_amounts_the_money_panels_are_left_out() {
    let plain = PeriodTotals { revenue: None, ..totals() };
    assert_eq!(
        purchases_over_time(&plain, "$").unwrap().figure_json()["data"].as_array().map(Vec::len),
        Some(1)
    );
    let chart = segment_overview(&[segment("A", None), segment("B", None)], "$").unwrap();
    assert!(chart.data().column("revenue").is_none());
    let cell = RfmCell { mean_monetary: None, ..rfm_cell(3, 3) };
    assert!(rfm_heatmap(&[cell], "$").unwrap().data().column("mean_monetary").is_none());
}

#[test]
fn hostile_text_stays_text() {
    let currency = "<i>%{x}";
    let charts = [
        customer_timelines(&[timeline(HOSTILE)], "1998-06-30", ""),
        segment_overview(&[segment(HOSTILE, Some(1.0))], currency),
        scatter(HOSTILE, HOSTILE),
        value_by_group(&[group(HOSTILE)], "tier", 6, currency),
        value_by_segment_and_tier(&[pair(HOSTILE, HOSTILE, 1.0)], 6, currency),
        cohort_retention(&CohortTable { cohorts: texts(&[HOSTILE, "b", "c"]), ..cohorts() }),
        monetary_distribution(&[1.0, 2.0, 3.0], currency),
        clv_distribution(&[1.0, 2.0, 3.0], 6, currency),
        concentration_curve(&[1.0, 2.0], currency),
        spend_density(&[1.0, 2.0], &[0.0, 5.0], &[0.1, 0.1], currency),
        purchases_over_time(&totals(), currency),
        rfm_heatmap(&[rfm_cell(1, 1)], currency),
        cumulative_tracking(&Tracking { unit: HOSTILE.into(), ..weeks() }),
        p_alive_matrix(&HistoryGrid { unit: HOSTILE.into(), ..grid() }),
    ];
    for chart in charts {
        let chart = chart.unwrap();
        let figure = chart.figure_json().to_string();
        for markup in ["<script", "</script", "<b>", "<i>"] {
            assert!(!figure.contains(markup), "{}: {markup}", chart.name());
        }
        assert!(!figure.contains("&lt;i&gt;%{x}") && !figure.contains("b&gt;%{x}"), "{}", chart.name());
        for html in [chart.html_page("plotly.min.js"), chart.html_fragment()] {
            let scripts = html.matches("<script").count();
            assert_eq!(scripts, html.matches("</script>").count(), "{}", chart.name());
            assert!(scripts <= 2 && !html.contains("<script>alert"), "{}", chart.name());
            let script = html.split("var figure = ").nth(1).and_then(|rest| rest.lines().next());
            assert!(script.is_some_and(|line| !line.contains(['<', '\u{2028}'])), "{}", chart.name());
        }
        let blocks = chart.mime_bundle();
        assert!(blocks.iter().all(|(_, content)| !content.lines().any(|line| line == "EVCXR_END_CONTENT")));
        assert_eq!(blocks[2].1.lines().count(), 1);
    }
}

#[test]
fn ids_are_returned_untouched() {
    let chart = scatter(HOSTILE, "A").unwrap();
    match chart.data().column("customer_id").unwrap().values() {
        Values::Text(ids) => assert_eq!(ids[0], HOSTILE),
        other => panic!("{other:?}"),
    }
}

#[test]
fn lengths_must_match() {
    let message = |result: Result<Chart, PlotError>| result.unwrap_err().to_string();
    let text = message(repeat_purchases(&[1, 2, 3], &[1.0, 2.0]));
    assert_eq!(
        text,
        "repeat_purchases: `actual` has 3 values but `expected` has 2; they belong together row by row, so give both the same number"
    );
    let mismatches = [
        purchases_over_time(&PeriodTotals { purchases: vec![1], ..totals() }, "$"),
        purchases_over_time(&PeriodTotals { revenue: Some(vec![]), ..totals() }, "$"),
        cohort_retention(&CohortTable { sizes: vec![1], ..cohorts() }),
        cohort_retention(&CohortTable { retention: vec![], ..cohorts() }),
        p_alive_matrix(&HistoryGrid { recency: vec![1.0], ..grid() }),
        p_alive_matrix(&HistoryGrid { frequency: vec![1], ..grid() }),
        holdout_by_frequency(&[1, 2], &[1], &[1.0, 1.0], 39.0, "week"),
        holdout_by_frequency(&[1, 2], &[1, 1], &[1.0], 39.0, "week"),
        cumulative_tracking(&Tracking { actual: vec![1.0], ..weeks() }),
        incremental_tracking(&Tracking { expected: vec![1.0], ..weeks() }),
        spend_density(&[1.0], &[0.0, 1.0], &[1.0], "$"),
        clv_by_p_alive(&texts(&["1"]), &[0.1, 0.2], &[1.0], &texts(&["A"]), 6, "$"),
        clv_by_p_alive(&texts(&["1"]), &[0.1], &[1.0, 2.0], &texts(&["A"]), 6, "$"),
        clv_by_p_alive(&texts(&["1"]), &[0.1], &[1.0], &[], 6, "$"),
    ];
    for result in mismatches {
        assert!(matches!(result, Err(PlotError::LengthMismatch { .. })), "{result:?}");
    }
}

#[test]
fn nothing_to_show_is_an_error() {
    let empty = [
        purchases_over_time(
            &PeriodTotals { starts: vec![], purchases: vec![], revenue: None, ..totals() },
            "$",
        ),
        recency_distribution(&[]),
        frequency_distribution(&[]),
        monetary_distribution(&[], "$"),
        concentration_curve(&[], "$"),
        cohort_retention(&CohortTable { cohorts: vec![], sizes: vec![], retention: vec![], ..cohorts() }),
        rfm_heatmap(&[], "$"),
        segment_overview(&[], "$"),
        customer_timelines(&[], "1998-06-30", ""),
        expected_purchases_matrix(&HistoryGrid { frequency: vec![], ..grid() }, 39.0),
        p_alive_matrix(&HistoryGrid { recency: vec![], values: vec![], ..grid() }),
        repeat_purchases(&[], &[]),
        holdout_by_frequency(&[], &[], &[], 39.0, "week"),
        cumulative_tracking(&Tracking { elapsed: vec![], ..weeks() }),
        incremental_tracking(&Tracking { elapsed: vec![], ..weeks() }),
        spend_density(&[], &[1.0], &[1.0], "$"),
        clv_distribution(&[], 6, "$"),
        clv_by_p_alive(&[], &[], &[], &[], 6, "$"),
        value_by_group(&[], "tier", 6, "$"),
        value_by_segment_and_tier(&[], 6, "$"),
    ];
    for result in empty {
        assert!(matches!(result, Err(PlotError::Empty { .. })), "{result:?}");
    }
}

#[test]
fn values_out_of_bounds_are_named() {
    let bad = [
        (recency_distribution(&[1.0, -3.0]), "`recency_days` is -3 in row 2"),
        (frequency_distribution(&[1, 0]), "`purchases` is 0 in row 2"),
        (monetary_distribution(&[f64::NAN], "$"), "`monetary` is NaN in row 1"),
        (concentration_curve(&[0.0, 0.0], "$"), "above zero for at least one customer"),
        (concentration_curve(&[f64::INFINITY], "$"), "`revenue` is inf in row 1"),
        (rfm_heatmap(&[rfm_cell(6, 1)], "$"), "scored 1 to 5"),
        (rfm_heatmap(&[rfm_cell(1, 1), rfm_cell(1, 1)], "$"), "\"R1 F1\" in row 2 for the second time"),
        (segment_overview(&[segment("A", None), segment("A", None)], "$"), "merge the two rows"),
        (customer_timelines(&[timeline("1")], "1997-01-02", ""), "not after `observation_end`"),
        (customer_timelines(&[timeline("1")], "30.06.1998", ""), "a date like 1997-09-30"),
        (p_alive_matrix(&HistoryGrid { frequency: vec![2, 1, 0], ..grid() }), "larger than the row before"),
        (
            incremental_tracking(&Tracking { calibration_end: f64::NAN, ..weeks() }),
            "`calibration_end` is NaN",
        ),
        (clv_by_p_alive(&texts(&["1"]), &[1.2], &[1.0], &texts(&["A"]), 6, "$"), "between 0 and 1"),
    ];
    for (result, part) in bad {
        let message = result.unwrap_err().to_string();
        assert!(message.contains(part), "{message}");
    }
    let many: Vec<CustomerTimeline> = (0..=MAX_TIMELINES).map(|n| timeline(&n.to_string())).collect();
    let error = customer_timelines(&many, "1998-06-30", "").unwrap_err();
    assert!(error.to_string().contains("has 61 rows, more than the 60 that stay readable"));
}

#[test]
fn degenerate_inputs_still_draw() {
    let charts = [
        recency_distribution(&[0.0]),
        clv_distribution(&[0.0, 0.0], 1, ""),
        concentration_curve(&[5.0], "$"),
        repeat_purchases(&[3], &[2.9]),
        cumulative_tracking(&Tracking { actual: vec![0.0; 4], expected: vec![0.0; 4], ..weeks() }),
        expected_purchases_matrix(&HistoryGrid { values: vec![vec![Some(0.0); 3]; 3], ..grid() }, 1.0),
        clv_by_p_alive(&texts(&["1"]), &[0.0], &[0.0], &texts(&["A"]), 6, "$"),
        value_by_group(&[GroupValue { value: 0.0, value_at_risk: None, ..group("High") }], "tier", 6, "$"),
        spend_density(&[500.0], &[0.0, 1.0], &[0.0, 0.0], "$"),
    ];
    for chart in charts {
        let chart = chart.unwrap();
        assert!(!chart.figure_json().to_string().contains("NaN"));
        assert!(!chart.text_summary().contains("NaN") && !chart.text_summary().contains("inf"), "{chart}");
    }
}

#[test]
fn pages_work_offline_and_repeat_byte_for_byte() {
    for chart in all() {
        let page = chart.html_page("plotly.min.js");
        assert!(page.contains("<script src=\"plotly.min.js\"></script>"));
        assert!(!page.contains("http://") && !page.contains("https://"), "{}", chart.name());
        assert!(page.contains("<details>") && page.contains("<table>"));
        assert_eq!(page, chart.html_page("plotly.min.js"));
    }
}

#[test]
fn fragments_begin_with_the_marker_and_never_share_an_id() {
    let chart = frequency_distribution(&[1, 2]).unwrap();
    let (one, two) = (chart.html_fragment(), chart.html_fragment());
    assert!(one.starts_with(LOADER_MARKER) && two.starts_with(LOADER_MARKER));
    assert_eq!(one.matches(LOADER_MARKER).count(), 1);
    assert_ne!(one, two);
    assert!(one.contains(&chart.text_summary()), "readers without scripts get the key figure");
}

#[test]
fn charts_can_be_renamed_to_file_names_only() {
    let chart = frequency_distribution(&[1, 2]).unwrap();
    assert_eq!(chart.clone().renamed("frequency_2").unwrap().name(), "frequency_2");
    for name in ["", "../up", "a b", "Ä"] {
        assert!(matches!(chart.clone().renamed(name), Err(PlotError::BadName { .. })), "{name}");
    }
}

#[test]
fn charts_of_accounts_show_their_data() {
    let chart = expense_forecast(&fan(), "$").unwrap();
    let figure = chart.figure_json();
    assert_eq!(shown(&figure["data"][2], "y"), fan().spent);
    assert_eq!(shown(&figure["data"][3], "y"), column(&chart, "expected"));
    assert_eq!(figure["data"][1]["fill"], "tonexty");
    assert_eq!(figure["layout"]["shapes"][1]["x0"], "2026-02-01", "what no backtest measured is marked");
    assert!(chart.text_summary().contains("$1,880 in the next 2 months"), "{}", chart.text_summary());

    let channels = [channel("Events", Some(0.8)), channel("Web", Some(4.2)), channel("Organic", None)];
    let chart = ltv_to_cac(&channels, "channel").unwrap();
    let figure = chart.figure_json();
    assert_eq!(figure["data"][0]["y"], serde_json::json!(["Web"]));
    assert_eq!(figure["data"][2]["y"], serde_json::json!(["Events"]));
    assert_eq!(column(&chart, "value_by_cost"), [0.8, 4.2]);
    assert_ne!(figure["data"][0]["marker"]["pattern"], figure["data"][2]["marker"]["pattern"]);

    let chart = income_and_value(&ids(), &[52_000.0, 71_000.0, 20_000.0], &[900.0, -40.0, 1e6], "$").unwrap();
    assert_eq!(column(&chart, "value"), [900.0, -40.0, 1e6], "the table holds what the axis cannot show");
    assert!(chart.figure_json()["layout"]["annotations"].to_string().contains("1 account below"));

    let chart = value_sensitivity(&[moved("margin", 2.0), moved("retention", 12.0)], 260.0, "$").unwrap();
    assert_eq!(chart.figure_json()["data"][0]["y"], serde_json::json!(["retention", "margin"]));
}

#[test]
fn intervals_are_drawn_from_their_estimates() {
    let chart =
        model_totals(&[model_total("NBD", true), model_total("BG/NBD", false)], 1882, 0.95, "39 weeks");
    let chart = chart.unwrap();
    let figure = chart.figure_json();
    assert_eq!(shown(&figure["data"][0], "x"), [1653.4]);
    let whisker = &figure["data"][1]["error_x"];
    assert!((whisker["array"][0].as_f64().unwrap() - 156.6).abs() < 1e-9);
    assert!((whisker["arrayminus"][0].as_f64().unwrap() - 153.4).abs() < 1e-9);
    assert_eq!(figure["layout"]["shapes"][0]["x0"], 1882);
    assert!(
        chart.text_summary().contains("the intervals of 0 of 2 models hold that"),
        "{}",
        chart.text_summary()
    );

    let chart =
        decile_calibration(&[tenth(900.0, 1004), tenth(210.0, 300)], "BG/NBD", 0.95, "39 weeks").unwrap();
    let figure = chart.figure_json();
    assert_eq!(shown(&figure["data"][0], "y"), [1004.0 / 236.0, 300.0 / 236.0]);
    assert_eq!(shown(&figure["data"][1], "y"), [900.0 / 236.0, 210.0 / 236.0]);
    let up = figure["data"][1]["error_y"]["array"][0].as_f64().unwrap();
    assert!((up - 0.2 * 900.0 / 236.0).abs() < 1e-12, "{up}");
    assert!(chart.text_summary().contains("1 groups lie inside"), "{}", chart.text_summary());
    let nobody = Tenth { customers: 0, ..tenth(1.0, 1) };
    assert!(decile_calibration(&[nobody], "BG/NBD", 0.95, "39 weeks").is_err());
    let opportunities = OpportunityGrid { left_out: 12, ..opportunities([(0, 0, 0.1), (1, 2, 0.4)]) };
    let said = opportunities_alive(&opportunities).unwrap().text_summary();
    assert!(said.contains("histories of 6 opportunities") && said.contains("12 customers"), "{said}");
}

#[test]
fn whiskers_without_a_bound_run_to_the_edge_and_are_counted() {
    let rows = [by_method("delta", Some(0.4)), by_method("profile", None)];
    let chart = interval_methods(&rows, 0.95).unwrap();
    let figure = chart.figure_json();
    let edge = 10f64.powf(figure["layout"]["xaxis"]["range"][0].as_f64().unwrap());
    let length = |at: usize| figure["data"][at]["error_x"]["arrayminus"][0].as_f64().unwrap();
    assert!((length(0) - 0.5).abs() < 1e-12);
    assert!(edge < 0.5 && (length(1) - (1.0 - edge)).abs() < 1e-12, "{edge}");
    let notes = figure["layout"]["annotations"].to_string();
    assert!(notes.contains("1 end without a bound"), "{notes}");
    let ticks = |chart: &Chart| shown(&chart.figure_json()["layout"]["xaxis"], "tickvals");
    assert!(ticks(&chart).contains(&0.5) && !ticks(&chart).contains(&2.0), "{:?}", ticks(&chart));
    let wide = MethodInterval { high: Some(800.0), ..by_method("bootstrap", Some(0.001)) };
    let wide = interval_methods(&[by_method("delta", Some(0.4)), wide], 0.95).unwrap();
    assert_eq!(ticks(&wide), [0.001, 0.01, 0.1, 1.0, 10.0, 100.0, 1000.0]);
    assert!(chart.text_summary().contains("infinitely many times"), "{}", chart.text_summary());
    assert!(matches!(
        interval_methods(&[MethodInterval { estimate: 0.0, ..by_method("delta", None) }], 0.95),
        Err(PlotError::BadValue { .. })
    ));
}

#[test]
fn a_single_origin_and_a_single_renewal_are_seen() {
    let chart = rolling_backtest(&[origin("1997-09-30", "NBD")], 0.95, "about 13 weeks").unwrap();
    assert_eq!(chart.figure_json()["data"][0]["mode"], "lines+markers");
    assert!(chart.title().contains("Forecasts of about 13 weeks"), "{}", chart.title());
    let one = |name: &str, observed| ContractCurve { values: vec![0.6], ..curve(name, observed) };
    let curves = vec![one("Observed", true), one("sBG", false)];
    let chart = contract_retention(&ContractCurves { curves, ..contract("regular") }).unwrap();
    assert_eq!(chart.figure_json()["data"][1]["mode"], "lines+markers");
    let longer = contract_retention(&contract("regular")).unwrap();
    assert_eq!(longer.figure_json()["data"][1]["mode"], "lines");
}

#[test]
fn the_open_bin_of_draws_says_so() {
    let mut draws: Vec<f64> = (0..1000).map(|n| f64::from(30_000 + n)).collect();
    draws.push(1e6);
    let chart = total_value_draws(&draws, (30_500.0, 30_025.0, 30_975.0), 0.95, 6, "$").unwrap();
    let figure = chart.figure_json();
    let hover = figure["data"][0]["hovertext"].as_array().unwrap().last().unwrap().to_string();
    assert!(hover.contains("and more: "), "{hover}");
    let shapes = figure["data"][0]["marker"]["pattern"]["shape"].as_array().unwrap();
    assert_eq!((&shapes[0], shapes.last().unwrap()), (&"".into(), &"/".into()));
    assert!(figure["layout"]["annotations"].to_string().contains("and more"));
}

#[test]
fn small_accounts_are_noted_where_they_are_drawn() {
    let risk = texts(&["none", "none", "high"]);
    let chart = volatility_map(&ids(), &[8000.0, 40.0, 0.0], &[0.2, 0.9, 0.0], &risk, 0.5, "$").unwrap();
    let notes = chart.figure_json()["layout"]["annotations"].to_string();
    assert!(notes.contains("1 account too small for the scale, on the left"), "{notes}");
}

#[test]
fn many_customers_are_thinned_and_those_without_value_left_out() {
    let mut customers: Vec<CustomerInterval> =
        (1..=500).map(|n| valued(&n.to_string(), f64::from(n))).collect();
    customers.push(valued("none", 0.0));
    let chart = value_intervals(&customers, 0.95, 6, "$").unwrap();
    let drawn = column(&chart, "value");
    assert_eq!((drawn[0], drawn.len()), (500.0, 59));
    assert!(drawn.windows(2).all(|pair| pair[0] > pair[1]));
}

#[test]
fn curves_of_contracts_begin_where_they_are_said_to() {
    let survival = contract_survival(&contract("regular")).unwrap();
    assert_eq!(shown(&survival.figure_json()["data"][0], "x"), [0.0, 1.0, 2.0]);
    let retention = contract_retention(&contract("regular")).unwrap();
    assert_eq!(shown(&retention.figure_json()["data"][1], "x"), [1.0, 2.0, 3.0]);
    let grid = opportunities_alive(&opportunities([(0, 0, 0.11), (2, 2, 0.75)])).unwrap();
    let z = &grid.figure_json()["data"][0]["z"];
    assert_eq!(
        (&z[0][0], &z[0][1], &z[2][2]),
        (&serde_json::json!(0.11), &Value::Null, &serde_json::json!(0.75))
    );
}
