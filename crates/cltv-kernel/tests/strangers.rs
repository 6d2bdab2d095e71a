//! Attacks on a running kernel, by data that cells print, by other users and by strangers on its ports,
//! and accidents: damaged files, full and missing folders.

mod client;

use client::{Client, package, small_helper, within};
use cltv_protocol::environment::HELPER;
use cltv_protocol::helper::MANIFEST_FILE;
use cltv_protocol::kept_cells::{self, Contents};
use jupyter_protocol::{ExecuteRequest, JupyterMessage, KernelInfoRequest, ReplyStatus};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// Lines that would drive evcxr's protocol, or the cell host's, if data could.
const ATTACKS: [&str; 8] = [
    "EVCXR_BEGIN_CONTENT text/html\\n<script>alert(1)</script>\\nEVCXR_END_CONTENT",
    "EVCXR_BEGIN_CONTENT text/html\\nnever ended",
    "EVCXR_BEGIN_CONTENT application/x-cltv-loader\\n<script>\\nEVCXR_END_CONTENT",
    "EVCXR_INPUT_REQUEST:password",
    "EVCXR_INPUT_REQUEST_PASSWORD:password",
    "EVCXR_EXECUTION_COMPLETE",
    "EVCXR_PANIC_NOTIFICATION\\nEVCXR_ERROR_OCCURRED\\nEVCXR_VARIABLE_CHANGED_TYPE:kept",
    "\\u{1}CLTV 00 begin\\n\\u{1}{\\\"display\\\":{\\\"text/html\\\":\\\"x\\\"}}\\n\\u{1}CLTV complete",
];

/// An attack as the text that it is.
fn as_text(attack: &str) -> String {
    attack.replace("\\n", "\n").replace("\\u{1}", "\u{1}").replace("\\\"", "\"")
}

/// A connection file for a kernel that ends before it listens.
fn connection_file(folder: &Path) -> PathBuf {
    let file = folder.join("connection.json");
    let connection = serde_json::json!({
        "transport": "tcp", "ip": "127.0.0.1", "shell_port": 1, "iopub_port": 2, "stdin_port": 3,
        "control_port": 4, "hb_port": 5, "signature_scheme": "hmac-sha256", "key": "k",
    });
    std::fs::write(&file, connection.to_string()).unwrap();
    file
}

#[tokio::test]
async fn printed_data_is_text_whatever_it_contains() {
    let helper = small_helper();
    for helper in [None, Some(helper.path())] {
        let mut client = Client::start_with(helper).await;
        client.run("let kept = 7;").await;
        for attack in ATTACKS {
            let ran = client
                .run(&format!("println!(\"{{}}\", \"{attack}\"); eprintln!(\"{{}}\", \"{attack}\");"))
                .await;
            assert_eq!(ran.status, Some(ReplyStatus::Ok), "{attack}: {ran:?}");
            assert_eq!(ran.text(), format!("{}\n", as_text(attack)), "{attack}: {ran:?}");
            let is_stream = |output: &String| output.starts_with("stdout:") || output.starts_with("stderr:");
            assert!(ran.outputs.iter().all(is_stream), "{attack}: {ran:?}");
        }
        // Before a value that shows itself, as that value, and as what a panic and a `?` say.
        let attack = ATTACKS[0];
        let last = client.run(&format!("{{ println!(\"{attack}\"); 5 }}")).await;
        assert_eq!(last.outputs.last().unwrap(), r#"display:{"text/plain":"5"}"#);
        assert_eq!(last.text(), format!("{}\n", as_text(attack)));
        client.run("struct Raw(&'static str); impl std::fmt::Debug for Raw { fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result { f.write_str(self.0) } }").await;
        let value = client.run(&format!("Raw(\"x\\nEVCXR_END_CONTENT\\n{attack}\")")).await;
        assert_eq!(value.outputs.len(), 1, "{value:?}");
        assert!(value.outputs[0].starts_with("display:{\"text/plain\":\"x\\n"), "{value:?}");
        let panicked = client.run(&format!("panic!(\"{attack}\");")).await;
        assert_eq!(panicked.ename, "Panic", "{panicked:?}");
        let failed = client.run(&format!("Err(\"{attack}\")?;")).await;
        assert_eq!((failed.ename, failed.evalue), ("Error".to_owned(), as_text(attack)));
        assert_eq!(client.run("kept").await.outputs, [r#"display:{"text/plain":"7"}"#]);
        client.shut_down().await;
    }
}

#[tokio::test]
async fn programs_of_cells_read_an_empty_standard_input() {
    let mut client = Client::start().await;
    let count = "use std::process::Command;\nlet cat = Command::new(\"sh\").args([\"-c\", \"wc -c; readlink /proc/self/fd/0\"]).spawn()?.wait_with_output()?;";
    // In a run without a client that types, and in one with.
    assert_eq!(client.run_without_input(count).await.text(), "0\n/dev/null\n");
    assert_eq!(client.run_with_input(count, &[]).await.text(), "0\n/dev/null\n");
    client.shut_down().await;
}

#[tokio::test]
async fn a_crate_that_knows_only_evcxr_shows_its_values() {
    let helper = small_helper();
    let folder = tempfile::tempdir().unwrap();
    let source = "pub struct Plot(pub u8);\nimpl Plot { pub fn evcxr_display(&self) { println!(\"EVCXR_BEGIN_CONTENT text/html\\n<b>{}</b>\\nEVCXR_END_CONTENT\", self.0); } }\npub trait Shows { fn evcxr_display(&self); }\nimpl Shows for str { fn evcxr_display(&self) { println!(\"EVCXR_BEGIN_CONTENT text/html\\n<i>{self}</i>\\nEVCXR_END_CONTENT\"); } }\n";
    let line = package(folder.path(), "foreign", source);
    let html = |text: &str| format!("display:{}", serde_json::json!({ "text/html": text }));
    for helper in [None, Some(helper.path())] {
        let mut client = Client::start_with(helper).await;
        client.run(&line).await;
        let last = client.run("let plot = foreign::Plot(1);\nplot").await;
        assert_eq!(last.outputs.last(), Some(&html("<b>1</b>")), "{last:?}");
        let twice = client.run("foreign::Plot(2).evcxr_display();\nprintln!(\"between\");\nfn show(plot: &foreign::Plot) { plot.evcxr_display() }\nshow(&plot);").await;
        assert_eq!(twice.outputs, [html("<b>2</b>"), "stdout:between\n".to_owned(), html("<b>1</b>")]);
        let by_trait = client.run("use foreign::Shows; let name = String::from(\"x\"); name").await;
        assert_eq!(by_trait.outputs, [html("<i>x</i>")]);
        assert_eq!(
            client.run("name.len() + plot.0 as usize").await.outputs,
            [r#"display:{"text/plain":"2"}"#]
        );
        client.shut_down().await;
    }
}

#[tokio::test]
async fn a_million_lines_are_not_held() {
    let mut client = Client::start().await;
    let id = client.send("for i in 0..1_000_000 { println!(\"line {i} {}\", \"x\".repeat(50)); }\nlet status = std::fs::read_to_string(format!(\"/proc/{}/status\", std::os::unix::process::parent_id()))?;\nprintln!(\"{}\", status.lines().find(|line| line.starts_with(\"VmHWM\")).unwrap_or_default());").await;
    let ran = client.collect(&id).await;
    let text = ran.text();
    assert!(text.lines().count() >= 1_000_001, "{}", text.lines().count());
    let most: u64 = text.lines().last().unwrap().split_whitespace().nth(1).unwrap().parse().unwrap();
    assert!(most < 90_000, "the cell host held {most} KB");
    client.shut_down().await;
}

/// All files and folders below one, and it itself; links are not followed.
fn tree(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut found = vec![folder.to_owned()];
    if std::fs::symlink_metadata(folder).unwrap().is_dir() {
        found.extend(std::fs::read_dir(folder).unwrap().flatten().flat_map(|entry| tree(&entry.path())));
    }
    found
}

/// Whether a program that runs as another user can do this.
fn another_user_can(program: &str, path: &Path) -> bool {
    use std::os::unix::process::CommandExt;
    let mut command = Command::new(program);
    command.arg(path).uid(65534).gid(65534).current_dir("/").stdout(Stdio::null()).stderr(Stdio::null());
    command.status().unwrap().success()
}

fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

#[tokio::test]
async fn what_the_kernel_writes_is_private_whatever_the_umask() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    use std::os::unix::process::CommandExt;
    let helper = small_helper();
    let folder = tempfile::tempdir().unwrap();
    let line = package(folder.path(), "other", "pub fn two() -> u8 { 2 }\n");
    for open in [helper.path(), folder.path()] {
        set_mode(open, 0o755);
    }
    // As an earlier version made it.
    std::fs::create_dir(helper.path().join("cells")).unwrap();
    set_mode(&helper.path().join("cells"), 0o755);
    let mut client = Client::start_as(Some(helper.path()), |kernel| {
        // SAFETY: changes only the child.
        unsafe {
            kernel.pre_exec(|| {
                libc::umask(0);
                Ok(())
            })
        };
    })
    .await;
    client.run("let a = vec![cltv::twice(2)];").await;
    client.run(&format!("{line}\nlet b = other::two();")).await;
    let written = |name: &str| folder.path().join(name);
    let (by_cell, by_shell) = (written("by_cell"), written("by_shell"));
    let ran = client
        .run(&format!(
            "!touch {}; echo $TMPDIR > {}\nstd::fs::write({by_cell:?}, \"\")?; println!(\"{{}}\", std::env::temp_dir().display());",
            by_shell.display(),
            written("folder").display()
        ))
        .await;
    // What a cell writes is the user's own.
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&by_cell), mode(&by_shell)), (0o666, 0o666), "{ran:?}");
    let tmp = helper.path().join("tmp");
    assert_eq!(ran.text().trim(), tmp.to_str().unwrap());
    assert_eq!(std::fs::read_to_string(written("folder")).unwrap().trim(), tmp.to_str().unwrap());
    let private: Vec<_> = tree(&tmp).into_iter().skip(1).chain(tree(&helper.path().join("cells"))).collect();
    assert!(private.len() > 30, "{private:?}");
    for path in &private {
        let data = std::fs::symlink_metadata(path).unwrap();
        assert!(data.is_symlink() || data.mode() & 0o077 == 0, "{}: {:o}", path.display(), data.mode());
    }
    // SAFETY: returns a number.
    if unsafe { libc::geteuid() } == 0 {
        assert!(another_user_can("ls", helper.path()));
        for path in private {
            assert!(!another_user_can("cat", &path) && !another_user_can("ls", &path), "{}", path.display());
        }
    }
    client.shut_down().await;
    let left: Vec<_> = std::fs::read_dir(&tmp).unwrap().flatten().collect();
    assert!(left.is_empty(), "{left:?}");
}

#[tokio::test]
async fn another_users_pipe_in_the_temporary_folder_stops_no_kernel() {
    let folder = tempfile::tempdir().unwrap();
    let planted = folder.path().join("tmp");
    std::fs::create_dir(&planted).unwrap();
    set_mode(folder.path(), 0o755);
    set_mode(&planted, 0o1777);
    let theirs = planted.join("cltv-kernel-1-theirs");
    std::fs::create_dir(&theirs).unwrap();
    assert!(Command::new("mkfifo").arg(theirs.join("lock")).status().unwrap().success());
    // SAFETY: returns a number.
    if unsafe { libc::geteuid() } == 0 {
        std::os::unix::fs::chown(&theirs, Some(65534), Some(65534)).unwrap();
    }
    let mut client = Client::start_as(None, |kernel| {
        kernel.env("TMPDIR", &planted);
    })
    .await;
    assert_eq!(client.run("1 + 1").await.outputs, [r#"display:{"text/plain":"2"}"#]);
    client.shut_down().await;
    assert!(theirs.join("lock").exists());
}

/// Runs a few cells in a kernel of their own; gives what the last one showed.
async fn short_notebook(helper: &Path) -> Vec<String> {
    let mut client = Client::start_with(Some(helper)).await;
    client.run("let a = cltv::twice(2); #[derive(Debug)] struct S(u64);").await;
    client.run("let wrong: u8 = \"text\";").await;
    client.run("let s = S(a + 1);").await;
    let last = client.run("println!(\"{a}\"); s").await;
    client.shut_down().await;
    last.outputs
}

#[tokio::test]
async fn damaged_cells_are_compiled_again() {
    let helper = small_helper();
    let expected = ["stdout:4\n", r#"display:{"text/plain":"S(5)"}"#];
    assert_eq!(short_notebook(helper.path()).await, expected);
    let files = || std::fs::read_dir(helper.path().join("cells")).unwrap().map(|entry| entry.unwrap().path());
    let count = files().count();
    let damages: [fn(&mut Vec<u8>); 3] =
        [|bytes| bytes.truncate(bytes.len() / 2), Vec::clear, |bytes| bytes[0] ^= 4];
    for damage in damages {
        for file in files() {
            let mut bytes = std::fs::read(&file).unwrap();
            damage(&mut bytes);
            std::fs::write(&file, bytes).unwrap();
        }
        assert_eq!(kept_cells::check(helper.path()).unwrap().damaged.len(), count);
        assert_eq!(short_notebook(helper.path()).await, expected);
        assert_eq!(kept_cells::check(helper.path()).unwrap(), Contents { whole: count, damaged: vec![] });
    }
}

#[tokio::test]
async fn a_library_that_was_damaged_for_a_while_breaks_no_later_run() {
    let helper = small_helper();
    let library = helper.path().join("deps/libcltv.so");
    let whole = std::fs::read(&library).unwrap();
    for damaged in [&whole[..whole.len() / 2], b""] {
        std::fs::write(&library, damaged).unwrap();
        assert!(short_notebook(helper.path()).await.iter().any(|output| output.starts_with("error:")));
        std::fs::remove_file(&library).unwrap();
        assert!(short_notebook(helper.path()).await.iter().any(|output| output.starts_with("error:")));
        std::fs::write(&library, &whole).unwrap();
        assert_eq!(short_notebook(helper.path()).await.last().unwrap(), r#"display:{"text/plain":"S(5)"}"#);
    }
}

#[tokio::test]
async fn a_type_whose_length_hides_is_not_read_with_another() {
    let helper = small_helper();
    let mut client = Client::start_with(Some(helper.path())).await;
    let cells = |n: u8| {
        [
            format!(
                "struct Len; impl Len {{ const fn n() -> usize {{ {n} }} }}\n#[derive(Debug)] struct A {{ bytes: [u8; Len::n()] }}"
            ),
            format!(
                "#[macro_export] macro_rules! length {{ () => {{ {n} }} }}\n#[derive(Debug)] struct B {{ bytes: [u8; crate::length!()] }}"
            ),
            format!(
                "#[macro_export] macro_rules! make {{ ($n:expr) => {{ #[derive(Debug)] pub struct C {{ pub bytes: [u8; $n] }} }} }}\nmod made {{ crate::make!({n}); }}"
            ),
        ]
    };
    let small = cells(2);
    for cell in &small {
        let defined = client.run(cell).await;
        assert_eq!(defined.status, Some(ReplyStatus::Ok), "{defined:?}");
    }
    let made = client.run("let a = vec![A { bytes: [1; 2] }]; let b = vec![B { bytes: [2; 2] }]; let c = vec![made::C { bytes: [3; 2] }];").await;
    assert_eq!(made.status, Some(ReplyStatus::Ok), "{made:?}");
    assert!(client.run("a").await.outputs.concat().contains("[1, 1]"));
    for (cell, variable) in cells(200).iter().zip(["a", "b", "c"]) {
        client.run(cell).await;
        // The old vector has two bytes; as the new type they would be two hundred.
        let gone = client.run(&format!("format!(\"{{}}\", {variable}[0].bytes.len())")).await;
        assert_eq!(gone.ename, "CompileError", "{variable}: {gone:?}");
        assert!(gone.outputs.concat().contains("was defined anew"), "{variable}: {gone:?}");
    }
    client.shut_down().await;
}

/// What a client of zeromq sends first, and the command that follows.
fn handshake() -> Vec<u8> {
    let mut bytes = vec![0; 64];
    (bytes[0], bytes[9], bytes[10]) = (0xff, 0x7f, 3);
    bytes[12..16].copy_from_slice(b"NULL");
    let ready = b"\x05READY\x0bSocket-Type\0\0\0\x06DEALER";
    bytes.extend([4, ready.len() as u8]);
    bytes.extend(ready);
    bytes
}

#[tokio::test]
async fn a_stranger_who_announces_a_huge_frame_ends_no_kernel() {
    use std::io::{Read, Write};
    let mut client = Client::start().await;
    let ports = {
        let known = &client.connection;
        [known.shell_port, known.control_port, known.iopub_port, known.stdin_port, known.hb_port]
    };
    for port in ports {
        for length in [1u64 << 62, (1 << 63) - (1 << 20), 1 << 40, u64::MAX] {
            for flags in [2, 3, 6] {
                let mut stranger = std::net::TcpStream::connect(("127.0.0.1", port)).unwrap();
                stranger.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
                stranger.write_all(&handshake()).unwrap();
                stranger.write_all(&[flags]).unwrap();
                stranger.write_all(&length.to_be_bytes()).unwrap();
                // It is closed, perhaps behind the kernel's part of the handshake.
                let _ = stranger.read_to_end(&mut Vec::new());
            }
        }
    }
    assert!(client.kernel.try_wait().unwrap().is_none(), "the kernel has ended");
    assert_eq!(client.run("1 + 1").await.outputs, [r#"display:{"text/plain":"2"}"#]);
    client.shut_down().await;
}

#[tokio::test]
async fn a_message_that_comes_again_is_not_executed_again() {
    let folder = tempfile::tempdir().unwrap();
    let (file, said) = (folder.path().join("ran"), folder.path().join("said"));
    let mut client = Client::start_as(None, |kernel| {
        kernel.stderr(std::fs::File::create(&said).unwrap());
    })
    .await;
    let code = format!(
        "use std::io::Write; writeln!(std::fs::File::options().create(true).append(true).open({file:?})?, \"once\")?;"
    );
    let request: JupyterMessage = ExecuteRequest::new(code).into();
    client.shell.send(request.clone()).await.unwrap();
    let ran = client.collect(&request.header.msg_id).await;
    assert_eq!(ran.status, Some(ReplyStatus::Ok), "{ran:?}");
    let (shell, control) = (request.clone(), request);
    client.shell.send(shell).await.unwrap();
    client.control.send(control).await.unwrap();
    assert_eq!(client.run("1 + 1").await.count, 2);
    assert_eq!(std::fs::read_to_string(file).unwrap(), "once\n");
    // Clients repeat this one while a kernel starts: a copy has no answer, and is not worth a line.
    let [first, second]: [JupyterMessage; 2] = [KernelInfoRequest {}.into(), KernelInfoRequest {}.into()];
    let expected = [first.header.msg_id.clone(), second.header.msg_id.clone()];
    for message in [first.clone(), first, second] {
        client.shell.send(message).await.unwrap();
    }
    for id in expected {
        let reply = within(10, client.shell.read()).await.unwrap();
        assert_eq!(reply.parent_header.unwrap().msg_id, id);
    }
    let said = std::fs::read_to_string(said).unwrap();
    assert_eq!(said.matches("came before and is not answered again").count(), 2, "{said}");
    client.shut_down().await;
}

#[tokio::test]
async fn a_temporary_folder_may_have_blanks_and_a_long_name() {
    let helper = small_helper();
    let folder = tempfile::tempdir().unwrap();
    let line = package(folder.path(), "other", "pub fn two() -> u8 { 2 }\n");
    let odd = folder.path().join(format!("a b 'c' {}", "long ".repeat(20)));
    std::fs::create_dir(&odd).unwrap();
    for helper in [None, Some(helper.path())] {
        let mut client = Client::start_as(helper, |kernel| {
            kernel.env("TMPDIR", &odd);
        })
        .await;
        assert_eq!(
            client.run("let v = vec![1, 2]; v.len()").await.outputs,
            [r#"display:{"text/plain":"2"}"#]
        );
        let ran = client
            .run(&format!(
                "!echo \"$TMPDIR\" > {}/shell\n{line}\ni32::from(other::two()) + v[1]",
                folder.path().display()
            ))
            .await;
        assert!(ran.outputs.contains(&r#"display:{"text/plain":"4"}"#.to_owned()), "{ran:?}");
        assert_eq!(
            std::fs::read_to_string(folder.path().join("shell")).unwrap().trim_end_matches('\n'),
            odd.to_str().unwrap()
        );
        client.shut_down().await;
        assert_eq!(std::fs::read_dir(&odd).unwrap().count(), 0);
    }
}

#[tokio::test]
async fn a_temporary_folder_that_is_not_there_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = connection_file(folder.path());
    let gone = folder.path().join("gone");
    let mut kernel = Command::new(env!("CARGO_BIN_EXE_cltv-kernel"));
    let ended = kernel.arg("-f").arg(&file).env("TMPDIR", &gone).env_remove("CLTV_HELPER").output().unwrap();
    let said = String::from_utf8_lossy(&ended.stderr);
    let expected =
        format!("The temporary folder \"{}\" does not exist; make it, or set TMPDIR", gone.display());
    assert!(said.contains(&expected) && ended.status.code() == Some(1), "{said}");
}

#[tokio::test]
async fn a_folder_that_goes_while_the_kernel_runs_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path().join("here");
    std::fs::create_dir(&here).unwrap();
    let mut client = Client::start_as(None, |kernel| {
        kernel.current_dir(&here);
    })
    .await;
    client.run("let a = 1;").await;
    std::fs::remove_dir(&here).unwrap();
    // Cells that need no folder run.
    let ran = client.run("a").await;
    let is_named = ran.evalue.starts_with("The folder that the kernel was started in is gone");
    assert!(is_named || ran.outputs == [r#"display:{"text/plain":"1"}"#], "{ran:?}");
    std::fs::remove_dir_all(client.folder.path().join("tmp")).unwrap();
    let table = client.run("let table = vec![a];").await;
    assert_eq!(table.ename, "KernelEnvironment", "{table:?}");
    assert!(table.evalue.starts_with("The kernel's working folder"), "{table:?}");
    assert!(table.evalue.contains("is gone"), "{table:?}");
    std::fs::create_dir(client.folder.path().join("tmp")).unwrap();
    client.shut_down().await;
}

#[tokio::test]
async fn a_kernel_that_starts_in_a_folder_that_is_gone_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path().join("here");
    std::fs::create_dir(&here).unwrap();
    let removed = here.clone();
    let mut client = Client::start_as(None, |kernel| {
        use std::os::unix::process::CommandExt;
        kernel.current_dir(&here);
        // SAFETY: removes a folder that nothing else uses.
        unsafe { kernel.pre_exec(move || std::fs::remove_dir(&removed)) };
    })
    .await;
    let ran = client.run("1").await;
    assert!(ran.evalue.starts_with("The folder that the kernel was started in is gone"), "{ran:?}");
    client.shut_down().await;
}

#[tokio::test]
async fn a_full_disk_is_named() {
    // SAFETY: returns a number.
    let is_root = unsafe { libc::geteuid() } == 0;
    let may_mount = || Command::new("unshare").args(["-m", "mount", "-t", "tmpfs", "none", "/mnt"]).status();
    if !is_root || !may_mount().is_ok_and(|status| status.success()) {
        return;
    }
    let mut client = Client::start_as(None, |kernel| {
        use std::os::unix::process::CommandExt;
        let tmp = kernel.get_envs().find(|(name, _)| *name == "TMPDIR").and_then(|(_, value)| value).unwrap();
        let tmp = std::ffi::CString::new(tmp.to_str().unwrap()).unwrap();
        // SAFETY: gives only the child a small disk of its own.
        unsafe {
            kernel.pre_exec(move || {
                let failed = |code: i32| code != 0;
                let (name, options) = (c"tmpfs", c"size=40m");
                if failed(libc::unshare(libc::CLONE_NEWNS))
                    || failed(libc::mount(
                        c"none".as_ptr(),
                        c"/".as_ptr(),
                        std::ptr::null(),
                        libc::MS_REC | libc::MS_PRIVATE,
                        std::ptr::null(),
                    ))
                    || failed(libc::mount(
                        name.as_ptr(),
                        tmp.as_ptr(),
                        name.as_ptr(),
                        0,
                        options.as_ptr().cast(),
                    ))
                {
                    return Err(std::io::Error::last_os_error());
                }
                Ok(())
            })
        };
    })
    .await;
    let filled = client
        .run("let file = std::env::temp_dir().join(\"large\"); let wrote = std::fs::write(&file, vec![0u8; 60 << 20]).is_err();\nwrote")
        .await;
    assert_eq!(filled.outputs, [r#"display:{"text/plain":"true"}"#], "{filled:?}");
    let full = client.run("let table = vec![1, 2, 3];").await;
    assert!(full.evalue.contains("is full"), "{full:?}");
    client.shut_down().await;
}

#[tokio::test]
async fn a_library_that_others_can_write_is_not_used() {
    let folder = tempfile::tempdir().unwrap();
    let file = connection_file(folder.path());
    for open in ["", MANIFEST_FILE, "deps", "deps/libcltv.so"] {
        let helper = small_helper();
        let path = helper.path().join(open);
        set_mode(&path, 0o777);
        let mut kernel = Command::new(env!("CARGO_BIN_EXE_cltv-kernel"));
        let ended = kernel.arg("-f").arg(&file).env(HELPER, helper.path()).output().unwrap();
        let said = String::from_utf8_lossy(&ended.stderr);
        assert!(said.contains("other users can write") && ended.status.code() == Some(1), "{open}: {said}");
    }
}

/// Bytes that a user is sent who connects to a port: the first ones of zeromq's greeting, or none.
fn greeting(port: u16, user: Option<u32>) -> usize {
    use std::os::unix::process::CommandExt;
    let mut command = Command::new("bash");
    command.args(["-c", &format!("exec 3<>/dev/tcp/127.0.0.1/{port}; timeout 10 head -c 10 <&3")]);
    command.current_dir("/").stderr(Stdio::null());
    if let Some(user) = user {
        command.uid(user).gid(user);
    }
    command.output().unwrap().stdout.len()
}

#[tokio::test(flavor = "multi_thread")]
async fn outputs_are_published_to_no_other_user() {
    let client = Client::start().await;
    let ports = &client.connection;
    for port in [ports.iopub_port, ports.shell_port, ports.control_port, ports.stdin_port, ports.hb_port] {
        assert_eq!(greeting(port, None), 10);
        // SAFETY: returns a number.
        if unsafe { libc::geteuid() } == 0 {
            assert_eq!(greeting(port, Some(65534)), 0);
        }
    }
    client.shut_down().await;
}
