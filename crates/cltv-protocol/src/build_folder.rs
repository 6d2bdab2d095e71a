//! A build folder that several checkouts use one after the other.
//!
//! cargo names what it compiles of a workspace by paths inside the workspace, and takes it for fresh when it
//! is newer than the sources. So a second checkout, or one of another branch, whose files are older would
//! be given the first one's libraries. Dependencies from a registry do not have this fault, and are shared.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Names the checkout that built last.
const OWNER: &str = "checkout";
/// Where cargo keeps, by crate, what it compiled from.
const FINGERPRINTS: &str = ".fingerprint";

/// Makes a build folder that of a checkout, before cargo builds there: if another one built last, what was
/// compiled of the workspace's own crates, the folders in its `crates`, is compiled again.
///
/// # Errors
/// When a folder cannot be made, read or written.
///
/// # Examples
/// ```
/// # fn main() -> std::io::Result<()> {
/// let folder = tempfile::tempdir()?;
/// let fingerprint = folder.path().join("release/.fingerprint/shop-0a1b2c");
/// std::fs::create_dir_all(&fingerprint)?;
/// let checkouts = ["one", "two"].map(|name| folder.path().join(name));
/// for checkout in &checkouts {
///     std::fs::create_dir_all(checkout.join("crates/shop"))?;
/// }
/// let claim = |checkout: &std::path::Path| cltv_protocol::build_folder::claim(folder.path(), checkout);
/// claim(&checkouts[0])?;
/// std::fs::create_dir_all(&fingerprint)?;
/// claim(&checkouts[0])?;
/// assert!(fingerprint.exists());
/// claim(&checkouts[1])?;
/// assert!(!fingerprint.exists());
/// # Ok(())
/// # }
/// ```
pub fn claim(folder: &Path, checkout: &Path) -> io::Result<()> {
    let owner = folder.join(OWNER);
    let own = checkout.as_os_str().as_encoded_bytes();
    if fs::read(&owner).is_ok_and(|owner| owner == own) {
        return Ok(());
    }
    let crates = crates(checkout)?;
    fs::create_dir_all(folder)?;
    for profile in profiles(folder) {
        for entry in fs::read_dir(profile.join(FINGERPRINTS))? {
            let entry = entry?;
            let name = entry.file_name();
            // The crate's name, and a hash behind the last hyphen.
            let of = name.to_str().and_then(|name| name.rsplit_once('-'));
            if of.is_some_and(|(name, _)| crates.iter().any(|own| own == name)) {
                fs::remove_dir_all(entry.path())?;
            }
        }
    }
    fs::write(owner, own)
}

/// The names of a workspace's crates.
fn crates(checkout: &Path) -> io::Result<Vec<String>> {
    let entries = fs::read_dir(checkout.join("crates"))?;
    entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect()
}

/// The folders of profiles, of the machine's own target and of named ones.
fn profiles(folder: &Path) -> Vec<PathBuf> {
    let inside = |folder: &Path| -> Vec<PathBuf> {
        fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect()
    };
    let first = inside(folder);
    let second = first.iter().flat_map(|folder| inside(folder));
    first.iter().cloned().chain(second).filter(|folder| folder.join(FINGERPRINTS).is_dir()).collect()
}
