//! Whole runs over a mock kernel: a process that speaks the protocol and runs no code.

mod common;

use common::{Workspace, stream};
use predicates::prelude::*;
use predicates::str::contains;
use serde_json::{Value, json};

const INJECTION: &str = "\"; std::process::exit(0); \" \\ {} \n:dep x\n é🦀\u{202e}";

fn run_one(cells: &[&str]) -> Workspace {
    Workspace::new(&[("one", cells)])
}

fn run_args<'a>(more: &[&'a str]) -> Vec<&'a str> {
    let mut args = vec!["run", "notebooks/one.ipynb", "out.ipynb", "-k", "mock"];
    args.extend(more);
    args
}

#[test]
fn outputs_arrive_in_order_and_the_notebook_is_valid() {
    let workspace = run_one(&[
        "// mock: stdout a\n// mock: stdout b\n// mock: stderr c\n// mock: display d1 old",
        "// mock: where\n// mock: update d1 new\n// mock: result 42",
        "// mock: stdout gone\n// mock: clear\n// mock: display d2 stays",
        "  \n",
    ]);
    let assert = workspace.cltv(&run_args(&[])).assert().success();
    assert.stderr(contains(" 3/4  // mock: where").and(contains(" s\n")));
    let text = workspace.read("out.ipynb").expect("written");
    assert!(matches!(nbformat::parse_notebook(&text), Ok(nbformat::Notebook::V4(_))));
    let notebook = workspace.json("out.ipynb");
    let cells = notebook["cells"].as_array().expect("cells");
    assert_eq!(cells[1]["outputs"][0]["text"], json!(["a\n", "b\n"]));
    assert_eq!(cells[1]["outputs"][1]["name"], "stderr");
    assert_eq!(cells[1]["outputs"][2]["data"]["text/plain"], json!(["new"]));
    assert_eq!(cells[2]["outputs"][1]["execution_count"], 3);
    assert_eq!(cells[3]["outputs"].as_array().map(Vec::len), Some(1));
    assert_eq!(cells[4]["execution_count"], Value::Null);
    let place = stream(&notebook, 2);
    let folder = workspace.root().join("notebooks").display().to_string();
    assert!(place.contains(&format!("cwd={folder} cell=cell-2 stage=\n")), "{place}");
}

#[test]
fn metadata_is_papermills_and_the_rest_is_kept() {
    let workspace = run_one(&["// mock: stdout a"]);
    workspace.cltv(&run_args(&["-p", "horizon_months", "12"])).assert().success();
    let notebook = workspace.json("out.ipynb");
    let run = &notebook["metadata"]["papermill"];
    assert_eq!(run["parameters"], json!({"horizon_months": 12}));
    assert_eq!(run["default_parameters"]["discount_annual"], 0.1);
    assert_eq!(run["input_path"], "notebooks/one.ipynb");
    assert_eq!(run["output_path"], "out.ipynb");
    assert_eq!(run["exception"], Value::Null);
    assert!(run["duration"].as_f64().expect("seconds") > 0.0);
    assert_eq!(notebook["metadata"]["odd"], 1);
    assert_eq!(notebook["metadata"]["language_info"]["name"], "rust");
    let cell = &notebook["cells"][2]["metadata"]["papermill"];
    assert_eq!(cell["status"], "completed");
    assert!(cell["start_time"].as_str() <= cell["end_time"].as_str());
}

#[test]
fn parameters_are_data_in_the_declared_type() {
    let workspace = run_one(&[]);
    let args = run_args(&["-p", "transactions", INJECTION, "-p", "discount_annual", "0"]);
    workspace.cltv(&args).assert().success();
    let notebook = workspace.json("out.ipynb");
    let injected = &notebook["cells"][1];
    assert_eq!(injected["metadata"]["tags"], json!(["injected-parameters"]));
    // The mock echoes what it was sent.
    let code = stream(&notebook, 1);
    let block: syn::Block = syn::parse_str(&format!("{{{code}\n}}")).expect("Rust");
    assert_eq!(block.stmts.len(), 2);
    let syn::Stmt::Local(local) = &block.stmts[0] else {
        panic!("a let: {code}");
    };
    let Some(syn::Expr::Lit(literal)) = local.init.as_ref().map(|init| init.expr.as_ref()) else {
        panic!("a literal: {code}");
    };
    let syn::Lit::Str(text) = &literal.lit else {
        panic!("a text: {code}");
    };
    assert_eq!(text.value(), INJECTION);
    assert!(code.contains("let discount_annual: f64 = 0.0;"), "{code}");

    // A second run replaces the injected cell instead of adding one.
    let again = ["run", "out.ipynb", "again.ipynb", "-k", "mock", "-p", "horizon_months", "3"];
    workspace.cltv(&again).assert().success();
    let again = workspace.json("again.ipynb");
    assert_eq!(again["cells"].as_array().map(Vec::len), Some(2));
    assert!(stream(&again, 1).contains("horizon_months: u32 = 3"));
}

#[test]
fn the_executed_notebook_goes_to_standard_output_without_a_name() {
    let workspace = run_one(&["// mock: stdout hello"]);
    let args = ["run", "notebooks/one.ipynb", "-k", "mock"];
    let output = workspace.cltv(&args).assert().success().get_output().stdout.clone();
    let notebook: Value = serde_json::from_slice(&output).expect("a notebook");
    assert_eq!(stream(&notebook, 1), "hello\n");
    let args = ["run", "-", "-", "-k", "mock"];
    let input = workspace.read("notebooks/one.ipynb").expect("there");
    let output = workspace.cltv(&args).write_stdin(input).assert().success();
    let notebook: Value = serde_json::from_slice(&output.get_output().stdout).expect("a notebook");
    assert_eq!(stream(&notebook, 1), "hello\n");
}

#[test]
fn a_failing_cell_stops_the_run_with_its_error() {
    let workspace = run_one(&[
        "// mock: stdout before",
        "let rfm = 1;\n// mock: error DataError no column `day`",
        "// mock: stdout never",
    ]);
    let assert = workspace.cltv(&run_args(&[])).assert().code(1);
    assert.stderr(
        contains("Cell 3 of 4 of one failed")
            .and(contains("    let rfm = 1;"))
            .and(contains("DataError: no column `day`"))
            .and(contains("at line 1"))
            .and(contains("out.ipynb"))
            .and(contains("\u{1b}").not()),
    );
    let notebook = workspace.json("out.ipynb");
    let text = notebook.to_string();
    assert!(text.contains("before") && !text.contains("\"never\\n\""));
    assert_eq!(notebook["metadata"]["papermill"]["exception"], true);
    assert!(text.contains("papermill-error-cell-tag"));
    // Two marks came in: one at the top, one before the failed cell.
    assert_eq!(notebook["cells"][4]["outputs"][0]["output_type"], "error");
    assert_eq!(notebook["cells"][4]["metadata"]["papermill"]["status"], "failed");
    assert_eq!(notebook["cells"][5]["metadata"]["papermill"]["status"], "pending");
    let again = ["run", "out.ipynb", "again.ipynb", "-k", "mock"];
    workspace.cltv(&again).assert().code(1);
    let marks = workspace.read("again.ipynb").expect("written");
    assert_eq!(marks.matches("papermill-error-cell-tag").count(), 2);
}

#[test]
fn an_error_that_only_the_reply_tells_is_one() {
    let workspace = run_one(&["// mock: reply-error"]);
    let assert = workspace.cltv(&run_args(&[])).assert().code(1);
    assert.stderr(contains("Cell 2 of 2 of one failed"));
    let notebook = workspace.json("out.ipynb");
    assert!(notebook.to_string().contains("\"output_type\":\"error\""));
}

#[test]
fn a_cell_that_may_fail_does_not_stop_the_run() {
    let workspace = run_one(&[]);
    let text = workspace.read("notebooks/one.ipynb").expect("there");
    let mut notebook: Value = serde_json::from_str(&text).expect("json");
    let cell = |source: &str, tags: Value| json!({"cell_type": "code", "metadata": {"tags": tags}, "source": source});
    let cells = notebook["cells"].as_array_mut().expect("cells");
    cells.push(cell("// mock: error A b", json!(["raises-exception"])));
    cells.push(cell("// mock: stdout after", json!([])));
    workspace.write("notebooks/one.ipynb", &notebook.to_string());
    workspace.cltv(&run_args(&[])).assert().success();
    let notebook = workspace.json("out.ipynb");
    assert_eq!(notebook["cells"][1]["outputs"][0]["ename"], "A");
    assert_eq!(stream(&notebook, 2), "after\n");
}

#[test]
fn a_dead_kernel_is_noticed_with_its_log() {
    for (order, words) in [("die", "signal 6"), ("exit 7", "exit code 7")] {
        // The socket hands a message over in the background: give it the time to.
        let cell = format!("// mock: stdout before\n// mock: sleep 0.2\n// mock: {order}");
        let workspace = run_one(&[&cell]);
        let assert = workspace.cltv(&run_args(&[])).assert().code(138);
        assert.stderr(
            contains("The kernel died")
                .and(contains(words))
                .and(contains("about to"))
                .and(contains("cell 2 of 2 of one")),
        );
        assert_eq!(stream(&workspace.json("out.ipynb"), 1), "before\n");
    }
}

#[test]
fn a_kernel_that_does_not_start_is_told_apart() {
    let workspace = run_one(&["1"]);
    let spec = |argv: Value| {
        let spec = json!({"argv": argv, "display_name": "x", "language": "rust"});
        workspace.write("jupyter/kernels/mock/kernel.json", &spec.to_string());
    };
    spec(json!(["sh", "-c", "echo no library >&2; exit 3"]));
    let assert = workspace.cltv(&run_args(&[])).assert().code(138);
    assert.stderr(contains("exit code 3").and(contains("no library")));
    spec(json!(["sleep", "60"]));
    let assert = workspace.cltv(&run_args(&["--start-timeout", "1"])).assert().code(1);
    assert.stderr(contains("did not answer within 1 s"));
    spec(json!(["/no/such/program"]));
    let assert = workspace.cltv(&run_args(&[])).assert().code(1);
    assert.stderr(contains("could not be started with `/no/such/program`"));
}

#[test]
fn the_crates_own_test_kernel_is_spoken_to() {
    use cltv_cli::run::session::Session;
    use jupyter_zmq_client::test_kernel::{TestKernel, TestKernelConfig};
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let text = runtime.block_on(async {
        let (_kernel, connection) =
            TestKernel::start_ephemeral(TestKernelConfig::default()).await.expect("started");
        let mut session = Session::connect(&connection).await.expect("answers");
        assert_eq!(session.language().map(|l| l.name.as_str()), Some("test"));
        let mut text = String::new();
        session
            .execute("echo me", "cell", &mut |content| {
                if let jupyter_protocol::JupyterMessageContent::StreamContent(stream) = content {
                    text.push_str(&stream.text);
                }
            })
            .await
            .expect("a reply");
        session.shutdown().await;
        text
    });
    assert_eq!(text, "echo me");
}

#[cfg(unix)]
#[test]
fn an_interrupt_ends_the_kernel_and_everything_it_started() {
    let workspace = run_one(&["// mock: stdout before\n// mock: sleep 50"]);
    let pid_file = workspace.root().join("pid");
    let mut child = workspace.start_with(&run_args(&[]), &[("MOCK_PID_FILE", &pid_file)]);
    let begin = std::time::Instant::now();
    // The parameters cell has run once the kernel is up and its outputs are saved.
    while !workspace.read("out.ipynb").is_some_and(|text| text.contains("completed")) {
        assert!(begin.elapsed().as_secs() < 30, "the run does not begin");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    let kernel: i32 = workspace.read("pid").and_then(|t| t.parse().ok()).expect("a number");
    let runner = i32::try_from(child.id()).expect("a process id");
    // SAFETY: the numbers are of a child of this test and of its child.
    unsafe { libc::kill(runner, libc::SIGINT) };
    let status = child.wait().expect("ended");
    assert_eq!(status.code(), Some(130));
    assert!(begin.elapsed().as_secs() < 30);
    let alive = unsafe { libc::kill(kernel, 0) } == 0;
    assert!(!alive, "the kernel is left behind");
}
