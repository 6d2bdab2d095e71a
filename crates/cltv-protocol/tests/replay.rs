//! The fuzz target of the agreements on stable: seeds are accepted, no finding comes back, mutations are.

mod fuzzing;

use cltv_fuzz::replay;
use fuzzing::PROTOCOL;

/// Mutations of each seed that are tried.
const MUTATIONS: usize = 1000;

#[test]
fn every_seed_of_the_agreements_is_accepted() {
    replay::seeds(&PROTOCOL).unwrap();
}

#[test]
fn no_finding_of_the_agreements_comes_back() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    replay::corpus(&PROTOCOL, &folder).unwrap();
}

#[test]
fn mutations_are_accepted_or_refused_by_the_agreements() {
    replay::mutations(&PROTOCOL, MUTATIONS, 13).unwrap();
}
