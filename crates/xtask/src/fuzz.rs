//! `cargo xtask fuzz`: mutations of valid inputs, by the fuzz targets of the crates.

use crate::page;
use crate::run::{cache, cargo, root, run};
use crate::testing::{KERNEL, host, in_cache, over_polars, packages, standard_library};
use anyhow::{Context, Result, anyhow, ensure};
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// What `--help` shows below the options.
pub(crate) const EXAMPLES: &str = "Examples:
  cargo xtask fuzz --minutes 30 --write         all targets, half an hour each
  cargo xtask fuzz --jobs 9 --write             all at once; the machine's cores are shared
  cargo xtask fuzz --minutes 5 --target models  one target
  cargo xtask fuzz --seed 7 --target messages --target text

Findings are written to target/fuzz/TARGET, as is the input that ran when a process died.";

/// What is to be run.
#[derive(Debug, clap::Args)]
pub(crate) struct Asked {
    /// Minutes for each target.
    #[arg(long, default_value_t = 30.0)]
    minutes: f64,
    /// The same seed gives the same inputs.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// A target; without any, all of them. It can be given several times.
    #[arg(long = "target", value_name = "NAME", value_parser = TARGETS.map(|target| target.name))]
    targets: Vec<String>,
    /// How many targets run at once.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=16))]
    jobs: u8,
    /// Write the counts to docs/reliability.md, in the place of the earlier ones of the same targets.
    #[arg(long)]
    write: bool,
}

/// A program `fuzz_NAME`, an example of its crate.
struct Target {
    name: &'static str,
    package: &'static str,
    inputs: &'static str,
}

const TARGETS: [Target; 9] = [
    target("tables", "cltv-tables", "csv, tsv, jsonl, parquet, xlsx and ods files, gz and zip archives"),
    target("values", "cltv-tables", "dates, amounts and flags as values of a column"),
    target("parameters", "cltv-cli", "parameters cells, values put into notebooks, YAML, JSON and base64"),
    target("notebooks", "cltv-cli", "notebook files: read, saved, exported"),
    target("outputs", "cltv-cli", "text of customers in outputs of an exported page"),
    target("messages", "cltv-cli", "messages of a kernel to the runner"),
    target("models", "cltv-models", "saved models and their parameters"),
    target("protocol", "cltv-protocol", "blocks of outputs, formulas, amounts, bounds, paths, kept cells"),
    target("text", "cltv-kernel", "what a cell prints, and the events made of it"),
];

const fn target(name: &'static str, package: &'static str, inputs: &'static str) -> Target {
    Target { name, package, inputs }
}

const COMMAND: &str = "cargo xtask fuzz";
const HEAD: &str = "| target | inputs | runs | of these accepted | minutes | seed | findings |\n|---|---|---|---|---|---|---|\n";

/// Runs the targets, and fails when there was a finding.
pub(crate) fn check(asked: &Asked) -> Result<()> {
    let chosen =
        |target: &&Target| asked.targets.is_empty() || asked.targets.iter().any(|name| name == target.name);
    let targets: Vec<(&Target, PathBuf)> =
        TARGETS.iter().filter(chosen).map(|target| Ok((target, target.build()?))).collect::<Result<_>>()?;
    let mut found = Vec::new();
    for some in targets.chunks(asked.jobs.into()) {
        found.extend(side_by_side(some, asked)?);
    }
    let findings: u64 = found.iter().map(|counts| counts.findings).sum();
    let rows: Vec<String> =
        targets.iter().zip(&found).map(|((target, _), counts)| target.row(counts, asked)).collect();
    println!("{HEAD}{}", rows.concat());
    if asked.write {
        let table = merged(&page::written(page::RELIABILITY, COMMAND)?, &rows);
        page::write(page::RELIABILITY, COMMAND, &table)?;
    }
    ensure!(findings == 0, "{findings} findings; their inputs are in {}", findings_folder().display());
    Ok(())
}

/// What came of targets that run at the same time.
fn side_by_side(targets: &[(&Target, PathBuf)], asked: &Asked) -> Result<Vec<Counts>> {
    std::thread::scope(|scope| {
        let running: Vec<_> =
            targets.iter().map(|(target, program)| scope.spawn(|| target.run(program, asked))).collect();
        let ended = running.into_iter().map(|thread| thread.join());
        ended.map(|ended| ended.map_err(|_| anyhow!("the thread of a target panicked"))?).collect()
    })
}

fn findings_folder() -> PathBuf {
    root().join("target/fuzz")
}

/// What came of a target's inputs.
#[derive(Debug, PartialEq, Eq)]
struct Counts {
    runs: u64,
    accepted: u64,
    findings: u64,
}

impl Target {
    /// Builds the program, with the flags with which the crate's dependencies are compiled for its tests.
    fn build(&self) -> Result<PathBuf> {
        let example = format!("fuzz_{}", self.name);
        let mut build = cargo();
        build.args(["build", "--locked", "--quiet", "--example", &example]);
        let (folder, place) = match self.package {
            POLARS_CRATE => {
                let host = host()?;
                build.args(["--profile", "helper", "--target", &host]).args(packages(&over_polars()?));
                build.env("RUSTFLAGS", "-Cprefer-dynamic");
                ("build", format!("{host}/helper"))
            }
            KERNEL => {
                build.args(["--release", "--package", KERNEL]);
                ("build", "release".to_owned())
            }
            package => {
                build.args(["--release", "--package", package]);
                // Fast, and yet with the checks of a debug build.
                build.env("CARGO_PROFILE_RELEASE_OVERFLOW_CHECKS", "true");
                build.env("CARGO_PROFILE_RELEASE_DEBUG_ASSERTIONS", "true");
                ("fuzz", "release".to_owned())
            }
        };
        run(in_cache(&mut build, folder)?)?;
        Ok(cache()?.join(folder).join(place).join("examples").join(example))
    }

    fn run(&self, program: &PathBuf, asked: &Asked) -> Result<Counts> {
        let folder = findings_folder().join(self.name);
        let mut command = Command::new(program);
        command.args([asked.minutes.to_string(), asked.seed.to_string()]).arg(&folder);
        command.current_dir(root()).env("LD_LIBRARY_PATH", standard_library()?).stderr(Stdio::inherit());
        eprintln!("==> {} for {} minutes", self.name, asked.minutes);
        let output = command.output().with_context(|| format!("cannot start {}", program.display()))?;
        let text = String::from_utf8_lossy(&output.stdout);
        println!("{text}");
        counts(&text).with_context(|| {
            let (name, folder) = (self.name, folder.display());
            format!("the target {name} died ({}); its last input is a file in {folder} whose name begins with `now-`", output.status)
        })
    }

    fn row(&self, counts: &Counts, asked: &Asked) -> String {
        let Counts { runs, accepted, findings } = counts;
        let (runs, accepted) = (grouped(*runs), grouped(*accepted));
        let Asked { minutes, seed, .. } = asked;
        format!(
            "| {} | {} | {runs} | {accepted} | {minutes} | {seed} | {findings} |\n",
            self.name, self.inputs
        )
    }
}

/// The crate of the workspace that has fuzz targets and depends on polars.
const POLARS_CRATE: &str = "cltv-tables";

/// Digits in groups of three.
fn grouped(count: u64) -> String {
    cltv_protocol::text::count(usize::try_from(count).unwrap_or(usize::MAX))
}

/// The counts in the line of all seeds; nothing if the program did not come to it.
fn counts(text: &str) -> Option<Counts> {
    let line = text.lines().find_map(|line| line.strip_prefix("| all | "))?;
    let numbers: Vec<u64> = line.split('|').filter_map(|cell| cell.trim().parse().ok()).collect();
    let [runs, accepted, findings] = numbers.try_into().ok()?;
    Some(Counts { runs, accepted, findings })
}

/// The table with new rows in the place of the earlier ones of the same targets, in the order of the targets.
fn merged(before: &str, rows: &[String]) -> String {
    let of = |name: &str| {
        let begin = format!("| {name} |");
        let new = rows.iter().find(|row| row.starts_with(&begin)).cloned();
        new.or_else(|| before.lines().find(|line| line.starts_with(&begin)).map(|line| format!("{line}\n")))
    };
    let rows: String = TARGETS.iter().filter_map(|target| of(target.name)).collect();
    format!("{HEAD}{rows}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::structure::House;
    use crate::testing::POLARS;

    #[test]
    fn each_target_is_an_example_with_a_corpus_and_a_replay() {
        let house = House::read(&root().join("crates")).unwrap();
        let over_polars = house.with_dependency(POLARS);
        for target in &TARGETS {
            let folder = root().join("crates").join(target.package);
            let files = [
                format!("examples/fuzz_{}.rs", target.name),
                "tests/replay.rs".into(),
                "tests/corpus".into(),
            ];
            for file in files {
                assert!(folder.join(&file).exists(), "{}: {file} is missing", target.name);
            }
            assert_eq!(
                over_polars.contains(target.package),
                target.package == POLARS_CRATE,
                "{}",
                target.name
            );
        }
        let mut examples = 0;
        for name in house.names() {
            let folder = root().join("crates").join(name).join("examples");
            let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
            examples += files.filter(|file| file.file_name().to_string_lossy().starts_with("fuzz_")).count();
        }
        assert_eq!(examples, TARGETS.len(), "an example fuzz_NAME is not in the list of targets");
    }

    #[test]
    fn the_counts_are_those_of_all_seeds() {
        let text = "| seed | runs | accepted | findings |\n|---|---|---|---|\n| a | 1 | 1 | 0 |\n| all | 12 | 7 | 1 |\n";
        assert_eq!(counts(text), Some(Counts { runs: 12, accepted: 7, findings: 1 }));
        assert_eq!(counts("| a | 1 | 1 | 0 |\n"), None);
    }

    #[test]
    fn rows_of_other_targets_stay_in_their_order() {
        let asked = Asked { minutes: 0.5, seed: 3, targets: Vec::new(), jobs: 1, write: true };
        let row = |at: usize, runs| TARGETS[at].row(&Counts { runs, accepted: 1, findings: 0 }, &asked);
        let before = merged("", &[row(3, 10), row(1, 1000)]);
        assert_eq!(before, format!("{HEAD}{}{}", row(1, 1000), row(3, 10)));
        assert!(before.contains("| 1,000 | 1 | 0.5 | 3 | 0 |\n"), "{before}");
        assert_eq!(merged(&before, &[row(3, 11)]), format!("{HEAD}{}{}", row(1, 1000), row(3, 11)));
    }
}
