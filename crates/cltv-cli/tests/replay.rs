//! The fuzz targets of the runner on stable: seeds are accepted, no finding comes back, mutations are.

mod fuzzing;

use std::path::{Path, PathBuf};

use cltv_fuzz::{Target, replay};
use fuzzing::{MESSAGES, NOTEBOOKS, OUTPUTS, PARAMETERS};

/// The targets, with the mutations of each seed that are tried.
const TARGETS: [(Target, usize); 4] = [(PARAMETERS, 30), (NOTEBOOKS, 60), (OUTPUTS, 60), (MESSAGES, 300)];

fn corpus(target: &Target) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus").join(target.name)
}

#[test]
fn every_seed_of_the_runners_targets_is_accepted() {
    for (target, _) in TARGETS {
        replay::seeds(&target).unwrap();
    }
}

#[test]
fn no_finding_of_the_runner_comes_back() {
    for (target, _) in TARGETS {
        replay::corpus(&target, &corpus(&target)).unwrap();
    }
}

#[test]
fn mutations_are_accepted_or_refused_by_the_runner() {
    for (target, mutations) in TARGETS {
        replay::mutations(&target, mutations, 13).unwrap();
    }
}

#[test]
fn elements_that_run_something_are_found_on_a_page() {
    use fuzzing::elements::check;
    for page in [
        "<!doctype html>\n<p>a < b &lt;script></p><br/>",
        "<a href=\"https://a.b\" title='c > d'>x</a>",
        "<img alt=\"onload=x\" src=data:image/png;base64,AA==>",
    ] {
        assert_eq!(check(page), Ok(()), "{page}");
    }
    for page in [
        "<SCRIPT>",
        "<p a='b' onclick=x>",
        "<img src=x/onerror=y onerror=y>",
        "<a href=\" java\tscript:x\">",
        "<a href='&#106;avascript:x'>",
        "<p title=\"a>",
        "<!-- a -->",
        "<p",
    ] {
        assert!(check(page).is_err(), "{page}");
    }
}
