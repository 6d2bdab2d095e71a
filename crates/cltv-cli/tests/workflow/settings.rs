//! What parameters do to a run.

use crate::executed::{self, notebook, plain_texts};
use crate::workspace::{MODEL, RFM, SEGMENTATION, SUMMARY, Workspace, column, csv_and};

const TABLE: &str = "segment,r_min,r_max,f_min,f_max,action,advice,spend
Gone,1,2,1,5,reactivation,Write to them.,little
Here,3,5,1,4,retention,Thank them.,some
Best,3,5,5,5,retention,Thank them twice.,much
";

/// Net returns, weeks as grain, days as unit, another folder for the results, called from below.
#[test]
fn other_settings_take_effect_and_leave_the_default_outputs_alone() {
    let notebooks = [MODEL, SEGMENTATION, SUMMARY];
    let workspace = Workspace::of(&notebooks);
    workspace.take("purchases.csv");
    let table = TABLE.replace("Here", "Present");
    workspace.write("tables/mine.csv", table);
    workspace.write("executive_summary.md", "of the default run\n");
    let parameters = csv_and(&[
        ("returns", "net"),
        ("grain", "week"),
        ("time_unit", "day"),
        ("horizon_months", "12"),
        ("currency", "€"),
        ("segments", "tables/mine.csv"),
        ("outputs", "results/other"),
    ]);
    workspace.report_in("notebooks", &parameters).success();
    for name in notebooks {
        executed::check(&workspace, &format!("results/other/notebooks/{name}.ipynb"));
    }
    assert_eq!(workspace.read("executive_summary.md"), "of the default run\n");
    assert!(!workspace.exists("outputs") && !workspace.exists("notebooks/results"));
    let summary = workspace.json("results/other/model_summary.json");
    assert_eq!((&summary["data"]["grain"], &summary["data"]["time_unit"]), (&"week".into(), &"day".into()));
    let text = workspace.read("results/other/executive_summary.md");
    assert!(text.contains("**€") && text.contains("next 12 months") && !text.contains('$'), "{text}");
    let segments = column(&workspace.read("results/other/clv_results.csv"), "rfm_segment");
    assert!(segments.iter().all(|name| ["Gone", "Present", "Best"].contains(&name.as_str())), "{segments:?}");
    let ages = column(&workspace.read("results/other/clv_results.csv"), "T");
    let longest = ages.iter().map(|age| age.parse::<f64>().expect("a number")).fold(0.0, f64::max);
    assert!((500.0..600.0).contains(&longest), "{longest} days");
}

/// A table of one's own replaces the default, and a relative path means the same wherever the
/// command is called.
#[test]
fn a_segment_table_of_ones_own_from_any_folder() {
    let workspace = Workspace::of(&[RFM]);
    workspace.take("purchases.csv");
    workspace.write("mine.csv", TABLE);
    let parameters = csv_and(&[("segments", "mine.csv")]);
    workspace.report(&parameters).success();
    let above = workspace.read("outputs/rfm_df.csv");
    let mut names = column(&above, "segment");
    names.sort();
    names.dedup();
    assert_eq!(names, ["Best", "Gone", "Here"]);
    let texts = plain_texts(&notebook(&workspace, &format!("outputs/notebooks/{RFM}.ipynb")));
    assert!(texts.contains("Thank them twice."), "{texts}");

    workspace.write("deep/down/note.txt", "");
    workspace.report_in("deep/down", &parameters).success();
    assert_eq!(workspace.read("outputs/rfm_df.csv"), above);
    assert!(!workspace.exists("deep/down/outputs") && !workspace.exists("notebooks/outputs"));
}
