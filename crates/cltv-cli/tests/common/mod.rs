//! A workspace in a temporary folder, with a mock kernel that Jupyter's paths lead to.
#![allow(dead_code, missing_docs, unreachable_pub, reason = "each test program uses a part of it")]

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use serde_json::{Value, json};

pub const PARAMETERS: &str = "let transactions: &str = \"cdnow\"; // named data set or file\n\
    let horizon_months: u32 = 6; // months ahead\n\
    let discount_annual: f64 = 0.10;\n\
    let outputs: &str = \"outputs\";";

/// Makes a program of these bytes. A child writes it: a file that this process has open for writing would also
/// be open in children that other tests start meanwhile, and the system refuses to run it until they have ended.
pub fn write_program(path: &Path, program: impl Into<Vec<u8>>) {
    let mut child = Command::new("/bin/sh");
    child.args(["-c", "cat > \"$0\" && chmod 755 \"$0\""]).arg(path).write_stdin(program).assert().success();
}

pub struct Workspace {
    folder: tempfile::TempDir,
}

impl Workspace {
    /// A workflow `clv` of notebooks with these cells, each behind a parameters cell.
    pub fn new(notebooks: &[(&str, &[&str])]) -> Workspace {
        let workspace = Workspace { folder: tempfile::tempdir().expect("a temporary folder") };
        let names: Vec<&str> = notebooks.iter().map(|(name, _)| *name).collect();
        let toml = format!("[workflows.clv]\ntitle = \"A test\"\nnotebooks = {names:?}\n");
        workspace.write("notebooks/workflow.toml", &toml);
        for (name, cells) in notebooks {
            workspace.notebook(&format!("notebooks/{name}.ipynb"), cells);
        }
        workspace.install_mock();
        workspace
    }

    pub fn root(&self) -> PathBuf {
        // Where temporary folders are links, a kernel sees what they point to.
        self.folder.path().canonicalize().expect("it is there")
    }

    pub fn write(&self, file: &str, text: &str) {
        let path = self.root().join(file);
        fs::create_dir_all(path.parent().expect("inside")).expect("made");
        fs::write(path, text).expect("written");
    }

    pub fn read(&self, file: &str) -> Option<String> {
        fs::read_to_string(self.root().join(file)).ok()
    }

    pub fn json(&self, file: &str) -> Value {
        let text = self.read(file).unwrap_or_else(|| panic!("{file} is missing"));
        serde_json::from_str(&text).expect("json")
    }

    pub fn exists(&self, file: &str) -> bool {
        self.root().join(file).exists()
    }

    pub fn notebook(&self, file: &str, cells: &[&str]) {
        let mut all = vec![code("parameters", PARAMETERS, &["parameters"])];
        for (number, source) in cells.iter().enumerate() {
            all.push(code(&format!("cell-{}", number + 1), source, &[]));
        }
        let notebook = json!({
            "cells": all,
            "metadata": {"kernelspec": {"display_name": "Mock", "name": "mock"}, "odd": 1},
            "nbformat": 4,
            "nbformat_minor": 5,
        });
        self.write(file, &notebook.to_string());
    }

    fn install_mock(&self) {
        let spec = json!({
            "argv": [mock_kernel(), "{connection_file}"],
            "display_name": "Mock",
            "language": "rust",
        });
        self.write("jupyter/kernels/mock/kernel.json", &spec.to_string());
    }

    /// `cltv` in the workspace's folder, with the mock kernel.
    pub fn cltv(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cltv"));
        command
            .current_dir(self.root())
            .env("JUPYTER_PATH", self.root().join("jupyter"))
            .env_remove("CLTV_STAGE")
            .timeout(std::time::Duration::from_secs(60))
            .args(args);
        command
    }

    /// The same in the background, saying nothing.
    pub fn start(&self, args: &[&str]) -> std::process::Child {
        self.start_with(args, &[])
    }

    pub fn start_with(&self, args: &[&str], env: &[(&str, &Path)]) -> std::process::Child {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_cltv"));
        as_in_the_foreground(&mut command)
            .args(args)
            .current_dir(self.root())
            .env("JUPYTER_PATH", self.root().join("jupyter"))
            .env_remove("CLTV_STAGE")
            .envs(env.iter().copied())
            .stdin(std::process::Stdio::null())
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .expect("started")
    }

    pub fn hidden_in_outputs(&self) -> Vec<String> {
        let entries = fs::read_dir(self.root().join("outputs")).expect("there");
        entries
            .flatten()
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .filter(|name| name.starts_with(".staging"))
            .collect()
    }
}

/// A shell without job control lets its background jobs ignore interrupts, and programs that they start inherit that.
fn as_in_the_foreground(command: &mut std::process::Command) -> &mut std::process::Command {
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt;
        let listen = || {
            for signal in [libc::SIGINT, libc::SIGQUIT, libc::SIGHUP] {
                // SAFETY: the call is safe between fork and exec, and changes the new process only.
                unsafe { libc::signal(signal, libc::SIG_DFL) };
            }
            Ok(())
        };
        // SAFETY: the closure allocates nothing and takes no lock.
        unsafe { command.pre_exec(listen) };
    }
    command
}

fn code(id: &str, source: &str, tags: &[&str]) -> Value {
    json!({
        "cell_type": "code", "id": id, "execution_count": null, "outputs": [],
        "metadata": {"tags": tags}, "source": source,
    })
}

/// Cargo builds examples before it runs tests, and puts them beside the programs.
pub fn mock_kernel() -> PathBuf {
    let programs = Path::new(env!("CARGO_BIN_EXE_cltv")).parent().expect("a folder");
    let mock = programs.join("examples/mock_kernel");
    assert!(mock.exists(), "run `cargo build -p cltv-cli --examples` first");
    mock
}

/// The text that a cell of an executed notebook put on a stream.
pub fn stream(notebook: &Value, cell: usize) -> String {
    let outputs = notebook["cells"][cell]["outputs"].as_array().expect("a list");
    outputs
        .iter()
        .filter(|output| output["output_type"] == "stream")
        .flat_map(|output| output["text"].as_array().expect("lines"))
        .filter_map(Value::as_str)
        .collect()
}
