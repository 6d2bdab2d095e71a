//! Builds, keeps and installs the kernel and the helper library that its cells load.
//!
//! Both are compiled once and kept in the cache folder under a fingerprint of all
//! that went into them; whatever needs them first builds them, with progress. An installation brings
//! both, and nothing is built ([`crate::installed`]).

mod build;
mod contents;
mod error;
mod estimate;
mod fingerprint;
mod guard;
mod installed;
mod place;
mod publish;
mod spec;
mod status;
mod stubs;
mod toolchain;

pub use error::KernelError;
pub use place::sources;
pub use spec::{KernelSpecFolder, NAME};
pub use status::{PartState, SpecState, Status, status};

use crate::cli::{KernelCommand, KernelPlace};
use crate::installed::Installed;
use crate::terminal::{print, tell};
use cltv_protocol::environment;
use contents::Depth;
use place::Places;
use std::path::{Path, PathBuf};
use toolchain::Toolchain;

/// `cltv kernel …`.
///
/// # Errors
/// [`KernelError`] when the kernel cannot be built, installed or found.
pub fn command(command: &KernelCommand) -> Result<(), KernelError> {
    let result = match command {
        KernelCommand::Install(place) => {
            install(&folder(place), &tell).map(|path| format!("The kernel is installed: {}", path.display()))
        }
        KernelCommand::Uninstall(place) => uninstall(&folder(place))
            .map(|path| format!("The kernel is no longer installed: {} is gone.", path.display())),
        KernelCommand::Path(place) => folder(place).path().map(|path| path.display().to_string()),
    };
    Ok(print(&format!("{}\n", result?))?)
}

fn folder(place: &KernelPlace) -> KernelSpecFolder {
    match &place.prefix {
        Some(prefix) => KernelSpecFolder::Prefix(prefix.clone()),
        None => KernelSpecFolder::User,
    }
}

/// How to start the kernel.
#[derive(Debug, Clone)]
pub struct KernelLaunch {
    /// The program and its arguments; one holds `{connection_file}`.
    pub argv: Vec<String>,
    /// Variables to set for it.
    pub env: Vec<(String, String)>,
}

/// The kernel's two parts, built and in place.
#[derive(Debug, Clone)]
pub struct Kernel {
    /// The program that Jupyter starts.
    pub program: PathBuf,
    /// The folder of the prebuilt helper library.
    pub helper: PathBuf,
}

impl Kernel {
    /// How Jupyter, or the runner, starts it.
    pub fn launch(&self) -> KernelLaunch {
        KernelLaunch {
            argv: vec![self.program.display().to_string(), "-f".into(), "{connection_file}".into()],
            env: vec![(environment::HELPER.into(), self.helper.display().to_string())],
        }
    }
}

/// Builds what is missing or stale, with progress on standard error; returns how to start the kernel.
///
/// # Errors
/// A build that fails (its log is named), a toolchain that is not there, sources that
/// are gone while nothing was built from them before.
pub fn ensure_ready(reporter: &dyn Fn(&str)) -> Result<KernelLaunch, KernelError> {
    Ok(ensure_built(reporter)?.launch())
}

/// Builds the kernel and its helper library unless they are there and fresh.
///
/// # Errors
/// As [`ensure_ready`].
pub fn ensure_built(reporter: &dyn Fn(&str)) -> Result<Kernel, KernelError> {
    built(Depth::Lengths, reporter)
}

/// The kernel and its helper library; what is missing, stale or damaged is built first.
fn built(depth: Depth, reporter: &dyn Fn(&str)) -> Result<Kernel, KernelError> {
    if let Some(installed) = Installed::find() {
        return installed::checked(&installed, depth);
    }
    let places = Places::find()?;
    guard::check_places(&places)?;
    let kernel = match place::sources() {
        None => publish::newest(&places).ok_or(KernelError::NoSources)?,
        Some(sources) => {
            let toolchain = Toolchain::find()?;
            let program = ensure_program(&places, &sources, &toolchain, depth, reporter)?;
            let helper = ensure_helper(&places, &sources, &toolchain, depth, reporter)?;
            Kernel { program, helper }
        }
    };
    guard::check(&kernel)?;
    Ok(kernel)
}

fn ensure_program(
    places: &Places,
    sources: &Path,
    toolchain: &Toolchain,
    depth: Depth,
    reporter: &dyn Fn(&str),
) -> Result<PathBuf, KernelError> {
    let folder = places.kernels().join(fingerprint::of_kernel(sources, toolchain)?);
    if contents::damaged(&folder, depth).is_some() {
        let _lock = places.lock(reporter)?;
        // Another process may have built it while we waited.
        if let Some(file) = contents::damaged(&folder, depth) {
            prepare(&folder, &file, places, reporter);
            let built = build::kernel(places, sources, toolchain, reporter)?;
            publish::program(&built, &folder)?;
            publish::keep_newest(&places.kernels(), 3, &places.installed());
        }
    }
    Ok(folder.join("cltv-kernel"))
}

/// Before something is built: where a folder of it is there, it is damaged, which is said.
fn prepare(folder: &Path, file: &Path, places: &Places, reporter: &dyn Fn(&str)) {
    if folder.exists() {
        reporter(&format!("{} is damaged; it is built again.", file.display()));
        contents::forget_damaged(folder, &places.build());
    }
}

fn ensure_helper(
    places: &Places,
    sources: &Path,
    toolchain: &Toolchain,
    depth: Depth,
    reporter: &dyn Fn(&str),
) -> Result<PathBuf, KernelError> {
    let folder = places.helpers().join(fingerprint::of_helper(sources, toolchain)?);
    if contents::damaged(&folder, depth).is_some() {
        let _lock = places.lock(reporter)?;
        if let Some(file) = contents::damaged(&folder, depth) {
            prepare(&folder, &file, places, reporter);
            let artifacts = build::helper(places, sources, toolchain, reporter)?;
            publish::helper(&artifacts, sources, toolchain, &folder)?;
            publish::keep_newest(&places.helpers(), 3, &places.installed());
        }
    }
    Ok(folder)
}

/// Builds the kernel, also where a file of it is damaged, and installs its kernelspec in Jupyter.
///
/// # Errors
/// As [`ensure_ready`], and when the kernelspec cannot be written.
pub fn install(into: &KernelSpecFolder, reporter: &dyn Fn(&str)) -> Result<PathBuf, KernelError> {
    let kernel = built(Depth::Bytes, reporter)?;
    if Installed::find().is_some() {
        return spec::write(into, &kernel);
    }
    let links = Places::find()?.installed_for(&into.path()?);
    spec::write(into, &publish::link_installed(&links, &kernel)?)
}

/// Takes the kernelspec away again; what was built stays in the cache.
///
/// # Errors
/// When no kernelspec of ours is there, or it cannot be removed.
pub fn uninstall(from: &KernelSpecFolder) -> Result<PathBuf, KernelError> {
    let removed = spec::remove(from)?;
    let _ = std::fs::remove_dir_all(Places::find()?.installed_for(&removed));
    Ok(removed)
}
