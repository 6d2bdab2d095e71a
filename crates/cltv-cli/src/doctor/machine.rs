//! What the machine has: compilers, room, Jupyter, a browser.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::Check;
use crate::kernel::{PartState, Status};

/// What building the kernel and the helper library takes, with room to spare.
const ROOM_TO_BUILD: u64 = 6_000_000_000;

/// What runs need for themselves.
const ROOM_TO_RUN: u64 = 300_000_000;

const RUST: &str = "install Rust from https://rustup.rs, or type `rustup update`";

/// The Rust compiler, which compiles every cell.
pub(super) fn compiler(status: &Status) -> Check {
    let name = "Rust";
    let wanted = env!("CARGO_PKG_RUST_VERSION");
    match &status.compiler {
        // What an installation needs, and what to type.
        Err(error) if status.installed.is_some() => {
            let (found, remedy) = error.split_once("; ").unwrap_or((error, "install cltv again"));
            Check::missing(name, found, remedy.trim_end_matches('.'))
        }
        Err(error) => Check::missing(name, error.trim_end_matches('.'), RUST),
        Ok(found) if is_at_least(found, wanted) => Check::ok(name, found),
        Ok(found) => Check::missing(name, format!("{found}, and {wanted} is the earliest that works"), RUST),
    }
}

/// Whether `rustc 1.96.0 (…)` is at least `1.95`.
fn is_at_least(found: &str, wanted: &str) -> bool {
    let numbers = |text: &str| -> Option<(u32, u32)> {
        let mut parts = text.split(['.', '-']);
        Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
    };
    let found = found.split_whitespace().nth(1).and_then(numbers);
    found.zip(numbers(wanted)).is_some_and(|(found, wanted)| found >= wanted)
}

/// The C compiler, with which Rust links.
pub(super) fn linker() -> Check {
    let name = "C compiler";
    match ["cc", "gcc", "clang"].iter().find_map(|program| on_path(program)) {
        Some(path) => Check::ok(name, path.display().to_string()),
        None => Check::missing(
            name,
            "neither cc, gcc nor clang is on the path, and Rust links with it",
            "install one, as with `sudo apt install build-essential`",
        ),
    }
}

/// The folder of what was built: can it be written, and is there room?
pub(super) fn cache(status: &Status) -> Check {
    let name = "cache";
    let folder = &status.cache;
    let remedy = "set CLTV_CACHE to a folder with room that can be written";
    if let Err(error) = tempfile::tempfile_in(folder) {
        return Check::missing(name, format!("{} cannot be written: {error}", folder.display()), remedy);
    }
    let is_built = status.program == PartState::Fresh && status.helper == PartState::Fresh;
    let wanted = if is_built { ROOM_TO_RUN } else { ROOM_TO_BUILD };
    room(name, folder, wanted, remedy)
}

/// The temporary folder, where kernels work.
pub(super) fn temporary() -> Check {
    let name = "temporary files";
    let folder = std::env::temp_dir();
    let remedy = "set TMPDIR to a folder with room that can be written";
    match tempfile::tempfile_in(&folder) {
        Ok(_) => room(name, &folder, ROOM_TO_RUN, remedy),
        Err(error) => {
            Check::missing(name, format!("{} cannot be written: {error}", folder.display()), remedy)
        }
    }
}

fn room(name: &'static str, folder: &Path, wanted: u64, remedy: &str) -> Check {
    let shown = folder.display();
    match fs4::available_space(folder) {
        Ok(free) if free < wanted => Check::warning(
            name,
            format!("{shown} has {} free, {} are good to have", gigabytes(free), gigabytes(wanted)),
            remedy,
        ),
        Ok(free) => Check::ok(name, format!("{shown}, {} free", gigabytes(free))),
        Err(error) => Check::warning(name, format!("{shown}: its free space is unknown: {error}"), remedy),
    }
}

fn gigabytes(bytes: u64) -> String {
    format!("{:.1} GB", bytes as f64 / 1e9)
}

/// Jupyter, which opens notebooks; runs do without.
pub(super) fn jupyter() -> Check {
    let name = "Jupyter";
    let remedy = "`pip install jupyterlab`, to open notebooks; runs do without";
    let Some(program) = on_path("jupyter") else {
        return Check::warning(name, "there is no `jupyter` on the path", remedy);
    };
    match Command::new(program).arg("--version").output() {
        Ok(output) if output.status.success() => {
            Check::ok(name, versions(&String::from_utf8_lossy(&output.stdout)))
        }
        Ok(_) | Err(_) => Check::warning(name, "`jupyter --version` fails", remedy),
    }
}

/// JupyterLab's and the protocol library's line of what `jupyter --version` prints.
fn versions(text: &str) -> String {
    let lines = text.lines().filter_map(|line| line.split_once(':'));
    let wanted = lines.filter(|(name, version)| {
        ["jupyterlab", "jupyter_client", "notebook"].contains(&name.trim())
            && !version.contains("not installed")
    });
    let found: Vec<String> =
        wanted.map(|(name, version)| format!("{} {}", name.trim(), version.trim())).collect();
    if found.is_empty() { "found".to_owned() } else { found.join(", ") }
}

/// A browser, which shows charts and exported reports.
pub(super) fn browser() -> Check {
    let name = "browser";
    let own = std::env::var("BROWSER").ok();
    let known = ["xdg-open", "firefox", "google-chrome", "chromium", "chromium-browser", "microsoft-edge"];
    let found = own.iter().map(String::as_str).chain(known).find_map(on_path);
    match found {
        Some(path) => Check::ok(name, path.display().to_string()),
        None if cfg!(target_os = "macos") || cfg!(windows) => Check::ok(name, "the system's own"),
        None => Check::warning(
            name,
            "none is on the path",
            "open the html files of a report on another machine, or set BROWSER",
        ),
    }
}

fn on_path(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        assert!(is_at_least("rustc 1.95.0 (abc 2026-01-01)", "1.95"));
        assert!(is_at_least("rustc 1.100.0-nightly", "1.95"));
        assert!(is_at_least("rustc 2.0.0", "1.95"));
        assert!(!is_at_least("rustc 1.94.9", "1.95"));
        assert!(!is_at_least("rustc 1.9.0", "1.95"));
        assert!(!is_at_least("nonsense", "1.95"));
    }

    #[test]
    fn jupyters_own_lines_are_picked() {
        let text = "Selected Jupyter core packages...\nIPython          : 8\njupyter_client   : 8.6\njupyterlab       : 4.2\nnotebook         : not installed\n";
        assert_eq!(versions(text), "jupyter_client 8.6, jupyterlab 4.2");
        assert_eq!(versions("4.4.0"), "found");
    }
}
