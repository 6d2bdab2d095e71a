//! What only the user may read, whatever the umask: each test runs under umask 000.
#![cfg(target_os = "linux")]

mod common;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use common::Workspace;

/// `cltv` in the background under a umask that takes nothing away.
fn start_open(workspace: &Workspace, args: &[&str], temporary: &Path) -> Child {
    Command::new("sh")
        .args(["-c", "umask 000; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_cltv")])
        .args(args)
        .current_dir(workspace.root())
        .env("JUPYTER_PATH", workspace.root().join("jupyter"))
        .env("TMPDIR", temporary)
        .env_remove("CLTV_STAGE")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("started")
}

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        .permissions()
        .mode()
        & 0o777
}

/// Whether a program that runs as another user can do this.
fn another_user_can(program: &str, path: &Path) -> bool {
    use std::os::unix::process::CommandExt;
    let mut command = Command::new(program);
    command.arg(path).uid(65534).gid(65534).current_dir("/").stdout(Stdio::null()).stderr(Stdio::null());
    command.status().expect("it runs").success()
}

fn named(folder: &Path, start: &str) -> Option<std::path::PathBuf> {
    let entries = fs::read_dir(folder).ok()?.flatten();
    entries
        .map(|entry| entry.path())
        .find(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(start)))
}

#[test]
fn keys_stages_and_logs_are_private_and_published_files_follow_the_umask() {
    let cells: &[&str] = &["// mock: write visualizations/a.html x", "// mock: stdout up\n// mock: sleep 50"];
    let workspace = Workspace::new(&[("01_eda", cells)]);
    let temporary = workspace.root().join("tmp");
    fs::create_dir(&temporary).expect("made");
    // Everything above what is private is open, so that its own modes alone protect it.
    for open in [&workspace.root(), &temporary] {
        fs::set_permissions(open, PermissionsExt::from_mode(0o755)).expect("set");
    }
    let mut child = start_open(&workspace, &["report", "-k", "mock"], &temporary);
    let begin = Instant::now();
    let outputs = workspace.root().join("outputs");
    let stage = loop {
        let stage = named(&outputs, ".staging-");
        let ready = stage.as_ref().is_some_and(|stage| stage.join("visualizations/a.html").exists());
        if let (true, Some(stage)) = (ready, stage) {
            break stage;
        }
        assert!(begin.elapsed() < Duration::from_secs(60), "the run does not begin");
        std::thread::sleep(Duration::from_millis(20));
    };
    let kernel = named(&temporary, "cltv-run-").expect("the kernel's folder");
    let runs = outputs.join("runs");
    let log = named(&runs, "20").expect("the log");
    let found = [&kernel, &kernel.join("connection.json"), &kernel.join("kernel.log"), &stage, &runs, &log];
    let modes = found.map(|path| mode(path));
    // SAFETY: returns a number.
    if unsafe { libc::geteuid() } == 0 {
        assert!(another_user_can("ls", &outputs));
        for path in found.into_iter().chain([&stage.join("visualizations/a.html")]) {
            assert!(!another_user_can("cat", path) && !another_user_can("ls", path), "{}", path.display());
        }
    }
    child.kill().expect("killed");
    child.wait().expect("ended");
    assert_eq!(modes, [0o700, 0o600, 0o600, 0o700, 0o700, 0o600], "{found:?}");

    workspace.notebook("notebooks/01_eda.ipynb", &cells[..1]);
    let mut child = start_open(&workspace, &["report", "-k", "mock"], &temporary);
    assert!(child.wait().expect("ended").success());
    for file in ["visualizations/a.html", "notebooks/01_eda.ipynb"] {
        assert_eq!(mode(&outputs.join(file)), 0o666, "{file}");
    }
    assert_eq!(mode(&outputs.join("visualizations")), 0o777);
    workspace.cltv(&["report", "-k", "mock"]).assert().success();
    assert_eq!(mode(&outputs.join("notebooks/01_eda.ipynb")) & 0o022, 0, "this test's umask is a usual one");
}

#[test]
fn a_cache_that_everybody_may_write_is_refused_before_anything_is_built() {
    let workspace = Workspace::new(&[("one", &["1"])]);
    let cache = workspace.root().join("cache");
    fs::create_dir(&cache).expect("made");
    fs::set_permissions(&cache, PermissionsExt::from_mode(0o777)).expect("set");
    let mut command = workspace.cltv(&["run", "notebooks/one.ipynb", "out.ipynb"]);
    command.env("CLTV_CACHE", &cache);
    command.assert().code(1).stderr(predicates::str::contains("may be written by other users"));
    assert_eq!(fs::read_dir(&cache).expect("listed").count(), 0);
}
