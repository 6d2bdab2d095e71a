//! Puts what was built where kernels use it: whole, or not at all.

use super::contents::{self, Depth};
use super::error::KernelError;
use super::toolchain::Toolchain;
use super::{Kernel, place::Places, stubs};
use cltv_protocol::helper::{CRATE, Compiler, MANIFEST_FILE, Manifest, STORE};
use cltv_protocol::private;
use serde_json::Value;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

/// Copies the kernel program into its folder.
pub(super) fn program(built: &Path, folder: &Path) -> Result<(), KernelError> {
    whole(folder, |new| {
        let program = new.join("cltv-kernel");
        std::fs::copy(built, &program).map_err(KernelError::file("Copying", built))?;
        Ok(())
    })
}

/// Makes the helper's folder: the library, the metadata of the crates below it, stubs and a manifest.
pub(super) fn helper(
    artifacts: &[Value],
    sources: &Path,
    toolchain: &Toolchain,
    folder: &Path,
) -> Result<(), KernelError> {
    let files: Vec<PathBuf> = artifacts
        .iter()
        .flat_map(|a| a["filenames"].as_array().into_iter().flatten())
        .filter_map(|f| f.as_str().map(PathBuf::from))
        .filter(|f| f.extension().is_some_and(|e| ["rlib", "rmeta", "so", "dylib"].iter().any(|k| e == *k)))
        .collect();
    whole(folder, |new| {
        let deps = new.join("deps");
        std::fs::create_dir_all(&deps).map_err(KernelError::file("Making", &deps))?;
        for file in &files {
            link(file, &deps)?;
        }
        let library =
            ["so", "dylib"].iter().map(|e| format!("libcltv.{e}")).find(|name| deps.join(name).is_file());
        let library = library.ok_or_else(|| KernelError::Incomplete {
            what: "helper library",
            missing: "dynamic library",
            folder: folder.to_path_buf(),
        })?;
        stubs::write(sources, toolchain, new)?;
        write(&new.join("empty.rs"), "")?;
        write_manifest(&manifest(&library, toolchain), new)
    })
}

fn manifest(library: &str, toolchain: &Toolchain) -> Manifest {
    Manifest {
        crate_name: CRATE.to_owned(),
        library: Path::new("deps").join(library),
        dependency_folders: vec!["deps".into()],
        stub: Path::new("stubs").join(CRATE),
        store: Some(STORE.to_owned()),
        compiler: Compiler::Here { rustc: toolchain.rustc.clone(), cargo: toolchain.cargo.clone() },
        version: toolchain.version.clone(),
    }
}

fn write_manifest(manifest: &Manifest, folder: &Path) -> Result<(), KernelError> {
    let file = folder.join(MANIFEST_FILE);
    let text = serde_json::to_string_pretty(manifest).map_err(std::io::Error::from);
    write(&file, &text.map_err(KernelError::file("Writing", &file))?)
}

fn write(file: &Path, text: &str) -> Result<(), KernelError> {
    std::fs::write(file, text).map_err(KernelError::file("Writing", file))
}

/// A hard link costs nothing; where the file system has none, a copy does.
fn link(file: &Path, folder: &Path) -> Result<(), KernelError> {
    let Some(name) = file.file_name() else { return Ok(()) };
    let target = folder.join(name);
    if target.exists() {
        return Ok(());
    }
    // cargo replaces files rather than writing into them, so a link keeps what it had.
    std::fs::hard_link(file, &target)
        .or_else(|_| std::fs::copy(file, &target).map(drop))
        .map_err(KernelError::file("Copying", file))
}

/// How the extension of a folder begins that is being filled.
const UNFINISHED: &str = "new-";

/// Makes the folder that kernels or helpers are kept in; only its owner may put one there.
fn make_parent(folder: &Path) -> Result<(), KernelError> {
    let Some(parent) = folder.parent().filter(|parent| !parent.is_dir()) else { return Ok(()) };
    std::fs::create_dir_all(parent).map_err(KernelError::file("Making", parent))?;
    private::close(parent).map_err(KernelError::file("Protecting", parent))
}

/// Fills a folder under another name and renames it when it is complete.
fn whole(folder: &Path, fill: impl FnOnce(&Path) -> Result<(), KernelError>) -> Result<(), KernelError> {
    let new = folder.with_extension(format!("{UNFINISHED}{}", std::process::id()));
    // Under the build lock no other process fills a folder: what is unfinished was abandoned.
    for left in folder.parent().and_then(|parent| parent.read_dir().ok()).into_iter().flatten().flatten() {
        if left.path().extension().is_some_and(|e| e.to_string_lossy().starts_with(UNFINISHED)) {
            let _ = std::fs::remove_dir_all(left.path());
        }
    }
    make_parent(folder)?;
    std::fs::create_dir_all(&new).map_err(KernelError::file("Making", &new))?;
    fill(&new)?;
    contents::note(&new)?;
    // Whoever runs a kernel runs what lies here, so nobody but its owner may change it.
    private::only_owner_writes(&new).map_err(KernelError::file("Protecting", &new))?;
    let _ = std::fs::remove_dir_all(folder);
    std::fs::rename(&new, folder).map_err(KernelError::file("Renaming", &new))
}

/// Removes all but the newest folders, and never one that is installed in Jupyter or in use by a running kernel.
pub(super) fn keep_newest(parent: &Path, count: usize, installed: &Path) {
    let kernelspecs = std::fs::read_dir(installed).into_iter().flatten().flatten().map(|entry| entry.path());
    let in_use: Vec<PathBuf> = kernelspecs
        .flat_map(|folder| LINKS.map(|link| folder.join(link)))
        .filter_map(|link| link.canonicalize().ok())
        .collect();
    let mut folders: Vec<_> = std::fs::read_dir(parent)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
        .collect();
    folders.sort();
    for (_, folder) in folders.iter().rev().skip(count) {
        let is_installed = folder.canonicalize().is_ok_and(|folder| in_use.contains(&folder));
        if !is_installed && !is_held(folder) {
            let _ = std::fs::remove_dir_all(folder);
        }
    }
}

/// Whether a kernel runs from a folder: it locks its program and its helper's manifest.
fn is_held(folder: &Path) -> bool {
    let files = ["cltv-kernel", MANIFEST_FILE].map(|file| File::open(folder.join(file)));
    files.into_iter().flatten().any(|file| matches!(file.try_lock(), Err(TryLockError::WouldBlock)))
}

/// The links' names: the folder of the kernel's program, and the helper's.
const LINKS: [&str; 2] = ["kernel", "helper"];

/// Points the installed links at a kernel, and gives the kernel by those links.
pub(super) fn link_installed(folder: &Path, kernel: &Kernel) -> Result<Kernel, KernelError> {
    std::fs::create_dir_all(folder).map_err(KernelError::file("Making", folder))?;
    let program_folder = kernel.program.parent().unwrap_or(&kernel.program);
    for (name, target) in LINKS.into_iter().zip([program_folder, &kernel.helper]) {
        let (link, new) = (folder.join(name), folder.join(format!(".{name}-{}", std::process::id())));
        let _ = std::fs::remove_file(&new);
        std::os::unix::fs::symlink(target, &new).map_err(KernelError::file("Linking", &new))?;
        std::fs::rename(&new, &link).map_err(KernelError::file("Linking", &link))?;
    }
    // Jupyter runs what these links lead to.
    for folder in [folder, folder.parent().unwrap_or(folder)] {
        private::close(folder).map_err(KernelError::file("Protecting", folder))?;
    }
    Ok(Kernel { program: folder.join("kernel").join("cltv-kernel"), helper: folder.join("helper") })
}

/// The newest kernel and helper that were ever built.
pub(super) fn newest(places: &Places) -> Option<Kernel> {
    let newest_with = |parent: PathBuf, file: &str| {
        let folders = std::fs::read_dir(parent).ok()?.flatten().map(|entry| entry.path());
        folders
            .filter(|folder| {
                folder.join(file).is_file() && contents::damaged(folder, Depth::Lengths).is_none()
            })
            .max_by_key(|folder| folder.metadata().and_then(|m| m.modified()).ok())
    };
    Some(Kernel {
        program: newest_with(places.kernels(), "cltv-kernel")?.join("cltv-kernel"),
        helper: newest_with(places.helpers(), MANIFEST_FILE)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_whole_or_absent() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("abc");
        let failed = whole(&folder, |new| {
            write(&new.join("half"), "x")?;
            Err(KernelError::NoSources)
        });
        assert!(failed.is_err() && !folder.exists());
        whole(&folder, |new| write(&new.join("file"), "x")).unwrap();
        assert!(folder.join("file").is_file());
        assert_eq!(std::fs::read_dir(parent.path()).unwrap().count(), 1, "what failed was replaced");
    }

    #[test]
    fn only_the_newest_folders_stay() {
        let parent = tempfile::tempdir().unwrap();
        for name in ["a", "b", "c", "d"] {
            std::fs::create_dir(parent.path().join(name)).unwrap();
            std::thread::sleep(std::time::Duration::from_millis(15));
        }
        keep_newest(parent.path(), 2, Path::new("nothing is installed"));
        let mut left: Vec<_> =
            std::fs::read_dir(parent.path()).unwrap().flatten().map(|e| e.file_name()).collect();
        left.sort();
        assert_eq!(left, ["c", "d"]);
    }

    #[test]
    fn what_a_kernel_holds_stays() {
        let parent = tempfile::tempdir().unwrap();
        for name in ["held", "free"] {
            std::fs::create_dir(parent.path().join(name)).unwrap();
            std::fs::write(parent.path().join(name).join(MANIFEST_FILE), "{}").unwrap();
        }
        let manifest = File::open(parent.path().join("held").join(MANIFEST_FILE)).unwrap();
        manifest.lock_shared().unwrap();
        keep_newest(parent.path(), 0, Path::new("nothing is installed"));
        assert!(parent.path().join("held").exists() && !parent.path().join("free").exists());
    }

    #[test]
    fn what_is_installed_in_jupyter_stays() {
        let root = tempfile::tempdir().unwrap();
        let (parent, installed) = (root.path().join("helpers"), root.path().join("installed"));
        let links = installed.join("a kernelspec");
        std::fs::create_dir_all(&links).unwrap();
        for name in ["a", "b"] {
            std::fs::create_dir_all(parent.join(name)).unwrap();
            std::thread::sleep(std::time::Duration::from_millis(15));
        }
        std::os::unix::fs::symlink(parent.join("a"), links.join("helper")).unwrap();
        keep_newest(&parent, 0, &installed);
        assert!(parent.join("a").exists() && !parent.join("b").exists());
    }
}
