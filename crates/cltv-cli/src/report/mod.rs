//! `cltv report`: the notebooks of a workflow in order, published when all of them are done.

mod figures;
mod headline;
mod log;
mod plan;
mod sets;
mod sweep;
mod table;

use std::time::Instant;

use crate::cli::ReportArgs;
use crate::params::{Assignment, sources};
use crate::publish::{Completed, OutputFolder};
use crate::run::command::drive;
use crate::run::error::RunError;
use crate::run::{Listeners, Runner};
use crate::terminal::print;
use plan::{OUTPUTS, Plan};

/// Runs a workflow and publishes what it writes, once or for each set of a list.
///
/// # Errors
/// [`RunError`]; whichever it is, the last good outputs are as they were.
pub fn report(args: &ReportArgs) -> Result<(), RunError> {
    match sets::read(args)? {
        Some(sets) => sweep::run(args, sets),
        None => once(args),
    }
}

fn once(args: &ReportArgs) -> Result<(), RunError> {
    let begin = Instant::now();
    let mut assignments = sources::assignments(&args.execution.parameters)?;
    assignments.extend(shorthand(args));
    let plan = Plan::new(&args.workflow, &assignments)?;
    plan.check_names()?;
    let folder = plan.open()?;
    let log_output = args.execution.progress.log_output;
    let files = drive(&args.execution, async |mut runner: Runner| {
        runner.listeners = Listeners::new(log_output, None, None)?;
        logged(&plan, &folder, &mut runner).await
    })??;
    if !args.execution.progress.quiet {
        print(&format!("{}\n", plan.summary(&files, begin.elapsed().as_secs_f64())))?;
    }
    Ok(())
}

/// What a run that was killed had left to do.
fn in_words(completed: &Completed) -> String {
    let files = plan::counted(completed.files, "file");
    let mut text = format!("The last run was ended while it published; its {files} are published now.");
    if !completed.lost.is_empty() {
        text.push_str(&format!(" Not found any more: {}.", completed.lost.join(", ")));
    }
    text
}

/// `--outputs`, which is the same as `-p outputs`.
fn shorthand(args: &ReportArgs) -> Option<Assignment> {
    args.outputs.as_ref().map(|folder| Assignment::new(OUTPUTS, folder))
}

/// Runs a plan with a log of its own beside its files.
async fn logged(plan: &Plan, folder: &OutputFolder, runner: &mut Runner) -> Result<Vec<String>, RunError> {
    let begin = Instant::now();
    runner.progress.log_to(log::begin(folder.path(), &plan.parameters())?);
    if let Some(completed) = folder.completed() {
        runner.progress.line(&in_words(completed));
    }
    let inputs = plan.inputs();
    inputs.described().for_each(|line| runner.progress.note(&line));
    let done = plan.run(runner, folder, &inputs).await;
    runner.finish().await;
    let seconds = begin.elapsed().as_secs_f64();
    runner.progress.note(&match &done {
        Ok(files) => format!("published {} in {seconds:.1} s", plan::counted(files.len(), "file")),
        Err(error) => format!("failed after {seconds:.1} s, exit code {}: {error}", error.code()),
    });
    done
}
