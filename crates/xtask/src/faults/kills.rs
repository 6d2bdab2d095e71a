//! Kills: at a named point inside a publication, and at a random moment of the whole run.

use super::random::Random;
use super::workspace::{Run, Workspace, ended, is_publishing};
use anyhow::{Context, Result, ensure};
use std::os::unix::process::ExitStatusExt;
use std::process::Command;
use std::time::{Duration, Instant};

/// The points, in the order in which a run passes them, with how often, and whether the run's files count
/// as published once it was there.
pub(crate) const POINTS: [(&str, u64, bool); 10] = [
    ("stage-listed", 1, false),
    ("stage-made", 1, false),
    ("journal", 1, false),
    ("journal-written", 1, true),
    ("moved", 10, true),
    ("old-removed", 1, true),
    ("summary-written", 1, true),
    ("failures-removed", 1, true),
    ("journal-removed", 1, true),
    ("stage-removed", 1, true),
];

/// Those before the publication begins.
const BEFORE: usize = 2;

const SIGKILL: i32 = 9;

/// A named point, once for each time that a run passes it.
pub(crate) fn places() -> Vec<(String, bool)> {
    let inside = POINTS.iter().skip(BEFORE);
    inside
        .flat_map(|(name, times, counts)| (0..*times).map(move |time| (format!("{name}:{time}"), *counts)))
        .collect()
}

/// A point at which the files are about to be published, and not a moment before.
pub(crate) fn places_before() -> Vec<(String, bool)> {
    POINTS.iter().take(BEFORE).map(|(name, _, counts)| (format!("{name}:0"), *counts)).collect()
}

/// Kills a run at a named point; then a run that fails must leave one of both runs, and which one is
/// known.
pub(crate) fn at_point(workspace: &Workspace, place: &(String, bool), run: Run) -> Result<()> {
    let (point, counts) = place;
    let before = workspace.published()?;
    workspace.notebooks("notebooks", run, false)?;
    let mut command = workspace.report();
    command.env(cltv_protocol::environment::FAULT, point);
    let status = ended(&mut command.spawn()?)?;
    ensure!(status.signal() == Some(SIGKILL), "{point} was not reached: {status}");
    workspace.check_processes()?;
    workspace.check_mine()?;
    workspace.run(run + 1, true)?;
    let after = workspace.published()?;
    let expected = if *counts { run } else { before };
    ensure!(after == expected, "after {point} the files are of run {after} and not {expected}");
    next(workspace, run + 2)
}

/// How a random kill went.
pub(crate) struct Killed {
    /// Whether the run was over before.
    pub(crate) late: bool,
    /// Whether a publication had begun.
    pub(crate) publishing: bool,
}

/// Kills the runner, or now and then its kernel, at a random moment.
pub(crate) fn at_random(
    workspace: &Workspace,
    random: &mut Random,
    usual: Duration,
    run: Run,
) -> Result<Killed> {
    let before = workspace.published()?;
    workspace.notebooks("notebooks", run, false)?;
    let _ = std::fs::remove_file(workspace.root().join("pid"));
    let moment = Duration::from_micros(random.between(0, usual.as_micros() as u64));
    let of_kernel = random.between(0, 4) == 0;
    let mut child = workspace.report().spawn()?;
    std::thread::sleep(moment);
    match workspace.kernel_pid().filter(|_| of_kernel) {
        Some(kernel) => {
            // It may be gone already.
            Command::new("kill")
                .args(["-9", &kernel.to_string()])
                .stderr(std::process::Stdio::null())
                .status()?;
        }
        None => child.kill()?,
    }
    let status = ended(&mut child)?;
    let publishing = after_fault(workspace, before, run, random)?;
    Ok(Killed { late: status.success(), publishing })
}

/// What must be true after any fault; says whether a publication was cut short.
pub(crate) fn after_fault(workspace: &Workspace, before: Run, run: Run, random: &mut Random) -> Result<bool> {
    workspace.check_processes()?;
    workspace.check_mine()?;
    let publishing = is_publishing(&workspace.root().join("outputs"))?;
    if !publishing {
        let found = workspace.published()?;
        ensure!(found == before || found == run, "the files are of run {found}, neither {before} nor {run}");
    }
    if publishing || random.between(0, 4) == 0 {
        workspace.run(run + 1, true)?;
        let found = workspace.published()?;
        let expected = if publishing { &[run][..] } else { &[before, run] };
        ensure!(expected.contains(&found), "the files are of run {found} and not of {expected:?}");
    }
    next(workspace, run + 2)?;
    Ok(publishing)
}

/// The next run goes well and leaves nothing but its own files.
pub(crate) fn next(workspace: &Workspace, run: Run) -> Result<()> {
    workspace.run(run, false)?;
    let found = workspace.published()?;
    ensure!(found == run, "the next run, {run}, left files of {found}");
    workspace.check_mine()?;
    workspace.check_rest()?;
    workspace.check_processes()
}

/// How long a run takes: the longest of three.
pub(crate) fn usual(workspace: &Workspace) -> Result<Duration> {
    let mut longest = Duration::ZERO;
    for run in 1..=3 {
        let begin = Instant::now();
        next(workspace, run).context("a run without a fault")?;
        longest = longest.max(begin.elapsed());
    }
    Ok(longest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::root;

    #[test]
    fn the_points_are_those_of_the_program() {
        let folder = root().join("crates/cltv-cli/src/publish");
        let mut text = String::new();
        for entry in std::fs::read_dir(folder).unwrap() {
            text += &std::fs::read_to_string(entry.unwrap().path()).unwrap();
        }
        for (name, _, _) in POINTS {
            assert!(text.contains(&format!("fault::point(\"{name}\")")), "{name}");
        }
        assert_eq!(text.matches("fault::point(\"").count(), POINTS.len(), "a point is missing in the list");
    }
}
