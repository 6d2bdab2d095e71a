//! A client of the real kernel, and what its tests need beside it.

#![allow(dead_code, unreachable_pub, missing_docs, reason = "each test program uses a part of it")]

use cltv_protocol::environment;
use cltv_protocol::helper::{CRATE, Compiler, MANIFEST_FILE, Manifest, STORE};
use jupyter_protocol::{
    CompleteRequest, ConnectionInfo, DebugRequest, ExecuteRequest, InputReply, InspectRequest,
    InterruptRequest, JupyterMessage, JupyterMessageContent as Content, KernelInfoRequest, ReplyStatus,
    ShutdownRequest, Transport,
};
use jupyter_zmq_client as zmq;
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

pub struct Client {
    pub kernel: Child,
    pub connection: ConnectionInfo,
    pub shell: zmq::ClientShellConnection,
    pub control: zmq::ClientControlConnection,
    pub iopub: zmq::ClientIoPubConnection,
    pub stdin: zmq::ClientStdinConnection,
    pub folder: tempfile::TempDir,
}

/// What a cell gave.
#[derive(Debug, Default)]
pub struct Ran {
    pub status: Option<ReplyStatus>,
    pub count: usize,
    /// stream:text, display:mime,mime, error:name in the order in which they came.
    pub outputs: Vec<String>,
    pub ename: String,
    pub evalue: String,
    pub traceback: String,
}

impl Ran {
    pub fn text(&self) -> String {
        self.outputs.iter().filter_map(|o| o.strip_prefix("stdout:")).collect()
    }
}

impl Client {
    pub async fn start() -> Client {
        Self::start_with(None).await
    }

    pub async fn start_with(helper: Option<&Path>) -> Client {
        Self::start_as(helper, |_| {}).await
    }

    pub async fn start_as(helper: Option<&Path>, prepare: impl FnOnce(&mut Command)) -> Client {
        let folder = tempfile::tempdir().unwrap();
        let (ports, listeners) =
            zmq::peek_ports_with_listeners(IpAddr::V4(Ipv4Addr::LOCALHOST), 5).await.unwrap();
        let connection = ConnectionInfo {
            transport: Transport::TCP,
            ip: "127.0.0.1".into(),
            shell_port: ports[0],
            iopub_port: ports[1],
            stdin_port: ports[2],
            control_port: ports[3],
            hb_port: ports[4],
            signature_scheme: "hmac-sha256".into(),
            key: "a test key".into(),
            kernel_name: None,
        };
        let file = folder.path().join("connection.json");
        std::fs::write(&file, serde_json::to_string(&connection).unwrap()).unwrap();
        std::fs::create_dir(folder.path().join("tmp")).unwrap();
        drop(listeners);
        let mut kernel = Command::new(env!("CARGO_BIN_EXE_cltv-kernel"));
        kernel.arg("-f").arg(&file).stdout(Stdio::null());
        match helper {
            // What is kept belongs to one temporary folder; two kernels must share it.
            Some(helper) => kernel.env(environment::HELPER, helper).env("TMPDIR", helper.join("tmp")),
            None => kernel.env_remove(environment::HELPER).env("TMPDIR", folder.path().join("tmp")),
        };
        prepare(&mut kernel);
        let kernel = kernel.spawn().unwrap();
        let iopub = loop {
            match zmq::create_client_iopub_connection(&connection, "", "test").await {
                Ok(iopub) => break iopub,
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        };
        let shell = zmq::create_client_shell_connection_with_identity(
            &connection,
            "test",
            zmq::peer_identity_for_session("test").unwrap(),
        )
        .await
        .unwrap();
        let control = zmq::create_client_control_connection(&connection, "test").await.unwrap();
        let stdin = zmq::create_client_stdin_connection_with_identity(
            &connection,
            "test",
            zmq::peer_identity_for_session("test").unwrap(),
        )
        .await
        .unwrap();
        let mut client = Client { kernel, connection, shell, control, iopub, stdin, folder };
        zmq::wait_for_iopub_welcome(&mut client.iopub, Duration::from_secs(10)).await.unwrap();
        // The kernel answers before it can run cells.
        client.be_known().await;
        client
    }

    /// Waits until the kernel has read all that was sent on this channel.
    pub async fn be_known(&mut self) {
        self.shell.send(KernelInfoRequest {}.into()).await.unwrap();
        while !matches!(within(10, self.shell.read()).await.unwrap().content, Content::KernelInfoReply(_)) {}
    }

    pub async fn interrupt(&mut self) {
        self.control.send(InterruptRequest {}.into()).await.unwrap();
    }

    /// Waits until a cell has begun.
    pub async fn wait_for_begin(&mut self, id: &str) {
        loop {
            let message = within(60, self.iopub.read()).await.unwrap();
            let ours = message.parent_header.as_ref().is_some_and(|parent| parent.msg_id == id);
            if ours && matches!(&message.content, Content::ExecuteInput(_)) {
                return;
            }
        }
    }

    /// Waits until the kernel runs the compiler.
    pub async fn wait_for_compiler(&self) {
        until(60, || descendants(self.kernel.id()).iter().any(|pid| name_of(*pid) == "rustc")).await;
    }

    /// The number that a cell prints first.
    pub async fn wait_for_number(&mut self, id: &str) -> u32 {
        let mut text = String::new();
        while !text.ends_with('\n') {
            let message = within(60, self.iopub.read()).await.unwrap();
            let ours = message.parent_header.as_ref().is_some_and(|parent| parent.msg_id == id);
            if let (true, Content::StreamContent(stream)) = (ours, message.content) {
                text.push_str(&stream.text);
            }
        }
        text.trim().parse().unwrap()
    }

    pub async fn send(&mut self, code: &str) -> String {
        let request: JupyterMessage = ExecuteRequest::new(code.to_owned()).into();
        let id = request.header.msg_id.clone();
        self.shell.send(request).await.unwrap();
        id
    }

    /// Runs a cell for a client that does not send input.
    pub async fn run_without_input(&mut self, code: &str) -> Ran {
        let request = ExecuteRequest { allow_stdin: false, ..ExecuteRequest::new(code.to_owned()) };
        let request: JupyterMessage = request.into();
        let id = request.header.msg_id.clone();
        self.shell.send(request).await.unwrap();
        self.collect(&id).await
    }

    pub async fn send_with_input(&mut self, code: &str) -> String {
        let request = ExecuteRequest { allow_stdin: true, ..ExecuteRequest::new(code.to_owned()) };
        let request: JupyterMessage = request.into();
        let id = request.header.msg_id.clone();
        self.shell.send(request).await.unwrap();
        id
    }

    /// Runs a cell and answers what it asks for with these lines.
    pub async fn run_with_input(&mut self, code: &str, lines: &[&str]) -> Ran {
        // The kernel cannot ask a client that is still about to connect.
        tokio::time::sleep(Duration::from_millis(300)).await;
        let id = self.send_with_input(code).await;
        for line in lines {
            let asked = within(20, self.stdin.read()).await.unwrap();
            assert!(matches!(asked.content, Content::InputRequest(_)), "{asked:?}");
            assert_eq!(asked.parent_header.as_ref().map(|parent| parent.msg_id.as_str()), Some(id.as_str()));
            self.answer(&asked, line).await;
        }
        self.collect(&id).await
    }

    /// Answers a request for a line of input.
    pub async fn answer(&mut self, asked: &JupyterMessage, line: &str) {
        let reply = InputReply { value: line.to_owned(), ..InputReply::default() };
        self.stdin.send(reply.as_child_of(asked)).await.unwrap();
    }

    pub async fn run(&mut self, code: &str) -> Ran {
        let id = self.send(code).await;
        self.collect(&id).await
    }

    /// Waits until a cell has printed this text, and fails if it ends before.
    pub async fn wait_for_text(&mut self, id: &str, text: &str) {
        let mut seen = String::new();
        loop {
            let message = within(60, self.iopub.read()).await.unwrap();
            if message.parent_header.as_ref().is_none_or(|parent| parent.msg_id != id) {
                continue;
            }
            match message.content {
                Content::StreamContent(stream) => seen.push_str(&stream.text),
                Content::ErrorOutput(error) => {
                    panic!("the cell failed with {}: {}", error.ename, error.evalue)
                }
                Content::Status(status) if status.execution_state.as_str() == "idle" => {
                    panic!("the cell ended and has printed {seen:?}")
                }
                _ => {}
            }
            if seen.ends_with(text) {
                return;
            }
        }
    }

    pub async fn collect(&mut self, id: &str) -> Ran {
        let mut ran = Ran::default();
        loop {
            let message = within(60, self.iopub.read()).await.unwrap();
            if message.parent_header.as_ref().is_none_or(|parent| parent.msg_id != id) {
                continue;
            }
            match message.content {
                Content::StreamContent(stream) => {
                    let is_out = matches!(stream.name, jupyter_protocol::Stdio::Stdout);
                    let name = if is_out { "stdout" } else { "stderr" };
                    ran.outputs.push(format!("{name}:{}", stream.text));
                }
                Content::DisplayData(data) => {
                    let value = serde_json::to_value(&data.data).unwrap();
                    ran.outputs.push(format!("display:{value}"));
                }
                Content::UpdateDisplayData(data) => {
                    let value = serde_json::to_value(&data.data).unwrap();
                    ran.outputs.push(format!("update:{value}"));
                }
                Content::ErrorOutput(error) => ran.outputs.push(format!("error:{}", error.ename)),
                Content::Status(status) if status.execution_state.as_str() == "idle" => break,
                _ => {}
            }
        }
        loop {
            let reply = within(10, self.shell.read()).await.unwrap();
            if let (Content::ExecuteReply(content), Some(parent)) = (reply.content, reply.parent_header)
                && parent.msg_id == id
            {
                ran.status = Some(content.status);
                ran.count = content.execution_count.0;
                if let Some(error) = content.error {
                    ran.ename = error.ename;
                    ran.evalue = error.evalue;
                    ran.traceback = error.traceback.join("\n");
                }
                return ran;
            }
        }
    }

    /// The plain text of what is known of the name at the cursor.
    pub async fn inspect(&mut self, code: &str, cursor_pos: usize) -> Option<String> {
        let request = InspectRequest { code: code.to_owned(), cursor_pos, detail_level: Some(0) };
        self.shell.send(request.into()).await.unwrap();
        loop {
            let reply = within(20, self.shell.read()).await.unwrap();
            if let Content::InspectReply(reply) = reply.content {
                assert_eq!(reply.found, !reply.data.content.is_empty());
                return reply.data.content.into_iter().find_map(|media| match media {
                    jupyter_protocol::MediaType::Plain(text) => Some(text),
                    _ => None,
                });
            }
        }
    }

    /// Asks as a debugger does.
    pub async fn debug(&mut self, command: &str, arguments: serde_json::Value) -> serde_json::Value {
        let content =
            serde_json::json!({ "type": "request", "seq": 1, "command": command, "arguments": arguments });
        self.control.send(DebugRequest { content }.into()).await.unwrap();
        loop {
            let reply = within(10, self.control.read()).await.unwrap();
            if let Content::DebugReply(reply) = reply.content {
                return reply.content;
            }
        }
    }

    pub async fn complete(&mut self, code: &str) -> Vec<String> {
        self.complete_shown(code).await.into_iter().map(|(text, _)| text).collect()
    }

    /// The completions at the end of code, each with its signature and documentation.
    pub async fn complete_shown(&mut self, code: &str) -> Vec<(String, String)> {
        let request = CompleteRequest { code: code.to_owned(), cursor_pos: code.chars().count() };
        self.shell.send(request.into()).await.unwrap();
        loop {
            let reply = within(20, self.shell.read()).await.unwrap();
            if let Content::CompleteReply(reply) = reply.content {
                let shown = reply.metadata["_jupyter_types_experimental"].as_array().unwrap();
                assert_eq!(shown.len(), reply.matches.len());
                let text = |one: &serde_json::Value, key: &str| one[key].as_str().unwrap().to_owned();
                let of = |one| format!("{} -- {}", text(one, "signature"), text(one, "documentation"));
                return reply.matches.into_iter().zip(shown.iter().map(of)).collect();
            }
        }
    }

    pub async fn shut_down(mut self) {
        self.control.send(ShutdownRequest { restart: false }.into()).await.unwrap();
        assert_eq!(self.ended().await, Some(0));
    }

    /// The exit code of a kernel that is ending; it leaves no file behind.
    pub async fn ended(mut self) -> Option<i32> {
        let kernel = &mut self.kernel;
        until(10, || kernel.try_wait().unwrap().is_some()).await;
        let left: Vec<_> = std::fs::read_dir(self.folder.path().join("tmp")).unwrap().flatten().collect();
        assert!(left.is_empty(), "the kernel left {left:?}");
        self.kernel.wait().unwrap().code()
    }
}

/// A helper library with one function, as `cltv kernel install` would lay it out.
pub fn small_helper() -> tempfile::TempDir {
    let library = "pub fn twice(x: u64) -> u64 { 2 * thrice(x) / 3 }\nfn thrice(x: u64) -> u64 { 3 * x }\n";
    helper_of(library, "cltv::twice\tfn\tpub fn twice(x: u64) -> u64\n", "")
}

/// A helper library with this source beside the store of variables, and with these indices.
pub fn helper_of(source: &str, own_index: &str, polars_index: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    for name in ["deps", "tmp", "stubs/cltv/src", "src/cltv/index"] {
        std::fs::create_dir_all(path(name)).unwrap();
    }
    std::fs::write(
        path("stubs/cltv/Cargo.toml"),
        "[package]\nname = \"cltv\"\nversion = \"0.1.0\"\nedition = \"2024\"\n",
    )
    .unwrap();
    std::fs::write(path("empty.rs"), "").unwrap();
    std::fs::write(path("src/cltv/index/cltv.txt"), own_index).unwrap();
    std::fs::write(path("src/cltv/index/polars.txt"), polars_index).unwrap();
    let store = concat!(env!("CARGO_MANIFEST_DIR"), "/../cltv-notebook/src/store/variables.rs");
    let values = concat!(env!("CARGO_MANIFEST_DIR"), "/../cltv-notebook/src/store/values.rs");
    let marks = concat!(env!("CARGO_MANIFEST_DIR"), "/../cltv-protocol/src/marks.rs");
    let library = format!(
        "pub use polars;\n{source}\npub mod store {{ #[path = {marks:?}] pub mod marks; #[path = {store:?}] mod variables; #[path = {values:?}] mod values; pub use variables::VariableStore; pub fn create_variable_store() -> *mut VariableStore {{ variables::create_with(values::describe) }} }}\n"
    );
    std::fs::write(path("stubs/cltv/src/lib.rs"), library).unwrap();
    let polars = "pub mod prelude { #[derive(Debug, Clone)] pub struct DataFrame(pub u8); impl DataFrame { pub fn lazy(self) -> u8 { self.0 } } }\n";
    std::fs::write(path("polars.rs"), polars).unwrap();
    let sysroot = Command::new("rustc").args(["--print", "sysroot"]).output().unwrap().stdout;
    let tool = |name: &str| Path::new(String::from_utf8_lossy(&sysroot).trim()).join("bin").join(name);
    let rustc = tool("rustc");
    let built = Command::new(&rustc)
        .args(["--crate-name", "polars", "--edition=2024", "--crate-type", "rlib", "-C", "prefer-dynamic"])
        .args(["-C", "metadata=1f", "-C", "extra-filename=-1f", "--out-dir"])
        .arg(path("deps"))
        .arg(path("polars.rs"))
        .status();
    assert!(built.unwrap().success());
    let built = Command::new(&rustc)
        .arg("--extern")
        .arg(format!("polars={}", path("deps/libpolars-1f.rlib").display()))
        .args([
            "--crate-name",
            "cltv",
            "--edition=2024",
            "--crate-type",
            "dylib",
            "-C",
            "prefer-dynamic",
            "--out-dir",
        ])
        .arg(path("deps"))
        .arg(path("stubs/cltv/src/lib.rs"))
        .status();
    assert!(built.unwrap().success());
    let version = Command::new(&rustc).arg("-vV").output().unwrap().stdout;
    let manifest = Manifest {
        crate_name: CRATE.to_owned(),
        library: "deps/libcltv.so".into(),
        dependency_folders: vec!["deps".into()],
        stub: "stubs/cltv".into(),
        store: Some(STORE.to_owned()),
        compiler: Compiler::Here { rustc: rustc.clone(), cargo: tool("cargo") },
        version: String::from_utf8(version).unwrap(),
    };
    std::fs::write(path(MANIFEST_FILE), serde_json::to_vec(&manifest).unwrap()).unwrap();
    folder
}

/// The cells that are kept beside a helper.
pub fn kept(helper: &Path) -> BTreeSet<OsString> {
    std::fs::read_dir(helper.join("cells")).unwrap().map(|entry| entry.unwrap().file_name()).collect()
}

impl Drop for Client {
    fn drop(&mut self) {
        let _ = self.kernel.kill();
        let _ = self.kernel.wait();
    }
}

pub async fn within<T>(seconds: u64, future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(seconds), future).await.expect("an answer came in time")
}

pub async fn until(seconds: u64, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(seconds);
    while !is_so() {
        assert!(Instant::now() < deadline, "it was not so in {seconds} s");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

pub fn name_of(pid: u32) -> String {
    std::fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default().trim().to_owned()
}

/// The programs below a process, by the kernel's own table.
pub fn descendants(pid: u32) -> Vec<u32> {
    let children = std::fs::read_dir("/proc").unwrap().flatten().filter_map(|entry| {
        let child: u32 = entry.file_name().to_str()?.parse().ok()?;
        let stat = std::fs::read_to_string(entry.path().join("stat")).ok()?;
        let parent: u32 = stat.rsplit(')').next()?.split_whitespace().nth(1)?.parse().ok()?;
        (parent == pid).then_some(child)
    });
    children.flat_map(|child| std::iter::once(child).chain(descendants(child))).collect()
}

/// Whether a process still runs; one that nobody has waited for yet does not.
pub fn is_running(pid: &u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit(')').next().and_then(|rest| rest.split_whitespace().next()).is_some_and(|state| state != "Z")
}

/// A package with one function, for a cell to name.
pub fn package(folder: &Path, name: &str, source: &str) -> String {
    let package = folder.join(name);
    std::fs::create_dir_all(package.join("src")).unwrap();
    let manifest = format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n");
    std::fs::write(package.join("Cargo.toml"), manifest).unwrap();
    std::fs::write(package.join("src/lib.rs"), source).unwrap();
    format!(":dep {name} = {{ path = {:?} }}", package.to_str().unwrap())
}
