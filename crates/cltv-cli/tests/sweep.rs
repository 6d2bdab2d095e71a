//! Sweeps over the mock kernel, and the logs of runs.

mod common;

use common::Workspace;
use predicates::prelude::*;
use predicates::str::contains;

const SETS: &str = "- {name: short, horizon_months: 3}\n- {horizon_months: 12, discount_annual: 0.2}\n\
                    - {name: long, horizon_months: 24}\n";

const SUMMARY: &str = "// mock: write model_summary.json {\"data\": {\"customers\": 7}, \"full\": {\"bg_nbd\": {\"log_likelihood\": -2.5}}}";

fn sweep(cells: &[&str]) -> Workspace {
    let workspace = Workspace::new(&[("01_eda", cells)]);
    workspace.write("sets.yaml", SETS);
    workspace
}

fn args<'a>(more: &[&'a str]) -> Vec<&'a str> {
    let mut args = vec!["report", "-k", "mock", "-f", "sets.yaml"];
    args.extend(more);
    args
}

#[test]
fn every_set_has_its_folder_and_its_row() {
    let workspace = sweep(&["// mock: write clv_results.csv customer_id,clv", SUMMARY]);
    workspace.write("base.yaml", "{transactions: sales.csv, horizon_months: 1}");
    workspace.cltv(&args(&["-f", "base.yaml", "--jobs", "2"])).assert().success().stdout(
        contains("name   horizon_months  discount_annual  status  seconds  customers  bg_nbd_log_likelihood")
            .and(contains(" short  3                                ok"))
            .and(contains(" 2      12              0.2              ok"))
            .and(contains("3 runs in "))
            .and(contains("summed up in outputs/sweep.csv.")),
    );
    let csv = workspace.read("outputs/sweep.csv").expect("written");
    let lines: Vec<Vec<&str>> = csv.lines().map(|line| line.split(',').collect()).collect();
    assert_eq!(
        lines[0],
        [
            "name",
            "horizon_months",
            "discount_annual",
            "status",
            "seconds",
            "folder",
            "error",
            "customers",
            "bg_nbd_log_likelihood"
        ]
    );
    let expected = [("short", "3", ""), ("2", "12", "0.2"), ("long", "24", "")];
    for (line, (name, horizon, discount)) in lines[1..].iter().zip(expected) {
        assert_eq!(line[..4], [name, horizon, discount, "ok"]);
        assert!(line[4].parse::<f64>().is_ok_and(|seconds| seconds > 0.0));
        assert_eq!(line[5..], [&format!("outputs/{name}"), "", "7", "-2.5"]);
        let notebook = workspace.read(&format!("outputs/{name}/notebooks/01_eda.ipynb")).expect("published");
        assert!(notebook.contains(&format!("horizon_months: u32 = {horizon};")));
        assert!(notebook.contains("let transactions: &str = \\\"sales.csv\\\";"));
        assert!(notebook.contains(&format!("outputs/{name}\\\";")), "the notebook knows its folder");
    }
    assert!(!workspace.exists("executive_summary.md"), "a sweep is not the default run");
}

#[test]
fn sets_run_side_by_side_when_asked_to() {
    let workspace = sweep(&["// mock: meet 3 30"]);
    workspace.cltv(&args(&["--jobs", "3"])).assert().success();
    let workspace = sweep(&["// mock: meet 3 1"]);
    workspace.cltv(&args(&[])).assert().code(1).stderr(contains("2 of 3 runs failed: short, 2."));
}

#[test]
fn a_failed_set_fails_the_sweep_and_the_others_are_published() {
    let workspace =
        sweep(&["// mock: write clv_data.csv x", "// mock: fail-if discount_annual: f64 = 0.2", SUMMARY]);
    workspace
        .cltv(&args(&["-j", "2"]))
        .assert()
        .code(1)
        .stdout(contains(" 2      12              0.2              failed"))
        .stderr(contains("1 of 3 runs failed: 2. The others are published."))
        .stderr(contains("2  failed: Cell 4 of 5 of 01_eda failed"));
    assert!(workspace.exists("outputs/short/clv_data.csv") && workspace.exists("outputs/long/clv_data.csv"));
    assert!(!workspace.exists("outputs/2/clv_data.csv"));
    assert!(workspace.exists("outputs/2/failed/01_eda.ipynb"));
    let csv = workspace.read("outputs/sweep.csv").expect("written");
    assert!(csv.contains("failed,") && csv.contains("cell 4 of 01_eda: Seen: there is"), "{csv}");
}

#[test]
fn sets_that_are_not_right_are_refused_before_anything_runs() {
    let workspace = sweep(&[]);
    for (sets, words) in [
        ("- {name: a}\n- {name: A}\n", "two of its sets are named \"A\""),
        ("- {name: 2}\n- {}\n", "two of its sets are named \"2\""),
        ("- {name: ../x}\n", "the name of set 1 is \"../x\", which is no name of a folder"),
        ("- {name: runs}\n", "no name of a folder"),
        ("- {name: [a]}\n", "the name of set 1 is a list"),
        ("- {outputs: x}\n", "set 1 sets `outputs`: its folder is named by the key `name`"),
        ("- {horizon_months: 0}\n", "`horizon_months` must be a whole number from 1 to 600"),
        ("- {}\n- {horizn_months: 2}\n", "did you mean `horizon_months`?"),
        ("- 3\n", "must map names to values"),
        ("[]\n", "its list has no sets"),
    ] {
        workspace.write("sets.yaml", sets);
        workspace.cltv(&args(&[])).assert().code(2).stderr(contains(words));
    }
    workspace.write("sets.yaml", "{horizon_months: 2}");
    workspace
        .cltv(&args(&["--jobs", "2"]))
        .assert()
        .code(2)
        .stderr(contains("give a file that holds a list of them"));
    workspace.cltv(&["report", "--jobs", "0"]).assert().code(2);
    assert!(!workspace.exists("outputs"));
}

#[test]
fn a_sweep_that_is_stopped_says_so() {
    let workspace = sweep(&["// mock: sleep 30"]);
    let mut child = workspace.start(&args(&["--jobs", "1"]));
    let begin = std::time::Instant::now();
    while !workspace.exists("outputs/short/.lock") {
        assert!(begin.elapsed().as_secs() < 30, "the sweep does not begin");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    // SAFETY: the number is that of a child of this test, which has not been waited for.
    unsafe { libc::kill(i32::try_from(child.id()).expect("a process id"), libc::SIGINT) };
    assert_eq!(child.wait().expect("ended").code(), Some(130));
    let csv = workspace.read("outputs/sweep.csv").expect("written");
    assert_eq!(csv.matches("interrupted").count(), 3 + csv.matches("The run was interrupted").count());
    assert!(!workspace.exists("outputs/long"), "what had not begun did not");
}

#[test]
fn each_run_leaves_its_log() {
    let workspace = Workspace::new(&[("01_eda", &["// mock: stdout a"])]);
    let args = ["report", "-k", "mock", "-p", "horizon_months", "9", "--quiet"];
    workspace.cltv(&args).assert().success().stdout("").stderr("");
    workspace.notebook("notebooks/01_eda.ipynb", &["// mock: error DataError nothing left"]);
    workspace.cltv(&args).assert().code(1);
    let folder = workspace.root().join("outputs/runs");
    let mut logs: Vec<_> = std::fs::read_dir(folder).expect("there").flatten().map(|e| e.path()).collect();
    logs.sort_by_key(|path| path.metadata().and_then(|data| data.modified()).expect("dated"));
    let texts: Vec<String> = logs.iter().map(|path| std::fs::read_to_string(path).expect("text")).collect();
    assert_eq!(texts.len(), 2);
    for text in &texts {
        assert!(text.contains(concat!("\ncltv ", env!("CARGO_PKG_VERSION"))), "{text}");
        assert!(text.contains("report -k mock -p horizon_months 9 --quiet\n"), "{text}");
        assert!(text.contains("\nparameter: horizon_months = \"9\"\n"), "{text}");
        assert!(text.contains("01_eda   1/3  let transactions"), "{text}");
        assert!(text.contains("kernel: ") && text.contains("mock_kernel, rust 1\n"), "{text}");
    }
    assert!(texts[0].contains("published 1 file in "), "{}", texts[0]);
    assert!(
        texts[1].contains("FAILED") && texts[1].contains("exit code 1: Cell 3 of 3 of 01_eda"),
        "{}",
        texts[1]
    );
}
