//! Where outputs may go: regular files and new names. Nothing else at their paths is touched.
#![cfg(unix)]

mod common;

use std::ffi::CString;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileTypeExt, symlink};
use std::path::Path;

use common::{Workspace, stream};
use predicates::str::contains;

fn path_for_c(path: &Path) -> CString {
    CString::new(path.as_os_str().as_bytes()).expect("no zero byte")
}

fn make_fifo(path: &Path) {
    // SAFETY: the path is a string that ends with a zero byte.
    assert_eq!(unsafe { libc::mkfifo(path_for_c(path).as_ptr(), 0o600) }, 0);
}

/// A device like /dev/null; only root can make one.
fn make_device(path: &Path) -> bool {
    // SAFETY: the path is a string that ends with a zero byte.
    unsafe { libc::mknod(path_for_c(path).as_ptr(), libc::S_IFCHR | 0o600, libc::makedev(1, 3)) == 0 }
}

#[test]
fn devices_fifos_and_folders_are_refused_before_anything_runs() {
    let workspace = Workspace::new(&[("one", &["// mock: write ran yes"])]);
    let at = |name: &str| workspace.root().join(name);
    make_fifo(&at("fifo"));
    fs::create_dir(at("folder")).expect("made");
    symlink("/dev/null", at("null")).expect("made");
    symlink("fifo", at("to-fifo")).expect("made");
    symlink("nowhere", at("dangling")).expect("made");
    let mut cases = vec![
        ("fifo", "is a FIFO"),
        ("to-fifo", "is a FIFO"),
        ("folder", "is a folder"),
        ("null", "is a device"),
        ("dangling", "is a link to "),
    ];
    if make_device(&at("device")) {
        cases.push(("device", "is a device"));
    }
    for (path, words) in cases {
        for args in [
            &["run", "notebooks/one.ipynb", path, "-k", "mock"][..],
            &["run", "notebooks/one.ipynb", "out.ipynb", "--stdout-file", path, "-k", "mock"],
            &["run", "notebooks/one.ipynb", "out.ipynb", "--stderr-file", path, "-k", "mock"],
        ] {
            workspace.cltv(args).assert().code(2).stderr(contains(words));
        }
        workspace
            .cltv(&["export", "notebooks/one.ipynb", "--to", "md", "-o", path])
            .assert()
            .code(2)
            .stderr(contains(words));
    }
    assert!(
        !workspace.exists("notebooks/ran") && !workspace.exists("out.ipynb") && !workspace.exists("nowhere")
    );
    assert!(fs::symlink_metadata(at("fifo")).expect("there").file_type().is_fifo());
    assert!(fs::symlink_metadata(at("null")).expect("there").is_symlink());
    let device = fs::symlink_metadata(at("device"));
    assert!(device.is_err() || device.is_ok_and(|device| device.file_type().is_char_device()));
}

#[test]
fn standard_output_by_its_path_is_refused_and_a_dash_is_it() {
    let workspace = Workspace::new(&[("one", &["// mock: stdout hello"])]);
    for path in ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"] {
        let run = ["run", "notebooks/one.ipynb", path, "-k", "mock"];
        workspace.cltv(&run).assert().code(2).stdout("").stderr(contains("`-` is standard output"));
    }
    let dash = workspace.cltv(&["run", "notebooks/one.ipynb", "-", "-k", "mock"]).assert().success();
    let notebook = serde_json::from_slice(&dash.get_output().stdout).expect("a notebook");
    assert_eq!(stream(&notebook, 1), "hello\n");
}

#[test]
fn a_link_to_a_file_stays_and_the_file_is_replaced() {
    let workspace = Workspace::new(&[("one", &["// mock: stdout hello"])]);
    let at = |name: &str| workspace.root().join(name);
    for name in ["real.ipynb", "real.txt"] {
        workspace.write(&format!("elsewhere/{name}"), "old");
    }
    symlink("elsewhere/real.ipynb", at("link.ipynb")).expect("made");
    symlink(at("elsewhere/real.txt"), at("link.txt")).expect("made");
    let run = ["run", "notebooks/one.ipynb", "link.ipynb", "--stdout-file", "link.txt", "-k", "mock"];
    workspace.cltv(&run).assert().success();
    for name in ["link.ipynb", "link.txt"] {
        assert!(fs::symlink_metadata(at(name)).expect("there").is_symlink(), "{name}");
    }
    assert_eq!(stream(&workspace.json("elsewhere/real.ipynb"), 1), "hello\n");
    assert!(workspace.read("elsewhere/real.txt").is_some_and(|text| text.ends_with("hello\n")));
    assert_eq!(fs::read_dir(at("elsewhere")).expect("listed").count(), 2, "no part is left");
}

#[test]
fn two_outputs_on_one_path_are_refused() {
    let workspace = Workspace::new(&[("one", &["// mock: write ran yes"])]);
    symlink("out.ipynb", workspace.root().join("same")).expect("made");
    workspace.write("out.ipynb", "old");
    for more in [["--stdout-file", "./out.ipynb", "-q"], ["--stderr-file", "same", "-q"]] {
        let args = [&["run", "notebooks/one.ipynb", "out.ipynb", "-k", "mock"][..], &more].concat();
        workspace.cltv(&args).assert().code(2).stderr(contains("is named for two outputs"));
    }
    assert_eq!(workspace.read("out.ipynb").as_deref(), Some("old"));
    assert!(!workspace.exists("notebooks/ran"));
}
