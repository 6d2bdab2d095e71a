//! The prebuilt helper library: where it lies and how a cell is compiled against it.

use crate::private;
use anyhow::{Context, Result};
use cltv_protocol::helper::{Compiler, MANIFEST_FILE, Manifest};
use cltv_protocol::{environment, installation, kept_cells};
use std::fs::File;
use std::path::{Path, PathBuf};

/// Locks this program and the helper's manifest as long as the value lives: a later install removes what
/// is old, and leaves what is locked.
pub(crate) fn hold(helper: Option<&Helper>) -> Vec<File> {
    let program = std::env::current_exe().ok();
    let manifest = helper.map(|helper| helper.folder.join(MANIFEST_FILE));
    let files = program.into_iter().chain(manifest).filter_map(|file| File::open(file).ok());
    files.filter(|file| file.lock_shared().is_ok()).collect()
}

/// A helper library ready for use.
#[derive(Debug, Clone)]
pub(crate) struct Helper {
    pub(crate) folder: PathBuf,
    pub(crate) manifest: Manifest,
}

impl Helper {
    /// The helper that `CLTV_HELPER` names, or that of the installation that this program belongs to; none
    /// without either.
    pub(crate) fn from_environment() -> Result<Option<Helper>> {
        let named = std::env::var_os(environment::HELPER).map(PathBuf::from);
        let installed = || {
            let home = installation::home_of_kernel(&std::env::current_exe().ok()?)?;
            Some(home.join(installation::HELPER))
        };
        named.or_else(installed).map(|folder| Helper::open(&folder)).transpose()
    }

    fn open(folder: &Path) -> Result<Helper> {
        let file = folder.join(MANIFEST_FILE);
        let text = std::fs::read_to_string(&file).with_context(|| {
            format!(
                "the prebuilt helper library is not in {}; `cltv kernel install` builds it",
                folder.display()
            )
        })?;
        let manifest: Manifest = serde_json::from_str(&text).with_context(|| {
            format!("{} is damaged; `cltv kernel install` writes it again", file.display())
        })?;
        if let Compiler::Here { rustc, .. } = &manifest.compiler {
            anyhow::ensure!(
                rustc.is_file(),
                "the compiler that built the helper library, {}, is gone; `cltv kernel install` builds it again with the one that is there",
                rustc.display()
            );
        }
        // The name may be a link that a later install points elsewhere; this kernel stays with what it began with.
        let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_path_buf());
        let helper = Helper { folder, manifest };
        helper.check_writers()?;
        Ok(helper)
    }

    /// Whether it was built elsewhere. Nothing is written into its folder then.
    pub(crate) fn is_installed(&self) -> bool {
        !matches!(self.manifest.compiler, Compiler::Here { .. })
    }

    /// The folder in which compiled cells are kept: beside the library, or for an installation in the user's
    /// cache. None where there is no cache folder.
    pub(crate) fn cells(&self) -> Option<PathBuf> {
        if !self.is_installed() {
            return Some(self.folder.join(kept_cells::FOLDER));
        }
        let own = std::env::var_os(environment::CACHE).map(PathBuf::from);
        let users = || {
            let folder = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
            let home = || Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache"));
            folder.filter(|folder| folder.is_absolute()).or_else(home).map(|folder| folder.join("cltv"))
        };
        own.or_else(users).map(|folder| folder.join(kept_cells::FOLDER))
    }

    /// Whether the library is its owner's alone, who may be another user: its code runs as this one.
    fn check_writers(&self) -> Result<()> {
        let dependencies = self.manifest.dependency_folders.iter().map(|folder| self.folder.join(folder));
        let own = [self.folder.clone(), self.folder.join(MANIFEST_FILE), self.library()];
        if let Some(open) = own.into_iter().chain(dependencies).find(|path| private::others_can_write(path)) {
            anyhow::bail!(
                "the helper library is not used, because other users can write {}; if you trust what is in it, run `chmod -R go-w {}`, else remove it and run `cltv kernel install`",
                open.display(),
                self.folder.display()
            );
        }
        Ok(())
    }

    pub(crate) fn library(&self) -> PathBuf {
        self.folder.join(&self.manifest.library)
    }

    pub(crate) fn stub(&self) -> PathBuf {
        self.folder.join(&self.manifest.stub)
    }

    /// The texts of the index of names in the library and in polars; none where they are not there.
    pub(crate) fn index(&self) -> Vec<String> {
        let files = ["cltv.txt", "polars.txt"].map(|name| self.folder.join("src/cltv/index").join(name));
        files.iter().filter_map(|file| std::fs::read_to_string(file).ok()).collect()
    }

    /// What rustc needs to compile a cell against the library.
    pub(crate) fn rustc_arguments(&self) -> Vec<String> {
        let mut arguments =
            vec!["--extern".to_owned(), format!("{}={}", self.manifest.crate_name, self.library().display())];
        for folder in self.dependency_folders() {
            arguments.push("-L".to_owned());
            arguments.push(format!("dependency={}", folder.display()));
        }
        arguments
    }

    /// The folders with what rustc needs of the crates below the library.
    pub(crate) fn dependency_folders(&self) -> Vec<PathBuf> {
        self.manifest.dependency_folders.iter().map(|folder| self.folder.join(folder)).collect()
    }
}
