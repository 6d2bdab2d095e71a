//! `cargo xtask dist`: what a user installs, as a tarball and as a wheel, with and without the compiler.
//!
//! Kernel and helper are built as `cltv kernel install` builds them, so that the cache serves both; then
//! they are trimmed to what cells need, and the paths of this machine are taken out.

mod archive;
mod built;
mod check;
mod helper;
mod licences;
mod paths;
mod symbols;
mod toolchain;
mod wheel;

use crate::run::{cache, cargo, root, run, target};
use anyhow::{Context, Result, ensure};
use clap::Args;
use cltv_protocol::installation::{
    COMMAND, CONTENTS, FILE, HELPER, HOME, Installation, KERNEL, KERNELSPEC, NOTEBOOKS, Variant,
};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The most that the files may have, in bytes.
const MOST_SLIM: u64 = 130_000_000;
const MOST_FULL: u64 = 280_000_000;

/// What `cargo xtask dist` takes.
#[derive(Debug, Args)]
pub(crate) struct Made {
    /// Only one of the variants, `slim` or `full`.
    #[arg(long, value_parser = ["slim", "full"])]
    only: Option<String>,
    /// How much the tarballs are compressed: zstd's levels, 1 to 19.
    #[arg(long, default_value_t = 19, value_parser = clap::value_parser!(i32).range(1..=19))]
    level: i32,
    /// Install what was made in an empty Debian and elsewhere, and run it.
    #[arg(long)]
    check: bool,
    /// Check what an earlier call has made.
    #[arg(long)]
    check_only: bool,
}

/// The files of one variant.
pub(super) struct Files {
    pub(super) tarball: PathBuf,
    pub(super) wheel: PathBuf,
}

/// Makes the archives of both variants, and checks them where that is asked for.
pub(crate) fn make(made: &Made) -> Result<()> {
    if cfg!(debug_assertions) {
        // Compressing and hashing without optimisation takes many times as long.
        let mut optimised = cargo();
        optimised.args(["run", "--release", "--quiet", "--locked", "--package", "xtask", "--"]);
        return run(optimised.args(std::env::args_os().skip(1)));
    }
    let out = target().join("dist");
    let wanted = |variant: Variant| made.only.as_deref().is_none_or(|only| only == variant.name());
    if !made.check_only {
        fs::create_dir_all(&out)?;
        let built = built::build()?;
        let prefix = out.join("prefix");
        let _ = fs::remove_dir_all(&prefix);
        fs::create_dir_all(prefix.join(HOME))?;
        common(&built, &prefix)?;
        for variant in [Variant::Slim, Variant::Full].into_iter().filter(|variant| wanted(*variant)) {
            complete(&built, &prefix, variant)?;
            pack(&out, &prefix, variant, made.level)?;
        }
        fs::remove_dir_all(&prefix)?;
    }
    if made.check || made.check_only {
        check::check(&out)?;
    }
    Ok(())
}

/// What both variants have, without a path of this machine.
fn common(built: &built::Built, prefix: &Path) -> Result<()> {
    let home = prefix.join(HOME);
    for (from, to) in [(&built.command, prefix.join(COMMAND)), (&built.kernel, home.join(KERNEL))] {
        make_parent(&to)?;
        fs::copy(from, &to).with_context(|| format!("cannot copy {}", from.display()))?;
        built.strip(&to)?;
    }
    helper::stage(built, &home.join(HELPER))?;
    for folder in ["notebooks", "data"] {
        let to = home.join(if folder == "notebooks" { NOTEBOOKS } else { folder });
        fs::create_dir_all(&to)?;
        for file in tracked(folder)? {
            let name = file.file_name().context("a file without a name")?;
            fs::copy(root().join(&file), to.join(name))?;
        }
    }
    licences::write(&home.join("licences"))?;
    let spec = prefix.join(KERNELSPEC).join("kernel.json");
    make_parent(&spec)?;
    let to_home = "../../../cltv";
    let kernelspec = serde_json::json!({
        "argv": [format!("{{resource_dir}}/{to_home}/{KERNEL}"), "-f", "{connection_file}"],
        "display_name": "Rust (cltv)",
        "language": "rust",
        "interrupt_mode": "message",
        "metadata": {"debugger": false},
    });
    fs::write(spec, format!("{kernelspec:#}\n"))?;
    paths::take_out(&built.own_paths()?, prefix)
}

/// Makes one variant of it: its compiler, what it says of itself, and the list of its files.
fn complete(built: &built::Built, prefix: &Path, variant: Variant) -> Result<()> {
    let home = prefix.join(HOME);
    let compiler = match variant {
        Variant::Slim => cltv_protocol::helper::Compiler::Wanted,
        Variant::Full => toolchain::bring(built, &home)?,
    };
    helper::write_manifest(built, compiler, &home.join(HELPER))?;
    let what = Installation {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        commit: commit()?,
        rustc: built.manifest.compiler_name().to_owned(),
        variant,
    };
    fs::write(home.join(FILE), format!("{:#}\n", serde_json::to_value(&what)?))?;
    let _ = fs::remove_file(home.join(CONTENTS));
    let mut contents = BTreeMap::new();
    for file in files_below(&home)? {
        let bytes = fs::read(&file)?;
        let digest: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        let name = file.strip_prefix(&home)?.to_str().context("a name that is no text")?.to_owned();
        contents.insert(name, (bytes.len(), digest));
    }
    fs::write(home.join(CONTENTS), serde_json::to_vec(&contents)?)?;
    for file in files_below(prefix)? {
        let is_program = fs::metadata(&file)?.permissions().mode() & 0o111 != 0;
        fs::set_permissions(&file, fs::Permissions::from_mode(if is_program { 0o755 } else { 0o644 }))?;
    }
    paths::check(&built.own_paths()?, prefix)
}

fn pack(out: &Path, prefix: &Path, variant: Variant, level: i32) -> Result<()> {
    let tag = symbols::platform_tag(prefix)?;
    let files = names(out, variant, &tag);
    for old in [&files.tarball, &files.wheel] {
        let _ = fs::remove_file(old);
    }
    archive::write(prefix, &files.tarball, level)?;
    wheel::write(prefix, &files.wheel, &tag)?;
    let most = match variant {
        Variant::Slim => MOST_SLIM,
        Variant::Full => MOST_FULL,
    };
    for (file, most) in [(&files.tarball, most), (&files.wheel, most / 3 * 4)] {
        let size = fs::metadata(file)?.len();
        let megabytes = |bytes: u64| bytes as f64 / 1e6;
        eprintln!("{}  {:.1} MB of at most {:.0}", file.display(), megabytes(size), megabytes(most));
        ensure!(size <= most, "{} has {size} bytes, more than {most}", file.display());
    }
    Ok(())
}

/// The names of a variant's files.
fn names(out: &Path, variant: Variant, tag: &str) -> Files {
    let (version, name) = (env!("CARGO_PKG_VERSION"), variant.name());
    Files {
        tarball: out.join(format!("cltv-{version}-x86_64-linux-{name}.tar.zst")),
        // Both variants are the same package: each in a folder of its own.
        wheel: out.join(name).join(wheel::file_name(version, tag)),
    }
}

fn commit() -> Result<String> {
    let git = |arguments: &[&str]| -> Result<String> {
        let output = Command::new("git").args(arguments).current_dir(root()).output()?;
        ensure!(
            output.status.success(),
            "git {}: {}",
            arguments.join(" "),
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let commit = git(&["rev-parse", "--short=10", "HEAD"])?;
    let changed = git(&["status", "--porcelain", "--untracked-files=no"])?;
    Ok(if changed.is_empty() { commit } else { format!("{commit} with changes") })
}

/// The committed files of a folder, relative to the checkout.
fn tracked(folder: &str) -> Result<Vec<PathBuf>> {
    let output = Command::new("git").args(["ls-files", "-z", folder]).current_dir(root()).output()?;
    ensure!(output.status.success(), "git ls-files {folder}: {}", String::from_utf8_lossy(&output.stderr));
    let names = String::from_utf8(output.stdout)?;
    Ok(names.split('\0').filter(|name| !name.is_empty()).map(PathBuf::from).collect())
}

/// Every file below a folder, sorted; links are none.
fn files_below(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut queue = vec![folder.to_path_buf()];
    while let Some(folder) = queue.pop() {
        for entry in fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))? {
            let entry = entry?;
            match entry.file_type()? {
                kind if kind.is_dir() => queue.push(entry.path()),
                kind if kind.is_file() => files.push(entry.path()),
                _ => {}
            }
        }
    }
    files.sort();
    Ok(files)
}

fn make_parent(file: &Path) -> Result<()> {
    Ok(fs::create_dir_all(file.parent().context("a path without a folder")?)?)
}
