//! The tarball: one folder with everything, compressed by zstd.

use super::{Context, Path, Result, files_below, fs};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;

/// How far back a match may be, as a power of two: the metadata of crates repeat each other.
const WINDOW: u32 = 27;

/// Writes the files below a folder, under the archive's own name, as if root owned them.
pub(super) fn write(prefix: &Path, file: &Path, level: i32) -> Result<()> {
    let name = file.file_name().and_then(|name| name.to_str()).context("an archive without a name")?;
    let top = name.strip_suffix(".tar.zst").context("an archive with another ending")?;
    let mut encoder = zstd::Encoder::new(fs::File::create(file)?, level)?;
    encoder.multithread(std::thread::available_parallelism()?.get().try_into()?)?;
    // `tar` and `zstd` unpack such a window without an option.
    encoder.window_log(WINDOW)?;
    let mut builder = tar::Builder::new(encoder);
    for path in files_below(prefix)? {
        let bytes = fs::read(&path)?;
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len().try_into()?);
        header.set_mode(fs::metadata(&path)?.permissions().mode() & 0o777);
        header.set_mtime(0);
        builder.append_data(&mut header, Path::new(top).join(path.strip_prefix(prefix)?), &*bytes)?;
    }
    builder.into_inner()?.finish()?.flush()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_have_one_folder_and_their_permissions() {
        let place = tempfile::tempdir().unwrap();
        let prefix = place.path().join("prefix");
        fs::create_dir_all(prefix.join("bin")).unwrap();
        fs::write(prefix.join("bin/cltv"), "a program").unwrap();
        fs::set_permissions(prefix.join("bin/cltv"), PermissionsExt::from_mode(0o755)).unwrap();
        let file = place.path().join("cltv-1.tar.zst");
        write(&prefix, &file, 1).unwrap();
        let mut archive = tar::Archive::new(zstd::Decoder::new(fs::File::open(&file).unwrap()).unwrap());
        let entries: Vec<(String, u32)> = archive
            .entries()
            .unwrap()
            .map(|entry| {
                let entry = entry.unwrap();
                (entry.path().unwrap().to_string_lossy().into_owned(), entry.header().mode().unwrap())
            })
            .collect();
        assert_eq!(entries, [("cltv-1/bin/cltv".to_owned(), 0o755)]);
    }
}
