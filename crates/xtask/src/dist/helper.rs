//! The helper with what cells need of it, and no more.

use super::built::Built;
use super::{Context, Path, PathBuf, Result, ensure, fs};
use cltv_protocol::helper::{Compiler, MANIFEST_FILE, Manifest};
use std::collections::BTreeSet;
use std::process::Command;

/// A cell that names the library, and with it every crate below it.
const PROBE: &str = "pub use cltv::prelude::*;\n";

/// Fills the helper's folder, but for its manifest.
pub(super) fn stage(built: &Built, folder: &Path) -> Result<()> {
    for part in ["src", "stubs"] {
        copy_below(&built.helper.join(part), &folder.join(part))?;
    }
    fs::copy(built.helper.join("empty.rs"), folder.join("empty.rs"))?;
    let needed = needed(built, &built.helper)?;
    let mut bytes = 0;
    for file in needed.iter().filter_map(|file| file.strip_prefix(&built.helper).ok()) {
        let to = folder.join(file);
        super::make_parent(&to)?;
        fs::copy(built.helper.join(file), &to)?;
        if to.extension().is_some_and(|extension| extension == "so") {
            built.strip(&to)?;
        }
        bytes += fs::metadata(&to)?.len();
    }
    eprintln!("helper: {} libraries, {:.1} MB", needed.len(), bytes as f64 / 1e6);
    // rustc must find all that it found before.
    let again = self::needed(built, folder)?;
    ensure!(
        again.len() == needed.len(),
        "a cell needs {} libraries, and {} of the helper's were staged",
        needed.len(),
        again.len()
    );
    Ok(())
}

/// The files that rustc reads to compile a cell: the library, the metadata of every crate below it, the
/// libraries of macros, and the metadata of the standard library. Of a crate that is in the library already
/// neither objects nor a copy of the metadata with objects are read.
pub(super) fn needed(built: &Built, helper: &Path) -> Result<BTreeSet<PathBuf>> {
    let place = tempfile::tempdir()?;
    let (source, metadata) = (place.path().join("probe.rs"), place.path().join("metadata"));
    fs::write(&source, PROBE)?;
    fs::create_dir(&metadata)?;
    for folder in &built.manifest.dependency_folders {
        for file in super::files_below(&helper.join(folder))? {
            if file.extension().is_none_or(|extension| extension != "rlib") {
                let name = file.file_name().context("a file without a name")?;
                std::os::unix::fs::symlink(&file, metadata.join(name))?;
            }
        }
    }
    let mut rustc = Command::new(built.toolchain.join("bin/rustc"));
    rustc.args([
        "--crate-name",
        "probe",
        "--edition=2024",
        "--crate-type",
        "cdylib",
        "--emit=dep-info,metadata",
    ]);
    // Lists the libraries among the files that the probe depends on; not stable.
    rustc.arg("-Zbinary-dep-depinfo").env("RUSTC_BOOTSTRAP", "1");
    rustc.args(["-C", "prefer-dynamic", "--extern"]);
    rustc.arg(format!("{}={}", built.manifest.crate_name, helper.join(&built.manifest.library).display()));
    rustc.arg("-L").arg(format!("dependency={}", metadata.display()));
    let output = rustc.arg("--out-dir").arg(place.path()).arg(&source).output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "a cell cannot be compiled against {}: {said}", helper.display());
    let listed = listed(&fs::read_to_string(place.path().join("probe.d"))?);
    let mut found = BTreeSet::new();
    for file in listed.into_iter().filter(|file| *file != source) {
        found.insert(file.canonicalize().with_context(|| format!("{} is gone", file.display()))?);
    }
    Ok(found)
}

/// The files of the first rule of a dependency file; a blank in a name follows a backslash.
fn listed(text: &str) -> Vec<PathBuf> {
    let rule = text.lines().next().and_then(|line| line.split_once(": ")).map_or("", |(_, files)| files);
    let files = rule.replace("\\ ", "\0");
    files.split_whitespace().map(|file| PathBuf::from(file.replace('\0', " "))).collect()
}

/// Writes the manifest of a helper that has its compiler elsewhere.
pub(super) fn write_manifest(built: &Built, compiler: Compiler, folder: &Path) -> Result<()> {
    let manifest = Manifest { compiler, ..built.manifest.clone() };
    Ok(fs::write(folder.join(MANIFEST_FILE), serde_json::to_string_pretty(&manifest)?)?)
}

fn copy_below(from: &Path, to: &Path) -> Result<()> {
    for file in super::files_below(from)? {
        let target = to.join(file.strip_prefix(from)?);
        super::make_parent(&target)?;
        fs::copy(&file, &target)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_read_from_a_dependency_file() {
        let text = "/t/probe.d: /t/probe.rs /a\\ b/libx.rmeta /c/libcltv.so\n\n/t/probe.rs:\n";
        assert_eq!(listed(text), ["/t/probe.rs", "/a b/libx.rmeta", "/c/libcltv.so"].map(PathBuf::from));
        assert!(listed("").is_empty());
    }
}
