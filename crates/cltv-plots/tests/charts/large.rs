//! Charts of 200,000 customers stay small, and say what they leave out.

use cltv_plots::*;

#[path = "../../examples/large/charts.rs"]
mod simulated;

/// More than a page of any number of customers needs, without plotly.js beside it.
const PAGE: usize = 2_000_000;

#[test]
fn pages_of_large_inputs_stay_small_and_say_how() {
    let charts = simulated::charts(200_000);
    assert_eq!(charts.len(), 28);
    for large in charts {
        let chart = (large.draw)().unwrap();
        assert_eq!(chart.name(), large.name);
        let page = chart.html_page(PLOTLY_FILE);
        assert!(page.len() < PAGE, "{}: {} bytes", large.name, page.len());
        assert!(chart.data().to_csv().len() < PAGE, "{}", large.name);
        let [(_, html), (_, json), (_, text)] = chart.mime_bundle();
        assert!(html.len() + json.len() < 2 * PAGE, "{}", large.name);
        assert_eq!(chart.note().is_some(), large.reduced, "{}", large.name);
        if let Some(note) = chart.note() {
            assert!(note.ends_with('.'), "{note}");
            assert!(note.chars().count() <= 110, "{note} fits 700 pixels");
            assert!(text.ends_with(note), "{text}");
            assert_eq!(page.matches(note).count(), 2, "{}: below the heading and in the label", large.name);
            assert!(json.contains("\"subtitle\"") && html.contains(note), "{}", large.name);
        }
    }
}

#[test]
fn customers_close_together_share_a_mark_with_their_number() {
    let count = 20_000;
    let ids: Vec<String> = (0..count).map(|n| format!("C{n}")).collect();
    let chances: Vec<f64> = (0..count).map(|n| f64::from(n % 10) / 10.0).collect();
    let mut clv: Vec<f64> = (0..count).map(|n| 10.0 + f64::from(n % 4)).collect();
    clv[7] = 99.0;
    let segments: Vec<&str> = (0..count).map(|n| ["Loyal", "At Risk"][n as usize % 2]).collect();
    let chart = clv_by_p_return(&ids, &chances, &clv, &segments, 6, "$").unwrap();
    // 10 chances and 4 of CLV, in step: 20 pairs, and the customer who is worth more.
    assert_eq!(chart.data().rows(), 21);
    let Values::Integers(counts) = chart.data().column("customers").unwrap().values() else { panic!() };
    assert_eq!(counts.iter().sum::<i64>(), 20_000);
    let Values::Text(names) = chart.data().column("customer_id").unwrap().values() else { panic!() };
    assert_eq!(names.iter().filter(|name| !name.is_empty()).collect::<Vec<_>>(), ["C7"]);
    let figure = chart.figure_json().to_string();
    assert!(
        figure
            .contains("1,000 customers, on average<br>Loyal<br>Chance to buy again 0.0&#37;<br>Value $10.00"),
        "{figure}"
    );
    assert!(figure.contains("Customer C7<br>At Risk<br>Chance to buy again 70.0&#37;<br>Value $99.00"));
    assert_eq!(
        chart.note(),
        Some(
            "20,000 customers are drawn as 21 marks: those close together share one; larger marks hold more."
        )
    );
}

#[test]
fn joined_cohorts_are_weighted_by_their_customers() {
    let mut retention = vec![vec![Some(1.0), Some(0.5)]; 121];
    retention[0][1] = Some(0.1);
    let table = CohortTable {
        period: "week".into(),
        cohorts: (0..121).map(|n| format!("cohort {n}")).collect(),
        sizes: std::iter::once(300).chain([100; 120]).collect(),
        retention,
    };
    let chart = cohort_retention(&table).unwrap();
    assert_eq!(chart.note(), Some("Each row is 2 cohorts."));
    let trace = &chart.figure_json()["data"][0];
    assert_eq!(trace["y"].as_array().map(Vec::len), Some(61));
    assert_eq!(trace["y"][0], "cohort 0 to cohort 1 (400)");
    // (300 * 0.1 + 100 * 0.5) / 400.
    assert_eq!(trace["z"][0][1], 0.2);
}

#[test]
fn joined_periods_keep_their_sums() {
    let days = 4_001;
    let tracking = Tracking {
        unit: "day".into(),
        elapsed: (1..=days).map(f64::from).collect(),
        actual: vec![2.0; 4_001],
        expected: vec![1.0; 4_001],
        calibration_end: 2_000.0,
    };
    let chart = incremental_tracking(&tracking).unwrap();
    assert_eq!(chart.note(), Some("Each point adds up 3 days."));
    assert_eq!(chart.title(), "Repeat purchases per 3 days: actual and expected");
    let drawn = &chart.figure_json()["data"][0];
    assert_eq!((&drawn["y"][0], &drawn["x"][0]), (&6.0.into(), &3.0.into()));
    assert!(
        chart.text_summary().contains("4,002 repeat purchases in the 2,001 days of the holdout; "),
        "{}",
        chart.text_summary()
    );
    let total = cumulative_tracking(&tracking).unwrap().figure_json()["data"][0]["y"]
        .as_array()
        .unwrap()
        .last()
        .cloned();
    assert_eq!(total, Some(8_002.0.into()));
}

#[test]
fn of_many_groups_the_largest_are_drawn_with_their_share_of_all() {
    let size = |n: u64| 1 + n * 37 % 100;
    let name = |n: u64| format!("group {n}");
    let segments: Vec<SegmentTotal> = (0..100)
        .map(|n| SegmentTotal { name: name(n), customers: size(n), revenue: Some(10.0 * size(n) as f64) })
        .collect();
    let groups: Vec<GroupValue> = (0..100)
        .map(|n| GroupValue { name: name(n), customers: 1, value: size(n) as f64, winback_value: None })
        .collect();
    let pairs: Vec<SegmentTierValue> = (0..100)
        .map(|n| SegmentTierValue {
            segment: name(n),
            tier: "High".into(),
            customers: 1,
            value: size(n) as f64,
        })
        .collect();
    let channels: Vec<ChannelRatio> = (0..100)
        .map(|n| ChannelRatio { name: name(n), accounts: size(n), ratio: Some(2.0), payback_months: None })
        .collect();
    let charts = [
        (segment_overview(&segments, "$"), "segments"),
        (value_by_group(&groups, "segment", 6, "$"), "segments"),
        (value_by_segment_and_tier(&pairs, 6, "$"), "segments"),
        (ltv_to_cac(&channels, "channel"), "channels"),
    ];
    for (chart, things) in charts {
        let chart = chart.unwrap();
        assert_eq!(chart.note(), Some(format!("The 60 largest of 100 {things} are drawn.").as_str()));
        assert_eq!(chart.data().rows(), 60);
        let figure = chart.figure_json().to_string();
        // The sizes are 1 to 100 in another order: 41 and more are drawn.
        let named = |size: u64| format!("\"group {}\"", (0..100).find(|n| 1 + n * 37 % 100 == size).unwrap());
        assert!(figure.contains(&named(41)) && !figure.contains(&named(40)), "{}", chart.name());
    }
    let bars = segment_overview(&segments, "$").unwrap().figure_json()["data"][0]["text"].to_string();
    assert!(bars.contains("\"100 (2&#37;)\""), "100 of 5,050: {bars}");
}

#[test]
fn both_ends_of_a_large_q_q_plot_are_drawn_in_full() {
    let found: Vec<f64> = (0..20_000).map(|n| f64::from(n) / 5_000.0 - 2.0).collect();
    let chart = normal_quantiles(&found, &found).unwrap();
    let Values::Numbers(drawn) = chart.data().column("theoretical").unwrap().values() else { panic!() };
    let drawn: Vec<f64> = drawn.iter().copied().flatten().collect();
    assert_eq!((&drawn[..500], &drawn[drawn.len() - 500..]), (&found[..500], &found[19_500..]));
    let gaps = drawn.windows(2).map(|pair| pair[1] - pair[0]);
    assert!(gaps.clone().all(|gap| gap > 0.0), "each residual once, in order");
    assert!(gaps.fold(0.0, f64::max) < 0.005, "no gap");
}
