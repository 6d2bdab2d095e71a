//! What `cltv new` writes, run for real: as it is, as a sweep, and exported.

use std::fs;

use crate::workspace::{Workspace, column};

#[test]
fn a_new_folder_runs_sweeps_and_exports() {
    let workspace = Workspace::of(&[]);
    workspace.cltv_in("", &["new", "shop"]).success();
    workspace.cltv_in("shop", &["report"]).success();
    let results = workspace.read("shop/outputs/clv_results.csv");
    assert_eq!(column(&results, "customer_id").len(), 2357);

    // The table in the folder is the library's own, so it makes no difference.
    workspace.write(
        "shop/sets.yaml",
        "- {name: own}\n- {name: default, segments: \"\"}\n- {name: bad, transactions: none.csv}\n",
    );
    let sweep = ["report", "-f", "sets.yaml", "--jobs", "2"];
    workspace.cltv_in("shop", &sweep).code(1);
    for file in ["clv_results.csv", "segment_summary.csv"] {
        let of = |set: &str| workspace.read(&format!("shop/outputs/{set}/{file}"));
        assert_eq!(of("own"), of("default"), "{file}");
        assert_eq!(of("own"), workspace.read(&format!("shop/outputs/{file}")), "{file}");
    }
    let summary = workspace.read("shop/outputs/sweep.csv");
    assert_eq!(column(&summary, "status"), ["ok", "ok", "failed"]);
    assert!(column(&summary, "error")[2].contains("none.csv"), "{summary}");
    let total: f64 = column(&summary, "total_clv")[0].parse().expect("a number");
    // The headline of the committed executive summary.
    assert_eq!(total.round(), 37_308.0);

    let notebook = "outputs/notebooks/my_customers.ipynb";
    workspace.cltv_in("shop", &["export", notebook, "--no-input", "-o", "page.html"]).success();
    let page = fs::read_to_string(workspace.root().join("shop/page.html")).expect("written");
    assert_eq!(page.matches("__cltvPlotlyLoading = true").count(), 1, "the chart library is in it once");
    assert!(page.contains("cltv-chart") && !page.contains("fit_models"));
}
