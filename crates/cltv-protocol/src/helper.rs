//! The compiled helper library: `cltv kernel install` writes the manifest, the kernel reads it.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// The manifest's file name; the helper's folder is complete when it is there.
pub const MANIFEST_FILE: &str = "helper.json";

/// A list of names that are private to the library, which completion leaves out.
pub const PRIVATE_NAMES_FILE: &str = "private.json";

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
    /// The compiler that built the library, absolute; cells must use the same.
    pub rustc: PathBuf,
    /// The cargo beside that compiler, absolute.
    pub cargo: PathBuf,
    /// The output of `rustc -vV`.
    pub version: String,
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
            rustc: "/toolchain/rustc".into(),
            cargo: "/toolchain/cargo".into(),
            version: "rustc 1.95\nhost: x".into(),
        };
        let text = serde_json::to_string(&manifest).unwrap();
        assert_eq!(serde_json::from_str::<Manifest>(&text).unwrap(), manifest);
        let without_store = text.replace(",\"store\":\"cltv::store\"", "");
        assert_ne!(without_store, text);
        assert_eq!(serde_json::from_str::<Manifest>(&without_store).unwrap().store, None);
    }
}
