//! Valid inputs and pieces of text.

use cltv_fuzz::Seed;
use cltv_protocol::helper::{CRATE, Compiler, Manifest, STORE};
use cltv_protocol::kept_cells;

/// Pieces of markers, formulas, figures, paths and manifests.
pub(super) const WORDS: [&str; 56] = [
    "EVCXR_BEGIN_CONTENT text/html",
    "EVCXR_END_CONTENT",
    "EVCXR_",
    "EVCXR",
    "_",
    "\u{2060}",
    "\u{1}CLTV ",
    "5ec4e7",
    "complete",
    "\n",
    "\r\n",
    "\t",
    ";",
    "=1+1",
    "+",
    "-",
    "@",
    "＝",
    "－",
    "'",
    "-1",
    "+4.5",
    "-.5",
    "=",
    "\u{a0}",
    "\u{feff}",
    "\u{200b}",
    "1997-09-30",
    "2024-02-29",
    "2023-02-29",
    "99999-01-01",
    "٠١",
    "-0.005",
    "0.995",
    "1e15",
    "1e20",
    "1e300",
    "1e-320",
    "NaN",
    "inf",
    "-170141183460469231731687303715884105728",
    "../",
    "./",
    "/",
    "..",
    "s3://",
    "C:\\",
    "a+b:",
    "*",
    "[",
    "?",
    "{a,b}",
    ".csv.gz",
    ",",
    "null",
    "é",
];

const TEXT: &str = "customer 17\n-12.5\n=1+1\nSmith;=1+1\n1,234.50\n1234.567\n0.995\n1997-09-30\nmonth\nbg_nbd\nEVCXR_END_CONTENT\n<b>x</b>\ndata/../sales.csv\ns3://bucket/a.csv\nsales/2024-*.csv;more.xlsx\n600\n";

/// A text of each kind of line, a manifest and a kept cell.
pub(super) fn all() -> Vec<Seed> {
    let manifest = Manifest {
        crate_name: CRATE.into(),
        library: "deps/libcltv.so".into(),
        dependency_folders: vec!["deps".into()],
        stub: "stubs/cltv".into(),
        store: Some(STORE.into()),
        compiler: Compiler::Here { rustc: "/toolchain/rustc".into(), cargo: "/toolchain/cargo".into() },
        version: "rustc 1.95\nhost: x".into(),
    };
    let json = serde_json::to_string(&manifest).unwrap();
    vec![Seed::plain("lines.txt", TEXT), Seed::plain("helper.json", json), Seed::plain("cell.kept", kept())]
}

/// A kept cell as it is written.
fn kept() -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    kept_cells::write(&path("a.so"), b"a library", &path("new")).unwrap();
    std::fs::read(path("a.so")).unwrap()
}
