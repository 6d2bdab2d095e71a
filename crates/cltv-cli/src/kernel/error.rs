//! What can go wrong between a checkout and a kernel that runs.

use std::path::PathBuf;

use crate::files::FileError;

/// An error in building or installing the kernel.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KernelError {
    /// No Rust toolchain.
    #[error(
        "`{tool}` was not found. Notebook cells are compiled, so a Rust toolchain must be on the path: install Rust 1.95 or newer with rustup."
    )]
    NoToolchain {
        /// The program that was looked for.
        tool: String,
    },
    /// The checkout the program was built from is gone and nothing was built from it before.
    #[error(
        "The sources of cltv are gone and no kernel was built from them. Run `cargo run --release -- kernel install` in a checkout of cltv."
    )]
    NoSources,
    /// No folder for what is kept between runs.
    #[error("There is no cache folder for this user. Set CLTV_CACHE to a folder that can be written.")]
    NoCache,
    /// A build ended without success.
    #[error("Building the {what} failed. What the compiler said:\n{tail}\nThe whole log is in {log}.")]
    BuildFailed {
        /// The kernel or the helper library.
        what: &'static str,
        /// The end of the log.
        tail: String,
        /// Where the whole log is.
        log: PathBuf,
    },
    /// cargo finished without the expected file.
    #[error("cargo built the {what} but reported no {missing}. Remove {folder} and try again.")]
    Incomplete {
        /// The kernel or the helper library.
        what: &'static str,
        /// What was looked for among the artifacts.
        missing: &'static str,
        /// The build folder.
        folder: PathBuf,
    },
    /// A file or folder could not be read or written.
    #[error("{action} {path} failed: {source}.")]
    File {
        /// What was being done, as "Reading" or "Writing".
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// cargo's description of the packages was not as expected.
    #[error("`cargo metadata` for the helper library failed: {reason}.")]
    Metadata {
        /// What went wrong.
        reason: String,
    },
    /// Somebody else could have changed what was built.
    #[error(
        "{} may be written by other users of this machine, who could have it run their code: remove {} and try again, or type `chmod -R go-w` with that folder when you know who can write there.",
        found.display(), folder.display()
    )]
    WritableByOthers {
        /// What others may write.
        found: PathBuf,
        /// The folder of the kernel or the helper.
        folder: PathBuf,
    },
    /// A file of an installation is not as it was made.
    #[error("{} is missing or was changed since this installation was made; install cltv again.", file.display())]
    DamagedInstallation {
        /// The file.
        file: PathBuf,
    },
    /// An installation finds no compiler.
    #[error("{what}.")]
    NoCompiler {
        /// What is needed, what is there, and what to type.
        what: String,
    },
    /// Standard output could not be written.
    #[error(transparent)]
    Output(#[from] FileError),
    /// There is nothing to uninstall.
    #[error("No kernelspec of cltv is in {path}.")]
    NotInstalled {
        /// Where it was looked for.
        path: PathBuf,
    },
}

impl KernelError {
    /// For `map_err`: what was done with which path.
    pub(super) fn file(
        action: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(std::io::Error) -> KernelError {
        let path = path.into();
        move |source| KernelError::File { action, path, source }
    }
}
