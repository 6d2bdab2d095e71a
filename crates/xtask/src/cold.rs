//! `cargo xtask cold`: what the first command compiles on a machine that has nothing, measured.
//!
//! The steps and their flags are those of the README's first command: the command line, then the kernel and
//! the helper as `cltv kernel install` builds them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result};
use clap::Args;
use serde_json::Value;

use crate::page;
use crate::run::{cache, cargo, root, run};
use cltv_protocol::environment;

/// Where the table stands, between marks that name the command.
const PAGE: &str = "CONTRIBUTING.md";
const HEAD: &str = "| step | minutes of the processor |\n|---|---:|\n";
const COMMAND: &str = "cargo xtask cold";
/// What `--help` shows below the options.
pub(crate) const EXAMPLES: &str = "Examples:
  cargo xtask cold                    # compile the command line, the kernel and the helper from nothing
  cargo xtask cold --step kernel      # only one of them
  cargo xtask cold --write            # and keep the figures, for CONTRIBUTING.md and for progress reports";

/// What is to be measured.
#[derive(Debug, Args)]
pub(crate) struct Measured {
    /// A step; without any, all of them. It can be given several times.
    #[arg(long = "step", value_name = "NAME", value_parser = STEPS.map(|step| step.name))]
    steps: Vec<String>,
    /// Write the table in CONTRIBUTING.md and the seconds of each crate that progress reports use.
    #[arg(long)]
    write: bool,
}

/// A build of the first command or of the tests.
struct Step {
    name: &'static str,
    what: &'static str,
    arguments: &'static [&'static str],
    /// With the flags of the helper.
    is_helper: bool,
}

const STEPS: [Step; 4] = [
    Step {
        name: "command",
        what: "the command line",
        arguments: &["build", "--release", "--package", "cltv-cli", "--bin", "cltv"],
        is_helper: false,
    },
    Step {
        name: "kernel",
        what: "the kernel",
        arguments: &["build", "--release", "--package", "cltv-kernel"],
        is_helper: false,
    },
    Step {
        name: "helper",
        what: "the helper library",
        arguments: &["rustc", "--package", "cltv", "--lib", "--crate-type", "dylib", "--profile", "helper"],
        is_helper: true,
    },
    Step {
        name: "tests",
        what: "`cargo xtask verify` after them",
        arguments: &["xtask", "verify"],
        is_helper: false,
    },
];

/// What a step took.
struct Took {
    step: &'static Step,
    cpu: f64,
    seconds: f64,
    /// Seconds of each crate, with how many of its units were libraries or programs.
    crates: BTreeMap<String, (f64, u32)>,
}

/// Compiles from nothing, prints what it took, and writes it where that is asked for.
pub(crate) fn measure(measured: &Measured) -> Result<()> {
    let folder = cache()?.join("cold");
    let mut took = Vec::new();
    for step in &STEPS {
        if measured.steps.is_empty() || measured.steps.iter().any(|name| name == step.name) {
            // Steps share what they have in common, as for a user.
            if took.is_empty() && folder.exists() {
                std::fs::remove_dir_all(&folder)?;
            }
            let this = compile(step, &folder)?;
            // At once, because a later step may fail.
            println!("{}", this.in_words());
            took.push(this);
            if measured.write {
                write(&took)?;
            }
        }
    }
    Ok(std::fs::remove_dir_all(&folder)?)
}

fn compile(step: &'static Step, folder: &Path) -> Result<Took> {
    let mut build = cargo();
    build.args(step.arguments).env_remove("RUSTFLAGS").env(environment::CACHE, folder);
    let is_test = step.name == "tests";
    // The command line is compiled in the checkout's folder, kernel and helper in the cache.
    let target = folder.join(if is_test || step.name == "command" { "target" } else { "build" });
    build.env("CARGO_TARGET_DIR", &target);
    if !is_test {
        build.args(["--locked", "--quiet", "--timings"]);
    }
    if step.is_helper {
        build.args(["--target", &host()?]).env("RUSTFLAGS", "-Cprefer-dynamic");
    }
    let (begin, before) = (Instant::now(), cpu_of_children()?);
    run(&mut build)?;
    let (cpu, seconds) = (cpu_of_children()? - before, begin.elapsed().as_secs_f64());
    let crates = match is_test {
        true => BTreeMap::new(),
        false => crates(&target.join("cargo-timings/cargo-timing.html"))?,
    };
    Ok(Took { step, cpu, seconds, crates })
}

fn host() -> Result<String> {
    let output = Command::new("rustc").args(["--print", "host-tuple"]).output()?;
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

/// Seconds of the processor that programs took which have ended, from /proc/self/stat.
fn cpu_of_children() -> Result<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    // The second field is the program's name in brackets; of the rest, the 14th and 15th are the times of
    // children in ticks, of which Linux counts 100 a second.
    let rest = stat.rsplit_once(')').context("/proc/self/stat has no program's name")?.1;
    let ticks = rest.split_whitespace().skip(13).take(2).map(str::parse::<f64>);
    Ok(ticks.sum::<Result<f64, _>>()? / 100.0)
}

/// The seconds of each crate in cargo's report, in which a line assigns them as JSON.
fn crates(report: &Path) -> Result<BTreeMap<String, (f64, u32)>> {
    let page =
        std::fs::read_to_string(report).with_context(|| format!("cannot read {}", report.display()))?;
    let start = page.find("const UNIT_DATA = ").context("cargo's report of times has no UNIT_DATA")?;
    let data = &page[start + "const UNIT_DATA = ".len()..];
    let units: Vec<Value> =
        serde_json::Deserializer::from_str(data).into_iter().next().context("UNIT_DATA is empty")??;
    let mut crates: BTreeMap<String, (f64, u32)> = BTreeMap::new();
    for unit in &units {
        let name = unit["name"].as_str().context("a unit without a name")?;
        let entry = crates.entry(name.to_owned()).or_default();
        entry.0 += unit["duration"].as_f64().context("a unit without a duration")?;
        // A build script and its run belong to their crate.
        entry.1 += u32::from(!unit["target"].as_str().unwrap_or_default().contains("build-script"));
    }
    Ok(crates)
}

impl Took {
    fn in_words(&self) -> String {
        let mut slowest: Vec<_> = self.crates.iter().collect();
        slowest.sort_by(|left, right| right.1.0.total_cmp(&left.1.0));
        let (minutes, wall) = (self.cpu / 60.0, self.seconds / 60.0);
        let mut text =
            format!("{}: {minutes:.1} minutes of the processor, {wall:.1} minutes", self.step.what);
        for (name, (seconds, _)) in slowest.into_iter().take(20) {
            let _ = write!(text, "\n  {seconds:>6.1} s  {name}");
        }
        text
    }
}

/// The file that `cltv kernel install` estimates the rest of a build from.
fn seconds_file() -> PathBuf {
    root().join("crates/cltv-cli/src/kernel/crate_seconds.txt")
}

/// Puts what was measured in the place of earlier figures of the same steps.
fn write(took: &[Took]) -> Result<()> {
    let before = std::fs::read_to_string(seconds_file()).unwrap_or_default();
    let mut lines = String::from(
        "# Seconds that a crate took to compile, by step; `cargo xtask cold --write` measures them.\n",
    );
    for step in STEPS.iter().filter(|step| ["kernel", "helper"].contains(&step.name)) {
        let begin = format!("{} ", step.name);
        match took.iter().find(|took| took.step.name == step.name) {
            Some(took) => {
                for (name, (seconds, units)) in &took.crates {
                    let _ = writeln!(lines, "{begin}{name} {:.1}", seconds / f64::from((*units).max(1)));
                }
            }
            None => before.lines().filter(|line| line.starts_with(&begin)).for_each(|line| {
                let _ = writeln!(lines, "{line}");
            }),
        }
    }
    std::fs::write(seconds_file(), lines)?;
    page::write(PAGE, COMMAND, &merged(&page::written(PAGE, COMMAND)?, took))
}

/// The table with new rows in the place of the earlier ones of the same steps.
fn merged(before: &str, took: &[Took]) -> String {
    let mut table = String::from(HEAD);
    for step in &STEPS {
        let begin = format!("| {} |", step.what);
        let new = took.iter().find(|took| took.step.name == step.name);
        let new = new.map(|took| format!("{begin} {:.1} |", took.cpu / 60.0));
        let old = || before.lines().find(|line| line.starts_with(&begin)).map(str::to_owned);
        table.extend(new.or_else(old).map(|row| row + "\n"));
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_other_steps_stay() {
        let took = |at: usize, cpu| Took { step: &STEPS[at], cpu, seconds: 1.0, crates: BTreeMap::new() };
        let first = merged("", &[took(2, 600.0), took(0, 60.0)]);
        assert_eq!(first, format!("{HEAD}| the command line | 1.0 |\n| the helper library | 10.0 |\n"));
        assert_eq!(
            merged(&first, &[took(0, 120.0)]),
            first.replace("1.0 |\n| the helper", "2.0 |\n| the helper")
        );
    }

    #[test]
    fn cargos_report_of_times_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let report = folder.path().join("report.html");
        let unit = |name: &str, target: &str, seconds: f64| serde_json::json!({"name": name, "target": target, "duration": seconds, "mode": "todo"});
        let units = serde_json::json!([
            unit("a", "", 1.5),
            unit("a", " build-script", 1.0),
            unit("a", " build-script(run)", 0.5),
            unit("b", " cltv \"bin\"", 2.0)
        ]);
        std::fs::write(&report, format!("<script>\nconst UNIT_DATA = {units:#};\nconst CPU = [];\n"))
            .unwrap();
        let crates = crates(&report).unwrap();
        assert_eq!(crates["a"], (3.0, 1));
        assert_eq!(crates["b"], (2.0, 1));
    }
}
