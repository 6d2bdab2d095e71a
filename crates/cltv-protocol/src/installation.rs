//! An installation: what `cargo xtask dist` makes, unpacked anywhere or put into a Python environment.
//!
//! ```text
//! PREFIX/bin/cltv                              the command
//! PREFIX/share/cltv/installation.json          what it is: `Installation`
//! PREFIX/share/cltv/kernel/cltv-kernel         the kernel's program
//! PREFIX/share/cltv/helper                     the helper library; its compiler is brought or wanted
//! PREFIX/share/cltv/toolchain                  the compiler, in the full variant
//! PREFIX/share/cltv/notebooks                  the notebooks with workflow.toml
//! PREFIX/share/jupyter/kernels/cltv            the kernelspec
//! ```
//!
//! Programs find the rest by their own place, so that an installation may be moved. Nothing in it is
//! written to after it was made: it may be read-only, and belong to another user.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// The folder of everything but the command and the kernelspec, relative to the prefix.
pub const HOME: &str = "share/cltv";

/// The file that says what the installation is, in its home; the installation is complete when it is there.
pub const FILE: &str = "installation.json";

/// The list of all other files in the home: a JSON object from each path to its length and its SHA-256 in
/// hexadecimal digits. Folders that `cltv kernel install` builds have the same.
pub const CONTENTS: &str = "contents.json";

/// The command, relative to the prefix.
pub const COMMAND: &str = "bin/cltv";

/// The kernel's program, relative to the home.
pub const KERNEL: &str = "kernel/cltv-kernel";

/// The helper's folder, relative to the home.
pub const HELPER: &str = "helper";

/// The compiler's folder, relative to the home.
pub const TOOLCHAIN: &str = "toolchain";

/// The folder of the notebooks, relative to the home.
pub const NOTEBOOKS: &str = "notebooks";

/// The kernelspec's folder, relative to the prefix.
pub const KERNELSPEC: &str = "share/jupyter/kernels/cltv";

/// What an installation brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Variant {
    /// All but the compiler.
    Slim,
    /// The compiler too.
    Full,
}

impl Variant {
    /// Its name in names of files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Variant::Slim => "slim",
            Variant::Full => "full",
        }
    }
}

/// What [`FILE`] holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Installation {
    /// The version of cltv.
    pub version: String,
    /// The commit that it was made from.
    pub commit: String,
    /// The compiler that made it, as `rustc 1.95.0 (59807616e 2026-04-14)`.
    pub rustc: String,
    /// What it brings.
    pub variant: Variant,
}

/// The home that the command belongs to, by the command's own path; none if it was not installed.
#[must_use]
pub fn home_of_command(program: &Path) -> Option<PathBuf> {
    complete(program.parent()?.parent()?.join(HOME))
}

/// The home that the kernel belongs to, by the path of its program; none if it was not installed.
#[must_use]
pub fn home_of_kernel(program: &Path) -> Option<PathBuf> {
    complete(program.parent()?.parent()?.to_path_buf())
}

fn complete(home: PathBuf) -> Option<PathBuf> {
    home.join(FILE).is_file().then_some(home)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_find_their_home_only_where_it_is_complete() {
        let prefix = tempfile::tempdir().unwrap();
        let home = prefix.path().join(HOME);
        let (command, kernel) = (prefix.path().join(COMMAND), home.join(KERNEL));
        assert_eq!((home_of_command(&command), home_of_kernel(&kernel)), (None, None));
        std::fs::create_dir_all(&home).unwrap();
        std::fs::write(home.join(FILE), "{}").unwrap();
        assert_eq!(home_of_command(&command), Some(home.clone()));
        assert_eq!(home_of_kernel(&kernel), Some(home));
        assert_eq!(home_of_kernel(&command), None);
    }

    #[test]
    fn what_an_installation_is_is_read_as_it_was_written() {
        let text = r#"{"version":"0.1.0","commit":"1f","rustc":"rustc 1.95.0","variant":"full"}"#;
        let read: Installation = serde_json::from_str(text).unwrap();
        assert_eq!(read.variant, Variant::Full);
        assert_eq!(serde_json::to_string(&read).unwrap(), text);
    }
}
