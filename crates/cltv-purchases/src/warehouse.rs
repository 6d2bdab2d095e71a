//! Tables of databases: the program `cltv-warehouse` writes the rows to a file, which is read as any other.
//!
//! It is a program of its own, so that drivers, their threads and their signal handlers are not in the process of the
//! cells, and secrets stay outside of it. Within a report the file is kept for the next notebooks, so that all of them
//! read one state of the table.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use cltv_protocol::database::{self, Address};
use cltv_protocol::{environment, private};

use crate::error::DataError;
use crate::roles;
use crate::source::{Settings, Source};

/// The program, where no variable names another one.
const PROGRAM: &str = "cltv-warehouse";

/// The rows of a table in a file.
#[derive(Debug)]
pub(crate) struct Fetched {
    pub(crate) file: PathBuf,
    /// The file's name in messages.
    pub(crate) shown: String,
    /// A folder that is removed with this.
    folder: Option<PathBuf>,
}

impl Drop for Fetched {
    fn drop(&mut self) {
        if let Some(folder) = &self.folder {
            // Left behind, it is private and in the folder for temporary files.
            let _ = fs::remove_dir_all(folder);
        }
    }
}

/// The file that a report keeps for a source; none outside of a report or for a source that is no table.
pub(crate) fn kept_file(source: &Source) -> Option<PathBuf> {
    let folder = std::env::var_os(environment::PURCHASES).filter(|folder| !folder.is_empty())?;
    database::is_address(&source.transactions).then(|| file_in(Path::new(&folder), source))
}

fn file_in(folder: &Path, source: &Source) -> PathBuf {
    let mut hasher = DefaultHasher::new();
    format!("{source:?}").hash(&mut hasher);
    folder.join(format!("table-{:016x}.parquet", hasher.finish()))
}

/// Brings the rows of the table that a source names; none for a source that names files.
pub(crate) fn fetch(source: &Source, settings: &Settings) -> Result<Option<Fetched>, DataError> {
    if !database::is_address(&source.transactions) {
        return Ok(None);
    }
    let problem = |reason: String| DataError::Database { reason };
    let address = Address::parse(&source.transactions).map_err(|error| problem(error.to_string()))?;
    let shown = format!("the table {address}");
    if let Some(file) = kept_file(source) {
        if !file.is_file() {
            let partial = file.with_extension(format!("{}.partial", std::process::id()));
            write(source, settings, &address, &shown, &partial)?;
            fs::rename(&partial, &file)
                .map_err(|error| problem(format!("{shown} cannot be kept: {error}")))?;
        }
        return Ok(Some(Fetched { file, shown, folder: None }));
    }
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let folder = std::env::temp_dir().join(format!("cltv-table-{}-{number}", std::process::id()));
    private::new_folder(&folder)
        .map_err(|error| problem(format!("the folder {} cannot be made: {error}", folder.display())))?;
    let fetched = Fetched { file: folder.join("rows.parquet"), shown, folder: Some(folder) };
    write(source, settings, &address, &fetched.shown, &fetched.file)?;
    Ok(Some(fetched))
}

/// Asks for the columns, and then for the rows with those that the source needs.
fn write(
    source: &Source,
    settings: &Settings,
    address: &Address,
    shown: &str,
    to: &Path,
) -> Result<(), DataError> {
    let address = address.to_string();
    let header = run(Command::new(program()).args(["columns", &address]))?;
    let header: Vec<String> = serde_json::from_str(&header).map_err(|_| DataError::Database {
        reason: format!("{PROGRAM} did not name the columns of {shown}; install the version of this cltv"),
    })?;
    let (places, _) = roles::locate(source, settings.filter.as_ref(), shown, &header)?;
    let mut rows = Command::new(program());
    rows.args(["rows", &address, "--to"]).arg(to);
    for place in places {
        rows.arg(format!("--column={}", header[place]));
    }
    run(&mut rows).map(drop)
}

fn program() -> PathBuf {
    let named = std::env::var_os(environment::WAREHOUSE).filter(|program| !program.is_empty());
    named.map_or_else(|| PROGRAM.into(), PathBuf::from)
}

/// What the program prints; its error is a sentence of its own.
fn run(command: &mut Command) -> Result<String, DataError> {
    let problem = |reason: String| DataError::Database { reason };
    let output = command.stdin(std::process::Stdio::null()).output().map_err(|error| {
        problem(format!(
            "tables of databases are read by the program {}, which cannot be started ({error}); install it with cargo install --path crates/cltv-warehouse, or name it in {}",
            Path::new(command.get_program()).display(),
            environment::WAREHOUSE
        ))
    })?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let last = said.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default();
    Err(problem(match last.strip_prefix("error: ") {
        Some(sentence) => sentence.to_owned(),
        None => {
            format!("{PROGRAM} ended with {} before the rows were read: {last}; call it again", output.status)
        }
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_refused_before_anything_is_started() {
        let source = Source::new("adbc:postgresql://ann:Planted1@db/shop#t");
        let said = source.read().unwrap_err().to_string();
        assert!(said.contains("contains a password") && !said.contains("Planted1"), "{said}");
    }

    #[test]
    fn a_table_has_one_file_for_its_settings() {
        let folder = Path::new("/kept");
        let source = Source::new("adbc:duckdb:shop.db#t");
        assert_eq!(file_in(folder, &source), file_in(folder, &source.clone()));
        assert_ne!(file_in(folder, &source), file_in(folder, &source.clone().amount_column("")));
        assert!(kept_file(&Source::new("shop.csv")).is_none());
    }
}
