//! What a report is to run, all of it checked, and how it is run and published.

use std::path::{Path, PathBuf};

use cltv_protocol::environment;
use cltv_protocol::workspace::DEFAULT_OUTPUTS;

use super::headline;
use crate::inputs::Inputs;
use crate::notebook;
use crate::params::{Assignment, NotebookParameters, Settings, Value, resolve};
use crate::publish::{self, OutputFolder, PublishError, SUMMARY};
use crate::run::command::declared;
use crate::run::error::RunError;
use crate::run::{Job, Runner};
use crate::workspace::{Workflow, Workspace};

/// The parameter that names the output folder.
pub(super) const OUTPUTS: &str = "outputs";

/// What is to be run, all of it checked.
#[derive(Debug)]
pub(super) struct Plan {
    name: String,
    workspace: Workspace,
    workflow: Workflow,
    jobs: Vec<Job>,
    pub(super) outputs: PathBuf,
    outputs_are_default: bool,
}

/// glibc's number of heaps. With one for all threads, memory that was freed serves every thread: a report on 5 million
/// purchases needs 6% less at its peak and the same time.
const ARENAS: &str = "MALLOC_ARENA_MAX";

impl Plan {
    pub(super) fn new(name: &str, assignments: &[Assignment]) -> Result<Plan, RunError> {
        let workspace = Workspace::find()?;
        let workflow = workspace.workflow(name)?;
        let mut jobs =
            workflow.notebooks.iter().map(|name| job(&workspace, name)).collect::<Result<Vec<_>, _>>()?;
        let settings = settings(&jobs, assignments, name)?;
        for (job, settings) in jobs.iter_mut().zip(settings) {
            job.settings = settings;
        }
        let default = workspace.resolve(&default_outputs(&jobs));
        let given = assignments.iter().rev().find(|a| a.name == OUTPUTS);
        let given = given.and_then(|assignment| assignment.value.characters());
        let outputs = given.map_or_else(|| default.clone(), |folder| workspace.resolve(folder));
        if workspace.holds_sources(&outputs) {
            return Err(PublishError::Sources { folder: outputs }.into());
        }
        for job in &mut jobs {
            let path = outputs.join(executed(&job.name));
            job.output = workspace.shown(&path).display().to_string();
        }
        let outputs_are_default = outputs == default;
        Ok(Plan { name: name.to_owned(), outputs_are_default, workspace, workflow, jobs, outputs })
    }

    /// The output folder as people know it.
    pub(super) fn shown_outputs(&self) -> PathBuf {
        self.workspace.shown(&self.outputs)
    }

    /// Opens the output folder.
    pub(super) fn open(&self) -> Result<OutputFolder, PublishError> {
        let top = self.outputs_are_default.then(|| self.workspace.root());
        OutputFolder::open(&self.outputs, top)
    }

    /// Refuses, before anything runs, names in the output folder that are not cltv's to replace.
    pub(super) fn check_names(&self) -> Result<(), PublishError> {
        publish::check_names(&self.outputs, &self.planned())
    }

    /// The files that are known before the run.
    fn planned(&self) -> Vec<String> {
        let notebooks = self.jobs.iter().map(|job| executed(&job.name).display().to_string());
        let partial = self.jobs.iter().map(|job| publish::failed(&job.name));
        let promised = self.workflow.writes.iter().cloned();
        let files: Vec<String> = notebooks.chain(promised).collect();
        let kept = files.iter().map(|file| publish::failed_file(file));
        kept.chain(partial).chain(files.iter().cloned()).collect()
    }

    /// The parameters that are set, each once, in the order in which notebooks have them.
    pub(super) fn parameters(&self) -> Vec<(String, String)> {
        let mut all: Vec<(String, String)> = Vec::new();
        for (name, value) in self.jobs.iter().flat_map(|job| job.settings.iter()) {
            if !all.iter().any(|(known, _)| known == name) {
                all.push((name.to_owned(), value.shown()));
            }
        }
        all
    }

    /// The files that the notebooks read, as they are now: those that their string parameters name.
    pub(super) fn inputs(&self) -> Inputs {
        let values = self.jobs.iter().flat_map(|job| {
            let set = job.settings.iter().map(|(name, value)| (name.to_owned(), value.clone()));
            let defaults = job.declared.iter().filter_map(|parameter| {
                let is_set = job.settings.iter().any(|(name, _)| name == parameter.name);
                parameter
                    .default_value
                    .clone()
                    .filter(|_| !is_set)
                    .map(|value| (parameter.name.clone(), value))
            });
            set.chain(defaults).collect::<Vec<_>>()
        });
        let named = values.filter(|(name, _)| name != OUTPUTS).filter_map(|(name, value)| match value {
            Value::Text(text) => Some((name, text)),
            _ => None,
        });
        Inputs::of(self.workspace.root(), named)
    }

    /// Runs every notebook into a stage and publishes it, unless its inputs change meanwhile.
    pub(super) async fn run(
        &self,
        runner: &mut Runner,
        folder: &OutputFolder,
        inputs: &Inputs,
    ) -> Result<Vec<String>, RunError> {
        let stage = folder.stage()?;
        let place = stage.path().display().to_string();
        runner.env.push((environment::STAGE.to_owned(), place));
        // Hidden files of a stage are not published; they go with it.
        let kept = stage.path().join(".purchases").display().to_string();
        runner.env.push((environment::PURCHASES.to_owned(), kept));
        if std::env::var_os(ARENAS).is_none() {
            runner.env.push((ARENAS.to_owned(), "1".to_owned()));
        }
        let mut finished = Vec::new();
        for job in &self.jobs {
            let mut job = job.clone();
            let name = job.name.clone();
            job.save_to = Some(stage.path().join(executed(&name)));
            let outcome = runner.run(job).await;
            if let Err(error) = outcome.result {
                if let Err(changed) = inputs.check() {
                    runner.progress.line(&changed.to_string());
                }
                // When even that cannot be written, the first error is the one to tell.
                let kept = stage.keep_failed(&name, &outcome.notebook, &finished).ok();
                let shown = kept.as_ref().map(|(path, _)| self.workspace.shown(path));
                let count = kept.map_or(0, |(_, count)| count);
                if let Some(folder) = shown.as_deref().and_then(Path::parent).filter(|_| count > 0) {
                    let (files, folder) = (counted(count, "file"), folder.display());
                    runner
                        .progress
                        .line(&format!("Kept of the notebooks before {name}: {files}, in {folder}."));
                }
                return Err(error.with_partial(shown.as_deref()));
            }
            inputs.check()?;
            finished = stage.files()?;
            let line = format!("{name}  done in {:.1} s", outcome.seconds);
            runner.progress.line(&line);
        }
        stage.check(&self.workflow.writes)?;
        let files = stage.publish(&self.name)?;
        Ok(files)
    }

    fn summary_goes_up(&self, files: &[String]) -> bool {
        self.outputs_are_default && files.iter().any(|file| file == SUMMARY)
    }

    /// What the executive summaries say first. A page that cannot be read is named with the files anyway.
    fn headlines(&self, files: &[String]) -> String {
        let pages =
            files.iter().filter(|file| Path::new(file).file_name().is_some_and(|name| name == SUMMARY));
        let said = pages.filter_map(|page| std::fs::read_to_string(self.outputs.join(page)).ok());
        said.map(|page| headline::of(&page)).filter(|text| !text.is_empty()).map(|text| text + "\n").collect()
    }

    /// The headline figures, and what was written where, in words.
    pub(super) fn summary(&self, files: &[String], seconds: f64) -> String {
        let shown = self.workspace.shown(&self.outputs);
        let mut text = self.headlines(files);
        text.push_str(&format!(
            "{}: {} in {seconds:.1} s. Written to {}:\n",
            self.workflow.title,
            counted(self.jobs.len(), "notebook"),
            shown.display()
        ));
        for (name, count) in grouped(files) {
            let line = match count {
                0 => format!("  {name}\n"),
                _ => format!("  {name}/  {}\n", counted(count, "file")),
            };
            text.push_str(&line);
        }
        for page in files.iter().filter(|file| file.ends_with(&format!("/{SUMMARY}"))) {
            text.push_str(&format!("The executive summary is {}.\n", shown.join(page).display()));
        }
        if self.summary_goes_up(files) {
            text.push_str("and executive_summary.md at the top of the workspace.");
        }
        text.trim_end().to_owned()
    }
}

pub(super) fn counted(count: usize, what: &str) -> String {
    match count {
        1 => format!("1 {what}"),
        _ => format!("{count} {what}s"),
    }
}

/// Files by themselves, with 0; folders with how many files they hold.
fn grouped(files: &[String]) -> Vec<(&str, usize)> {
    let mut groups: Vec<(&str, usize)> = Vec::new();
    for file in files {
        match file.split_once('/') {
            None => groups.push((file, 0)),
            Some((folder, _)) => match groups.iter_mut().find(|(name, _)| *name == folder) {
                Some((_, count)) => *count += 1,
                None => groups.push((folder, 1)),
            },
        }
    }
    groups.sort_by_key(|(_, count)| *count > 0);
    groups
}

fn executed(name: &str) -> PathBuf {
    Path::new("notebooks").join(format!("{name}.ipynb"))
}

fn job(workspace: &Workspace, name: &str) -> Result<Job, RunError> {
    let path = workspace.notebook(name);
    let notebook = notebook::from_path(&path)?;
    let cwd = workspace.kernel_folder(&path);
    Ok(Job {
        name: name.to_owned(),
        declared: declared(&notebook, name)?,
        notebook,
        settings: Settings::default(),
        cwd,
        input: workspace.shown(&path).display().to_string(),
        output: String::new(),
        save_to: None,
    })
}

fn settings(jobs: &[Job], assignments: &[Assignment], workflow: &str) -> Result<Vec<Settings>, RunError> {
    let notebooks: Vec<NotebookParameters> = jobs
        .iter()
        .map(|job| NotebookParameters { notebook: job.name.clone(), parameters: job.declared.clone() })
        .collect();
    Ok(resolve(&notebooks, assignments, Some(workflow))?)
}

/// The output folder that the notebooks themselves name.
fn default_outputs(jobs: &[Job]) -> String {
    let declared = jobs.iter().flat_map(|job| &job.declared);
    declared
        .filter(|parameter| parameter.name == OUTPUTS)
        .find_map(|parameter| match &parameter.default_value {
            Some(Value::Text(folder)) => Some(folder.clone()),
            _ => None,
        })
        .unwrap_or_else(|| DEFAULT_OUTPUTS.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_listed_and_folders_counted() {
        let files = ["a.csv", "notebooks/1", "notebooks/2", "z.md"].map(str::to_owned);
        assert_eq!(grouped(&files), [("a.csv", 0), ("z.md", 0), ("notebooks", 2)]);
    }
}
