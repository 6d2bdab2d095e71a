//! The tests of the workspace, in parts that can be run alone.

use crate::run::{cache, cargo, root, run_with_lines};
use crate::structure::House;
use anyhow::{Context, Result, ensure};
use cltv_protocol::{build_folder, environment};
use std::collections::BTreeSet;
use std::process::Command;

/// The crate whose dependencies decide in which profile a crate is tested.
pub(crate) const POLARS: &str = "polars";
pub(crate) const KERNEL: &str = "cltv-kernel";

/// Tests that a machine may be unable to run, with what they need. No other test may be skipped or
/// ignored where the variable `CI` is `true`.
const MAY_BE_SKIPPED: [(&str, &str); 3] = [
    ("a_full_disk_leaves_the_last_state", "mounts a small disk in a namespace of its own"),
    (
        "a_full_disk_fails_a_report_and_keeps_the_last_good_files",
        "mounts a small disk in a namespace of its own",
    ),
    ("a_read_only_folder_is_named", "mounts a folder read-only in a namespace of its own"),
];

/// A part of the tests.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    /// Crates without polars, in the dev profile: seconds to a minute.
    Light(Vec<String>),
    /// The kernel, in the release profile: minutes where nothing is compiled yet.
    Kernel,
    /// Crates over polars, in the helper's profile, so that polars is compiled once.
    Polars(Vec<String>),
    /// Whole workflows through the kernel, with every kind of bad input.
    Workflow,
}

/// Runs the named parts, or all of them.
///
/// A part is `light`, `kernel`, `polars`, `workflow` or the name of a crate.
pub(crate) fn test(names: &[String]) -> Result<()> {
    let house = House::read(&root().join("crates"))?;
    let parts = parts(&house, names)?;
    let skipped = cache()?.join(format!("skipped-tests-{}", std::process::id()));
    let mut left_out = BTreeSet::new();
    let outcome = parts.iter().try_for_each(|part| {
        let mut command = part.command()?;
        command.env(environment::SKIPPED_TESTS, &skipped);
        run_with_lines(&mut command, &mut |line| left_out.extend(ignored(line)))
    });
    let noted = std::fs::read_to_string(&skipped).unwrap_or_default();
    // There is no such file when every test ran.
    let _ = std::fs::remove_file(&skipped);
    outcome?;
    left_out.extend(noted.lines().map(str::to_owned));
    report(&left_out, std::env::var("CI").is_ok_and(|value| value == "true"))
}

/// The parts of these names; of no names, all.
fn parts(house: &House, names: &[String]) -> Result<BTreeSet<Part>> {
    let over_polars = house.with_dependency(POLARS);
    let (mut polars, mut light) = (Vec::new(), Vec::new());
    for name in house.names().filter(|name| *name != KERNEL) {
        if over_polars.contains(name) { &mut polars } else { &mut light }.push(name.to_owned());
    }
    if names.is_empty() {
        return Ok([Part::Light(light), Part::Kernel, Part::Polars(polars), Part::Workflow].into());
    }
    let part = |name: &String| match name.as_str() {
        "light" => Ok(Part::Light(light.clone())),
        "kernel" | KERNEL => Ok(Part::Kernel),
        "polars" => Ok(Part::Polars(polars.clone())),
        "workflow" => Ok(Part::Workflow),
        // Another selection of crates has other features and compiles polars again, so they are tested together.
        _ if polars.contains(name) => Ok(Part::Polars(polars.clone())),
        _ if light.contains(name) => Ok(Part::Light(vec![name.clone()])),
        _ => {
            let crates: Vec<&str> = house.names().collect();
            let crates = crates.join(", ");
            anyhow::bail!(
                "no part of the tests is named `{name}`; use light, kernel, polars, workflow or a crate: {crates}"
            )
        }
    };
    let wanted: BTreeSet<Part> = names.iter().map(part).collect::<Result<_>>()?;
    Ok(merged(wanted))
}

/// The crates over polars: selected together, so that polars is compiled with the same features each time.
pub(crate) fn over_polars() -> Result<Vec<String>> {
    let house = House::read(&root().join("crates"))?;
    let over_polars = house.with_dependency(POLARS);
    Ok(house.names().filter(|name| over_polars.contains(*name)).map(str::to_owned).collect())
}

/// One part of each kind: cargo is called once for all crates that are tested alike.
fn merged(parts: BTreeSet<Part>) -> BTreeSet<Part> {
    let (mut light, mut polars, mut merged) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for part in parts {
        match part {
            Part::Light(crates) => light.extend(crates),
            Part::Polars(crates) => polars.extend(crates),
            other => drop(merged.insert(other)),
        }
    }
    let list = |crates: BTreeSet<String>| crates.into_iter().collect::<Vec<_>>();
    merged.extend((!light.is_empty()).then(|| Part::Light(list(light))));
    merged.extend((!polars.is_empty()).then(|| Part::Polars(list(polars))));
    merged
}

impl Part {
    fn command(&self) -> Result<Command> {
        let mut command = cargo();
        command.args(["test", "--locked"]);
        let folder = match self {
            Part::Light(crates) => {
                command.args(packages(crates));
                "test"
            }
            Part::Kernel => {
                command.args(["--release", "--package", KERNEL]);
                "build"
            }
            Part::Polars(crates) => {
                command.args(["--profile", "helper", "--target", &host()?]).args(packages(crates));
                command.env("RUSTFLAGS", "-Cprefer-dynamic");
                "build"
            }
            Part::Workflow => {
                command.args(["--features", "workflow-tests", "--test", "workflow", "--package", "cltv-cli"]);
                command.args(["--", "--test-threads=2"]);
                "test"
            }
        };
        in_cache(&mut command, folder)?;
        Ok(command)
    }
}

pub(crate) fn packages(names: &[String]) -> impl Iterator<Item = &str> {
    names.iter().flat_map(|name| ["--package", name])
}

/// Keeps build output outside the checkout, where later runs reuse it.
pub(crate) fn in_cache<'a>(command: &'a mut Command, folder: &str) -> Result<&'a mut Command> {
    let folder = cache()?.join(folder);
    build_folder::claim(&folder, &root())?;
    Ok(command.env("CARGO_TARGET_DIR", folder))
}

/// The folder of Rust's dynamic standard library, to which programs of the helper's profile are linked.
pub(crate) fn standard_library() -> Result<String> {
    let output = Command::new("rustc").args(["--print", "target-libdir"]).output();
    let output = output.context("rustc was not found on the path")?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

pub(crate) fn host() -> Result<String> {
    let output = Command::new("rustc").arg("-vV").output().context("rustc was not found on the path")?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("rustc does not name its host")?.to_owned())
}

/// The name of the test that a line of a test program calls ignored.
fn ignored(line: &str) -> Option<String> {
    let rest = line.strip_prefix("test ")?;
    let (name, outcome) = rest.rsplit_once(" ... ")?;
    outcome.starts_with("ignored").then(|| name.to_owned())
}

/// Prints the tests that did not run; in CI, only those of the list may be among them.
fn report(left_out: &BTreeSet<String>, in_ci: bool) -> Result<()> {
    let reason =
        |test: &str| MAY_BE_SKIPPED.iter().find(|(name, _)| *name == test).map(|(_, reason)| *reason);
    for test in left_out {
        eprintln!(
            "skipped: {test} ({})",
            reason(test).unwrap_or("not in the list of tests that may be skipped")
        );
    }
    let others: Vec<&str> =
        left_out.iter().map(String::as_str).filter(|test| reason(test).is_none()).collect();
    ensure!(
        others.is_empty() || !in_ci,
        "tests did not run that must run in CI: {}; run them, or list them in crates/xtask/src/testing.rs with what they need",
        others.join(", ")
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strings(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn of(names: &[&str]) -> Result<Vec<Part>> {
        let house = House::read(&root().join("crates"))?;
        Ok(parts(&house, &strings(names))?.into_iter().collect())
    }

    #[test]
    fn a_part_is_a_group_or_a_crate() {
        let all = of(&[]).unwrap();
        let [Part::Light(light), Part::Kernel, Part::Polars(polars), Part::Workflow] = all.as_slice() else {
            panic!("{all:?}");
        };
        for name in ["cltv-protocol", "cltv-models", "cltv-cli", "xtask"] {
            assert!(light.contains(&name.to_owned()), "{name}");
        }
        for name in ["cltv-purchases", "cltv"] {
            assert!(polars.contains(&name.to_owned()), "{name}");
        }
        assert_eq!(of(&["cltv"]).unwrap(), [Part::Polars(polars.clone())]);
        assert_eq!(of(&["cltv-plots"]).unwrap(), [Part::Light(strings(&["cltv-plots"]))]);
        let two = of(&["xtask", "light", "cltv-plots"]).unwrap();
        assert_eq!(two, [Part::Light(light.clone())]);
        assert_eq!(of(&["workflow", "cltv-kernel", "kernel"]).unwrap(), [Part::Kernel, Part::Workflow]);
        assert!(of(&["polar"]).unwrap_err().to_string().contains("cltv-purchases"));
    }

    #[test]
    fn a_test_that_did_not_run_fails_in_ci_unless_it_is_listed() {
        assert_eq!(ignored("test a::b ... ignored, needs a camera").as_deref(), Some("a::b"));
        assert_eq!(ignored("test a::b ... ok"), None);
        assert_eq!(
            ignored("test src/lib.rs - f (line 3) ... ignored").as_deref(),
            Some("src/lib.rs - f (line 3)")
        );
        let listed: BTreeSet<String> = [MAY_BE_SKIPPED[0].0.to_owned()].into();
        let other: BTreeSet<String> = ["another".to_owned()].into();
        assert!(report(&listed, true).is_ok() && report(&other, false).is_ok());
        assert!(report(&other, true).unwrap_err().to_string().contains("another"));
    }

    #[test]
    fn the_listed_tests_exist() {
        let text = std::fs::read_to_string(root().join("crates/cltv-cli/tests/failures.rs")).unwrap();
        for (name, _) in MAY_BE_SKIPPED {
            assert!(text.contains(&format!("fn {name}()")), "{name} is gone: take it out of the list");
        }
    }
}
