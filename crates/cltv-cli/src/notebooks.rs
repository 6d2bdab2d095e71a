//! `cltv notebooks`: the notebooks and their workflows, copied to read and to change.

use std::path::{Path, PathBuf};

use cltv_protocol::workspace::WORKFLOW_FILE;
use thiserror::Error;

use crate::cli::NotebooksArgs;
use crate::files::{FileError, check_local, write_atomically};
use crate::installed::Installed;
use crate::kernel;
use crate::terminal::print;

/// The notebooks cannot be copied.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum NotebooksError {
    /// Something is there already.
    #[error("{} is there already: name another folder, as in `cltv notebooks course`.", folder.display())]
    Taken {
        /// The folder.
        folder: PathBuf,
    },
    /// Neither an installation nor a checkout.
    #[error(
        "This cltv was built from a checkout that is gone, and brings no notebooks: run it in a checkout."
    )]
    NoSource,
    /// A file cannot be read or written.
    #[error(transparent)]
    Disk(#[from] FileError),
}

impl NotebooksError {
    /// The exit code: a folder that cannot be used is a usage error.
    pub fn code(&self) -> u8 {
        match self {
            NotebooksError::Disk(error) => error.code(),
            NotebooksError::Taken { .. } => 2,
            NotebooksError::NoSource => 1,
        }
    }
}

/// Copies the notebooks of the installation, or of the checkout, into a folder.
///
/// # Errors
/// [`NotebooksError`] when the folder has notebooks, or cannot be written.
pub fn copy(args: &NotebooksArgs) -> Result<(), NotebooksError> {
    check_local(&args.folder)?;
    let installed = Installed::find().map(|installed| installed.notebooks());
    let from = installed
        .or_else(|| kernel::sources().map(|sources| sources.join("notebooks")))
        .ok_or(NotebooksError::NoSource)?;
    let workflows = args.folder.join(WORKFLOW_FILE);
    let to = workflows.parent().unwrap_or(&args.folder);
    // A link to nowhere is there, too.
    if to.symlink_metadata().is_ok() {
        return Err(NotebooksError::Taken { folder: to.to_path_buf() });
    }
    let files = files_of(&from)?;
    for file in &files {
        let bytes = std::fs::read(file).map_err(FileError::read(file))?;
        let name = file.file_name().map_or_else(|| file.clone(), PathBuf::from);
        write_atomically(&to.join(name), &bytes)?;
    }
    let shown = to.display();
    print(&format!(
        "{shown} has the notebooks and their workflows, {} files. `cltv report` runs them, and `jupyter lab {shown}` opens them.\n",
        files.len()
    ))?;
    Ok(())
}

/// The notebooks and workflow.toml, which comes last: with it the folder is a workspace.
fn files_of(folder: &Path) -> Result<Vec<PathBuf>, FileError> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(FileError::read(folder))? {
        let path = entry.map_err(FileError::read(folder))?.path();
        let is_wanted = path.extension().is_some_and(|extension| extension == "ipynb" || extension == "toml");
        if is_wanted && path.is_file() {
            files.push(path);
        }
    }
    files.sort_by_key(|path| (path.extension().is_some_and(|extension| extension == "toml"), path.clone()));
    Ok(files)
}
