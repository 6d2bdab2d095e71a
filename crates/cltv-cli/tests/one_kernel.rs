//! One kernel for the notebooks of a workflow, made new in between.

mod common;

use std::collections::HashSet;

use clap::Parser;
use cltv_cli::cli::{Cli, Command, ProgressArgs};
use cltv_cli::kernel::KernelLaunch;
use cltv_cli::notebook::{self, Notebook, to_json};
use cltv_cli::params::Settings;
use cltv_cli::run::progress::Progress;
use cltv_cli::run::stop::Stop;
use cltv_cli::run::{Job, Options, Runner};
use common::{Workspace, mock_kernel, stream};
use serde_json::Value;

const CELLS: &[&str] = &["// mock: pid", "// mock: get x\n// mock: set x 1\n// mock: get x"];

fn launch(env: &[(&str, &str)]) -> KernelLaunch {
    KernelLaunch {
        argv: vec![mock_kernel().display().to_string(), "{connection_file}".into()],
        env: env.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect(),
    }
}

fn options() -> Options {
    let cli = Cli::try_parse_from(["cltv", "report", "--start-timeout", "10"]).expect("valid");
    let Command::Report(args) = cli.command else {
        panic!("report was typed");
    };
    Options::new(&args.execution)
}

fn job(workspace: &Workspace, cells: &[&str], folder: &str) -> Job {
    workspace.notebook("notebooks/one.ipynb", cells);
    std::fs::create_dir_all(workspace.root().join(folder)).expect("made");
    Job {
        name: "one".into(),
        notebook: notebook::from_path(&workspace.root().join("notebooks/one.ipynb")).expect("valid"),
        declared: Vec::new(),
        settings: Settings::default(),
        cwd: workspace.root().join(folder),
        input: "one.ipynb".into(),
        output: "-".into(),
        save_to: None,
    }
}

/// Runs the jobs on one runner; gives what each notebook came to.
fn run(launch: KernelLaunch, resets: bool, jobs: Vec<Job>) -> Vec<Value> {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let quiet = ProgressArgs { quiet: true, ..ProgressArgs::default() };
        let mut runner = Runner::new(launch, options(), Progress::new(&quiet), Stop::never());
        runner.resets = resets;
        let mut notebooks = Vec::new();
        for job in jobs {
            let outcome = runner.run(job).await;
            notebooks.push(json(&outcome.notebook));
        }
        runner.finish().await;
        notebooks
    })
}

fn json(notebook: &Notebook) -> Value {
    serde_json::from_str(&to_json(notebook)).expect("json")
}

fn pids(notebooks: &[Value]) -> Vec<String> {
    notebooks.iter().map(|notebook| stream(notebook, 1)).collect()
}

/// Each notebook sees no variable of another, and its cells count from 1.
fn each_has_its_own(notebooks: &[Value]) {
    for notebook in notebooks {
        assert_eq!(stream(notebook, 2), "x=unset\nx=1\n");
        assert_eq!(notebook["cells"][2]["execution_count"], 3);
        assert_eq!(notebook["metadata"]["language_info"]["name"], "rust");
    }
}

fn is_alive(pid: &str) -> bool {
    let pid: i32 = pid.trim().parse().expect("a number");
    // SAFETY: signal 0 is not delivered.
    unsafe { libc::kill(pid, 0) == 0 }
}

#[test]
fn one_kernel_serves_all_and_ends_with_the_last() {
    let workspace = Workspace::new(&[]);
    let jobs = (0..3).map(|_| job(&workspace, CELLS, "notebooks")).collect();
    let notebooks = run(launch(&[]), true, jobs);
    each_has_its_own(&notebooks);
    let pids = pids(&notebooks);
    assert_eq!(HashSet::<&String>::from_iter(&pids).len(), 1, "{pids:?}");
    assert!(!is_alive(&pids[0]));
}

#[test]
fn a_kernel_that_is_not_ours_is_not_asked() {
    let workspace = Workspace::new(&[]);
    let jobs = (0..2).map(|_| job(&workspace, CELLS, "notebooks")).collect();
    let notebooks = run(launch(&[]), false, jobs);
    each_has_its_own(&notebooks);
    assert_ne!(pids(&notebooks)[0], pids(&notebooks)[1]);
}

#[test]
fn a_kernel_that_cannot_be_made_new_is_replaced() {
    for how in ["fail", "hang"] {
        let workspace = Workspace::new(&[]);
        let jobs = (0..2).map(|_| job(&workspace, CELLS, "notebooks")).collect();
        let notebooks = run(launch(&[("MOCK_NO_CLEAR", how)]), true, jobs);
        each_has_its_own(&notebooks);
        let pids = pids(&notebooks);
        assert_ne!(pids[0], pids[1], "{how}");
        assert!(!is_alive(&pids[0]) && !is_alive(&pids[1]), "{how}");
    }
}

#[test]
fn another_folder_or_a_failure_takes_another_kernel() {
    let workspace = Workspace::new(&[]);
    let failing = ["// mock: pid", "// mock: set x 1\n// mock: error A b"];
    let dying = ["// mock: pid\n// mock: sleep 0.2\n// mock: kill"];
    let jobs = vec![
        job(&workspace, CELLS, "notebooks"),
        job(&workspace, CELLS, "elsewhere"),
        job(&workspace, &failing, "elsewhere"),
        job(&workspace, CELLS, "elsewhere"),
        job(&workspace, &dying, "elsewhere"),
        job(&workspace, CELLS, "elsewhere"),
    ];
    let notebooks = run(launch(&[]), true, jobs);
    let good = [&notebooks[0], &notebooks[1], &notebooks[3], &notebooks[5]].map(Clone::clone);
    each_has_its_own(&good);
    // The failed notebook has two marks before its cells.
    let failed = stream(&notebooks[2], 2);
    let died = stream(&notebooks[4], 1);
    let all = pids(&good).into_iter().chain([failed.clone(), died.clone()]).collect::<Vec<_>>();
    // The notebook that failed had the kernel of the one before, as had the one that died.
    assert_eq!(all[1], failed);
    assert_eq!(all[2], died);
    assert_eq!(HashSet::<&String>::from_iter(&all).len(), 4, "{all:?}");
    assert!(all.iter().all(|pid| !is_alive(pid)));
}
