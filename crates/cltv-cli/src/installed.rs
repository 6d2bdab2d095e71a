//! The installation that this program belongs to: it brings kernel, helper library and notebooks, and
//! needs no checkout.

use std::path::{Path, PathBuf};

use cltv_protocol::installation::{self, Installation};

/// An installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installed {
    /// The folder of everything but the command and the kernelspec.
    pub home: PathBuf,
    /// What it says of itself; none when that file is damaged.
    pub what: Option<Installation>,
}

impl Installed {
    /// The installation whose command this program is.
    pub fn find() -> Option<Installed> {
        Installed::of(&std::env::current_exe().ok()?)
    }

    fn of(program: &Path) -> Option<Installed> {
        let home = installation::home_of_command(program)?;
        let text = std::fs::read(home.join(installation::FILE)).unwrap_or_default();
        Some(Installed { home, what: serde_json::from_slice(&text).ok() })
    }

    /// The folder that was installed into: of the tarball, or of a Python environment.
    pub fn prefix(&self) -> &Path {
        let levels = Path::new(installation::HOME).components().count();
        self.home.ancestors().nth(levels).unwrap_or(&self.home)
    }

    /// The kernel's program.
    pub fn kernel(&self) -> PathBuf {
        self.home.join(installation::KERNEL)
    }

    /// The folder of the helper library.
    pub fn helper(&self) -> PathBuf {
        self.home.join(installation::HELPER)
    }

    /// The folder of the notebooks and their workflows.
    pub fn notebooks(&self) -> PathBuf {
        self.home.join(installation::NOTEBOOKS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_installation_is_found_by_its_command() {
        let prefix = tempfile::tempdir().expect("a temporary folder");
        let command = prefix.path().join("bin/cltv");
        assert_eq!(Installed::of(&command), None);
        let home = prefix.path().join("share/cltv");
        std::fs::create_dir_all(&home).expect("made");
        std::fs::write(home.join("installation.json"), "{").expect("written");
        assert_eq!(Installed::of(&command).expect("found").what, None, "it is damaged");
        let text = r#"{"version":"0.1.0","commit":"1f","rustc":"rustc 1.95.0","variant":"slim"}"#;
        std::fs::write(home.join("installation.json"), text).expect("written");
        let found = Installed::of(&command).expect("found");
        assert_eq!(found.what.as_ref().map(|what| what.commit.as_str()), Some("1f"));
        assert_eq!(found.prefix(), prefix.path());
        assert_eq!(found.helper(), home.join("helper"));
    }
}
