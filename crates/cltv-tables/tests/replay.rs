//! The fuzz targets of the reader on stable: seeds are read, no finding comes back, mutations are read or refused.

mod fuzzing;

use cltv_fuzz::replay;
use fuzzing::{TABLES, VALUES};

/// Mutations of each seed that are tried.
const MUTATIONS: usize = 30;

#[test]
fn every_seed_is_read() {
    for target in [TABLES, VALUES] {
        replay::seeds(&target).unwrap();
    }
}

#[test]
fn no_finding_comes_back() {
    // Both targets read an input by the ending of its name.
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    assert!(replay::corpus(&TABLES, &folder).unwrap() >= 8);
}

#[test]
fn mutations_of_seeds_are_read_or_refused() {
    for target in [TABLES, VALUES] {
        replay::mutations(&target, MUTATIONS, 13).unwrap();
    }
}
