//! The drivers: shared libraries that are found where their packages put them.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use adbc_core::options::AdbcVersion;
use adbc_core::{LOAD_FLAG_SEARCH_ENV, LOAD_FLAG_SEARCH_SYSTEM, LOAD_FLAG_SEARCH_USER};
use adbc_driver_manager::ManagedDriver;
use cltv_protocol::database::Engine;

use crate::error::{WarehouseError, reason};

/// How a driver is named and found.
struct Library {
    /// The name of its manifest, and of its library between `lib` and the ending.
    manifest: &'static str,
    library: &'static str,
    entry: &'static [u8],
    /// Places below a folder of Python packages or of node modules.
    below: &'static [&'static str],
    remedy: &'static str,
}

fn library(engine: Engine) -> Library {
    match engine {
        Engine::DuckDb => Library {
            manifest: "duckdb",
            library: "duckdb",
            entry: b"duckdb_adbc_init",
            below: &["@duckdb/node-bindings-linux-x64", "@duckdb/node-bindings-linux-arm64", "."],
            remedy: "install it with pip install duckdb, or npm install @duckdb/node-bindings-linux-x64, or put libduckdb.so of DuckDB's own downloads on LD_LIBRARY_PATH",
        },
        Engine::Postgres => Library {
            manifest: "postgresql",
            library: "adbc_driver_postgresql",
            entry: b"AdbcDriverPostgresqlInit",
            below: &["adbc_driver_postgresql"],
            remedy: "install it with pip install adbc-driver-postgresql",
        },
        Engine::FlightSql => Library {
            manifest: "flightsql",
            library: "adbc_driver_flightsql",
            entry: b"AdbcDriverFlightsqlInit",
            below: &["adbc_driver_flightsql"],
            remedy: "install it with pip install adbc-driver-flightsql",
        },
    }
}

/// Loads the driver of an engine: the named library, else one of an ADBC manifest, of the linker's path, or of a package.
///
/// # Errors
/// [`WarehouseError::Driver`] with how to get it.
pub(crate) fn load(engine: Engine, named: Option<&Path>) -> Result<ManagedDriver, WarehouseError> {
    let wanted = library(engine);
    let failed = |library: String, problem: String| WarehouseError::Driver {
        engine: engine.name(),
        library,
        problem,
        remedy: wanted.remedy.to_owned(),
    };
    if let Some(path) = named {
        return open(path, &wanted).map_err(|problem| failed(path.display().to_string(), problem));
    }
    let flags = LOAD_FLAG_SEARCH_ENV | LOAD_FLAG_SEARCH_USER | LOAD_FLAG_SEARCH_SYSTEM;
    if let Ok(driver) =
        ManagedDriver::load_from_name(wanted.manifest, Some(wanted.entry), AdbcVersion::V110, flags, None)
    {
        return Ok(driver);
    }
    if let Ok(driver) =
        ManagedDriver::load_dynamic_from_name(wanted.library, Some(wanted.entry), AdbcVersion::V110)
    {
        return Ok(driver);
    }
    let file = format!("{}{}{}", std::env::consts::DLL_PREFIX, wanted.library, std::env::consts::DLL_SUFFIX);
    let mut problem = "was not found".to_owned();
    for path in candidates(&wanted, &file) {
        match open(&path, &wanted) {
            Ok(driver) => return Ok(driver),
            Err(said) => problem = format!("was found as {}, but cannot be loaded ({said})", path.display()),
        }
    }
    Err(failed(file, problem))
}

fn open(path: &Path, wanted: &Library) -> Result<ManagedDriver, String> {
    if !path.is_file() {
        return Err("is not there".to_owned());
    }
    if let Some(python) = python_of(path) {
        preload(&python);
    }
    ManagedDriver::load_dynamic_from_filename(path, Some(wanted.entry), AdbcVersion::V110)
        .map_err(|error| reason(&error.message, &[]))
}

/// The library of the interpreter that a Python extension needs: DuckDB's package is one.
fn python_of(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_str()?;
    let version = name.split_once(".cpython-")?.1.split('-').next()?;
    let (major, minor) = version.split_at_checked(1)?;
    Some(format!("libpython{major}.{minor}.so.1.0"))
}

/// Makes the symbols of a library known to those that are loaded later; where it is missing, the later one says so.
fn preload(name: &str) {
    use libloading::os::unix::{Library, RTLD_GLOBAL, RTLD_NOW};
    let beside = interpreters().into_iter().filter_map(|bin| Some(bin.parent()?.join("lib").join(name)));
    let paths = std::iter::once(PathBuf::from(name)).chain(beside);
    for path in paths {
        // SAFETY: loading runs the library's constructors; Python's has none that touch this process.
        if let Ok(library) = unsafe { Library::open(Some(&path), RTLD_NOW | RTLD_GLOBAL) } {
            // It stays for the life of the process, as the driver does.
            std::mem::forget(library);
            return;
        }
    }
}

/// Folders with a Python: the active environment's, then those on the path.
fn interpreters() -> Vec<PathBuf> {
    let active = ["VIRTUAL_ENV", "CONDA_PREFIX"].into_iter().filter_map(std::env::var_os);
    let mut folders: Vec<PathBuf> = active.map(|folder| Path::new(&folder).join("bin")).collect();
    let path = std::env::var_os("PATH").unwrap_or_default();
    folders.extend(std::env::split_paths(&path).filter(|folder| folder.join("python3").exists()));
    // An environment's interpreter is a link to the one that it was made of.
    let targets: Vec<PathBuf> = folders
        .iter()
        .filter_map(|folder| Some(folder.join("python3").canonicalize().ok()?.parent()?.to_path_buf()))
        .collect();
    folders.extend(targets);
    folders
}

fn candidates(wanted: &Library, file: &str) -> Vec<PathBuf> {
    let mut packages: Vec<PathBuf> = Vec::new();
    let home = std::env::var_os("HOME").map(|home| Path::new(&home).join(".local"));
    let prefixes =
        interpreters().into_iter().filter_map(|bin| bin.parent().map(Path::to_path_buf)).chain(home);
    for prefix in prefixes {
        let Ok(entries) = std::fs::read_dir(prefix.join("lib")) else { continue };
        let mut versions: Vec<OsString> = entries.flatten().map(|entry| entry.file_name()).collect();
        versions.retain(|name| name.to_string_lossy().starts_with("python3"));
        versions.sort();
        for version in versions.into_iter().rev() {
            packages.extend(
                ["site-packages", "dist-packages"].map(|kind| prefix.join("lib").join(&version).join(kind)),
            );
        }
    }
    let here = std::env::current_dir().unwrap_or_default();
    packages.extend(here.ancestors().map(|folder| folder.join("node_modules")));
    let mut found = Vec::new();
    for folder in packages.iter().flat_map(|packages| wanted.below.iter().map(|below| packages.join(below))) {
        let library = folder.join(file);
        if library.is_file() && !found.contains(&library) {
            found.push(library);
        }
        if wanted.manifest == "duckdb" {
            let Ok(entries) = std::fs::read_dir(&folder) else { continue };
            let is_extension = |name: &str| {
                name.starts_with("_duckdb.cpython-") && name.ends_with(std::env::consts::DLL_SUFFIX)
            };
            let extensions = entries.flatten().map(|entry| entry.path());
            let extensions = extensions
                .filter(|path| path.file_name().and_then(|name| name.to_str()).is_some_and(is_extension));
            found.extend(extensions);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_python_extension_names_its_interpreter() {
        let of = |name: &str| python_of(Path::new(name));
        assert_eq!(of("/x/_duckdb.cpython-311-x86_64-linux-gnu.so").as_deref(), Some("libpython3.11.so.1.0"));
        assert_eq!(of("/x/libduckdb.so"), None);
    }

    #[test]
    fn a_library_that_is_none_is_said_with_the_remedy() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("libduckdb.so");
        std::fs::write(&path, "no library").unwrap();
        let said = load(Engine::DuckDb, Some(&path)).err().unwrap().to_string();
        assert!(said.starts_with("DuckDB needs /") && said.contains("pip install duckdb"), "{said}");
        let said = load(Engine::Postgres, Some(&folder.path().join("no.so"))).err().unwrap().to_string();
        assert!(
            said.contains("which is not there; install it with pip install adbc-driver-postgresql"),
            "{said}"
        );
    }
}
