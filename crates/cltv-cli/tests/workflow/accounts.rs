//! `cltv report revops` and `cltv report formula` without a parameter: files, figures, and that the
//! first workflow's summary stays its own.

use crate::executed;
use crate::workspace::Workspace;

const REVOPS: [&str; 4] =
    ["10_crm_eda", "11_cltv_regression", "12_expense_forecast", "13_accounts_and_channels"];
const FORMULA: [&str; 1] = ["20_formula_clv"];

pub(crate) fn reported(workflow: &str, notebooks: &[&str]) -> Workspace {
    let workspace = Workspace::whole();
    workspace.add(notebooks);
    workspace.cltv_in("", &["report", workflow]).success();
    for name in notebooks {
        let charts = executed::check(&workspace, &format!("outputs/notebooks/{name}.ipynb"));
        assert!(charts > 0, "{name}");
    }
    assert!(workspace.exists(&format!("outputs/{workflow}/executive_summary.md")));
    assert!(!workspace.exists("executive_summary.md") && !workspace.exists("outputs/executive_summary.md"));
    workspace
}

#[test]
fn the_accounts_are_explained_forecast_and_ranked() {
    let workspace = reported("revops", &REVOPS);
    let summary = workspace.json("outputs/regression_summary.json");
    assert_eq!((&summary["n_train"], &summary["n_test"]), (&4000.into(), &1000.into()));
    assert_eq!(summary["features"].as_array().map(Vec::len), Some(23));
    for metric in ["r2", "adj_r2", "rmse", "mae", "medae"] {
        assert!(summary[metric]["train"].is_f64() && summary[metric]["test"].is_f64(), "{metric}");
    }
    let r2 = summary["r2"]["test"].as_f64().expect("a number");
    assert!((r2 - 0.692_14).abs() < 1e-4, "{r2}");
    let ranked = workspace.read("outputs/crm_accounts_ranked.csv");
    assert_eq!(ranked.lines().count(), 5001);
    assert!(ranked.lines().next().is_some_and(|header| header.contains("CLTV_Predicted_Value__c")));
    let page = workspace.read("outputs/revops/executive_summary.md");
    for part in ["none of its accounts exists", "73.3%", "Events", "**Warning:**", "Protect"] {
        assert!(page.contains(part), "{part} is missing in\n{page}");
    }
}

#[test]
fn the_formula_gives_the_published_table_and_its_limits() {
    let workspace = reported("formula", &FORMULA);
    let notebook = executed::notebook(&workspace, "outputs/notebooks/20_formula_clv.ipynb");
    let said = executed::plain_texts(&notebook);
    for mean in ["2079.55", "4758.47", "8274.89", "17990.25"] {
        assert!(said.contains(mean), "{mean} is missing in\n{said}");
    }
    assert_eq!(workspace.read("outputs/formula_segments.csv").lines().count(), 501);
    let page = workspace.read("outputs/formula/executive_summary.md");
    for part in ["2,357 customers", "43.9% above", "$53,688"] {
        assert!(page.contains(part), "{part} is missing in\n{page}");
    }
}
