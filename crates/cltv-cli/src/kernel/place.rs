//! Where the sources are, and where what was built is kept.

use super::error::KernelError;
use cltv_protocol::{environment, private};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::path::{Path, PathBuf};

/// The folders under the cache.
#[derive(Debug, Clone)]
pub(super) struct Places {
    root: PathBuf,
}

impl Places {
    /// The cache folder: `CLTV_CACHE`, else `cltv` in the user's own.
    pub(super) fn find() -> Result<Places, KernelError> {
        let root = std::env::var_os(environment::CACHE)
            .map(PathBuf::from)
            .or_else(|| dirs::cache_dir().map(|folder| folder.join("cltv")))
            .ok_or(KernelError::NoCache)?;
        let is_new = !root.is_dir();
        std::fs::create_dir_all(&root).map_err(KernelError::file("Making", &root))?;
        let root = root.canonicalize().map_err(KernelError::file("Reading", &root))?;
        if is_new {
            // Others may run what is installed there, and not change it, whatever the umask.
            private::only_owner_writes(&root).map_err(KernelError::file("Making", &root))?;
        }
        Ok(Places { root })
    }

    /// The cache folder itself.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// cargo's target folder for the kernel and the helper.
    pub(super) fn build(&self) -> PathBuf {
        self.root.join("build")
    }

    pub(super) fn kernels(&self) -> PathBuf {
        self.root.join("kernels")
    }

    pub(super) fn helpers(&self) -> PathBuf {
        self.root.join("helpers")
    }

    /// Folders of links to the kernels and helpers that are installed in Jupyter, one a kernelspec;
    /// what they point at is kept.
    pub(super) fn installed(&self) -> PathBuf {
        self.root.join("installed")
    }

    /// The links of one kernelspec.
    pub(super) fn installed_for(&self, kernelspec: &Path) -> PathBuf {
        let digest = Sha256::digest(kernelspec.to_string_lossy().as_bytes());
        self.installed().join(digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect::<String>())
    }

    pub(super) fn log(&self, name: &str) -> PathBuf {
        self.root.join(format!("build-{name}.log"))
    }

    /// Waits until no other process builds; the lock ends with the value.
    pub(super) fn lock(&self, reporter: &dyn Fn(&str)) -> Result<File, KernelError> {
        let path = self.root.join("build.lock");
        let mut options = File::options();
        options.create(true).truncate(false).write(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&path).map_err(KernelError::file("Writing", &path))?;
        if file.try_lock().is_err() {
            reporter("Another cltv is building; waiting for it.");
            file.lock().map_err(KernelError::file("Locking", &path))?;
        }
        Ok(file)
    }
}

/// The checkout: the one this program is called in, else the one it was built from.
pub fn sources() -> Option<PathBuf> {
    let built_from = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).map(Path::to_path_buf);
    let called_in = std::env::current_dir().ok();
    called_in
        .iter()
        .flat_map(|folder| folder.ancestors())
        .map(Path::to_path_buf)
        .chain(built_from)
        .find(|folder| is_checkout(folder))
}

fn is_checkout(folder: &Path) -> bool {
    ["Cargo.lock", "crates/cltv/Cargo.toml", "crates/cltv-kernel/Cargo.toml"]
        .iter()
        .all(|file| folder.join(file).is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checkout_is_found_from_its_own_tests() {
        let sources = sources().unwrap();
        assert!(sources.join("crates/cltv-cli/src/kernel/place.rs").is_file());
    }
}
