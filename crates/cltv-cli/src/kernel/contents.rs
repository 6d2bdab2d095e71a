//! What a published folder contains, so that a file that was cut or changed on the disk is found, and built
//! again.

use super::error::KernelError;
use cltv_protocol::installation;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// The list's file name.
const LIST: &str = installation::CONTENTS;

/// Files relative to the folder, each with its length and hash.
type Contents = BTreeMap<String, (u64, String)>;

/// How much is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Depth {
    /// That every file is there, with its length: before each run.
    Lengths,
    /// Every byte.
    Bytes,
}

/// Notes what is in a folder, when all of it is on the disk.
pub(super) fn note(folder: &Path) -> Result<(), KernelError> {
    let mut contents = Contents::new();
    collect(folder, folder, &mut contents)?;
    let list = folder.join(LIST);
    let text = serde_json::to_vec(&contents).map_err(std::io::Error::from);
    let written =
        text.and_then(|text| std::fs::write(&list, text)).and_then(|()| File::open(&list)?.sync_all());
    written.map_err(KernelError::file("Writing", &list))
}

fn collect(root: &Path, folder: &Path, contents: &mut Contents) -> Result<(), KernelError> {
    for entry in std::fs::read_dir(folder).map_err(KernelError::file("Reading", folder))? {
        let path = entry.map_err(KernelError::file("Reading", folder))?.path();
        if path.is_dir() {
            collect(root, &path, contents)?;
            continue;
        }
        let noted = File::open(&path).and_then(|file| {
            file.sync_all()?;
            Ok((file.metadata()?.len(), hash(&path)?))
        });
        let name = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().into_owned();
        contents.insert(name, noted.map_err(KernelError::file("Reading", &path))?);
    }
    Ok(())
}

fn hash(path: &Path) -> std::io::Result<String> {
    let (mut file, mut hash) = (File::open(path)?, Sha256::new());
    let mut block = vec![0; 1 << 16];
    loop {
        match file.read(&mut block)? {
            0 => break,
            read => hash.update(&block[..read]),
        }
    }
    Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

fn read(folder: &Path) -> Option<Contents> {
    serde_json::from_slice(&std::fs::read(folder.join(LIST)).ok()?).ok()
}

/// The first file of a folder that is not as it was published; the list itself where it is not readable.
pub(super) fn damaged(folder: &Path, depth: Depth) -> Option<PathBuf> {
    let Some(contents) = read(folder) else { return Some(folder.join(LIST)) };
    let is_same = |path: &Path, length: u64, digest: &str| {
        let found = std::fs::metadata(path);
        found.is_ok_and(|found| found.is_file() && found.len() == length)
            && (depth == Depth::Lengths || hash(path).is_ok_and(|found| found == digest))
    };
    let mut files = contents.iter().map(|(name, (length, digest))| (folder.join(name), *length, digest));
    files.find(|(path, length, digest)| !is_same(path, *length, digest)).map(|(path, _, _)| path)
}

/// Removes what is damaged from cargo's folder: a published library is another name of cargo's own file, and
/// cargo would take the damaged one for fresh.
pub(super) fn forget_damaged(folder: &Path, build: &Path) {
    let contents = read(folder).unwrap_or_default();
    let by_name: BTreeMap<&str, &String> = contents
        .iter()
        .map(|(name, (_, digest))| (name.rsplit('/').next().unwrap_or(name), digest))
        .collect();
    let mut folders = vec![build.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let (path, name) = (entry.path(), entry.file_name());
            let digest = by_name.get(&*name.to_string_lossy());
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => folders.push(path),
                Ok(_) if digest.is_some_and(|digest| hash(&path).is_ok_and(|found| found != **digest)) => {
                    let _ = std::fs::remove_file(path);
                }
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_cut_changed_or_gone_is_found_and_forgotten_by_cargo() {
        let place = tempfile::tempdir().expect("a temporary folder");
        let (folder, build) = (place.path().join("helper"), place.path().join("build"));
        std::fs::create_dir_all(folder.join("deps")).expect("made");
        std::fs::create_dir_all(build.join("helper/deps")).expect("made");
        assert_eq!(damaged(&folder, Depth::Lengths), Some(folder.join(LIST)), "it was never completed");
        let (library, manifest) = (folder.join("deps/liba.rlib"), folder.join("helper.json"));
        let (of_cargo, copied) = (build.join("helper/deps/liba.rlib"), build.join("helper/helper.json"));
        for (file, other) in [(&library, &of_cargo), (&manifest, &copied)] {
            std::fs::write(other, "good").expect("written");
            std::fs::copy(other, file).expect("copied");
        }
        std::fs::remove_file(&library)
            .and_then(|()| std::fs::hard_link(&of_cargo, &library))
            .expect("linked");
        note(&folder).expect("noted");
        assert_eq!(damaged(&folder, Depth::Bytes), None);
        std::fs::write(folder.join("cells"), "later").expect("written");
        assert_eq!(damaged(&folder, Depth::Bytes), None, "what a kernel adds is its own");
        std::fs::write(&library, "evil").expect("written");
        assert_eq!(damaged(&folder, Depth::Lengths), None);
        assert_eq!(damaged(&folder, Depth::Bytes), Some(library.clone()));
        forget_damaged(&folder, &build);
        assert!(!of_cargo.exists() && copied.exists());
        std::fs::write(&library, "cut").expect("written");
        assert_eq!(damaged(&folder, Depth::Lengths), Some(library.clone()));
        std::fs::remove_file(&library).expect("removed");
        assert_eq!(damaged(&folder, Depth::Lengths), Some(library));
    }
}
