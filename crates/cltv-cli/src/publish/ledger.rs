//! What in an output folder is cltv's own: the only files and folders there that it removes or replaces.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::path::{Component, Path};

use cltv_protocol::private;
use serde::{Deserialize, Serialize};

use crate::files::FileError;

/// The ledger's file name.
pub(super) const LEDGER: &str = ".published.json";

/// Where the next ledger is written before it replaces the last. One name, so that what a killed run left
/// is written over by the next.
pub(super) const NEXT_LEDGER: &str = ".published.json.new";

/// How the names of stages begin.
pub(super) const STAGE_PREFIX: &str = ".staging-";

/// Names relative to the output folder.
pub(super) type Names = BTreeSet<String>;

/// What cltv wrote to an output folder.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Ledger {
    /// The files of the last run of each workflow.
    pub(super) published: BTreeMap<String, Names>,
    /// The files of failed runs: partial notebooks, and what the notebooks before them had finished.
    pub(super) failed: Names,
    /// The stages of runs that have not ended, or did not end by themselves.
    pub(super) stages: Names,
    /// A publication that has begun and is not complete.
    pub(super) publishing: Option<Journal>,
}

/// A publication: everything that is needed to complete it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Journal {
    /// The workflow that ran.
    pub(super) workflow: String,
    /// The stage that its files are in until they are moved.
    pub(super) stage: String,
    /// The files.
    pub(super) files: Names,
    /// Whether the executive summary goes to the top of the workspace too.
    pub(super) top: bool,
}

impl Ledger {
    /// The ledger of a folder. One that is not there or not readable names nothing as cltv's own.
    pub(super) fn read(folder: &Path) -> Ledger {
        let path = folder.join(LEDGER);
        let is_file = fs::symlink_metadata(&path).is_ok_and(|found| found.is_file());
        let bytes = is_file.then(|| fs::read(&path).ok()).flatten().unwrap_or_default();
        serde_json::from_slice(&bytes).unwrap_or_else(|_| Ledger {
            // Earlier versions kept the published files alone.
            published: serde_json::from_slice(&bytes).unwrap_or_default(),
            ..Ledger::default()
        })
    }

    /// Writes the ledger: the old one or the new one is there, whatever happens.
    pub(super) fn write(&self, folder: &Path) -> Result<(), FileError> {
        let path = folder.join(LEDGER);
        let text = serde_json::to_vec_pretty(self).unwrap_or_default();
        replace(&folder.join(NEXT_LEDGER), &path, &text).map_err(FileError::write(&path))
    }

    /// Every file that cltv wrote.
    pub(super) fn own(&self) -> BTreeSet<&str> {
        let journal = self.publishing.iter().flat_map(|journal| &journal.files);
        let all = self.published.values().flatten().chain(&self.failed).chain(journal);
        all.map(String::as_str).collect()
    }
}

/// Writes a new private file under its first name, and gives it the second.
fn replace(next: &Path, path: &Path, text: &[u8]) -> std::io::Result<()> {
    match fs::remove_file(next) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = private::new_file(next)?;
    let written = file.write_all(text).and_then(|()| file.sync_all()).and_then(|()| fs::rename(next, path));
    written.inspect_err(|_| {
        // A full disk needs the room.
        let _ = fs::remove_file(next);
    })
}

/// Whether a name stays inside the folder that it is relative to. A ledger can come from elsewhere, as in
/// an archive, so its names are not trusted.
pub(super) fn stays_inside(name: &str) -> bool {
    let mut parts = Path::new(name).components();
    !name.is_empty() && parts.all(|part| matches!(part, Component::Normal(_)))
}

/// Whether a name is that of a stage.
pub(super) fn is_stage(name: &str) -> bool {
    name.starts_with(STAGE_PREFIX) && stays_inside(name) && !name.contains('/')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_lead_outside_are_none() {
        assert!(stays_inside("visualizations/a.html"));
        assert!(
            !stays_inside("../a")
                && !stays_inside("/etc/a")
                && !stays_inside("")
                && !stays_inside("a/../../b")
        );
        assert!(is_stage(".staging-1"));
        assert!(!is_stage("notebooks") && !is_stage(".staging-1/../..") && !is_stage("../.staging-1"));
    }

    #[test]
    fn a_ledger_is_read_as_it_was_written_and_an_earlier_one_too() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        assert_eq!(Ledger::read(folder.path()), Ledger::default());
        let files = || Names::from(["a.csv".to_owned()]);
        let journal =
            Journal { workflow: "clv".into(), stage: ".staging-1".into(), files: files(), top: true };
        let ledger = Ledger { failed: files(), publishing: Some(journal), ..Ledger::default() };
        ledger.write(folder.path()).expect("written");
        assert_eq!(Ledger::read(folder.path()), ledger);
        fs::write(folder.path().join(LEDGER), r#"{"clv": ["a.csv"]}"#).expect("written");
        let earlier = Ledger::read(folder.path());
        assert_eq!(earlier.published, BTreeMap::from([("clv".to_owned(), files())]));
        fs::write(folder.path().join(LEDGER), "{").expect("written");
        assert_eq!(Ledger::read(folder.path()), Ledger::default());
    }
}
