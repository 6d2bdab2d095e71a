//! Purchases of one's own: from other kinds of files, and without amounts.

use crate::executed::{self, notebook, plain_texts};
use crate::workspace::{ALL, CSV, MODEL, Workspace, column, csv_and};

#[test]
fn csv_parquet_and_xlsx_of_the_same_purchases_give_the_same_models() {
    let workspace = Workspace::of(&[MODEL]);
    let parquet = [
        ("transactions", "purchases.parquet"),
        ("customer_column", "buyer"),
        ("date_column", "day"),
        ("amount_column", "paid"),
    ];
    let xlsx = [
        ("transactions", "purchases.xlsx"),
        ("sheet", "Sales"),
        ("customer_column", "Customer No"),
        ("date_column", "Order Date"),
        ("amount_column", "Total"),
    ];
    let mut summaries = Vec::new();
    for parameters in [&CSV[..], &parquet, &xlsx] {
        workspace.take(parameters[0].1);
        workspace.report(parameters).success();
        summaries.push(workspace.read("outputs/model_summary.json"));
    }
    assert_eq!(summaries[0], summaries[1], "csv and parquet");
    assert_eq!(summaries[0], summaries[2], "csv and xlsx");
    let summary = workspace.json("outputs/model_summary.json");
    assert_eq!(summary["data"]["customers"], 590);
    assert_eq!(summary["full"]["spend"]["model"], "gamma_gamma");
}

#[test]
fn without_amounts_the_purchase_model_runs_and_spend_is_skipped() {
    let workspace = Workspace::whole();
    workspace.take("purchases.csv");
    workspace.report(&csv_and(&[("amount_column", "")])).success();
    for name in ALL {
        executed::check(&workspace, &format!("outputs/notebooks/{name}.ipynb"));
    }
    let results = workspace.read("outputs/clv_results.csv");
    for name in [
        "monetary",
        "expected_spend",
        "revenue_low",
        "revenue_high",
        "clv",
        "clv_low",
        "clv_high",
        "value_if_reactivated",
        "winback_value",
    ] {
        let values = column(&results, name);
        assert!(values.len() == 590 && values.iter().all(String::is_empty), "{name} is empty");
    }
    for name in ["p_return", "p_alive", "expected_purchases", "purchases_high", "rfm_segment", "value_tier"] {
        assert!(column(&results, name).iter().all(|value| !value.is_empty()), "{name} is there");
    }
    let models = workspace.json("outputs/model_summary.json");
    for period in ["calibration", "full"] {
        assert!(models[period]["spend"].is_null(), "{period}");
        assert_eq!(models[period]["purchases"]["model"], "bg_nbd", "{period}");
    }
    let summary = workspace.read("executive_summary.md");
    for word in ["$", "revenue", "Expected value", "Win-back value", "The value", "Gamma-Gamma"] {
        assert!(!summary.contains(word), "{word:?} in {summary}");
    }
    assert!(summary.contains("purchases** are expected of the 590 customers"), "{summary}");
    let skipped = "Skipped: the data contain no amounts";
    let texts = plain_texts(&notebook(&workspace, &format!("outputs/notebooks/{MODEL}.ipynb")));
    assert!(texts.matches(skipped).count() >= 2, "{texts}");
}
