//! The rows of all models of purchase histories, and where their fits may start.

use crate::base::error::FitError;
use crate::fit::model::{Sample, Weighted, enough_customers};
use crate::summary::history::History;
use crate::summary::rfm::RfmSummary;

/// One distinct history in multiples of the longest age.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HistoryRow {
    pub(crate) x: f64,
    pub(crate) t_x: f64,
    pub(crate) age: f64,
}

/// Distinct histories with their weights, sorted by x.
pub(crate) type HistoryRows = [Weighted<HistoryRow>];

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
    let counted = || rfm.patterns().with_counts().map(|(history, count)| (*history, u64::from(count)));
    counted_sample(counted, model, parameters)
}

/// Distinct histories with the number of customers of each, scaled; they are sorted by x.
///
/// # Errors
/// As [`history_sample`].
pub(crate) fn counted_sample<I: Iterator<Item = (History, u64)>>(
    counted: impl Fn() -> I,
    model: &'static str,
    parameters: usize,
) -> Result<Sample<HistoryRow>, FitError> {
    let customers = counted().map(|(_, count)| count).sum::<u64>() as usize;
    let repeat = counted().filter(|(history, _)| history.x > 0).map(|(_, count)| count).sum::<u64>();
    enough_customers(model, parameters, repeat as usize, customers, (customers, "all customers"))?;
    let scale = counted().map(|(history, _)| history.T).fold(0.0, f64::max);
    let row = |(history, count): (History, u64)| {
        let row = HistoryRow { x: history.x as f64, t_x: history.t_x / scale, age: history.T / scale };
        Weighted { row, weight: count as f64 }
    };
    Ok(Sample {
        rows: counted().map(row).collect(),
        customers,
        scale,
        densities: counted().map(|(history, count)| history.x * count).sum::<u64>() as f64,
        constant: 0.0,
    })
}

/// Repeat purchases a longest age of all customers together.
pub(crate) fn mean_rate(sample: &Sample<HistoryRow>) -> f64 {
    let purchases: f64 = sample.rows.iter().map(|row| row.weight * row.row.x).sum();
    let time: f64 = sample.rows.iter().map(|row| row.weight * row.row.age).sum();
    purchases / time
}
