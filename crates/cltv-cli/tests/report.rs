//! Workflows over the mock kernel: what is published, and what a failure leaves.

mod common;

use common::{Workspace, stream};
use predicates::prelude::*;
use predicates::str::contains;

const GOOD: &[(&str, &[&str])] = &[
    ("01_eda", &["// mock: write clv_data.csv data", "// mock: where"]),
    ("02_end", &["// mock: write executive_summary.md summary", "// mock: write visualizations/a.html x"]),
];

fn report(workspace: &Workspace, more: &[&str]) -> assert_cmd::assert::Assert {
    let mut args = vec!["report", "-k", "mock"];
    args.extend(more);
    workspace.cltv(&args).assert()
}

#[test]
fn a_good_run_is_published_and_summed_up() {
    let workspace = Workspace::new(GOOD);
    report(&workspace, &[]).success().stdout(
        contains("A test: 2 notebooks in ")
            .and(contains("Written to outputs:"))
            .and(contains("  clv_data.csv\n"))
            .and(contains("  notebooks/  2 files\n"))
            .and(contains("at the top of the workspace")),
    );
    assert_eq!(workspace.read("outputs/clv_data.csv").as_deref(), Some("data"));
    assert_eq!(workspace.read("outputs/visualizations/a.html").as_deref(), Some("x"));
    assert_eq!(workspace.read("executive_summary.md").as_deref(), Some("summary"));
    let notebook = workspace.json("outputs/notebooks/01_eda.ipynb");
    let place = stream(&notebook, 2);
    assert!(place.contains("outputs/.staging-"), "{place}");
    let run = &notebook["metadata"]["papermill"];
    assert_eq!(run["input_path"], "notebooks/01_eda.ipynb");
    assert_eq!(run["output_path"], "outputs/notebooks/01_eda.ipynb");
    assert!(workspace.hidden_in_outputs().is_empty());
}

#[test]
fn other_outputs_leave_the_top_level_alone() {
    let workspace = Workspace::new(GOOD);
    report(&workspace, &["--outputs", "elsewhere"]).success();
    assert!(workspace.exists("elsewhere/executive_summary.md"));
    assert!(!workspace.exists("executive_summary.md") && !workspace.exists("outputs"));
    let injected = workspace.json("elsewhere/notebooks/01_eda.ipynb");
    assert!(stream(&injected, 1).contains("let outputs: &str = \"elsewhere\";"));
    // The default under another spelling is still the default.
    report(&workspace, &["-p", "outputs", "./outputs/"]).success();
    assert!(workspace.exists("executive_summary.md"));
}

#[test]
fn a_failure_leaves_the_last_good_outputs() {
    let workspace = Workspace::new(GOOD);
    report(&workspace, &[]).success();
    workspace.notebook("notebooks/01_eda.ipynb", &["// mock: write clv_data.csv half"]);
    workspace.notebook(
        "notebooks/02_end.ipynb",
        &["// mock: write executive_summary.md half", "// mock: error DataError nothing left"],
    );
    report(&workspace, &[])
        .code(1)
        .stdout("")
        .stderr(contains("Cell 3 of 3 of 02_end failed").and(contains("outputs/failed/02_end.ipynb")));
    assert_eq!(workspace.read("outputs/clv_data.csv").as_deref(), Some("data"));
    assert_eq!(workspace.read("executive_summary.md").as_deref(), Some("summary"));
    assert!(workspace.read("outputs/failed/02_end.ipynb").is_some_and(|t| t.contains("nothing left")));
    assert!(workspace.hidden_in_outputs().is_empty());
    // The next good run takes the failed one's leavings away.
    workspace.notebook("notebooks/02_end.ipynb", &["// mock: stdout fine"]);
    report(&workspace, &[]).success();
    assert!(!workspace.exists("outputs/failed"));
    assert_eq!(workspace.read("outputs/clv_data.csv").as_deref(), Some("half"));
    assert!(!workspace.exists("outputs/visualizations/a.html"), "of the run before");
}

#[test]
fn a_promised_file_that_is_missing_fails_the_run() {
    let workspace = Workspace::new(GOOD);
    let toml = "[workflows.clv]\ntitle = \"t\"\nnotebooks = [\"01_eda\"]\nwrites = [\"rfm_df.csv\"]\n";
    workspace.write("notebooks/workflow.toml", toml);
    report(&workspace, &[]).code(1).stderr(contains("no cell wrote rfm_df.csv"));
    assert!(!workspace.exists("outputs/clv_data.csv"));
}

#[test]
fn a_dead_kernel_fails_the_run_with_its_code() {
    let workspace = Workspace::new(&[("01_eda", &["// mock: die"])]);
    report(&workspace, &[]).code(138).stderr(contains("outputs/failed/01_eda.ipynb"));
}

#[test]
fn two_runs_on_one_folder_are_refused() {
    let workspace = Workspace::new(&[("01_eda", &["// mock: sleep 3"])]);
    let mut first = std::process::Command::new(env!("CARGO_BIN_EXE_cltv"))
        .args(["report", "-k", "mock"])
        .current_dir(workspace.root())
        .env("JUPYTER_PATH", workspace.root().join("jupyter"))
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .expect("started");
    while workspace.read("outputs/.lock").is_none_or(|text| text.is_empty()) {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    report(&workspace, &[]).code(1).stderr(contains("Another cltv run"));
    assert!(first.wait().expect("ended").success());
}

#[test]
fn it_works_from_a_folder_below() {
    let workspace = Workspace::new(GOOD);
    let mut command = workspace.cltv(&["report", "-k", "mock"]);
    command.current_dir(workspace.root().join("notebooks"));
    command.assert().success();
    assert!(workspace.exists("outputs/clv_data.csv"));
}

#[test]
fn parameters_from_everywhere_and_papermills_options_hold_for_a_report() {
    let workspace =
        Workspace::new(&[("01_eda", &["// mock: stdout shown"]), ("02_end", &["// mock: sleep 30"])]);
    workspace.write("p.yaml", "{horizon_months: 2, outputs: results}");
    let args = ["-f", "p.yaml", "-y", "horizon_months: 3", "-r", "transactions", "7", "--report-mode"];
    report(&workspace, &[&args[..], &["--log-output", "--execution-timeout", "1"]].concat())
        .code(1)
        .stderr(contains("\nshown\n").and(contains("Cell 3 of 3 of 02_end failed")))
        .stderr(
            contains("the limit that --execution-timeout sets").and(contains("results/failed/02_end.ipynb")),
        );
    workspace.notebook("notebooks/02_end.ipynb", &["1"]);
    report(&workspace, &args).success().stdout(contains("Written to results:"));
    for name in ["01_eda", "02_end"] {
        let notebook = workspace.json(&format!("results/notebooks/{name}.ipynb"));
        let code = stream(&notebook, 1);
        assert!(
            code.contains("horizon_months: u32 = 3;") && code.contains("transactions: &str = \"7\";"),
            "{code}"
        );
        assert_eq!(notebook["cells"][0]["metadata"]["jupyter"]["source_hidden"], true);
    }
    assert!(!workspace.exists("outputs"));
}

#[test]
fn an_input_that_changes_during_the_run_stops_it_by_name() {
    let sales = |workspace: &Workspace| workspace.write("sales.csv", "customer_id,date\na,2024-01-01\n");
    let touch = "// mock: append ../sales.csv b,2024-01-02";
    for (name, first) in [("first", &[touch][..]), ("none", &["// mock: stdout a"])] {
        let workspace =
            Workspace::new(&[("01_eda", first), ("02_end", &["// mock: write clv_data.csv new"])]);
        sales(&workspace);
        workspace.write("outputs/.published.json", r#"{"clv": ["clv_data.csv"]}"#);
        workspace.write("outputs/clv_data.csv", "good");
        let done = report(&workspace, &["-p", "transactions", "sales.csv"]);
        match name {
            "none" => done.success(),
            _ => done.code(1).stderr(contains("sales.csv (transactions) changed while the report ran")),
        };
        let expected = if name == "none" { "new" } else { "good" };
        assert_eq!(workspace.read("outputs/clv_data.csv").as_deref(), Some(expected), "{name}");
        assert!(workspace.hidden_in_outputs().is_empty());
    }
    // The default counts as well, and so does a file that a notebook of the user's own names.
    let workspace = Workspace::new(&[("01_eda", &["// mock: append ../own.txt b"])]);
    workspace.write("own.txt", "a");
    let text = workspace.read("notebooks/01_eda.ipynb").expect("there");
    workspace.write(
        "notebooks/01_eda.ipynb",
        &text.replace("let outputs:", "let mine: &str = \\\"own.txt\\\";\\nlet outputs:"),
    );
    report(&workspace, &[]).code(1).stderr(contains("own.txt (mine) changed while the report ran"));
}
