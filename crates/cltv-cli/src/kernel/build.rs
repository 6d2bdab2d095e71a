//! Runs cargo and shows how far it is.

use super::error::KernelError;
use super::place::Places;
use super::toolchain::Toolchain;
use cltv_protocol::private;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::Value;
use std::io::{BufRead, BufReader, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// The profile in Cargo.toml that the helper is built with.
pub(super) const HELPER_PROFILE: &str = "helper";
/// One standard library for the helper and all cells.
pub(super) const HELPER_RUSTFLAGS: &str = "-Cprefer-dynamic";

/// Builds the kernel program and gives its path.
pub(super) fn kernel(
    places: &Places,
    sources: &Path,
    toolchain: &Toolchain,
    reporter: &dyn Fn(&str),
) -> Result<PathBuf, KernelError> {
    let mut cargo = command(places, sources, toolchain);
    cargo.args(["build", "--release", "--package", "cltv-kernel"]);
    let artifacts = run(cargo, "kernel", places, reporter)?;
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
    run(cargo, "helper library", places, reporter)
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
    // rust-analyzer compiles the one in and ring's build watches the other: when they differ from
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
    what: &'static str,
    places: &Places,
    reporter: &dyn Fn(&str),
) -> Result<Vec<Value>, KernelError> {
    let build = places.build();
    private::folder(&build).map_err(KernelError::file("Making", &build))?;
    cargo.args(["--locked", "--message-format=json-render-diagnostics"]);
    cargo.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let log_path = places.log(&what.replace(' ', "-"));
    let mut log = new_log(&log_path).map_err(KernelError::file("Writing", &log_path))?;
    let mut child = cargo.spawn().map_err(KernelError::file("Starting", cargo.get_program()))?;
    let stdout = child.stdout.take().map(|out| std::thread::spawn(move || read_artifacts(out)));
    let mut progress = Progress::start(what, reporter);
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

fn read_artifacts(out: impl Read) -> Vec<Value> {
    BufReader::new(out)
        .lines()
        .map_while(Result::ok)
        .filter_map(|line| serde_json::from_str::<Value>(&line).ok())
        .filter(|message| message["reason"] == "compiler-artifact")
        .collect()
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
    what: &'static str,
    reporter: &'a dyn Fn(&str),
    bar: Option<ProgressBar>,
    started: Instant,
    last_line: Option<Instant>,
}

const BETWEEN_LINES: Duration = Duration::from_secs(20);

impl<'a> Progress<'a> {
    fn start(what: &'static str, reporter: &'a dyn Fn(&str)) -> Progress<'a> {
        let bar = std::io::stderr().is_terminal().then(|| {
            let style = "{spinner} Building the {prefix} (once): {bar:30} {pos} of {len} crates, {elapsed}";
            let bar = ProgressBar::new(1).with_prefix(what);
            bar.set_style(
                ProgressStyle::with_template(style).unwrap_or_else(|_| ProgressStyle::default_bar()),
            );
            bar.enable_steady_tick(Duration::from_millis(200));
            bar
        });
        Progress { what, reporter, bar, started: Instant::now(), last_line: None }
    }

    fn step(&mut self, done: u64, all: u64) {
        if let Some(bar) = &self.bar {
            bar.set_length(all);
            bar.set_position(done);
        } else if self.last_line.is_none_or(|last| last.elapsed() >= BETWEEN_LINES) {
            self.last_line = Some(Instant::now());
            let seconds = self.started.elapsed().as_secs();
            (self.reporter)(&format!(
                "Building the {} (once): {done} of {all} crates, {seconds} s.",
                self.what
            ));
        }
    }

    fn finish(self, success: bool) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        if success && self.started.elapsed() > Duration::from_secs(3) {
            let seconds = self.started.elapsed().as_secs();
            (self.reporter)(&format!("Built the {} in {seconds} s.", self.what));
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
