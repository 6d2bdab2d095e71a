//! `cltv report` without a parameter: everything that is promised of it, with the literature's figures.

use std::fs;

use serde_json::Value;

use crate::executed;
use crate::workspace::{ALL, Workspace, records, repository};

const FILES: [&str; 6] = [
    "clv_data.csv",
    "clv_results.csv",
    "executive_summary.md",
    "model_summary.json",
    "rfm_df.csv",
    "segment_summary.csv",
];

const RESULT_COLUMNS: [&str; 20] = [
    "customer_id",
    "frequency",
    "t_x",
    "T",
    "monetary",
    "p_return",
    "p_alive",
    "expected_purchases",
    "purchases_low",
    "purchases_high",
    "expected_spend",
    "revenue_low",
    "revenue_high",
    "clv",
    "clv_low",
    "clv_high",
    "value_if_reactivated",
    "winback_value",
    "rfm_segment",
    "value_tier",
];

#[test]
fn the_default_report_writes_what_is_promised() {
    let workspace = Workspace::whole();
    let assert = workspace.report(&[]).success();
    let stdout = String::from_utf8_lossy(&assert.get_output().stdout).into_owned();
    assert!(stdout.contains("5 notebooks in ") && stdout.contains("Written to outputs:"), "{stdout}");
    files_are_there(&workspace);
    the_figures_are_the_literatures(&workspace.json("outputs/model_summary.json"));
    the_tables_have_their_columns(&workspace);
    the_pages_work_offline(&workspace);
    let charts: Vec<usize> = ALL
        .iter()
        .map(|name| executed::check(&workspace, &format!("outputs/notebooks/{name}.ipynb")))
        .collect();
    assert!(charts.iter().all(|&charts| charts > 0), "{charts:?}");
    let pages = workspace.files("outputs/visualizations").len() - 1;
    assert!(charts.iter().sum::<usize>() >= pages, "{charts:?} charts shown, {pages} pages");
    the_summary_is_the_committed_one(&workspace);
}

fn files_are_there(workspace: &Workspace) {
    let outputs = workspace.files("outputs");
    let mut expected: Vec<String> = FILES.map(str::to_owned).into();
    expected.extend(ALL.map(|name| format!("notebooks/{name}.ipynb")));
    let (logs, files): (Vec<&String>, Vec<&String>) =
        outputs.keys().partition(|name| name.starts_with("runs/"));
    assert_eq!(logs.len(), 1, "the log of the run: {logs:?}");
    let others: Vec<&String> =
        files.into_iter().filter(|name| !name.starts_with("visualizations/")).collect();
    expected.sort();
    assert_eq!(others, expected.iter().collect::<Vec<_>>());
    assert!(outputs.values().all(|bytes| !bytes.is_empty()));
}

fn the_summary_is_the_committed_one(workspace: &Workspace) {
    let written = workspace.read("outputs/executive_summary.md");
    assert_eq!(workspace.read("executive_summary.md"), written);
    let committed = fs::read_to_string(repository().join("executive_summary.md")).expect("there");
    for (new, old) in written.lines().zip(committed.lines()) {
        assert_eq!(new, old, "run `cltv report` and commit its executive_summary.md");
    }
    assert_eq!(written.len(), committed.len(), "run `cltv report` and commit its executive_summary.md");
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().expect("an object").keys().map(String::as_str).collect()
}

fn assert_keys(value: &Value, expected: &[&str]) {
    let (mut found, mut expected) = (keys(value), expected.to_vec());
    found.sort_unstable();
    expected.sort_unstable();
    assert_eq!(found, expected);
}

/// Fader, Hardie and Lee (2005), table 2, and Fader and Hardie (2013), section 4, on CDNOW.
fn the_figures_are_the_literatures(summary: &Value) {
    assert_eq!((&summary["version"], &summary["model"]), (&2.into(), &"bg_nbd".into()));
    assert_keys(summary, &["version", "model", "data", "calibration", "full", "value", "holdout", "audits"]);
    let data = serde_json::json!({
        "customers": 2357, "rows": 6919, "purchases": 6696, "time_unit": "week", "grain": "day",
        "calibration_end": "1997-09-30", "observation_end": "1998-06-30",
    });
    assert_eq!(summary["data"], data);
    for period in ["calibration", "full"] {
        assert_keys(&summary[period], &["purchases", "spend"]);
        for (part, model, names) in [
            ("purchases", "bg_nbd", &["r", "alpha", "a", "b"][..]),
            ("spend", "gamma_gamma", &["p", "q", "v"]),
        ] {
            let fit = &summary[period][part];
            let rest = ["model", "log_likelihood", "std_errors", "intervals", "identified"];
            assert_keys(fit, &[names, &rest].concat());
            assert_keys(&fit["std_errors"], names);
            assert_keys(&fit["intervals"], names);
            assert!(fit["model"] == model && fit["identified"] == true, "{period} {model}");
        }
    }
    let purchases = &summary["calibration"]["purchases"];
    near(&purchases["r"], 0.242_594_5, 1e-4);
    near(&purchases["alpha"], 4.413_602_3, 1e-4);
    near(&purchases["a"], 0.792_922_1, 1e-4);
    near(&purchases["b"], 2.425_907_2, 1e-4);
    near(&purchases["log_likelihood"], -9_582.429_2, 1e-3);
    let spend = &summary["calibration"]["spend"];
    near(&spend["p"], 6.249_57, 1e-3);
    near(&spend["q"], 3.744_22, 1e-3);
    near(&spend["v"], 15.443_52, 1e-3);
    near(&spend["log_likelihood"], -4_055.917_7, 1e-3);
    let holdout = &summary["holdout"];
    let holdout_keys = [
        "periods",
        "actual_purchases",
        "expected_purchases",
        "expected_low",
        "expected_high",
        "level",
        "inside_interval",
        "mae",
        "rmse",
    ];
    assert_keys(holdout, &holdout_keys);
    the_intervals_are_around_their_figures(summary);
    near(&holdout["periods"], 39.0, 1e-9);
    assert_eq!(holdout["actual_purchases"], 1882);
    near(&holdout["expected_purchases"], 1_653.41, 0.005);
    for audit in summary["audits"].as_array().expect("a list") {
        assert_keys(audit, &["name", "level", "figure", "message"]);
        let level = audit["level"].as_str().expect("a word");
        assert!(["ok", "note"].contains(&level), "{audit}");
    }
}

/// Of the total value, and of the holdout, whose purchases the model's interval does not hold.
fn the_intervals_are_around_their_figures(summary: &Value) {
    let number = |value: &Value| value.as_f64().expect("a number");
    let (value, holdout) = (&summary["value"], &summary["holdout"]);
    let [low, middle, high] = ["clv_low", "clv", "clv_high"].map(|name| number(&value[name]));
    assert!(low < middle && middle < high && high < 1.3 * low, "{value}");
    let [low, middle, high] =
        ["purchases_low", "purchases", "purchases_high"].map(|name| number(&value[name]));
    assert!(low < middle && middle < high && high < 1.3 * low, "{value}");
    assert_eq!((number(&value["level"]), &value["draws"]), (0.95, &Value::from(200)));
    let [low, high] = ["expected_low", "expected_high"].map(|name| number(&holdout[name]));
    assert!(low < 1_653.0 && 1_653.0 < high && high < 1_882.0, "{holdout}");
    assert_eq!(holdout["inside_interval"], false);
}

fn near(value: &Value, expected: f64, tolerance: f64) {
    let value = value.as_f64().expect("a number");
    assert!((value - expected).abs() <= tolerance, "{value} is not {expected} within {tolerance}");
}

fn the_tables_have_their_columns(workspace: &Workspace) {
    let results = records(&workspace.read("outputs/clv_results.csv"));
    assert_eq!(results[0], RESULT_COLUMNS);
    assert_eq!(results.len() - 1, 2357);
    let at = |name: &str| RESULT_COLUMNS.iter().position(|column| *column == name).expect("a column");
    let of_dropout = [at("value_if_reactivated"), at("winback_value")];
    let figures = ["p_return", "p_alive", "clv", "clv_low", "clv_high"].map(at);
    let predicted =
        ["purchases_low", "purchases_high", "revenue_low", "revenue_high", "expected_purchases"].map(at);
    for record in &results[1..] {
        // The BG/NBD lets nobody drop out before a second purchase, so nobody who bought once can be won back.
        let is_empty = |at: usize| record[at].is_empty();
        let once = record[1] == "0";
        assert!(
            (0..RESULT_COLUMNS.len()).all(|at| is_empty(at) == (once && of_dropout.contains(&at))),
            "{record:?}"
        );
        let number = |at: usize| record[at].parse::<f64>().expect("a number");
        let [returns, alive, value, low, high] = figures.map(number);
        assert!(low <= value && value <= high && returns <= alive, "{record:?}");
        let [fewest, most, least, dearest, expected] = predicted.map(number);
        assert!(fewest <= most && least <= dearest && expected <= most + 1.0, "{record:?}");
        assert!((fewest > 0.0) == (least > 0.0) && (most > 0.0) == (dearest > 0.0), "{record:?}");
    }
    let rfm = records(&workspace.read("outputs/rfm_df.csv"));
    assert_eq!(rfm.len() - 1, 2357);
    assert!(rfm[0].contains(&"recency_days".to_owned()));
    let clean = records(&workspace.read("outputs/clv_data.csv"));
    assert_eq!((clean[0].join(",").as_str(), clean.len() - 1), ("customer_id,date,amount", 6919));
}

fn the_pages_work_offline(workspace: &Workspace) {
    let pages = workspace.files("outputs/visualizations");
    assert!(pages.contains_key("plotly.min.js"));
    assert!(pages.len() >= 16, "{:?}", pages.keys());
    for (name, bytes) in pages.iter().filter(|(name, _)| *name != "plotly.min.js") {
        assert!(name.ends_with(".html"), "{name}");
        let page = std::str::from_utf8(bytes).expect("utf-8");
        let sources: Vec<&str> = page.split("src=").skip(1).collect();
        assert_eq!(sources.len(), 1, "{name}");
        assert!(sources[0].starts_with("\"plotly.min.js\""), "{name}");
        assert!(!page.contains("href=") && !page.contains("@import"), "{name}");
        assert!(!page.contains("http://") && !page.contains("https://"), "{name}");
    }
}
