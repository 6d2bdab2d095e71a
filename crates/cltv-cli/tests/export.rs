//! `cltv export`: executed notebooks as html, Markdown and Rust.

mod common;

use std::path::Path;

use cltv_protocol::chart_html::Script;
use common::Workspace;
use predicates::prelude::*;
use predicates::str::contains;
use serde_json::{Value, json};

const INJECTION: &str = "<script>alert(1)</script> & \"x\" </pre>";

fn loader() -> String {
    Script::Loader { packed: "H4sIAAAA" }.element()
}

fn code(id: &str, source: &str, metadata: Value, outputs: Value) -> Value {
    json!({"cell_type": "code", "id": id, "metadata": metadata, "source": source, "execution_count": 3,
           "outputs": outputs})
}

fn text(id: &str, source: &str) -> Value {
    json!({"cell_type": "markdown", "id": id, "metadata": {}, "source": source})
}

fn plain(text: &str) -> Value {
    json!([{"output_type": "display_data", "metadata": {}, "data": {"text/plain": text}}])
}

fn chart(html: &str) -> Value {
    json!([{"output_type": "display_data", "metadata": {}, "data": {
        "text/html": html, "text/plain": "Purchases by month", "application/vnd.plotly.v1+json": {"data": []},
    }}])
}

fn workspace(cells: Vec<Value>) -> Workspace {
    let workspace = Workspace::new(&[]);
    let notebook = json!({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5});
    workspace.write("n.ipynb", &notebook.to_string());
    workspace
}

fn exported(workspace: &Workspace, args: &[&str]) -> String {
    let all = [&["export", "n.ipynb", "-o", "-"], args].concat();
    let output = workspace.cltv(&all).assert().success().get_output().stdout.clone();
    String::from_utf8(output).expect("text")
}

#[test]
fn every_kind_of_output_is_shown_and_customers_text_is_escaped() {
    let outputs = json!([
        {"output_type": "stream", "name": "stdout", "text": ["\u{1b}[31mred\u{1b}[0m\n", INJECTION]},
        {"output_type": "error", "ename": "E", "evalue": INJECTION, "traceback": [INJECTION]},
        {"output_type": "display_data", "metadata": {}, "data": {"text/plain": INJECTION}},
        {"output_type": "display_data", "metadata": {}, "data": {"text/markdown": format!("**$5** {INJECTION}")}},
        {"output_type": "display_data", "metadata": {}, "data": {"image/png": "iVBORw==\n", "text/plain": "a \"chart\""}},
        {"output_type": "display_data", "metadata": {}, "data": {"image/svg+xml": "<svg onload=\"alert(1)\"/>"}},
        {"output_type": "execute_result", "execution_count": 3, "metadata": {}, "data": {"text/html": "<table><tr><td>7</td></tr></table>", "text/plain": "7"}},
        {"output_type": "display_data", "metadata": {}, "data": {"application/x-own": {}}},
    ]);
    let workspace = workspace(vec![
        text("t", "# Title & <i>more</i>\n\n$\\frac{1}{2}$"),
        code("c", "let s = \"</pre><script>\";", json!({}), outputs),
    ]);
    let html = exported(&workspace, &[]);
    assert!(html.contains("<title>Title &amp; &lt;i&gt;more&lt;&#x2f;i&gt;</title>"), "{html}");
    assert!(!html.contains("<script") && !html.contains("onload=") && !html.contains('\u{1b}'), "{html}");
    for words in [
        "red\n&lt;script&gt;alert(1)&lt;/script&gt;",
        "class=\"error\"",
        "<strong>$5</strong>",
        "<math",
        "alt=\"a &quot;chart&quot;\" src=\"data:image/png;base64,iVBORw==\"",
        "data:image/svg+xml;base64,",
        "<td>7</td>",
        "An output of type application/x-own",
        "[3]",
    ] {
        assert!(html.contains(words), "{words}: {html}");
    }
    let md = exported(&workspace, &["--to", "md"]);
    assert!(
        md.contains("```text\n7\n```") && md.contains("![a \"chart\"](data:image/png;base64,iVBORw==)"),
        "{md}"
    );
    assert!(md.contains("*An output of type application/x-own, which only Jupyter shows.*"), "{md}");
}

#[test]
fn tags_and_hidden_parts_are_heeded() {
    let hide = |key: &str| json!({"jupyter": {key: true}});
    let tag = |tag: &str| json!({"tags": [tag]});
    let workspace = workspace(vec![
        code("a", "a_code", hide("source_hidden"), plain("a_out")),
        code("b", "b_code", hide("outputs_hidden"), plain("b_out")),
        code("c", "c_code", tag("remove-input"), plain("c_out")),
        code("d", "d_code", tag("remove_output"), plain("d_out")),
        code("e", "e_code", tag("remove-cell"), plain("e_out")),
        code("f", "f_code", tag("hide-cell"), plain("f_out")),
        code("g", "g_code", json!({}), plain("g_out")),
    ]);
    let html = exported(&workspace, &[]);
    for (words, is_there) in [
        ("a_code", true),
        ("b_out", true),
        ("c_code", false),
        ("c_out", true),
        ("d_code", true),
        ("d_out", false),
        ("e_code", false),
        ("e_out", false),
        ("f_code", true),
        ("g_out", true),
    ] {
        assert_eq!(html.contains(words), is_there, "{words}");
    }
    let folded = |words: &str| {
        let before = &html[..html.find(words).expect(words)];
        before.matches("<details>").count() > before.matches("</details>").count()
    };
    for (words, is_folded) in [
        ("a_code", true),
        ("a_out", false),
        ("b_code", false),
        ("b_out", true),
        ("f_code", true),
        ("f_out", true),
        ("g_code", false),
        ("g_out", false),
    ] {
        assert_eq!(folded(words), is_folded, "{words}");
    }
    let without = exported(&workspace, &["--no-input"]);
    assert!(!without.contains("_code") && without.contains("g_out") && without.contains("a_out"));
    let md = exported(&workspace, &["--to", "md", "--no-input"]);
    assert!(!md.contains("_code") && md.contains("g_out") && !md.contains("e_out"));
}

#[test]
fn charts_keep_their_library_when_the_first_is_removed() {
    let (loader, draw) = (loader(), Script::Draw { figure: "{}", id: "cltv-b-1" }.element());
    let first = format!("{loader}<div>first</div>");
    for (tag, of_first) in [("remove-cell", 0), ("remove-output", 0), ("none", 1)] {
        let workspace = workspace(vec![
            code("a", "1", json!({"tags": [tag]}), chart(&first)),
            code("b", "2", json!({}), chart(&format!("<div>second</div>{draw}"))),
        ]);
        let html = exported(&workspace, &[]);
        assert_eq!(html.matches(loader.trim_end()).count(), 1, "{tag}");
        assert_eq!(html.matches("<div>first</div>").count(), of_first, "{tag}");
        assert!(html.find(&loader) < html.find(&draw));
        assert!(!html.contains("src=\"http"), "nothing is loaded from elsewhere");
        let md = exported(&workspace, &["--to", "md"]);
        assert_eq!(md.matches("*A chart: ").count(), of_first + 1);
        assert!(md.contains("Purchases by month") && !md.contains("<script"));
    }
}

#[test]
fn only_the_scripts_of_charts_run_in_a_page() {
    let draw = Script::Draw { figure: "{\"data\":[]}", id: "cltv-a-1" }.element();
    let policy = |html: &str| {
        let start = "<meta http-equiv=\"Content-Security-Policy\" content=\"";
        html.split_once(start).map(|(_, rest)| rest[..rest.find('"').expect("an end")].to_owned())
    };
    for (html, hashes, said) in [
        ("<b>1</b>".to_owned(), 0, ""),
        (draw.clone(), 2, ""),
        (loader() + &draw, 3, ""),
        (format!("<img src=x onerror=\"alert(1)\">{draw}<script>alert(1)</script>"), 2, "A script"),
        (draw.replace("{\"data\":[]}", "alert(1)") + "<SCRIPT src=\"//x\"></SCRIPT>", 0, "2 scripts"),
    ] {
        let workspace = workspace(vec![code("a", "1", json!({}), chart(&html))]);
        let done = workspace.cltv(&["export", "n.ipynb"]).assert().success();
        let stderr = String::from_utf8_lossy(&done.get_output().stderr).into_owned();
        assert_eq!(stderr.contains("--allow-scripts"), !said.is_empty(), "{html}: {stderr}");
        assert!(stderr.contains(said), "{stderr}");
        let policy = policy(&workspace.read("n.html").expect("a page")).expect("a policy");
        assert_eq!(policy.matches("sha256-").count(), hashes, "{html}: {policy}");
        assert!(policy.contains("default-src &#x27;none&#x27;"), "{policy}");
    }
    let workspace = workspace(vec![code("a", "1", json!({}), chart("<script>alert(1)</script>"))]);
    assert_eq!(policy(&exported(&workspace, &["--allow-scripts"])), None);
}

#[test]
fn images_come_along() {
    let workspace = Workspace::new(&[]);
    let attached = json!({"cell_type": "markdown", "id": "a", "metadata": {}, "source": "![x](attachment:a.png) ![y](own.png)",
                          "attachments": {"a.png": {"image/png": "iVBORw=="}}});
    let shown = json!([{"output_type": "display_data", "metadata": {}, "data": {"image/png": "iVBORw==", "text/plain": "p"}}]);
    let notebook = json!({"cells": [attached, code("c", "1", json!({}), shown)], "metadata": {}, "nbformat": 4, "nbformat_minor": 5});
    workspace.write("sub/n.ipynb", &notebook.to_string());
    workspace.write("sub/own.png", "png");
    workspace.cltv(&["export", "sub/n.ipynb"]).assert().success().stderr(contains("sub/n.html"));
    let html = workspace.read("sub/n.html").expect("written");
    assert_eq!(html.matches("data:image/png;base64,iVBORw==").count(), 2);
    assert!(html.contains("data:image/png;base64,cG5n"), "the image beside the notebook is in the page");
    workspace.cltv(&["export", "sub/n.ipynb", "--to", "md", "-o", "out/r.md"]).assert().success();
    let md = workspace.read("out/r.md").expect("written");
    assert!(md.contains("![x](r_files/image-1.png)") && md.contains("![p](r_files/image-2.png)"), "{md}");
    assert!(workspace.exists("out/r_files/image-1.png") && workspace.exists("out/r_files/image-2.png"));
}

/// The notebooks of this repository, each as a program that the compiler's parser takes.
#[test]
fn our_notebooks_become_rust() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../notebooks");
    let workspace = Workspace::new(&[]);
    let mut seen = 0;
    for entry in std::fs::read_dir(folder).expect("there").flatten() {
        let path = entry.path().display().to_string();
        if !path.ends_with(".ipynb") {
            continue;
        }
        let args = ["export", &path, "--to", "rs", "-o", "-"];
        let output = workspace.cltv(&args).assert().success().get_output().stdout.clone();
        let rust = String::from_utf8(output).expect("text");
        let parsed: syn::File =
            syn::parse_str(&rust).unwrap_or_else(|error| panic!("{path}: {error}\n{rust}"));
        assert_eq!(parsed.items.len(), 1, "{path}: everything is in main");
        assert!(rust.contains("// :dep cltv = ") && rust.contains("\n// ---- cell 3 ----\n"), "{path}");
        assert!(!rust.contains("no Rust by itself"), "{path}");
        let args = ["export", &path, "-o", "page.html"];
        workspace.cltv(&args).assert().success();
        let html = workspace.read("page.html").expect("written");
        assert!(html.contains("<math") && !html.contains("class=\"formula\""), "{path}");
        assert_eq!(html.matches("<details>").count(), html.matches("</details>").count(), "{path}");
        seen += 1;
    }
    assert!(seen >= 5, "{seen} notebooks");
}

#[test]
fn wrong_usage_is_told() {
    let workspace = workspace(vec![text("t", "x")]);
    workspace
        .cltv(&["export", "n.ipynb", "--to", "rs", "--no-input"])
        .assert()
        .code(2)
        .stderr(contains("leaves nothing"));
    workspace
        .cltv(&["export", "none.ipynb"])
        .assert()
        .code(2)
        .stderr(contains("none.ipynb could not be read"));
    workspace.cltv(&["export", "n.ipynb", "--to", "pdf"]).assert().code(2).stderr(contains("html, md, rs"));
    let input = workspace.read("n.ipynb").expect("there");
    let piped = workspace.cltv(&["export", "-", "--to", "md"]).write_stdin(input).assert().success();
    piped.stdout(predicate::eq("x\n"));
}
