//! What tests do with a target: its seeds, its corpus, and a few mutations.

use std::path::Path;

use crate::{Outcome, Random, Seed, Target};

/// Checks that every seed is accepted.
///
/// # Errors
/// Names the seed that is not, with its outcome; also when there is none.
pub fn seeds(target: &Target) -> Result<(), String> {
    for seed in all(target)? {
        let outcome = target.run(seed.name(), &seed.bytes());
        if outcome != Outcome::Accepted {
            return Err(format!("the seed {} is not accepted: {outcome:?}", seed.name()));
        }
    }
    Ok(())
}

/// Runs every file of a folder but its `README.md`, and counts them.
///
/// # Errors
/// Names the file that is a finding, or the folder that cannot be read or has no file.
pub fn corpus(target: &Target, folder: &Path) -> Result<usize, String> {
    let broken = |error: std::io::Error| format!("{}: {error}", folder.display());
    let mut replayed = 0;
    for entry in std::fs::read_dir(folder).map_err(broken)? {
        let path = entry.map_err(broken)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.ends_with(".md") || path.is_dir() {
            continue;
        }
        let outcome = target.run(&name, &std::fs::read(&path).map_err(broken)?);
        if let Outcome::Finding(what) = outcome {
            return Err(format!("{}: {what}", path.display()));
        }
        replayed += 1;
    }
    if replayed == 0 { Err(format!("{} has no input", folder.display())) } else { Ok(replayed) }
}

/// Runs mutations of each seed.
///
/// # Errors
/// Names the seed of the input that is a finding, and the input; also when there is no seed.
pub fn mutations(target: &Target, each: usize, seed: u64) -> Result<(), String> {
    let mut random = Random::new(seed);
    for seed in all(target)? {
        for _ in 0..each {
            let bytes = seed.mutated(target.words, &mut random);
            if let Outcome::Finding(what) = target.run(seed.name(), &bytes) {
                let shown = String::from_utf8_lossy(&bytes).into_owned();
                return Err(format!("{}: {what}: {shown:?} ({bytes:?})", seed.name()));
            }
        }
    }
    Ok(())
}

fn all(target: &Target) -> Result<Vec<Seed>, String> {
    let seeds = (target.seeds)();
    if seeds.is_empty() { Err(format!("the target {} has no seed", target.name)) } else { Ok(seeds) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(seeds: fn() -> Vec<Seed>) -> Target {
        let read = |name: &str, bytes: &[u8]| match (name, bytes) {
            ("good.txt", b"good") => Outcome::Accepted,
            ("good.txt", _) => Outcome::Refused,
            _ => Outcome::Finding("bad".into()),
        };
        Target { name: "test", words: &["word"], seeds, read }
    }

    #[test]
    fn each_kind_of_replay_names_its_finding() {
        let good = target(|| vec![Seed::plain("good.txt", "good")]);
        assert_eq!((seeds(&good), mutations(&good, 20, 1)), (Ok(()), Ok(())));
        let refused = target(|| vec![Seed::plain("good.txt", "other")]);
        assert!(seeds(&refused).unwrap_err().contains("good.txt is not accepted: Refused"));
        let empty = target(Vec::new);
        assert!(seeds(&empty).is_err() && mutations(&empty, 1, 1).is_err());
        let bad = target(|| vec![Seed::plain("bad.txt", "x")]);
        assert!(mutations(&bad, 1, 1).unwrap_err().starts_with("bad.txt: bad: "));
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("README.md"), "a corpus").unwrap();
        assert!(corpus(&good, folder.path()).unwrap_err().contains("has no input"));
        std::fs::write(folder.path().join("good.txt"), "x").unwrap();
        assert_eq!(corpus(&good, folder.path()), Ok(1));
        std::fs::write(folder.path().join("bad.txt"), "x").unwrap();
        assert!(corpus(&good, folder.path()).unwrap_err().ends_with("bad.txt: bad"));
        assert!(corpus(&good, &folder.path().join("nowhere")).is_err());
    }
}
