//! Runs for given minutes, with a count of what came of each seed's inputs.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::{Outcome, Random, Target, replay, run};

/// Files that are written of findings of one kind.
const EXAMPLES: u64 = 3;
/// Kinds of findings of which files are written.
const KINDS: usize = 100;
/// Characters of a finding that tell its kind.
const KIND_WIDTH: usize = 160;

/// What a long run was asked for.
#[derive(Debug)]
struct Asked {
    minutes: f64,
    seed: u64,
    folder: PathBuf,
}

impl Asked {
    fn parse(mut words: impl Iterator<Item = String>, target: &str) -> Result<Asked, String> {
        let usage = format!("give the minutes and a seed, as in: fuzz_{target} 10 1");
        let mut next = || words.next().ok_or_else(|| usage.clone());
        let minutes: f64 = next()?.parse().map_err(|error| format!("{error}; {usage}"))?;
        let seed = next()?.parse().map_err(|error| format!("{error}; {usage}"))?;
        let folder = words.next().map_or_else(|| Path::new("target/fuzz").join(target), PathBuf::from);
        if !(0.0..=1e6).contains(&minutes) {
            return Err(format!("{minutes} minutes are not from 0 to 1000000; {usage}"));
        }
        Ok(Asked { minutes, seed, folder })
    }
}

/// What happened to the inputs made from one seed.
#[derive(Debug, Default, Clone, Copy)]
struct Tally {
    runs: u64,
    accepted: u64,
    findings: u64,
}

/// What happened to all inputs.
#[derive(Debug, Default)]
struct Tallies {
    seeds: BTreeMap<String, Tally>,
    kinds: BTreeMap<String, Kind>,
}

/// A kind of finding: its number among them, and how often it occurred.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Kind {
    number: usize,
    times: u64,
}

/// The program of a target: `fuzz_NAME MINUTES SEED [FOLDER]`.
///
/// Mutations of seeds are run for so many minutes. The input that runs is in the folder
/// (`target/fuzz/NAME`) under a name that begins with `now-`, in case the process dies of it; findings
/// stay there. A table with the counts is printed.
///
/// # Errors
/// When the words of the command line are not as above, a seed is not accepted, the folder cannot be
/// written, or there was a finding.
pub fn main(target: &Target) -> Result<(), Box<dyn Error>> {
    let asked = Asked::parse(std::env::args().skip(1), target.name)?;
    run::note_places();
    let tallies = fuzz(target, &asked)?;
    print!("{}", tallies.table());
    println!("\nTarget {}, {} minutes, seed {}.", target.name, asked.minutes, asked.seed);
    for (what, kind) in &tallies.kinds {
        println!("finding {}, {} times: {what}", kind.number, kind.times);
    }
    match tallies.kinds.is_empty() {
        true => Ok(()),
        false => Err(format!("findings are in {}", asked.folder.display()).into()),
    }
}

fn fuzz(target: &Target, asked: &Asked) -> Result<Tallies, Box<dyn Error>> {
    std::fs::create_dir_all(&asked.folder)?;
    replay::seeds(target)?;
    let (seeds, mut random) = ((target.seeds)(), Random::new(asked.seed));
    let (until, mut tallies) = (Duration::from_secs_f64(60.0 * asked.minutes), Tallies::default());
    let started = Instant::now();
    while started.elapsed() < until {
        let at = random.below(seeds.len());
        let Some(seed) = seeds.get(at) else { return Err("there is no seed".into()) };
        let bytes = seed.mutated(target.words, &mut random);
        std::fs::write(asked.folder.join(format!("now-{}", seed.name())), &bytes)?;
        let outcome = target.run(seed.name(), &bytes);
        if let Some(name) = tallies.note(seed.name(), &outcome) {
            std::fs::write(asked.folder.join(name), &bytes)?;
        }
    }
    Ok(tallies)
}

impl Tallies {
    /// Counts an outcome; the name of a file for the input, if it is to be kept.
    fn note(&mut self, seed: &str, outcome: &Outcome) -> Option<String> {
        let tally = self.seeds.entry(seed.to_owned()).or_default();
        tally.runs += 1;
        let what = match outcome {
            Outcome::Accepted => {
                tally.accepted += 1;
                return None;
            }
            Outcome::Refused => return None,
            Outcome::Finding(what) => what,
        };
        tally.findings += 1;
        let number = self.kinds.len() + 1;
        let kind = self.kinds.entry(kind_of(what)).or_insert(Kind { number, times: 0 });
        kind.times += 1;
        let Kind { number, times } = *kind;
        (times <= EXAMPLES && number <= KINDS).then(|| format!("finding-{number}-{times}-{seed}"))
    }

    fn table(&self) -> String {
        let mut text = "| seed | runs | accepted | findings |\n|---|---|---|---|\n".to_owned();
        let mut all = Tally::default();
        for (name, tally) in &self.seeds {
            let Tally { runs, accepted, findings } = *tally;
            let _ = writeln!(text, "| {name} | {runs} | {accepted} | {findings} |");
            all.runs += runs;
            all.accepted += accepted;
            all.findings += findings;
        }
        let _ = writeln!(text, "| all | {} | {} | {} |", all.runs, all.accepted, all.findings);
        text
    }
}

/// The beginning of a finding with each number as 0: inputs differ, the fault is the same.
fn kind_of(what: &str) -> String {
    let mut kind = String::new();
    for c in what.chars().take(KIND_WIDTH) {
        match c.is_ascii_digit() {
            true if kind.ends_with('0') => {}
            true => kind.push('0'),
            false => kind.extend(c.escape_debug()),
        }
    }
    kind
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Seed;

    const TARGET: Target = Target {
        name: "test",
        words: &["b"],
        seeds: || vec![Seed::plain("a.txt", "aaa")],
        read: |_, bytes| match bytes.contains(&b'b') {
            true => Outcome::Finding(format!("{} bytes", bytes.len())),
            false => Outcome::Accepted,
        },
    };

    #[test]
    fn the_command_line_is_minutes_seed_and_a_folder() {
        let parse = |line: &str| Asked::parse(line.split_whitespace().map(str::to_owned), "test");
        let asked = parse("0.5 7").unwrap();
        assert_eq!(
            (asked.minutes, asked.seed, asked.folder.as_path()),
            (0.5, 7, Path::new("target/fuzz/test"))
        );
        assert_eq!(parse("1 1 here").unwrap().folder, Path::new("here"));
        for line in ["", "1", "a 1", "1 b", "-1 1", "NaN 1"] {
            assert!(parse(line).unwrap_err().contains("as in: fuzz_test 10 1"), "{line}");
        }
    }

    #[test]
    fn findings_are_counted_and_the_first_of_a_kind_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        let asked = Asked { minutes: 0.005, seed: 1, folder: folder.path().to_path_buf() };
        let tallies = fuzz(&TARGET, &asked).unwrap();
        let Tally { runs, accepted, findings } = tallies.seeds["a.txt"];
        assert!(findings > 3 && accepted > 0 && runs == accepted + findings, "{tallies:?}");
        let kind = Kind { number: 1, times: findings };
        assert_eq!(tallies.kinds, BTreeMap::from([("0 bytes".to_owned(), kind)]));
        assert!(tallies.table().ends_with(&format!("| all | {runs} | {accepted} | {findings} |\n")));
        let files = std::fs::read_dir(folder.path()).unwrap();
        let names: Vec<String> = files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
        let kept: Vec<&String> = names.iter().filter(|name| name.starts_with("finding-")).collect();
        assert_eq!((kept.len(), names.len()), (3, 4), "{names:?}");
        for name in kept {
            let bytes = std::fs::read(folder.path().join(name)).unwrap();
            assert!(bytes.contains(&b'b'), "{name}");
        }
    }
}
