//! What must not end in a panic, hang, or a message about something else: closed pipes, huge numbers,
//! folders that are gone, data that would command the terminal.
#![cfg(target_os = "linux")]

mod common;

use std::io::Read;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use common::{Workspace, stream};
use predicates::prelude::*;
use predicates::str::contains;

fn one(cells: &[&str]) -> Workspace {
    Workspace::new(&[("one", cells)])
}

/// `cltv` with a standard output, or error, whose reader has gone.
fn into_closed_pipe(workspace: &Workspace, args: &[&str], which: &str) -> std::process::Output {
    let redirect = if which == "stdout" { "" } else { "2>&1 >/dev/null" };
    // The pipe's reader ends at once; the writer begins after that.
    let script = format!("{{ sleep 0.3; \"$0\" \"$@\" {redirect}; echo $? > code; }} | true");
    let mut command = Command::new("sh");
    command.args(["-c", &script, env!("CARGO_BIN_EXE_cltv")]).args(args);
    command.current_dir(workspace.root()).env("JUPYTER_PATH", workspace.root().join("jupyter"));
    let output = command.output().expect("started");
    let begin = Instant::now();
    while !workspace.exists("code") || workspace.read("code").is_some_and(|text| text.is_empty()) {
        assert!(begin.elapsed() < Duration::from_secs(30), "it does not end");
        std::thread::sleep(Duration::from_millis(20));
    }
    output
}

#[test]
fn a_closed_pipe_is_no_panic() {
    let workspace = Workspace::new(&[("one", &["// mock: write a.csv x"])]);
    for args in [
        &["inspect", "notebooks/one.ipynb"][..],
        &["inspect", "notebooks/one.ipynb", "--json"],
        &["run", "notebooks/one.ipynb", "--help-notebook"],
        &["run", "notebooks/one.ipynb", "-", "-k", "mock"],
        &["report", "-k", "mock"],
        &["doctor"],
        &["kernel", "path"],
        &["--help"],
        &["report", "--help"],
    ] {
        for which in ["stdout", "stderr"] {
            let _ = std::fs::remove_file(workspace.root().join("code"));
            let output = into_closed_pipe(&workspace, args, which);
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(!said.contains("panicked"), "{args:?}: {said}");
            let code = workspace.read("code").expect("ended");
            let expected: &[&str] = if args == ["doctor"] { &["0", "1"] } else { &["0"] };
            assert!(expected.contains(&code.trim()), "{args:?} {which}: {code}: {said}");
        }
    }
    assert_eq!(workspace.read("outputs/a.csv").as_deref(), Some("x"), "the report was published");
}

#[test]
fn a_full_standard_output_is_named() {
    let workspace = one(&[]);
    let full = std::fs::File::options().write(true).open("/dev/full").expect("opened");
    let output = Command::new(env!("CARGO_BIN_EXE_cltv"))
        .args(["inspect", "notebooks/one.ipynb"])
        .current_dir(workspace.root())
        .stdout(full)
        .output()
        .expect("started");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("standard output could not be written: No space left"), "{said}");
}

#[test]
fn numbers_beyond_every_clock_are_refused() {
    let workspace = one(&["// mock: stdout a"]);
    for option in ["--start-timeout", "--execution-timeout", "--autosave-cell-every"] {
        let args = ["run", "notebooks/one.ipynb", "out.ipynb", "-k", "mock", option];
        for number in ["18446744073709551615", "9223372036854775807", "3162240001"] {
            let args = [&args[..], &[number]].concat();
            workspace.cltv(&args).assert().code(2).stderr(contains(option).and(contains("3162240000")));
        }
        workspace.cltv(&[&args[..], &["3162240000"]].concat()).assert().success();
    }
}

#[test]
fn a_format_that_cannot_be_written_is_refused() {
    let workspace = one(&["// mock: stdout a"]);
    let args = ["run", "notebooks/one.ipynb", "{current_datetime_utc:%#z}.ipynb", "-k", "mock"];
    workspace.cltv(&args).assert().code(2).stderr(contains("\"%#z\" is no format of a date"));
}

#[test]
fn brackets_without_end_are_refused_by_name() {
    let workspace = one(&[]);
    let brackets = format!("let a: u32 = {}1{};", "(".repeat(2_600), ")".repeat(2_600));
    let text = workspace.read("notebooks/one.ipynb").expect("there");
    workspace.write(
        "notebooks/one.ipynb",
        &text.replacen("let transactions", &format!("{brackets}let transactions"), 1),
    );
    let words = "The parameters cell of one is not valid Rust: it has more than 100 brackets within each other (line 1";
    for args in
        [&["inspect", "notebooks/one.ipynb"][..], &["run", "notebooks/one.ipynb", "o.ipynb", "-k", "mock"]]
    {
        workspace.cltv(args).assert().code(2).stderr(contains(words));
    }
    workspace.write("deep.json", &"[".repeat(200_000));
    workspace
        .cltv(&["run", "notebooks/one.ipynb", "-f", "deep.json"])
        .assert()
        .code(2)
        .stderr(contains("deep.json cannot be read"));
    workspace.write("deep.yaml", &format!("a: {}", "{b: ".repeat(100_000)));
    workspace.cltv(&["run", "notebooks/one.ipynb", "-f", "deep.yaml"]).assert().code(2);
}

#[test]
fn an_export_of_nested_text_ends() {
    let workspace = one(&[]);
    for text in [
        "> ".repeat(20_000),
        "- ".repeat(20_000),
        "[".repeat(20_000),
        format!("${}x{}$", "{".repeat(20_000), "}".repeat(20_000)),
        format!("$$\\sqrt{}x{}$$", "{\\sqrt".repeat(5_000), "}".repeat(5_000)),
        "*a **b ".repeat(10_000),
    ] {
        let cell = serde_json::json!({"cell_type": "markdown", "id": "m", "metadata": {}, "source": text});
        ends_in_every_form(&workspace, cell, &text);
    }
}

#[test]
fn an_export_of_nested_code_ends() {
    let workspace = one(&[]);
    for text in [
        format!("{}1{}", "(".repeat(50_000), ")".repeat(50_000)),
        format!("let a = {}1;", "-".repeat(50_000)),
        format!("{}{{}}", "if a {} else ".repeat(20_000)),
    ] {
        let cell = serde_json::json!({"cell_type": "code", "id": "c", "metadata": {}, "source": text, "outputs": [], "execution_count": null});
        ends_in_every_form(&workspace, cell, &text);
    }
}

/// Exports a notebook of one cell; a used-up stack would end the program by a signal.
fn ends_in_every_form(workspace: &Workspace, cell: serde_json::Value, text: &str) {
    let notebook = serde_json::json!({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5});
    workspace.write("deep.ipynb", &notebook.to_string());
    for to in ["html", "md", "rs"] {
        let done = workspace.cltv(&["export", "deep.ipynb", "--to", to, "-o", "out"]).assert();
        let code = done.get_output().status.code();
        assert!(matches!(code, Some(0..=2)), "{to}: {:?} {}", code, &text[..20]);
    }
}

#[test]
fn nohup_is_heeded() {
    let workspace = one(&["// mock: sleep 3\n// mock: stdout end"]);
    let mut child = Command::new("nohup")
        .arg(env!("CARGO_BIN_EXE_cltv"))
        .args(["run", "notebooks/one.ipynb", "out.ipynb", "-k", "mock"])
        .current_dir(workspace.root())
        .env("JUPYTER_PATH", workspace.root().join("jupyter"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("started");
    let begin = Instant::now();
    while !workspace.read("out.ipynb").is_some_and(|text| text.contains("\"running\"")) {
        assert!(begin.elapsed() < Duration::from_secs(30), "the run does not begin");
        std::thread::sleep(Duration::from_millis(20));
    }
    // SAFETY: the number is that of a child of this test, which has not been waited for.
    unsafe { libc::kill(i32::try_from(child.id()).expect("a process id"), libc::SIGHUP) };
    assert!(child.wait().expect("ended").success());
    assert_eq!(stream(&workspace.json("out.ipynb"), 1), "end\n");
}

#[test]
fn the_time_limit_of_a_cell_does_not_count_the_kernels_start() {
    let workspace = one(&["// mock: sleep 0.1"]);
    let run = ["run", "notebooks/one.ipynb", "out.ipynb", "-k", "mock", "--execution-timeout", "1"];
    let mut command = workspace.cltv(&run);
    command.env("MOCK_LOADS", "2.5").assert().success();
    // A kernel that never begins is given up all the same.
    let mut command = workspace.cltv(&[&run[..], &["--start-timeout", "2"]].concat());
    command.env("MOCK_LOADS", "40").assert().code(1).stderr(contains("--execution-timeout"));
}

#[test]
fn json_of_other_programs_is_read_whole() {
    let workspace = one(&[]);
    workspace.write("p.json", r#"{"transactions": "\ud83e\udd80 sales.csv", "horizon_months": 3}"#);
    workspace
        .cltv(&["run", "notebooks/one.ipynb", "out.ipynb", "-k", "mock", "-f", "p.json"])
        .assert()
        .success();
    assert!(stream(&workspace.json("out.ipynb"), 1).contains("🦀 sales.csv"));
}

#[test]
fn data_does_not_command_the_terminal() {
    let evil = "\u{1b}]0;owned\u{7}\u{1b}[2J\u{9b}31m";
    let workspace = one(&[&format!("// mock: error Bad{evil} no such column {evil}")]);
    let clean = |output: &std::process::Output| {
        let all = [&output.stdout[..], &output.stderr[..]].concat();
        let text = String::from_utf8_lossy(&all).into_owned();
        let bad: Vec<char> = text.chars().filter(|c| c.is_control() && !matches!(c, '\n' | '\t')).collect();
        assert!(bad.is_empty(), "{bad:?} in {text:?}");
    };
    let failed = workspace.cltv(&["run", "notebooks/one.ipynb", "out.ipynb", "-k", "mock"]).assert().code(1);
    clean(failed.get_output());
    let name = format!("notebooks/{evil}.ipynb");
    let cell = format!("let a: u32 = 1; // {evil}");
    let cell = serde_json::json!({
        "cell_type": "code", "id": "p", "metadata": {"tags": ["parameters"]}, "source": cell,
        "execution_count": null, "outputs": [],
    });
    let notebook = serde_json::json!({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5});
    workspace.write(&name, &notebook.to_string());
    for args in [
        &["inspect", &name][..],
        &["inspect", &name, "--json"],
        &["run", &name, "--help-notebook"],
        &["run", &name, "a.ipynb", "-k", "mock", "-p", "b", "1"],
        &["run", &name, "a.ipynb", "-k", "mock"],
        &["export", &name, "--to", "md", "-o", &format!("{evil}.md")],
        &["run", &format!("{evil}missing.ipynb"), "a.ipynb"],
    ] {
        clean(workspace.cltv(args).assert().get_output());
    }
    // A file that a cell names so is published, and listed without its commands.
    workspace.write(
        "notebooks/workflow.toml",
        "[workflows.clv]\ntitle = \"t\\u001b[2J\"\nnotebooks = [\"one\"]\n",
    );
    workspace.notebook("notebooks/one.ipynb", &[&format!("// mock: write a{}.csv x", evil.replace(' ', ""))]);
    let report = workspace.cltv(&["report", "-k", "mock"]).assert().success();
    clean(report.get_output());
    let log = std::fs::read_dir(workspace.root().join("outputs/runs")).expect("there").flatten().next();
    let mut text = String::new();
    std::fs::File::open(log.expect("a log").path())
        .and_then(|mut file| file.read_to_string(&mut text))
        .expect("read");
    assert!(!text.contains('\u{1b}'), "{text:?}");
}

#[test]
fn a_temporary_folder_that_cannot_be_used_is_named() {
    let workspace = one(&["// mock: stdout a"]);
    let run = ["run", "notebooks/one.ipynb", "out.ipynb", "-k", "mock"];
    workspace.write("file", "");
    let root = workspace.root();
    for (folder, words) in [
        (root.join("gone"), "No such file or directory"),
        (root.join("file"), "Not a directory"),
        ("relative".into(), "it is a relative path"),
    ] {
        let mut command = workspace.cltv(&run);
        let said = format!("The temporary folder {} cannot be used: ", folder.display());
        command.env("TMPDIR", &folder).assert().code(1);
        let mut command = workspace.cltv(&run);
        let assert = command.env("TMPDIR", &folder).assert();
        assert.stderr(contains(said).and(contains(words)).and(contains("Set TMPDIR to a folder")));
    }
    assert!(!workspace.exists("out.ipynb"));
    // One with a blank, or with a quotation mark, is as good as any.
    for name in ["with a blank", "it's \"quoted\""] {
        std::fs::create_dir(root.join(name)).expect("made");
        workspace.cltv(&run).env("TMPDIR", root.join(name)).assert().success();
    }
    // One that is deleted during a report is named when the next kernel needs it.
    let temporary = root.join("soon gone");
    std::fs::create_dir(&temporary).expect("made");
    let order = format!("// mock: remove {}", temporary.display());
    workspace.notebook("notebooks/two.ipynb", &["1"]);
    workspace.notebook("notebooks/one.ipynb", &[&order]);
    workspace
        .write("notebooks/workflow.toml", "[workflows.clv]\ntitle = \"t\"\nnotebooks = [\"one\", \"two\"]\n");
    let mut command = workspace.cltv(&["report", "-k", "mock"]);
    let assert = command.env("TMPDIR", &temporary).assert().code(1);
    assert.stderr(contains("because the folder").and(contains("soon gone cannot be used: ")));
}

#[test]
fn a_current_folder_that_is_gone_is_named() {
    let workspace = one(&[]);
    std::fs::create_dir(workspace.root().join("gone")).expect("made");
    for command in
        ["report", "doctor", "run ../notebooks/one.ipynb o.ipynb", "inspect ../notebooks/one.ipynb"]
    {
        let _ = std::fs::create_dir(workspace.root().join("gone"));
        let script = format!("cd gone && rmdir ../gone && exec \"$0\" {command}");
        let output = Command::new("sh")
            .args(["-c", &script, env!("CARGO_BIN_EXE_cltv")])
            .current_dir(workspace.root())
            .output()
            .expect("started");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{command}: {said}");
        assert!(said.contains("The current folder is not readable"), "{command}: {said}");
    }
}

/// The largest memory of a run, in bytes.
#[allow(clippy::zombie_processes, reason = "wait4 waits for it, and gives its memory")]
fn peak(workspace: &Workspace, args: &[&str]) -> u64 {
    let child = workspace.start(args);
    let (mut status, pid) = (0, i32::try_from(child.id()).expect("a process id"));
    // SAFETY: both places are valid for the call, and the child has not been waited for.
    let usage = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        assert_eq!(libc::wait4(pid, &mut status, 0, &mut usage), pid);
        usage
    };
    assert!(libc::WIFEXITED(status) && libc::WEXITSTATUS(status) == 0);
    u64::try_from(usage.ru_maxrss).expect("positive") * 1024
}

#[test]
fn a_million_printed_lines_are_held_once() {
    let run = ["run", "notebooks/one.ipynb", "out.ipynb", "-k", "mock", "--autosave-cell-every", "1"];
    let little = peak(&one(&["// mock: lines 1000 30"]), &run);
    let workspace = one(&["// mock: lines 1000000 30"]);
    let much = peak(&workspace, &run);
    let text = stream(&workspace.json("out.ipynb"), 1);
    assert_eq!(text.len(), 31_000_000);
    let held = (much - little) as f64 / 31e6;
    eprintln!("{held:.2} times the text, {little} bytes without");
    assert!(held < 2.6, "{held:.2} times the text is held");
}
