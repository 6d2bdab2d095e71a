//! The input files of a report: each notebook reads them anew, and all must read the same.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, Metadata};
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use cltv_protocol::input_files::{self, InputFile, Stamp};
use cltv_protocol::workspace;
use sha2::{Digest, Sha256};
use thiserror::Error;

/// A file up to this size is compared as a whole; of a longer one, [`BLOCKS`] blocks are.
const WHOLE: u64 = 4 << 20;
const BLOCKS: u64 = 64;
const BLOCK: u64 = 1 << 16;

/// An input file is another one than at the start of the run.
#[derive(Debug, Error)]
#[error(
    "{} ({parameter}) {what} while the report ran, so its notebooks would tell of two inputs. The earlier outputs are as they were; run the report again when the file is complete.",
    path.display()
)]
pub struct InputChanged {
    path: PathBuf,
    parameter: String,
    what: &'static str,
}

/// What is known of a file at the start of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Fingerprint {
    stamp: Stamp,
    modified: Option<SystemTime>,
    content: Vec<u8>,
}

/// The input files of a report, as they were at its start.
#[derive(Debug, Clone, Default)]
pub(crate) struct Inputs {
    root: PathBuf,
    /// Parameters that may name files, with their values.
    values: BTreeSet<(String, String)>,
    files: BTreeMap<PathBuf, (String, Fingerprint)>,
}

impl Inputs {
    /// The files that the values of parameters name, relative to `root`; a value that names none is left
    /// to the reader, which knows the named data sets.
    pub(crate) fn of(root: &Path, values: impl IntoIterator<Item = (String, String)>) -> Inputs {
        let mut inputs =
            Inputs { root: root.to_path_buf(), values: values.into_iter().collect(), ..Inputs::default() };
        inputs.files = inputs.found(|path| Fingerprint::of(path, None));
        inputs
    }

    /// The files with a sentence for the log.
    pub(crate) fn described(&self) -> impl Iterator<Item = String> {
        self.files.iter().map(|(path, (parameter, fingerprint))| {
            let digest: String =
                fingerprint.content.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
            format!("input: {parameter} = {}, {} bytes, {digest}", path.display(), fingerprint.stamp.bytes)
        })
    }

    /// Fails when a file has changed, is gone, or is new.
    ///
    /// # Errors
    /// [`InputChanged`] names the first such file.
    pub(crate) fn check(&self) -> Result<(), InputChanged> {
        let now = self
            .found(|path| Fingerprint::of(path, self.files.get(path).map(|(_, fingerprint)| fingerprint)));
        for (path, (parameter, fingerprint)) in &self.files {
            let what = match now.get(path) {
                None => "was removed",
                Some((_, new)) if !fingerprint.is_same(new) => "changed",
                Some(_) => continue,
            };
            return Err(InputChanged { path: path.clone(), parameter: parameter.clone(), what });
        }
        let new = now.into_iter().find(|(path, _)| !self.files.contains_key(path));
        new.map_or(Ok(()), |(path, (parameter, _))| Err(InputChanged { path, parameter, what: "was added" }))
    }

    fn found(
        &self,
        fingerprint: impl Fn(&Path) -> Option<Fingerprint>,
    ) -> BTreeMap<PathBuf, (String, Fingerprint)> {
        let mut files = BTreeMap::new();
        for (parameter, value) in &self.values {
            let resolve = |path: &str| workspace::resolve(&self.root, path);
            for InputFile { path, .. } in input_files::named(value, &resolve).unwrap_or_default() {
                if let Some(found) = fingerprint(&path) {
                    files.entry(path).or_insert((parameter.clone(), found));
                }
            }
        }
        files
    }
}

impl Fingerprint {
    /// The fingerprint of a regular file; `known` spares reading it when the system says it is the same.
    fn of(path: &Path, known: Option<&Fingerprint>) -> Option<Fingerprint> {
        let found = fs::metadata(path).ok().filter(Metadata::is_file)?;
        let (stamp, modified) = (Stamp::of(&found), found.modified().ok());
        let same = known.filter(|known| (known.stamp, known.modified) == (stamp, modified));
        let content = match same {
            Some(known) => known.content.clone(),
            // A file that cannot be read is the reader's to name.
            None => content(path, stamp.bytes).unwrap_or_default(),
        };
        Some(Fingerprint { stamp, modified, content })
    }

    /// Whether it is the same content, as far as can be told without reading long files.
    fn is_same(&self, new: &Fingerprint) -> bool {
        let touched = self.modified != new.modified && self.stamp.bytes > WHOLE;
        self.stamp.bytes == new.stamp.bytes && self.content == new.content && !touched
    }
}

/// A hash of a file, or of blocks at equal distances from its first to its last byte.
fn content(path: &Path, size: u64) -> std::io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    let mut hash = Sha256::new();
    let mut block = Vec::new();
    let starts: Vec<(u64, u64)> = match size <= WHOLE {
        true => vec![(0, size)],
        false => (0..BLOCKS).map(|number| ((size - BLOCK) / (BLOCKS - 1) * number, BLOCK)).collect(),
    };
    let last = size.saturating_sub(BLOCK);
    for (start, length) in starts.into_iter().chain([(last, BLOCK)]) {
        file.seek(SeekFrom::Start(start))?;
        block.clear();
        (&mut file).take(length).read_to_end(&mut block)?;
        hash.update(&block);
    }
    Ok(hash.finalize().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a temporary folder");
        fs::create_dir(folder.path().join("sales")).expect("made");
        for name in ["a.csv", "sales/1.csv", "sales/2.csv", "sales/notes.md", "with, comma.csv"] {
            fs::write(folder.path().join(name), "id\n1\n").expect("written");
        }
        folder
    }

    fn inputs(folder: &tempfile::TempDir, value: &str) -> Inputs {
        Inputs::of(folder.path(), [("transactions".to_owned(), value.to_owned())])
    }

    #[test]
    fn values_name_files_as_the_reader_takes_them() {
        let folder = folder();
        for (value, count) in [
            ("a.csv", 1),
            ("sales", 2),
            ("sales/*.csv", 2),
            ("a.csv; sales/1.csv", 2),
            ("with, comma.csv", 1),
            ("cdnow", 0),
            ("", 0),
            ("s3://bucket/a.csv", 0),
        ] {
            assert_eq!(inputs(&folder, value).files.len(), count, "{value}");
        }
    }

    #[test]
    fn a_change_a_removal_and_a_new_file_are_named_and_a_touch_is_none() {
        let folder = folder();
        let at = |name: &str| folder.path().join(name);
        let inputs = inputs(&folder, "sales");
        assert!(inputs.check().is_ok());
        let file = File::options().append(true).open(at("sales/1.csv")).expect("opened");
        file.set_modified(SystemTime::UNIX_EPOCH).expect("dated");
        assert!(inputs.check().is_ok(), "it has the same content");
        fs::write(at("sales/1.csv"), "id\n2\n").expect("written");
        let said = || inputs.check().unwrap_err().to_string();
        assert!(said().contains("sales/1.csv (transactions) changed while the report ran"), "{}", said());
        fs::write(at("sales/1.csv"), "id\n1\n").expect("written");
        fs::write(at("sales/3.csv"), "id\n3\n").expect("written");
        assert!(said().contains("3.csv (transactions) was added"), "{}", said());
        fs::remove_file(at("sales/3.csv")).expect("removed");
        fs::remove_file(at("sales/2.csv")).expect("removed");
        assert!(said().contains("2.csv (transactions) was removed"), "{}", said());
    }

    #[test]
    fn a_long_file_is_known_by_blocks_and_time() {
        let folder = folder();
        let path = folder.path().join("long.csv");
        fs::write(&path, vec![b'1'; 3 * WHOLE as usize]).expect("written");
        let inputs = inputs(&folder, "long.csv");
        assert!(inputs.check().is_ok());
        let time = fs::metadata(&path).and_then(|found| found.modified()).expect("dated");
        let mut file = File::options().write(true).open(&path).expect("opened");
        file.seek(SeekFrom::End(-1)).expect("there");
        std::io::Write::write_all(&mut file, b"2").expect("written");
        file.set_modified(time).expect("dated");
        assert!(inputs.check().is_err(), "the last byte counts even under an old date");
    }
}
