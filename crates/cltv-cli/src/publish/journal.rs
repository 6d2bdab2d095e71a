//! Publishing: from the journal's first byte on disk to its removal, the same steps in this run or the
//! next.

use std::fs::{self, File};
use std::path::Path;

use super::ledger::{Journal, Names, is_stage, stays_inside};
use super::{Completed, OutputFolder, PART, PublishError, SUMMARY, Stage, names};
use crate::fault;
use crate::files::{FileError, target, write_atomically};

impl Stage<'_> {
    /// Moves every file of the stage into the output folder; gives their paths in it, sorted.
    ///
    /// Files that the workflow's last run wrote and this one did not are removed: beside new ones
    /// they would tell of other data. So is what an earlier failure left.
    ///
    /// # Errors
    /// [`PublishError::NotOurs`] or [`PublishError::Taken`] when a name is not cltv's to replace: then
    /// nothing was moved. [`PublishError::Unfinished`] when a file could not be moved.
    pub fn publish(self, workflow: &str) -> Result<Vec<String>, PublishError> {
        let folder = self.folder;
        let files = files_below(&self.path)?;
        names::check(&folder.path, files.iter().map(String::as_str), &folder.ledger())?;
        for file in &files {
            let path = self.path.join(file);
            File::open(&path).and_then(|file| file.sync_all()).map_err(FileError::write(&path))?;
        }
        let journal = Journal {
            workflow: workflow.to_owned(),
            stage: self.name.clone(),
            files: files.iter().cloned().collect(),
            top: folder.top.is_some() && files.iter().any(|file| file == SUMMARY),
        };
        fault::point("journal");
        folder.change(|ledger| ledger.publishing = Some(journal.clone()))?;
        fault::point("journal-written");
        folder.complete(&journal).map_err(|error| PublishError::Unfinished {
            folder: folder.path.clone(),
            source: Box::new(error),
        })?;
        Ok(files)
    }
}

impl OutputFolder {
    /// Completes a publication that an earlier run had begun.
    pub(super) fn complete_the_last(&self) -> Result<Option<Completed>, PublishError> {
        let Some(mut journal) = self.ledger().publishing else { return Ok(None) };
        // A ledger from elsewhere must not have files moved to other folders.
        journal.files.retain(|file| stays_inside(file));
        let lost = match is_stage(&journal.stage) {
            true => self.complete(&journal)?,
            false => Vec::new(),
        };
        self.change(|ledger| ledger.publishing = None)?;
        Ok(Some(Completed { files: journal.files.len() - lost.len(), lost }))
    }

    /// Does what is left to do of a publication; gives the files that are in neither place.
    fn complete(&self, journal: &Journal) -> Result<Vec<String>, PublishError> {
        let mut lost = Vec::new();
        for file in &journal.files {
            match self.move_into_place(journal, file)? {
                true => fault::point("moved"),
                false => lost.push(file.clone()),
            }
        }
        self.forget_old(journal);
        fault::point("old-removed");
        self.publish_summary(journal)?;
        fault::point("summary-written");
        self.remove_failed()?;
        fault::point("failures-removed");
        // The files have their names on disk before the journal is gone.
        let _ = File::open(&self.path).and_then(|folder| folder.sync_all());
        self.change(|ledger| {
            ledger.published.insert(journal.workflow.clone(), journal.files.clone());
            ledger.publishing = None;
        })?;
        fault::point("journal-removed");
        Ok(lost)
    }

    /// Renames a file into its place, unless an earlier run has; false when it is in neither.
    fn move_into_place(&self, journal: &Journal, file: &str) -> Result<bool, PublishError> {
        let stage = self.path.join(&journal.stage);
        let is_there = names::is_there(&self.path, file)?;
        if !names::is_there(&stage, file)? {
            return Ok(is_there);
        }
        let to = self.path.join(file);
        if let Some(parent) = to.parent() {
            fs::create_dir_all(parent).map_err(FileError::write(parent))?;
        }
        fs::rename(stage.join(file), &to).map_err(FileError::write(&to))?;
        Ok(true)
    }

    /// Removes what the last run of the workflow published and this one did not.
    fn forget_old(&self, journal: &Journal) {
        let ledger = self.ledger();
        let others = ledger.published.iter().filter(|(workflow, _)| **workflow != journal.workflow);
        let kept: Names = others.flat_map(|(_, files)| files).chain(&journal.files).cloned().collect();
        for file in ledger.published.get(&journal.workflow).into_iter().flatten() {
            if !kept.contains(file) {
                names::remove(&self.path, file);
            }
        }
    }

    /// Copies the summary to the top of the workspace, where the default run's is kept in git.
    fn publish_summary(&self, journal: &Journal) -> Result<(), PublishError> {
        let Some(top) = self.top.as_ref().filter(|_| journal.top) else { return Ok(()) };
        if !names::is_there(&self.path, SUMMARY)? {
            return Ok(());
        }
        let (path, to) = (self.path.join(SUMMARY), target(&top.join(SUMMARY))?);
        let text = fs::read(&path).map_err(FileError::read(&path))?;
        // A part in the stage goes with it when this run is killed.
        let part = self.path.join(&journal.stage).join(PART);
        let moved = write_atomically(&part, &text).is_ok() && fs::rename(&part, &to).is_ok();
        // The workspace can be on another disk than the outputs.
        if moved { Ok(()) } else { Ok(write_atomically(&to, &text)?) }
    }
}

/// The files below a folder, relative to it and sorted, without hidden ones.
pub(super) fn files_below(root: &Path) -> Result<Vec<String>, PublishError> {
    let mut files = Vec::new();
    let mut folders = vec![String::new()];
    while let Some(folder) = folders.pop() {
        let path = root.join(&folder);
        for entry in fs::read_dir(&path).map_err(FileError::read(&path))? {
            let entry = entry.map_err(FileError::read(&path))?;
            let name = entry.file_name();
            let kind = entry.file_type().map_err(FileError::read(&path))?;
            if name.as_encoded_bytes().starts_with(b".") {
                continue;
            }
            let shown = name.to_string_lossy();
            let relative = if folder.is_empty() { shown.to_string() } else { format!("{folder}/{shown}") };
            let refused = |what| Err(PublishError::NotAFile { name: relative.clone(), what });
            match (kind.is_dir(), kind.is_file()) {
                _ if name.to_str().is_none() => return refused("a name that is not UTF-8"),
                (true, _) => folders.push(relative),
                (_, true) => files.push(relative),
                _ if kind.is_symlink() => return refused("a link"),
                _ => return refused("no regular file"),
            }
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(all(test, unix))]
mod tests {
    use super::super::ledger::Ledger;
    use super::*;

    /// An output folder as a killed run leaves it: two of three files are moved.
    fn cut_short(root: &Path) -> Journal {
        let files = ["a.csv", "b.csv", "deep/c.html", SUMMARY].map(str::to_owned);
        let stage = ".staging-7-x".to_owned();
        fs::create_dir_all(root.join(&stage).join("deep")).expect("made");
        for file in ["a.csv", "b.csv"] {
            fs::write(root.join(file), "new").expect("written");
        }
        for file in ["deep/c.html", SUMMARY] {
            fs::write(root.join(&stage).join(file), "new").expect("written");
        }
        fs::write(root.join("old.csv"), "old").expect("written");
        let published = [("clv".to_owned(), Names::from(["old.csv".to_owned(), "a.csv".to_owned()]))];
        let journal =
            Journal { workflow: "clv".into(), stage: stage.clone(), files: files.into(), top: true };
        let (published, stages) = (published.into(), [stage].into());
        let ledger = Ledger { published, stages, publishing: Some(journal.clone()), ..Ledger::default() };
        ledger.write(root).expect("written");
        journal
    }

    #[test]
    fn the_next_run_completes_what_was_cut_short() {
        let place = tempfile::tempdir().expect("a temporary folder");
        let outputs = place.path().join("outputs");
        fs::create_dir(&outputs).expect("made");
        let journal = cut_short(&outputs);
        let folder = OutputFolder::open(&outputs, Some(place.path())).expect("free");
        assert_eq!(folder.completed(), Some(&Completed { files: 4, lost: Vec::new() }));
        for file in &journal.files {
            assert_eq!(fs::read_to_string(outputs.join(file)).expect(file), "new");
        }
        assert_eq!(fs::read_to_string(place.path().join(SUMMARY)).expect("copied"), "new");
        assert!(!outputs.join("old.csv").exists() && !outputs.join(&journal.stage).exists());
        drop(folder);
        let folder = OutputFolder::open(&outputs, None).expect("free");
        assert_eq!(folder.completed(), None);
    }

    #[test]
    fn a_journal_from_elsewhere_moves_nothing_outside() {
        let place = tempfile::tempdir().expect("a temporary folder");
        let outputs = place.path().join("outputs");
        fs::create_dir(&outputs).expect("made");
        let mut journal = cut_short(&outputs);
        fs::write(place.path().join("theirs"), "theirs").expect("written");
        fs::write(outputs.join(&journal.stage).join("theirs"), "new").expect("written");
        journal.files.insert("../theirs".into());
        let stages = ["../theirs".to_owned(), ".staging-7-x".into()].into();
        let failed = ["../theirs".to_owned()].into();
        let ledger = Ledger { stages, failed, publishing: Some(journal), ..Ledger::default() };
        ledger.write(&outputs).expect("written");
        OutputFolder::open(&outputs, None).expect("free");
        assert_eq!(fs::read_to_string(place.path().join("theirs")).expect("there"), "theirs");
    }

    #[test]
    fn links_and_names_of_the_users_stop_a_publication_before_its_first_file() {
        let place = tempfile::tempdir().expect("a temporary folder");
        let outputs = place.path().join("outputs");
        let folder = OutputFolder::open(&outputs, None).expect("free");
        let theirs = place.path().join("theirs");
        fs::write(&theirs, "theirs").expect("written");
        let link = |name: &str| std::os::unix::fs::symlink(&theirs, outputs.join(name)).expect("made");
        let mine = |name: &str| fs::write(outputs.join(name), "mine").expect("written");
        for (make, words) in [(&link as &dyn Fn(&str), "is a link"), (&mine, "was not written by cltv")] {
            let stage = folder.stage().expect("made");
            for file in ["a.csv", "z.csv"] {
                fs::write(stage.path().join(file), "new").expect("written");
            }
            make("z.csv");
            let message = stage.publish("clv").unwrap_err().to_string();
            assert!(message.contains(words), "{message}");
            assert!(!outputs.join("a.csv").exists());
            fs::remove_file(outputs.join("z.csv")).expect("removed");
        }
        assert_eq!(fs::read_to_string(&theirs).expect("there"), "theirs");
    }
}
