//! Charts of one's own columns, and the still pictures of all charts.

use cltv_plots::*;

use crate::inputs::{INJECTION, all};

fn sales() -> OwnChart {
    let month = Along::Names(Names::of(["Jan", "Jan", "Feb", "Mar"]));
    let amount = Measure { name: "amount".into(), values: vec![2.0, 3.0, 4.0, f64::NAN] };
    OwnChart::new("month", month, vec![amount])
}

fn column(chart: &Chart, name: &str) -> Vec<f64> {
    match chart.data().column(name).unwrap_or_else(|| panic!("{name} in {}", chart.data())).values() {
        Values::Numbers(values) => values.iter().map(|value| value.unwrap()).collect(),
        Values::Integers(values) => values.iter().map(|&value| value as f64).collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn rows_with_the_same_x_are_put_together_as_asked_for() {
    for (how, name, expected) in [
        (Together::Sum, "sum of amount", [5.0, 4.0]),
        (Together::Mean, "mean of amount", [2.5, 4.0]),
        (Together::Median, "median of amount", [2.5, 4.0]),
        (Together::Count, "number of rows", [2.0, 1.0]),
        (Together::Least, "least amount", [2.0, 4.0]),
        (Together::Largest, "largest amount", [3.0, 4.0]),
    ] {
        for kind in [OwnKind::Bar, OwnKind::Line] {
            let chart = sales().together(how).draw(kind).unwrap();
            assert_eq!(column(&chart, name), expected, "{name}");
            assert_eq!(chart.note(), Some("1 row without a value is left out."));
        }
    }
}

#[test]
fn groups_are_series_and_the_smallest_share_one() {
    let groups: Vec<String> = (0..40).flat_map(|group| vec![format!("g{group:02}"); 41 - group]).collect();
    let rows = groups.len();
    let x = Along::Numbers((0..rows).map(|row| row as f64).collect());
    let y = Measure { name: "y".into(), values: vec![1.0; rows] };
    let chart =
        OwnChart::new("x", x, vec![y]).by("group", Names::of(&groups)).draw(OwnKind::Scatter).unwrap();
    let figure = chart.figure_json();
    let names: Vec<&str> =
        figure["data"].as_array().unwrap().iter().filter_map(|t| t["name"].as_str()).collect();
    assert_eq!((names.len(), names[0], names[11]), (12, "g00", "29 others"));
    assert_eq!(column(&chart, "y").len(), rows);
}

#[test]
fn histograms_count_every_row() {
    let values: Vec<f64> = (0..1_000).map(|i| f64::from(i % 97) * 1.7).collect();
    let chart = OwnChart::new("age", Along::Numbers(values), vec![]).draw(OwnKind::Histogram).unwrap();
    assert_eq!(column(&chart, "rows").iter().sum::<f64>(), 1_000.0);
    let names = OwnChart::new("name", Along::Names(Names::of(["a"])), vec![]).draw(OwnKind::Histogram);
    assert!(matches!(names, Err(PlotError::Empty { .. })));
}

#[test]
fn hostile_names_stay_text() {
    let chart = OwnChart::new(
        INJECTION,
        Along::Names(Names::of([INJECTION, "b"])),
        vec![Measure { name: INJECTION.into(), values: vec![1.0, 2.0] }],
    )
    .by(INJECTION, Names::of([INJECTION, "c"]))
    .unit(Unit::Money("<i>".into()))
    .title(INJECTION);
    for kind in [OwnKind::Bar, OwnKind::Line, OwnKind::Scatter] {
        let chart = chart.draw(kind).unwrap();
        let figure = chart.figure_json().to_string();
        let svg = chart.svg();
        for markup in ["<script", "<b>", "<i>"] {
            assert!(!figure.contains(markup) && !svg.contains(markup), "{markup}");
        }
        assert!(chart.name().chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'));
    }
}

#[test]
fn every_chart_has_a_still_picture() {
    for chart in all() {
        let svg = chart.svg();
        assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>"), "{}", chart.name());
        let parts = svg.matches("<path").count() + svg.matches("<rect").count();
        assert!(parts > 3 && svg.contains("<text"), "{}: {parts}", chart.name());
        assert!(!svg.contains("NaN") && !svg.contains("inf") && !svg.contains("<script"), "{}", chart.name());
        assert!(!svg.contains("only where scripts run"), "{}", chart.name());
        assert!(svg.len() < 150_000, "{}: {}", chart.name(), svg.len());
        assert_eq!(svg, chart.svg(), "the same chart has the same picture");
        assert!(chart.html_fragment().contains("<img src=\"data:image/svg+xml;base64,"), "{}", chart.name());
    }
}
