//! Files that are packed: their unpacked bytes, of which there may be a bounded number.

use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::read::MultiGzDecoder;

use crate::decoder::{self, Caught};
use crate::file_error::{FileError, TooLarge};

/// Bytes that any packed file may unpack to: 256 MiB.
const LEAST_LIMIT: u64 = 1 << 28;
/// How many times its own size a larger file may unpack to. Tables of text unpack to 3 to 20 times their packed size.
const TIMES: u64 = 100;

/// The first bytes of gzip's format.
const GZIP: [u8; 2] = [0x1F, 0x8B];

/// The bound of a packed file with so many bytes.
pub(crate) fn bound(packed: u64) -> TooLarge {
    TooLarge { packed, limit: packed.saturating_mul(TIMES).max(LEAST_LIMIT) }
}

/// A reader that fails with [`TooLarge`] where more bytes come than the bound.
struct Bounded<R> {
    inner: R,
    given: u64,
    bound: TooLarge,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(into)?;
        self.given += n as u64;
        if self.given > self.bound.limit { Err(io::Error::other(self.bound)) } else { Ok(n) }
    }
}

/// The unpacked bytes of a reader of packed data.
fn unpacking<R: Read>(inner: R, packed: u64) -> Bounded<Caught<R>> {
    Bounded { inner: Caught(inner), given: 0, bound: bound(packed) }
}

/// Whether a file begins as one packed by gzip.
pub(crate) fn is_gzip(head: &[u8]) -> bool {
    head.starts_with(&GZIP)
}

/// The file from its start, unpacked, with the bytes that were taken from it counted.
pub(crate) fn opened(file: &File, taken: &Arc<AtomicU64>) -> io::Result<Box<dyn Read + Send>> {
    let mut file = file.try_clone()?;
    let size = file.metadata()?.len();
    let mut head = Vec::new();
    file.rewind()?;
    (&mut file).take(GZIP.len() as u64).read_to_end(&mut head)?;
    file.rewind()?;
    let counted = Counted { inner: file, taken: taken.clone() };
    let packed = is_gzip(&head);
    Ok(if packed { Box::new(unpacking(MultiGzDecoder::new(counted), size)) } else { Box::new(counted) })
}

struct Counted<R> {
    inner: R,
    taken: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(into)?;
        self.taken.fetch_add(n as u64, Ordering::Relaxed);
        Ok(n)
    }
}

/// What a file packed by gzip contains, in a temporary file.
pub(crate) fn gunzip(shown: &str, file: File) -> Result<File, FileError> {
    let failed = |error: io::Error| FileError::of_io(shown, &error);
    let size = file.metadata().map_err(failed)?.len();
    let mut out = tempfile::tempfile().map_err(failed)?;
    io::copy(&mut unpacking(MultiGzDecoder::new(file), size), &mut out).map_err(failed)?;
    Ok(out)
}

/// The one file of a zip archive whose name is wanted, in a temporary file; the error says what the archive contains.
pub(crate) fn unzip(shown: &str, archive: &File, is_wanted: impl Fn(&str) -> bool) -> Result<File, Unzipped> {
    let size = archive.metadata().map_err(|error| FileError::of_io(shown, &error))?.len();
    let opened = decoder::run(shown, "archive", || zip::ZipArchive::new(archive))?;
    let mut archive = opened.map_err(|error| torn(shown, &error.to_string()))?;
    let inside: Vec<String> = archive
        .file_names()
        .filter_map(Result::ok)
        .filter(|name| is_wanted(name) && !name.contains("__MACOSX"))
        .map(std::borrow::Cow::into_owned)
        .collect();
    let [name] = &inside[..] else {
        if inside.is_empty() && archive.index_for_name("[Content_Types].xml").is_some() {
            return Err(Unzipped::IsWorkbook);
        }
        return Err(FileError::Archive { shown: shown.to_owned(), found: inside.len() }.into());
    };
    let mut out = tempfile::tempfile().map_err(|error| FileError::of_io(shown, &error))?;
    let file = archive.by_name(name).map_err(|error| torn(shown, &error.to_string()))?;
    let copied = io::copy(&mut unpacking(file, size), &mut out).and_then(|_| out.flush());
    copied.map_err(|error| match FileError::of_io(shown, &error) {
        FileError::Unreadable { reason, .. } => torn(shown, &reason),
        error => error,
    })?;
    Ok(out)
}

/// Why a zip archive gives no file.
pub(crate) enum Unzipped {
    /// It is a workbook itself.
    IsWorkbook,
    File(FileError),
}

impl From<FileError> for Unzipped {
    fn from(error: FileError) -> Self {
        Self::File(error)
    }
}

fn torn(shown: &str, reason: &str) -> FileError {
    FileError::Malformed { shown: shown.to_owned(), named: "archive".to_owned(), reason: reason.to_owned() }
}

/// Refuses a zip archive whose parts say that they unpack to more than the bound; no part gives more than it says.
pub(crate) fn refuse_large_archive(shown: &str, bytes: &[u8]) -> Result<(), FileError> {
    let sizes = decoder::run(shown, "workbook", || {
        let mut archive = zip::ZipArchive::new(io::Cursor::new(bytes)).ok()?;
        let parts = 0..archive.len();
        let size = |at: usize| archive.by_index_raw(at).map_or(0, |part| part.size());
        Some(parts.map(size).fold(0, u64::saturating_add))
    })?;
    let TooLarge { packed, limit } = bound(bytes.len() as u64);
    let shown = shown.to_owned();
    // What is no archive is refused by its reader.
    if sizes.unwrap_or(0) > limit { Err(FileError::Unpacks { shown, packed, limit }) } else { Ok(()) }
}
