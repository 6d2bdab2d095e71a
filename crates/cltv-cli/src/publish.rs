//! The output folder: one run at a time, and the files of a run appear only when all are there.
//!
//! A run writes into a stage, a hidden folder inside the output folder and so on the same disk.
//! Publishing renames its files into place one by one; each is old or new, never half.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Component, Path, PathBuf};

use cltv_protocol::private;
use thiserror::Error;

use crate::files::{FileError, write_atomically};

const LOCK: &str = ".lock";
const STAGE_PREFIX: &str = ".staging-";
const MANIFEST: &str = ".published.json";
const FAILED: &str = "failed";

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

fn process(pid: &Option<String>) -> String {
    pid.as_ref().map_or_else(String::new, |pid| format!(" (process {pid})"))
}

/// An output folder that this process alone writes to, until the value is dropped.
#[derive(Debug)]
pub struct OutputFolder {
    path: PathBuf,
    _lock: File,
}

impl OutputFolder {
    /// Makes the folder when it is missing, locks it, and sweeps what dead runs left.
    ///
    /// # Errors
    /// [`PublishError::Busy`] when another run has it, [`PublishError::File`] when it cannot be
    /// written.
    pub fn open(path: &Path) -> Result<OutputFolder, PublishError> {
        fs::create_dir_all(path).map_err(FileError::write(path))?;
        let lock = lock(path)?;
        let folder = OutputFolder { path: path.to_path_buf(), _lock: lock };
        folder.sweep()?;
        Ok(folder)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A new stage for this run.
    ///
    /// # Errors
    /// [`FileError`] when it cannot be made.
    pub fn stage(&self) -> Result<Stage<'_>, FileError> {
        let name = format!("{STAGE_PREFIX}{}", std::process::id());
        let path = self.path.join(name);
        private::new_folder(&path).map_err(FileError::write(&path))?;
        let stage = Stage { folder: self, path };
        let notebooks = stage.path.join("notebooks");
        fs::create_dir(&notebooks).map_err(FileError::write(&notebooks))?;
        Ok(stage)
    }

    /// Whoever holds the lock is alone here, so every stage there is belongs to a dead run.
    fn sweep(&self) -> Result<(), FileError> {
        let entries = fs::read_dir(&self.path).map_err(FileError::read(&self.path))?;
        for entry in entries.flatten() {
            if entry.file_name().to_string_lossy().starts_with(STAGE_PREFIX) {
                let stage = entry.path();
                fs::remove_dir_all(&stage).map_err(FileError::write(&stage))?;
            }
        }
        Ok(())
    }

    fn remove_failed(&self) -> Result<(), FileError> {
        let failed = self.path.join(FAILED);
        match fs::remove_dir_all(&failed) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(FileError::write(&failed)(error))
            }
            _ => Ok(()),
        }
    }
}

fn lock(folder: &Path) -> Result<File, PublishError> {
    let path = folder.join(LOCK);
    let mut file = File::options()
        .create(true)
        .truncate(false)
        .read(true)
        .write(true)
        .open(&path)
        .map_err(FileError::write(&path))?;
    match file.try_lock() {
        Ok(()) => {
            // Only a message reads the number; the lock itself is what counts.
            let _ = file.set_len(0);
            let _ = write!(file, "{}", std::process::id());
            Ok(file)
        }
        Err(TryLockError::WouldBlock) => {
            Err(PublishError::Busy { folder: folder.to_path_buf(), pid: holder(&mut file) })
        }
        Err(TryLockError::Error(error)) => Err(FileError::write(&path)(error).into()),
    }
}

fn holder(file: &mut File) -> Option<String> {
    let mut text = String::new();
    file.rewind().ok()?;
    file.read_to_string(&mut text).ok()?;
    text.parse::<u32>().ok().map(|pid| pid.to_string())
}

/// Where a run writes before anybody sees it. Dropped, it is gone.
#[derive(Debug)]
pub struct Stage<'a> {
    folder: &'a OutputFolder,
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

    /// Moves every file of the stage into the output folder; gives their paths in it, sorted.
    ///
    /// Files that the workflow's last run wrote and this one did not are removed: beside new ones
    /// they would tell of other data. So is what an earlier failure left.
    ///
    /// # Errors
    /// [`FileError`] names the file that could not be moved.
    pub fn publish(self, workflow: &str) -> Result<Vec<String>, FileError> {
        let target = &self.folder.path;
        let files = files_below(&self.path)?;
        for file in &files {
            let to = target.join(file);
            if let Some(parent) = to.parent() {
                fs::create_dir_all(parent).map_err(FileError::write(parent))?;
            }
            fs::rename(self.path.join(file), &to).map_err(FileError::write(&to))?;
        }
        forget_old(target, workflow, &files)?;
        self.folder.remove_failed()?;
        Ok(files)
    }

    /// Keeps the partial notebook of a failed run, and nothing else; gives its path.
    ///
    /// # Errors
    /// [`FileError`] when it cannot be written.
    pub fn keep_failed(self, notebook: &str, contents: &str) -> Result<PathBuf, FileError> {
        self.folder.remove_failed()?;
        let failed = self.folder.path.join(FAILED);
        let path = failed.join(format!("{notebook}.ipynb"));
        write_atomically(&path, contents.as_bytes())?;
        Ok(path)
    }
}

impl Drop for Stage<'_> {
    fn drop(&mut self) {
        // What cannot be removed now is swept by the next run.
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// The files below a folder, relative to it and sorted, without hidden ones.
fn files_below(root: &Path) -> Result<Vec<String>, FileError> {
    let mut files = Vec::new();
    let mut folders = vec![String::new()];
    while let Some(folder) = folders.pop() {
        let path = root.join(&folder);
        for entry in fs::read_dir(&path).map_err(FileError::read(&path))? {
            let entry = entry.map_err(FileError::read(&path))?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let kind = entry.file_type().map_err(FileError::read(&path))?;
            let relative = if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
            match name.starts_with('.') {
                true => {}
                false if kind.is_dir() => folders.push(relative),
                false => files.push(relative),
            }
        }
    }
    files.sort();
    Ok(files)
}

/// Removes what the last run of the workflow published and this one did not, and notes the new.
fn forget_old(target: &Path, workflow: &str, files: &[String]) -> Result<(), FileError> {
    let path = target.join(MANIFEST);
    // A manifest that is not there or not readable names nothing to remove.
    let mut manifest: BTreeMap<String, BTreeSet<String>> =
        fs::read(&path).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
    let new: BTreeSet<String> = files.iter().cloned().collect();
    let old = manifest.insert(workflow.to_owned(), new);
    let kept: BTreeSet<&String> = manifest.values().flatten().collect();
    for file in old.into_iter().flatten() {
        if !kept.contains(&file) && stays_inside(&file) {
            // Somebody may have removed it already.
            let _ = fs::remove_file(target.join(&file));
        }
    }
    let text = serde_json::to_vec_pretty(&manifest).unwrap_or_default();
    write_atomically(&path, &text)
}

fn stays_inside(file: &str) -> bool {
    let mut parts = Path::new(file).components();
    parts.all(|part| matches!(part, Component::Normal(_)))
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

    fn opened() -> (tempfile::TempDir, OutputFolder) {
        let root = tempfile::tempdir().expect("a temporary folder");
        let folder = OutputFolder::open(&root.path().join("outputs")).expect("free");
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
        write(&stage, "clv.csv", "half");
        let staged = stage.path().to_path_buf();
        let path = stage.keep_failed("02_rfm", "{}").expect("kept");
        assert_eq!(path, folder.path().join("failed/02_rfm.ipynb"));
        assert_eq!(read(&folder, "clv.csv").as_deref(), Some("good"));
        assert!(!staged.exists());
        let stage = folder.stage().expect("made");
        stage.publish("clv").expect("published");
        assert!(!folder.path().join("failed").exists());
    }

    #[test]
    fn two_runs_at_once_are_refused_and_dead_stages_swept() {
        let (root, folder) = opened();
        let path = root.path().join("outputs");
        let message = OutputFolder::open(&path).unwrap_err().to_string();
        let pid = std::process::id().to_string();
        assert!(message.contains(&pid) && message.contains("--outputs"), "{message}");
        drop(folder);
        fs::create_dir_all(path.join(".staging-1/notebooks")).expect("made");
        let folder = OutputFolder::open(&path).expect("free again");
        assert!(!folder.path().join(".staging-1").exists());
    }

    #[test]
    fn promised_files_are_missed_by_name() {
        let (_root, folder) = opened();
        let stage = folder.stage().expect("made");
        write(&stage, "a.csv", "");
        let error = stage.check(&["a.csv".into(), "b.csv".into()]).unwrap_err();
        assert!(error.to_string().contains("no cell wrote b.csv"));
    }

    #[test]
    fn a_manifest_cannot_point_outside() {
        assert!(stays_inside("visualizations/a.html"));
        assert!(!stays_inside("../a") && !stays_inside("/etc/a"));
    }
}
