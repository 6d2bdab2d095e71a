//! Charts of accounts.

use cltv_plots::*;

use crate::inputs::*;

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
fn small_accounts_are_noted_where_they_are_drawn() {
    let risk = texts(&["none", "none", "high"]);
    let chart = volatility_map(&ids(), &[8000.0, 40.0, 0.0], &[0.2, 0.9, 0.0], &risk, 0.5, "$").unwrap();
    let notes = chart.figure_json()["layout"]["annotations"].to_string();
    assert!(notes.contains("1 account too small for the scale, on the left"), "{notes}");
}
