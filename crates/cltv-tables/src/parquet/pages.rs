//! What the pages of a parquet file announce, checked before its decoder reserves memory for it.
//!
//! The decoder takes the counts of a page's header as they are: a negative one is a reservation of 2^61
//! bytes, which ends the process.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::ops::Range;

use polars_io::prelude::FileMetadata;
use polars_parquet_format::PageHeader;
use polars_parquet_format::thrift::protocol::TCompactInputProtocol;

use crate::file_error::{FileError, TooLarge};
use crate::unpacked;
use crate::words::quote;

/// Bytes that a page's header may have. It may hold the least and the greatest value of its page.
const HEADER: usize = 1 << 20;
/// Bytes that are read at a time; most headers have fewer than 100.
const BUFFER: usize = 1 << 10;
/// Bytes that a value takes at least when it is decoded.
const DECODED: u64 = 4;

/// What the pages of one column of one row group take together.
struct Chunk {
    /// Where it stands in the file.
    bytes: Range<u64>,
    /// Its values, missing ones included.
    values: u64,
}

/// Refuses a file whose pages announce more values than their row groups have, or that unpacks to far more
/// than a table would.
///
/// `names` are the columns that will be decoded; none of them is nested.
pub(crate) fn check(
    shown: &str,
    file: &File,
    metadata: &FileMetadata,
    names: &[String],
) -> Result<(), FileError> {
    let damaged = |reason: String| FileError::Malformed {
        shown: shown.to_owned(),
        named: "parquet file".to_owned(),
        reason,
    };
    let of_io = |error: std::io::Error| FileError::of_io(shown, &error);
    let size = file.metadata().map_err(of_io)?.len();
    let mut reader = BufReader::with_capacity(BUFFER, file.try_clone().map_err(of_io)?);
    let TooLarge { packed, limit } = unpacked::bound(size);
    let mut unpacks = 0_u64;
    for (group, rows) in metadata.row_groups.iter().map(|group| (group, group.num_rows() as u64)) {
        for name in names {
            for column in group.columns_under_root_iter(name).into_iter().flatten() {
                let named = |reason: String| damaged(format!("column {}: {reason}", quote(name)));
                let (bytes, values) = (column.byte_range(), column.num_values());
                if bytes.start > bytes.end || bytes.end > size {
                    let (from, to) = (bytes.start, bytes.end);
                    return Err(named(format!(
                        "its pages are said to stand from byte {from} to {to} of {size}"
                    )));
                }
                if u64::try_from(values) != Ok(rows) {
                    return Err(named(format!("a row group of {rows} rows announces {values} values")));
                }
                let chunk = Chunk { bytes, values: rows };
                unpacks = unpacks.saturating_add(chunk.unpacked(&mut reader).map_err(named)?);
                if unpacks > limit {
                    return Err(FileError::Unpacks { shown: shown.to_owned(), packed, limit });
                }
            }
        }
    }
    Ok(())
}

impl Chunk {
    /// The bytes that its pages unpack to, or that its values take, whichever is more; the error says what
    /// does not fit.
    fn unpacked(&self, reader: &mut BufReader<File>) -> Result<u64, String> {
        let (mut at, mut values, mut unpacked) = (self.bytes.start, 0, 0_u64);
        // The decoder reads pages until it has all values; what stands behind them it does not look at.
        while values < self.values {
            let place = format!("the page at byte {at}");
            if at >= self.bytes.end {
                return Err(format!("its pages end after {values} of {} values", self.values));
            }
            let io = |error: std::io::Error| format!("{place}: {error}");
            seek(reader, at).map_err(io)?;
            let header = {
                let mut bounded = reader.by_ref().take(self.bytes.end - at);
                let mut header = TCompactInputProtocol::new(&mut bounded, HEADER);
                PageHeader::read_from_in_protocol(&mut header).map_err(|error| format!("{place}: {error}"))?
            };
            let body = reader.stream_position().map_err(io)?;
            let size = count(&place, "bytes", header.compressed_page_size)?;
            if size > self.bytes.end - body {
                return Err(format!("{place} announces {size} bytes, and its column ends before"));
            }
            let page = count(&place, "unpacked bytes", header.uncompressed_page_size)?;
            unpacked = unpacked.saturating_add(page);
            let data = header.data_page_header.as_ref().map(|data| data.num_values);
            let data_v2 = header.data_page_header_v2.as_ref();
            for counted in [data, data_v2.map(|data| data.num_values)].into_iter().flatten() {
                let counted = count(&place, "values", counted)?;
                if counted > self.values - values {
                    let left = self.values - values;
                    return Err(format!(
                        "{place} announces {counted} values, and the row group has {left} more"
                    ));
                }
                values += counted;
            }
            if let Some(data) = data_v2 {
                let levels =
                    [data.num_nulls, data.definition_levels_byte_length, data.repetition_levels_byte_length];
                levels.into_iter().try_for_each(|n| count(&place, "values or bytes", n).map(drop))?;
            }
            if let Some(dictionary) = &header.dictionary_page_header {
                let counted = count(&place, "values", dictionary.num_values)?;
                // A value of a dictionary takes at least one byte.
                if counted > page {
                    return Err(format!("{place} announces {counted} values in {page} bytes"));
                }
            }
            at = body + size;
        }
        Ok(unpacked.max(self.values.saturating_mul(DECODED)))
    }
}

/// A number of a header, which has a sign that no count needs.
fn count(place: &str, what: &str, n: i32) -> Result<u64, String> {
    u64::try_from(n).map_err(|_| format!("{place} announces {n} {what}"))
}

/// Goes to a place, within what is buffered where that is possible.
fn seek(reader: &mut BufReader<File>, at: u64) -> std::io::Result<()> {
    let now = reader.stream_position()?;
    match i64::try_from(i128::from(at) - i128::from(now)) {
        Ok(by) => reader.seek_relative(by),
        Err(_) => reader.seek(SeekFrom::Start(at)).map(drop),
    }
}
