//! Charts of what customers are worth.

use cltv_plots::*;

use crate::inputs::*;

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
fn many_customers_are_thinned_and_those_without_value_left_out() {
    let ids: Vec<String> = (0..=500).map(|n| n.to_string()).collect();
    let values: Vec<f64> = (0..=500).map(f64::from).collect();
    let chart = intervals(&ids, &values).unwrap();
    let drawn = column(&chart, "value");
    assert_eq!((drawn[0], drawn.len()), (500.0, 59));
    assert!(drawn.windows(2).all(|pair| pair[0] > pair[1]));
}

#[test]
fn customers_of_one_value_stand_in_the_order_of_their_ids() {
    let mut ids: Vec<String> = (0..300).map(|n| format!("{:03}", 299 - n)).collect();
    ids.push("top".into());
    let mut values = vec![5.0; 300];
    values.push(9.0);
    let chart = intervals(&ids, &values).unwrap();
    let Values::Text(drawn) = chart.data().column("customer_id").unwrap().values() else { panic!() };
    assert_eq!((drawn[0].as_str(), drawn[1].as_str(), drawn[59].as_str()), ("top", "004", "299"));
    assert!(drawn[1..].windows(2).all(|pair| pair[0] < pair[1]), "{drawn:?}");
}
