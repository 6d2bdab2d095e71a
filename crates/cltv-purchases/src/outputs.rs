//! The folder that a notebook writes to.

use std::fmt;
use std::fs;
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};

use polars::prelude::{Column, DataFrame, DataType, IntoColumn, NamedFrom, Series};
use polars_io::SerWriter;
use polars_io::csv::write::CsvWriter;

use crate::error::DataError;
use crate::workspace::resolve_path;

/// The folder named by the default of the parameter `outputs`.
const DEFAULT: &str = "outputs";
/// A runner stages files in the folder that this variable names, and publishes them on success.
const STAGE: &str = "CLTV_STAGE";

/// A folder for results: files appear in it whole or not at all.
///
/// When the environment variable `CLTV_STAGE` names a folder, files go there instead, and the
/// runner that set it publishes them after success, so that a failed run leaves the last good
/// results as they were. [`Outputs::shown`] gives the folder that the user named in either case.
///
/// # Examples
/// ```no_run
/// use cltv_purchases::Outputs;
/// let outputs = Outputs::open("outputs")?;
/// let path = outputs.write_text("note.txt", "done\n")?;
/// println!("{path}");
/// # Ok::<(), cltv_purchases::DataError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outputs {
    shown: String,
    folder: PathBuf,
}

impl Outputs {
    /// The folder at a path, made if it is not there; relative paths as [`resolve_path`] says.
    ///
    /// # Errors
    /// [`DataError::Unwritable`] when the folder cannot be made.
    pub fn open(path: &str) -> Result<Self, DataError> {
        let stage = std::env::var_os(STAGE).filter(|stage| !stage.is_empty());
        Self::at(path, stage.map(PathBuf::from))
    }

    fn at(path: &str, stage: Option<PathBuf>) -> Result<Self, DataError> {
        let shown = match path.trim() {
            "" => DEFAULT.to_owned(),
            path => path.to_owned(),
        };
        let folder = stage.unwrap_or_else(|| resolve_path(&shown));
        fs::create_dir_all(&folder).map_err(|error| unwritable(&shown, &error))?;
        Ok(Self { shown, folder })
    }

    /// The folder as the user named it.
    #[must_use]
    pub fn shown(&self) -> String {
        self.shown.clone()
    }

    /// Where files are written now: the folder itself, or the runner's stage.
    #[must_use]
    pub fn folder(&self) -> PathBuf {
        self.folder.clone()
    }

    /// Whether the user named no other folder than the default, `outputs` in the workspace.
    #[must_use]
    pub fn is_default(&self) -> bool {
        resolve_path(&self.shown) == resolve_path(DEFAULT)
    }

    /// Writes a table as csv, and returns the path to show.
    ///
    /// Texts that a spreadsheet would take for a formula (beginning with =, +, -, @, tab or a line
    /// end) get an apostrophe in front; plain numbers and number columns stay as they are.
    ///
    /// # Errors
    /// [`DataError::BadOutputName`], [`DataError::Unwritable`] or [`DataError::Frame`].
    pub fn write_csv(&self, name: &str, table: &DataFrame) -> Result<String, DataError> {
        let columns: Result<Vec<Column>, DataError> = table.columns().iter().map(harmless_column).collect();
        let mut table = DataFrame::new(table.height(), columns?)?;
        let mut bytes = Vec::new();
        CsvWriter::new(&mut bytes).finish(&mut table)?;
        self.write(name, &bytes)
    }

    /// Writes a text as it is, and returns the path to show.
    ///
    /// # Errors
    /// [`DataError::BadOutputName`] or [`DataError::Unwritable`].
    pub fn write_text(&self, name: &str, text: &str) -> Result<String, DataError> {
        self.write(name, text.as_bytes())
    }

    /// Writes json, indented, and returns the path to show.
    ///
    /// # Errors
    /// [`DataError::BadOutputName`] or [`DataError::Unwritable`].
    pub fn write_json(&self, name: &str, value: &serde_json::Value) -> Result<String, DataError> {
        self.write(name, format!("{value:#}\n").as_bytes())
    }

    /// Removes a file that an earlier run may have left; one that is not there is no error.
    ///
    /// # Errors
    /// [`DataError::BadOutputName`] or [`DataError::Unwritable`].
    pub fn remove(&self, name: &str) -> Result<(), DataError> {
        match fs::remove_file(self.folder.join(inside(name)?)) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(unwritable(&self.shown_path(name), &error))
            }
            _ => Ok(()),
        }
    }

    /// The path of a file as the user named the folder.
    fn shown_path(&self, name: &str) -> String {
        format!("{}/{name}", self.shown.trim_end_matches('/'))
    }

    /// Writes bytes under a name inside the folder, such as "visualizations/gini.html".
    ///
    /// # Errors
    /// [`DataError::BadOutputName`] or [`DataError::Unwritable`].
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<String, DataError> {
        let shown = self.shown_path(name);
        let path = self.folder.join(inside(name)?);
        let failed = |error: std::io::Error| unwritable(&shown, &error);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(failed)?;
        }
        // A reader sees the old file or the new one, never half of it.
        let part = partial(&path);
        let written = fs::write(&part, bytes).and_then(|()| fs::rename(&part, &path));
        if let Err(error) = written {
            let _ = fs::remove_file(&part);
            return Err(failed(error));
        }
        Ok(shown)
    }
}

impl fmt::Display for Outputs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

fn unwritable(shown: &str, error: &std::io::Error) -> DataError {
    DataError::Unwritable { shown: shown.to_owned(), reason: error.to_string() }
}

/// A relative name without steps upwards.
fn inside(name: &str) -> Result<&Path, DataError> {
    let path = Path::new(name);
    let normal = path.components().all(|part| matches!(part, Component::Normal(_)));
    if name.is_empty() || !normal || name.ends_with('/') {
        return Err(DataError::BadOutputName { name: name.to_owned() });
    }
    Ok(path)
}

/// The name under which a file is written before it is moved to its own.
fn partial(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.{}.part", std::process::id()))
}

fn harmless_column(column: &Column) -> Result<Column, DataError> {
    let named = column.name().clone();
    let name = harmless(named.as_str()).unwrap_or_else(|| named.to_string());
    if *column.dtype() != DataType::String {
        let mut column = column.clone();
        column.rename(name.into());
        return Ok(column);
    }
    let values: Vec<Option<String>> = column
        .str()?
        .iter()
        .map(|text| text.map(|text| harmless(text).unwrap_or_else(|| text.to_owned())))
        .collect();
    Ok(Series::new(name.into(), values).into_column())
}

/// The text with an apostrophe in front, if a spreadsheet would take it for a formula.
///
/// A sign before digits alone is a number, which does no harm.
fn harmless(text: &str) -> Option<String> {
    let signed = text.strip_prefix(['+', '-']);
    let number = signed.is_some_and(|rest| {
        rest.starts_with(|c: char| c.is_ascii_digit())
            && rest.bytes().all(|b| b.is_ascii_digit() || b == b'.')
    });
    (text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) && !number).then(|| format!("'{text}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outputs(stage: Option<&Path>, folder: &Path) -> Outputs {
        Outputs::at(&folder.display().to_string(), stage.map(Path::to_path_buf)).unwrap()
    }

    fn table() -> DataFrame {
        let ids = Series::new("customer_id".into(), ["=1+1", "+1", "-2", "@a", "\tb", "a,b", "00004"]);
        let clv = Series::new("clv".into(), [-1.5, 0.1, 1e-7, 3.0, 4.0, 5.0, 6.0]);
        DataFrame::new_infer_height(vec![ids.into_column(), clv.into_column()]).unwrap()
    }

    #[test]
    fn csv_cells_cannot_be_formulas_and_numbers_stay_numbers() {
        let folder = tempfile::tempdir().unwrap();
        let out = outputs(None, folder.path());
        out.write_csv("a.csv", &table()).unwrap();
        let text = fs::read_to_string(folder.path().join("a.csv")).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[..4], ["customer_id,clv", "'=1+1,-1.5", "+1,0.1", "-2,1e-7"]);
        assert_eq!(lines[4..], ["'@a,3.0", "'\tb,4.0", "\"a,b\",5.0", "00004,6.0"]);
    }

    #[test]
    fn files_are_whole_and_stay_inside() {
        let folder = tempfile::tempdir().unwrap();
        let out = outputs(None, folder.path());
        out.write_text("deep/note.txt", "one").unwrap();
        out.write_text("deep/note.txt", "two").unwrap();
        let deep = folder.path().join("deep");
        assert_eq!(fs::read_to_string(deep.join("note.txt")).unwrap(), "two");
        assert_eq!(fs::read_dir(&deep).unwrap().count(), 1);
        for _ in 0..2 {
            out.remove("deep/note.txt").unwrap();
            assert_eq!(fs::read_dir(&deep).unwrap().count(), 0);
        }
        assert!(matches!(out.remove("../a.txt"), Err(DataError::BadOutputName { .. })));
        for name in ["../a.txt", "/tmp/a.txt", "", "a/", "."] {
            assert!(matches!(out.write_text(name, ""), Err(DataError::BadOutputName { .. })), "{name}");
        }
        let json = serde_json::json!({"b": 1, "a": [1.5, null]});
        out.write_json("a.json", &json).unwrap();
        let text = fs::read_to_string(folder.path().join("a.json")).unwrap();
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), json);
    }

    #[test]
    fn a_stage_takes_the_files_and_the_user_sees_the_folder_named() {
        let (stage, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let named = folder.path().join("results");
        let out = outputs(Some(stage.path()), &named);
        let shown = out.write_text("a.txt", "x").unwrap();
        assert!(stage.path().join("a.txt").is_file() && !named.exists());
        assert_eq!(shown, format!("{}/a.txt", named.display()));
        assert!(!out.is_default());
    }

    #[test]
    fn the_default_folder_is_known_by_any_spelling() {
        let stage = tempfile::tempdir().unwrap();
        let at = |path| Outputs::at(path, Some(stage.path().to_path_buf())).unwrap();
        assert!(at("outputs").is_default() && at("./outputs/").is_default() && at("").is_default());
        assert!(!at("outputs/mine").is_default());
    }
}
