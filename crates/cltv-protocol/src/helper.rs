//! The compiled helper library: `cltv kernel install` writes the manifest, the kernel reads it.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// The manifest's file name; the helper's folder is complete when it is there.
pub const MANIFEST_FILE: &str = "helper.json";

/// The crate that notebooks load with `:dep`.
pub const CRATE: &str = "cltv";

/// The module of the library that keeps variables between cells.
pub const STORE: &str = "cltv::store";

/// What [`MANIFEST_FILE`] holds. Paths are relative to the helper's folder where nothing else is said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The crate that notebooks name in `:dep`.
    pub crate_name: String,
    /// The dynamic library.
    pub library: PathBuf,
    /// Folders with the metadata of every crate that the library depends on.
    pub dependency_folders: Vec<PathBuf>,
    /// The package that stands for the library in cargo's graph.
    pub stub: PathBuf,
    /// The module of the library that keeps variables between cells. Without it, evcxr's own module is
    /// compiled with each cell.
    #[serde(default)]
    pub store: Option<String>,
    /// The compiler of cells.
    pub compiler: Compiler,
    /// The output of `rustc -vV` of the compiler that built the library; that of cells must print the same.
    pub version: String,
}

/// Where the compiler of cells is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Compiler {
    /// The library was built on this machine, by this compiler.
    Here {
        /// The compiler, absolute.
        rustc: PathBuf,
        /// The cargo beside it, absolute.
        cargo: PathBuf,
    },
    /// An installation brings it.
    Brought {
        /// The compiler.
        rustc: PathBuf,
    },
    /// An installation needs one of this machine.
    Wanted,
}

impl Manifest {
    /// The first line of the version, as `rustc 1.95.0 (59807616e 2026-04-14)`.
    #[must_use]
    pub fn compiler_name(&self) -> &str {
        self.version.lines().next().unwrap_or_default()
    }

    /// The target triple that cells are compiled for.
    #[must_use]
    pub fn host(&self) -> Option<&str> {
        self.version.lines().find_map(|line| line.strip_prefix("host: "))
    }

    /// The version alone, as `1.95.0`.
    #[must_use]
    pub fn release(&self) -> Option<&str> {
        self.version.lines().find_map(|line| line.strip_prefix("release: "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_is_read_as_it_was_written() {
        let manifest = Manifest {
            crate_name: CRATE.into(),
            library: "deps/libcltv.so".into(),
            dependency_folders: vec!["deps".into()],
            stub: "stubs/cltv".into(),
            store: Some(STORE.into()),
            compiler: Compiler::Here { rustc: "/toolchain/rustc".into(), cargo: "/toolchain/cargo".into() },
            version: "rustc 1.95\nhost: x\nrelease: 1.95.0\n".into(),
        };
        let text = serde_json::to_string(&manifest).unwrap();
        assert_eq!(serde_json::from_str::<Manifest>(&text).unwrap(), manifest);
        let parts = (manifest.compiler_name(), manifest.host(), manifest.release());
        assert_eq!(parts, ("rustc 1.95", Some("x"), Some("1.95.0")));
        let without_store = text.replace(",\"store\":\"cltv::store\"", "");
        assert_ne!(without_store, text);
        assert_eq!(serde_json::from_str::<Manifest>(&without_store).unwrap().store, None);
    }
}
