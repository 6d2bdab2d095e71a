//! Everything that can go wrong in a run, done for real: what a person sees, the exit code, and
//! what is left on disk. FAILURES.md has the table.
#![cfg(target_os = "linux")]

mod common;

use std::io::Write;
use std::path::Path;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use common::{Workspace, stream};
use predicates::prelude::*;
use predicates::str::contains;
use serde_json::Value;

fn one(cells: &[&str]) -> Workspace {
    Workspace::new(&[("one", cells)])
}

fn run<'a>(more: &[&'a str]) -> Vec<&'a str> {
    let mut args = vec!["run", "notebooks/one.ipynb", "out.ipynb", "-k", "mock"];
    args.extend(more);
    args
}

/// The kinds of error that our kernel sends, each with the words it uses.
#[test]
fn a_cell_that_fails_names_the_error_and_leaves_the_notebook() {
    for (name, words) in [
        ("Panic", "index out of bounds: the len is 3 but the index is 7"),
        ("Error", "no column `day` in sales.csv"),
        ("CompileError", "expected `u32`, found `&str`"),
    ] {
        let workspace = one(&["// mock: stdout before", &format!("// mock: error {name} {words}"), "1"]);
        workspace
            .cltv(&run(&[]))
            .assert()
            .code(1)
            .stderr(contains("Cell 3 of 4 of one failed").and(contains(format!("{name}: {words}"))))
            .stderr(contains("The notebook up to there is out.ipynb."));
        let notebook = workspace.json("out.ipynb");
        assert_eq!(notebook["metadata"]["papermill"]["exception"], true);
        assert!(notebook.to_string().contains(words) && notebook.to_string().contains("before"));
        assert_eq!(statuses(&notebook), ["completed", "completed", "failed", "pending"]);
    }
}

#[test]
fn a_cell_over_its_time_is_interrupted() {
    let workspace = one(&["// mock: stdout before\n// mock: sleep 60", "// mock: stdout never"]);
    let begin = Instant::now();
    workspace
        .cltv(&run(&["--execution-timeout", "1"]))
        .assert()
        .code(1)
        .stderr(contains("Cell 2 of 3 of one failed").and(contains("    // mock: sleep 60")))
        .stderr(contains("ran longer than 1 s, the limit that --execution-timeout sets. It was interrupted"));
    // The cell would take a minute; the machine may be busy.
    assert!(begin.elapsed() < Duration::from_secs(30), "{:?}", begin.elapsed());
    let notebook = workspace.json("out.ipynb");
    assert_eq!(statuses(&notebook), ["completed", "failed", "pending"]);
    let text = notebook.to_string();
    assert!(text.contains("CellTimeoutError") && text.contains("before"));
    assert!(!notebook["cells"][4]["outputs"].to_string().contains("never"));
}

#[test]
fn a_cell_that_heeds_no_interrupt_loses_its_kernel() {
    let workspace = one(&["// mock: pid\n// mock: sleep 0.2\n// mock: deaf 60"]);
    let begin = Instant::now();
    workspace
        .cltv(&run(&["--execution-timeout", "1"]))
        .assert()
        .code(1)
        .stderr(contains("It did not heed an interrupt, so its kernel was ended"));
    // One second, five for the interrupt, and some for starting and ending on a busy machine.
    assert!(begin.elapsed() < Duration::from_secs(40), "{:?}", begin.elapsed());
    let notebook = workspace.json("out.ipynb");
    let pid = (0..5).map(|cell| code_stream(&notebook, cell)).find(|text| text.trim().parse::<i32>().is_ok());
    assert!(!is_alive(pid.expect("its number").trim().parse().expect("a number")));
}

#[test]
fn a_cell_within_its_time_is_left_alone() {
    // Each stays below the limit, both together do not.
    let workspace = one(&["// mock: sleep 1.1", "// mock: sleep 1.1"]);
    workspace.cltv(&run(&["--execution-timeout", "2"])).assert().success();
}

#[test]
fn a_killed_kernel_is_told_with_its_signal() {
    let workspace = one(&["// mock: stdout before\n// mock: sleep 0.2\n// mock: kill"]);
    workspace
        .cltv(&run(&[]))
        .assert()
        .code(138)
        .stderr(contains("The kernel died").and(contains("signal 9")).and(contains("cell 2 of 2 of one")));
    let notebook = workspace.json("out.ipynb");
    assert_eq!(stream(&notebook, 1), "before\n");
    assert_eq!(notebook["metadata"]["papermill"]["exception"], true);
}

#[test]
fn a_killed_runner_leaves_a_notebook_and_no_process() {
    for patience in [0, 30, 120, 300, 700, 1500] {
        let workspace = one(&["// mock: stdout early", "// mock: flood 3000000\n// mock: sleep 30"]);
        let pid_file = workspace.root().join("pid");
        let mut child =
            workspace.start_with(&run(&["--autosave-cell-every", "1"]), &[("MOCK_PID_FILE", &pid_file)]);
        std::thread::sleep(Duration::from_millis(patience));
        child.kill().expect("killed");
        child.wait().expect("ended");
        if let Some(text) = workspace.read("out.ipynb") {
            let parsed = nbformat::parse_notebook(&text);
            assert!(matches!(parsed, Ok(nbformat::Notebook::V4(_))), "after {patience} ms");
        }
        if let Some(pid) = workspace.read("pid").and_then(|text| text.parse().ok()) {
            gone(pid);
        }
        // The next run needs no cleaning up.
        workspace.notebook("notebooks/one.ipynb", &["// mock: stdout again"]);
        workspace.cltv(&run(&[])).assert().success();
    }
}

#[test]
fn a_killed_report_frees_its_lock_and_keeps_the_last_good_files() {
    let good: &[&str] = &["// mock: write clv_data.csv good"];
    let workspace = Workspace::new(&[("01_eda", good)]);
    let report = ["report", "-k", "mock"];
    workspace.cltv(&report).assert().success();
    workspace.notebook("notebooks/01_eda.ipynb", &["// mock: write clv_data.csv half\n// mock: sleep 30"]);
    let pid_file = workspace.root().join("pid");
    let mut child = workspace.start_with(&report, &[("MOCK_PID_FILE", &pid_file)]);
    wait_for(&mut child, || {
        let staged = workspace.hidden_in_outputs();
        staged.iter().any(|name| workspace.exists(&format!("outputs/{name}/clv_data.csv")))
    });
    child.kill().expect("killed");
    child.wait().expect("ended");
    gone(workspace.read("pid").and_then(|text| text.parse().ok()).expect("a number"));
    assert_eq!(workspace.read("outputs/clv_data.csv").as_deref(), Some("good"));
    workspace.notebook("notebooks/01_eda.ipynb", good);
    workspace.cltv(&report).assert().success();
    assert!(workspace.hidden_in_outputs().is_empty());
}

#[test]
fn a_full_disk_leaves_the_last_state() {
    if !namespaces() {
        return skipped("a_full_disk_leaves_the_last_state");
    }
    let workspace = one(&["// mock: stdout early", "// mock: flood 3000000", "// mock: stdout never"]);
    std::fs::create_dir(workspace.root().join("small")).expect("made");
    // What is on the small disk is gone with the namespace: look while it is there.
    let script = "mount -t tmpfs -o size=1m tmpfs small && \"$@\"; code=$?; cp small/out.ipynb kept.ipynb; \
                  ls -A small > names; exit $code";
    let args = ["run", "notebooks/one.ipynb", "small/out.ipynb", "-k", "mock"];
    let output = in_namespace(&workspace, script, &args);
    assert_eq!(output.code, Some(1), "{}", output.stderr);
    assert!(
        output.stderr.contains("small/out.ipynb could not be written: No space left"),
        "{}",
        output.stderr
    );
    assert!(output.stderr.contains("the disk has room"), "{}", output.stderr);
    let notebook = workspace.json("kept.ipynb");
    assert_eq!(stream(&notebook, 1), "early\n");
    assert_eq!(statuses(&notebook)[..2], ["completed", "completed"]);
    assert_eq!(workspace.read("names").as_deref(), Some("out.ipynb\n"), "no half file stays");
}

#[test]
fn a_full_disk_fails_a_report_and_keeps_the_last_good_files() {
    if !namespaces() {
        return skipped("a_full_disk_fails_a_report_and_keeps_the_last_good_files");
    }
    let workspace =
        Workspace::new(&[("01_eda", &["// mock: write clv_data.csv half", "// mock: flood 3000000"])]);
    std::fs::create_dir(workspace.root().join("outputs")).expect("made");
    let script = "mount -t tmpfs -o size=1m tmpfs outputs && echo good > outputs/clv_data.csv && \"$@\"; \
                  code=$?; cp outputs/clv_data.csv kept.csv; ls -A outputs > names; exit $code";
    let output = in_namespace(&workspace, script, &["report", "-k", "mock"]);
    assert_eq!(output.code, Some(1), "{}", output.stderr);
    assert!(output.stderr.contains("could not be written: No space left"), "{}", output.stderr);
    assert_eq!(workspace.read("kept.csv").as_deref(), Some("good\n"));
    assert!(!workspace.read("names").unwrap_or_default().contains(".staging"));
}

/// Permissions do not count for root, as whom these tests may run, so the folder would be below a file.
#[test]
fn a_folder_that_cannot_be_written_is_named_before_anything_runs() {
    let workspace = one(&["// mock: stdout a"]);
    workspace.write("file", "");
    for (args, path) in [
        (["run", "notebooks/one.ipynb", "file/out.ipynb", "-k", "mock"].as_slice(), "file"),
        (&["report", "-k", "mock", "--outputs", "file/outputs"], "file/outputs"),
    ] {
        let pid_file = workspace.root().join("pid");
        let mut command = workspace.cltv(args);
        command.env("MOCK_PID_FILE", &pid_file);
        let words = format!("{path} could not be written: ");
        command.assert().code(1).stderr(contains(words).and(contains("Check that its folder exists")));
        assert!(!pid_file.exists(), "no kernel was started");
    }
}

#[test]
fn a_read_only_folder_is_named() {
    if !namespaces() {
        return skipped("a_read_only_folder_is_named");
    }
    let workspace = Workspace::new(&[("01_eda", &["// mock: write clv_data.csv new"])]);
    workspace.write("outputs/clv_data.csv", "good");
    let script = "mount --bind outputs outputs && mount -o remount,bind,ro outputs && \"$@\"";
    let output = in_namespace(&workspace, script, &["report", "-k", "mock"]);
    assert_eq!(output.code, Some(1), "{}", output.stderr);
    assert!(output.stderr.contains("could not be written: Read-only file system"), "{}", output.stderr);
    assert_eq!(workspace.read("outputs/clv_data.csv").as_deref(), Some("good"));
}

#[test]
fn two_runs_on_one_output_are_told_apart() {
    let workspace = Workspace::new(&[("01_eda", &["// mock: sleep 2\n// mock: write clv_data.csv first"])]);
    let report = ["report", "-k", "mock"];
    let mut first = workspace.start(&report);
    wait_for(&mut first, || workspace.read("outputs/.lock").is_some_and(|text| !text.is_empty()));
    let words = format!("Another cltv run (process {}) is writing to", first.id());
    workspace.cltv(&report).assert().code(1).stderr(contains(words));
    assert!(first.wait().expect("ended").success());
    assert_eq!(workspace.read("outputs/clv_data.csv").as_deref(), Some("first"));
}

#[test]
fn two_runs_into_one_notebook_leave_one_of_the_two_whole() {
    let workspace = one(&["// mock: flood 500000\n// mock: sleep 0.3\n// mock: stdout end"]);
    let mut both = [workspace.start(&run(&[])), workspace.start(&run(&[]))];
    for child in &mut both {
        assert!(child.wait().expect("ended").success());
    }
    assert!(stream(&workspace.json("out.ipynb"), 1).ends_with("end\n"));
}

#[test]
fn wrong_usage_is_code_2_and_an_interrupt_130() {
    let workspace = one(&["// mock: stdout a\n// mock: sleep 30"]);
    workspace.cltv(&["run"]).assert().code(2);
    workspace.cltv(&run(&["--execution-timeout", "0"])).assert().code(2);
    for signal in [libc::SIGINT, libc::SIGTERM] {
        let pid_file = workspace.root().join("pid");
        let mut child = workspace.start_with(&run(&[]), &[("MOCK_PID_FILE", &pid_file)]);
        wait_for(&mut child, || workspace.read("out.ipynb").is_some_and(|text| text.contains("\"running\"")));
        // SAFETY: the number is that of a child of this test, which has not been waited for.
        unsafe { libc::kill(i32::try_from(child.id()).expect("a process id"), signal) };
        assert_eq!(child.wait().expect("ended").code(), Some(130));
        gone(workspace.read("pid").and_then(|text| text.parse().ok()).expect("a number"));
        assert_eq!(workspace.json("out.ipynb")["metadata"]["papermill"]["exception"], true);
        std::fs::remove_file(workspace.root().join("out.ipynb")).expect("removed");
    }
}

/// The state of each cell that was to run.
fn statuses(notebook: &Value) -> Vec<&str> {
    let cells = notebook["cells"].as_array().expect("cells");
    cells.iter().filter_map(|cell| cell["metadata"]["papermill"]["status"].as_str()).collect()
}

fn code_stream(notebook: &Value, cell: usize) -> String {
    match notebook["cells"][cell]["outputs"].is_array() {
        true => stream(notebook, cell),
        false => String::new(),
    }
}

fn is_alive(pid: i32) -> bool {
    // A child that nobody has waited for yet is a zombie, which is no process that runs.
    let state = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    state.rsplit(')').next().is_some_and(|rest| !rest.trim().is_empty() && !rest.trim().starts_with('Z'))
}

/// The process ends within a moment.
fn gone(pid: i32) {
    let begin = Instant::now();
    while is_alive(pid) {
        assert!(begin.elapsed() < Duration::from_secs(5), "process {pid} is left behind");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn wait_for(child: &mut Child, ready: impl Fn() -> bool) {
    let begin = Instant::now();
    while !ready() {
        assert!(child.try_wait().expect("asked").is_none(), "the run ended too early");
        assert!(begin.elapsed() < Duration::from_secs(30), "the run does not begin");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Notes a test that this machine cannot run, for `cargo xtask test` to show.
fn skipped(test: &str) {
    eprintln!("skipped {test}: this system allows no mount in a namespace of one's own");
    let Some(list) = std::env::var_os(cltv_protocol::environment::SKIPPED_TESTS) else { return };
    let mut list = std::fs::File::options().create(true).append(true).open(list).expect("the list");
    writeln!(list, "{test}").expect("written");
}

fn namespaces() -> bool {
    let probe = Command::new("unshare").args(["-rm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]).output();
    probe.is_ok_and(|output| output.status.success())
}

struct Said {
    code: Option<i32>,
    stderr: String,
}

/// `cltv` with these arguments, in a mount namespace that the script prepares: `"$@"` is the command.
fn in_namespace(workspace: &Workspace, script: &str, args: &[&str]) -> Said {
    let output = Command::new("unshare")
        .args(["-rm", "sh", "-c", script, "sh"])
        .arg(Path::new(env!("CARGO_BIN_EXE_cltv")))
        .args(args)
        .current_dir(workspace.root())
        .env("JUPYTER_PATH", workspace.root().join("jupyter"))
        .env_remove("CLTV_STAGE")
        .output()
        .expect("started");
    Said { code: output.status.code(), stderr: String::from_utf8_lossy(&output.stderr).into_owned() }
}

#[test]
fn a_failed_notebook_leaves_what_those_before_it_finished() {
    let good: &[&str] = &["// mock: write clv_data.csv good"];
    let workspace = Workspace::new(&[("01_eda", good), ("02_rfm", good)]);
    workspace.cltv(&["report", "-k", "mock"]).assert().success();
    workspace.notebook("notebooks/01_eda.ipynb", &["// mock: write clv_data.csv new"]);
    workspace
        .notebook("notebooks/02_rfm.ipynb", &["// mock: write half.csv half", "// mock: error Error bad"]);
    workspace
        .cltv(&["report", "-k", "mock"])
        .assert()
        .code(1)
        .stderr(contains("Kept of the notebooks before 02_rfm: 2 files, in outputs/failed."))
        .stderr(contains("The notebook up to there is outputs/failed/02_rfm.ipynb."));
    assert_eq!(workspace.read("outputs/clv_data.csv").as_deref(), Some("good"));
    assert_eq!(workspace.read("outputs/failed/clv_data.csv").as_deref(), Some("new"));
    assert!(workspace.exists("outputs/failed/notebooks/01_eda.ipynb"));
    assert!(!workspace.exists("outputs/failed/half.csv"), "the notebook that failed wrote it");
    workspace.notebook("notebooks/02_rfm.ipynb", good);
    workspace.cltv(&["report", "-k", "mock"]).assert().success();
    assert!(!workspace.exists("outputs/failed"));
}
