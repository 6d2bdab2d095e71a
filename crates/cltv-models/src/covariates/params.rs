//! The fitted parameters of a model with covariates, and those of each customer.

use std::fmt;

use super::effects::CovariateModel;
use super::likelihood::own_parameters;
use super::summary::CovariateSummary;
use super::table::Covariates;
use super::with_covariates::WithCovariates;
use crate::base::error::InputError;
use crate::base::units::TimeUnit;
use crate::fit::fitted::check_units;
use crate::fit::model::sentence;
use crate::numeric::parallel::in_pieces;
use crate::purchases::model::HistoryModel;
use crate::purchases::plan::ValuePlan;
use crate::purchases::predictions::PurchasePredictions;
use crate::spend::gamma_gamma::GammaGammaParams;
use crate::summary::history::History;
use crate::value::lifetime_value::{Forecast, LifetimeValues, expected_spends};

/// Customers that one thread takes at a time.
const PIECE: usize = 1024;

/// Parameters of a population and the coefficients of characteristics.
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
        for (parameter, &value) in model.all_parameters().iter().zip(theta).filter(|(p, _)| p.signed) {
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
    pub fn for_each<T: Clone + Send>(
        &self,
        data: &CovariateSummary,
        figure: impl Fn(&M::Params, History) -> T + Sync,
    ) -> Result<Vec<T>, InputError> {
        check_units(self.unit, data.rfm().unit())?;
        let params = self.each(data.covariates(), data.rfm().len())?;
        let pieces = in_pieces(params.len(), PIECE, |range| {
            range.map(|i| figure(&params[i], data.rfm().history(i))).collect::<Vec<T>>()
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

    /// The lifetime value of every customer of a summary, in row order: [`crate::lifetime_value`] by
    /// each customer's own parameters. Spend does not depend on characteristics.
    ///
    /// # Errors
    /// As [`CovariateParams::for_each`], and as [`crate::lifetime_value`].
    ///
    /// # Examples
    /// Customers of two channels who have bought alike are not worth the same.
    /// ```
    /// use cltv_models::{BgNbd, BgNbdParams, CovariateSummary, Covariates, GammaGammaParams, TimeUnit};
    /// use cltv_models::{ValuePlan, WithCovariates, simulate_histories, simulate_spend, summary_of};
    /// let of = |alpha| BgNbdParams::new(0.8, alpha, 0.9, 2.5, TimeUnit::Week);
    /// let mut histories = simulate_histories(&of(6.0)?, &[52.0; 600], 7);
    /// histories.extend(simulate_histories(&of(3.0)?, &[52.0; 600], 8));
    /// let spend = GammaGammaParams::new(6.25, 3.74, 15.44)?;
    /// let x: Vec<u64> = histories.iter().map(|history| history.x).collect();
    /// let amounts = simulate_spend(&spend, &x, 7);
    /// let rfm = summary_of(TimeUnit::Week, &histories, Some(amounts))?;
    /// let channel: Vec<String> = [vec!["store".to_owned(); 600], vec!["web".to_owned(); 600]].concat();
    /// let data = CovariateSummary::try_new(rfm, Covariates::default().levels("channel", channel)?)?;
    ///
    /// let fit = WithCovariates::new(BgNbd::default()).purchase(&["channel"]).fit(&data)?;
    /// let values = fit.params().lifetime_values(&data, &spend, &ValuePlan::new(12, 0.10, 0.3)?)?;
    /// let silent = |customers: std::ops::Range<usize>| customers.into_iter().find(|&i| x[i] == 0);
    /// let (store, web) = (silent(0..600).unwrap(), silent(600..1200).unwrap());
    /// assert!(values.clv[web] > values.clv[store]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn lifetime_values(
        &self,
        data: &CovariateSummary,
        spend: &GammaGammaParams,
        plan: &ValuePlan,
    ) -> Result<LifetimeValues, InputError> {
        let expected_spend = expected_spends(spend, data.rfm(), plan)?;
        let figures = |params: &M::Params, history| {
            (Forecast::of(params, history, plan), params.discounted_if_reactivated(history, plan))
        };
        let forecasts = self.for_each(data, figures)?;
        let customers = forecasts.iter().map(|(forecast, reactivated)| (forecast, *reactivated));
        Ok(LifetimeValues::of(customers, expected_spend, plan))
    }
}

impl<M: CovariateModel> fmt::Display for CovariateParams<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}. ", sentence(&self.model.all_parameters(), &self.theta, self.unit))?;
        f.write_str(&self.model.coding().join(" "))
    }
}
