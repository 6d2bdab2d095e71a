//! The folder that a notebook writes to.

use std::fmt;
use std::fs::{self, File};
use std::io::{BufWriter, ErrorKind, Write};
use std::path::{Component, Path, PathBuf};

use polars::prelude::{Column, DataFrame, DataType, IntoColumn, NamedFrom, Series};
use polars_io::SerWriter;
use polars_io::csv::write::CsvWriter;
use polars_io::parquet::write::{BatchedWriter, ParquetWriter};

use cltv_protocol::environment;
use cltv_protocol::spreadsheet::{escape_formula, is_formula};
use cltv_protocol::workspace::DEFAULT_OUTPUTS;

use crate::error::TableError;
use crate::workspace::resolve_path;

/// A folder for results: files appear in it whole or not at all.
///
/// When the environment variable `CLTV_STAGE` names a folder, files go there instead, and the
/// runner that set it publishes them after success, so that a failed run leaves the last good
/// results as they were. [`Outputs::shown`] gives the folder that the user named in either case.
///
/// # Examples
/// ```no_run
/// use cltv_tables::Outputs;
/// let outputs = Outputs::open("outputs")?;
/// let path = outputs.write_text("note.txt", "done\n")?;
/// println!("{path}");
/// # Ok::<(), cltv_tables::TableError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outputs {
    shown: String,
    folder: PathBuf,
    parquet: bool,
}

/// A table on its way to a file: written under a temporary name and renamed when it is finished.
pub struct TableWriter {
    shown: String,
    path: PathBuf,
    part: PathBuf,
    file: Option<BufWriter<File>>,
    parquet: Option<BatchedWriter<BufWriter<File>>>,
    header: bool,
    as_parquet: bool,
    /// The file of the other kind, which is removed at the end.
    replaces: Option<(Outputs, String)>,
    finished: bool,
}

impl fmt::Debug for TableWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TableWriter").field("shown", &self.shown).finish_non_exhaustive()
    }
}

impl TableWriter {
    fn open(outputs: &Outputs, name: &str, as_parquet: bool) -> Result<Self, TableError> {
        let shown = outputs.shown_path(name);
        let path = outputs.folder.join(inside(name)?);
        let part = partial(&path);
        let failed = |error: std::io::Error| unwritable(&shown, &error);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(failed)?;
        }
        let file = BufWriter::with_capacity(1 << 20, File::create(&part).map_err(failed)?);
        Ok(Self {
            shown,
            path,
            part,
            file: Some(file),
            parquet: None,
            header: true,
            as_parquet,
            replaces: None,
            finished: false,
        })
    }

    /// Adds rows; all parts have the same columns.
    ///
    /// # Errors
    /// [`TableError::Unwritable`] or [`TableError::Frame`].
    pub fn write(&mut self, rows: &DataFrame) -> Result<(), TableError> {
        if self.as_parquet {
            if let Some(file) = self.file.take() {
                self.parquet = Some(ParquetWriter::new(file).batched(rows.schema())?);
            }
            return match &mut self.parquet {
                Some(writer) => Ok(writer.write_batch(rows)?),
                None => Ok(()),
            };
        }
        let columns: Result<Vec<Column>, TableError> = rows.columns().iter().map(harmless_column).collect();
        let mut rows = DataFrame::new(rows.height(), columns?)?;
        if let Some(file) = &mut self.file {
            let written = CsvWriter::new(file).include_header(self.header).finish(&mut rows);
            written.map_err(|error| TableError::Unwritable {
                shown: self.shown.clone(),
                reason: error.to_string(),
            })?;
        }
        self.header = false;
        Ok(())
    }

    /// Completes the file, gives it its name, and returns the path to show.
    ///
    /// # Errors
    /// [`TableError::Unwritable`] or [`TableError::Frame`].
    pub fn finish(mut self) -> Result<String, TableError> {
        if let Some(writer) = self.parquet.take() {
            writer.finish()?;
        }
        let flushed = self.file.take().map_or(Ok(()), |mut file| file.flush());
        flushed
            .and_then(|()| fs::rename(&self.part, &self.path))
            .map_err(|error| unwritable(&self.shown, &error))?;
        self.finished = true;
        if let Some((outputs, other)) = self.replaces.take() {
            outputs.remove(&other)?;
        }
        Ok(self.shown.clone())
    }
}

impl Drop for TableWriter {
    fn drop(&mut self) {
        if !self.finished {
            let _ = fs::remove_file(&self.part);
        }
    }
}

impl Outputs {
    /// The folder at a path, made if it is not there; relative paths as [`resolve_path`] says.
    ///
    /// # Errors
    /// [`TableError::Unwritable`] when the folder cannot be made.
    pub fn open(path: &str) -> Result<Self, TableError> {
        let stage = std::env::var_os(environment::STAGE).filter(|stage| !stage.is_empty());
        Self::at(path, stage.map(PathBuf::from))
    }

    fn at(path: &str, stage: Option<PathBuf>) -> Result<Self, TableError> {
        let shown = match path.trim() {
            "" => DEFAULT_OUTPUTS.to_owned(),
            path => path.to_owned(),
        };
        let folder = stage.unwrap_or_else(|| resolve_path(&shown));
        fs::create_dir_all(&folder).map_err(|error| unwritable(&shown, &error))?;
        Ok(Self { shown, folder, parquet: false })
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
        resolve_path(&self.shown) == resolve_path(DEFAULT_OUTPUTS)
    }

    /// The kind of file that tables with a row for each customer are written as.
    ///
    /// # Errors
    /// [`TableError::UnknownOption`] for anything but "csv", "parquet" and "".
    pub fn with_tables(mut self, tables: &str) -> Result<Self, TableError> {
        self.parquet = match tables.trim() {
            "" | "csv" => false,
            "parquet" => true,
            _ => {
                return Err(TableError::UnknownOption {
                    parameter: "tables",
                    value: tables.to_owned(),
                    allowed: "\"csv\" or \"parquet\"",
                });
            }
        };
        Ok(self)
    }

    /// Writes a table as csv, and returns the path to show.
    ///
    /// Strings that a spreadsheet would take for a formula (beginning with =, +, -, @, tab or a line
    /// end), also after a `;`, a tab or a line end inside them, at which some spreadsheets begin a new
    /// cell, get an apostrophe there; plain numbers and number columns stay as they are.
    ///
    /// # Errors
    /// [`TableError::BadOutputName`], [`TableError::Unwritable`] or [`TableError::Frame`].
    pub fn write_csv(&self, name: &str, table: &DataFrame) -> Result<String, TableError> {
        let mut writer = TableWriter::open(self, name, false)?;
        writer.write(table)?;
        writer.finish()
    }

    /// Starts a table that is written part by part, as `NAME.csv` or `NAME.parquet` by [`Outputs::with_tables`].
    ///
    /// A file of the other kind that an earlier run left is removed when this one is finished.
    ///
    /// # Errors
    /// [`TableError::BadOutputName`] or [`TableError::Unwritable`].
    pub fn table(&self, name: &str) -> Result<TableWriter, TableError> {
        let [csv, parquet] = ["csv", "parquet"].map(|ending| format!("{name}.{ending}"));
        let (own, other) = if self.parquet { (parquet, csv) } else { (csv, parquet) };
        let mut writer = TableWriter::open(self, &own, self.parquet)?;
        writer.replaces = Some((self.clone(), other));
        Ok(writer)
    }

    /// Writes a text as it is, and returns the path to show.
    ///
    /// # Errors
    /// [`TableError::BadOutputName`] or [`TableError::Unwritable`].
    pub fn write_text(&self, name: &str, text: &str) -> Result<String, TableError> {
        self.write(name, text.as_bytes())
    }

    /// Writes json, indented, and returns the path to show.
    ///
    /// # Errors
    /// [`TableError::BadOutputName`] or [`TableError::Unwritable`].
    pub fn write_json(&self, name: &str, value: &serde_json::Value) -> Result<String, TableError> {
        self.write(name, format!("{value:#}\n").as_bytes())
    }

    /// Removes a file that an earlier run may have left; one that is not there is no error.
    ///
    /// # Errors
    /// [`TableError::BadOutputName`] or [`TableError::Unwritable`].
    pub fn remove(&self, name: &str) -> Result<(), TableError> {
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
    /// [`TableError::BadOutputName`] or [`TableError::Unwritable`].
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<String, TableError> {
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

fn unwritable(shown: &str, error: &std::io::Error) -> TableError {
    TableError::Unwritable { shown: shown.to_owned(), reason: error.to_string() }
}

/// A relative name without steps upwards.
fn inside(name: &str) -> Result<&Path, TableError> {
    let path = Path::new(name);
    let normal = path.components().all(|part| matches!(part, Component::Normal(_)));
    if name.is_empty() || !normal || name.ends_with('/') {
        return Err(TableError::BadOutputName { name: name.to_owned() });
    }
    Ok(path)
}

/// The name under which a file is written before it is moved to its own.
fn partial(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.{}.part", std::process::id()))
}

fn harmless_column(column: &Column) -> Result<Column, TableError> {
    let named = column.name().clone();
    let name = escape_formula(named.as_str()).into_owned();
    let harmful = |text: Option<&str>| text.is_some_and(is_formula);
    if *column.dtype() != DataType::String || !column.str()?.iter().any(harmful) {
        let mut column = column.clone();
        column.rename(name.into());
        return Ok(column);
    }
    let values: Vec<Option<String>> =
        column.str()?.iter().map(|text| text.map(|text| escape_formula(text).into_owned())).collect();
    Ok(Series::new(name.into(), values).into_column())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outputs(stage: Option<&Path>, folder: &Path) -> Outputs {
        Outputs::at(&folder.display().to_string(), stage.map(Path::to_path_buf)).unwrap()
    }

    fn table() -> DataFrame {
        let ids =
            Series::new("customer_id".into(), ["=1+1", "+1", "-2", "@a", "\tb", "a,b", "00004", "a;=1+1"]);
        let clv = Series::new("clv".into(), [-1.5, 0.1, 1e-7, 3.0, 4.0, 5.0, 6.0, 7.0]);
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
        assert_eq!(lines[4..], ["'@a,3.0", "'\tb,4.0", "\"a,b\",5.0", "00004,6.0", "a;'=1+1,7.0"]);
    }

    #[test]
    fn tables_are_written_part_by_part_as_csv_or_parquet() {
        let folder = tempfile::tempdir().unwrap();
        let csv = outputs(None, folder.path());
        let parquet = csv.clone().with_tables("parquet").unwrap();
        for out in [&csv, &parquet, &csv] {
            let mut writer = out.table("big").unwrap();
            writer.write(&table()).unwrap();
            writer.write(&table()).unwrap();
            writer.finish().unwrap();
            assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "the file of the other kind is gone");
        }
        let text = fs::read_to_string(folder.path().join("big.csv")).unwrap();
        assert_eq!(text.lines().count(), 17);
        let mut left = csv.table("left").unwrap();
        left.write(&table()).unwrap();
        drop(left);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "an unfinished file is removed");
        assert!(matches!(csv.with_tables("xml"), Err(TableError::UnknownOption { .. })));
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
        assert!(matches!(out.remove("../a.txt"), Err(TableError::BadOutputName { .. })));
        for name in ["../a.txt", "/tmp/a.txt", "", "a/", "."] {
            assert!(matches!(out.write_text(name, ""), Err(TableError::BadOutputName { .. })), "{name}");
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
