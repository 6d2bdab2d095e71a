//! The rows of all models of purchase histories, and where their fits may start.

use crate::error::FitError;
use crate::model::{Sample, enough_customers};
use crate::rfm::{History, RfmSummary};

/// One distinct history in multiples of the longest age.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HistoryRow {
    pub(crate) x: f64,
    pub(crate) t_x: f64,
    pub(crate) age: f64,
}

impl From<History> for HistoryRow {
    fn from(history: History) -> Self {
        Self { x: history.x as f64, t_x: history.t_x, age: history.T }
    }
}

/// All histories of a summary, scaled and compressed, sorted by x.
///
/// # Errors
/// [`FitError`] when nobody bought twice, or there are too few customers for so many parameters.
pub(crate) fn history_sample(
    rfm: &RfmSummary,
    model: &'static str,
    parameters: usize,
) -> Result<Sample<HistoryRow>, FitError> {
    enough_customers(model, parameters, rfm.repeat_customers(), rfm.len(), (rfm.len(), "all customers"))?;
    let scale = rfm.age().iter().copied().fold(0.0, f64::max);
    let row = |history: History| HistoryRow {
        x: history.x as f64,
        t_x: history.t_x / scale,
        age: history.T / scale,
    };
    let rows = rfm.histories().into_iter().map(row).collect();
    Ok(Sample {
        rows: Sample::compress(rows, |l: &HistoryRow, r: &HistoryRow| {
            let by_x = l.x.total_cmp(&r.x);
            by_x.then(l.t_x.total_cmp(&r.t_x)).then(l.age.total_cmp(&r.age))
        }),
        customers: rfm.len(),
        scale,
        densities: rfm.repeat_purchases() as f64,
        constant: 0.0,
    })
}

/// Repeat purchases a longest age of all customers together.
pub(crate) fn mean_rate(sample: &Sample<HistoryRow>) -> f64 {
    let purchases: f64 = sample.rows.iter().map(|row| row.weight * row.row.x).sum();
    let time: f64 = sample.rows.iter().map(|row| row.weight * row.row.age).sum();
    purchases / time
}
