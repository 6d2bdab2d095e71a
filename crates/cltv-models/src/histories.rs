//! The rows of all models of purchase histories, and where their fits may start.

use std::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{FitError, InputError};
use crate::model::{FitOptions, LikelihoodModel, Parameter, Sample, Weighted, enough_customers};
use crate::purchases::{PurchaseParameters, PurchaseProcess};
use crate::rfm::{History, RfmSummary, TimeUnit};

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

/// A model of purchase histories. The rest of [`LikelihoodModel`] follows.
pub trait HistoryModel: Clone + Send + Sync + fmt::Debug + Serialize + DeserializeOwned + 'static {
    /// The fitted parameters.
    type Params: PurchaseParameters<Process = Self::Process>
        + Clone
        + fmt::Debug
        + fmt::Display
        + PartialEq
        + Send
        + Sync;
    /// The model at one parameter vector.
    type Process: PurchaseProcess;
    /// As [`LikelihoodModel::NAME`].
    const NAME: &'static str;
    /// As [`LikelihoodModel::PARAMETERS`].
    const PARAMETERS: &'static [Parameter];

    /// As [`LikelihoodModel::options`].
    fn options(&self) -> FitOptions;

    /// As [`LikelihoodModel::sample`].
    ///
    /// # Errors
    /// As [`LikelihoodModel::sample`].
    fn sample(&self, rfm: &RfmSummary) -> Result<Sample<HistoryRow>, FitError> {
        history_sample(rfm, Self::NAME, Self::PARAMETERS.len())
    }

    /// As [`LikelihoodModel::starts`].
    fn starts(&self, sample: &Sample<HistoryRow>) -> Vec<Vec<f64>>;

    /// The model at parameters in the order of the names.
    fn process(&self, theta: &[f64]) -> Self::Process;

    /// As [`LikelihoodModel::params`].
    ///
    /// # Errors
    /// As [`LikelihoodModel::params`].
    fn params(&self, theta: &[f64], unit: TimeUnit) -> Result<Self::Params, InputError>;
}

impl<M: HistoryModel> LikelihoodModel for M {
    type Data = RfmSummary;
    type Row = HistoryRow;
    type Params = <M as HistoryModel>::Params;
    const NAME: &'static str = <M as HistoryModel>::NAME;
    const PARAMETERS: &'static [Parameter] = <M as HistoryModel>::PARAMETERS;

    fn options(&self) -> FitOptions {
        HistoryModel::options(self)
    }

    fn sample(&self, rfm: &RfmSummary) -> Result<Sample<HistoryRow>, FitError> {
        HistoryModel::sample(self, rfm)
    }

    fn starts(&self, sample: &Sample<HistoryRow>) -> Vec<Vec<f64>> {
        HistoryModel::starts(self, sample)
    }

    fn log_likelihood(&self, theta: &[f64], rows: &[Weighted<HistoryRow>], gradient: &mut [f64]) -> f64 {
        self.process(theta).log_likelihood(rows, gradient)
    }

    fn second_order(
        &self,
        theta: &[f64],
        rows: &[Weighted<HistoryRow>],
        gradient: &mut [f64],
        hessian: &mut [f64],
    ) -> Option<f64> {
        self.process(theta).second_order(rows, gradient, hessian)
    }

    fn params(&self, theta: &[f64], unit: TimeUnit) -> Result<Self::Params, InputError> {
        HistoryModel::params(self, theta, unit)
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
    let patterns = rfm.patterns();
    let row = |(history, &count): (&History, &u32)| {
        let row = HistoryRow { x: history.x as f64, t_x: history.t_x / scale, age: history.T / scale };
        Weighted { row, weight: f64::from(count) }
    };
    Ok(Sample {
        rows: patterns.histories.iter().zip(&patterns.counts).map(row).collect(),
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
