//! The wheel: the same files for `pip install`, which puts the command on the path and the rest below
//! `share` of a Python environment, where Jupyter finds the kernelspec.
//!
//! The form is that of the binary distribution format, version 1.0.

use super::{COMMAND, Context, Path, Result, files_below, fs};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use std::io::{Seek, Write};
use std::os::unix::fs::PermissionsExt;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

/// The package's name, and as names of files have it.
const NAME: &str = "cltv-kernel";
const NAME_IN_FILES: &str = "cltv_kernel";

/// The name of a wheel's file.
pub(super) fn file_name(version: &str, tag: &str) -> String {
    format!("{NAME_IN_FILES}-{version}-py3-none-{tag}.whl")
}

/// Writes the wheel of the files below a folder.
pub(super) fn write(prefix: &Path, file: &Path, tag: &str) -> Result<()> {
    super::make_parent(file)?;
    let version = env!("CARGO_PKG_VERSION");
    let mut wheel = Wheel::new(fs::File::create(file)?);
    let data = format!("{NAME_IN_FILES}-{version}.data");
    for path in files_below(prefix)? {
        let name = path.strip_prefix(prefix)?.to_str().context("a name that is no text")?;
        let mode = fs::metadata(&path)?.permissions().mode() & 0o777;
        let place = match name == COMMAND {
            true => format!("{data}/scripts/cltv"),
            false => format!("{data}/data/{name}"),
        };
        wheel.add(&place, &fs::read(&path)?, mode)?;
    }
    let information = format!("{NAME_IN_FILES}-{version}.dist-info");
    wheel.add(&format!("{information}/METADATA"), metadata(version).as_bytes(), 0o644)?;
    let form = format!(
        "Wheel-Version: 1.0\nGenerator: cltv xtask {version}\nRoot-Is-Purelib: false\nTag: py3-none-{tag}\n"
    );
    wheel.add(&format!("{information}/WHEEL"), form.as_bytes(), 0o644)?;
    wheel.finish(&format!("{information}/RECORD"))
}

fn metadata(version: &str) -> String {
    format!(
        "Metadata-Version: 2.1\nName: {NAME}\nVersion: {version}\nSummary: Customer lifetime value in Rust notebooks: the command cltv and a Jupyter kernel\nLicense: MIT OR Apache-2.0\nRequires-Python: >=3.8\nDescription-Content-Type: text/markdown\n\nThe command `cltv` and the Jupyter kernel \"Rust (cltv)\", with a prebuilt library and the notebooks. Type `cltv report` in any folder, `cltv new my-shop` for a notebook of your own, or open JupyterLab. The licences of all parts are in `share/cltv/licences`.\n"
    )
}

/// A zip file with a record of what is in it.
struct Wheel<W: Write + Seek> {
    zip: ZipWriter<W>,
    record: String,
}

impl<W: Write + Seek> Wheel<W> {
    fn new(file: W) -> Wheel<W> {
        Wheel { zip: ZipWriter::new(file), record: String::new() }
    }

    fn add(&mut self, name: &str, bytes: &[u8], mode: u32) -> Result<()> {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .compression_level(Some(9))
            .last_modified_time(DateTime::default())
            .unix_permissions(mode);
        self.zip.start_file(name, options)?;
        self.zip.write_all(bytes)?;
        let digest = URL_SAFE_NO_PAD.encode(Sha256::digest(bytes));
        // A comma in a name would need quotes; no name has one.
        anyhow::ensure!(!name.contains([',', '"']), "a wheel's record cannot name {name}");
        self.record.push_str(&format!("{name},sha256={digest},{}\n", bytes.len()));
        Ok(())
    }

    fn finish(mut self, record: &str) -> Result<()> {
        // The record has no hash of itself.
        let text = format!("{}{record},,\n", self.record);
        let options =
            SimpleFileOptions::default().last_modified_time(DateTime::default()).unix_permissions(0o644);
        self.zip.start_file(record, options)?;
        self.zip.write_all(text.as_bytes())?;
        self.zip.finish()?.flush()?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn a_wheel_has_the_command_the_data_and_a_record() {
        let place = tempfile::tempdir().unwrap();
        let prefix = place.path().join("prefix");
        for (name, mode) in [("bin/cltv", 0o755), ("share/jupyter/kernels/cltv/kernel.json", 0o644)] {
            let path = prefix.join(name);
            super::super::make_parent(&path).unwrap();
            fs::write(&path, "hello").unwrap();
            fs::set_permissions(&path, PermissionsExt::from_mode(mode)).unwrap();
        }
        let file = place.path().join("slim").join(file_name("1", "manylinux_2_35_x86_64"));
        write(&prefix, &file, "manylinux_2_35_x86_64").unwrap();
        let mut zip = zip::ZipArchive::new(fs::File::open(&file).unwrap()).unwrap();
        let begin = format!("{NAME_IN_FILES}-{}", env!("CARGO_PKG_VERSION"));
        let command = zip.by_name(&format!("{begin}.data/scripts/cltv")).unwrap();
        assert_eq!(command.unix_mode().unwrap() & 0o111, 0o111);
        drop(command);
        let mut record = String::new();
        zip.by_name(&format!("{begin}.dist-info/RECORD")).unwrap().read_to_string(&mut record).unwrap();
        // sha256 of "hello", as `printf hello | openssl dgst -sha256 -binary | basenc --base64url` gives it.
        let line = format!(
            "{begin}.data/data/share/jupyter/kernels/cltv/kernel.json,sha256=LPJNul-wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ,5\n"
        );
        assert!(record.contains(&line), "{record}");
        assert!(record.ends_with(&format!("{begin}.dist-info/RECORD,,\n")));
    }
}
