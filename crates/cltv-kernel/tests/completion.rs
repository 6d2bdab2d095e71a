//! Completion and inspection in the real kernel, with the committed index and a library that has some of
//! its types.

mod client;

use client::{Client, helper_of};
use std::time::Instant;

const OWN_INDEX: &str = include_str!("../../cltv/src/index/cltv.txt");
const POLARS_INDEX: &str = include_str!("../../cltv/src/index/polars.txt");

/// Types of the names in the index: what is in them does not matter.
const LIBRARY: &str = "
pub mod prelude {
    #[derive(Clone)]
    pub struct DataFrame;
    pub struct LazyFrame;
    pub struct Expr;
    #[derive(Debug)]
    pub struct Error;
    pub struct Data;
    impl DataFrame {
        pub fn lazy(self) -> LazyFrame { LazyFrame }
    }
    impl LazyFrame {
        pub fn filter(self, _: Expr) -> LazyFrame { self }
    }
    impl std::fmt::Display for Error {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str(\"error\") }
    }
    impl std::error::Error for Error {}
    pub fn col(_: &str) -> Expr { Expr }
    pub fn frame() -> DataFrame { DataFrame }
    pub fn load(_: &str) -> Result<Data, Error> { Ok(Data) }
}
";

async fn client(helper: &tempfile::TempDir) -> Client {
    let mut client = Client::start_with(Some(helper.path())).await;
    let ran = client.run(":dep cltv = { path = \"x\" }\nuse cltv::prelude::*;\nlet df = frame();").await;
    assert_eq!(ran.ename, "", "{ran:?}");
    client
}

/// The completions, with the time that they took on standard error.
async fn timed(client: &mut Client, code: &str) -> Vec<(String, String)> {
    let begun = Instant::now();
    let found = client.complete_shown(code).await;
    eprintln!("{:4} ms, {:3} completions of {code:?}", begun.elapsed().as_millis(), found.len());
    found
}

fn has(found: &[(String, String)], name: &str, about: &str) {
    let one = found.iter().find(|(text, _)| text == name);
    assert!(one.is_some_and(|(_, shown)| shown.contains(about)), "{name}, {about}: {one:?} of {found:?}");
}

#[tokio::test]
async fn members_of_values_have_signatures() {
    let helper = helper_of(LIBRARY, OWN_INDEX, POLARS_INDEX);
    let mut client = client(&helper).await;
    let found = timed(&mut client, "df.").await;
    has(&found, "lazy", "fn lazy(self) -> LazyFrame");
    has(&found, "filter", "-> PolarsResult");
    has(&found, "head", "length: Option<usize>) -> Self -- Get the head");
    has(&timed(&mut client, "df.lazy().").await, "collect", "PolarsResult<DataFrame>");
    let found = timed(&mut client, "let x = df.lazy().filter(col(\"a\").").await;
    has(&found, "sum", "fn sum(self)");
    has(&found, "alias", "fn alias");
    has(&timed(&mut client, "println!(\"{:?}\", col(\"a\").al").await, "alias", "-> Expr");
    has(&timed(&mut client, "vec![1].iter().").await, "map", "FnMut(Self::Item) -> B");
    has(&timed(&mut client, "for i in (0..3).map(|n| n as f64) { i.sq").await, "sqrt", "-> f64");
    has(&timed(&mut client, "let words = vec![\"a\"];\nwords.iter().map(|w| w.tri").await, "trim", "-> &str");
    has(&timed(&mut client, "load(\"x\")?.").await, "summary", "");
    has(&timed(&mut client, "let s = String::new();\ns.pu").await, "push_str", "string: &str");
    has(
        &timed(&mut client, "struct Own { wide: u8 }\nlet o = Own { wide: 1 };\no.").await,
        "wide",
        "wide: u8",
    );
    // Completion runs nothing and changes nothing.
    assert_eq!(client.run("let again = df.clone();").await.ename, "");
    client.shut_down().await;
}

#[tokio::test]
async fn names_of_the_helper_of_cells_and_of_the_language_complete() {
    let helper = helper_of(LIBRARY, OWN_INDEX, POLARS_INDEX);
    let mut client = client(&helper).await;
    has(&timed(&mut client, "let m = fit_m").await, "fit_models", "-> Result<Models");
    has(&timed(&mut client, "BgNbdParams::").await, "new", "TimeUnit");
    has(&timed(&mut client, "cltv::models::Bg").await, "BgNbd", "pub struct BgNbd");
    has(&timed(&mut client, "polars::prelude::Sort").await, "SortMultipleOptions", "pub struct");
    has(&timed(&mut client, "Input { tr").await, "transactions", "transactions: String");
    has(&timed(&mut client, "let width_of = 1;\nwidth").await, "width_of", "");
    has(&timed(&mut client, "pri").await, "println!", "");
    has(&timed(&mut client, "Vec::wi").await, "with_capacity", "capacity: usize");
    client.run("/// Twice.\npub fn twice(x: u8) -> u8 { 2 * x }\nstruct Own { wide: u8 }\nlet own = Own { wide: 1 };").await;
    has(&timed(&mut client, "twi").await, "twice", "fn twice(x: u8) -> u8 -- Twice.");
    has(&timed(&mut client, "own.").await, "wide", "wide: u8");
    has(&timed(&mut client, "Own { wi").await, "wide", "wide: u8");
    client.run("let e = col(\"amount\");").await;
    has(&timed(&mut client, "df.lazy().filter(col(\"am").await, "amount", "");
    assert_eq!(timed(&mut client, "// df.").await, []);
    client.shut_down().await;
}

#[tokio::test]
async fn names_are_explained_with_the_path_to_them() {
    let helper = helper_of(LIBRARY, OWN_INDEX, POLARS_INDEX);
    let mut client = client(&helper).await;
    let mut explained = async |code: &str| {
        let text = client.inspect(code, code.chars().count()).await.unwrap_or_default();
        eprintln!("{code:?}: {text:?}");
        text
    };
    let text = explained("load(\"x\")?.rfm(").await;
    assert!(text.contains("fn rfm(") && text.contains("cltv::Data"), "{text}");
    assert!(explained("fit_models").await.contains("cltv::fit_models"));
    assert!(explained("df.head").await.contains("Get the head"));
    assert!(explained("df").await.contains("let df: DataFrame"));
    assert!(explained("let n = vec![1u8];\nn").await.contains("let n: Vec<u8>"));
    assert!(explained("vec![1].iter().map(").await.contains("fn map<B, F>"));
    assert!(explained("BgNbd").await.contains("pub struct BgNbd"));
    assert_eq!(explained("nothing_of_that").await, "");
    client.shut_down().await;
}
