//! What relative paths mean.

use std::path::{Component, Path, PathBuf};

/// The file that marks a folder as a cltv workspace.
const MARK: &str = "notebooks/workflow.toml";

/// The nearest folder from the current one upwards that is a cltv workspace, else the current one.
///
/// A workspace holds `notebooks/workflow.toml`. Jupyter starts a notebook in its own
/// folder and the runner in the folder it was called from; both find the same workspace.
#[must_use]
pub fn workspace() -> PathBuf {
    let here = std::env::current_dir().unwrap_or_else(|_| PathBuf::from("."));
    workspace_of(&here)
}

pub(crate) fn workspace_of(here: &Path) -> PathBuf {
    let is_workspace = |folder: &&Path| folder.join(MARK).is_file();
    here.ancestors().find(is_workspace).unwrap_or(here).to_path_buf()
}

/// A path as it is, if absolute, else against the [`workspace`].
///
/// ```
/// use cltv_tables::{resolve_path, workspace};
/// assert_eq!(resolve_path("data/shop.csv"), workspace().join("data/shop.csv"));
/// ```
#[must_use]
pub fn resolve_path(path: &str) -> PathBuf {
    tidy(&workspace().join(path))
}

/// Takes out "." and resolves "a/..", so that messages show the path as people say it.
fn tidy(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if matches!(out.components().next_back(), Some(Component::Normal(_))) => {
                out.pop();
            }
            part => out.push(part),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_workspace_upwards_counts() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let deep = root.join("notebooks/deep");
        std::fs::create_dir_all(&deep).unwrap();
        assert_eq!(workspace_of(&deep), deep);
        std::fs::write(root.join("notebooks/workflow.toml"), "").unwrap();
        assert_eq!(workspace_of(&deep), root);
        assert_eq!(workspace_of(&root.join("notebooks")), root);
        std::fs::create_dir_all(deep.join("notebooks")).unwrap();
        std::fs::write(deep.join("notebooks/workflow.toml"), "").unwrap();
        assert_eq!(workspace_of(&deep), deep, "the nearest one counts");
    }

    #[test]
    fn paths_are_tidied() {
        assert_eq!(tidy(Path::new("/a/b/../c/./d")), Path::new("/a/c/d"));
        assert_eq!(resolve_path("/x/y.csv"), Path::new("/x/y.csv"));
    }
}
