//! The range of values behind each score from 1 to 5.

use crate::error::Error;
use crate::frames::{counts, frame, texts};
use cltv_purchases::{RfmRow, RfmTable};
use cltv_report::numbers::short;
use polars::prelude::DataFrame;

/// The range of values behind each score, as text: what a 4 in frequency means here.
///
/// # Errors
/// [`Error::Frame`] when polars refuses the table.
///
/// # Examples
/// ```
/// use cltv_workflow::*;
/// let data = load(&Input::new("cdnow"))?;
/// let rfm = data.rfm("day", &segment_table("")?)?;
/// assert_eq!(score_ranges(&rfm)?.shape(), (5, 4));
/// # Ok::<(), cltv_workflow::Error>(())
/// ```
pub fn score_ranges(rfm: &RfmTable) -> Result<DataFrame, Error> {
    let range = |of: &dyn Fn(&RfmRow) -> Option<(u8, f64)>, score: u8| {
        let values = rfm.rows.iter().filter_map(of).filter(|(s, _)| *s == score).map(|(_, value)| value);
        let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
        match low <= high {
            true if low == high => short(low),
            true => format!("{} to {}", short(low), short(high)),
            false => "nobody".to_owned(),
        }
    };
    let column = |name: &str, of: &dyn Fn(&RfmRow) -> Option<(u8, f64)>| {
        let ranges: Vec<String> = (1..=5).map(|score| range(of, score)).collect();
        texts(name, ranges.iter().map(String::as_str))
    };
    let mut columns = vec![
        counts("score", 1..=5),
        column("recency_days", &|row| Some((row.r_score, f64::from(row.recency.0)))),
        column("frequency", &|row| Some((row.f_score, row.frequency as f64))),
    ];
    if rfm.has_amounts {
        columns.push(column("monetary_total", &|row| Some((row.m_score?, row.monetary_total?))));
    }
    frame(columns)
}
