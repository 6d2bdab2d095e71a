//! The command, the kernel and the helper, as `cltv kernel install` builds them.

use super::{Context, PathBuf, Result, cache, cargo, ensure, root, run};
use crate::testing::in_cache;
use cltv_protocol::environment;
use cltv_protocol::helper::{Compiler, MANIFEST_FILE, Manifest};
use std::path::Path;
use std::process::Command;

/// What was built.
pub(super) struct Built {
    pub(super) command: PathBuf,
    pub(super) kernel: PathBuf,
    /// The helper's folder with its manifest.
    pub(super) helper: PathBuf,
    pub(super) manifest: Manifest,
    /// The compiler's folder.
    pub(super) toolchain: PathBuf,
    /// cargo's folder of what it built.
    target: PathBuf,
}

/// Builds what is not in the cache.
pub(super) fn build() -> Result<Built> {
    let target = cache()?.join("build");
    let mut build = cargo();
    build.args(["build", "--release", "--locked", "--package", "cltv-cli", "--bin", "cltv"]);
    run(in_cache(&mut build, "build")?.env_remove("RUSTFLAGS"))?;
    let command = target.join("release/cltv");
    // A kernelspec says where both parts are.
    let jupyter = tempfile::tempdir()?;
    let prefix = ["--prefix", jupyter.path().to_str().context("a temporary folder that is no text")?];
    run(Command::new(&command).args(["kernel", "install"]).args(prefix))?;
    let spec = jupyter.path().join("share/jupyter/kernels/cltv/kernel.json");
    let spec: serde_json::Value = serde_json::from_slice(&std::fs::read(&spec)?)?;
    let path = |value: &serde_json::Value| -> Result<PathBuf> {
        let path = value.as_str().context("the kernelspec names no kernel or no helper")?;
        Ok(Path::new(path).canonicalize()?)
    };
    let (kernel, helper) = (path(&spec["argv"][0])?, path(&spec["env"][environment::HELPER])?);
    run(Command::new(&command).args(["kernel", "uninstall"]).args(prefix))?;
    let manifest: Manifest = serde_json::from_slice(&std::fs::read(helper.join(MANIFEST_FILE))?)?;
    let Compiler::Here { rustc, .. } = &manifest.compiler else {
        anyhow::bail!("the helper {} was not built here", helper.display());
    };
    let toolchain =
        rustc.parent().and_then(Path::parent).context("a compiler without a folder")?.to_path_buf();
    Ok(Built { command, kernel, helper, manifest, toolchain, target })
}

impl Built {
    /// The folder of the toolchain with libraries and programs for its host.
    pub(super) fn rustlib(&self) -> Result<PathBuf> {
        let host = self.manifest.host().context("a compiler without a host")?;
        Ok(Path::new("lib/rustlib").join(host))
    }

    /// Takes out what only a debugger or a linker of objects reads.
    pub(super) fn strip(&self, file: &Path) -> Result<()> {
        let mut strip = Command::new(self.toolchain.join(self.rustlib()?).join("bin/rust-objcopy"));
        // The metadata of a Rust library is in a section that nothing else needs.
        strip.args(["--strip-all", "--keep-section=.rustc"]).arg(file).arg(file);
        let output = strip.env("LD_LIBRARY_PATH", self.toolchain.join("lib")).output()?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "cannot strip {}: {said}", file.display());
        Ok(())
    }

    /// The paths of this machine that compilers write into what they make, the longest first.
    pub(super) fn own_paths(&self) -> Result<Vec<String>> {
        let home = std::env::var_os("HOME").map(PathBuf::from);
        let named = std::env::var_os("CARGO_HOME").map(PathBuf::from);
        let cargo_home = named.or_else(|| Some(home.as_ref()?.join(".cargo")));
        let mut paths = vec![root(), self.target.clone(), cache()?, self.toolchain.clone()];
        if let Some(cargo_home) = cargo_home {
            let sources = std::fs::read_dir(cargo_home.join("registry/src"));
            paths.extend(sources.into_iter().flatten().flatten().map(|entry| entry.path()));
            paths.push(cargo_home);
        }
        // A cache may be a copy of another.
        paths.extend(home.iter().flat_map(|home| [".rustup", ".cache"].map(|name| home.join(name))));
        let mut all: Vec<String> = Vec::new();
        for path in paths {
            let real = path.canonicalize().unwrap_or_else(|_| path.clone());
            for path in [path, real] {
                all.push(path.to_str().context("a path of this machine that is no text")?.to_owned());
            }
        }
        all.sort_by_key(|path| (std::cmp::Reverse(path.len()), path.clone()));
        all.dedup();
        Ok(all)
    }
}
