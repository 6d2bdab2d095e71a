//! A report removes and replaces what is its own, and nothing else: the user's files stay, whatever they
//! are named, and no link leads it out of its folder.
#![cfg(unix)]

mod common;

use std::fs;
use std::os::unix::fs::symlink;

use common::Workspace;
use predicates::prelude::*;
use predicates::str::contains;

const GOOD: &[&str] = &["// mock: write clv_data.csv data"];
const REPORT: [&str; 3] = ["report", "-k", "mock"];

fn workspace() -> Workspace {
    let workspace = Workspace::new(&[("01_eda", GOOD)]);
    let toml = "[workflows.clv]\ntitle = \"t\"\nnotebooks = [\"01_eda\"]\nwrites = [\"clv_data.csv\"]\n";
    workspace.write("notebooks/workflow.toml", toml);
    workspace
}

/// The run is refused before a kernel is started, with these words.
fn refused(workspace: &Workspace, args: &[&str], words: &str) {
    let pid_file = workspace.root().join("pid");
    let mut command = workspace.cltv(args);
    command.env("MOCK_PID_FILE", &pid_file);
    command.assert().code(2).stderr(contains(words));
    assert!(!pid_file.exists(), "a kernel was started");
}

#[test]
fn folders_that_only_look_like_its_own_stay() {
    let workspace = workspace();
    workspace.write("outputs/failed/notes.md", "mine");
    workspace.write("outputs/.staging-mine/draft.csv", "mine");
    workspace.write("outputs/.staging-1/notebooks/a.ipynb", "mine");
    workspace.cltv(&REPORT).assert().success();
    workspace.notebook("notebooks/01_eda.ipynb", &["// mock: error A b"]);
    workspace.cltv(&REPORT).assert().code(1).stderr(contains("outputs/failed/01_eda.ipynb"));
    workspace.notebook("notebooks/01_eda.ipynb", GOOD);
    workspace.cltv(&REPORT).assert().success();
    assert!(!workspace.exists("outputs/failed/01_eda.ipynb"), "that one is the report's");
    for file in ["failed/notes.md", ".staging-mine/draft.csv", ".staging-1/notebooks/a.ipynb"] {
        assert_eq!(workspace.read(&format!("outputs/{file}")).as_deref(), Some("mine"), "{file}");
    }
}

#[test]
fn a_lock_that_is_a_link_or_another_file_is_not_truncated() {
    let workspace = workspace();
    workspace.write("letter.txt", "thirty years of letters");
    workspace.write("outputs/x", "");
    let lock = workspace.root().join("outputs/.lock");
    symlink("../letter.txt", &lock).expect("made");
    refused(&workspace, &REPORT, ".lock is a link");
    fs::remove_file(&lock).expect("removed");
    // A number, as in a lock, under another name too.
    workspace.write("count.txt", "12");
    fs::hard_link(workspace.root().join("count.txt"), &lock).expect("made");
    refused(&workspace, &REPORT, ".lock is not cltv's");
    fs::remove_file(&lock).expect("removed");
    workspace.write("outputs/.lock", "my own words");
    refused(&workspace, &REPORT, ".lock is not cltv's");
    assert_eq!(workspace.read("outputs/.lock").as_deref(), Some("my own words"));
    assert_eq!(workspace.read("letter.txt").as_deref(), Some("thirty years of letters"));
    assert_eq!(workspace.read("count.txt").as_deref(), Some("12"));
}

#[test]
fn names_that_collide_are_refused_before_anything_runs() {
    let workspace = workspace();
    for name in ["notebooks/01_eda.ipynb", "clv_data.csv", "failed/01_eda.ipynb"] {
        workspace.write(&format!("outputs/{name}"), "mine");
        refused(&workspace, &REPORT, "1 file in ");
        refused(
            &workspace,
            &REPORT,
            &format!("was not written by cltv, and a report would replace it: {name:?}"),
        );
        assert_eq!(workspace.read(&format!("outputs/{name}")).as_deref(), Some("mine"), "{name}");
        fs::remove_file(workspace.root().join("outputs").join(name)).expect("removed");
    }
    for folder in ["clv_data.csv", ".published.json"] {
        let path = workspace.root().join("outputs").join(folder);
        fs::create_dir_all(&path).expect("made");
        refused(&workspace, &REPORT, "is a folder");
        fs::remove_dir(&path).expect("removed");
    }
    for file in ["runs", "notebooks"] {
        let path = workspace.root().join("outputs").join(file);
        let _ = fs::remove_dir(&path);
        fs::write(&path, "mine").expect("written");
        refused(&workspace, &REPORT, "is a file");
        fs::remove_file(&path).expect("removed");
    }
    workspace.cltv(&REPORT).assert().success();
}

#[test]
fn no_link_leads_out_of_the_folder() {
    let workspace = workspace();
    let outputs = workspace.root().join("outputs");
    workspace.write("theirs/01_eda.ipynb", "theirs");
    workspace.write("theirs/clv_data.csv", "theirs");
    workspace.cltv(&REPORT).assert().success();
    for name in ["failed", "notebooks", "runs", "clv_data.csv", ".published.json"] {
        let (path, kept) = (outputs.join(name), workspace.root().join("kept"));
        let was_there = fs::rename(&path, &kept).is_ok();
        let target = if name.contains('.') { "../theirs/clv_data.csv" } else { "../theirs" };
        symlink(target, &path).expect("made");
        refused(&workspace, &REPORT, "is a link");
        fs::remove_file(&path).expect("removed");
        if was_there {
            fs::rename(&kept, &path).expect("put back");
        }
    }
    for name in ["01_eda.ipynb", "clv_data.csv"] {
        assert_eq!(workspace.read(&format!("theirs/{name}")).as_deref(), Some("theirs"), "{name}");
    }
    assert_eq!(fs::read_dir(workspace.root().join("theirs")).expect("listed").count(), 2);
}

#[test]
fn a_sweep_is_refused_as_a_whole_when_one_set_collides() {
    let workspace = workspace();
    workspace.write("sets.yaml", "- {name: a}\n- {name: b}\n");
    let sweep = ["report", "-k", "mock", "-f", "sets.yaml"];
    workspace.write("outputs/b/clv_data.csv", "mine");
    refused(&workspace, &sweep, "\"clv_data.csv\"");
    fs::remove_file(workspace.root().join("outputs/b/clv_data.csv")).expect("removed");
    workspace.write("outputs/sweep.csv", "mine");
    refused(&workspace, &sweep, "\"sweep.csv\"");
    fs::remove_file(workspace.root().join("outputs/sweep.csv")).expect("removed");
    for _ in 0..2 {
        workspace.cltv(&sweep).assert().success();
    }
}

#[test]
fn what_a_cell_leaves_in_the_stage_is_published_only_when_it_is_a_file() {
    let workspace = workspace();
    workspace.write("theirs", "theirs");
    workspace.notebook("notebooks/01_eda.ipynb", &[GOOD[0], "// mock: link z.csv ../../theirs"]);
    let report = workspace.cltv(&REPORT).assert().code(1);
    report.stderr(contains("A cell wrote \"z.csv\", which is a link").and(contains("write regular files")));
    assert!(!workspace.exists("outputs/clv_data.csv") && workspace.hidden_in_outputs().is_empty());
}
