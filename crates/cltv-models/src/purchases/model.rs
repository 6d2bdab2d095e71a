//! A model of purchase histories.

use std::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::base::error::{FitError, InputError};
use crate::base::units::TimeUnit;
use crate::fit::model::{FitOptions, LikelihoodModel, Parameter, Sample, Weighted};
use crate::purchases::process::{PurchaseParameters, PurchaseProcess};
use crate::purchases::rows::{HistoryRow, history_sample};
use crate::summary::rfm::RfmSummary;

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
    /// The model's name in parameters and files: `"bg_nbd"`. Without `_` it is [`HistoryModel::NAME`]
    /// in lower case without `/` and `-`.
    const KEY: &'static str;
    /// The names of the parameters of dropout; none for a model without dropout.
    const DROPOUT_PARAMETERS: &'static [&'static str];
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
