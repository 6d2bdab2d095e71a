//! The range of values behind each score from 1 to 5.

use crate::error::Error;
use crate::frames::{counts, frame, texts};
use cltv_purchases::RfmTable;
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
    let range = |scores: &[u8], of: &dyn Fn(usize) -> f64, score: u8| {
        let values = scores.iter().enumerate().filter(|(_, own)| **own == score).map(|(i, _)| of(i));
        let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
        match low <= high {
            true if low == high => short(low),
            true => format!("{} to {}", short(low), short(high)),
            false => "nobody".to_owned(),
        }
    };
    let column = |name: &str, scores: &[u8], of: &dyn Fn(usize) -> f64| {
        let ranges: Vec<String> = (1..=5).map(|score| range(scores, of, score)).collect();
        texts(name, ranges.iter().map(String::as_str))
    };
    let mut columns = vec![
        counts("score", 1..=5),
        column("recency_days", &rfm.r_score, &|i| f64::from(rfm.recency_days[i])),
        column("frequency", &rfm.f_score, &|i| rfm.frequency[i] as f64),
    ];
    if let (Some(scores), Some(totals)) = (&rfm.m_score, &rfm.monetary_total) {
        columns.push(column("monetary_total", scores, &|i| totals[i]));
    }
    frame(columns)
}
