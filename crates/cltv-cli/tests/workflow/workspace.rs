//! A workspace in a temporary folder with the repository's notebooks.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::Duration;

use assert_cmd::Command;
use assert_cmd::assert::Assert;
use serde_json::Value;

pub(crate) const EDA: &str = "01_eda";
pub(crate) const RFM: &str = "02_rfm";
pub(crate) const MODEL: &str = "03_bgnbd_gamma_gamma";
pub(crate) const SEGMENTATION: &str = "04_segmentation";
pub(crate) const SUMMARY: &str = "05_executive_summary";
pub(crate) const ALL: [&str; 5] = [EDA, RFM, MODEL, SEGMENTATION, SUMMARY];

/// Longer than any run takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(900);

/// The kernel and its helper library are built before the first run, which may take long once.
static KERNEL: LazyLock<()> = LazyLock::new(|| {
    let prefix = tempfile::tempdir().expect("a temporary folder");
    let mut command = Command::new(env!("CARGO_BIN_EXE_cltv"));
    command.args(["kernel", "install", "--prefix"]).arg(prefix.path()).assert().success();
});

pub(crate) struct Workspace {
    folder: tempfile::TempDir,
}

impl Workspace {
    /// With all notebooks and the workflow file that the repository has.
    pub(crate) fn whole() -> Workspace {
        let workspace = Workspace::of(&ALL);
        let toml = fs::read_to_string(repository().join("notebooks/workflow.toml")).expect("there");
        workspace.write("notebooks/workflow.toml", toml);
        workspace
    }

    /// With these notebooks, which the workflow `clv` runs.
    pub(crate) fn of(notebooks: &[&str]) -> Workspace {
        LazyLock::force(&KERNEL);
        let workspace = Workspace { folder: tempfile::tempdir().expect("a temporary folder") };
        let toml = format!("[workflows.clv]\ntitle = \"A test\"\nnotebooks = {notebooks:?}\n");
        workspace.write("notebooks/workflow.toml", toml);
        workspace.add(notebooks);
        workspace
    }

    /// Puts notebooks of the repository into the workspace.
    pub(crate) fn add(&self, notebooks: &[&str]) {
        for name in notebooks {
            let file = format!("notebooks/{name}.ipynb");
            self.write(&file, fs::read(repository().join(&file)).expect("there"));
        }
    }

    pub(crate) fn root(&self) -> PathBuf {
        // Where temporary folders are links, a kernel sees what they point to.
        self.folder.path().canonicalize().expect("it is there")
    }

    pub(crate) fn write(&self, file: &str, content: impl AsRef<[u8]>) {
        let path = self.root().join(file);
        fs::create_dir_all(path.parent().expect("inside")).expect("made");
        fs::write(path, content).expect("written");
    }

    /// Puts one of the fixtures at the top of the workspace.
    pub(crate) fn take(&self, fixture: &str) {
        self.write(fixture, fs::read(fixtures().join(fixture)).expect("there"));
    }

    pub(crate) fn read(&self, file: &str) -> String {
        fs::read_to_string(self.root().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
    }

    pub(crate) fn json(&self, file: &str) -> Value {
        serde_json::from_str(&self.read(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
    }

    pub(crate) fn exists(&self, file: &str) -> bool {
        self.root().join(file).exists()
    }

    /// `cltv` with these arguments, called in a folder of the workspace.
    pub(crate) fn cltv_in(&self, folder: &str, args: &[&str]) -> Assert {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cltv"));
        command.current_dir(self.root().join(folder)).env_remove("CLTV_STAGE").timeout(PATIENCE).args(args);
        command.assert()
    }

    /// `cltv` with these arguments on some of the machine's cores, such as "0" or "0-3"; those that it does not have
    /// do not count.
    pub(crate) fn on_cores(&self, cores: &str, args: &[&str]) -> Assert {
        let mut command = Command::new("taskset");
        command.args(["--cpu-list", cores, env!("CARGO_BIN_EXE_cltv")]).args(args);
        command.current_dir(self.root()).env_remove("CLTV_STAGE").timeout(PATIENCE);
        command.assert()
    }

    /// `cltv report` with parameters, called in a folder of the workspace.
    pub(crate) fn report_in(&self, folder: &str, parameters: &[(&str, &str)]) -> Assert {
        let pairs = parameters.iter().flat_map(|(name, value)| ["-p", name, value]);
        self.cltv_in(folder, &["report"].into_iter().chain(pairs).collect::<Vec<_>>())
    }

    /// `cltv report` with parameters.
    pub(crate) fn report(&self, parameters: &[(&str, &str)]) -> Assert {
        self.report_in("", parameters)
    }

    /// Every file of a folder with its bytes; those beginning with a dot belong to the runner.
    pub(crate) fn files(&self, folder: &str) -> BTreeMap<String, Vec<u8>> {
        let root = self.root().join(folder);
        let mut found = BTreeMap::new();
        collect(&root, &root, &mut found);
        found
    }
}

fn collect(root: &Path, folder: &Path, found: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        if path.is_dir() {
            collect(root, &path, found);
        } else {
            let name = path.strip_prefix(root).expect("below").display().to_string();
            found.insert(name, fs::read(&path).expect("readable"));
        }
    }
}

pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

pub(crate) fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

/// What the purchases of `purchases.csv` are called there.
pub(crate) const CSV: [(&str, &str); 4] = [
    ("transactions", "purchases.csv"),
    ("customer_column", "Kunde"),
    ("date_column", "Kaufdatum"),
    ("amount_column", "Betrag"),
];

/// Parameters of [`CSV`] and more; the last of a name counts.
pub(crate) fn csv_and(more: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
    CSV.iter().chain(more).copied().collect()
}

/// The fields of a csv file, line by line; quoted fields may hold anything.
pub(crate) fn records(text: &str) -> Vec<Vec<String>> {
    let mut records = vec![vec![String::new()]];
    let mut quoted = false;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let record = records.last_mut().expect("never empty");
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                record.last_mut().expect("never empty").push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => record.push(String::new()),
            '\n' if !quoted => records.push(vec![String::new()]),
            c => record.last_mut().expect("never empty").push(c),
        }
    }
    records.pop();
    records
}

/// The values of a column, without its name.
pub(crate) fn column(text: &str, name: &str) -> Vec<String> {
    let records = records(text);
    let at = records[0].iter().position(|title| title == name);
    let at = at.unwrap_or_else(|| panic!("no column {name} in {:?}", records[0]));
    records[1..].iter().map(|record| record[at].clone()).collect()
}
