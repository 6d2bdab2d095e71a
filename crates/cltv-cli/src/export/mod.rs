//! `cltv export`: an executed notebook as one html page, Markdown, or Rust.

mod document;
mod highlight;
mod html;
mod markdown;
mod math;
mod media;
mod rust;
mod scripts;
mod text;

use std::path::{Path, PathBuf};

use crate::cli::{ExportArgs, ExportFormat};
use crate::files::{FileError, check_local, write_atomically};
use crate::notebook::{self, NotebookError};
use crate::run::command::stem;
use crate::run::error::RunError;
use crate::terminal::{tell, write_out};
use document::Document;

/// Writes a notebook in another form.
///
/// # Errors
/// [`RunError`] when the notebook cannot be read or the file cannot be written.
pub fn export(args: &ExportArgs) -> Result<(), RunError> {
    if args.no_input && args.format == ExportFormat::Rs {
        return Err(RunError::NothingLeft);
    }
    args.output.iter().chain([&args.notebook]).try_for_each(|path| check_local(path))?;
    let (notebook, results) = notebook::executed(&args.notebook)?;
    let title = stem(&args.notebook);
    let folder = args.notebook.parent().unwrap_or(Path::new(""));
    let document = Document::new(&notebook, &results, &title, folder, args.no_input);
    let output = output(args);
    let text = match args.format {
        ExportFormat::Html => page(&document, args.allow_scripts),
        ExportFormat::Rs => rust::file(&document),
        ExportFormat::Md => markdown(&document, output.as_deref())?,
    };
    match &output {
        None => write_out(text.as_bytes())?,
        Some(path) => {
            write_atomically(path, text.as_bytes())?;
            tell(&format!("Written: {}", path.display()));
        }
    }
    Ok(())
}

/// The html page; says which scripts it does not run.
fn page(document: &Document, allow_scripts: bool) -> String {
    let page = html::page(document, allow_scripts);
    match page.not_run {
        0 => {}
        1 => tell(
            "A script of the notebook will not run in the page; if you trust the notebook, --allow-scripts lets it run.",
        ),
        several => tell(&format!(
            "{several} scripts of the notebook will not run in the page; if you trust the notebook, --allow-scripts lets them run."
        )),
    }
    page.html
}

/// The contents of a notebook file in another form, in one text.
///
/// `title` is used where the notebook has no heading; images that its text names are read from `folder`.
///
/// # Errors
/// [`NotebookError`] when the text is no notebook.
pub fn converted(
    text: &str,
    title: &str,
    folder: &Path,
    format: ExportFormat,
) -> Result<String, NotebookError> {
    let (notebook, results) = notebook::executed_from_json(text, title)?;
    let document = Document::new(&notebook, &results, title, folder, false);
    Ok(match format {
        ExportFormat::Html => html::page(&document, false).html,
        ExportFormat::Rs => rust::file(&document),
        ExportFormat::Md => text::file(&document, None).0,
    })
}

/// The Markdown, with its images beside it, or in it when it goes to standard output.
fn markdown(document: &Document, output: Option<&Path>) -> Result<String, FileError> {
    let Some(path) = output else {
        return Ok(text::file(document, None).0);
    };
    let folder = format!("{}_files", stem(path));
    let (text, images) = text::file(document, Some(&folder));
    for (name, bytes) in images {
        write_atomically(&path.with_file_name(&folder).join(name), &bytes)?;
    }
    Ok(text)
}

fn output(args: &ExportArgs) -> Option<PathBuf> {
    let standard = Path::new("-");
    match &args.output {
        Some(path) if path == standard => None,
        Some(path) => Some(path.clone()),
        None if args.notebook == standard => None,
        None => Some(args.notebook.with_extension(args.format.extension())),
    }
}
