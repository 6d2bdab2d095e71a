//! The paths of the machine that built: taken out, and looked for.
//!
//! Compilers write the paths of sources into messages of panics and into metadata. The flag that maps them
//! (`--remap-path-prefix`) would have everything compiled once more for an installation, and it does not
//! reach the libraries of macros, which cells need too: cargo passes flags to either the target's crates or
//! the host's. A path is replaced by another of the same length instead; texts carry their length, and
//! nothing moves.

use super::{Path, Result, ensure, files_below, fs};
use memchr::memmem;

/// What the other path begins with.
const NEUTRAL: &str = "/built";

/// A path of a given length: slashes at its end are one slash.
fn neutral(length: usize) -> String {
    let mut path = NEUTRAL.to_owned();
    path.truncate(length);
    path.extend(std::iter::repeat_n('/', length.saturating_sub(path.len())));
    path
}

/// Replaces paths, the longest first, in every file below a folder.
pub(super) fn take_out(paths: &[String], folder: &Path) -> Result<()> {
    for file in files_below(folder)? {
        let mut bytes = fs::read(&file)?;
        let found: usize = paths.iter().map(|path| replace(path, &mut bytes)).sum();
        if found > 0 {
            fs::write(&file, bytes)?;
        }
    }
    Ok(())
}

/// Replaces a path, and gives how often it was there.
fn replace(path: &str, bytes: &mut [u8]) -> usize {
    let found: Vec<usize> = memmem::find_iter(bytes, path).collect();
    let neutral = neutral(path.len());
    for at in &found {
        bytes[*at..*at + path.len()].copy_from_slice(neutral.as_bytes());
    }
    found.len()
}

/// Fails when a file below a folder, or its name, has one of the paths.
pub(super) fn check(paths: &[String], folder: &Path) -> Result<()> {
    for file in files_below(folder)? {
        let bytes = fs::read(&file)?;
        let name = file.strip_prefix(folder)?.to_string_lossy().into_owned();
        let is_there =
            |path: &&String| memmem::find(&bytes, path.as_bytes()).is_some() || name.contains(*path);
        let found = paths.iter().find(is_there);
        ensure!(
            found.is_none(),
            "{name} names the path {:?} of this machine",
            found.cloned().unwrap_or_default()
        );
    }
    eprintln!("no file names one of {} paths of this machine", paths.len());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_replaced_by_one_of_its_length() {
        assert_eq!(neutral(10), "/built////");
        assert_eq!(neutral(3), "/bu");
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join("lib.rmeta");
        fs::write(&file, "\u{1}/one/two/.cargo/registry/a-1/src/lib.rs\u{2}/one/two/x").unwrap();
        let paths = ["/one/two/.cargo/registry", "/one/two"].map(str::to_owned);
        assert!(check(&paths, place.path()).unwrap_err().to_string().contains("lib.rmeta"));
        take_out(&paths, place.path()).unwrap();
        check(&paths, place.path()).unwrap();
        let slashes = "/".repeat("/one/two/.cargo/registry".len() - NEUTRAL.len());
        let expected = format!("\u{1}{NEUTRAL}{slashes}/a-1/src/lib.rs\u{2}/built///x");
        assert_eq!(fs::read_to_string(&file).unwrap(), expected);
    }
}
