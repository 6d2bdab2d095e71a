//! How a model with covariates is fitted.

use super::effects::CovariateModel;
use super::likelihood::{BASE, CovariateRow, compressed, sum};
use super::params::CovariateParams;
use super::summary::CovariateSummary;
use super::with_covariates::WithCovariates;
use crate::base::error::{FitError, InputError};
use crate::base::units::TimeUnit;
use crate::fit::fitted::Fitted;
use crate::fit::maximum_likelihood::fit;
use crate::fit::model::{FitOptions, LikelihoodModel, Parameter, Sample, Weighted};
use crate::purchases::model::HistoryModel;

impl<M: CovariateModel> WithCovariates<M> {
    /// Fits the model's parameters and the coefficients.
    ///
    /// # Errors
    /// As the model's own fit; [`InputError::BadCovariate`] for a column that is not there or the same
    /// for everybody, [`InputError::BadOption`] for a negative penalty.
    pub fn fit(&self, data: &CovariateSummary) -> Result<Fitted<Self>, FitError> {
        fit(&self.with_encodings(data.covariates())?, data)
    }
}

impl<M: CovariateModel> LikelihoodModel for WithCovariates<M> {
    type Data = CovariateSummary;
    type Row = CovariateRow;
    type Params = CovariateParams<M>;
    const NAME: &'static str = M::WITH_COVARIATES;
    const PARAMETERS: &'static [Parameter] = <M as HistoryModel>::PARAMETERS;

    fn options(&self) -> FitOptions {
        HistoryModel::options(&self.model)
    }

    fn parameters(&self) -> Vec<Parameter> {
        self.all_parameters()
    }

    fn penalties(&self) -> Vec<f64> {
        let n = self.parameters().len();
        (0..n).map(|k| if k < BASE { self.options().penalty } else { self.l2 }).collect()
    }

    fn sample(&self, data: &CovariateSummary) -> Result<Sample<CovariateRow>, FitError> {
        if self.encodings.is_none() && !(self.purchase.is_empty() && self.dropout.is_empty()) {
            let problem =
                "its coding is determined by the model's own fit; call WithCovariates::fit".to_owned();
            let name = self.purchase.iter().chain(&self.dropout).next().cloned().unwrap_or_default();
            return Err(InputError::BadCovariate { name, problem }.into());
        }
        let own = HistoryModel::sample(&self.model, data.rfm())?;
        let encoded = self.encoded(data.covariates(), data.rfm().len())?;
        Ok(own.with_rows(compressed(data.rfm(), own.scale, encoded)))
    }

    /// Those of the model, without any effect.
    fn starts(&self, sample: &Sample<CovariateRow>) -> Vec<Vec<f64>> {
        let row = |row: &Weighted<CovariateRow>| Weighted { row: row.row.history(), weight: row.weight };
        let histories = sample.with_rows(sample.rows.iter().map(row).collect());
        let mut starts = HistoryModel::starts(&self.model, &histories);
        let all = self.parameters().len();
        starts.iter_mut().for_each(|start| start.resize(all, 0.0));
        starts
    }

    fn log_likelihood(&self, theta: &[f64], rows: &[Weighted<CovariateRow>], gradient: &mut [f64]) -> f64 {
        sum(&self.model, theta, &self.blocks(), rows, gradient, None).unwrap_or(f64::NAN)
    }

    fn second_order(
        &self,
        theta: &[f64],
        rows: &[Weighted<CovariateRow>],
        gradient: &mut [f64],
        hessian: &mut [f64],
    ) -> Option<f64> {
        sum(&self.model, theta, &self.blocks(), rows, gradient, Some(hessian))
    }

    fn params(&self, theta: &[f64], unit: TimeUnit) -> Result<CovariateParams<M>, InputError> {
        CovariateParams::new(self.clone(), theta, unit)
    }
}
