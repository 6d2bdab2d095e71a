//! What a person meets who writes a notebook of their own: cells that fail, are interrupted, move
//! variables, print and ask.

mod client;

use client::{Client, Ran, helper_of, small_helper, within};
use jupyter_protocol::ReplyStatus;
use std::time::{Duration, Instant};

/// The only output of a cell, as text.
fn shown(ran: &Ran) -> &str {
    assert_eq!(ran.status, Some(ReplyStatus::Ok), "{ran:?}");
    ran.outputs.last().map(String::as_str).unwrap_or_default()
}

fn plain(text: &str) -> String {
    format!("display:{}", serde_json::json!({ "text/plain": text }))
}

#[tokio::test]
async fn a_failed_cell_replaces_no_variable() {
    let helper = small_helper();
    for helper in [None, Some(helper.path())] {
        let mut client = Client::start_with(helper).await;
        client.run("fn load(ok: bool) -> Result<Vec<u8>, String> { if ok { Ok(vec![1, 2]) } else { Err(\"no file\".into()) } }").await;
        client.run("let data = load(true)?; let mut count = 1; let text = String::from(\"old\");").await;
        for failing in [
            "let data = load(false)?;",
            "let data: Vec<u16> = data.iter().map(|x| u16::from(*x)).collect(); load(false)?; count += 1;",
            "let (text, data) = (text.len(), load(false)?);",
            "let data = panic!(\"boom\");",
            "count += 1; let count = load(false)?.len();",
        ] {
            let failed = client.run(failing).await;
            assert_eq!(failed.status, Some(ReplyStatus::Error), "{failing}: {failed:?}");
        }
        // What a cell changed in place before it failed stays changed; the type is the old one.
        let after = client.run("format!(\"{data:?} {count} {}\", text.to_uppercase())").await;
        assert_eq!(shown(&after), plain("\"[1, 2] 2 OLD\""), "{after:?}");
        client.run("let data = load(true)?.len();").await;
        assert_eq!(shown(&client.run("data").await), plain("2"));
        client.shut_down().await;
    }
}

#[tokio::test]
async fn a_failed_cell_keeps_what_it_names_and_defines() {
    let helper = small_helper();
    let mut client = Client::start_with(Some(helper.path())).await;
    let failed = client
        .run("use std::collections::BTreeMap;\nfn one() -> u8 { 1 }\nlet n: u8 = \"x\".parse()?;")
        .await;
    assert_eq!(failed.status, Some(ReplyStatus::Error), "{failed:?}");
    assert_eq!(shown(&client.run("BTreeMap::from([(one(), 2)])").await), plain("{1: 2}"));
    client.shut_down().await;
}

#[tokio::test]
async fn a_failed_question_mark_names_its_line() {
    let helper = small_helper();
    for helper in [None, Some(helper.path())] {
        let mut client = Client::start_with(helper).await;
        let failed =
            client.run("let a = 1;\nfor i in 0..2 {\n    let n: i32 = \"twelve\".parse()?;\n}").await;
        assert_eq!(failed.evalue, "invalid digit found in string");
        assert!(failed.traceback.contains("cell line 3"), "{}", failed.traceback);
        assert!(failed.traceback.contains("let n: i32 = \"twelve\".parse()?;"), "{}", failed.traceback);
        // The items of a failed cell are compiled again, and the line is still that of the cell.
        let failed = client.run("use std::fs;\nlet m = 2;\nlet n: u8 = \"x\".parse()?;").await;
        assert!(failed.traceback.contains("cell line 3"), "{}", failed.traceback);
        client.shut_down().await;
    }
}

/// Interrupts a cell once it has printed "going", and gives how long it took to end.
async fn interrupted(client: &mut Client, cell: &str) -> (Ran, Duration) {
    let id = client.send(cell).await;
    client.wait_for_text(&id, "going\n").await;
    let asked = Instant::now();
    client.interrupt().await;
    let ran = client.collect(&id).await;
    assert_eq!(ran.ename, "Interrupted", "{cell}: {ran:?}");
    (ran, asked.elapsed())
}

#[tokio::test]
async fn an_interrupt_ends_loops_sleeps_and_functions_and_keeps_all_variables() {
    let helper = small_helper();
    for helper in [None, Some(helper.path())] {
        let mut client = Client::start_with(helper).await;
        client.run("let kept = vec![7u64]; let mut changed = 0u64;").await;
        client
            .run(
                "use std::thread;\nfn fib(n: u64) -> u64 { if n < 2 { n } else { fib(n - 1) + fib(n - 2) } }",
            )
            .await;
        for cell in [
            "println!(\"going\"); loop { changed += 1; }",
            "println!(\"going\"); while kept.len() == 1 {}",
            "println!(\"going\"); thread::sleep(std::time::Duration::from_secs(1000));",
            "println!(\"going\"); fib(90)",
            "println!(\"going\"); (0u64..).map(|x| x ^ kept[0]).filter(|x| *x == u64::MAX).count()",
            "println!(\"going\"); thread::scope(|s| { s.spawn(|| loop { std::hint::black_box(&kept); }); });",
            "println!(\"going\"); std::process::Command::new(\"sleep\").arg(\"1000\").status()?;",
        ] {
            let (ran, took) = interrupted(&mut client, cell).await;
            assert!(took < Duration::from_secs(3), "{cell}: {took:?}");
            assert!(ran.evalue.ends_with("No variable was lost."), "{cell}: {ran:?}");
            assert_eq!(shown(&client.run("kept[0]").await), plain("7"), "{cell}");
        }
        assert_eq!(shown(&client.run("changed > 0").await), plain("true"));
        client.shut_down().await;
    }
}

/// Interrupts a cell that does not look whether it is to end, and gives the reply.
async fn ended_by_force(client: &mut Client, cell: &str) -> Ran {
    let (ran, took) = interrupted(client, cell).await;
    assert!((5..15).contains(&took.as_secs()), "{took:?}");
    assert!(ran.evalue.contains("It had not stopped after 5 s"), "{}", ran.evalue);
    assert_eq!(shown(&client.run("1 + 1").await), plain("2"));
    ran
}

#[tokio::test]
async fn a_call_that_does_not_end_is_ended_with_its_process_and_all_variables_are_named() {
    let helper = small_helper();
    let mut client = Client::start_with(Some(helper.path())).await;
    client.run("struct Stuck; impl Drop for Stuck { fn drop(&mut self) { [1u8].iter().cycle().count(); } }\nfn two() -> u8 { 2 }").await;
    for (variables, cell) in [
        // No part of the loop is the notebook's own code.
        ("let held = vec![1u8]; let kept = 7;", "println!(\"going\"); held.iter().cycle().count()"),
        // It does not end where the store of variables drops it.
        ("let held = Stuck; let kept = 7;", "println!(\"going\"); let held = 1;"),
    ] {
        client.run(variables).await;
        let ran = ended_by_force(&mut client, cell).await;
        assert!(ran.evalue.contains("These variables are lost: `held`, `kept`"), "{}", ran.evalue);
        let gone = client.run("kept").await;
        assert!(gone.evalue.contains("cannot find value `kept`"), "{gone:?}");
        // Definitions stay.
        assert_eq!(shown(&client.run("two()").await), plain("2"));
    }
    client.shut_down().await;
}

#[tokio::test]
async fn a_moved_variable_is_explained_and_shown_as_always() {
    let helper = small_helper();
    for helper in [None, Some(helper.path())] {
        let mut client = Client::start_with(helper).await;
        client.run("#[derive(Debug)] struct Table(Vec<u8>); impl Table { fn evcxr_display(&self) { println!(\"EVCXR_BEGIN_CONTENT text/html\\n<b>table</b>\\nEVCXR_END_CONTENT\"); } fn sorted(self) -> Table { self } }\nlet table = Table(vec![1]);").await;
        let ran = client.run("let other = 1;\ntable.sorted()").await;
        assert_eq!(shown(&ran), r#"display:{"text/html":"<b>table</b>"}"#);
        let gone = client.run("table.0").await;
        assert!(gone.evalue.contains("cannot find value `table`"), "{gone:?}");
        let expected = "cell [2] has moved `table`: `table.sorted()`; write `table.clone()`";
        assert!(gone.traceback.contains(expected), "{}", gone.traceback);
        client.run("let text = String::from(\"abc\");").await;
        client.run("let n = text.len();\ndrop(text);").await;
        let gone = client.run("text").await;
        assert!(gone.traceback.contains("has moved `text`; write"), "{}", gone.traceback);
        client.run("let kept = 1;").await;
        client.run(":restart").await;
        let gone = client.run("kept").await;
        assert!(gone.traceback.contains("`:restart` has ended `kept`"), "{gone:?}");
        client.run("let kept = 2;").await;
        assert_eq!(shown(&client.run("kept").await), plain("2"));
        client.shut_down().await;
    }
}

#[tokio::test]
async fn a_variable_that_borrows_is_refused_with_the_line_that_works() {
    let helper = small_helper();
    let mut client = Client::start_with(Some(helper.path())).await;
    client.run("let names = vec![String::from(\"Ann\")];").await;
    let refused = client.run("let first = names.first().ok_or(\"empty\")?;").await;
    let line = "let first = names.first().ok_or(\"empty\")?.clone();";
    assert!(refused.evalue.contains(&format!("keep a copy: `{line}`")), "{refused:?}");
    assert!(!refused.traceback.contains("wrapping"), "{}", refused.traceback);
    client.run(line).await;
    assert_eq!(shown(&client.run("(names, first)").await), plain("([\"Ann\"], \"Ann\")"));
    client.shut_down().await;
}

#[tokio::test]
async fn code_around_a_cell_is_not_shown_in_its_errors() {
    let helper = small_helper();
    for helper in [None, Some(helper.path())] {
        let mut client = Client::start_with(helper).await;
        for (cell, expected) in [
            ("let x = 3", "expected `;`, found the end of the cell"),
            ("let x = (1;", "line 1"),
            ("let f = || 5; f()", "`f` is a closure, whose type has no name"),
        ] {
            let failed = client.run(cell).await;
            assert!(failed.evalue.contains(expected), "{cell}: {failed:?}");
            for hidden in ["evcxr", "keyword `fn`", "cltv", "run_user_code"] {
                assert!(!failed.traceback.contains(hidden), "{cell}: {}", failed.traceback);
            }
        }
        // A good Rust kernel without the library's names, too.
        client.run("let x = 3;").await;
        assert_eq!(shown(&client.run("x").await), plain("3"));
        client.shut_down().await;
    }
}

#[tokio::test]
async fn text_without_a_newline_appears_under_its_own_cell() {
    let helper = small_helper();
    for helper in [None, Some(helper.path())] {
        let mut client = Client::start_with(helper).await;
        client.run("let a = 1;").await;
        assert_eq!(client.run("print!(\"first\");").await.text(), "first");
        assert_eq!(client.run("print!(\"second\"); panic!(\"no\");").await.text(), "second");
        assert_eq!(client.run("print!(\"third\"); Err::<(), _>(\"no\")?;").await.text(), "third");
        assert_eq!(client.run("println!(\"fourth\");").await.text(), "fourth\n");
        client.shut_down().await;
    }
}

#[tokio::test]
async fn optimisation_is_as_asked_for() {
    let helper = small_helper();
    let mut client = Client::start_with(Some(helper.path())).await;
    let asked = client.run(":opt 2").await;
    assert!(shown(&asked).contains("optimisation level 2"), "{asked:?}");
    client.run("fn roots(n: u64) -> f64 { (0..n).map(|x| (x as f64).sqrt()).sum() }").await;
    let time = async |client: &mut Client| {
        let ran = client.run("let t = std::time::Instant::now(); let s = roots(20_000_000); let took = t.elapsed().as_secs_f64(); s > took").await;
        assert_eq!(shown(&ran), plain("true"));
        let text = client.run("println!(\"{took}\");").await.text();
        text.trim().parse::<f64>().unwrap()
    };
    let fast = time(&mut client).await;
    assert!(shown(&client.run(":opt 0").await).contains("without optimisation"));
    let slow = time(&mut client).await;
    assert!(slow > 2.0 * fast, "{slow} s without optimisation, {fast} s with it");
    let wrong = client.run(":opt fast").await;
    assert!(wrong.evalue.contains("as in `:opt 2`"), "{wrong:?}");
    client.shut_down().await;
}

#[tokio::test]
async fn help_times_and_questions_are_answered() {
    let helper = small_helper();
    for helper in [None, Some(helper.path())] {
        let mut client = Client::start_with(helper).await;
        let help = client.run(":help").await;
        assert!(shown(&help).contains(":opt 2") && shown(&help).contains("?load"), "{help:?}");
        client
            .run("/// Twice as much.\nfn twice(x: u32) -> u32 { 2 * x }\nlet text = String::from(\"abc\");")
            .await;
        let timed = client.run(":time 20\nlet n = twice(text.len() as u32);\nn + 1 // more").await;
        assert_eq!(timed.status, Some(ReplyStatus::Ok), "{timed:?}");
        assert!(timed.text().contains("in the median of 20 runs (fastest "), "{timed:?}");
        let timed = client.run(":time 20\n// as often as this\ntwice(2)").await;
        assert!(timed.text().contains("in the median of 20 runs"), "{timed:?}");
        let wrong = client.run(":time\nlet n: u32 = text;").await;
        assert!(wrong.evalue.contains("line 2, column 14"), "{wrong:?}");
        let asked = client.run("?twice").await;
        assert!(shown(&asked).contains("fn twice(x: u32) -> u32"), "{asked:?}");
        let variable = client.run("?text").await;
        assert!(shown(&variable).contains("String"), "{variable:?}");
        let method = client.run("?text.len").await;
        assert!(shown(&method).contains("fn len(&self) -> usize"), "{method:?}");
        assert!(client.complete(":ti").await.contains(&":time".to_owned()));
        assert!(client.complete("?twi").await.contains(&"twice".to_owned()));
        let unknown = client.run("?thrice_of_nobody").await;
        assert!(unknown.evalue.contains("`thrice_of_nobody`"), "{unknown:?}");
        client.shut_down().await;
    }
}

#[tokio::test]
async fn what_a_cell_reads_is_asked_for_or_refused_by_name() {
    let helper = small_helper();
    for helper in [None, Some(helper.path())] {
        let mut client = Client::start_with(helper).await;
        client.run("fn line() -> std::io::Result<String> { let mut line = String::new(); std::io::stdin().read_line(&mut line)?; Ok(line) }").await;
        let read = "print!(\"name? \");\nlet (a, b) = (line()?, line()?);\nprintln!(\"{} and {}\", a.trim(), b.trim());";
        let ran = client.run_with_input(read, &["Ann", "Bob é"]).await;
        assert_eq!(ran.text(), "name? Ann and Bob é\n", "{ran:?}");
        let long = "x".repeat(20_000);
        let all = client
            .run_with_input(
                "std::io::stdin().lines().take(2).map(|line| line.unwrap().len()).collect::<Vec<_>>()",
                &[&long, ""],
            )
            .await;
        assert_eq!(shown(&all), plain("[20000, 0]"));
        let begun = Instant::now();
        let refused = client.run_without_input(read).await;
        assert_eq!((refused.ename.as_str(), refused.text().as_str()), ("NoInput", "name? "), "{refused:?}");
        assert!(refused.evalue.contains("reads standard input"), "{}", refused.evalue);
        assert!(begun.elapsed() < Duration::from_secs(4), "{:?}", begun.elapsed());
        assert_eq!(shown(&client.run("a.trim()").await), plain("\"Ann\""));
        // Nobody answers, and the cell is interrupted; what is typed then is not given to the next cell.
        let mut asked = None;
        for cell in ["std::io::stdin().lines().count()", "let read = line()?;"] {
            let id = client.send_with_input(&format!("println!(\"going\"); {cell}")).await;
            client.wait_for_text(&id, "going\n").await;
            asked = Some(within(20, client.stdin.read()).await.unwrap());
            client.interrupt().await;
            assert_eq!(client.collect(&id).await.ename, "Interrupted", "{cell}");
        }
        let asked = asked.unwrap();
        client.answer(&asked, "too late").await;
        assert_eq!(shown(&client.run_with_input("line()?", &["in time"]).await), plain("\"in time\\n\""));
        assert_eq!(shown(&client.run("b.trim()").await), plain("\"Bob é\""));
        client.shut_down().await;
    }
}

/// Cells that would mean something else if what is written into them were a part of what they say, and
/// what they show.
const SAME: [(&str, &str); 12] = [
    (
        "let a = loop { break 5 }; let b = 'outer: loop { for i in 0.. { if i == 3 { break 'outer i } } }; (a, b)",
        "(5, 3)",
    ),
    (
        "const N: usize = { let mut i = 0; while i < 4 { i += 1; } i };\nconst fn sum(n: u32) -> u32 { let (mut s, mut i) = (0, 0); loop { if i > n { return s } s += i; i += 1; } }\nconst T: u32 = sum(4);\nstruct Many<const M: usize>([u8; M]);\nimpl<const M: usize> Many<M> { const TWICE: usize = { let mut i = 0; while i < 2 * M { i += 1; } i }; }\n(N, T, [0u8; { let mut i = 0; while i < 2 { i += 1; } i }].len(), const { let mut k = 0; while k < 7 { k += 1; } k }, Many::<{ let mut i = 0; while i < 3 { i += 1; } i }>::TWICE)",
        "(4, 10, 2, 7, 6)",
    ),
    ("enum Level { High = { let mut i = 0; while i < 9 { i += 1; } i } }\nLevel::High as u8", "9"),
    (
        "macro_rules! text { ($($t:tt)*) => { stringify!($($t)*) } }\ntext!(loop { f(|x| x); })",
        "\"loop { f(|x| x); }\"",
    ),
    (
        "macro_rules! vec { ($($t:tt)*) => { stringify!($($t)*) } }\nvec![loop { f(|x| x); }]",
        "\"loop { f(|x| x); }\"",
    ),
    (
        "macro_rules! inc { ($x:expr) => { $x + 1 } }\n([true, false].map(|x| if x { 1 } else { 2 } + 1), [1].map(|x| match x { 1 => \"a\", _ => \"b\" }.len()), [200u8].map(|x| unsafe { std::mem::transmute::<u8, i8>(x) } as i32 + 1), [1].map(|x| inc! { x }))",
        "([2, 3], [1], [-55], [2])",
    ),
    (
        "let work = async { let mut n = 0; loop { n += 1; if n == 3 { break n } } };\nstd::pin::pin!(work).poll(&mut std::task::Context::from_waker(std::task::Waker::noop()))",
        "Ready(3)",
    ),
    (
        "fn documented() -> u8 {\n    //! Says three.\n    #![allow(unused_variables)]\n    let x = 3;\n    x\n}\ndocumented()",
        "3",
    ),
    (
        "use std::thread::sleep;\nmod other { pub fn sleep(n: u8) -> u8 { n + 1 } pub fn two() -> u8 { sleep(1) } }\nlet three = { let sleep = |n: u8| n + 2; sleep(1) };\n(other::two(), three)",
        "(2, 3)",
    ),
    (
        "extern \"C\" fn c(n: i32) -> i32 { let mut s = 0; for i in 0..n { s += i; } s }\n[c(4)].map(|x| x)",
        "[6]",
    ),
    (
        "{ let one = std::sync::Mutex::new(1); let f = || *one.lock().unwrap(); let five: &'static i32 = (|| &5)(); let g: fn() -> u8 = || panic!(\"no\"); (f(), f(), *five, std::mem::size_of_val(&g)) }",
        "(1, 1, 5, 8)",
    ),
    (
        "trait Own { fn twice(&self) -> u8 where Self: Sized { let mut n = 0; while n < 2 { #![allow(unused_variables)] let x = 1; n += 1; } n } }\nimpl Own for () {}\n().twice()",
        "2",
    ),
];

#[tokio::test]
async fn checks_change_nothing_that_a_cell_means() {
    let helper = small_helper();
    let mut client = Client::start_with(Some(helper.path())).await;
    for (cell, expected) in SAME {
        let ran = client.run(cell).await;
        assert_eq!(shown(&ran), plain(expected), "{cell}: {ran:?}");
        client.run(":clear").await;
    }
    client.shut_down().await;
}

#[tokio::test]
async fn polars_is_a_name_in_cells_and_its_frames_are_not_used_up() {
    // The library's own prelude names polars, too.
    let helper = helper_of("pub mod prelude { pub use polars; }", "", "");
    let mut client = Client::start_with(Some(helper.path())).await;
    assert_eq!(shown(&client.run("polars::prelude::DataFrame(6).lazy()").await), plain("6"));
    client.run("use cltv::prelude::*;\nuse polars::prelude::*;\nlet df = DataFrame(7); let mut other = DataFrame(8);").await;
    assert_eq!(shown(&client.run("df.lazy()").await), plain("7"));
    assert_eq!(
        shown(&client.run("cltv::polars::prelude::DataFrame::lazy(df) + other.lazy()").await),
        plain("15")
    );
    assert_eq!(shown(&client.run("df").await), plain("DataFrame(7)"));
    // What is dropped is gone, and so its memory is.
    assert_eq!(client.run("drop(df);").await.status, Some(ReplyStatus::Ok));
    assert!(client.run("df").await.evalue.contains("cannot find value `df`"));
    // What may have changed is moved, as Rust says.
    let gone = client.run("other").await;
    assert!(gone.traceback.contains("write `other.clone()` there"), "{}", gone.traceback);
    client.shut_down().await;
}

/// When the newest file below a folder whose name begins so was written.
fn written(folder: &std::path::Path, name: &str) -> Option<std::time::SystemTime> {
    let entries = std::fs::read_dir(folder).ok()?.flatten();
    let times = entries.filter_map(|entry| match entry.file_type().ok()?.is_dir() {
        true => written(&entry.path(), name),
        false => entry
            .metadata()
            .ok()?
            .modified()
            .ok()
            .filter(|_| entry.file_name().to_string_lossy().starts_with(name)),
    });
    times.max()
}

#[tokio::test]
async fn crates_of_dep_lines_are_kept_between_kernels() {
    let helper = small_helper();
    let mut compiled = Vec::new();
    for _ in 0..2 {
        let mut client = Client::start_with(Some(helper.path())).await;
        // A crate of cltv's own graph, so that it is on this machine.
        let ran = client
            .run(":dep itoa = \"1\"\nlet text = itoa::Buffer::new().format(42u8).to_owned();\ntext")
            .await;
        assert_eq!(shown(&ran), plain("\"42\""));
        compiled.push(written(&helper.path().join("tmp"), "libitoa-").unwrap());
        // A second set in the same kernel.
        let ran = client.run(":dep ryu = \"1\"\nryu::Buffer::new().format(1.5f64).to_owned() + &text").await;
        assert_eq!(shown(&ran), plain("\"1.542\""));
        client.shut_down().await;
    }
    // A copy has the time of the file that it was made of.
    assert_eq!(compiled[0], compiled[1]);
}

#[tokio::test]
async fn the_variables_pane_has_names_types_and_values_while_a_cell_runs() {
    let helper = small_helper();
    for helper in [None, Some(helper.path())] {
        let mut client = Client::start_with(helper).await;
        client.run("let total = 2.5; let many: Vec<u32> = (0..1000).collect(); let name = String::from(\"<b>\"); struct Own; let own = Own;").await;
        client.run("let gone = vec![1u8];").await;
        client.run("drop(gone);").await;
        let busy = client.send("println!(\"going\"); loop {}").await;
        client.wait_for_text(&busy, "going\n").await;
        let asked = Instant::now();
        let found = client.debug("inspectVariables", serde_json::json!({})).await;
        assert!(asked.elapsed() < Duration::from_millis(50), "{:?}", asked.elapsed());
        let variables: Vec<(&str, &str, &str)> = found["body"]["variables"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| ["name", "type", "value"].map(|key| one[key].as_str().unwrap()))
            .map(|[name, written, value]| (name, written, value))
            .collect();
        let mut expected = [
            ("many", "Vec<u32>", "[0, 1, 2, 3, 4, 5, 6, 7, …] (1000 values)"),
            ("name", "std::string::String", "\"<b>\""),
            ("own", "Own", ""),
            ("total", "f64", "2.5"),
        ];
        let mut described = "total: f64 = 2.5";
        if helper.is_none() {
            // Values are described by the library.
            expected.iter_mut().for_each(|(_, _, value)| *value = "");
            described = "total: f64";
        }
        assert_eq!(variables, expected);
        let rich = client.debug("richInspectVariables", serde_json::json!({ "variableName": "total" })).await;
        assert_eq!(rich["body"]["data"]["text/plain"], described);
        let info = client.debug("debugInfo", serde_json::json!({})).await;
        assert_eq!(
            (&info["success"], &info["body"]["richRendering"]),
            (&true.into(), &true.into()),
            "{info}"
        );
        let unknown = client.debug("stepIn", serde_json::json!({})).await;
        assert!(
            unknown["success"] == false
                && unknown["message"].as_str().is_some_and(|text| text.contains("stepIn"))
        );
        client.interrupt().await;
        client.collect(&busy).await;
        client.run(":clear").await;
        assert_eq!(
            client.debug("inspectVariables", serde_json::json!({})).await["body"]["variables"],
            serde_json::json!([])
        );
        client.shut_down().await;
    }
}
