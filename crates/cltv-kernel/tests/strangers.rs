//! Attacks on a running kernel by data that cells print.

mod client;

use client::{Client, package, small_helper};
use jupyter_protocol::ReplyStatus;

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
async fn a_cell_and_its_programs_read_an_empty_standard_input() {
    let mut client = Client::start().await;
    let ran = client
        .run("let mut line = String::new(); let n = std::io::stdin().read_line(&mut line)?;\nlet cat = std::process::Command::new(\"cat\").output()?;\nprintln!(\"{n} {}\", cat.stdout.len());")
        .await;
    assert_eq!(ran.text(), "0 0\n", "{ran:?}");
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
    assert!(most < 40_000, "the cell host held {most} KB");
    client.shut_down().await;
}
