//! Limits of the system: a file that may not grow, memory that ends, a disk that is full.

use super::kills::after_fault;
use super::random::Random;
use super::workspace::{Run, Workspace, ended, is_publishing, published};
use anyhow::{Result, ensure};
use std::path::Path;
use std::process::{Command, Stdio};

/// Interrupts writing: the system ends a process whose file grows beyond a random size.
pub(crate) fn interrupted_write(workspace: &Workspace, random: &mut Random, run: Run) -> Result<bool> {
    let blocks = random.between(0, 160);
    limited(workspace, random, run, &format!("ulimit -f {blocks}"))
}

/// Runs with little memory, from too little to start to enough.
pub(crate) fn little_memory(workspace: &Workspace, random: &mut Random, run: Run) -> Result<bool> {
    let kilobytes = random.between(8_000, 120_000);
    limited(workspace, random, run, &format!("ulimit -v {kilobytes}"))
}

/// Says whether the run failed.
fn limited(workspace: &Workspace, random: &mut Random, run: Run, limit: &str) -> Result<bool> {
    let before = workspace.published()?;
    workspace.notebooks("notebooks", run, false)?;
    let mut child = workspace.report_behind(&format!("ulimit -c 0; {limit}")).spawn()?;
    let status = ended(&mut child)?;
    after_fault(workspace, before, run, random)?;
    Ok(!status.success())
}

/// Whether this system allows to mount a small disk in a namespace of one's own.
pub(crate) fn can_mount() -> bool {
    let probe = Command::new("unshare").args(["-rm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]).output();
    probe.is_ok_and(|output| output.status.success())
}

/// Three runs on a small disk: a good one, one while the disk is nearly full, one after room was made.
/// What is on the disk is copied out after the second and the third.
const SMALL_DISK: &str = r#"
set -e
rm -rf kept && mkdir kept
mount -t tmpfs -o size=6m tmpfs "$1"
cp notebooks-1/* notebooks
"$0" report -k mock --quiet
dd if=/dev/zero of="$1"/filler bs=1k 2>/dev/null || true
truncate -s "-$2" "$1"/filler
cp notebooks-2/* notebooks
code=0
"$0" report -k mock --quiet || code=$?
cp -a outputs kept/second
cp executive_summary.md kept/second.md
rm "$1"/filler
cp notebooks-3/* notebooks
"$0" report -k mock --quiet
cp -a outputs kept/third
cp executive_summary.md kept/third.md
exit $((100 + (code != 0)))
"#;

/// Fills the disk of the outputs, or that of temporary files; says whether the run failed.
pub(crate) fn full_disk(
    workspace: &Workspace,
    cltv: &Path,
    random: &mut Random,
    folder: &str,
    run: Run,
) -> Result<bool> {
    for number in 0..3 {
        workspace.notebooks(&format!("notebooks-{}", number + 1), run + number, false)?;
    }
    let room = random.between(0, 400_000);
    let mut command = Command::new("unshare");
    command.args(["-rm", "sh", "-c", SMALL_DISK]).arg(cltv).args([folder, &room.to_string()]);
    workspace.prepare(&mut command);
    let output = command.stderr(Stdio::piped()).output()?;
    let code = output.status.code().unwrap_or_default();
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(code == 100 || code == 101, "with {room} bytes left in {folder}: {code}: {}", said.trim());
    workspace.check_processes()?;
    let kept = |name: &str| workspace.root().join("kept").join(name);
    if !is_publishing(&kept("second"))? {
        let found = published(&kept("second"), &kept("second.md"))?;
        let expected = if code == 100 { run + 1 } else { run };
        ensure!(found == expected, "the files are of run {found} and not {expected}");
    }
    let found = published(&kept("third"), &kept("third.md"))?;
    ensure!(found == run + 2, "with room again, the files are of run {found} and not {}", run + 2);
    Ok(code == 101)
}
