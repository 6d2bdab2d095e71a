//! What a path for an output leads to: a regular file, or a new name.

use std::fs::{self, FileType};
use std::path::{Path, PathBuf};

use super::FileError;

/// As many links as Linux follows.
const MOST_LINKS: usize = 40;

/// The file that an output at this path replaces or makes, with links followed.
///
/// Renaming a file onto a device or a FIFO would remove it from the system, so these are refused, as are
/// folders, links that lead nowhere, and links to the open files of a process such as `/dev/stdout`.
///
/// # Errors
/// [`FileError::NotAFile`] says what is there.
pub fn target(path: &Path) -> Result<PathBuf, FileError> {
    let refused = |what: String| FileError::NotAFile { path: path.to_path_buf(), what };
    let mut place = path.to_path_buf();
    for followed in 0..=MOST_LINKS {
        let found = match fs::symlink_metadata(&place) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && followed == 0 => return Ok(place),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(refused(format!("a link to {}, which is not there", place.display())));
            }
            // A file among the folders: writing names it.
            Err(error) if error.kind() == std::io::ErrorKind::NotADirectory => return Ok(place),
            found => found.map_err(FileError::write(&place))?.file_type(),
        };
        if found.is_file() {
            return Ok(place);
        }
        if !found.is_symlink() {
            return Err(refused(kind(found).to_owned()));
        }
        let folder = place.parent().map_or_else(PathBuf::new, Path::to_path_buf);
        if is_of_processes(&folder) {
            return Err(refused("an open file of a process".to_owned()));
        }
        place = folder.join(fs::read_link(&place).map_err(FileError::write(path))?);
    }
    Err(refused("a link that leads to itself".to_owned()))
}

/// The links there lead to whatever a process has open, which has no name to replace.
fn is_of_processes(folder: &Path) -> bool {
    folder.canonicalize().is_ok_and(|folder| folder.starts_with("/proc") || folder == Path::new("/dev/fd"))
}

fn kind(found: FileType) -> &'static str {
    if found.is_dir() {
        return "a folder";
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        let kinds = [
            (found.is_fifo(), "a FIFO"),
            (found.is_socket(), "a socket"),
            (found.is_char_device() || found.is_block_device(), "a device"),
        ];
        if let Some((_, kind)) = kinds.into_iter().find(|(is_it, _)| *is_it) {
            return kind;
        }
    }
    "no regular file"
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    fn refused(path: &Path) -> String {
        target(path).unwrap_err().to_string()
    }

    #[test]
    fn files_and_new_names_are_replaced_and_nothing_else() {
        let place = tempfile::tempdir().expect("a temporary folder");
        let at = |name: &str| place.path().join(name);
        assert_eq!(target(&at("new")).expect("a new name"), at("new"));
        fs::write(at("file"), "").expect("written");
        symlink("file", at("link")).expect("made");
        symlink(at("link"), at("second")).expect("made");
        assert_eq!(target(&at("second")).expect("a file"), at("file"));
        symlink("nowhere", at("dangling")).expect("made");
        symlink("loop", at("loop")).expect("made");
        symlink("/dev/null", at("null")).expect("made");
        let _socket = std::os::unix::net::UnixListener::bind(at("socket")).expect("bound");
        assert!(refused(&at("dangling")).contains("is a link to"));
        assert!(refused(&at("loop")).contains("leads to itself"));
        assert!(refused(&at("null")).contains("is a device"));
        assert!(refused(&at("socket")).contains("is a socket"));
        assert!(refused(place.path()).contains("is a folder"));
        assert!(refused(Path::new("/dev/null")).contains("is a device"));
        assert!(refused(Path::new("/dev/stdout")).contains("an open file of a process"));
        assert!(refused(Path::new("/proc/self/fd/0")).contains("an open file of a process"));
    }
}
