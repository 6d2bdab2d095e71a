//! Which files a parameter such as `transactions` names: a file, a folder, a pattern, or a list of these.
//!
//! The library reads these files, and `cltv report` watches them: both must mean the same ones.

use std::fs::{FileType, Metadata};
use std::path::{Path, PathBuf};

use crate::workspace;

/// What a file contains.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text with separators.
    Text,
    /// A JSON object in each line.
    Lines,
    /// Parquet.
    Parquet,
    /// A workbook of a spreadsheet program.
    Workbook,
}

impl Kind {
    /// The kind that a name's ending says, without an ending of compression.
    ///
    /// # Examples
    /// ```
    /// use std::path::Path;
    /// use cltv_protocol::input_files::Kind;
    /// assert_eq!(Kind::of_name(Path::new("sales.csv.gz")), Some(Kind::Text));
    /// assert_eq!(Kind::of_name(Path::new("notes.md")), None);
    /// ```
    #[must_use]
    pub fn of_name(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_string_lossy().to_lowercase();
        let name = name.strip_suffix(".gz").or_else(|| name.strip_suffix(".zip")).unwrap_or(&name);
        match name.rsplit_once('.')?.1 {
            "csv" | "tsv" | "tab" | "txt" => Some(Self::Text),
            "jsonl" | "ndjson" => Some(Self::Lines),
            "parquet" | "pq" => Some(Self::Parquet),
            "xlsx" | "xlsm" | "xlsb" | "xls" | "ods" => Some(Self::Workbook),
            _ => None,
        }
    }
}

/// A file of a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputFile {
    /// As a person would name it.
    pub shown: String,
    /// Where it is.
    pub path: PathBuf,
}

/// Why a name stands for no file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoInput {
    /// There is no file of this name.
    Missing {
        /// The name.
        shown: String,
        /// Where it was looked for.
        path: PathBuf,
    },
    /// No file fits the pattern.
    NoMatch {
        /// The pattern.
        shown: String,
    },
    /// The folder has no file of a kind that is read.
    EmptyFolder {
        /// The folder.
        shown: String,
    },
    /// It is an address, and no path of this machine.
    NotLocal {
        /// The address.
        shown: String,
    },
    /// It is a device, a FIFO or a socket, which may never end.
    NotAFile {
        /// The name.
        shown: String,
        /// What it is, as in "a device".
        what: &'static str,
    },
    /// The folder cannot be listed, or the pattern is none.
    Unreadable {
        /// The name.
        shown: String,
        /// What the system says.
        reason: String,
    },
}

/// The files that a name stands for; `resolve` gives the place of a relative path.
///
/// The name is a file, a folder (its files of a kind that is read, not those in folders below), a pattern with `*`,
/// `?` or `[..]`, or several of these with `;` or `,` between them.
///
/// # Errors
/// [`NoInput`] where there is no such file.
///
/// # Examples
/// ```
/// use std::path::Path;
/// use cltv_protocol::{input_files::{NoInput, named}, workspace};
/// let resolve = |path: &str| workspace::resolve(Path::new("/nowhere"), path);
/// assert!(matches!(named("2024-*.csv", &resolve), Err(NoInput::NoMatch { .. })));
/// assert!(matches!(named("s3://bucket/a.csv", &resolve), Err(NoInput::NotLocal { .. })));
/// ```
pub fn named(name: &str, resolve: &dyn Fn(&str) -> PathBuf) -> Result<Vec<InputFile>, NoInput> {
    let whole = resolve(name.trim());
    if name.trim().is_empty() {
        return Err(missing(name, &whole));
    }
    if workspace::scheme(name.trim()).is_some() {
        return Err(NoInput::NotLocal { shown: name.to_owned() });
    }
    if whole.exists() || !name.contains([';', ',']) {
        return one(name.trim(), &whole);
    }
    let parts: Vec<&str> = name.split([';', ',']).map(str::trim).filter(|part| !part.is_empty()).collect();
    let is_list = parts.iter().any(|part| is_pattern(part) || resolve(part).exists());
    if !is_list {
        // A file's own name can contain these characters.
        return Err(missing(name, &whole));
    }
    let mut files = Vec::new();
    for part in parts {
        files.extend(one(part, &resolve(part))?);
    }
    Ok(files)
}

fn missing(shown: &str, path: &Path) -> NoInput {
    NoInput::Missing { shown: shown.to_owned(), path: path.to_path_buf() }
}

fn is_pattern(name: &str) -> bool {
    name.contains(['*', '?', '['])
}

fn one(shown: &str, path: &Path) -> Result<Vec<InputFile>, NoInput> {
    if path.is_dir() {
        return folder(shown, path);
    }
    if let Ok(data) = path.metadata() {
        return match not_a_file(&data) {
            Some(what) => Err(NoInput::NotAFile { shown: shown.to_owned(), what }),
            None => Ok(vec![InputFile { shown: shown.to_owned(), path: path.to_path_buf() }]),
        };
    }
    if !is_pattern(shown) {
        return Err(missing(shown, path));
    }
    let found = glob::glob(&path.to_string_lossy())
        .map_err(|error| NoInput::Unreadable { shown: shown.to_owned(), reason: error.msg.to_owned() })?;
    let files: Vec<InputFile> =
        found.filter_map(Result::ok).filter(|path| path.is_file()).map(|path| within(shown, path)).collect();
    if files.is_empty() { Err(NoInput::NoMatch { shown: shown.to_owned() }) } else { Ok(files) }
}

/// What stands in the place of a regular file, in words; `None` for a regular file.
///
/// A device or a FIFO may never end, and opening a FIFO may wait for ever.
#[must_use]
pub fn not_a_file(data: &Metadata) -> Option<&'static str> {
    if data.is_file() { None } else { Some(other_kind(data.file_type())) }
}

#[cfg(unix)]
fn other_kind(kind: FileType) -> &'static str {
    use std::os::unix::fs::FileTypeExt;
    if kind.is_fifo() {
        "a FIFO (a pipe)"
    } else if kind.is_char_device() || kind.is_block_device() {
        "a device"
    } else if kind.is_socket() {
        "a socket"
    } else {
        "a folder"
    }
}

#[cfg(not(unix))]
fn other_kind(_: FileType) -> &'static str {
    "a folder or a device"
}

fn folder(shown: &str, path: &Path) -> Result<Vec<InputFile>, NoInput> {
    let unreadable =
        |error: std::io::Error| NoInput::Unreadable { shown: shown.to_owned(), reason: error.to_string() };
    let entries = path.read_dir().map_err(unreadable)?.filter_map(Result::ok).map(|entry| entry.path());
    let hidden =
        |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(['.', '_']));
    let mut files: Vec<PathBuf> =
        entries.filter(|path| path.is_file() && !hidden(path) && Kind::of_name(path).is_some()).collect();
    files.sort();
    if files.is_empty() {
        return Err(NoInput::EmptyFolder { shown: shown.to_owned() });
    }
    Ok(files.into_iter().map(|file| within(shown, file)).collect())
}

/// A file of a folder or pattern.
fn within(shown: &str, path: PathBuf) -> InputFile {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let folder = if is_pattern(shown) { Path::new(shown).parent() } else { Some(Path::new(shown)) };
    let shown = folder.map_or_else(|| name.to_string(), |folder| folder.join(&*name).display().to_string());
    InputFile { shown, path }
}

/// What the system changes with every write to a file, whatever date the program gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    /// The size in bytes.
    pub bytes: u64,
    /// The inode, and the time of its last change in seconds and nanoseconds; 0 where the system has none.
    pub inode: (u64, i64, i64),
}

impl Stamp {
    /// The stamp of a file.
    #[must_use]
    pub fn of(data: &Metadata) -> Self {
        Self { bytes: data.len(), inode: inode(data) }
    }
}

#[cfg(unix)]
fn inode(data: &Metadata) -> (u64, i64, i64) {
    use std::os::unix::fs::MetadataExt;
    (data.ino(), data.ctime(), data.ctime_nsec())
}

#[cfg(not(unix))]
fn inode(data: &Metadata) -> (u64, i64, i64) {
    let since = data.modified().ok().and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
    since.map_or((0, 0, 0), |since| (0, since.as_secs() as i64, i64::from(since.subsec_nanos())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_file_a_folder_a_pattern_or_a_list() {
        let place = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(place.path().join("sales/below")).unwrap();
        let files =
            ["a.csv", "with, comma.csv", "sales/2.csv", "sales/1.csv", "sales/notes.md", "sales/_x.csv"];
        for name in files.into_iter().chain(["sales/.1.csv.swp", "sales/below/3.csv"]) {
            std::fs::write(place.path().join(name), "id\n1\n").unwrap();
        }
        let resolve = |path: &str| workspace::resolve(place.path(), path);
        let shown = |name: &str| -> Vec<String> {
            named(name, &resolve).unwrap().into_iter().map(|file| file.shown).collect()
        };
        assert_eq!(shown("a.csv"), ["a.csv"]);
        assert_eq!(shown("sales"), ["sales/1.csv", "sales/2.csv"]);
        assert_eq!(shown("sales/[12].csv"), ["sales/1.csv", "sales/2.csv"]);
        assert_eq!(shown("a.csv; sales/2.csv"), ["a.csv", "sales/2.csv"]);
        assert_eq!(shown("with, comma.csv"), ["with, comma.csv"]);
        assert!(matches!(named("b.csv, c.csv", &resolve), Err(NoInput::Missing { .. })));
        assert!(matches!(named("sales/below/*.xlsx", &resolve), Err(NoInput::NoMatch { .. })));
        assert!(matches!(named(" ", &resolve), Err(NoInput::Missing { .. })));
        assert!(matches!(named("/dev/zero", &resolve), Err(NoInput::NotAFile { what: "a device", .. })));
    }
}
