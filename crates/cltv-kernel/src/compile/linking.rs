//! Linking a cell without a C compiler: by the linker that comes with rustc, against the system's own C
//! library.
//!
//! A cell is a library beside the standard library's dynamic one: it needs no startup objects and no
//! development packages, only the files that every program of this machine loads.

use crate::helper::Helper;
use anyhow::{Context, Result};
use cltv_protocol::environment;
use cltv_protocol::helper::Compiler;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

/// The folder with the names under which the linker looks for the C library, from the folder in which
/// evcxr compiles: a path from the root would make the same cell another one in each kernel.
const FOLDER: &str = "../native";

/// What a linker calls the parts of the C library; today they are one file.
const PARTS: [&str; 5] = ["c", "dl", "pthread", "rt", "util"];

/// Makes the folder in a kernel's working folder.
pub(super) fn prepare(workdir: &Path) -> Result<()> {
    let folder = workdir.join("native");
    std::fs::create_dir(&folder)?;
    let maps = std::fs::read_to_string("/proc/self/maps").context("cannot read /proc/self/maps")?;
    let library = loaded(&maps, "libc.so.").context("this program has loaded no libc.so")?;
    for part in PARTS {
        symlink(&library, folder.join(format!("lib{part}.so")))?;
    }
    let numbers = library.with_file_name("libm.so.6");
    symlink(if numbers.is_file() { &numbers } else { &library }, folder.join("libm.so"))?;
    let unwinder = loaded(&maps, "libgcc_s.so.").context("this program has loaded no libgcc_s.so")?;
    symlink(unwinder, folder.join("libgcc_s.so"))?;
    Ok(())
}

/// The file of a library that this process has loaded.
fn loaded(maps: &str, begin: &str) -> Option<PathBuf> {
    let paths = maps.lines().filter_map(|line| line.find('/').map(|at| Path::new(&line[at..])));
    let is_it = |path: &&Path| {
        path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with(begin))
    };
    paths.into_iter().find(is_it).map(Path::to_path_buf)
}

/// The options of rustc; none where the library was built here, and a C compiler with it.
pub(super) fn options(helper: &Helper) -> Vec<String> {
    if matches!(helper.manifest.compiler, Compiler::Here { .. }) {
        return Vec::new();
    }
    let Some(linker) = linker(helper) else { return Vec::new() };
    let linker = format!("linker={}", linker.display());
    ["-C", &linker, "-C", "linker-flavor=ld.lld", "-L", &format!("native={FOLDER}")].map(str::to_owned).into()
}

/// The linker beside the compiler of cells; a distribution's compiler may have none, and links with `cc`.
fn linker(helper: &Helper) -> Option<PathBuf> {
    let rustc = PathBuf::from(std::env::var_os(environment::REAL_RUSTC)?);
    let root = rustc.parent()?.parent()?;
    let linker = root.join("lib/rustlib").join(helper.manifest.host()?).join("bin/rust-lld");
    linker.is_file().then_some(linker)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_c_library_of_this_process_is_found() {
        let maps = "7f00-7f01 r--p 00000000 fe:00 12  /usr/lib/a b/libc.so.6\n7f02-7f03 rw-p 0 00:00 0\n7f04-7f05 r--p 0 fe:00 13  /usr/lib/libcltv.so\n";
        assert_eq!(loaded(maps, "libc.so."), Some("/usr/lib/a b/libc.so.6".into()));
        assert_eq!(loaded(maps, "libgcc_s.so."), None);
        let workdir = tempfile::tempdir().unwrap();
        prepare(workdir.path()).unwrap();
        for name in ["libc.so", "libm.so", "libdl.so", "libgcc_s.so"] {
            let start = std::fs::read(workdir.path().join("native").join(name)).unwrap();
            assert!(start.starts_with(b"\x7fELF"), "{name}");
        }
    }
}
