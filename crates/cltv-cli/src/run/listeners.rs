//! Who else gets what the cells put out: files, and standard error.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use jupyter_protocol::{JupyterMessageContent as Content, Media, MediaType, Stdio};

use super::progress::Progress;
use crate::files::{FileError, replaced};
use crate::terminal::harmless;

/// Passes outputs on as they come.
#[derive(Debug, Default)]
pub struct Listeners {
    log: bool,
    stdout: Option<Copy>,
    stderr: Option<Copy>,
    failure: Option<FileError>,
}

/// A file that gets one of the streams.
#[derive(Debug)]
struct Copy {
    path: PathBuf,
    file: File,
}

impl Listeners {
    /// With `log`, everything goes to standard error; each file gets its stream.
    ///
    /// # Errors
    /// [`FileError::Write`] when a file cannot be made.
    pub fn new(log: bool, stdout: Option<&Path>, stderr: Option<&Path>) -> Result<Listeners, FileError> {
        let open = |path: Option<&Path>| path.map(Copy::create).transpose();
        Ok(Listeners { log, stdout: open(stdout)?, stderr: open(stderr)?, failure: None })
    }

    /// Takes a message of a running cell.
    pub fn take(&mut self, content: &Content, progress: &Progress) {
        if let Content::StreamContent(stream) = content {
            let copy = match stream.name {
                Stdio::Stdout => &mut self.stdout,
                Stdio::Stderr => &mut self.stderr,
            };
            let written = copy.as_mut().map_or(Ok(()), |copy| copy.write(&stream.text));
            // The first failure is the one to tell; the cell goes on until its end.
            self.failure = self.failure.take().or(written.err());
        }
        if let Some(text) = self.log.then(|| plain_text(content)).flatten() {
            progress.output(&harmless(&text));
        }
    }

    /// The first write that failed, once.
    ///
    /// # Errors
    /// [`FileError::Write`] names the file.
    pub fn check(&mut self) -> Result<(), FileError> {
        self.failure.take().map_or(Ok(()), Err)
    }
}

impl Copy {
    fn create(path: &Path) -> Result<Copy, FileError> {
        let file = replaced(path)?;
        Ok(Copy { path: path.to_path_buf(), file })
    }

    fn write(&mut self, text: &str) -> Result<(), FileError> {
        self.file.write_all(text.as_bytes()).map_err(FileError::write(&self.path))
    }
}

fn plain_text(content: &Content) -> Option<String> {
    match content {
        Content::StreamContent(stream) => Some(stream.text.clone()),
        Content::DisplayData(display) => plain(&display.data),
        Content::ExecuteResult(result) => plain(&result.data),
        _ => None,
    }
}

fn plain(media: &Media) -> Option<String> {
    media.content.iter().find_map(|kind| match kind {
        MediaType::Plain(text) => Some(format!("{}\n", text.trim_end_matches('\n'))),
        _ => None,
    })
}
