//! The corpus of the fuzz harness: its seeds are read, and no earlier finding comes back.

mod fuzzing;

use fuzzing::mutate::{Random, mutated};
use fuzzing::{Outcome, run, seeds};

/// Mutations of each seed that are tried.
const MUTATIONS: usize = 150;

#[test]
fn every_seed_is_read() {
    for seed in seeds::all() {
        assert_eq!(run(seed.name(), &seed.bytes()), Outcome::Read, "{}", seed.name());
    }
}

#[test]
fn no_finding_comes_back() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let mut replayed = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.ends_with(".md") {
            continue;
        }
        let outcome = run(&name, &std::fs::read(&path).unwrap());
        assert!(!matches!(outcome, Outcome::Finding(_)), "{name}: {outcome:?}");
        replayed += 1;
    }
    assert!(replayed > 0);
}

#[test]
fn mutations_of_seeds_are_read_or_refused() {
    let mut random = Random::new(13);
    for seed in seeds::all() {
        for _ in 0..MUTATIONS {
            let (name, bytes) = mutated(&seed, &mut random);
            let outcome = run(&name, &bytes);
            assert!(!matches!(outcome, Outcome::Finding(_)), "{name}: {outcome:?}: {bytes:?}");
        }
    }
}
