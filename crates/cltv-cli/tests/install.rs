//! `cltv kernel install` and `cltv doctor` on a kernel that was damaged, with a toolchain of scripts that
//! stands for cargo and builds two small files.
#![cfg(unix)]

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use common::write_program;
use predicates::str::contains;

const CARGO: &str = r##"#!/bin/sh
PATH=/usr/bin:/bin
make() { # a file unless it is there, as cargo does
  mkdir -p "$(dirname "$1")"
  [ -e "$1" ] || { echo "good contents of $(basename "$1")" > "$1"; basename "$1" >> "$CARGO_TARGET_DIR/../built"; }
}
case "$1" in
  build)
    make "$CARGO_TARGET_DIR/release/cltv-kernel"
    echo "{\"reason\":\"compiler-artifact\",\"executable\":\"$CARGO_TARGET_DIR/release/cltv-kernel\",\"filenames\":[]}" ;;
  rustc)
    make "$CARGO_TARGET_DIR/helper/deps/libcltv.so"
    make "$CARGO_TARGET_DIR/helper/deps/libpolars.rlib"
    for file in libcltv.so libpolars.rlib; do
      echo "{\"reason\":\"compiler-artifact\",\"filenames\":[\"$CARGO_TARGET_DIR/helper/deps/$file\"]}"
    done ;;
  metadata)
    echo '{"packages":[{"id":"cltv","name":"cltv","version":"0.1.0","edition":"2024","source":null,"targets":[{"name":"cltv","kind":["lib"]}]}],"resolve":{"nodes":[{"id":"cltv","deps":[],"features":[]}]}}' ;;
esac
"##;

const RUSTC: &str = "#!/bin/sh\necho 'rustc 1.95.0 (x 2026-01-01)'; echo 'host: x86_64-unknown-linux-gnu'\n";

struct Checkout {
    folder: tempfile::TempDir,
}

impl Checkout {
    fn new() -> Checkout {
        let checkout = Checkout { folder: tempfile::tempdir().expect("a temporary folder") };
        for (file, text) in [
            ("Cargo.toml", ""),
            ("Cargo.lock", ""),
            ("crates/cltv/Cargo.toml", ""),
            ("crates/cltv/src/lib.rs", ""),
            ("crates/cltv-kernel/Cargo.toml", ""),
            ("crates/cltv-kernel/src/main.rs", ""),
            ("data/README.md", ""),
            ("bin/cargo", CARGO),
            ("bin/rustc", RUSTC),
        ] {
            let path = checkout.at(file);
            fs::create_dir_all(path.parent().expect("inside")).expect("made");
            if file.starts_with("bin/") {
                write_program(&path, text);
            } else {
                fs::write(&path, text).expect("written");
            }
        }
        checkout
    }

    fn at(&self, file: &str) -> PathBuf {
        self.folder.path().join(file)
    }

    fn cltv(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cltv"));
        let data = self.at("jupyter");
        command.args(args).current_dir(self.folder.path()).env("PATH", self.at("bin"));
        command
            .env("CLTV_CACHE", self.at("cache"))
            .env("JUPYTER_DATA_DIR", &data)
            .env("XDG_DATA_HOME", &data);
        command
    }

    /// The only folder of kernels, or of helpers.
    fn published(&self, kind: &str) -> PathBuf {
        let mut entries = fs::read_dir(self.at("cache").join(kind)).expect("there").flatten();
        entries.next().expect("one").path()
    }

    /// What the toolchain built since the last time.
    fn built(&self) -> String {
        let list = self.at("cache/built");
        let text = fs::read_to_string(&list).unwrap_or_default();
        fs::write(&list, "").expect("written");
        text
    }
}

fn good(path: &Path) -> bool {
    let name = path.file_name().expect("a name").to_string_lossy().into_owned();
    fs::read_to_string(path).is_ok_and(|text| text == format!("good contents of {name}\n"))
}

#[test]
fn install_repairs_what_doctor_finds() {
    let checkout = Checkout::new();
    checkout.cltv(&["kernel", "install"]).assert().success();
    assert_eq!(checkout.built(), "cltv-kernel\nlibcltv.so\nlibpolars.rlib\n");
    let program = checkout.published("kernels").join("cltv-kernel");
    let library = checkout.published("helpers").join("deps/libpolars.rlib");
    assert!(good(&program) && good(&library));
    let state = |part: &str, words: &str| {
        let doctor = checkout.cltv(&["doctor"]).assert();
        doctor.stdout(predicates::str::is_match(format!("(?m)^{words} *{part}")).expect("a pattern"));
    };
    state("kernel", "ok");
    state("helper library", "ok");
    checkout.cltv(&["kernel", "install"]).assert().success();
    assert_eq!(checkout.built(), "", "what is whole is not built again");

    // A library of the same length: the file is cargo's own under another name.
    let text = fs::read_to_string(&library).expect("there").replace("good", "evil");
    fs::write(&library, text).expect("written");
    state("helper library", "missing");
    checkout.cltv(&["doctor"]).assert().code(1).stdout(contains("-> cltv kernel install"));
    let install = checkout.cltv(&["kernel", "install"]).assert().success();
    install.stderr(contains("libpolars.rlib is damaged; it is built again."));
    assert_eq!(checkout.built(), "libpolars.rlib\n");
    assert!(good(&library));
    state("helper library", "ok");

    // A program that was cut: cargo's own file is whole and is published again.
    fs::File::options().write(true).open(&program).and_then(|file| file.set_len(3)).expect("cut");
    state("kernel", "missing");
    checkout.cltv(&["kernel", "install"]).assert().success();
    assert_eq!(checkout.built(), "");
    assert!(good(&program));
    state("kernel", "ok");
}

#[test]
fn what_is_installed_is_written_by_its_owner_alone_under_any_umask() {
    use std::os::unix::fs::PermissionsExt;
    let checkout = Checkout::new();
    let mut command = std::process::Command::new("sh");
    command.args(["-c", "umask 000; exec \"$0\" kernel install --prefix prefix", env!("CARGO_BIN_EXE_cltv")]);
    let data = checkout.at("jupyter");
    command.current_dir(checkout.folder.path()).env("PATH", format!("{}:/bin", checkout.at("bin").display()));
    command
        .env("CLTV_CACHE", checkout.at("cache"))
        .env("JUPYTER_DATA_DIR", &data)
        .env("XDG_DATA_HOME", &data);
    assert!(command.output().expect("started").status.success());
    let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
    let cache = checkout.at("cache");
    assert_eq!(mode(&cache.join("build")), 0o700);
    for log in ["build-kernel.log", "build-helper-library.log", "build.lock"] {
        assert_eq!(mode(&cache.join(log)), 0o600, "{log}");
    }
    let (kernel, helper) = (checkout.published("kernels"), checkout.published("helpers"));
    let spec = checkout.at("prefix/share/jupyter/kernels/cltv/kernel.json");
    assert!(spec.is_file());
    let mut folders = vec![cache.clone()];
    let mut checked = vec![spec.clone(), spec.parent().expect("a folder").to_path_buf()];
    checked.extend([cache.clone(), cache.join("kernels"), cache.join("helpers"), cache.join("installed")]);
    folders.extend([kernel, helper]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("listed").flatten() {
            let kind = entry.file_type().expect("known");
            match kind.is_dir() {
                true if folder != cache => folders.push(entry.path()),
                _ if kind.is_symlink() || entry.file_name() == "built" => {}
                _ => checked.push(entry.path()),
            }
        }
    }
    for path in checked {
        assert_eq!(mode(&path) & 0o022, 0, "{} may be written by others", path.display());
    }
}
