//! `cltv run`: one notebook, from a file to a file.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use super::error::RunError;
use super::launch::{self, KernelLaunch};
use super::metadata::Start;
use super::paths::Names;
use super::progress::Progress;
use super::stop::Stop;
use super::{Job, Listeners, Options, Runner, help, temporary};
use crate::cli::{ExecutionArgs, RunArgs};
use crate::files::{self, FileError, check_local, target};
use crate::notebook::{self, Notebook, to_json};
use crate::params::{
    Assignment, NotebookParameters, ParamError, Parameter, Settings, parameters_of, resolve, sources,
};
use crate::terminal;
use crate::workspace::Workspace;

/// The names that papermill gives to a notebook's own paths.
const INPUT_PATH: &str = "PAPERMILL_INPUT_PATH";
const OUTPUT_PATH: &str = "PAPERMILL_OUTPUT_PATH";

/// Standard input or output.
const STANDARD: &str = "-";

/// Runs one notebook.
///
/// # Errors
/// [`RunError`] when the notebook, a parameter or the kernel is not right, or a cell fails.
pub fn run(args: &RunArgs) -> Result<(), RunError> {
    let assignments = sources::assignments(&args.execution.parameters)?;
    let mut names = Names::new();
    for Assignment { name, value } in &assignments {
        if let Some(text) = value.characters() {
            names.set(name, text);
        }
    }
    let input = names.fill(&args.input)?;
    check_paths(args, &input)?;
    if args.help_notebook {
        return print_help(&input);
    }
    let job = job(args, &input, &assignments, names)?;
    let save_to = job.save_to.clone();
    let (notebook, result) = match args.places.prepare_only {
        true => prepare(&job, args.execution.report_mode),
        false => execute(args, job)?,
    };
    if save_to.is_none() {
        terminal::write_out(to_json(&notebook).as_bytes())?;
    }
    result.map_err(|error| error.with_partial(save_to.as_deref()))
}

/// Refuses addresses of other machines among the paths, but the output's, which parameters fill in.
fn check_paths(args: &RunArgs, input: &str) -> Result<(), FileError> {
    let places = &args.places;
    let paths = [&places.cwd, &places.stdout_file, &places.stderr_file].into_iter().flatten();
    paths.map(PathBuf::as_path).chain([Path::new(input)]).try_for_each(check_local)
}

/// Everything that is run, checked.
fn job(args: &RunArgs, input: &str, assignments: &[Assignment], mut names: Names) -> Result<Job, RunError> {
    let path = Path::new(input);
    let notebook = notebook::from_path(path)?;
    let name = stem(path);
    let declared = declared(&notebook, &name)?;
    let parameters = NotebookParameters { notebook: name.clone(), parameters: declared.clone() };
    let workflow = workflow_of(path);
    let mut settings = resolve(&[parameters], assignments, workflow.as_deref())?.pop().unwrap_or_default();
    for parameter in &declared {
        if let Some(value) = &parameter.default_value {
            names.set(&parameter.name, &value.shown());
        }
    }
    for (name, value) in settings.iter() {
        names.set(name, &value.shown());
    }
    let output = output_path(args, &names)?;
    check_outputs(args, output.as_deref())?;
    let shown = output.as_ref().map_or_else(|| STANDARD.to_owned(), |path| path.display().to_string());
    inject_paths(args, &mut settings, &declared, input, &shown);
    Ok(Job {
        cwd: args.places.cwd.as_ref().map_or_else(|| folder_of(path), |cwd| folder(cwd))?,
        input: input.to_owned(),
        output: shown,
        save_to: output,
        settings,
        name,
        notebook,
        declared,
    })
}

/// Refuses, before anything runs, outputs that are no files, and two outputs on one path.
fn check_outputs(args: &RunArgs, output: Option<&Path>) -> Result<(), FileError> {
    let places = &args.places;
    let streams = [&places.stdout_file, &places.stderr_file].into_iter().flatten().map(PathBuf::as_path);
    let mut seen: Vec<PathBuf> = Vec::new();
    for path in output.into_iter().chain(streams) {
        let found = target(path)?;
        let folder = files::folder_of(&found).canonicalize().ok();
        let whole = folder.zip(found.file_name()).map_or(found.clone(), |(folder, name)| folder.join(name));
        if seen.contains(&whole) {
            return Err(FileError::Twice { path: path.to_path_buf() });
        }
        seen.push(whole);
    }
    Ok(())
}

fn inject_paths(args: &RunArgs, settings: &mut Settings, declared: &[Parameter], input: &str, output: &str) {
    let places = &args.places;
    if places.inject_paths || places.inject_input_path {
        settings.add_text(declared, INPUT_PATH, input);
    }
    if places.inject_paths || places.inject_output_path {
        settings.add_text(declared, OUTPUT_PATH, output);
    }
}

type Finished = (Notebook, Result<(), RunError>);

/// The notebook with its parameters, not run.
fn prepare(job: &Job, report_mode: bool) -> Finished {
    let notebook = super::prepared(job, report_mode, Start::now());
    let saved = super::save(job, &notebook);
    (notebook, saved.map_err(RunError::from))
}

fn execute(args: &RunArgs, job: Job) -> Result<Finished, RunError> {
    let places = &args.places;
    let log = args.execution.progress.log_output;
    let listeners = Listeners::new(log, places.stdout_file.as_deref(), places.stderr_file.as_deref())?;
    let each_cell = !places.no_request_save_on_cell_execute;
    let outcome = drive(&args.execution, async move |mut runner: Runner| {
        runner.listeners = listeners;
        runner.options.save_each_cell = each_cell;
        // One notebook is run, so its kernel waits for no other.
        runner.resets = false;
        runner.run(job).await
    })?;
    Ok((outcome.notebook, outcome.result))
}

fn print_help(input: &str) -> Result<(), RunError> {
    let path = Path::new(input);
    let notebook = notebook::from_path(path)?;
    let parameters = declared(&notebook, &stem(path))?;
    if parameters.is_empty() {
        return Err(RunError::NoParameters { notebook: input.to_owned() });
    }
    Ok(terminal::print(&help::text(input, &parameters))?)
}

/// Sets a runner up and lets `work` use it.
///
/// The kernel is made ready first, while Ctrl-C still ends the process and the compiler with it.
pub(crate) fn drive<T>(args: &ExecutionArgs, work: impl AsyncFnOnce(Runner) -> T) -> Result<T, RunError> {
    temporary::check()?;
    let progress = Progress::new(&args.progress);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(RunError::Runtime)?;
    let launch = match &args.kernel.name {
        Some(name) => runtime.block_on(launch::installed(name))?,
        None => own_kernel(&progress)?,
    };
    runtime.block_on(async {
        let stop = Stop::listen().map_err(RunError::Runtime)?;
        let mut runner = Runner::new(launch, Options::new(args), progress, stop);
        // Another kernel does not know the request; it would fail, or take it for code.
        runner.resets = args.kernel.name.is_none();
        Ok(work(runner).await)
    })
}

fn own_kernel(progress: &Progress) -> Result<KernelLaunch, RunError> {
    Ok(launch::ensure_ready(&|line| progress.line(line))?)
}

/// The workflow that lists the notebook, where it lies in a workspace.
pub(crate) fn workflow_of(notebook: &Path) -> Option<String> {
    let notebook = notebook.canonicalize().ok()?;
    Workspace::above(notebook.parent()?)?.workflow_of(&notebook)
}

/// The parameters that a notebook declares.
pub(crate) fn declared(notebook: &Notebook, name: &str) -> Result<Vec<Parameter>, ParamError> {
    match notebook.parameters_cell() {
        Some(cell) => parameters_of(&cell.source, name),
        None => Ok(Vec::new()),
    }
}

fn output_path(args: &RunArgs, names: &Names) -> Result<Option<PathBuf>, RunError> {
    match &args.output {
        Some(path) if path != STANDARD => {
            let path = PathBuf::from(names.fill(path)?);
            check_local(&path)?;
            Ok(Some(path))
        }
        Some(_) => Ok(None),
        None if std::io::stdout().is_terminal() => Err(RunError::NoOutput { input: args.input.clone() }),
        None => Ok(None),
    }
}

pub(crate) fn stem(path: &Path) -> String {
    match path.file_stem() {
        Some(stem) if path != Path::new(STANDARD) => stem.to_string_lossy().into_owned(),
        _ => "notebook".to_owned(),
    }
}

/// The folder of a notebook, absolute; standard input's is the current one.
fn folder_of(path: &Path) -> Result<PathBuf, FileError> {
    let absolute = std::path::absolute(path).map_err(FileError::read(path))?;
    Ok(absolute.parent().map_or_else(|| PathBuf::from("."), Path::to_path_buf))
}

/// A folder that must be there, absolute.
fn folder(path: &Path) -> Result<PathBuf, FileError> {
    let found = path.canonicalize().map_err(FileError::read(path))?;
    match found.is_dir() {
        true => Ok(found),
        false => Err(FileError::read(path)(std::io::ErrorKind::NotADirectory.into())),
    }
}
