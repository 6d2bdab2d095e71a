//! What is there and what is stale, without building anything.

use super::contents::{self, Depth};
use super::error::KernelError;
use super::place::{Places, sources};
use super::toolchain::Toolchain;
use super::{KernelSpecFolder, fingerprint, publish};
use crate::installed::Installed;
use cltv_protocol::helper::MANIFEST_FILE;
use cltv_protocol::kept_cells::{self, Contents};
use std::path::{Path, PathBuf};

/// How far a part of the kernel is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartState {
    /// Built from what is there now.
    Fresh,
    /// Built from earlier sources, or with another compiler.
    Stale,
    /// Built from what is there now, and a file was cut or changed since.
    Damaged,
    /// Never built here.
    Missing,
}

/// How far a kernelspec is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpecState {
    /// Jupyter starts the newest kernel.
    Current,
    /// Jupyter starts an earlier kernel.
    Outdated,
    /// Another Jupyter, of a prefix, starts the newest kernel; this one does not know it.
    Elsewhere,
    /// Jupyter does not know the kernel.
    NotInstalled,
}

/// The kernel's parts as they are.
#[derive(Debug, Clone)]
pub struct Status {
    /// The installation that this program belongs to; none when it was built from a checkout.
    pub installed: Option<Installed>,
    /// Where what was built is kept.
    pub cache: PathBuf,
    /// What `rustc -vV` prints first, as `rustc 1.95.0 (…)`.
    pub compiler: Result<String, String>,
    /// The program that Jupyter starts.
    pub program: PartState,
    /// The library that cells load.
    pub helper: PartState,
    /// The compiled cells that are kept beside it; `None` without a library, or where they cannot be listed.
    pub cells: Option<Contents>,
    /// The kernelspec of the user's own Jupyter, or the given one.
    pub spec: SpecState,
}

/// Looks at toolchain, cache, kernel, helper library and kernelspec.
///
/// # Errors
/// [`KernelError::NoCache`] when there is no place for a cache, and when files cannot be read.
pub fn status(spec: &KernelSpecFolder) -> Result<Status, KernelError> {
    let places = Places::find()?;
    if let Some(installed) = Installed::find() {
        return of_installation(installed, &places, spec);
    }
    let toolchain = Toolchain::find();
    let (program, helper) = match (sources(), &toolchain) {
        (Some(sources), Ok(toolchain)) => (
            Some(places.kernels().join(fingerprint::of_kernel(&sources, toolchain)?)),
            Some(places.helpers().join(fingerprint::of_helper(&sources, toolchain)?)),
        ),
        // Without sources the newest that was built is used.
        _ => match publish::newest(&places) {
            Some(kernel) => (kernel.program.parent().map(Path::to_path_buf), Some(kernel.helper)),
            None => (None, None),
        },
    };
    Ok(Status {
        installed: None,
        cache: places.build().parent().map_or_else(|| places.build(), Path::to_path_buf),
        compiler: toolchain
            .map(|toolchain| toolchain.version.lines().next().unwrap_or_default().to_owned())
            .map_err(|error| error.to_string()),
        spec: spec_state(&places, spec, program.as_deref(), helper.as_deref())?,
        program: part_state(program, "cltv-kernel", &places.kernels()),
        cells: helper.as_deref().and_then(|helper| kept_cells::check(helper).ok()),
        helper: part_state(helper, MANIFEST_FILE, &places.helpers()),
    })
}

fn of_installation(
    installed: Installed,
    places: &Places,
    spec: &KernelSpecFolder,
) -> Result<Status, KernelError> {
    let state = match contents::damaged(&installed.home, Depth::Bytes) {
        None => PartState::Fresh,
        Some(_) => PartState::Damaged,
    };
    let folder = spec.path()?;
    let is_ours = |folder: &Path| {
        let text = std::fs::read_to_string(folder.join("kernel.json")).unwrap_or_default();
        let found: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
        found["argv"][0].as_str().map(Path::new) == Some(&*installed.kernel())
    };
    let own_jupyter = installed.prefix().join("bin/jupyter").is_file();
    let spec = match folder.join("kernel.json").is_file() {
        true if is_ours(&folder) => SpecState::Current,
        true => SpecState::Outdated,
        // It brings a kernelspec for the Jupyter beside it.
        false if own_jupyter => SpecState::Current,
        false => SpecState::NotInstalled,
    };
    Ok(Status {
        cache: places.root().to_path_buf(),
        compiler: super::installed::compiler(&installed).map_err(|error| error.to_string()),
        program: state,
        helper: state,
        cells: kept_cells::check(places.root()).ok(),
        spec,
        installed: Some(installed),
    })
}

fn part_state(folder: Option<PathBuf>, file: &str, all: &Path) -> PartState {
    let folder = folder.filter(|folder| folder.join(file).is_file());
    if folder.as_ref().is_some_and(|folder| contents::damaged(folder, Depth::Bytes).is_some()) {
        return PartState::Damaged;
    }
    let is_fresh = folder.is_some();
    let earlier =
        || std::fs::read_dir(all).into_iter().flatten().flatten().any(|e| e.path().join(file).is_file());
    match is_fresh {
        true => PartState::Fresh,
        false if earlier() => PartState::Stale,
        false => PartState::Missing,
    }
}

fn spec_state(
    places: &Places,
    spec: &KernelSpecFolder,
    program: Option<&Path>,
    helper: Option<&Path>,
) -> Result<SpecState, KernelError> {
    let folder = spec.path()?;
    let points_at = |link: PathBuf, target: Option<&Path>| {
        let found = link.canonicalize().ok();
        found.is_some() && found == target.and_then(|target| target.canonicalize().ok())
    };
    let is_current =
        |links: PathBuf| points_at(links.join("kernel"), program) && points_at(links.join("helper"), helper);
    if folder.join("kernel.json").is_file() {
        let current = is_current(places.installed_for(&folder));
        return Ok(if current { SpecState::Current } else { SpecState::Outdated });
    }
    let mut all = std::fs::read_dir(places.installed()).into_iter().flatten().flatten();
    let elsewhere = all.any(|links| is_current(links.path()));
    Ok(if elsewhere { SpecState::Elsewhere } else { SpecState::NotInstalled })
}
