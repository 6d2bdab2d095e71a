//! A kernel that speaks the Jupyter protocol and runs no code: the runner's tests start it as a
//! process. Its cells are comments that say what to do, one a line:
//!
//! `// mock: stdout TEXT`, `stderr TEXT`, `display ID TEXT`, `update ID TEXT`, `result TEXT`,
//! `error NAME WORDS`, `reply-error`, `clear`, `sleep SECONDS` (ends at an interrupt), `deaf SECONDS`
//! (does not), `flood BYTES` and `lines COUNT WIDTH` (on stdout), `write FILE TEXT` (into `CLTV_STAGE`, else the current
//! folder), `link FILE TARGET` (there too), `append FILE TEXT`, `remove FOLDER`, `meet COUNT SECONDS` (fails unless so many kernels come here in time), `fail-if TEXT` (when a
//! cell so far had it), `set NAME VALUE`, `get NAME`, `where`, `pid`, `die`, `exit CODE`, `kill`.
//!
//! A cell without such a line is echoed on stdout. The cell `:clear` makes the kernel new, unless
//! `MOCK_NO_CLEAR` is set (`fail`, or `hang`). `MOCK_LOADS` is how long the first cell waits for the kernel. Like evcxr's, this kernel sends no welcome.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use jupyter_protocol::{
    ClearOutput, ConnectionInfo, DisplayData, ErrorOutput, ExecuteInput, ExecuteReply, ExecuteResult,
    ExecutionCount, InterruptReply, JupyterMessage, JupyterMessageContent as Content, KernelInfoReply,
    LanguageInfo, Media, MediaType, ReplyStatus, ShutdownReply, Status, StreamContent, Transient,
    UpdateDisplayData,
};
use jupyter_zmq_client::{
    KernelIoPubConnection, KernelShellConnection, create_kernel_control_connection,
    create_kernel_heartbeat_connection, create_kernel_iopub_connection, create_kernel_shell_connection,
    create_kernel_stdin_connection,
};

type AnyResult<T> = Result<T, Box<dyn std::error::Error>>;

#[tokio::main]
async fn main() -> AnyResult<()> {
    let file = std::env::args().next_back().ok_or("no connection file")?;
    let info: ConnectionInfo = serde_json::from_slice(&std::fs::read(file)?)?;
    println!("mock kernel {} is up", std::process::id());
    if let Ok(file) = std::env::var("MOCK_PID_FILE") {
        std::fs::write(file, std::process::id().to_string())?;
    }
    let session = uuid::Uuid::new_v4().to_string();
    let mut heartbeat = create_kernel_heartbeat_connection(&info).await?;
    let _stdin = create_kernel_stdin_connection(&info, &session).await?;
    let shell = create_kernel_shell_connection(&info, &session).await?;
    let iopub = create_kernel_iopub_connection(&info, &session).await?;
    tokio::spawn(async move { while heartbeat.single_heartbeat().await.is_ok() {} });
    let interrupts = Arc::new(tokio::sync::Notify::new());
    tokio::spawn(control(info, session, interrupts.clone()));
    let variables = HashMap::new();
    let loads = std::env::var("MOCK_LOADS").map_or(Ok(0.0), |seconds| seconds.parse())?;
    let count = ExecutionCount::new(0);
    Kernel { shell, iopub, count, variables, seen: String::new(), interrupts, loads }.serve().await
}

async fn control(info: ConnectionInfo, session: String, interrupts: Arc<tokio::sync::Notify>) {
    let Ok(mut control) = create_kernel_control_connection(&info, &session).await else {
        return;
    };
    while let Ok(message) = control.read().await {
        match &message.content {
            Content::InterruptRequest(_) => {
                interrupts.notify_waiters();
                let _ = control.send(InterruptReply::new().as_child_of(&message)).await;
            }
            Content::ShutdownRequest(_) => {
                let reply = ShutdownReply::default().as_child_of(&message);
                let _ = control.send(reply).await;
                tokio::time::sleep(Duration::from_millis(20)).await;
                std::process::exit(0);
            }
            _ => {}
        }
    }
}

struct Kernel {
    shell: KernelShellConnection,
    iopub: KernelIoPubConnection,
    count: ExecutionCount,
    variables: HashMap<String, String>,
    seen: String,
    interrupts: Arc<tokio::sync::Notify>,
    loads: f64,
}

impl Kernel {
    async fn serve(mut self) -> AnyResult<()> {
        loop {
            let message = self.shell.read().await?;
            if matches!(message.content, Content::ExecuteRequest(_)) {
                // As a kernel that answers before it can run cells.
                let loads = std::mem::take(&mut self.loads);
                tokio::time::sleep(Duration::from_secs_f64(loads)).await;
            }
            self.iopub.send(Status::busy().as_child_of(&message)).await?;
            match message.content.clone() {
                Content::KernelInfoRequest(_) => {
                    self.shell.send(kernel_info().as_child_of(&message)).await?;
                }
                Content::ExecuteRequest(request) => self.execute(&message, &request.code).await?,
                _ => {}
            }
            self.iopub.send(Status::idle().as_child_of(&message)).await?;
        }
    }

    async fn execute(&mut self, parent: &JupyterMessage, code: &str) -> AnyResult<()> {
        self.count.increment();
        let input = ExecuteInput { code: code.to_owned(), execution_count: self.count };
        self.put(parent, input).await?;
        let mut status = ReplyStatus::Ok;
        if code == ":clear" {
            return self.clear(parent).await;
        }
        let orders: Vec<&str> =
            code.lines().filter_map(|line| line.trim().strip_prefix("// mock: ")).collect();
        if orders.is_empty() {
            self.put(parent, StreamContent::stdout(code)).await?;
        }
        for order in orders {
            let order = order.trim_end();
            if self.obey(parent, order).await? == ReplyStatus::Error {
                status = ReplyStatus::Error;
                break;
            }
        }
        self.seen.push_str(code);
        let reply = ExecuteReply { status, execution_count: self.count, ..ExecuteReply::default() };
        self.shell.send(reply.as_child_of(parent)).await?;
        Ok(())
    }

    async fn clear(&mut self, parent: &JupyterMessage) -> AnyResult<()> {
        let status = match std::env::var("MOCK_NO_CLEAR").as_deref() {
            Ok("hang") => std::future::pending().await,
            Ok(_) => ReplyStatus::Error,
            Err(_) => {
                self.variables.clear();
                self.count = ExecutionCount::new(0);
                ReplyStatus::Ok
            }
        };
        let reply = ExecuteReply { status, execution_count: self.count, ..ExecuteReply::default() };
        self.shell.send(reply.as_child_of(parent)).await?;
        Ok(())
    }

    async fn obey(&mut self, parent: &JupyterMessage, order: &str) -> AnyResult<ReplyStatus> {
        let (verb, rest) = order.split_once(' ').unwrap_or((order, ""));
        let (first, words) = rest.split_once(' ').unwrap_or((rest, ""));
        let text = |text: &str| Media::from(MediaType::Plain(text.to_owned()));
        match verb {
            "stdout" => {
                let stream = StreamContent::stdout(&format!("{rest}\n"));
                self.put(parent, stream).await?;
            }
            "stderr" => {
                let stream = StreamContent::stderr(&format!("{rest}\n"));
                self.put(parent, stream).await?;
            }
            "where" => {
                let here = std::env::current_dir()?.display().to_string();
                let meta = parent.metadata["cellId"].as_str().unwrap_or("?");
                let stage = std::env::var("CLTV_STAGE").unwrap_or_default();
                let line = format!("cwd={here} cell={meta} stage={stage}\n");
                self.put(parent, StreamContent::stdout(&line)).await?;
            }
            "display" => {
                let mut display = DisplayData::new(text(words));
                display.transient = Some(Transient { display_id: Some(first.to_owned()) });
                self.put(parent, display).await?;
            }
            "update" => {
                let update = UpdateDisplayData::new(text(words), first);
                self.put(parent, update).await?;
            }
            "result" => {
                let result = ExecuteResult::new(self.count, text(rest));
                self.put(parent, result).await?;
            }
            "clear" => self.put(parent, ClearOutput { wait: true }).await?,
            "error" => {
                let error = ErrorOutput {
                    ename: first.to_owned(),
                    evalue: words.to_owned(),
                    traceback: vec![format!("\u{1b}[31m{words}\u{1b}[0m"), "at line 1".into()],
                };
                self.put(parent, error).await?;
                return Ok(ReplyStatus::Error);
            }
            "reply-error" => return Ok(ReplyStatus::Error),
            "sleep" => {
                let interrupts = self.interrupts.clone();
                tokio::select! {
                    () = tokio::time::sleep(Duration::from_secs_f64(rest.parse()?)) => {}
                    () = interrupts.notified() => {
                        let error = ErrorOutput {
                            ename: "Interrupted".into(),
                            evalue: "the cell was interrupted".into(),
                            traceback: Vec::new(),
                        };
                        self.put(parent, error).await?;
                        return Ok(ReplyStatus::Error);
                    }
                }
            }
            "deaf" => std::thread::sleep(Duration::from_secs_f64(rest.parse()?)),
            "flood" => {
                let text = "x".repeat(rest.parse()?) + "\n";
                self.put(parent, StreamContent::stdout(&text)).await?;
            }
            "set" => {
                self.variables.insert(first.to_owned(), words.to_owned());
            }
            "get" => {
                let value = self.variables.get(first).map_or("unset", String::as_str);
                let line = format!("{first}={value}\n");
                self.put(parent, StreamContent::stdout(&line)).await?;
            }
            "fail-if" if !self.seen.contains(rest) => {}
            "fail-if" => {
                let error = ErrorOutput {
                    ename: "Seen".into(),
                    evalue: format!("there is {rest}"),
                    traceback: Vec::new(),
                };
                self.put(parent, error).await?;
                return Ok(ReplyStatus::Error);
            }
            "meet" => return meet(first.parse()?, words.parse()?),
            "pid" => {
                let line = format!("{}\n", std::process::id());
                self.put(parent, StreamContent::stdout(&line)).await?;
            }
            "write" => {
                let folder = std::env::var("CLTV_STAGE").unwrap_or_else(|_| ".".into());
                let path = std::path::Path::new(&folder).join(first);
                std::fs::create_dir_all(path.parent().ok_or("no folder")?)?;
                std::fs::write(path, words)?;
            }
            "append" => {
                let mut file = std::fs::File::options().append(true).open(first)?;
                std::io::Write::write_all(&mut file, words.as_bytes())?;
            }
            "lines" => {
                let (count, width) = (first.parse::<usize>()?, words.parse::<usize>()?);
                let line = "x".repeat(width) + "\n";
                for _ in 0..count / 1000 {
                    self.put(parent, StreamContent::stdout(&line.repeat(1000))).await?;
                }
            }
            "remove" => std::fs::remove_dir_all(rest)?,
            "link" => {
                let folder = std::env::var("CLTV_STAGE").unwrap_or_else(|_| ".".into());
                std::os::unix::fs::symlink(words, std::path::Path::new(&folder).join(first))?;
            }
            "die" => {
                eprintln!("about to die");
                std::process::abort();
            }
            "kill" => {
                // SAFETY: a process may end itself.
                unsafe { libc::kill(libc::getpid(), libc::SIGKILL) };
            }
            "exit" => {
                eprintln!("about to leave");
                std::process::exit(rest.parse()?);
            }
            other => return Err(format!("unknown order {other}").into()),
        }
        Ok(ReplyStatus::Ok)
    }

    async fn put(&mut self, parent: &JupyterMessage, content: impl Into<Content>) -> AnyResult<()> {
        let message = JupyterMessage::new(content, Some(parent));
        Ok(self.iopub.send(message).await?)
    }
}

/// Waits until so many kernels have left a file in the current folder.
fn meet(count: usize, seconds: usize) -> AnyResult<ReplyStatus> {
    std::fs::write(format!("meet-{}", std::process::id()), "")?;
    for _ in 0..20 * seconds {
        let names = std::fs::read_dir(".")?.flatten().map(|entry| entry.file_name());
        if names.filter(|name| name.to_string_lossy().starts_with("meet-")).count() >= count {
            return Ok(ReplyStatus::Ok);
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(ReplyStatus::Error)
}

fn kernel_info() -> KernelInfoReply {
    KernelInfoReply {
        status: ReplyStatus::Ok,
        protocol_version: "5.3".into(),
        implementation: "mock".into(),
        implementation_version: "1".into(),
        language_info: LanguageInfo {
            name: "rust".into(),
            version: "1".into(),
            mimetype: Some("text/rust".into()),
            file_extension: Some(".rs".into()),
            pygments_lexer: None,
            codemirror_mode: None,
            nbconvert_exporter: None,
        },
        banner: String::new(),
        help_links: Vec::new(),
        debugger: false,
        error: None,
    }
}
