//! `cltv run`: one notebook, from a file to a file.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

use crate::cli::{ExecutionArgs, RunArgs};
use crate::error::RunError;
use crate::files::FileError;
use crate::launch::{self, KernelLaunch};
use crate::notebook::{self, Notebook, to_json};
use crate::params::{NotebookParameters, ParamError, Parameter, parameters_of, resolve};
use crate::progress::Progress;
use crate::runner::{Job, Runner};
use crate::stop::Stop;

/// Runs one notebook.
///
/// # Errors
/// [`RunError`] when the notebook, a parameter or the kernel is not right, or a cell fails.
pub fn run(args: &RunArgs) -> Result<(), RunError> {
    let output = output_path(args)?;
    let notebook = notebook::from_path(&args.input)?;
    let name = stem(&args.input);
    let declared = declared(&notebook, &name)?;
    let parameters = NotebookParameters { notebook: name.clone(), parameters: declared.clone() };
    let mut settings = resolve(&[parameters], &args.execution.assignments())?;
    let job = Job {
        cwd: folder_of(&args.input)?,
        input: args.input.display().to_string(),
        output: output.as_ref().map_or_else(|| "-".to_owned(), |path| path.display().to_string()),
        save_to: output.clone(),
        settings: settings.pop().unwrap_or_default(),
        name,
        notebook,
        declared,
    };
    let outcome = drive(&args.execution, async |runner: &mut Runner| runner.run(job).await)?;
    if output.is_none() {
        print(&outcome.notebook)?;
    }
    outcome.result.map_err(|error| error.with_partial(output.as_deref()))
}

/// Sets a runner up and lets `work` use it.
///
/// The kernel is made ready first, while Ctrl-C still ends the process and the compiler with it.
pub(crate) fn drive<T>(
    args: &ExecutionArgs,
    work: impl AsyncFnOnce(&mut Runner) -> T,
) -> Result<T, RunError> {
    let progress = Progress::new();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(RunError::Runtime)?;
    let launch = match &args.kernel {
        Some(name) => runtime.block_on(launch::installed(name))?,
        None => own_kernel(&progress)?,
    };
    runtime.block_on(async {
        let mut runner = Runner {
            launch,
            env: Vec::new(),
            start_timeout: args.start_timeout(),
            progress,
            stop: Stop::listen().map_err(RunError::Runtime)?,
        };
        Ok(work(&mut runner).await)
    })
}

fn own_kernel(progress: &Progress) -> Result<KernelLaunch, RunError> {
    Ok(launch::ensure_ready(&|line| progress.line(line))?)
}

/// The parameters that a notebook declares.
pub(crate) fn declared(notebook: &Notebook, name: &str) -> Result<Vec<Parameter>, ParamError> {
    match notebook.parameters_cell() {
        Some(cell) => parameters_of(&cell.source, name),
        None => Ok(Vec::new()),
    }
}

fn output_path(args: &RunArgs) -> Result<Option<PathBuf>, RunError> {
    match &args.output {
        Some(path) if path != Path::new("-") => Ok(Some(path.clone())),
        Some(_) => Ok(None),
        None if std::io::stdout().is_terminal() => {
            Err(RunError::NoOutput { input: args.input.display().to_string() })
        }
        None => Ok(None),
    }
}

pub(crate) fn stem(path: &Path) -> String {
    path.file_stem().map_or_else(|| "notebook".to_owned(), |stem| stem.to_string_lossy().into_owned())
}

/// The folder of a notebook, absolute; standard input's is the current one.
fn folder_of(path: &Path) -> Result<PathBuf, FileError> {
    let absolute = std::path::absolute(path).map_err(FileError::read(path))?;
    Ok(absolute.parent().map_or_else(|| PathBuf::from("."), Path::to_path_buf))
}

fn print(notebook: &Notebook) -> Result<(), FileError> {
    let mut out = std::io::stdout().lock();
    out.write_all(to_json(notebook).as_bytes())
        .and_then(|()| out.flush())
        .map_err(FileError::write(Path::new("standard output")))
}
