//! Runs cargo and shows how far it is.

use super::error::KernelError;
use super::estimate::{self, Estimate};
use super::place::Places;
use super::toolchain::Toolchain;
use cltv_protocol::{build_folder, private};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::Value;
use std::io::{BufRead, BufReader, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The profile in Cargo.toml that the helper is built with.
pub(super) const HELPER_PROFILE: &str = "helper";
/// One standard library for the helper and all cells.
pub(super) const HELPER_RUSTFLAGS: &str = "-Cprefer-dynamic";

/// What is built, of the three parts of a first run; cargo builds the command line itself before it starts.
struct Step {
    number: u8,
    what: &'static str,
    /// In the table of crates.
    name: &'static str,
    why: &'static str,
}

const KERNEL_STEP: Step =
    Step { number: 2, what: "kernel", name: "kernel", why: "which runs the cells of notebooks" };
const HELPER_STEP: Step = Step {
    number: 3,
    what: "helper library",
    name: "helper",
    why: "data, models and charts for the cells, compiled so that cells need not compile them",
};

/// Builds the kernel program and gives its path.
pub(super) fn kernel(
    places: &Places,
    sources: &Path,
    toolchain: &Toolchain,
    reporter: &dyn Fn(&str),
) -> Result<PathBuf, KernelError> {
    let mut cargo = command(places, sources, toolchain);
    cargo.args(["build", "--release", "--package", "cltv-kernel"]);
    let artifacts = run(cargo, &KERNEL_STEP, places, sources, reporter)?;
    artifacts
        .iter()
        .find_map(|a| a["executable"].as_str())
        .map(PathBuf::from)
        .ok_or_else(|| KernelError::Incomplete { what: "kernel", missing: "program", folder: places.build() })
}

/// Builds the helper library and gives cargo's list of everything in it.
pub(super) fn helper(
    places: &Places,
    sources: &Path,
    toolchain: &Toolchain,
    reporter: &dyn Fn(&str),
) -> Result<Vec<Value>, KernelError> {
    let mut cargo = command(places, sources, toolchain);
    cargo
        .args(["rustc", "--package", "cltv", "--lib", "--crate-type", "dylib"])
        .args(["--profile", HELPER_PROFILE, "--target", &toolchain.host])
        .env("RUSTFLAGS", HELPER_RUSTFLAGS);
    run(cargo, &HELPER_STEP, places, sources, reporter)
}

fn command(places: &Places, sources: &Path, toolchain: &Toolchain) -> Command {
    let mut cargo = Command::new(&toolchain.cargo);
    cargo
        .current_dir(sources)
        .env("CARGO_TARGET_DIR", places.build())
        .env("RUSTC", &toolchain.rustc)
        // cargo prints "12/230" only to a terminal.
        .env("CARGO_TERM_PROGRESS_WHEN", "always")
        .env("CARGO_TERM_PROGRESS_WIDTH", "60")
        .env("CARGO_TERM_COLOR", "never");
    for name in ["CARGO_ENCODED_RUSTFLAGS", "RUSTFLAGS", "CARGO_BUILD_TARGET", "CARGO_BUILD_RUSTFLAGS"] {
        cargo.env_remove(name);
    }
    // rust-analyzer's parser compiles the one in and ring's build watches the other: when they differ from
    // the last build's, two thirds of the kernel would be compiled again. xtask leaves them out too.
    cargo.env_remove("CI").env_remove("CARGO_MANIFEST_DIR");
    cargo
}

/// A new log in the place of the last one: a link there is replaced, not followed.
fn new_log(path: &Path) -> std::io::Result<std::fs::File> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    private::new_file(path)
}

fn run(
    mut cargo: Command,
    step: &Step,
    places: &Places,
    sources: &Path,
    reporter: &dyn Fn(&str),
) -> Result<Vec<Value>, KernelError> {
    let what = step.what;
    let build = places.build();
    private::folder(&build).map_err(KernelError::file("Making", &build))?;
    build_folder::claim(&build, sources).map_err(KernelError::file("Preparing", &build))?;
    cargo.args(["--locked", "--message-format=json-render-diagnostics"]);
    cargo.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let log_path = places.log(&what.replace(' ', "-"));
    let mut log = new_log(&log_path).map_err(KernelError::file("Writing", &log_path))?;
    let mut child = cargo.spawn().map_err(KernelError::file("Starting", cargo.get_program()))?;
    let estimate = Arc::new(Mutex::new(Estimate::of(step.name)));
    let counting = estimate.clone();
    let stdout = child.stdout.take().map(|out| std::thread::spawn(move || read_artifacts(out, &counting)));
    let mut progress = Progress::start(step, estimate, reporter);
    if let Some(stderr) = child.stderr.take() {
        for piece in Pieces::of(stderr) {
            match counts(&piece) {
                Some((done, all)) => progress.step(done, all),
                // A log that cannot be written must not stop a build.
                None => drop(writeln!(log, "{}", piece.trim_end())),
            }
        }
    }
    let status = child.wait().map_err(KernelError::file("Waiting for", cargo.get_program()))?;
    let artifacts = stdout.and_then(|thread| thread.join().ok()).unwrap_or_default();
    progress.finish(status.success());
    if status.success() {
        Ok(artifacts)
    } else {
        Err(KernelError::BuildFailed { what, tail: tail(&log_path), log: log_path })
    }
}

fn read_artifacts(out: impl Read, estimate: &Mutex<Estimate>) -> Vec<Value> {
    BufReader::new(out)
        .lines()
        .map_while(Result::ok)
        .filter_map(|line| serde_json::from_str::<Value>(&line).ok())
        .filter(|message| message["reason"] == "compiler-artifact")
        .inspect(|artifact| locked(estimate).finished(artifact))
        .collect()
}

/// A thread that panicked while it counted leaves counts that are good enough for an estimate.
fn locked(estimate: &Mutex<Estimate>) -> MutexGuard<'_, Estimate> {
    estimate.lock().unwrap_or_else(PoisonError::into_inner)
}

fn tail(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(25)..].join("\n")
}

/// cargo's progress line: `Building [====>  ] 12/230: syn, quote`.
fn counts(piece: &str) -> Option<(u64, u64)> {
    let rest = piece.trim_start().strip_prefix("Building [")?;
    let numbers = rest.split(']').nth(1)?.trim_start();
    let (done, rest) = numbers.split_once('/')?;
    let all: String = rest.chars().take_while(char::is_ascii_digit).collect();
    Some((done.trim().parse().ok()?, all.parse().ok()?))
}

/// Text cut at newlines and at carriage returns.
struct Pieces<R> {
    reader: BufReader<R>,
}

impl<R: Read> Pieces<R> {
    fn of(reader: R) -> Pieces<R> {
        Pieces { reader: BufReader::new(reader) }
    }
}

impl<R: Read> Iterator for Pieces<R> {
    type Item = String;

    fn next(&mut self) -> Option<String> {
        let mut bytes = Vec::new();
        loop {
            let available = self.reader.fill_buf().ok()?;
            if available.is_empty() {
                return (!bytes.is_empty()).then(|| String::from_utf8_lossy(&bytes).into_owned());
            }
            let end = available.iter().position(|b| matches!(b, b'\n' | b'\r'));
            let taken = end.map_or(available.len(), |at| at + 1);
            bytes.extend_from_slice(&available[..end.unwrap_or(taken)]);
            self.reader.consume(taken);
            if end.is_some() && !bytes.is_empty() {
                return Some(String::from_utf8_lossy(&bytes).into_owned());
            }
        }
    }
}

/// How far a build is: a bar on a terminal, else a line now and then.
struct Progress<'a> {
    step: &'a Step,
    estimate: Arc<Mutex<Estimate>>,
    reporter: &'a dyn Fn(&str),
    bar: Option<ProgressBar>,
    started: Instant,
    last_line: Option<Instant>,
}

const BETWEEN_LINES: Duration = Duration::from_secs(20);
/// Length of a bar, of which the part of the compile time that is done is filled.
const BAR: u64 = 1000;

impl<'a> Progress<'a> {
    fn start(step: &'a Step, estimate: Arc<Mutex<Estimate>>, reporter: &'a dyn Fn(&str)) -> Progress<'a> {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::new(BAR);
            bar.set_style(
                ProgressStyle::with_template("{spinner} {prefix} {bar:24} {msg}, {elapsed}")
                    .unwrap_or_else(|_| ProgressStyle::default_bar()),
            );
            bar.set_prefix(format!("Step {} of 3, once: the {}", step.number, step.what));
            bar.enable_steady_tick(Duration::from_millis(200));
            bar
        });
        Progress { step, estimate, reporter, bar, started: Instant::now(), last_line: None }
    }

    fn step(&mut self, done: u64, all: u64) {
        let (part, left) = {
            let estimate = locked(&self.estimate);
            (estimate.part(), estimate.left(self.started.elapsed()))
        };
        let left = left.map(|left| format!(", {}", estimate::in_words(left))).unwrap_or_default();
        let far = format!("{done} of {all} crates, {:.0}% of the compile time{left}", 100.0 * part);
        if let Some(bar) = &self.bar {
            bar.set_position((part * BAR as f64) as u64);
            bar.set_message(far);
        } else if self.last_line.is_none_or(|last| last.elapsed() >= BETWEEN_LINES) {
            let Step { number, what, why, .. } = self.step;
            let why = if self.last_line.is_none() { format!(" ({why})") } else { String::new() };
            self.last_line = Some(Instant::now());
            (self.reporter)(&format!("Step {number} of 3, once: the {what}{why}: {far}."));
        }
    }

    fn finish(self, success: bool) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        if success && self.started.elapsed() > Duration::from_secs(3) {
            let seconds = self.started.elapsed().as_secs();
            (self.reporter)(&format!("Built the {} in {seconds} s.", self.step.what));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargos_progress_is_read() {
        assert_eq!(counts("    Building [=====>    ] 12/230: syn, quote"), Some((12, 230)));
        assert_eq!(counts("   Compiling syn v2.0"), None);
        assert_eq!(counts("    Building [===] x/2"), None);
    }

    #[test]
    fn text_is_cut_at_newlines_and_carriage_returns() {
        let pieces: Vec<String> = Pieces::of("a\r\rb\nc".as_bytes()).collect();
        assert_eq!(pieces, ["a", "b", "c"]);
    }
}
