//! The tools evcxr finds on its path: a `cargo` that compiles a cell by calling rustc
//! directly against the prebuilt helper, and a `rustup` that names that cargo.
//!
//! evcxr runs `cargo build` for every cell. With one dependency that is already
//! compiled there is nothing for cargo to do, so the cell is compiled at once. As soon
//! as a cell names another crate, the real cargo builds the graph, and this program,
//! as its rustc wrapper, still answers for the helper.

use super::inter_process_files::take_failed_cell;
use super::kept_crates::KeptCrates;
use super::{CellBuild, SOURCE, cargo_answers, linking};
use crate::evcxr_folders::build_log;
use crate::helper::Helper;
use crate::toolchain::{Toolchain, find_on_path};
use crate::user_environment;
use anyhow::{Context, Result};
use cltv_protocol::environment;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Puts the shims first on the path of everything this process starts.
pub(crate) fn prepare_environment(
    workdir: &Path,
    helper: Option<&Helper>,
    toolchain: &Toolchain,
) -> Result<()> {
    let bin = workdir.join("bin");
    std::fs::create_dir(&bin)?;
    let me = std::env::current_exe()?;
    for tool in ["cargo", "rustup"] {
        std::os::unix::fs::symlink(&me, bin.join(tool))?;
    }
    let is_installed = helper.is_some_and(Helper::is_installed);
    if is_installed {
        linking::prepare(workdir)?;
    }
    // An installation answers what evcxr asks of cargo: there may be no other.
    let answering = bin.join("cargo");
    let cargo = toolchain.cargo.as_ref().filter(|_| !is_installed).unwrap_or(&answering);
    let mut path = vec![bin.clone()];
    path.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    let path = std::env::join_paths(path)?;
    let tmpdir = workdir.join("ctx");
    std::fs::create_dir(&tmpdir)?;
    let temporary = workdir.join("tmp");
    std::fs::create_dir(&temporary)?;
    let config = workdir.join("config");
    std::fs::create_dir(&config)?;
    let input = std::ffi::CString::new(workdir.join("input").into_os_string().into_encoded_bytes())?;
    // SAFETY: makes a file under a name that ends with a zero; where it cannot, cells have no input.
    unsafe { libc::mkfifo(input.as_ptr(), 0o600) };
    // SAFETY: called from main before any thread is started.
    unsafe {
        user_environment::move_temporary_folder(&temporary);
        std::env::set_var("PATH", path);
        match &toolchain.cargo {
            Some(real) => std::env::set_var(environment::REAL_CARGO, real),
            None => std::env::remove_var(environment::REAL_CARGO),
        }
        std::env::set_var(environment::REAL_RUSTC, &toolchain.rustc);
        std::env::set_var(environment::EVCXR_FOLDER, &tmpdir);
        // A person's own settings of evcxr may name another folder, and would then beat this one.
        std::env::set_var(environment::EVCXR_CONFIG, &config);
        if let Some(helper) = helper {
            std::env::set_var(environment::HELPER, &helper.folder);
        }
        std::env::set_var(environment::CELL_STARTED, workdir.join("started"));
        // With this variable the helper library leaves it to the kernel to put outputs together.
        std::env::set_var(environment::KERNEL, env!("CARGO_PKG_VERSION"));
        // The real cargo takes its compiler from the second.
        std::env::set_var("CARGO", cargo);
        std::env::set_var("RUSTC", &toolchain.rustc);
        // Variables of a cargo that started us would confuse the one a cell starts.
        for name in ["CARGO_TARGET_DIR", "RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "RUSTC_WRAPPER"] {
            std::env::remove_var(name);
        }
    }
    Ok(())
}

/// If this process was started as one of the tools, plays it and gives its exit code.
pub(crate) fn run_if_invoked_as_tool() -> Option<u8> {
    let outcome = if std::env::var_os(environment::RUSTC_WRAPPER).is_some() {
        wrap_rustc()
    } else {
        let name = std::env::args_os().next()?;
        match Path::new(&name).file_name()?.to_str()? {
            "cargo" => cargo(),
            "rustup" => rustup(),
            _ => return None,
        }
    };
    Some(outcome.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        101
    }))
}

fn rustup() -> Result<u8> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let answer = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        // The `cargo` beside the `rustup` that was called.
        ["which", "cargo"] => Path::new(&std::env::args_os().next().unwrap_or_default())
            .parent()
            .filter(|folder| folder.is_absolute())
            .map(|folder| folder.join("cargo"))
            .or_else(|| find_on_path("cargo")),
        ["which", "rustc"] => std::env::var_os(environment::REAL_RUSTC).map(PathBuf::from),
        _ => None,
    };
    match answer {
        Some(path) => {
            println!("{}", path.display());
            Ok(0)
        }
        None => Ok(1),
    }
}

fn cargo() -> Result<u8> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    crate::processes::end_group_with_parent();
    let helper = Helper::from_environment().ok().flatten();
    let build = CellBuild::from_arguments(&arguments);
    // evcxr would run it again.
    anyhow::ensure!(build.is_none() || !take_failed_cell(), "the cell has failed");
    if let Some(kind) = build
        && let Some(dependencies) = cell_dependencies(Path::new("Cargo.toml"))
    {
        let name = helper.as_ref().map(|h| h.manifest.crate_name.as_str());
        if dependencies.keys().all(|d| Some(d.as_str()) == name) {
            return super::without_cargo(&kind, helper.as_ref());
        }
    }
    if let Some(helper) = helper.as_ref().filter(|helper| helper.is_installed())
        && let Some(answer) = cargo_answers::answer(&arguments, helper)?
    {
        print!("{answer}");
        return Ok(0);
    }
    let kept =
        helper.as_ref().and_then(|helper| KeptCrates::of(helper, &dependencies_of(Path::new("Cargo.toml"))?));
    if let Some(kept) = kept {
        return run_with_kept(&arguments, &kept);
    }
    run_real_cargo(&arguments)
}

/// Stands in the build folder once crates of this set were put there or kept.
const HAS_SET: &str = "target/set";

/// Runs cargo with what it made of the same crates for another kernel.
fn run_with_kept(arguments: &[String], kept: &KeptCrates) -> Result<u8> {
    if CellBuild::from_arguments(arguments).is_none() {
        kept.lock();
        return run_real_cargo(arguments);
    }
    let set = kept.name();
    let is_new = std::fs::read_to_string(HAS_SET).unwrap_or_default() != set;
    let is_restored = is_new && kept.restore();
    let code = run_real_cargo(arguments)?;
    if is_new && code == 0 {
        // Where it cannot be kept, the next kernel compiles it again.
        let _ = if is_restored { Ok(()) } else { kept.keep() };
        std::fs::write(HAS_SET, set)?;
    }
    Ok(code)
}

fn run_real_cargo(arguments: &[String]) -> Result<u8> {
    let cargo = std::env::var_os(environment::REAL_CARGO)
        .context("there is no cargo beside the compiler of cells")?;
    let mut command = Command::new(cargo);
    // Instead of any wrapper of evcxr's: only ours compiles a cell as the kernel requires.
    command
        .args(arguments)
        .env("RUSTC_WRAPPER", std::env::current_exe()?)
        .env(environment::RUSTC_WRAPPER, "1");
    if CellBuild::from_arguments(arguments).is_none() {
        return Err(command.exec().into());
    }
    // A build takes a while, and what it says now would be seen only when it has ended.
    let mut cargo = command.stderr(Stdio::piped()).spawn().context("cannot start cargo")?;
    let mut log = std::fs::File::create(build_log()?).context("cannot write the log of the build")?;
    for line in BufReader::new(cargo.stderr.take().context("cargo has no stderr")?).lines() {
        let line = line?;
        writeln!(log, "{line}")?;
        eprintln!("{line}");
    }
    Ok(cargo.wait()?.code().unwrap_or(101).clamp(0, 255) as u8)
}

/// The dependencies of evcxr's crate; none if the folder holds another package.
fn cell_dependencies(manifest: &Path) -> Option<BTreeMap<String, toml::Value>> {
    let table: toml::Table = std::fs::read_to_string(manifest).ok()?.parse().ok()?;
    let is_cell = table.get("package")?.get("name")?.as_str()? == "ctx";
    is_cell.then(|| dependencies_of(manifest)).flatten()
}

/// The dependencies of a manifest.
fn dependencies_of(manifest: &Path) -> Option<BTreeMap<String, toml::Value>> {
    let table: toml::Table = std::fs::read_to_string(manifest).ok()?.parse().ok()?;
    let dependencies = table.get("dependencies").and_then(|d| d.as_table()).cloned().unwrap_or_default();
    Some(dependencies.into_iter().collect())
}

/// The wrapper around rustc in a build by the real cargo.
fn wrap_rustc() -> Result<u8> {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    anyhow::ensure!(!arguments.is_empty(), "the rustc wrapper was called without arguments");
    let rustc = arguments.remove(0);
    let is_cell = crate_name(&arguments) == Some("ctx");
    let helper = Helper::from_environment()?;
    if let Some(helper) = helper.as_ref().filter(|helper| is_stub(helper)) {
        replace_source(&mut arguments, &helper.folder.join("empty.rs"));
    }
    if is_cell && arguments.iter().any(|a| a == SOURCE) {
        if let Some(helper) = &helper {
            use_prebuilt(&mut arguments, helper);
        }
        without_metadata(&mut arguments);
        return super::for_cargo(rustc, arguments, helper.as_ref());
    }
    Err(Command::new(rustc).args(arguments).env_remove(environment::RUSTC_WRAPPER).exec().into())
}

fn is_stub(helper: &Helper) -> bool {
    let package = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let stubs = helper.stub();
    package.as_deref().and_then(Path::parent).is_some_and(|parent| Some(parent) == stubs.parent())
}

fn crate_name(arguments: &[String]) -> Option<&str> {
    let at = arguments.iter().position(|a| a == "--crate-name")?;
    arguments.get(at + 1).map(String::as_str)
}

/// A stub's sources need crates that are not in the graph; an empty crate stands for them.
fn replace_source(arguments: &mut [String], empty: &Path) {
    if let Some(source) = arguments.iter_mut().find(|a| a.ends_with(".rs")) {
        *source = empty.to_string_lossy().into_owned();
    }
}

/// Puts the prebuilt library in the place of its stub. Every cell is compiled against it, whatever it
/// depends on: it keeps their variables.
fn use_prebuilt(arguments: &mut Vec<String>, helper: &Helper) {
    let prefix = format!("{}=", helper.manifest.crate_name);
    if let Some(at) = arguments.iter().position(|a| a.starts_with(&prefix)) {
        arguments.drain(at - 1..=at);
    }
    arguments.extend(helper.rustc_arguments());
    arguments.extend(linking::options(helper));
}

/// Leaves out what would make the types of a cell others than those of cells compiled without cargo.
fn without_metadata(arguments: &mut Vec<String>) {
    while let Some(at) =
        arguments.windows(2).position(|pair| pair[0] == "-C" && pair[1].starts_with("metadata="))
    {
        arguments.drain(at..at + 2);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strings(arguments: &[&str]) -> Vec<String> {
        arguments.iter().map(|a| (*a).to_owned()).collect()
    }

    #[test]
    fn evcxrs_calls_are_understood() {
        let build = CellBuild::from_arguments(&strings(&["build", "--target", "x", "--message-format=json"]));
        assert!(build.is_some_and(|b| !b.check && b.target == "x"));
        assert!(CellBuild::from_arguments(&strings(&["metadata", "--format-version", "1"])).is_none());
        assert!(
            CellBuild::from_arguments(&strings(&["--offline", "check", "--target", "x"]))
                .is_some_and(|b| b.check)
        );
    }

    #[test]
    fn only_evcxrs_own_crate_is_compiled_here() {
        let folder = tempfile::tempdir().unwrap();
        let manifest = folder.path().join("Cargo.toml");
        std::fs::write(&manifest, "[package]\nname = \"ctx\"\n[dependencies]\ncltv = { path = \"/x\" }\n")
            .unwrap();
        let dependencies = cell_dependencies(&manifest).unwrap();
        assert_eq!(dependencies.keys().collect::<Vec<_>>(), ["cltv"]);
        std::fs::write(&manifest, "[package]\nname = \"mine\"\n").unwrap();
        assert!(cell_dependencies(&manifest).is_none());
    }

    #[test]
    fn types_of_cells_do_not_depend_on_cargo() {
        let mut arguments = strings(&["--crate-name", "ctx", "-C", "metadata=1f", "-C", "opt-level=2"]);
        without_metadata(&mut arguments);
        assert_eq!(arguments, ["--crate-name", "ctx", "-C", "opt-level=2"]);
    }

    #[test]
    fn a_stub_is_compiled_as_an_empty_crate() {
        let mut arguments =
            strings(&["--crate-name", "polars", "/registry/polars/src/lib.rs", "--crate-type", "lib"]);
        replace_source(&mut arguments, Path::new("/helper/empty.rs"));
        assert_eq!(arguments[2], "/helper/empty.rs");
        assert_eq!(crate_name(&arguments), Some("polars"));
    }
}
