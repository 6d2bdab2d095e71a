//! Files through which the kernel and the compiles of its cells, which are processes of their own,
//! exchange types, crates and redefined variables.

use crate::evcxr_folders::evcxr_folder;
use crate::stand_ins::Known;
use anyhow::{Context, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Files beside evcxr's crate: types by their stand-ins and crates, written by one compile for the next,
/// and the variables that a cell redefines, written by the kernel.
const TYPES: &str = "types.json";
const EXTERNS: &str = "externs.json";
const REDEFINED: &str = "redefined.json";
/// The level to which cells are optimised.
const LEVEL: &str = "level.json";
/// Stands there after a cell has failed, until evcxr has asked for its compile once more.
const FAILED: &str = "failed";

/// Crates that cells can name beside those that they ask for, with their files.
pub(crate) type Externs = BTreeMap<String, String>;

/// The types that were inferred in this session.
pub(crate) fn known() -> Known {
    read(TYPES)
}

/// Adds inferred types.
pub(crate) fn add_types(types: &Known) -> Result<()> {
    if types.is_empty() {
        return Ok(());
    }
    let mut all = known();
    all.extend(types.clone());
    write(TYPES, &all)
}

/// The crates that cells can name for the types of their variables.
pub(crate) fn externs() -> Externs {
    read(EXTERNS)
}

/// Adds such crates.
pub(crate) fn add_externs(more: Externs) -> Result<()> {
    let mut all = externs();
    all.extend(more);
    write(EXTERNS, &all)
}

/// The variables that the cell defines before it mentions them.
pub(crate) fn redefined() -> BTreeSet<String> {
    read(REDEFINED)
}

/// Writes which variables the next cell defines before it mentions them.
pub(crate) fn write_redefined(variables: &BTreeSet<String>) -> Result<()> {
    write(REDEFINED, variables)
}

/// The level to which cells are optimised: heavy loops belong in the helper, and a cell's own code is
/// compiled for speed of compiling unless it asks for more.
pub(crate) fn level() -> String {
    Some(read::<String>(LEVEL)).filter(|level| !level.is_empty()).unwrap_or_else(|| "0".to_owned())
}

/// Sets the level to which cells are optimised.
pub(crate) fn set_level(level: &str) -> Result<()> {
    write(LEVEL, &level)
}

/// Notes that the running cell has failed; whether it could be noted.
pub(crate) fn note_failed_cell() -> bool {
    evcxr_folder().is_ok_and(|folder| std::fs::write(folder.with_file_name(FAILED), "").is_ok())
}

/// Whether a cell has failed and this was not asked for before.
pub(crate) fn take_failed_cell() -> bool {
    evcxr_folder().is_ok_and(|folder| std::fs::remove_file(folder.with_file_name(FAILED)).is_ok())
}

/// Removes the types and crates of the last session.
pub(crate) fn clear() -> Result<()> {
    set_level("")?;
    write(TYPES, &Known::new())?;
    write(EXTERNS, &Externs::new())
}

fn read<T: DeserializeOwned + Default>(name: &str) -> T {
    let text = evcxr_folder().ok().and_then(|folder| std::fs::read(folder.with_file_name(name)).ok());
    text.and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default()
}

/// Writes a file whole or not at all: an interrupt may end this process at any time.
fn write(name: &str, value: &impl Serialize) -> Result<()> {
    let file = evcxr_folder()?.with_file_name(name);
    let try_write = || {
        let new = tempfile::NamedTempFile::new_in(file.parent().unwrap_or(Path::new(".")))?;
        std::fs::write(&new, serde_json::to_vec(value)?)?;
        new.persist(&file)?;
        anyhow::Ok(())
    };
    try_write().with_context(|| format!("cannot write {}", file.display()))
}
