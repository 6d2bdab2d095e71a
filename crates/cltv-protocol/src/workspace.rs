//! Which folder is the workspace, and what a relative path means.
//!
//! A workspace is a folder that holds [`WORKFLOW_FILE`]. Jupyter starts a notebook in the notebook's
//! folder, and the command line is called in any folder of the workspace: both use the nearest
//! workspace at or above the current folder. A notebook outside of any workspace runs too, and its
//! relative paths start at the current folder ([`root`]). `cltv report` needs a workspace ([`nearest`]), or an
//! installation, whose notebooks it runs in the current folder.

use std::path::{Component, Path, PathBuf};

/// The file that makes a folder a workspace, relative to it. It lists the workflows.
pub const WORKFLOW_FILE: &str = "notebooks/workflow.toml";

/// The folder that results are written to by default, relative to the workspace.
pub const DEFAULT_OUTPUTS: &str = "outputs";

/// The nearest workspace at or above a folder.
#[must_use]
pub fn nearest(folder: &Path) -> Option<PathBuf> {
    let found = folder.ancestors().find(|parent| parent.join(WORKFLOW_FILE).is_file());
    found.map(Path::to_path_buf)
}

/// The folder that relative paths start at: the nearest workspace, or the folder itself where there is
/// none.
#[must_use]
pub fn root(folder: &Path) -> PathBuf {
    nearest(folder).unwrap_or_else(|| folder.to_path_buf())
}

/// A path of a parameter: an absolute one as it is, a relative one from `root`, in both cases
/// [`normalised`].
///
/// # Examples
/// ```
/// use std::path::Path;
/// use cltv_protocol::workspace::resolve;
/// assert_eq!(resolve(Path::new("/shop"), "./data/../sales.csv"), Path::new("/shop/sales.csv"));
/// assert_eq!(resolve(Path::new("/shop"), "/sales.csv"), Path::new("/sales.csv"));
/// ```
#[must_use]
pub fn resolve(root: &Path, path: &str) -> PathBuf {
    normalised(&root.join(path))
}

/// The path without `.` and without `folder/..`. The disk is not read, so links are not followed.
#[must_use]
pub fn normalised(path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for part in path.components() {
        match (part, clean.components().next_back()) {
            (Component::CurDir, _) => {}
            (Component::ParentDir, Some(Component::Normal(_))) => {
                clean.pop();
            }
            // Above the root there is nothing.
            (Component::ParentDir, Some(Component::RootDir)) => {}
            (part, _) => clean.push(part),
        }
    }
    clean
}

/// The scheme of an address such as `s3://bucket/file`, or `None` for a path of this machine.
///
/// A scheme is a letter and then letters, digits, `+`, `-` or `.` before a colon (RFC 3986, section
/// 3.1). One letter alone is a drive of Windows. A file whose name has a colon is named with `./` in
/// front.
///
/// # Examples
/// ```
/// use cltv_protocol::workspace::scheme;
/// assert_eq!(scheme("s3://bucket/out.ipynb"), Some("s3"));
/// assert_eq!(scheme("C:\\sales.csv"), None);
/// assert_eq!(scheme("./sales:2024.csv"), None);
/// ```
#[must_use]
pub fn scheme(path: &str) -> Option<&str> {
    let (scheme, _) = path.split_once(':')?;
    let is_scheme = scheme.len() > 1
        && scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    is_scheme.then_some(scheme)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_folder_with_a_workflow_file_is_the_workspace() {
        let folder = tempfile::tempdir().unwrap();
        let top = folder.path();
        let deep = top.join("notebooks/deep");
        std::fs::create_dir_all(deep.join("notebooks")).unwrap();
        assert_eq!((nearest(&deep), root(&deep)), (None, deep.clone()));
        std::fs::write(top.join(WORKFLOW_FILE), "").unwrap();
        assert_eq!(nearest(&deep).as_deref(), Some(top));
        assert_eq!(root(&top.join("notebooks")), top);
        std::fs::write(deep.join(WORKFLOW_FILE), "").unwrap();
        assert_eq!(nearest(&deep), Some(deep));
    }

    #[test]
    fn paths_are_normalised_without_the_disk() {
        for (path, clean) in [
            ("/a/b/../c/./d", "/a/c/d"),
            ("/a/./b/../outputs/", "/a/outputs"),
            ("../../a", "../../a"),
            ("a/../../b", "../b"),
            ("/../a", "/a"),
        ] {
            assert_eq!(normalised(Path::new(path)), Path::new(clean), "{path}");
        }
    }

    #[test]
    fn addresses_have_schemes_and_paths_have_none() {
        for (address, name) in [
            ("s3://bucket/out.ipynb", "s3"),
            ("gs:bucket", "gs"),
            ("https://host/a", "https"),
            ("hdfs+x-1.2:a", "hdfs+x-1.2"),
            ("file:///a", "file"),
        ] {
            assert_eq!(scheme(address), Some(name), "{address}");
        }
        for path in ["a.csv", "C:\\a", "c:a", "./a:b", "a/b:c", ":a", "2024:a", "ü:b", ""] {
            assert_eq!(scheme(path), None, "{path}");
        }
    }
}
