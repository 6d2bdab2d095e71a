//! Completion with a library of its own, without a compiler.

use super::*;

const LIBRARY: &str = "cltv::prelude::Frame\tuse\tp::Frame\ncltv::prelude::load\tuse\tw::load\ncltv::prelude::Show\tuse\tw::Show\nw::load\tfn\tpub fn load(input: &Input) -> Frame\tReads data.\nw::Show::show\tmethod\tfn show(&self)\nw::Show\ttrait\tpub trait Show\np::Frame\timpl\tw::Show\np::Frame\timpl\tw::Hidden\nw::Hidden::hide\tmethod\tfn hide(&self)\np::Frame\tstruct\tpub struct Frame\np::Frame::head\tmethod\tpub fn head(&self, n: usize) -> Frame\tThe first rows.\\nAll columns.\np::Frame::rows\tfield\trows: usize\np::Frame::new\tfn\tpub fn new() -> Frame\np::Frame::evcxr_display\tmethod\tfn evcxr_display(&self)\n";

fn completer() -> Completer {
    let mut completer = Completer::new(&[LIBRARY.to_owned()], Columns::default());
    completer.ran("use cltv::prelude::*;\nfn twice_of(x: u8) -> u8 { 2 * x }\ncol(\"amount\");");
    completer
}

/// The completions at the end of code; the compiler would name this type.
fn complete(completer: &mut Completer, code: &str, inferred: Option<&str>) -> Vec<String> {
    let variables = BTreeMap::from([("df".to_owned(), "cltv::p::Frame".to_owned())]);
    let mut infer = |_: &str| inferred.map(str::to_owned);
    let found = completer.complete(code, code.len(), &mut Session { variables, infer: &mut infer });
    assert_eq!(found.range.end, code.len());
    found.matches.into_iter().map(|found| found.text).collect()
}

#[test]
fn members_are_those_of_the_type() {
    let mut completer = completer();
    assert_eq!(complete(&mut completer, "df.", None), ["head", "rows", "show"]);
    assert_eq!(complete(&mut completer, "df.h", None), ["head"]);
    assert_eq!(complete(&mut completer, "load().", Some("&p::Frame")), ["head", "rows", "show"]);
    assert_eq!(complete(&mut completer, "let df = f(); df.", Some("()")), [""; 0]);
    assert_eq!(complete(&mut completer, "unknown().hea", None), ["head"]);
    assert_eq!(complete(&mut completer, "unknown_too().", None), [""; 0]);
    let found = complete(&mut completer, "[1].iter().", Some("std::slice::Iter<'_, i32>"));
    assert!(found.contains(&"map".to_owned()), "{found:?}");
}

#[test]
fn names_are_those_of_session_imports_and_language() {
    let mut completer = completer();
    assert_eq!(complete(&mut completer, "let own_name = 1; own", None), ["own_name"]);
    assert_eq!(complete(&mut completer, "f(lo", None), ["load", "loop"]);
    assert_eq!(complete(&mut completer, "twi", None), ["twice_of"]);
    assert_eq!(complete(&mut completer, "", None), ["df", "twice_of"]);
    assert_eq!(complete(&mut completer, "Frame::", None), ["head", "new"]);
    assert_eq!(complete(&mut completer, "cltv::prelude::F", None), ["Frame"]);
    assert_eq!(complete(&mut completer, "let f = Frame { r", None), ["rows"]);
    assert_eq!(complete(&mut completer, "Hash", None), [""; 0]);
    assert_eq!(complete(&mut completer, "use std::collections::HashMap;\nHash", None), ["HashMap"]);
    assert_eq!(complete(&mut completer, "df.select([\"am", None), ["amount"]);
    completer.clear(&[LIBRARY.to_owned()]);
    assert_eq!(complete(&mut completer, "twi", None), [""; 0]);
}

#[test]
fn names_are_explained() {
    let mut completer = completer();
    let mut inspect = |code: &str, inferred: Option<&str>| {
        let variables = BTreeMap::from([("df".to_owned(), "cltv::p::Frame".to_owned())]);
        let mut infer = |_: &str| inferred.map(str::to_owned);
        let found = completer.inspect(code, code.len(), &mut Session { variables, infer: &mut infer });
        found.map(|(text, _)| text)
    };
    let head =
        "pub fn head(&self, n: usize) -> Frame\n\ncltv::prelude::Frame\n\nThe first rows.\nAll columns.";
    assert_eq!(inspect("df.head", None).as_deref(), Some(head));
    assert_eq!(inspect("df.head(", None).as_deref(), Some(head));
    assert!(inspect("load", None).unwrap().contains("cltv::prelude::load\n\nReads data."));
    assert_eq!(inspect("df", None).as_deref(), Some("let df: Frame"));
    assert_eq!(inspect("let n = 1; n", Some("i32")).as_deref(), Some("let n: i32"));
    assert!(inspect("Vec::push", None).unwrap().contains("&mut self, value: T"));
    assert_eq!(inspect("nothing_of_that", None), None);
}
