//! Clean purchases that one notebook of a report keeps for the next ones.
//!
//! They lie in a folder that the report makes for its run and deletes at its end. They are found again by the files
//! (path, size, times and inode), every parameter of reading and cleaning, and the day that counts as today, so that a
//! changed input is read anew. The last file to be written is the manifest that names all of this; what is incomplete or
//! cannot be read is as if it were not there.

use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use cltv_protocol::environment;
use cltv_protocol::input_files::{self, InputFile, Stamp};
use cltv_tables::resolve_path;
use polars::prelude::DataFrame;
use polars_io::SerReader;
use polars_io::parquet::read::ParquetReader;
use polars_io::parquet::write::{ParquetCompression, ParquetWriter};
use serde::{Deserialize, Serialize};

use super::report::CleaningReport;
use super::{Cleaned, Cleaning};
use crate::datasets;
use crate::error::DataError;
use crate::ids::Ids;
use crate::origin::Origin;
use crate::source::Source;
use crate::transactions::{Blocks, Transactions};
use crate::warehouse;

/// Reading and cleaning that takes less than this is repeated.
const WORTH_KEEPING: Duration = Duration::from_secs(1);
/// The file that is written last.
const MANIFEST: &str = "manifest.json";

/// What the kept tables belong to, and figures that are not in them.
#[derive(Debug, Serialize, Deserialize)]
struct Manifest {
    key: String,
    /// Rows of each block.
    blocks: Vec<usize>,
    has_orders: bool,
    today: i32,
    origin: Origin,
    report: CleaningReport,
}

/// A place for the purchases of a source.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Kept {
    folder: PathBuf,
    key: String,
}

impl Kept {
    /// The place in the folder of the running report; none outside of a report, and for data that are no files. The rules
    /// name the day that counts as today.
    pub(crate) fn in_report(source: &Source, rules: &Cleaning) -> Option<Self> {
        let folder = std::env::var_os(environment::PURCHASES).filter(|folder| !folder.is_empty())?;
        Self::at(Path::new(&folder), source, rules)
    }

    fn at(folder: &Path, source: &Source, rules: &Cleaning) -> Option<Self> {
        if datasets::find(&source.transactions).is_some() {
            return None;
        }
        let files = match warehouse::kept_file(source) {
            Some(path) => vec![InputFile { shown: source.transactions.clone(), path }],
            None => input_files::named(&source.transactions, &resolve_path).ok()?,
        };
        let files: Option<Vec<String>> = files.iter().map(stamped).collect();
        let key = format!("{source:?}\n{}\n{rules:?}", files?.join("\n"));
        let mut hasher = DefaultHasher::new();
        key.hash(&mut hasher);
        Some(Self { folder: folder.join(format!("{:016x}", hasher.finish())), key })
    }

    /// What an earlier notebook kept.
    pub(crate) fn read(&self) -> Option<Cleaned> {
        let manifest: Manifest = serde_json::from_slice(&fs::read(self.folder.join(MANIFEST)).ok()?).ok()?;
        if manifest.key != self.key {
            return None;
        }
        self.tables(manifest).ok()
    }

    fn tables(&self, manifest: Manifest) -> Result<Cleaned, DataError> {
        let ids = |name: &str, column: &str| -> Result<Ids, DataError> {
            let table = self.table(name)?;
            Ok(table.column(column)?.str()?.iter().map(Option::unwrap_or_default).collect())
        };
        let blocks = Blocks {
            rows: self.blocks(&manifest.blocks)?,
            ids: Arc::new(ids("customers", "id")?),
            orders: manifest.has_orders.then(|| ids("orders", "id").map(Arc::new)).transpose()?,
            origin: manifest.origin,
            today: cltv_tables::date(manifest.today).unwrap_or_default(),
        };
        let mut report = manifest.report;
        report.left_out = self.table("left_out")?;
        let transactions = Transactions::of_blocks(blocks)?;
        report.close(&transactions);
        Ok(Cleaned { transactions, report })
    }

    /// Keeps what was read and cleaned. Where that fails, the next notebook reads the source again.
    pub(crate) fn write(&self, cleaned: &Cleaned) {
        let partial = self.folder.with_extension(std::process::id().to_string());
        let written = self.write_to(&partial, cleaned);
        if written.is_err() || fs::rename(&partial, &self.folder).is_err() {
            let _ = fs::remove_dir_all(&partial);
        }
    }

    fn write_to(&self, folder: &Path, cleaned: &Cleaned) -> Result<(), Box<dyn std::error::Error>> {
        fs::create_dir_all(folder)?;
        let blocks = cleaned.transactions.to_blocks();
        write(folder, "rows", &blocks.rows)?;
        write(folder, "customers", &[ids_table(&blocks.ids)?])?;
        if let Some(orders) = &blocks.orders {
            write(folder, "orders", &[ids_table(orders)?])?;
        }
        write(folder, "left_out", std::slice::from_ref(&cleaned.report.left_out))?;
        let manifest = Manifest {
            key: self.key.clone(),
            blocks: blocks.rows.iter().map(DataFrame::height).collect(),
            has_orders: blocks.orders.is_some(),
            today: blocks.today.to_epoch_days(),
            origin: blocks.origin,
            report: cleaned.report.clone(),
        };
        Ok(fs::write(folder.join(MANIFEST), serde_json::to_vec(&manifest)?)?)
    }

    fn open(&self, name: &str) -> Result<ParquetReader<File>, DataError> {
        let path = self.folder.join(format!("{name}.parquet"));
        let file = File::open(&path).map_err(|error| DataError::Frame { reason: error.to_string() })?;
        Ok(ParquetReader::new(file))
    }

    fn table(&self, name: &str) -> Result<DataFrame, DataError> {
        Ok(self.open(name)?.set_rechunk(true).finish()?)
    }

    /// The blocks with the same rows as before, on which sums over customers depend.
    fn blocks(&self, heights: &[usize]) -> Result<Vec<DataFrame>, DataError> {
        let mut start = 0;
        let block = |&rows: &usize| -> Result<DataFrame, DataError> {
            let part = self.open("rows")?.with_slice(Some((start, rows))).set_rechunk(true).finish()?;
            start += rows;
            Ok(part)
        };
        heights.iter().map(block).collect()
    }
}

/// The path of a file with what changes when it is written.
fn stamped(file: &InputFile) -> Option<String> {
    let (path, data) = (file.path.canonicalize().ok()?, file.path.metadata().ok()?);
    Some(format!("{} {:?}", path.display(), Stamp::of(&data)))
}

/// Whether reading and cleaning took so long that the next notebook should not repeat it.
pub(crate) fn worth_keeping(took: Duration) -> bool {
    took > WORTH_KEEPING
}

fn ids_table(ids: &Ids) -> Result<DataFrame, DataError> {
    Ok(DataFrame::new_infer_height(vec![ids.all("id")])?)
}

/// Writes tables of the same columns below each other, each as a row group.
fn write(folder: &Path, name: &str, tables: &[DataFrame]) -> Result<(), Box<dyn std::error::Error>> {
    let file = File::create(folder.join(format!("{name}.parquet")))?;
    let Some(first) = tables.first() else { return Ok(()) };
    let writer = ParquetWriter::new(file).with_compression(ParquetCompression::Uncompressed);
    let mut writer = writer.batched(first.schema())?;
    for table in tables {
        writer.write_batch(table)?;
    }
    writer.finish()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const CSV: &str = "customer_id,date,amount,order_id\nann,2024-01-05,12.1,a\nbob,2024-02-01,0.3,b\nbob,2024-02-09,7,\nann,2024-03-01,,c\nann,2024-03-02,-4,d\n,2024-03-02,1,e\n";

    fn source(path: &Path) -> Source {
        Source::new(&path.to_string_lossy()).order_column("order_id")
    }

    #[test]
    fn what_is_kept_is_read_back_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("shop.csv");
        fs::write(&path, CSV).unwrap();
        let (source, rules) = (source(&path), Cleaning::default());
        let cleaned = source.read().unwrap().clean(&rules).unwrap();
        let kept = || Kept::at(folder.path(), &source, &rules).unwrap();
        assert!(kept().read().is_none());
        kept().write(&cleaned);
        let again = kept().read().unwrap();
        assert_eq!(again.report, cleaned.report);
        assert_eq!(again.transactions.columns().unwrap(), cleaned.transactions.columns().unwrap());
        assert!(again.transactions.frame().unwrap().equals_missing(&cleaned.transactions.frame().unwrap()));
        assert_eq!(again.to_string(), cleaned.to_string());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "no partial folder stays");
    }

    #[test]
    fn a_change_of_file_parameter_or_day_is_another_place() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("shop.csv");
        fs::write(&path, CSV).unwrap();
        let rules = Cleaning::default();
        let place = |source: &Source, rules: &Cleaning, today: &str| {
            Kept::at(folder.path(), source, &rules.clone().today(today.parse().unwrap())).unwrap()
        };
        let first = place(&source(&path), &rules, "2024-06-01");
        assert_eq!(first, place(&source(&path), &rules, "2024-06-01"));
        assert_ne!(first, place(&source(&path), &rules, "2024-06-02"));
        assert_ne!(first, place(&source(&path).filter("order_id = a"), &rules, "2024-06-01"));
        assert_ne!(first, place(&source(&path), &rules.clone().drop_duplicates(true), "2024-06-01"));
        let cleaned = source(&path).read().unwrap().clean(&rules).unwrap();
        first.write(&cleaned);
        fs::write(&path, CSV.replace("12.1", "12.2")).unwrap();
        let changed = place(&source(&path), &rules, "2024-06-01");
        assert_ne!(first, changed);
        assert!(changed.read().is_none());
        assert!(Kept::at(folder.path(), &Source::new("cdnow"), &rules).is_none());
    }

    #[test]
    fn damaged_files_are_as_if_they_were_not_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("shop.csv");
        fs::write(&path, CSV).unwrap();
        let (source, rules) = (source(&path), Cleaning::default());
        let kept = Kept::at(folder.path(), &source, &rules).unwrap();
        kept.write(&source.read().unwrap().clean(&rules).unwrap());
        let rows = kept.folder.join("rows.parquet");
        let bytes = fs::read(&rows).unwrap();
        fs::write(&rows, &bytes[..bytes.len() / 2]).unwrap();
        assert!(kept.read().is_none());
        fs::write(&rows, bytes).unwrap();
        assert!(kept.read().is_some());
        fs::remove_file(kept.folder.join(MANIFEST)).unwrap();
        assert!(kept.read().is_none());
    }
}
