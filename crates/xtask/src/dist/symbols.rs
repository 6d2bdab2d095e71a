//! The oldest C library that programs and libraries run with, by the versions of the symbols they need.

use super::{Context, Path, Result, files_below, fs};
use object::elf::FileHeader64;
use object::read::elf::FileHeader;
use object::{Endianness, FileKind};

/// The tag of a wheel with the files below a folder, as `manylinux_2_35_x86_64`.
pub(super) fn platform_tag(folder: &Path) -> Result<String> {
    let mut newest = (2, 17);
    for file in files_below(folder)? {
        let bytes = fs::read(&file)?;
        if FileKind::parse(&*bytes).is_ok_and(|kind| kind == FileKind::Elf64) {
            let found = newest_needed(&bytes).with_context(|| format!("cannot read {}", file.display()))?;
            newest = newest.max(found.unwrap_or_default());
        }
    }
    Ok(format!("manylinux_{}_{}_x86_64", newest.0, newest.1))
}

/// The newest version of glibc whose symbols a file needs.
fn newest_needed(bytes: &[u8]) -> Result<Option<(u32, u32)>> {
    let header = FileHeader64::<Endianness>::parse(bytes)?;
    let endian = header.endian()?;
    let sections = header.sections(endian, bytes)?;
    let Some((mut needs, names)) = sections.gnu_verneed(endian, bytes)? else { return Ok(None) };
    let names = sections.strings(endian, bytes, names)?;
    let mut newest = None;
    while let Some((_, mut versions)) = needs.next()? {
        while let Some(version) = versions.next()? {
            newest = newest.max(glibc(&String::from_utf8_lossy(version.name(endian, names)?)));
        }
    }
    Ok(newest)
}

/// `GLIBC_2.35` as numbers.
fn glibc(name: &str) -> Option<(u32, u32)> {
    let mut numbers = name.strip_prefix("GLIBC_")?.split('.').map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_glibc_are_read() {
        assert_eq!(glibc("GLIBC_2.35"), Some((2, 35)));
        assert_eq!(glibc("GLIBC_2.2.5"), Some((2, 2)));
        assert_eq!((glibc("GCC_3.0"), glibc("GLIBC_PRIVATE")), (None, None));
    }

    #[test]
    fn this_program_needs_a_c_library() {
        let own = fs::read(std::env::current_exe().unwrap()).unwrap();
        assert!(newest_needed(&own).unwrap().is_some_and(|version| version >= (2, 2)));
    }
}
