//! The fuzz target of the kernel on stable: seeds are accepted, no finding comes back, mutations are.

#[path = "../src/server/frames.rs"]
#[allow(dead_code, unused_imports)]
mod frames;
mod fuzzing;
#[path = "../src/panic_lines.rs"]
#[allow(dead_code)]
mod panic_lines;
#[path = "../src/cell_host/translator.rs"]
#[allow(dead_code, unused_imports)]
mod translator;
#[path = "../src/wire.rs"]
#[allow(dead_code, unused_imports)]
mod wire;

use cltv_fuzz::replay;
use fuzzing::TEXT;

/// Mutations of each seed that are tried.
const MUTATIONS: usize = 2000;

#[test]
fn every_seed_of_the_kernel_is_accepted() {
    replay::seeds(&TEXT).unwrap();
}

#[test]
fn no_finding_of_the_kernel_comes_back() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    replay::corpus(&TEXT, &folder).unwrap();
}

#[test]
fn mutations_are_accepted_or_refused_by_the_kernel() {
    replay::mutations(&TEXT, MUTATIONS, 13).unwrap();
}
