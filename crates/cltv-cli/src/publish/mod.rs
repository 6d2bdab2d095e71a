//! The output folder: one run at a time, and the files of a run appear only when all are there.
//!
//! A run writes into a stage, a hidden folder inside the output folder and so on the same disk. When
//! every file is there, a journal is written and the files are renamed into place. A run that is killed
//! in between leaves the journal, and the next run completes it before it does anything else.
//!
//! What cltv wrote stands in a ledger beside the files. Nothing else is replaced or removed, and no link
//! is followed inside the folder.

mod journal;
mod ledger;
mod lock;
mod names;

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::SystemTime;

use cltv_protocol::{private, text};
use thiserror::Error;

use crate::fault;
use crate::files::{FileError, write_by};
use crate::notebook::{Notebook, write_json};
use ledger::{Ledger, STAGE_PREFIX};

/// A file in the stage on its way to another place than those that are published.
const PART: &str = ".part";

/// The folder of partial notebooks, and of what the notebooks before them had finished.
const FAILED: &str = "failed";

/// The file that a default run also puts at the top of the workspace.
pub(crate) const SUMMARY: &str = "executive_summary.md";

/// The output folder cannot be used, or a run did not write what it should.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PublishError {
    /// Another run writes there.
    #[error(
        "Another cltv run{} is writing to {}: wait until it ends, or choose another folder with --outputs.",
        process(.pid), folder.display()
    )]
    Busy {
        /// The output folder.
        folder: PathBuf,
        /// The other run's process, where it is known.
        pid: Option<String>,
    },
    /// The folder holds what the workspace is made of, which a run would overwrite.
    #[error(
        "{} holds the workspace's own files, which a run could overwrite. Choose a folder of its own, such as outputs.",
        folder.display()
    )]
    Sources {
        /// The output folder.
        folder: PathBuf,
    },
    /// Files of somebody else have the names of outputs.
    #[error(
        "{} in {} {} not written by cltv, and a report would replace {}: {}; move {} away, or choose another folder with --outputs.",
        text::counted(files.len(), "file"), folder.display(), was(files), it(files), first(files), it(files)
    )]
    NotOurs {
        /// The output folder.
        folder: PathBuf,
        /// The files, relative to it.
        files: Vec<String>,
    },
    /// Something that is no file of cltv stands in the place of one.
    #[error(
        "{} is {what}, and cltv keeps a file or folder of its own there: move it away, or choose another folder with --outputs.",
        path.display()
    )]
    Taken {
        /// What is there.
        path: PathBuf,
        /// What it is.
        what: &'static str,
    },
    /// A cell wrote something to the stage that cannot be published.
    #[error("A cell wrote {name:?}, which is {what}: write regular files, with names in UTF-8.")]
    NotAFile {
        /// The path in the stage.
        name: String,
        /// What it is.
        what: &'static str,
    },
    /// The publication stopped between two files.
    #[error(
        "{source} Only some of the run's files are in {}: the next report into this folder completes them first.",
        folder.display()
    )]
    Unfinished {
        /// The output folder.
        folder: PathBuf,
        /// Why it stopped.
        source: Box<PublishError>,
    },
    /// Files are missing at the end of a run.
    #[error(
        "Every cell ran, but no cell wrote {}. It is in the list of outputs: write it in a notebook, or take it out of the list in notebooks/workflow.toml. The earlier outputs are as they were.",
        missing.join(", ")
    )]
    Missing {
        /// The files, relative to the output folder.
        missing: Vec<String>,
    },
    /// A file or folder cannot be read or written.
    #[error(transparent)]
    File(#[from] FileError),
}

impl PublishError {
    /// The exit code: a folder that cannot be used as it is named is a usage error.
    pub fn code(&self) -> u8 {
        match self {
            PublishError::Sources { .. } | PublishError::NotOurs { .. } | PublishError::Taken { .. } => 2,
            _ => 1,
        }
    }
}

fn process(pid: &Option<String>) -> String {
    pid.as_ref().map_or_else(String::new, |pid| format!(" (process {pid})"))
}

fn was(files: &[String]) -> &'static str {
    if files.len() == 1 { "was" } else { "were" }
}

fn it(files: &[String]) -> &'static str {
    if files.len() == 1 { "it" } else { "them" }
}

/// The first three names.
fn first(files: &[String]) -> String {
    let names: Vec<String> = files.iter().take(3).map(|name| format!("{name:?}")).collect();
    names.join(", ") + if files.len() > 3 { ", …" } else { "" }
}

/// Where the partial notebook of a failed run is kept, relative to the output folder.
pub(crate) fn failed(notebook: &str) -> String {
    failed_file(&format!("{notebook}.ipynb"))
}

/// Where a file of a failed run is kept that an earlier notebook of the run had finished.
pub(crate) fn failed_file(file: &str) -> String {
    format!("{FAILED}/{file}")
}

/// Refuses, before anything runs, a folder in which a report would meet names that are not its own.
///
/// # Errors
/// [`PublishError::NotOurs`] or [`PublishError::Taken`].
pub fn check_names(folder: &Path, files: &[String]) -> Result<(), PublishError> {
    names::check_own(folder, &[FAILED, "notebooks", "runs"])?;
    names::check(folder, files.iter().map(String::as_str), &Ledger::read(folder))
}

/// What the next run found of one that was killed while it published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completed {
    /// How many files were published by both together.
    pub files: usize,
    /// Files that were in neither place.
    pub lost: Vec<String>,
}

/// An output folder that this process alone writes to, until the value is dropped.
#[derive(Debug)]
pub struct OutputFolder {
    path: PathBuf,
    /// Where the summary goes besides, in the default folder of a workspace.
    top: Option<PathBuf>,
    ledger: Mutex<Ledger>,
    completed: Option<Completed>,
    _lock: File,
}

impl OutputFolder {
    /// Makes the folder when it is missing, locks it, completes a publication that was cut short, and
    /// removes what dead runs left. `top` is the workspace's folder when the summary goes there too.
    ///
    /// # Errors
    /// [`PublishError::Busy`] when another run has it, [`PublishError::File`] when it cannot be
    /// written, [`PublishError::Taken`] when something stands in the place of a file of cltv.
    pub fn open(path: &Path, top: Option<&Path>) -> Result<OutputFolder, PublishError> {
        fs::create_dir_all(path).map_err(FileError::write(path))?;
        let lock = lock::lock(path)?;
        names::check_own(path, &[])?;
        let ledger = Mutex::new(Ledger::read(path));
        let (path, top) = (path.to_path_buf(), top.map(Path::to_path_buf));
        let mut folder = OutputFolder { path, top, ledger, completed: None, _lock: lock };
        folder.completed = folder.complete_the_last()?;
        folder.sweep()?;
        Ok(folder)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What became of a publication that was cut short before.
    pub fn completed(&self) -> Option<&Completed> {
        self.completed.as_ref()
    }

    /// A new stage for this run.
    ///
    /// # Errors
    /// [`FileError`] when it cannot be made.
    pub fn stage(&self) -> Result<Stage<'_>, FileError> {
        let number = uuid::Uuid::new_v4().simple().to_string();
        let name = format!("{STAGE_PREFIX}{}-{}", std::process::id(), &number[..8]);
        // Listed first, so that the next run knows whose it is even if this one ends here.
        self.change(|ledger| {
            ledger.stages.insert(name.clone());
        })?;
        fault::point("stage-listed");
        let path = self.path.join(&name);
        private::new_folder(&path).map_err(FileError::write(&path))?;
        fault::point("stage-made");
        let stage = Stage { folder: self, name, path };
        let notebooks = stage.path.join("notebooks");
        fs::create_dir(&notebooks).map_err(FileError::write(&notebooks))?;
        Ok(stage)
    }

    /// Writes a file of the run of several sets, and nothing else, into the folder.
    ///
    /// # Errors
    /// As [`check_names`], and [`PublishError::File`] when it cannot be written.
    pub fn write(&self, owner: &str, name: &str, contents: &[u8]) -> Result<(), PublishError> {
        names::check(&self.path, [name], &self.ledger())?;
        self.change(|ledger| {
            ledger.published.entry(owner.to_owned()).or_default().insert(name.to_owned());
        })?;
        let stage = self.stage()?;
        Ok(stage.give(&self.path.join(name), |file| file.write_all(contents))?)
    }

    fn ledger(&self) -> Ledger {
        self.ledger.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).clone()
    }

    /// Changes the ledger, on disk before in memory.
    fn change(&self, change: impl FnOnce(&mut Ledger)) -> Result<(), FileError> {
        let mut ledger = self.ledger.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let mut new = ledger.clone();
        change(&mut new);
        if new != *ledger {
            new.write(&self.path)?;
            *ledger = new;
        }
        Ok(())
    }

    /// Whoever holds the lock is alone here, so every stage that is listed belongs to a dead run.
    fn sweep(&self) -> Result<(), FileError> {
        let stages = self.ledger().stages;
        for name in &stages {
            remove_stage(&self.path, name)?;
        }
        self.change(|ledger| ledger.stages.clear())
    }

    fn remove_failed(&self) -> Result<(), FileError> {
        for name in self.ledger().failed {
            names::remove(&self.path, &name);
            // The folders that are empty now; one with files of the user's stays.
            for folder in Path::new(&name).ancestors().skip(1).filter(|folder| folder.starts_with(FAILED)) {
                let _ = fs::remove_dir(self.path.join(folder));
            }
        }
        self.change(|ledger| ledger.failed.clear())
    }
}

/// Removes a stage that the ledger names.
fn remove_stage(folder: &Path, name: &str) -> Result<(), FileError> {
    let path = folder.join(name);
    let is_stage = ledger::is_stage(name) && fs::symlink_metadata(&path).is_ok_and(|found| found.is_dir());
    if is_stage { fs::remove_dir_all(&path).map_err(FileError::write(&path)) } else { Ok(()) }
}

/// A file of a stage, as it was when its notebook had ended.
#[derive(Debug, Clone)]
pub struct Finished {
    /// Its name in the output folder.
    name: String,
    written: Option<SystemTime>,
}

/// Where a run writes before anybody sees it. Dropped, it is gone, unless its files are being published.
#[derive(Debug)]
pub struct Stage<'a> {
    folder: &'a OutputFolder,
    name: String,
    path: PathBuf,
}

impl Stage<'_> {
    /// Where it is: notebooks find it in `CLTV_STAGE`.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Checks that the promised files are there; a table may be parquet where a csv file is promised.
    ///
    /// # Errors
    /// [`PublishError::Missing`] names those that are not.
    pub fn check(&self, promised: &[String]) -> Result<(), PublishError> {
        let missing: Vec<String> = promised.iter().filter(|file| !self.has(file)).cloned().collect();
        if missing.is_empty() { Ok(()) } else { Err(PublishError::Missing { missing }) }
    }

    fn has(&self, file: &str) -> bool {
        let path = self.path.join(file);
        let parquet = || file.ends_with(".csv") && path.with_extension("parquet").is_file();
        path.is_file() || parquet()
    }

    /// The files that are in it now.
    ///
    /// # Errors
    /// [`PublishError::File`] when the folder cannot be read.
    pub fn files(&self) -> Result<Vec<Finished>, PublishError> {
        let files = journal::files_below(&self.path)?;
        Ok(files.into_iter().map(|name| Finished { written: self.written(&name), name }).collect())
    }

    fn written(&self, name: &str) -> Option<SystemTime> {
        fs::metadata(self.path.join(name)).and_then(|file| file.modified()).ok()
    }

    /// Keeps the partial notebook of a failed run in the folder of failed runs, and there the files that the
    /// notebooks before it had finished and it did not change; gives the notebook's path and how many they are.
    /// A file whose name there is not cltv's is left out.
    ///
    /// # Errors
    /// As [`check_names`], and [`PublishError::File`] when they cannot be written.
    pub fn keep_failed(
        self,
        name: &str,
        notebook: &Notebook,
        finished: &[Finished],
    ) -> Result<(PathBuf, usize), PublishError> {
        let name = failed(name);
        names::check(&self.folder.path, [name.as_str()], &self.folder.ledger())?;
        self.folder.remove_failed()?;
        let path = self.folder.path.join(&name);
        self.folder.change(|ledger| {
            ledger.failed.insert(name);
        })?;
        self.give(&path, |file| write_json(notebook, file))?;
        let kept = finished.iter().filter(|file| self.keep_finished(file).is_ok_and(|kept| kept));
        Ok((path, kept.count()))
    }

    /// Moves a finished file to the folder of failed runs; false for one that was changed since.
    fn keep_finished(&self, file: &Finished) -> Result<bool, PublishError> {
        let name = failed_file(&file.name);
        names::check(&self.folder.path, [name.as_str()], &self.folder.ledger())?;
        if file.written.is_none() || self.written(&file.name) != file.written {
            return Ok(false);
        }
        let to = self.folder.path.join(&name);
        self.folder.change(|ledger| {
            ledger.failed.insert(name);
        })?;
        if let Some(folder) = to.parent() {
            fs::create_dir_all(folder).map_err(FileError::write(folder))?;
        }
        fs::rename(self.path.join(&file.name), &to).map_err(FileError::write(&to))?;
        Ok(true)
    }

    /// Writes a file in the stage and renames it to its place, so that a kill leaves no part outside.
    fn give(
        &self,
        to: &Path,
        write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
    ) -> Result<(), FileError> {
        let part = self.path.join(PART);
        write_by(&part, write)?;
        if let Some(folder) = to.parent() {
            fs::create_dir_all(folder).map_err(FileError::write(folder))?;
        }
        fs::rename(&part, to).map_err(FileError::write(to))
    }
}

impl Drop for Stage<'_> {
    fn drop(&mut self) {
        let ledger = self.folder.ledger();
        if ledger.publishing.is_some_and(|journal| journal.stage == self.name) {
            return;
        }
        // What cannot be removed now is removed by the next run.
        if remove_stage(&self.folder.path, &self.name).is_ok() {
            fault::point("stage-removed");
            let _ = self.folder.change(|ledger| {
                ledger.stages.remove(&self.name);
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(stage: &Stage<'_>, file: &str, text: &str) {
        let path = stage.path().join(file);
        fs::create_dir_all(path.parent().expect("inside")).expect("made");
        fs::write(path, text).expect("written");
    }

    fn read(folder: &OutputFolder, file: &str) -> Option<String> {
        fs::read_to_string(folder.path().join(file)).ok()
    }

    fn is_hidden(entry: &std::io::Result<fs::DirEntry>) -> bool {
        entry.as_ref().is_ok_and(|entry| entry.file_name().as_encoded_bytes().starts_with(b"."))
    }

    fn opened() -> (tempfile::TempDir, OutputFolder) {
        let root = tempfile::tempdir().expect("a temporary folder");
        let folder = OutputFolder::open(&root.path().join("outputs"), None).expect("free");
        (root, folder)
    }

    #[test]
    fn files_appear_together_and_old_ones_go() {
        let (_root, folder) = opened();
        let stage = folder.stage().expect("made");
        write(&stage, "clv.csv", "1");
        write(&stage, "visualizations/spend.html", "1");
        assert_eq!(read(&folder, "clv.csv"), None);
        stage.publish("clv").expect("published");
        assert_eq!(read(&folder, "clv.csv").as_deref(), Some("1"));

        fs::write(folder.path().join("mine.txt"), "mine").expect("written");
        let stage = folder.stage().expect("made");
        write(&stage, "clv.csv", "2");
        let files = stage.publish("clv").expect("published");
        assert_eq!(files, ["clv.csv"]);
        assert_eq!(
            fs::read_dir(folder.path()).expect("listed").filter(is_hidden).count(),
            2,
            "lock and ledger"
        );
        assert_eq!(read(&folder, "clv.csv").as_deref(), Some("2"));
        assert_eq!(read(&folder, "visualizations/spend.html"), None);
        assert_eq!(read(&folder, "mine.txt").as_deref(), Some("mine"));
    }

    #[test]
    fn a_failed_run_leaves_the_last_good_files_and_its_notebook() {
        let (_root, folder) = opened();
        let stage = folder.stage().expect("made");
        write(&stage, "clv.csv", "good");
        stage.publish("clv").expect("published");
        let stage = folder.stage().expect("made");
        write(&stage, "clv.csv", "new");
        write(&stage, "visualizations/spend.html", "drawn");
        let finished = stage.files().expect("listed");
        write(&stage, "half.csv", "half");
        let staged = stage.path().to_path_buf();
        let (path, kept) = stage.keep_failed("02_rfm", &Notebook::default(), &finished).expect("kept");
        assert_eq!(kept, 2);
        assert_eq!(path, folder.path().join("failed/02_rfm.ipynb"));
        assert_eq!(read(&folder, "clv.csv").as_deref(), Some("good"));
        assert_eq!(read(&folder, "failed/clv.csv").as_deref(), Some("new"));
        assert_eq!(read(&folder, "failed/visualizations/spend.html").as_deref(), Some("drawn"));
        assert_eq!(read(&folder, "failed/half.csv"), None, "the notebook that failed wrote it");
        assert!(!staged.exists());
        let stage = folder.stage().expect("made");
        stage.publish("clv").expect("published");
        assert!(!folder.path().join("failed").exists());
    }

    #[test]
    fn two_runs_at_once_are_refused_and_dead_stages_swept() {
        let (root, folder) = opened();
        let path = root.path().join("outputs");
        let message = OutputFolder::open(&path, None).unwrap_err().to_string();
        let pid = std::process::id().to_string();
        assert!(message.contains(&pid) && message.contains("--outputs"), "{message}");
        drop(folder);
        let ledger = Ledger { stages: [".staging-1".to_owned()].into(), ..Ledger::default() };
        ledger.write(&path).expect("written");
        fs::create_dir_all(path.join(".staging-1/notebooks")).expect("made");
        fs::create_dir_all(path.join(".staging-mine")).expect("made");
        let folder = OutputFolder::open(&path, None).expect("free again");
        assert!(!folder.path().join(".staging-1").exists());
        assert!(folder.path().join(".staging-mine").exists(), "it is not in the ledger");
    }

    #[test]
    fn promised_files_are_missed_by_name() {
        let (_root, folder) = opened();
        let stage = folder.stage().expect("made");
        write(&stage, "a.csv", "");
        let error = stage.check(&["a.csv".into(), "b.csv".into()]).unwrap_err();
        assert!(error.to_string().contains("no cell wrote b.csv"));
    }
}
