//! What evcxr needs of rust-analyzer beside its parser: see README.md.
//!
//! Each module has the names that evcxr takes from the crate `ra_ap_*` of that name.

mod answers;
mod files;
mod types;

/// Files of a project.
pub mod base_db {
    pub use crate::files::SourceRoot;
    pub use crate::types::EditionedFileId;
}

/// Types of variables.
pub mod hir {
    pub use crate::answers::PrefixKind;
    pub use crate::types::{ChangeWithProcMacros, HirDisplay, Module, Semantics, Type, attach_db};
}

/// Questions about a source.
pub mod ide {
    pub use crate::answers::*;
    pub use crate::types::{RootDatabase, Semantics};
    pub use ra_ap_syntax::{Edition, TextRange, TextSize};
}

/// Settings of questions.
pub mod ide_db {
    pub use crate::answers::{SnippetCap, SymbolKind};
    /// rust-analyzer's hashes faster; here it is always empty.
    pub type FxHashMap<K, V> = std::collections::HashMap<K, V>;
    /// How imports would be written.
    pub mod imports {
        /// How imports would be written.
        pub mod insert_use {
            pub use crate::answers::{ImportGranularity, InsertUseConfig};
        }
    }
}

/// Paths.
pub mod paths {
    /// A path that is meant to be absolute.
    pub type AbsPathBuf = std::path::PathBuf;
}

/// Packages.
pub mod project_model {
    pub use crate::files::{CargoConfig, ProjectManifest, ProjectWorkspace, RustLibSource};
}

/// Files.
pub mod vfs {
    pub use crate::files::{Change, FileId, Vfs, VfsPath, file_set, loader};
}

/// Changes of files.
pub mod vfs_notify {
    pub use crate::files::NotifyHandle;
}
