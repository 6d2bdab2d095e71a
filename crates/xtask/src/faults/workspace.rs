//! A workspace whose reports are fast and say which run they are of: its kernel runs no code.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Files of the user's, some of them named like those of a report; no fault may touch them.
const MINE: [&str; 5] = [
    "outputs/mine.txt",
    "outputs/failed/notes.md",
    "outputs/.staging-mine/draft.csv",
    "outputs/visualizations/mine.html",
    "letter.txt",
];

/// The summary, which is copied to the top of the workspace too.
const SUMMARY: &str = "executive_summary.md";

/// How long a process may outlive the one that started it.
const PATIENCE: Duration = Duration::from_secs(10);

/// The programs, built with the named points.
#[derive(Clone)]
pub(crate) struct Programs {
    pub(crate) cltv: PathBuf,
    pub(crate) kernel: PathBuf,
}

/// A number of a run, which is in every file that it writes.
pub(crate) type Run = u64;

pub(crate) struct Workspace {
    folder: tempfile::TempDir,
    programs: Programs,
}

impl Workspace {
    pub(crate) fn new(programs: &Programs) -> Result<Workspace> {
        let folder = tempfile::Builder::new().prefix("cltv-faults-").tempdir()?;
        let workspace = Workspace { folder, programs: programs.clone() };
        let spec = json!({
            "argv": [programs.kernel, "{connection_file}"], "display_name": "Mock", "language": "rust",
        });
        workspace.write("jupyter/kernels/mock/kernel.json", &spec.to_string())?;
        let toml = "[workflows.clv]\ntitle = \"Faults\"\nnotebooks = [\"01_eda\", \"02_end\"]\n";
        workspace.write("notebooks/workflow.toml", toml)?;
        fs::create_dir(workspace.root().join("tmp"))?;
        for file in MINE {
            workspace.write(file, "mine")?;
        }
        Ok(workspace)
    }

    pub(crate) fn root(&self) -> &Path {
        self.folder.path()
    }

    fn write(&self, file: &str, text: &str) -> Result<()> {
        let path = self.root().join(file);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&path, text).with_context(|| path.display().to_string())
    }

    /// Writes the notebooks of a run into a folder; a failing run stops in its second notebook.
    pub(crate) fn notebooks(&self, folder: &str, run: Run, fails: bool) -> Result<()> {
        let say = format!("// mock: stdout token {run}.\n// mock: flood 40000");
        let first = [say.clone(), order("clv_data.csv", run), order("rfm_df.csv", run)];
        let mut second = vec![say, order(SUMMARY, run), order(&only(run), run)];
        second.extend(["a", "b", "c", "d"].map(|name| order(&format!("visualizations/{name}.html"), run)));
        if fails {
            second.push("// mock: error DataError nothing left".to_owned());
        }
        self.write(&format!("{folder}/01_eda.ipynb"), &notebook(&first))?;
        self.write(&format!("{folder}/02_end.ipynb"), &notebook(&second))
    }

    /// `cltv report` on the workspace, saying nothing.
    pub(crate) fn report(&self) -> Command {
        let mut command = Command::new(&self.programs.cltv);
        command.args(["report", "-k", "mock", "--quiet"]);
        self.prepare(&mut command);
        command
    }

    /// The same behind a command of the shell, such as a limit.
    pub(crate) fn report_behind(&self, shell: &str) -> Command {
        let mut command = Command::new("sh");
        let script = format!("{shell}; exec \"$0\" report -k mock --quiet");
        command.args(["-c", &script]).arg(&self.programs.cltv);
        self.prepare(&mut command);
        command
    }

    pub(crate) fn prepare(&self, command: &mut Command) {
        command
            .current_dir(self.root())
            .env("JUPYTER_PATH", self.root().join("jupyter"))
            .env("TMPDIR", self.root().join("tmp"))
            .env("MOCK_PID_FILE", self.root().join("pid"))
            .env_remove(cltv_protocol::environment::STAGE)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
    }

    /// Runs a report that must end with this code.
    pub(crate) fn run(&self, run: Run, fails: bool) -> Result<()> {
        self.notebooks("notebooks", run, fails)?;
        let output = self.report().stderr(Stdio::piped()).output()?;
        let said = String::from_utf8_lossy(&output.stderr);
        let code = output.status.code();
        ensure!(code == Some(i32::from(fails)), "the next run ended with {code:?}: {}", said.trim());
        Ok(())
    }

    pub(crate) fn kernel_pid(&self) -> Option<u32> {
        fs::read_to_string(self.root().join("pid")).ok()?.trim().parse().ok()
    }

    /// The run that everything published is of.
    pub(crate) fn published(&self) -> Result<Run> {
        published(&self.root().join("outputs"), &self.root().join(SUMMARY))
    }

    /// The user's files are as they were.
    pub(crate) fn check_mine(&self) -> Result<()> {
        for file in MINE {
            let text = fs::read_to_string(self.root().join(file)).unwrap_or_default();
            ensure!(text == "mine", "the user's {file} was changed or removed");
        }
        Ok(())
    }

    /// Nothing of a run is left beside its files.
    pub(crate) fn check_rest(&self) -> Result<()> {
        let hidden = |folder: &Path| -> Result<Vec<String>> {
            let names =
                fs::read_dir(folder)?.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
            let names: Result<BTreeSet<String>> = names.collect();
            Ok(names?.into_iter().filter(|name| name.starts_with('.')).collect())
        };
        let found = hidden(&self.root().join("outputs"))?;
        ensure!(found == [".lock", ".published.json", ".staging-mine"], "{found:?} are in outputs");
        let found = hidden(self.root())?;
        ensure!(found.is_empty(), "{found:?} are in the workspace");
        Ok(())
    }

    /// Fails when a process of this workspace is left.
    pub(crate) fn check_processes(&self) -> Result<()> {
        let begin = Instant::now();
        while let Some(left) = self.process() {
            ensure!(begin.elapsed() < PATIENCE, "process {left} is left");
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    /// A process whose arguments name the workspace, as a kernel's connection file does.
    fn process(&self) -> Option<String> {
        let root = self.root().to_string_lossy().into_owned();
        let processes = fs::read_dir("/proc").ok()?.flatten();
        let mut ours = processes.filter(|entry| {
            let line = fs::read(entry.path().join("cmdline")).unwrap_or_default();
            String::from_utf8_lossy(&line).contains(&root)
        });
        ours.next().map(|entry| entry.file_name().to_string_lossy().into_owned())
    }
}

/// Waits until a process ends, which it must within a minute.
pub(crate) fn ended(child: &mut Child) -> Result<std::process::ExitStatus> {
    let begin = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        if begin.elapsed() > Duration::from_secs(600) {
            child.kill()?;
            anyhow::bail!("a run did not end within ten minutes");
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Whether a publication has begun and is not complete.
pub(crate) fn is_publishing(outputs: &Path) -> Result<bool> {
    let path = outputs.join(".published.json");
    let Ok(text) = fs::read_to_string(&path) else { return Ok(false) };
    let ledger: Value = serde_json::from_str(&text).context("the ledger is not readable")?;
    Ok(!ledger["publishing"].is_null())
}

/// The run that everything in an output folder, and the summary above it, is of.
pub(crate) fn published(outputs: &Path, summary: &Path) -> Result<Run> {
    let files = files_below(outputs, Path::new(""))?;
    let mut runs = BTreeSet::new();
    for file in &files {
        let text = fs::read_to_string(outputs.join(file))?;
        runs.insert(run_of(file, &text)?);
    }
    runs.insert(run_of(SUMMARY, &fs::read_to_string(summary).context("the summary at the top")?)?);
    let mut runs = runs.into_iter();
    let (Some(run), None) = (runs.next(), runs.next()) else {
        anyhow::bail!("files of several runs are beside each other: {files:?}");
    };
    let expected = expected(run);
    ensure!(files == expected, "run {run} left {files:?} and not {expected:?}");
    Ok(run)
}

fn expected(run: Run) -> BTreeSet<String> {
    let mut files = BTreeSet::from(["clv_data.csv", "rfm_df.csv", SUMMARY].map(str::to_owned));
    files.extend(["01_eda", "02_end"].map(|name| format!("notebooks/{name}.ipynb")));
    files.extend(["a", "b", "c", "d"].map(|name| format!("visualizations/{name}.html")));
    files.insert(only(run));
    files
}

/// The run that a file is of; fails when it is not whole.
fn run_of(file: &str, text: &str) -> Result<Run> {
    if !file.ends_with(".ipynb") {
        let run = text.strip_prefix("token ").and_then(|rest| rest.strip_suffix('.'));
        return run.and_then(|run| run.parse().ok()).with_context(|| format!("{file} holds {text:?}"));
    }
    let _: Value = serde_json::from_str(text).with_context(|| format!("{file} is not readable"))?;
    let tokens = text.split("token ").skip(1).map(|rest| rest.split('.').next().unwrap_or_default());
    let runs: BTreeSet<&str> = tokens.collect();
    ensure!(runs.len() == 1, "{file} is of the runs {runs:?}");
    runs.first().and_then(|run| run.parse().ok()).with_context(|| format!("{file} is of no run"))
}

/// The files of reports below a folder: not the logs, the partial notebooks, hidden files and the user's.
fn files_below(root: &Path, below: &Path) -> Result<BTreeSet<String>> {
    let mut files = BTreeSet::new();
    for entry in fs::read_dir(root.join(below))? {
        let path = below.join(entry?.file_name());
        let name = path.to_string_lossy().into_owned();
        let is_other = ["runs", "failed"].contains(&name.as_str()) || name.starts_with('.');
        if is_other || MINE.contains(&format!("outputs/{name}").as_str()) || name == "filler" {
            continue;
        }
        match root.join(&path).is_dir() {
            true => files.extend(files_below(root, &path)?),
            false => drop(files.insert(name)),
        }
    }
    Ok(files)
}

/// A file that only every other run writes, so that the one between has to remove it.
fn only(run: Run) -> String {
    format!("only_{}.csv", run % 2)
}

fn order(file: &str, run: Run) -> String {
    format!("// mock: write {file} token {run}.")
}

fn notebook(cells: &[String]) -> String {
    let cells: Vec<Value> = cells
        .iter()
        .enumerate()
        .map(|(number, source)| {
            json!({
                "cell_type": "code", "id": format!("cell-{number}"), "execution_count": null,
                "outputs": [], "metadata": {}, "source": source,
            })
        })
        .collect();
    json!({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).to_string()
}
