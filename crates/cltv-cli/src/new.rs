//! `cltv new`: a folder to start one's own analysis in.

use std::path::{Path, PathBuf};

use cltv_protocol::workspace::WORKFLOW_FILE;
use thiserror::Error;

use crate::cli::NewArgs;
use crate::files::{FileError, check_local, write_atomically};
use crate::terminal::print;

/// What the folder gets: paths in it, and their contents.
const FILES: [(&str, &str); 5] = [
    ("README.md", include_str!("starter/README.md")),
    (".gitignore", include_str!("starter/gitignore")),
    ("segments.csv", include_str!("starter/segments.csv")),
    (WORKFLOW_FILE, include_str!("starter/workflow.toml")),
    ("notebooks/my_customers.ipynb", include_str!("starter/my_customers.ipynb")),
];

/// The folder cannot be started in.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum NewError {
    /// Something is there already.
    #[error("{} is not empty: choose a folder that is new, or empty.", folder.display())]
    NotEmpty {
        /// The folder.
        folder: PathBuf,
    },
    /// The folder cannot be read or written.
    #[error(transparent)]
    Disk(#[from] FileError),
    /// It is a file.
    #[error("{} is a file: choose a folder that is new, or empty.", folder.display())]
    File {
        /// The file.
        folder: PathBuf,
    },
}

impl NewError {
    /// The exit code: a folder that cannot be used is a usage error.
    pub fn code(&self) -> u8 {
        match self {
            NewError::Disk(error) => error.code(),
            NewError::NotEmpty { .. } | NewError::File { .. } => 2,
        }
    }
}

/// Writes a notebook of one's own, its workflow, a segment table and a README.
///
/// # Errors
/// [`NewError`] when the folder holds something or cannot be written.
pub fn new(args: &NewArgs) -> Result<(), NewError> {
    let folder = &args.folder;
    check_local(folder)?;
    check_empty(folder)?;
    for (file, text) in FILES {
        write_atomically(&folder.join(file), text.as_bytes())?;
    }
    let shown = folder.display().to_string();
    print(&format!(
        "{shown} holds a notebook of your own. Next:\n  cd {shown}\n  cltv report                   \
         runs it and writes to outputs\n  jupyter lab notebooks         opens it, after `cltv kernel install`\n",
    ))?;
    Ok(())
}

fn check_empty(folder: &Path) -> Result<(), NewError> {
    match std::fs::read_dir(folder).map(|mut entries| entries.next().is_none()) {
        Ok(true) => Ok(()),
        Ok(false) => Err(NewError::NotEmpty { folder: folder.to_path_buf() }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::NotADirectory => {
            Err(NewError::File { folder: folder.to_path_buf() })
        }
        Err(error) => Err(FileError::read(folder)(error).into()),
    }
}
