//! Everything that can be wrong with what a user gives: one clear message, nothing lost.

use crate::executed::{notebook, outputs};
use crate::workspace::{EDA, MODEL, RFM, SUMMARY, Workspace};

/// Small data that everything accepts; each case spoils something.
const FINE: &str =
    "customer_id,date,amount\n1,2024-01-05,1\n1,2024-02-05,2\n2,2024-02-09,3\n3,2024-04-05,4\n";

/// A workspace with results of an earlier run.
fn with_results(notebooks: &[&str]) -> Workspace {
    let workspace = Workspace::of(notebooks);
    workspace.write("outputs/clv_results.csv", "good\n");
    workspace.write("outputs/visualizations/clv.html", "good\n");
    workspace.write("outputs/notebooks/01_eda.ipynb", "good\n");
    let own = r#"{"clv": ["clv_results.csv", "visualizations/clv.html", "notebooks/01_eda.ipynb"]}"#;
    workspace.write("outputs/.published.json", own);
    workspace.write("executive_summary.md", "good\n");
    workspace
}

fn check_results(workspace: &Workspace) {
    for file in ["clv_results.csv", "visualizations/clv.html", "notebooks/01_eda.ipynb"] {
        assert_eq!(workspace.read(&format!("outputs/{file}")), "good\n", "{file}");
    }
    assert_eq!(workspace.read("executive_summary.md"), "good\n");
    let files = workspace.files("outputs");
    let of_runs = |name: &&String| name.starts_with("failed/") || name.starts_with("runs/");
    let extra: Vec<&String> = files.keys().filter(|name| !of_runs(name)).collect();
    assert_eq!(extra.len(), 3, "{extra:?}");
}

/// Runs into a failed cell, checks what it says and leaves, and gives what it says.
fn fails(workspace: &Workspace, parameters: &[(&str, &str)], parts: &[&str]) -> String {
    let assert = workspace.report(parameters).code(1).stdout("");
    let stderr = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
    let (_, failure) = stderr.split_once("error: Cell ").expect("a failed cell");
    let (_, message) = failure.split_once("\n\nError: ").expect("the error after the cell's code");
    for part in parts {
        assert_eq!(message.matches(part).count(), 1, "{part:?} once in: {message}");
    }
    assert!(!message.contains("panicked") && !message.contains('\u{1b}'), "{message}");
    check_results(workspace);
    let (_, failed) = message.split_once("The notebook up to there is ").expect("where it is");
    let partial = notebook(workspace, failed.trim().trim_end_matches('.'));
    let errors = outputs(&partial).into_iter().filter(|output| output["output_type"] == "error");
    assert_eq!(errors.count(), 1, "the notebook shows the error");
    message.to_owned()
}

/// Files that cannot be used, and what must be said of each.
const FILES: &[(&str, &str, &[&str])] = &[
    ("empty.csv", "", &["\"empty.csv\" is empty", "export it again"]),
    ("header.csv", "customer_id,date,amount\n", &["no rows under it", "export it again with its rows"]),
    ("text.xlsx", FINE, &["\"text.xlsx\" is named as a workbook but holds plain text", "rename it to .csv"]),
    ("data.json", "{\"a\": 1}\n", &["\"data.json\" ends in \".json\"", "use a csv"]),
    (
        "column.csv",
        "Customer ID,date,amount\n1,2024-01-05,1\n2,2024-02-05,1\n",
        &[
            "no column \"customer_id\"",
            "\"Customer ID\", \"date\" and \"amount\"",
            "did you mean \"Customer ID\"?",
            "set customer_column",
        ],
    ),
    (
        "double.csv",
        "customer_id,date,amount,amount\n1,2024-01-05,1,2\n",
        &["2 columns called \"amount\"", "rename one of them"],
    ),
    (
        "dates.csv",
        "customer_id,date,amount\n1,2024-01-05,1\n2,yesterday,1\n3,2024-02-30,1\n",
        &["2 of 3 dates in column \"date\"", "line 3 \"yesterday\", line 4 \"2024-02-30\"", "date_format"],
    ),
    (
        "twoways.csv",
        "customer_id,date,amount\n1,01/02/2024,1\n2,03/04/2024,1\n",
        &["can be read in two ways (line 2: \"01/02/2024\"", "date_format, \"%d/%m/%Y\" or \"%m/%d/%Y\""],
    ),
    (
        "free.csv",
        "customer_id,date,amount\n1,2024-01-05,1\n2,2024-01-06,free\n",
        &["1 of 2 values in column \"amount\"", "line 3 \"free\"", "amount_column"],
    ),
    (
        "ragged.csv",
        "customer_id,date,amount\n1,2024-01-05,1,50\n2,2024-01-06,2,50\n",
        &["line 2 of \"ragged.csv\" has 4 fields where the header has 3", "quote values"],
    ),
    (
        "one.csv",
        "customer_id,date,amount\n7,2024-01-05,1\n7,2024-02-05,1\n",
        &["all 2 purchases of \"one.csv\" belong to one customer, \"7\"", "check customer_column"],
    ),
    (
        "future.csv",
        "customer_id,date,amount\n1,2024-01-05,1\n1,2024-02-05,1\n2,2999-01-09,1\n",
        &["1 row of \"future.csv\" is dated after today", "line 4 \"2999-01-09\"", "correct the dates"],
    ),
    (
        "returns.csv",
        "customer_id,date,amount\n1,2024-01-05,-1\n2,2024-02-05,-1\n",
        &["returns but no purchases", "check the sign of the amount column"],
    ),
];

#[test]
fn files_that_cannot_be_used() {
    let workspace = with_results(&[EDA]);
    for (name, text, parts) in FILES {
        workspace.write(name, text);
        fails(&workspace, &[("transactions", name)], parts);
    }
    let parts = ["there is no file \"no/such.csv\"", "correct the path", "\"cdnow\""];
    fails(&workspace, &[("transactions", "no/such.csv")], &parts);
}

#[test]
fn ends_outside_the_data() {
    let workspace = with_results(&[EDA]);
    workspace.write("fine.csv", FINE);
    let cases: [(&str, &str, &[&str]); 2] = [
        (
            "calibration_end",
            "2030-01-01",
            &[
                "calibration_end 2030-01-01 is outside the data",
                "from 2024-01-05 to 2024-04-05; choose a day",
            ],
        ),
        ("observation_end", "2023-01-01", &["observation_end 2023-01-01 is outside", "choose a day after"]),
    ];
    for (name, value, parts) in cases {
        fails(&workspace, &[("transactions", "fine.csv"), (name, value)], parts);
    }
}

#[test]
fn nobody_bought_twice() {
    let once = "customer_id,date,amount\n1,2024-01-05,1\n2,2024-01-09,1\n3,2024-02-05,1\n3,2024-02-05,1\n";
    let parts =
        ["none of the 3 customers of \"once.csv\" bought on two different days", "check customer_column"];
    // The first notebook says so, and so does the one with the model.
    for name in [EDA, MODEL] {
        let workspace = with_results(&[name]);
        workspace.write("once.csv", once);
        fails(&workspace, &[("transactions", "once.csv")], &parts);
    }
}

#[test]
fn segment_tables_that_do_not_fit() {
    let workspace = with_results(&[RFM]);
    let cases: [(&str, &str, &[&str]); 4] = [
        ("gap.csv", "Gone,1,2,1,5\nHere,3,5,1,4\n", &["no segment covers (3, 5), (4, 5), (5, 5)"]),
        ("twice.csv", "Gone,1,2,1,5\nHere,3,5,1,5\nTop,5,5,5,5\n", &["(5, 5) by Here and Top"]),
        (
            "both.csv",
            "Gone,1,2,1,5\nHere,3,5,1,4\nTop,2,4,5,5\n",
            &["(2, 5) by Gone and Top", "no segment covers (5, 5)"],
        ),
        ("six.csv", "Gone,1,6,1,5\n", &["line 2", "r_max is \"6\"; write a whole number from 1 to 5"]),
    ];
    for (name, rules, parts) in cases {
        workspace.write(name, format!("segment,r_min,r_max,f_min,f_max\n{rules}"));
        fails(&workspace, &[("segments", name)], parts);
    }
    let message =
        fails(&workspace, &[("segments", "none.csv")], &["no file \"none.csv\"", "correct the path"]);
    assert!(!message.contains("data set"), "{message}");
}

#[test]
fn parameters_are_refused_before_anything_runs() {
    let workspace = with_results(&[EDA, MODEL, SUMMARY]);
    let cases: [(&str, &str, &[&str]); 16] = [
        ("outputs", "notebooks", &["holds the workspace's own files"]),
        ("horizn_months", "6", &["No parameter is named `horizn_months`; did you mean `horizon_months`?"]),
        ("zzz", "6", &["No parameter is named `zzz`.", "Parameters of every notebook: transactions"]),
        ("horizon_months", "six", &["`horizon_months` is declared as u32", "\"six\" is not a whole number"]),
        ("horizon_months", "2.5", &["\"2.5\" is not a whole number"]),
        ("horizon_months", "0", &["`horizon_months` must be a whole number from 1 to 600"]),
        ("discount_annual", "ten", &["`discount_annual` is declared as f64", "\"ten\" is not"]),
        ("discount_annual", "-0.1", &["`discount_annual` must be a number from 0 to below 1"]),
        ("discount_annual", "2", &["`discount_annual` must be a number from 0 to below 1; \"2\" is not"]),
        ("margin", "-3", &["`margin` must be a number above 0 and at most 1; \"-3\" is not"]),
        ("calibration_end", "30.9.97", &["`calibration_end` must be a day such as 1997-09-30"]),
        ("at_risk_below", "1.5", &["`at_risk_below` must be a number from 0 to 1"]),
        ("grain", "fortnight", &["`grain` must be day, week or month; \"fortnight\" is not"]),
        ("time_unit", "decade", &["`time_unit` must be day, week, month or year"]),
        ("returns", "keep", &["`returns` must be drop or net"]),
        ("outputs", ".", &["holds the workspace's own files", "Choose a folder of its own"]),
    ];
    for (name, value, parts) in cases {
        let assert = workspace.report(&[(name, value)]).code(2).stdout("");
        let stderr = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
        assert!(stderr.starts_with("error: ") && stderr.lines().count() == 1, "{stderr}");
        for part in parts {
            assert!(stderr.contains(part), "{part:?} is not in: {stderr}");
        }
        check_results(&workspace);
        assert!(!workspace.exists("outputs/failed"), "nothing ran");
    }
}
