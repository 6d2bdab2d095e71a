//! Charts of purchases: they show exactly the values they return.

use cltv_plots::*;
use serde_json::Value;

use crate::inputs::*;

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
fn the_concentration_curve_shows_its_figures() {
    let chart = concentrated(&[1.0, 2.0, 3.0, 4.0], "$").unwrap();
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
fn timelines_have_a_mark_per_purchase() {
    let chart = customer_timelines(&[timeline("4"), timeline("21")], "1998-06-30", "").unwrap();
    let figure = chart.figure_json();
    let marks: usize = [2, 3].iter().map(|&at| figure["data"][at]["x"].as_array().map_or(0, Vec::len)).sum();
    assert_eq!(marks, chart.data().rows());
    assert_eq!(figure["layout"]["shapes"].as_array().map(Vec::len), Some(1));
    assert_eq!(figure["layout"]["shapes"][0]["x0"], "1998-06-30");
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
fn the_last_frequency_is_open() {
    let group =
        |frequency, customers, actual, expected| FrequencyGroup { frequency, customers, actual, expected };
    let chart =
        holdout_by_frequency(&[group(0, 2, 1, 0.6), group(7, 1, 4, 3.0), group(9, 1, 6, 6.0)], 39.0, "week")
            .unwrap();
    assert_eq!(
        chart.data().to_csv(),
        "calibration_frequency,customers,mean_actual,mean_expected\n0,2,0.5,0.3\n7+,2,5,4.5\n"
    );
    assert!(chart.text_summary().contains("bought 11 times against 9.6 expected (-12.7%)"));
    let figure = chart.figure_json();
    assert_eq!(figure["data"][0]["x"], serde_json::json!(["0", "7+"]));
    assert_eq!(figure["layout"]["xaxis"]["type"], "category");
}
