//! Fuzzes the reader of tables: `cargo run -p cltv-tables --example fuzz_tables -- MINUTES SEED [FOLDER]`.
//!
//! Valid files of each format are changed by a seeded generator and read past the check of their columns. A finding is a
//! panic, a message that is long or contains control characters, or an input that takes more than ten seconds; its input
//! is written to the folder (`target/fuzz`), as is the input that is read at the moment, in case the process dies of it.

#[path = "../tests/fuzzing/mod.rs"]
mod fuzzing;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use fuzzing::mutate::{Random, mutated};
use fuzzing::{Outcome, run, seeds};

/// What happened to the inputs made from one seed.
#[derive(Default)]
struct Tally {
    runs: u64,
    read: u64,
    findings: u64,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let usage = "give the minutes and a seed, as in: fuzz_tables 10 1";
    let minutes: f64 = args.next().ok_or(usage)?.parse()?;
    let seed: u64 = args.next().ok_or(usage)?.parse()?;
    let folder = PathBuf::from(args.next().unwrap_or_else(|| "target/fuzz".to_owned()));
    std::fs::create_dir_all(&folder)?;
    std::panic::set_hook(Box::new(|_| {}));
    let (started, seeds) = (Instant::now(), seeds::all());
    for seed in &seeds {
        if run(seed.name(), &seed.bytes()) != Outcome::Read {
            return Err(format!("the seed {} is not read", seed.name()).into());
        }
    }
    let mut random = Random::new(seed);
    let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
    let mut said: BTreeMap<String, u64> = BTreeMap::new();
    while started.elapsed() < Duration::from_secs_f64(60.0 * minutes) {
        let (name, bytes) = mutated(&seeds[random.below(seeds.len())], &mut random);
        std::fs::write(folder.join(format!("now-{name}")), &bytes)?;
        let outcome = run(&name, &bytes);
        let tally = tallies.entry(name.clone()).or_default();
        tally.runs += 1;
        match outcome {
            Outcome::Read => tally.read += 1,
            Outcome::Refused => {}
            Outcome::Finding(what) => {
                tally.findings += 1;
                let kinds = said.len();
                let times = said.entry(what.clone()).or_default();
                *times += 1;
                if *times <= 3 {
                    std::fs::write(folder.join(format!("finding-{kinds}-{times}-{name}")), &bytes)?;
                }
            }
        }
    }
    println!("| seed | runs | read | findings |\n|---|---|---|---|");
    for (name, tally) in &tallies {
        println!("| {name} | {} | {} | {} |", tally.runs, tally.read, tally.findings);
    }
    let sum = |of: fn(&Tally) -> u64| tallies.values().map(of).sum::<u64>();
    let (runs, read, findings) = (sum(|t| t.runs), sum(|t| t.read), sum(|t| t.findings));
    println!("| all | {runs} | {read} | {findings} |\n\n{minutes} minutes with seed {seed}");
    for (what, times) in &said {
        println!("{times} times: {what}");
    }
    Ok(())
}
