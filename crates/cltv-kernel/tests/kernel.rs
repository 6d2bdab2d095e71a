//! The kernel over its sockets, as a client sees it; without a helper library or with one of a single
//! function, so that it needs only itself.

mod client;

use client::{Client, descendants, is_running, kept, name_of, package, small_helper, until, within};
use jupyter_protocol::{KernelInfoRequest, ReplyStatus};
use jupyter_zmq_client as zmq;
use std::time::{Duration, Instant};

/// A cell that is compiled for hours: the compiler works out its value.
const LONG_COMPILE: &str = "#[allow(long_running_const_eval)] const SLOW: u64 = { let mut i = 0u64; while i < 1 << 45 { i += 1; } i };\nSLOW";

#[tokio::test]
async fn cells_run_and_keep_their_variables() {
    let mut client = Client::start().await;
    let first = client.run("let a = 40 + 2;").await;
    assert!(first.status == Some(ReplyStatus::Ok) && first.count == 1, "{first:?}");
    let second = client.run("print!(\"no newline\"); println!(\" a={a}\"); a").await;
    assert_eq!(second.count, 2);
    assert_eq!(second.text(), "no newline a=42\n");
    assert_eq!(second.outputs.last().unwrap(), r#"display:{"text/plain":"42"}"#);
    client.shut_down().await;
}

#[tokio::test]
async fn a_cell_that_another_kernel_compiled_is_not_compiled_again() {
    let helper = small_helper();
    let notebook = async || {
        let mut client = Client::start_with(Some(helper.path())).await;
        client.run(":dep cltv = { path = \"anywhere/cltv\" }").await;
        // With this many variables no two hash maps are likely to agree on their order.
        client.run("let (a, b, c, d) = (1, 2.5, \"three\", cltv::twice(2));").await;
        client.run("let (e, f, g, h) = (vec![a], Some(b), c.len(), d + 1);").await;
        let last = client.run("format!(\"{a} {b} {c} {d} {e:?} {f:?} {g} {h}\")").await;
        let panic = client.run("let i = e[9];").await;
        client.shut_down().await;
        (last, panic.traceback)
    };
    let (first, panic) = notebook().await;
    assert_eq!(
        first.outputs,
        [r#"display:{"text/plain":"\"1 2.5 three 4 [1] Some(2.5) 5 5\""}"#],
        "{first:?}"
    );
    assert!(panic.contains("cell line 1"), "{panic}");
    let compiled = kept(helper.path());
    assert!(compiled.len() > 8, "{compiled:?}");
    let (again, panic) = notebook().await;
    assert_eq!(again.outputs, first.outputs);
    assert!(panic.contains("cell line 1"), "{panic}");
    assert_eq!(kept(helper.path()), compiled);
}

#[tokio::test]
async fn what_a_cell_displays_comes_in_order() {
    let mut client = Client::start().await;
    let ran = client
        .run(
            "struct Chart(u8);\nimpl Chart {\n    fn evcxr_display(&self) {\n        println!(\"EVCXR_BEGIN_CONTENT text/html\\n<b>{}</b>\\nEVCXR_END_CONTENT\", self.0);\n        println!(\"EVCXR_BEGIN_CONTENT text/plain\\n{}\\nEVCXR_END_CONTENT\", self.0);\n    }\n}\nfor i in 0..2 {\n    println!(\"chart {i}\");\n    Chart(i).evcxr_display();\n}",
        )
        .await;
    assert_eq!(
        ran.outputs,
        [
            "stdout:chart 0\n",
            r#"display:{"text/html":"<b>0</b>","text/plain":"0"}"#,
            "stdout:chart 1\n",
            r#"display:{"text/html":"<b>1</b>","text/plain":"1"}"#,
        ]
    );
    client.shut_down().await;
}

#[tokio::test]
async fn failures_are_errors_and_keep_the_session() {
    let mut client = Client::start().await;
    client.run("let kept = 7;").await;

    let panic = client.run("let v: Vec<i32> = vec![];\nlet x = v[9];").await;
    assert_eq!(panic.status, Some(ReplyStatus::Error));
    assert_eq!(
        (panic.ename.as_str(), panic.outputs.last().map(String::as_str)),
        ("Panic", Some("error:Panic"))
    );
    assert_eq!(panic.evalue, "index out of bounds: the len is 0 but the index is 9");
    assert!(panic.traceback.contains("cell line"), "{}", panic.traceback);

    let failed = client.run("let n: i32 = \"twelve\".parse()?;").await;
    assert_eq!((failed.status, failed.ename.as_str()), (Some(ReplyStatus::Error), "Error"));
    assert_eq!(failed.evalue, "invalid digit found in string");

    let wrong = client.run("let ok = 1;\nlet s: i32 = \"text\";").await;
    assert_eq!((wrong.status, wrong.ename.as_str()), (Some(ReplyStatus::Error), "CompileError"));
    assert!(wrong.evalue.contains("line 2, column 14"), "{}", wrong.evalue);

    let ended = client.run("std::process::exit(3);").await;
    assert_eq!(ended.ename, "Crash", "{ended:?}");
    let after = client.run("1 + 1").await;
    assert_eq!(after.outputs, [r#"display:{"text/plain":"2"}"#]);
    client.shut_down().await;
}

#[tokio::test]
async fn variables_outlive_a_panic_and_a_failing_question_mark() {
    let mut client = Client::start().await;
    client.run("let kept = 7;").await;
    client.run("panic!(\"boom\");").await;
    client.run("Err::<(), _>(\"no\")?;").await;
    assert_eq!(client.run("kept").await.outputs, [r#"display:{"text/plain":"7"}"#]);
    client.shut_down().await;
}

#[tokio::test]
async fn requests_behind_a_failed_cell_are_refused() {
    let mut client = Client::start().await;
    let first = client.send("panic!(\"boom\");").await;
    let second = client.send("println!(\"must not run\");").await;
    assert_eq!(client.collect(&first).await.status, Some(ReplyStatus::Error));
    let refused = client.collect(&second).await;
    assert_eq!(refused.status, Some(ReplyStatus::Aborted));
    assert!(refused.outputs.is_empty());
    client.shut_down().await;
}

#[tokio::test]
async fn an_interrupt_ends_a_loop_within_two_seconds() {
    let mut client = Client::start().await;
    client.run("let kept = 1;").await;
    let id = client
        .send("println!(\"going\"); loop { std::thread::sleep(std::time::Duration::from_millis(5)); }")
        .await;
    // The cell must be running, not compiling; what it prints comes while it runs.
    client.wait_for_text(&id, "going\n").await;
    let asked = Instant::now();
    client.interrupt().await;
    let ran = client.collect(&id).await;
    assert!(asked.elapsed() < Duration::from_secs(2), "{:?}", asked.elapsed());
    assert_eq!(ran.ename, "Interrupted");
    assert!(ran.evalue.ends_with("No variable was lost."), "{}", ran.evalue);
    assert_eq!(client.run("kept").await.outputs, [r#"display:{"text/plain":"1"}"#]);
    client.shut_down().await;
}

#[tokio::test]
async fn a_killed_kernel_leaves_no_process() {
    let mut client = Client::start().await;
    client.run("std::process::Command::new(\"sleep\").arg(\"1000\").spawn()?;").await;
    let below = descendants(client.kernel.id());
    assert!(below.iter().any(|pid| name_of(*pid) == "sleep"));
    client.kernel.kill().unwrap();
    client.kernel.wait().unwrap();
    until(5, || !below.iter().any(is_running)).await;
}

#[tokio::test]
async fn a_cleared_session_is_as_new() {
    let mut client = Client::start().await;
    client.run("let gone = 1; std::env::set_current_dir(\"/\").unwrap();").await;
    let cleared = client.run(":clear").await;
    assert_eq!((cleared.status, cleared.count), (Some(ReplyStatus::Ok), 2));
    let first = client.run("std::env::current_dir()? == std::path::Path::new(\"/\")").await;
    assert_eq!(
        (first.count, first.outputs.as_slice()),
        (1, [r#"display:{"text/plain":"false"}"#.to_owned()].as_slice())
    );
    assert_eq!(client.run("gone").await.ename, "CompileError");
    client.shut_down().await;
}

#[tokio::test]
async fn progress_is_one_output_that_is_updated() {
    let mut client = Client::start().await;
    let ran = client
        .run(
            "struct Step(u8); impl Step { fn evcxr_display(&self) { println!(\"EVCXR_BEGIN_CONTENT application/x-cltv-progress\\nfit\\n{} of 2\\nEVCXR_END_CONTENT\", self.0); } }\nfor i in 1..=2 { Step(i).evcxr_display(); }",
        )
        .await;
    assert_eq!(
        ran.outputs,
        [r#"display:{"text/plain":"1 of 2"}"#, r#"update:{"text/plain":"2 of 2"}"#],
        "{ran:?}"
    );
    client.shut_down().await;
}

#[tokio::test]
async fn a_name_is_explained_and_an_unknown_one_is_not() {
    let mut client = Client::start().await;
    client.run("/// Twice as much.\nfn twice(x: u32) -> u32 { 2 * x }").await;
    let text = client.inspect("twice(4)", 2).await.expect("it is known");
    assert!(text.contains("fn twice(x: u32) -> u32"), "{text}");
    assert_eq!(client.inspect("thrice", 3).await, None);
    client.shut_down().await;
}

#[tokio::test]
async fn a_failed_link_is_no_property_of_the_cell() {
    let helper = small_helper();
    let mut client = Client::start_with(Some(helper.path())).await;
    client.run("let a = 1;").await;
    let compiled = kept(helper.path());
    let failed = client
        .run("#[link(name = \"cltv_no_such_library\")] unsafe extern \"C\" { fn nowhere(); }\nunsafe { nowhere() };")
        .await;
    assert_eq!(failed.ename, "CompileError", "{failed:?}");
    assert_eq!(kept(helper.path()), compiled);
    assert_eq!(client.run("let s: i32 = \"text\";").await.ename, "CompileError");
    assert!(kept(helper.path()).len() > compiled.len());
    client.shut_down().await;
}

#[tokio::test]
async fn a_panic_shows_its_cause_its_line_and_earlier_output() {
    let mut client = Client::start().await;
    let scoped = client
        .run("eprintln!(\"a warning\");\nstd::thread::scope(|s| { s.spawn(|| panic!(\"the cause\")); });")
        .await;
    assert_eq!((scoped.ename.as_str(), scoped.evalue.as_str()), ("Panic", "the cause"));
    assert!(scoped.traceback.contains("a scoped thread panicked"), "{}", scoped.traceback);
    assert!(scoped.outputs.iter().any(|o| o.starts_with("stderr:a warning\n")), "{scoped:?}");
    let line = client
        .run("if true {\n    println!(\"hm\");\n}\nlet v: Vec<i32> = vec![];\nprintln!(\"{}\", v[9]);")
        .await;
    assert!(line.traceback.contains("cell line 5"), "{}", line.traceback);
    client.run("fn f(v: &[i32]) -> i32 {\n    v[9]\n}").await;
    let elsewhere = client.run("let v: Vec<i32> = vec![];\nf(&v) +\n    v[9]").await;
    assert_eq!(elsewhere.ename, "Panic");
    assert!(!elsewhere.traceback.contains("cell line"), "{}", elsewhere.traceback);
    client.shut_down().await;
}

#[tokio::test]
async fn a_compile_error_names_places_in_the_cell_as_it_was_written() {
    let mut client = Client::start().await;
    let wrong = client.run("let r: &str = 5;").await;
    assert!(wrong.evalue.contains("line 1, column 15"), "{}", wrong.evalue);
    assert!(wrong.traceback.contains("let r: &str = 5;"), "{}", wrong.traceback);
    client.shut_down().await;
}

#[tokio::test]
async fn an_interrupted_compile_loses_nothing() {
    let mut client = Client::start().await;
    client.run("let kept = 7;").await;
    let id = client.send(LONG_COMPILE).await;
    client.wait_for_compiler().await;
    client.interrupt().await;
    let ran = client.collect(&id).await;
    assert_eq!(ran.ename, "Interrupted", "{ran:?}");
    assert!(ran.evalue.ends_with("No variable was lost."), "{}", ran.evalue);
    assert_eq!(client.run("kept").await.outputs, [r#"display:{"text/plain":"7"}"#]);
    client.shut_down().await;
}

#[tokio::test]
async fn an_interrupt_before_the_compile_stops_it_and_says_so() {
    let mut client = Client::start().await;
    for _ in 0..3 {
        client.run("let kept = 7;").await;
        let id = client.send(LONG_COMPILE).await;
        client.wait_for_begin(&id).await;
        client.interrupt().await;
        let ran = client.collect(&id).await;
        assert_eq!(ran.ename, "Interrupted", "{ran:?}");
        let is_kept = client.run("kept").await.ename.is_empty();
        assert_eq!(ran.evalue.ends_with("No variable was lost."), is_kept, "{}", ran.evalue);
    }
    client.shut_down().await;
}

#[tokio::test]
async fn an_interrupt_while_cells_wait_for_a_session_is_remembered() {
    let mut client = Client::start().await;
    let clear = client.send(":clear").await;
    let waiting = client.send("loop { std::thread::sleep(std::time::Duration::from_millis(5)); }").await;
    client.wait_for_begin(&clear).await;
    client.be_known().await;
    client.interrupt().await;
    let ran = client.collect(&waiting).await;
    assert_eq!(ran.ename, "Interrupted", "{ran:?}");
    assert!(ran.evalue.ends_with("No variable was lost."), "{}", ran.evalue);
    assert_eq!(client.run("2").await.status, Some(ReplyStatus::Ok));
    client.shut_down().await;
}

#[tokio::test]
async fn programs_that_cells_start_end_with_an_interrupt_and_with_the_kernel() {
    // The shell ends at once, so that what it started has no parent of the cell's any more.
    let start = "let p = std::process::Command::new(\"sh\").args([\"-c\", \"sleep 1000 >/dev/null 2>&1 & echo $!\"]).output()?; print!(\"{}\", String::from_utf8(p.stdout)?);";
    let mut client = Client::start().await;
    let id = client.send(&format!("{{ {start} loop {{ std::thread::park(); }} }}")).await;
    let program = client.wait_for_number(&id).await;
    assert!(is_running(&program));
    client.interrupt().await;
    assert_eq!(client.collect(&id).await.ename, "Interrupted");
    until(5, || !is_running(&program)).await;

    let ran = client.run(&format!("{{ {start} }}")).await;
    let program = ran.text().trim().parse().unwrap();
    assert!(is_running(&program));
    client.run(":clear").await;
    until(5, || !is_running(&program)).await;

    let ran = client.run(&format!("{{ {start} }}")).await;
    let program = ran.text().trim().parse().unwrap();
    assert!(is_running(&program));
    client.shut_down().await;
    until(5, || !is_running(&program)).await;
}

#[tokio::test]
async fn a_compile_ends_with_its_kernel() {
    let folder = tempfile::tempdir().unwrap();
    let line = package(folder.path(), "slow", "");
    let build = "fn main() { std::thread::sleep(std::time::Duration::from_secs(1000)); }\n";
    std::fs::write(folder.path().join("slow/build.rs"), build).unwrap();
    let mut client = Client::start().await;
    client.send(&line).await;
    // The system keeps fifteen letters of a name.
    let builds = || descendants(client.kernel.id()).iter().any(|pid| name_of(*pid) == "build-script-bu");
    until(60, builds).await;
    let below = descendants(client.kernel.id());
    client.kernel.kill().unwrap();
    client.kernel.wait().unwrap();
    until(5, || !below.iter().any(is_running)).await;
}

#[tokio::test]
async fn a_kernel_that_is_shut_down_in_a_compile_leaves_nothing() {
    let mut client = Client::start().await;
    client.send(LONG_COMPILE).await;
    client.wait_for_compiler().await;
    let below = descendants(client.kernel.id());
    client.shut_down().await;
    until(5, || !below.iter().any(is_running)).await;
}

#[tokio::test]
async fn a_panic_of_the_kernel_is_reported_and_ends_it() {
    let mut client = Client::start().await;
    // evcxr gives the empty name to a function that panics over it.
    let broken = client.run(":env =1").await;
    assert_eq!(broken.ename, "KernelFailed", "{broken:?}");
    assert_eq!(client.ended().await, Some(1));
}

#[tokio::test]
async fn quitting_is_answered() {
    let mut client = Client::start().await;
    assert_eq!(client.run(":quit").await.status, Some(ReplyStatus::Ok));
    assert_eq!(client.ended().await, Some(0));
}

#[tokio::test]
async fn completion_knows_the_helper_whatever_the_line_names() {
    let helper = small_helper();
    let other = tempfile::tempdir().unwrap();
    let line = package(other.path(), "cltv", "pub fn thrice(x: u64) -> u64 { 3 * x }\n");
    let mut client = Client::start_with(Some(helper.path())).await;
    assert_eq!(client.complete(&format!("{line}\ncltv::t")).await, ["twice"]);
    client.run("fn thrice_of_mine() -> u8 { 3 }").await;
    assert_eq!(client.complete("let x = thrice").await, ["thrice_of_mine"]);
    client.shut_down().await;
}

#[tokio::test]
async fn types_are_known_beside_another_crate() {
    let helper = small_helper();
    let other = tempfile::tempdir().unwrap();
    let line = package(other.path(), "thrice", "pub fn thrice(x: u64) -> u64 { 3 * x }\n");
    for helper in [None, Some(helper.path())] {
        let mut client = Client::start_with(helper).await;
        let named = client
            .run(&format!("{line}\nlet m = std::collections::BTreeMap::from([(1, vec![Some(2)])]);"))
            .await;
        assert_eq!(named.status, Some(ReplyStatus::Ok), "{named:?}");
        let used = client.run("(m.len() as u64 + thrice::thrice(2)).to_string()").await;
        assert_eq!(used.outputs.last().unwrap(), r#"display:{"text/plain":"\"7\""}"#);
        let wrong = client.run("thrice::thrice(\"two\")").await;
        assert!(wrong.evalue.starts_with("mismatched types (line 1, column 16)"), "{}", wrong.evalue);
        let panicked = client.run("let v: Vec<u8> = vec![];\nlet w = 1;\nv[9];").await;
        assert!(panicked.traceback.contains("cell line 3"), "{}", panicked.traceback);
        client.shut_down().await;
    }
}

#[tokio::test]
async fn a_cleared_session_has_no_setting_of_the_last() {
    let mut client = Client::start().await;
    client.run(":fmt <{:?}>").await;
    assert_eq!(client.run("Some(1)").await.outputs, [r#"display:{"text/plain":"<Some(1)>"}"#]);
    client.run(":clear").await;
    assert_eq!(client.run("Some(1)").await.outputs, [r#"display:{"text/plain":"Some(1)"}"#]);
    client.shut_down().await;
}

#[tokio::test]
async fn settings_of_evcxr_are_not_the_kernels() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path().join("here");
    let elsewhere = folder.path().join("elsewhere");
    std::fs::create_dir_all(here.join("evcxr")).unwrap();
    let settings = format!("[evcxr]\ntmpdir = {elsewhere:?}\n");
    for file in ["evcxr.toml", "evcxr/evcxr.toml"] {
        std::fs::write(here.join(file), &settings).unwrap();
    }
    let mut client = Client::start_as(None, |kernel| {
        kernel.current_dir(&here).env("XDG_CONFIG_HOME", &here);
    })
    .await;
    let ran = client.run("println!(\"{}\", std::env::current_dir()?.display());").await;
    assert_eq!(ran.text().trim(), here.canonicalize().unwrap().to_str().unwrap(), "{ran:?}");
    assert!(!elsewhere.exists());
    client.shut_down().await;
}

#[tokio::test]
async fn a_client_that_leaves_costs_the_others_nothing() {
    let mut client = Client::start().await;
    let mut at_heartbeat = client.connection.clone();
    at_heartbeat.control_port = at_heartbeat.hb_port;
    for _ in 0..3 {
        let mut heartbeat = zmq::create_client_control_connection(&at_heartbeat, "another").await.unwrap();
        heartbeat.send(KernelInfoRequest {}.into()).await.unwrap();
        let mut control = zmq::create_client_control_connection(&client.connection, "another").await.unwrap();
        control.send(KernelInfoRequest {}.into()).await.unwrap();
        // Both leave with an answer on the way that nobody reads.
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let mut heartbeat = zmq::create_client_heartbeat_connection(&client.connection).await.unwrap();
    within(10, heartbeat.single_heartbeat()).await.unwrap();
    assert_eq!(client.run("2").await.status, Some(ReplyStatus::Ok));
    client.shut_down().await;
}

#[tokio::test]
async fn every_pattern_and_every_type_that_has_a_name_needs_none_written() {
    let helper = small_helper();
    for helper in [None, Some(helper.path())] {
        let mut client = Client::start_with(helper).await;
        let cells = [
            "#[derive(Debug, Clone)] struct Pair { one: Option<[u8; 2]>, two: &'static str }\nmod m { pub mod n { #[derive(Debug)] pub struct Deep(pub f32); } pub fn deep() -> n::Deep { n::Deep(0.5) } }",
            "let Pair { one: Some([a, mut b]), two } = (Pair { one: Some([1, 2]), two: \"x\" }) else { return Ok(()) };",
            "let v: Vec<_> = (0..3).map(|i| f64::from(i) * 0.5).collect(); let later; later = m::deep();",
            "let (sum, boxed) = (v.iter().sum::<f64>(), Box::new(|x: u8| x + 1) as Box<dyn Fn(u8) -> u8>);",
            "b += 1; let given = boxed; let mut taken = Pair { one: None, two };",
            "let taken = taken.clone(); let T = 3 * 4;",
        ];
        for cell in cells {
            let ran = client.run(cell).await;
            assert_eq!(ran.status, Some(ReplyStatus::Ok), "{cell}: {ran:?}");
        }
        let ran = client.run("format!(\"{a} {b} {two} {sum} {} {later:?} {taken:?} {T}\", given(1))").await;
        let expected = "1 3 x 1.5 2 Deep(0.5) Pair { one: None, two: \\\\\\\"x\\\\\\\" } 12";
        assert!(ran.outputs.last().is_some_and(|o| o.contains(expected)), "{ran:?}");
        // It went into `given`.
        assert_eq!(client.run("boxed(1)").await.ename, "CompileError");
        let vars = client.run(":vars").await.outputs.concat();
        assert!(vars.contains("v: std::vec::Vec<f64>") && vars.contains("later: m::n::Deep"), "{vars}");
        assert!(vars.contains("dyn std::ops::Fn(u8) -&gt; u8") && !vars.contains("CltvTypeOf"), "{vars}");
        client.shut_down().await;
    }
}

#[tokio::test]
async fn what_has_no_name_is_refused_by_the_variables_name_before_it_runs() {
    let mut client = Client::start().await;
    client.run("mod m { mod hidden { #[derive(Debug)] pub struct Of; pub fn of() -> Of { Of } } pub use hidden::of; }").await;
    for cell in ["let f = |x: u8| x + 1;", "let f = m::of();", "let f = std::mem::drop::<u8>;"] {
        let refused = client.run(&format!("println!(\"it ran\"); {cell}")).await;
        assert!(refused.evalue.contains("`f`"), "{cell}: {refused:?}");
        assert!(!format!("{refused:?}").contains("CltvTypeOf"), "{refused:?}");
        assert_eq!(refused.text(), "", "{cell}");
        assert_eq!(client.run("1 + 1").await.outputs, [r#"display:{"text/plain":"2"}"#]);
    }
    client.shut_down().await;
}

#[tokio::test]
async fn a_redefined_variable_has_its_new_type() {
    let mut client = Client::start().await;
    client.run("let x = vec![1];").await;
    client.run("let x = x.len().to_string();").await;
    assert_eq!(client.run("x").await.outputs, [r#"display:{"text/plain":"\"1\""}"#]);
    assert_eq!(
        client.run("let x = x.parse::<u8>()?; let x = x as f32 / 2.0;").await.status,
        Some(ReplyStatus::Ok)
    );
    assert_eq!(client.run("x").await.outputs, [r#"display:{"text/plain":"0.5"}"#]);
    client.run("struct S; impl S { fn method_of(&self) -> u8 { 1 } }\nfn make() -> (S, u8) { (S, 1) }\nlet (s, _) = make();").await;
    assert_eq!(client.complete("let y = s.meth").await, ["method_of"]);
    assert_eq!(client.complete("CltvTy").await, [""; 0]);
    let message = client.inspect("s", 1).await.unwrap_or_default();
    assert!(message.contains("s: S"), "{message}");
    client.shut_down().await;
}

#[tokio::test]
async fn a_crate_of_a_crate_gives_variables_their_types() {
    let folder = tempfile::tempdir().unwrap();
    package(
        folder.path(),
        "below",
        "mod inner { #[derive(Debug)] pub struct Frame(pub u8); }\npub use inner::Frame;\n",
    );
    let line = package(folder.path(), "above", "pub fn frame() -> below::Frame { below::Frame(7) }\n");
    let manifest = folder.path().join("above/Cargo.toml");
    let text = std::fs::read_to_string(&manifest).unwrap();
    std::fs::write(&manifest, format!("{text}[dependencies]\nbelow = {{ path = \"../below\" }}\n")).unwrap();
    let helper = small_helper();
    let mut client = Client::start_with(Some(helper.path())).await;
    let named = client.run(&format!("{line}\nlet frame = above::frame();")).await;
    assert_eq!(named.status, Some(ReplyStatus::Ok), "{named:?}");
    assert_eq!(client.run("frame").await.outputs.last().unwrap(), r#"display:{"text/plain":"Frame(7)"}"#);
    client.shut_down().await;
}

#[tokio::test]
async fn a_variable_of_an_old_definition_is_not_read_as_the_new_one() {
    let helper = small_helper();
    let mut client = Client::start_with(Some(helper.path())).await;
    client.run("#[derive(Debug)] struct S { a: u8 } let s = vec![S { a: 7 }]; let kept = 1;").await;
    client.run("#[derive(Debug)] struct T { a: u8 }").await;
    assert_eq!(client.run("s").await.outputs, [r#"display:{"text/plain":"[S { a: 7 }]"}"#]);
    // To Rust it is the same type.
    client.run("#[derive(Debug)] struct S { a: u64 }").await;
    let gone = client.run("s").await;
    assert_eq!(gone.ename, "CompileError", "{gone:?}");
    assert!(gone.outputs.iter().any(|text| text.contains("The type of `s` was defined anew")), "{gone:?}");
    assert_eq!(client.run("kept").await.outputs, [r#"display:{"text/plain":"1"}"#]);
    client.shut_down().await;
}

#[tokio::test]
async fn a_cell_may_redefine_a_type_and_its_variable() {
    let helper = small_helper();
    let mut client = Client::start_with(Some(helper.path())).await;
    client.run("#[derive(Debug)] struct Config { a: u8 }\nfn show(config: &Config) {}\nlet config = Config { a: 1 };").await;
    let again = client
        .run("#[derive(Debug)] struct Config { a: u64, b: u8 }\nfn show(config: &Config) {}\nlet config = Config { a: 1, b: 2 };")
        .await;
    assert!(again.ename.is_empty() && again.outputs.is_empty(), "{again:?}");
    let shown = client.run("config").await;
    assert_eq!(shown.outputs, [r#"display:{"text/plain":"Config { a: 1, b: 2 }"}"#]);
    client.shut_down().await;
}

#[tokio::test]
async fn a_variable_that_its_cell_did_not_reach_is_reported() {
    let helper = small_helper();
    let mut client = Client::start_with(Some(helper.path())).await;
    // An earlier variable of the name is not what is meant.
    client.run("let x = 1u8; let kept = 0;").await;
    client.run("let kept = 1; let Some(x) = None::<u8> else { return Ok(()) };").await;
    let missing = client.run("x").await;
    assert_eq!(missing.ename, "CompileError", "{missing:?}");
    assert!(missing.outputs.iter().any(|text| text.contains("`x` is not there")), "{missing:?}");
    client.run("let kept = 2;").await;
    assert_eq!(client.run("kept").await.outputs, [r#"display:{"text/plain":"2"}"#]);
    client.shut_down().await;
}

#[tokio::test]
async fn variables_are_known_whatever_a_cell_depends_on() {
    let helper = small_helper();
    let other = tempfile::tempdir().unwrap();
    let line = package(other.path(), "thrice", "pub fn thrice(x: u64) -> u64 { 3 * x }\n");
    let mut client = Client::start_with(Some(helper.path())).await;
    // The session is cleared in the middle of a cell, and the library asked for in a later one.
    client.run(":clear\nlet x: Vec<i32> = vec![1, 2, 3];").await;
    client.run("#[derive(Debug)] struct Own(u8); let own = Own(1);").await;
    client.run(&line).await;
    assert_eq!(
        client.run("format!(\"{own:?}\")").await.outputs.last().unwrap(),
        r#"display:{"text/plain":"\"Own(1)\""}"#
    );
    let shown = client.run(":dep cltv = \"1\"\nx").await;
    assert_eq!(shown.outputs.last().unwrap(), r#"display:{"text/plain":"[1, 2, 3]"}"#);
    client.shut_down().await;
}

#[tokio::test]
async fn numbers_are_what_the_cell_takes_them_for_and_names_may_be_of_any_script() {
    let mut client = Client::start().await;
    let cells = [
        "let mut total = 0;\nfor s in [\"a\", \"bc\"] { total += s.len(); }",
        "let n = 3;\nlet zeros = vec![0.0; n];",
        "let ค่า = 2; let width = 7usize; let X_train = zeros.len(); let (X, CLV) = (1, 2.5);",
        "let text = format!(\"{:0width$} {ค่า}\", 42);",
        "let map: std::collections::BTreeMap<\n    String,\n    u8,\n> = Default::default(); let z: u8 = 1;",
    ];
    for cell in cells {
        let ran = client.run(cell).await;
        assert_eq!(ran.status, Some(ReplyStatus::Ok), "{cell}: {ran:?}");
    }
    let ran = client.run("format!(\"{total} {text} {X_train} {X} {CLV} {} {z}\", map.len())").await;
    assert_eq!(ran.outputs, [r#"display:{"text/plain":"\"3 0000042 2 3 1 2.5 0 1\""}"#]);
    client.shut_down().await;
}

#[tokio::test]
async fn the_variable_whose_type_has_no_name_is_named() {
    let mut client = Client::start().await;
    for (cell, about) in [
        ("let a = 1; let (b, c) = (a, 2);\nlet f = |x: u8| x;", "`f` is a closure"),
        ("let a = 1; let b = a;\nlet it = (0..3).map(|x| x);\nlet c = b;", "The type of `it` could not"),
        (
            "mod m { mod n { pub struct P; } pub fn p() -> n::P { n::P } }\nlet a = 1; let b = vec![m::p()];\nlet c = a;",
            "The type of `b` could not",
        ),
    ] {
        let failed = client.run(cell).await;
        assert!(failed.evalue.contains(about), "{cell}: {failed:?}");
    }
    client.shut_down().await;
}

#[tokio::test]
async fn what_is_not_stable_stays_so_and_commands_complete_beside_variables() {
    let mut client = Client::start().await;
    let refused = client.run("#![feature(never_type)]\nlet n = std::env::args().count();").await;
    assert_eq!(refused.ename, "CompileError", "{refused:?}");
    // A cell that is tried again does not run its commands again, nor without one that failed.
    let said = client.folder.path().join("said");
    let refused = client.run(&format!("!echo once >> {}\nlet f = |x: u8| x;", said.display())).await;
    assert_eq!(refused.status, Some(ReplyStatus::Error), "{refused:?}");
    assert_eq!(std::fs::read_to_string(&said).unwrap(), "once\n");
    let failed = client.run("!false\nlet n = std::env::args().count();").await;
    assert!(failed.evalue.contains("Shell command failed"), "{failed:?}");
    client.run("let n = std::env::args().count();").await;
    // Nor does asking for a completion.
    assert_eq!(client.complete(":restart\nlet m = n").await, ["n"]);
    assert_eq!(client.run("n > 0").await.outputs, [r#"display:{"text/plain":"true"}"#]);
    assert!(client.complete(":va").await.contains(&":vars".to_owned()));
    assert_eq!(client.complete("n").await, ["n"]);
    client.shut_down().await;
}
