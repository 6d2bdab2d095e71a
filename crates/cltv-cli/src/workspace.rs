//! A cltv workspace: a folder with `notebooks/workflow.toml`, and the workflows it names.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use cltv_protocol::workspace::{self, WORKFLOW_FILE};
use serde::Deserialize;
use thiserror::Error;

use crate::installed::Installed;
use crate::params::rules::closest;

/// The folders of a workspace that a run reads and never writes to.
const SOURCE_FOLDERS: [&str; 4] = ["notebooks", "crates", "data", ".git"];

/// The folder's workflow file is missing or not right.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum WorkspaceError {
    /// No parent folder is a workspace.
    #[error(
        "Neither {} nor a folder above it has {WORKFLOW_FILE}: change to your cltv workspace and try again.",
        from.display()
    )]
    NotFound {
        /// Where the search began.
        from: PathBuf,
    },
    /// The current folder cannot be read.
    #[error("The current folder is not readable: {0}. Change to another folder and try again.")]
    CurrentFolder(#[source] std::io::Error),
    /// The workflow file cannot be read.
    #[error("{} could not be read: {source}.", path.display())]
    Unreadable {
        /// The workflow file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The workflow file is not valid.
    #[error("{} is not a workflow file: {}", path.display(), source.message())]
    Invalid {
        /// The workflow file.
        path: PathBuf,
        /// Why.
        source: Box<toml::de::Error>,
    },
    /// The workflow has no such name, or no notebooks.
    #[error("There is no workflow `{name}`{}; the workspace has {known}.", suggestion(.close))]
    UnknownWorkflow {
        /// The name on the command line.
        name: String,
        /// What is there.
        known: String,
        /// The nearest name.
        close: Option<String>,
    },
    /// A workflow lists nothing to run.
    #[error("The workflow `{name}` lists no notebooks: add some to {}.", path.display())]
    Empty {
        /// The workflow.
        name: String,
        /// The workflow file.
        path: PathBuf,
    },
    /// A listed notebook is not there.
    #[error(
        "The workflow `{workflow}` lists `{notebook}`, but there is no {}: put it there, or take it out of {WORKFLOW_FILE}.",
        path.display()
    )]
    MissingNotebook {
        /// The workflow.
        workflow: String,
        /// The notebook as it is listed.
        notebook: String,
        /// Where it should be.
        path: PathBuf,
    },
}

fn suggestion(close: &Option<String>) -> String {
    close.as_ref().map_or_else(String::new, |name| format!("; did you mean `{name}`?"))
}

/// A folder that holds notebooks and their workflows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workspace {
    root: PathBuf,
    /// The folder of the notebooks, where it is not in the workspace's folder: an installation's.
    library: Option<PathBuf>,
}

/// Notebooks that are run in order.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Workflow {
    /// What the workflow is for, in a few words.
    pub title: String,
    /// The notebooks, without folder and extension, in the order they run.
    pub notebooks: Vec<String>,
    /// The files that a run must have written, relative to the output folder.
    #[serde(default)]
    pub writes: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WorkflowFile {
    workflows: BTreeMap<String, Workflow>,
}

impl Workspace {
    /// The nearest workspace at or above `folder`.
    pub fn above(folder: &Path) -> Option<Workspace> {
        workspace::nearest(folder).map(|root| Workspace { root, library: None })
    }

    /// The workspace of the current folder; where there is none, the current folder with the notebooks of
    /// the installation.
    ///
    /// # Errors
    /// [`WorkspaceError::NotFound`] when no folder at or above the current one is a workspace, and this
    /// program was not installed.
    pub fn find() -> Result<Workspace, WorkspaceError> {
        let here = std::env::current_dir().map_err(WorkspaceError::CurrentFolder)?;
        let installed = Installed::find().map(|installed| installed.notebooks());
        Workspace::above(&here)
            .or_else(|| installed.map(|library| Workspace { root: here.clone(), library: Some(library) }))
            .ok_or(WorkspaceError::NotFound { from: here })
    }

    /// The workspace's folder, absolute.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// A path as a parameter gives it: relative ones start at the workspace.
    pub fn resolve(&self, path: &str) -> PathBuf {
        workspace::resolve(&self.root, path)
    }

    /// A path as a person reads it: without the workspace's folder where it lies inside.
    pub fn shown(&self, path: &Path) -> PathBuf {
        path.strip_prefix(&self.root).unwrap_or(path).to_path_buf()
    }

    /// Reads the workflow of that name and checks that its notebooks are there.
    ///
    /// # Errors
    /// [`WorkspaceError`] names the file, the workflow or the notebook that is not right.
    pub fn workflow(&self, name: &str) -> Result<Workflow, WorkspaceError> {
        let workflow = pick(self.workflows()?, name)?;
        if workflow.notebooks.is_empty() {
            return Err(WorkspaceError::Empty { name: name.to_owned(), path: self.workflow_file() });
        }
        self.check_notebooks(name, &workflow)?;
        Ok(workflow)
    }

    /// The first workflow, by name, that lists a notebook of this workspace.
    pub fn workflow_of(&self, notebook: &Path) -> Option<String> {
        let lists = |workflow: &Workflow| {
            workflow.notebooks.iter().any(|name| followed(&self.notebook(name)) == followed(notebook))
        };
        self.workflows().ok()?.into_iter().find(|(_, workflow)| lists(workflow)).map(|(name, _)| name)
    }

    fn workflow_file(&self) -> PathBuf {
        match (&self.library, Path::new(WORKFLOW_FILE).file_name()) {
            (Some(library), Some(name)) => library.join(name),
            _ => self.root.join(WORKFLOW_FILE),
        }
    }

    fn workflows(&self) -> Result<BTreeMap<String, Workflow>, WorkspaceError> {
        let path = self.workflow_file();
        let text = std::fs::read_to_string(&path)
            .map_err(|source| WorkspaceError::Unreadable { path: path.clone(), source })?;
        let file: WorkflowFile = toml::from_str(&text)
            .map_err(|source| WorkspaceError::Invalid { path, source: Box::new(source) })?;
        Ok(file.workflows)
    }

    /// Whether a run's files would land among what the workspace is made of: in a folder of
    /// sources, or in one that holds the workspace. Links are followed.
    pub fn holds_sources(&self, folder: &Path) -> bool {
        let (root, folder) = (followed(&self.root), followed(folder));
        root.starts_with(&folder)
            || SOURCE_FOLDERS.iter().any(|name| folder.starts_with(followed(&root.join(name))))
    }

    /// Where a notebook of a workflow lies.
    pub fn notebook(&self, name: &str) -> PathBuf {
        self.library.clone().unwrap_or_else(|| self.root.join("notebooks")).join(format!("{name}.ipynb"))
    }

    /// The folder in which a notebook's kernel runs: the notebook's own, or, as relative paths must not
    /// start in an installation, the workspace's.
    pub fn kernel_folder(&self, notebook: &Path) -> PathBuf {
        let own = notebook.parent().filter(|_| self.library.is_none());
        own.unwrap_or(&self.root).to_path_buf()
    }

    fn check_notebooks(&self, name: &str, workflow: &Workflow) -> Result<(), WorkspaceError> {
        let missing = workflow.notebooks.iter().find(|notebook| !self.notebook(notebook).is_file());
        missing.map_or(Ok(()), |notebook| {
            Err(WorkspaceError::MissingNotebook {
                workflow: name.to_owned(),
                notebook: notebook.clone(),
                path: self.notebook(notebook),
            })
        })
    }
}

/// The path with the links of the part that exists followed.
fn followed(path: &Path) -> PathBuf {
    let mut rest = Vec::new();
    for ancestor in path.ancestors() {
        if let Ok(found) = ancestor.canonicalize() {
            return rest.iter().rev().fold(found, |whole, part| whole.join(part));
        }
        rest.extend(ancestor.file_name());
    }
    path.to_path_buf()
}

fn pick(mut workflows: BTreeMap<String, Workflow>, name: &str) -> Result<Workflow, WorkspaceError> {
    workflows.remove(name).ok_or_else(|| {
        let names: Vec<&str> = workflows.keys().map(String::as_str).collect();
        WorkspaceError::UnknownWorkflow {
            name: name.to_owned(),
            close: closest(name, names.iter().copied()),
            known: match names.as_slice() {
                [] => "none".to_owned(),
                names => names.join(", "),
            },
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn workspace(toml: &str, notebooks: &[&str]) -> (tempfile::TempDir, Workspace) {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let root = folder.path();
        std::fs::create_dir_all(root.join("notebooks/deep")).expect("made");
        std::fs::write(root.join(WORKFLOW_FILE), toml).expect("written");
        for name in notebooks {
            std::fs::write(root.join(format!("notebooks/{name}.ipynb")), "{}").expect("written");
        }
        let found = Workspace::above(&root.join("notebooks/deep")).expect("found from below");
        (folder, found)
    }

    const TWO: &str = "[workflows.clv]\ntitle = \"t\"\nnotebooks = [\"a\", \"b\"]\n";

    #[test]
    fn a_workflow_keeps_the_order_of_its_notebooks() {
        let (_folder, workspace) = workspace(TWO, &["a", "b"]);
        assert_eq!(workspace.workflow("clv").expect("valid").notebooks, ["a", "b"]);
    }

    #[test]
    fn a_notebook_belongs_to_the_workflow_that_lists_it() {
        let (_folder, workspace) = workspace(TWO, &["a", "b", "c"]);
        let of = |name: &str| workspace.workflow_of(&workspace.notebook(name));
        assert_eq!((of("b").as_deref(), of("c")), (Some("clv"), None));
        assert_eq!(workspace.workflow_of(Path::new("/elsewhere/b.ipynb")), None);
    }

    #[test]
    fn a_missing_notebook_is_named() {
        let (_folder, workspace) = workspace(TWO, &["a"]);
        let message = workspace.workflow("clv").unwrap_err().to_string();
        assert!(message.contains("lists `b`"), "{message}");
    }

    #[test]
    fn an_unknown_workflow_lists_those_there_are() {
        let (_folder, workspace) = workspace(TWO, &["a", "b"]);
        let message = workspace.workflow("cvl").unwrap_err().to_string();
        assert!(message.contains("did you mean `clv`?"), "{message}");
    }

    #[cfg(unix)]
    #[test]
    fn folders_of_sources_are_known_through_links() {
        let (folder, workspace) = workspace(TWO, &[]);
        std::os::unix::fs::symlink(folder.path().join("notebooks"), folder.path().join("link"))
            .expect("made");
        let holds = |path: &str| workspace.holds_sources(&workspace.resolve(path));
        for sources in [".", "..", "/", "notebooks", "notebooks/new", "link/new", "data", "crates/x", ".git"]
        {
            assert!(holds(sources), "{sources}");
        }
        for free in ["outputs", "notebooks2", "runs/a/b", "/elsewhere", "../beside"] {
            assert!(!holds(free), "{free}");
        }
    }

    #[test]
    fn the_notebooks_of_an_installation_run_in_the_current_folder() {
        let (folder, installation) = workspace(TWO, &["a", "b"]);
        let here = Workspace { root: "/here".into(), library: Some(folder.path().join("notebooks")) };
        assert_eq!(here.workflow("clv").expect("valid").notebooks, ["a", "b"]);
        let notebook = here.notebook("a");
        assert_eq!(notebook, installation.notebook("a"));
        assert_eq!(here.kernel_folder(&notebook), Path::new("/here"));
        assert_eq!(here.resolve("outputs"), Path::new("/here/outputs"));
        assert_eq!(installation.kernel_folder(&notebook), folder.path().join("notebooks"));
    }

    #[test]
    fn relative_outputs_start_at_the_workspace() {
        let (_folder, workspace) = workspace(TWO, &[]);
        assert_eq!(workspace.resolve("./outputs"), workspace.root().join("outputs"));
        assert_eq!(workspace.shown(&workspace.resolve("outputs/x")), Path::new("outputs/x"));
    }
}
