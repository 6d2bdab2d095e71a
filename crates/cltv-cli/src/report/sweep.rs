//! A sweep: one workflow with several sets of parameters, some of them side by side.

use std::sync::Arc;
use std::time::Instant;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::plan::{OUTPUTS, Plan, counted};
use super::sets::Set;
use super::table::{self, Row};
use super::{figures, log, logged, shorthand};
use crate::cli::ReportArgs;
use crate::params::Assignment;
use crate::publish::{OutputFolder, check_names};
use crate::run::command::drive;
use crate::run::error::RunError;
use crate::run::{Listeners, Runner};
use crate::terminal::print;

/// The summary's file, in the output folder.
const SUMMARY: &str = "sweep.csv";

/// Runs every set; those that end well are published, whatever becomes of the others.
pub(super) fn run(args: &ReportArgs, sets: Vec<Set>) -> Result<(), RunError> {
    let begin = Instant::now();
    // The folder that the sets' folders are in, checked like any other output folder. No set names
    // it by itself, so all of them agree.
    let mut general = sets.first().map_or_else(Vec::new, |set| set.assignments.clone());
    general.retain(|assignment| assignment.name == OUTPUTS);
    general.extend(shorthand(args));
    let base = Plan::new(&args.workflow, &general)?;
    let plans = sets.into_iter().map(|set| Ok((plan(args, &base, &set)?, set)));
    let plans = plans.collect::<Result<Vec<_>, RunError>>()?;
    check_names(&base.outputs, &[SUMMARY.to_owned()])?;
    plans.iter().try_for_each(|(plan, _)| plan.check_names())?;
    let folder = OutputFolder::open(&base.outputs, None)?;
    let log = log::begin(folder.path(), &base.parameters())?;
    let rows = drive(&args.execution, async |mut runner: Runner| {
        runner.progress.log_to(log);
        let rows = run_all(&runner, args, plans).await;
        for row in &rows {
            runner
                .progress
                .note(&format!("{}  {}  {:.1} s  {}", row.set.name, row.status, row.seconds, row.error));
        }
        rows
    })?;
    let path = folder.path().join(SUMMARY);
    folder.write(SUMMARY, SUMMARY, &table::csv(&path, &rows)?)?;
    if !args.execution.progress.quiet {
        let shown = base.shown_outputs().join(SUMMARY);
        let (runs, seconds) = (counted(rows.len(), "run"), begin.elapsed().as_secs_f64());
        let table = table::text(&rows);
        print(&format!("{table}\n\n{runs} in {seconds:.1} s, summed up in {}.\n", shown.display()))?;
    }
    verdict(&rows)
}

fn plan(args: &ReportArgs, base: &Plan, set: &Set) -> Result<Plan, RunError> {
    let outputs = base.outputs.join(&set.name);
    let mut assignments = set.assignments.clone();
    assignments.push(Assignment::text(OUTPUTS, &outputs.display().to_string()));
    Plan::new(&args.workflow, &assignments)
}

async fn run_all(runner: &Runner, args: &ReportArgs, plans: Vec<(Plan, Set)>) -> Vec<Row> {
    let places = Arc::new(Semaphore::new(args.jobs.unwrap_or(1).into()));
    let mut running = JoinSet::new();
    for (number, (plan, set)) in plans.into_iter().enumerate() {
        // Taken here, so that the sets begin in their order; the semaphore is never closed, so there
        // always is a place to wait for.
        let place = places.clone().acquire_owned().await.ok();
        let mut own = runner.beside(&set.name);
        let log_output = args.execution.progress.log_output;
        running.spawn(async move {
            let _place = place;
            let begin = Instant::now();
            let done = one(&plan, &mut own, log_output).await;
            (number, row(set, &plan, done, begin.elapsed().as_secs_f64()))
        });
    }
    let mut rows = running.join_all().await;
    rows.sort_by_key(|(number, _)| *number);
    rows.into_iter().map(|(_, row)| row).collect()
}

/// Runs one set; gives the files it published.
async fn one(plan: &Plan, runner: &mut Runner, log_output: bool) -> Result<Vec<String>, RunError> {
    if runner.stop.is_requested() {
        return Err(RunError::Interrupted { notebook: None });
    }
    runner.listeners = Listeners::new(log_output, None, None)?;
    let folder = plan.open()?;
    logged(plan, &folder, runner).await.inspect_err(|error| {
        runner.progress.line(&format!("failed: {error}"));
    })
}

fn row(set: Set, plan: &Plan, done: Result<Vec<String>, RunError>, seconds: f64) -> Row {
    let status = match &done {
        Ok(_) => "ok",
        Err(RunError::Interrupted { .. }) => "interrupted",
        Err(_) => "failed",
    };
    let error = done.as_ref().err().map_or_else(String::new, in_a_line);
    let figures = done.map_or_else(|_| Vec::new(), |files| figures::of(&plan.outputs, &files));
    Row { set, status, seconds, folder: plan.shown_outputs().display().to_string(), error, figures }
}

/// An error for a table's cell: a failed cell's place and message, else the first line.
fn in_a_line(error: &RunError) -> String {
    match error {
        RunError::Cell(failure) => {
            let place = &failure.place;
            let what = failure.evalue.lines().next().unwrap_or_default();
            format!("cell {} of {}: {}: {what}", place.cell, place.notebook, failure.ename)
        }
        other => other.to_string().lines().next().unwrap_or_default().to_owned(),
    }
}

fn verdict(rows: &[Row]) -> Result<(), RunError> {
    if rows.iter().any(|row| row.status == "interrupted") {
        return Err(RunError::Interrupted { notebook: None });
    }
    let failed: Vec<String> =
        rows.iter().filter(|row| row.status != "ok").map(|row| row.set.name.clone()).collect();
    match failed.is_empty() {
        true => Ok(()),
        false => Err(RunError::Sweep { failed, of: rows.len() }),
    }
}
