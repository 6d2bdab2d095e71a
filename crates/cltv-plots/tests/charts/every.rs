//! What holds for every chart: it is complete, refuses bad input, escapes names and works offline.

use cltv_plots::*;

use crate::inputs::*;

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
        titles(find("clv_by_p_return")).contains(&"Expected value, next 6 months ($, log scale)".to_owned())
    );
    assert!(titles(find("holdout_by_frequency")).contains(&"Mean purchases in 39 weeks".to_owned()));
}

#[test]
fn hostile_text_stays_text() {
    let currency = "<i>%{x}";
    let charts = [
        customer_timelines(&[timeline(INJECTION)], "1998-06-30", ""),
        segment_overview(&[segment(INJECTION, Some(1.0))], currency),
        scatter(INJECTION, INJECTION),
        value_by_group(&[group(INJECTION)], "tier", 6, currency),
        value_by_segment_and_tier(&[pair(INJECTION, INJECTION, 1.0)], 6, currency),
        cohort_retention(&CohortTable { cohorts: texts(&[INJECTION, "b", "c"]), ..cohorts() }),
        monetary_distribution(&[1.0, 2.0, 3.0], currency),
        clv_distribution(&[1.0, 2.0, 3.0], 6, currency),
        concentrated(&[1.0, 2.0], currency),
        spend_density(&[1.0, 2.0], &[0.0, 5.0], &[0.1, 0.1], currency),
        purchases_over_time(&totals(), currency),
        rfm_heatmap(&[rfm_cell(1, 1)], currency),
        cumulative_tracking(&Tracking { unit: INJECTION.into(), ..weeks() }),
        p_alive_matrix(&HistoryGrid { unit: INJECTION.into(), ..grid() }),
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
    let chart = scatter(INJECTION, "A").unwrap();
    match chart.data().column("customer_id").unwrap().values() {
        Values::Text(ids) => assert_eq!(ids[0], INJECTION),
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
        cumulative_tracking(&Tracking { actual: vec![1.0], ..weeks() }),
        incremental_tracking(&Tracking { expected: vec![1.0], ..weeks() }),
        spend_density(&[1.0], &[0.0, 1.0], &[1.0], "$"),
        clv_by_p_return(&texts(&["1"]), &[0.1, 0.2], &[1.0], &texts(&["A"]), 6, "$"),
        clv_by_p_return(&texts(&["1"]), &[0.1], &[1.0, 2.0], &texts(&["A"]), 6, "$"),
        clv_by_p_return(&texts(&["1"]), &[0.1], &[1.0], &texts(&[]), 6, "$"),
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
        cohort_retention(&CohortTable { cohorts: vec![], sizes: vec![], retention: vec![], ..cohorts() }),
        rfm_heatmap(&[], "$"),
        segment_overview(&[], "$"),
        customer_timelines(&[], "1998-06-30", ""),
        expected_purchases_matrix(&HistoryGrid { frequency: vec![], ..grid() }, 39.0),
        p_alive_matrix(&HistoryGrid { recency: vec![], values: vec![], ..grid() }),
        repeat_purchases(&[], &[]),
        holdout_by_frequency(&[], 39.0, "week"),
        cumulative_tracking(&Tracking { elapsed: vec![], ..weeks() }),
        incremental_tracking(&Tracking { elapsed: vec![], ..weeks() }),
        spend_density(&[], &[1.0], &[1.0], "$"),
        clv_distribution(&[], 6, "$"),
        clv_by_p_return(&texts(&[]), &[], &[], &texts(&[]), 6, "$"),
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
        (clv_by_p_return(&texts(&["1"]), &[1.2], &[1.0], &texts(&["A"]), 6, "$"), "between 0 and 1"),
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
        concentrated(&[5.0], "$"),
        repeat_purchases(&[3], &[2.9]),
        cumulative_tracking(&Tracking { actual: vec![0.0; 4], expected: vec![0.0; 4], ..weeks() }),
        expected_purchases_matrix(&HistoryGrid { values: vec![vec![Some(0.0); 3]; 3], ..grid() }, 1.0),
        clv_by_p_return(&texts(&["1"]), &[0.0], &[0.0], &texts(&["A"]), 6, "$"),
        value_by_group(&[GroupValue { value: 0.0, winback_value: None, ..group("High") }], "tier", 6, "$"),
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
