//! The compiler that the full variant brings: what compiles and links a cell, and no more.

use super::built::Built;
use super::{Context, Path, Result, ensure, fs, helper};
use cltv_protocol::helper::Compiler;
use cltv_protocol::installation::{HELPER, TOOLCHAIN};

/// Copies the compiler into an installation's home, and says where it is from the helper's folder.
pub(super) fn bring(built: &Built, home: &Path) -> Result<Compiler> {
    let (from, to) = (&built.toolchain, home.join(TOOLCHAIN));
    let rustlib = built.rustlib()?;
    let mut files = vec![Path::new("bin/rustc").to_path_buf(), rustlib.join("bin/rust-lld")];
    // The compiler's own libraries; a text with a name of one of them is for other linkers.
    for entry in fs::read_dir(from.join("lib"))? {
        let path = entry?.path();
        let is_library = fs::File::open(&path).ok().is_some_and(is_elf);
        if is_library {
            files.push(path.strip_prefix(from)?.to_path_buf());
        }
    }
    for file in helper::needed(built, &home.join(HELPER))? {
        if let Ok(file) = file.strip_prefix(from) {
            files.push(file.to_path_buf());
        }
    }
    let libraries = rustlib.join("lib");
    for entry in fs::read_dir(from.join(&libraries))? {
        let name = entry?.file_name();
        let text = name.to_string_lossy();
        // The library that every cell loads, and the functions that are linked into each.
        if (text.starts_with("libstd-") && text.ends_with(".so"))
            || (text.starts_with("libcompiler_builtins-") && text.ends_with(".rlib"))
        {
            files.push(libraries.join(name));
        }
    }
    for file in &files {
        let target = to.join(file);
        super::make_parent(&target)?;
        fs::copy(from.join(file), &target).with_context(|| format!("cannot copy {}", file.display()))?;
    }
    licences(from, &home.join("licences/rust"))?;
    Ok(Compiler::Brought { rustc: Path::new("..").join(TOOLCHAIN).join("bin/rustc") })
}

fn is_elf(mut file: fs::File) -> bool {
    let mut start = [0; 4];
    std::io::Read::read_exact(&mut file, &mut start).is_ok() && start == *b"\x7fELF"
}

/// The licences of Rust, of its library and of LLVM, as the toolchain has them.
fn licences(toolchain: &Path, to: &Path) -> Result<()> {
    let documents = toolchain.join("share/doc/rust");
    let mut count = 0;
    for file in super::files_below(&documents)? {
        let name = file.strip_prefix(&documents)?;
        let is_licence = name.starts_with("licenses") || name.to_string_lossy().starts_with("COPYRIGHT");
        if is_licence {
            let target = to.join(name);
            super::make_parent(&target)?;
            fs::copy(&file, &target)?;
            count += 1;
        }
    }
    ensure!(count > 0, "the toolchain has no licences in {}; install it with rustup", documents.display());
    Ok(())
}
