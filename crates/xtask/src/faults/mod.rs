//! `cargo xtask faults`: reports that are killed, run out of room or memory, and what they leave.

mod kills;
mod limits;
mod random;
mod workspace;

use crate::page;
use crate::run::{cache, cargo, run};
use crate::testing::in_cache;
use anyhow::{Context, Result, ensure};
use random::Random;
use std::time::Instant;
use workspace::{Programs, Workspace};

/// What is to be tried.
#[derive(Debug, clap::Args)]
pub(crate) struct Tried {
    /// The same seed chooses the same moments, sizes and points.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many runs are killed, a quarter of them at named points inside the publication.
    #[arg(long, default_value_t = 200)]
    kills: u64,
    /// How many runs meet each limit of the system.
    #[arg(long, default_value_t = 25)]
    limits: u64,
    /// Write the counts to docs/reliability.md.
    #[arg(long)]
    write: bool,
}

/// A kind of fault, how often it was tried and hit, and what was wrong after it.
struct Row {
    fault: &'static str,
    tried: u64,
    hit: u64,
    meaning: &'static str,
    findings: Vec<String>,
}

impl Row {
    fn new(fault: &'static str, meaning: &'static str) -> Row {
        Row { fault, tried: 0, hit: 0, meaning, findings: Vec::new() }
    }

    /// Notes what came of a fault; after a finding the workspace is not used again.
    fn note(&mut self, outcome: Result<bool>) -> bool {
        self.tried += 1;
        match outcome {
            Ok(hit) => self.hit += u64::from(hit),
            Err(error) => {
                eprintln!("{} {}: {error:#}", self.fault, self.tried);
                self.findings.push(format!("{} {}: {error:#}", self.fault, self.tried));
                return false;
            }
        }
        true
    }
}

/// Runs all faults, and fails when one of them left something that is not promised.
pub(crate) fn check(tried: &Tried) -> Result<()> {
    let programs = build()?;
    let begin = Instant::now();
    let mut harness = Harness::new(programs, tried.seed)?;
    let points = tried.kills / 4;
    let rows = [
        harness.kills_at_points(points)?,
        harness.kills_before(tried.limits.min(10))?,
        harness.kills_at_random(tried.kills - points)?,
        harness.limited(
            "a write that the system interrupts (`ulimit -f`)",
            tried.limits,
            limits::interrupted_write,
        )?,
        harness.limited("little memory (`ulimit -v`)", tried.limits, limits::little_memory)?,
        harness.full_disks("a full disk of outputs", tried.limits, "outputs")?,
        harness.full_disks("a full disk of temporary files", tried.limits, "tmp")?,
    ];
    let table = table(&rows, tried.seed);
    println!("{table}\n{} s.", begin.elapsed().as_secs());
    let findings: Vec<&String> = rows.iter().flat_map(|row| &row.findings).collect();
    ensure!(findings.is_empty(), "{} faults left what is not promised (seed {})", findings.len(), tried.seed);
    if tried.write { page::write(page::RELIABILITY, "cargo xtask faults", &table) } else { Ok(()) }
}

/// The runner with its named points, and the kernel that runs no code.
fn build() -> Result<Programs> {
    let mut build = cargo();
    build.args(["build", "--locked", "--package", "cltv-cli", "--features", "cltv-cli/faults"]);
    build.args(["--bins", "--examples"]);
    run(in_cache(&mut build, "faults")?)?;
    let folder = cache()?.join("faults/debug");
    Ok(Programs { cltv: folder.join("cltv"), kernel: folder.join("examples/mock_kernel") })
}

struct Harness {
    programs: Programs,
    random: Random,
    workspace: Workspace,
    usual: std::time::Duration,
    run: workspace::Run,
}

impl Harness {
    fn new(programs: Programs, seed: u64) -> Result<Harness> {
        let workspace = Workspace::new(&programs)?;
        let usual = kills::usual(&workspace)?;
        eprintln!("A run takes {} ms.", usual.as_millis());
        Ok(Harness { programs, random: Random::new(seed), workspace, usual, run: 10 })
    }

    /// The number of the next run; a fault and what follows it take up to three.
    fn next_run(&mut self) -> workspace::Run {
        self.run += 5;
        self.run
    }

    /// A new workspace after a finding, which may have spoilt the last.
    fn renew_unless(&mut self, well: bool) -> Result<()> {
        if !well {
            self.workspace = Workspace::new(&self.programs)?;
            kills::next(&self.workspace, self.run)?;
        }
        Ok(())
    }

    fn kills_at_points(&mut self, count: u64) -> Result<Row> {
        let row =
            Row::new("kill -9 of the runner at a named point inside the publication", "were killed there");
        self.kills_at(row, count, &kills::places())
    }

    fn kills_before(&mut self, count: u64) -> Result<Row> {
        let row = Row::new("kill -9 of the runner while it makes its stage", "were killed there");
        self.kills_at(row, count, &kills::places_before())
    }

    fn kills_at(&mut self, mut row: Row, count: u64, places: &[(String, bool)]) -> Result<Row> {
        for place in places.iter().cycle().take(usize::try_from(count)?) {
            let run = self.next_run();
            let outcome = kills::at_point(&self.workspace, place, run);
            let well = row.note(outcome.map(|()| true).with_context(|| place.0.clone()));
            self.renew_unless(well)?;
        }
        Ok(row)
    }

    fn kills_at_random(&mut self, count: u64) -> Result<Row> {
        let mut row = Row::new(
            "kill -9 of the runner, or of its kernel (one in four), at a random moment",
            "had not ended by then",
        );
        let mut publishing = 0;
        for _ in 0..count {
            let run = self.next_run();
            let outcome = kills::at_random(&self.workspace, &mut self.random, self.usual, run);
            publishing += u64::from(outcome.as_ref().is_ok_and(|killed| killed.publishing));
            let well = row.note(outcome.map(|killed| !killed.late));
            self.renew_unless(well)?;
        }
        eprintln!("{publishing} of the random kills were inside a publication.");
        Ok(row)
    }

    fn limited(
        &mut self,
        fault: &'static str,
        count: u64,
        limit: fn(&Workspace, &mut Random, workspace::Run) -> Result<bool>,
    ) -> Result<Row> {
        let mut row = Row::new(fault, "failed");
        for _ in 0..count {
            let run = self.next_run();
            let outcome = limit(&self.workspace, &mut self.random, run);
            let well = row.note(outcome);
            self.renew_unless(well)?;
        }
        Ok(row)
    }

    fn full_disks(&mut self, fault: &'static str, count: u64, folder: &str) -> Result<Row> {
        let mut row = Row::new(fault, "failed");
        if !limits::can_mount() {
            eprintln!("This system allows no mount in a namespace of one's own: no disk is filled.");
            return Ok(row);
        }
        for _ in 0..count {
            let run = self.next_run();
            let (workspace, random) = (&self.workspace, &mut self.random);
            let outcome = limits::full_disk(workspace, &self.programs.cltv, random, folder, run);
            // The small disk is gone, and the files below it are of an earlier run than the summary above.
            let well = row.note(outcome.and_then(|failed| kills::next(workspace, run + 3).map(|()| failed)));
            self.renew_unless(well)?;
        }
        Ok(row)
    }
}

fn table(rows: &[Row], seed: u64) -> String {
    let mut table = format!(
        "Seed {seed}.\n\n| fault | tried | of these | left something that is not promised |\n|---|---|---|---|\n"
    );
    for Row { fault, tried, hit, meaning, findings } in rows {
        table += &format!("| {fault} | {tried} | {hit} {meaning} | {} |\n", findings.len());
    }
    table
}
