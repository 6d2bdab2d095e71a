//! Charts of models, intervals, contracts and opportunities.

use cltv_plots::*;
use serde_json::Value;

use crate::inputs::*;

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
