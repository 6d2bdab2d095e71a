//! The fitted parameters of a model with covariates, and those of each customer.

use std::fmt;

use super::likelihood::own_parameters;
use super::model::{CovariateModel, CovariateSummary, WithCovariates};
use super::table::Covariates;
use crate::error::InputError;
use crate::fitted::check_units;
use crate::histories::HistoryModel;
use crate::model::{LikelihoodModel, sentence};
use crate::parallel::in_pieces;
use crate::purchases::PurchasePredictions;
use crate::rfm::{History, TimeUnit};

/// Customers that one thread takes at a time.
const PIECE: usize = 1024;

/// Parameters of a population and what characteristics do to them.
///
/// [`CovariateParams::of_customers`] gives the model's own parameters of each customer, seen or not,
/// on which all predictions are.
#[derive(Debug, Clone, PartialEq)]
pub struct CovariateParams<M> {
    model: WithCovariates<M>,
    theta: Vec<f64>,
    unit: TimeUnit,
}

impl<M: CovariateModel> CovariateParams<M> {
    /// # Errors
    /// [`InputError::BadParameter`] when one is outside its range.
    pub(super) fn new(model: WithCovariates<M>, theta: &[f64], unit: TimeUnit) -> Result<Self, InputError> {
        // The population's own parameters are those of customers without any effect.
        HistoryModel::params(&model.model, theta, unit)?;
        for (parameter, &value) in model.parameters().iter().zip(theta).filter(|(p, _)| p.signed) {
            if !value.is_finite() {
                let (model, name) = (M::WITH_COVARIATES, parameter.name);
                return Err(InputError::BadParameter { model, name, value, bound: "a finite number" });
            }
        }
        Ok(Self { model, theta: theta.to_vec(), unit })
    }

    /// The parameters of each customer with these characteristics, who need not have bought yet.
    ///
    /// # Errors
    /// [`InputError::BadCovariate`] for a column that is missing, of another kind, or has a level that
    /// the fit has not seen; [`InputError::BadParameter`] for characteristics so extreme that a
    /// parameter is no longer a positive, finite number.
    pub fn of_customers(&self, covariates: &Covariates) -> Result<Vec<M::Params>, InputError> {
        self.each(covariates, covariates.rows().unwrap_or(0))
    }

    fn each(&self, covariates: &Covariates, customers: usize) -> Result<Vec<M::Params>, InputError> {
        let blocks = self.model.blocks();
        let own = |pattern: &Vec<f64>| {
            let own = own_parameters(&self.theta, &blocks, pattern);
            HistoryModel::params(&self.model.model, &own, self.unit)
        };
        self.model.encoded(covariates, customers)?.iter().map(own).collect()
    }

    /// A figure of every customer of a summary by their own parameters and history, in row order, on
    /// all cores.
    ///
    /// # Errors
    /// As [`CovariateParams::of_customers`], and [`InputError::UnitMismatch`] for a summary in another
    /// unit.
    pub fn for_each(
        &self,
        data: &CovariateSummary,
        figure: impl Fn(&M::Params, History) -> f64 + Sync,
    ) -> Result<Vec<f64>, InputError> {
        check_units(self.unit, data.rfm().unit())?;
        let params = self.each(data.covariates(), data.rfm().len())?;
        let pieces = in_pieces(params.len(), PIECE, |range| {
            range.map(|i| figure(&params[i], data.rfm().history(i))).collect::<Vec<f64>>()
        });
        Ok(pieces.concat())
    }

    /// P(alive) of every customer of a summary, in row order.
    ///
    /// # Errors
    /// As [`CovariateParams::for_each`].
    pub fn p_alive_all(&self, data: &CovariateSummary) -> Result<Vec<f64>, InputError> {
        self.for_each(data, |params, history| params.p_alive(history))
    }

    /// Expected purchases in (T, T + horizon] of every customer of a summary, in row order.
    ///
    /// # Errors
    /// As [`CovariateParams::for_each`].
    pub fn expected_purchases_all(
        &self,
        data: &CovariateSummary,
        horizon: f64,
    ) -> Result<Vec<f64>, InputError> {
        self.for_each(data, |params, history| params.expected_purchases(history, horizon))
    }
}

impl<M: CovariateModel> fmt::Display for CovariateParams<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}. ", sentence(&self.model.parameters(), &self.theta, self.unit))?;
        f.write_str(&self.model.coding().join(" "))
    }
}
