//! How a file is to be read.

use std::sync::Arc;

/// How far reading is, for a progress line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress {
    /// Rows read so far.
    pub rows: u64,
    /// The part of the file that is read, from 0 to 1.
    pub part: f64,
}

/// What a caller does with [`Progress`].
#[derive(Clone)]
pub struct OnProgress(Arc<dyn Fn(Progress) + Send + Sync>);

impl OnProgress {
    /// Calls a function.
    pub fn new(call: impl Fn(Progress) + Send + Sync + 'static) -> Self {
        Self(Arc::new(call))
    }

    pub(crate) fn tell(&self, progress: Progress) {
        (self.0)(progress);
    }
}

impl std::fmt::Debug for OnProgress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("OnProgress")
    }
}

/// How a file is to be read; everything that is not given is found by the evidence of the file.
#[derive(Debug, Clone, Default)]
pub struct ReadOptions {
    /// The header's line or row, from 1; 0 to find it.
    pub header_row: u64,
    /// The encoding of a text file, such as "windows-1252"; "" to find it.
    pub encoding: String,
    /// The character between the columns of a text file; `None` to find it. A blank stands for any run of blanks.
    pub separator: Option<char>,
    /// The sheet of a workbook; "" for the first visible one that holds rows, "*" for all that have the columns.
    pub sheet: String,
    /// Whether merged cells of a sheet are resolved: within one column each gets the value of the first; over several
    /// columns, from the header on, they are refused.
    pub fill_merged: bool,
    /// Whether a hash of each whole row is kept, which exact duplicates share.
    pub fingerprints: bool,
    /// Called while a long file is read.
    pub progress: Option<OnProgress>,
}
