//! Fits of cohorts under contract, their projection and their value.

use crate::data::counts::period_rate;
use crate::error::Error;
use crate::frames;
use cltv_models::audit::DROPOUT_WARNING;
use cltv_models::{BetaDiscreteWeibull, Fitted, ShiftedBetaGeometric, TimeUnit};
use cltv_report::{CohortTest, SurvivalError};
use cltv_tables::words::shown;
use polars::prelude::DataFrame;
use std::fmt;

/// One cohort with what was fitted to it.
#[derive(Debug, Clone)]
pub struct ContractFit {
    /// The cohort.
    pub cohort: String,
    /// Customers left after each renewal, all that was observed.
    pub alive: Vec<u64>,
    /// The last renewal that the models were fitted on.
    pub fitted_until: u32,
    /// The shifted beta-geometric model.
    pub sbg: Fitted<ShiftedBetaGeometric>,
    /// The beta-discrete-Weibull model.
    pub bdw: Fitted<BetaDiscreteWeibull>,
    /// The share that renews, as if it were one number for all.
    pub constant: f64,
}

/// One line of the table of fits.
struct FitRow {
    model: &'static str,
    parameters: String,
    log_likelihood: f64,
    bic: f64,
    error: Option<f64>,
}

/// The fits of all cohorts.
#[derive(Debug, Clone)]
pub struct ContractFits {
    /// One a cohort.
    pub fits: Vec<ContractFit>,
    /// The time from one renewal to the next.
    pub period: TimeUnit,
}

/// What the three ways of seeing renewals are called.
pub const CONTRACT_MODELS: [&str; 3] = ["sBG", "BdW", "Constant rate"];

impl ContractFit {
    /// The observed share of customers left after a renewal.
    pub fn observed(&self, t: usize) -> Option<f64> {
        self.alive.get(t).map(|&left| left as f64 / self.alive[0] as f64)
    }

    /// S(t) by each of sBG, BdW and the constant rate.
    pub fn survival(&self, t: u32) -> [f64; 3] {
        [self.sbg.survival(t), self.bdw.survival(t), self.constant.powi(t as i32)]
    }

    /// The share that renews at t, by each.
    pub fn retention(&self, t: u32) -> [f64; 3] {
        [self.sbg.retention(t), self.bdw.retention(t), self.constant]
    }

    /// Discounted periods to come just before the next renewal of a customer who made `made` of them, by
    /// each; for the constant rate r (1 + d) / (1 + d − r), whatever was made.
    pub fn residual(&self, made: u32, rate: f64) -> [f64; 3] {
        let constant = self.constant * (1.0 + rate) / (1.0 + rate - self.constant);
        [
            self.sbg.discounted_residual_lifetime(made + 1, rate),
            self.bdw.discounted_residual_lifetime(made + 1, rate),
            constant,
        ]
    }

    /// The rows of the table of fits.
    fn rows(&self) -> [FitRow; 3] {
        let [sbg, bdw, constant] = self.errors();
        let row = |which: usize, parameters: String, (log_likelihood, bic): (f64, f64), error| FitRow {
            model: CONTRACT_MODELS[which],
            parameters: parameters.split(" (").next().unwrap_or_default().to_owned(),
            log_likelihood,
            bic,
            error,
        };
        [
            row(0, self.sbg.params().to_string(), (self.sbg.log_likelihood(), self.sbg.bic()), sbg),
            row(1, self.bdw.params().to_string(), (self.bdw.log_likelihood(), self.bdw.bic()), bdw),
            row(2, format!("r = {:.4}", self.constant), self.constant_likelihood(), constant),
        ]
    }

    /// Log-likelihood and BIC of the constant rate: R ln r + L ln(1 - r) of R renewals and L customers who left, with
    /// one parameter.
    fn constant_likelihood(&self) -> (f64, f64) {
        let seen = &self.alive[..=self.fitted_until as usize];
        let renewed: u64 = seen[1..].iter().sum();
        let left = seen[0] - seen[seen.len() - 1];
        let term = |count: u64, chance: f64| if count == 0 { 0.0 } else { count as f64 * chance.ln() };
        let log_likelihood = term(renewed, self.constant) + term(left, 1.0 - self.constant);
        (log_likelihood, (seen[0] as f64).ln() - 2.0 * log_likelihood)
    }

    /// What the fits say about each other: which has the smallest BIC, and whether the renewals identify sBG.
    fn verdict(&self) -> String {
        let rows = self.rows();
        let best = rows.iter().min_by(|a, b| a.bic.total_cmp(&b.bic)).map_or("", |row| row.model);
        let uncertain = match self.sbg.log_std_errors() {
            Ok(errors) => errors.into_iter().fold(0.0, f64::max) >= DROPOUT_WARNING,
            Err(_) => true,
        };
        let mut text = format!("{}: {best} has the smallest BIC.", shown(&self.cohort));
        if uncertain {
            text.push_str(
                " The renewals do not identify alpha and beta of sBG: they show no difference among customers, or there are too few, so that its forecast is that of a constant rate.",
            );
        }
        text
    }

    /// How far each lies from the observed survival after the fit, on average.
    pub(super) fn errors(&self) -> [Option<f64>; 3] {
        let later: Vec<usize> = (self.fitted_until as usize + 1..self.alive.len()).collect();
        let miss = |which: usize| -> Option<f64> {
            let off = later
                .iter()
                .map(|&t| (self.survival(t as u32)[which] - self.observed(t).unwrap_or(0.0)).abs());
            (!later.is_empty()).then(|| off.sum::<f64>() / later.len() as f64)
        };
        [miss(0), miss(1), miss(2)]
    }

    fn test(&self) -> CohortTest {
        let last = self.alive.len() as u32 - 1;
        let error = match self.errors() {
            [Some(sbg), Some(bdw), Some(constant)] => Some(SurvivalError { sbg, bdw, constant }),
            _ => None,
        };
        CohortTest {
            cohort: self.cohort.clone(),
            first: self.sbg.retention(1),
            last: self.sbg.retention(last),
            renewal: last,
            error,
        }
    }
}

impl ContractFits {
    /// Parameters, log-likelihood, BIC and the mean error of survival after the fit, a row a cohort and
    /// model.
    ///
    /// # Errors
    /// [`Error::Frame`] when polars refuses the table.
    pub fn frame(&self) -> Result<DataFrame, Error> {
        let rows: Vec<(&str, FitRow)> =
            self.fits.iter().flat_map(|fit| fit.rows().map(|row| (fit.cohort.as_str(), row))).collect();
        let numbers = |name: &str, pick: fn(&FitRow) -> Option<f64>| {
            frames::numbers(name, rows.iter().map(|(_, row)| pick(row)))
        };
        frames::frame(vec![
            frames::texts("cohort", rows.iter().map(|(cohort, _)| *cohort)),
            frames::texts("model", rows.iter().map(|(_, row)| row.model)),
            frames::texts("parameters", rows.iter().map(|(_, row)| row.parameters.as_str())),
            numbers("log_likelihood", |row| Some(row.log_likelihood)),
            numbers("bic", |row| Some(row.bic)),
            numbers("mean_error", |row| row.error),
        ])
    }

    /// Survival observed and by each model up to `renewals`, a row a cohort and renewal.
    ///
    /// # Errors
    /// [`Error::Frame`] when polars refuses the table.
    ///
    /// # Examples
    /// ```
    /// use cltv_workflow::*;
    /// let contracts = load_contracts(&ContractInput::new("sbg_cohorts"))?;
    /// assert_eq!(contracts.fit(5)?.projection(12)?.height(), 2 * 13);
    /// # Ok::<(), cltv_workflow::Error>(())
    /// ```
    pub fn projection(&self, renewals: u32) -> Result<DataFrame, Error> {
        let rows = || self.fits.iter().flat_map(|fit| (0..=renewals).map(move |t| (fit, t)));
        let model = |name: &str, which: usize| {
            frames::numbers(name, rows().map(|(fit, t)| Some(fit.survival(t)[which])))
        };
        frames::frame(vec![
            frames::texts("cohort", rows().map(|(fit, _)| fit.cohort.as_str())),
            frames::counts("renewal", rows().map(|(_, t)| u64::from(t))),
            frames::numbers("observed", rows().map(|(fit, t)| fit.observed(t as usize))),
            model("sbg", 0),
            model("bdw", 1),
            model("constant_rate", 2),
        ])
    }

    /// The value of the customers still under contract, at a payment a period from the next renewal on:
    /// payment × DERL, a customer and all of them, by sBG and by the constant rate.
    ///
    /// # Errors
    /// [`Error::NoDiscount`] for a discount that is not above 0 and below 1: where retention differs enough
    /// among customers, the payments of the loyal ones have no finite sum without one.
    ///
    /// # Examples
    /// ```
    /// use cltv_workflow::*;
    /// let contracts = load_contracts(&ContractInput::new("sbg_cohorts"))?;
    /// assert_eq!(contracts.fit(5)?.values(100.0, 0.10)?.frame()?.height(), 2);
    /// # Ok::<(), cltv_workflow::Error>(())
    /// ```
    pub fn values(&self, payment: f64, discount_annual: f64) -> Result<ContractValues, Error> {
        let rate = period_rate(self.period, discount_annual)?;
        let value = |fit: &ContractFit| {
            let (made, left) = (fit.alive.len() as u32 - 1, fit.alive[fit.alive.len() - 1]);
            let [sbg, bdw, constant] = fit.residual(made, rate).map(|periods| payment * periods);
            let new = fit.residual(0, rate).map(|periods| payment * periods);
            ContractValue {
                cohort: fit.cohort.clone(),
                customers: left,
                renewals: made,
                new: new[0],
                new_constant: new[2],
                sbg,
                bdw,
                constant,
            }
        };
        Ok(ContractValues { rows: self.fits.iter().map(value).collect(), payment, discount_annual })
    }
}

/// The value of a customer of a cohort.
#[derive(Debug, Clone, PartialEq)]
pub struct ContractValue {
    /// The cohort.
    pub cohort: String,
    /// Customers still under contract.
    pub customers: u64,
    /// Renewals each of them made.
    pub renewals: u32,
    /// Value of a new customer's renewals by sBG.
    pub new: f64,
    /// The same by one constant rate.
    pub new_constant: f64,
    /// Value of one still under contract by sBG.
    pub sbg: f64,
    /// The same by BdW.
    pub bdw: f64,
    /// The same by one constant rate.
    pub constant: f64,
}

/// The values of all cohorts, with what they were computed at.
#[derive(Debug, Clone, PartialEq)]
pub struct ContractValues {
    /// One a cohort.
    pub rows: Vec<ContractValue>,
    /// The payment a period.
    pub payment: f64,
    /// Discount a year.
    pub discount_annual: f64,
}

impl ContractValues {
    /// The values as a table.
    ///
    /// # Errors
    /// [`Error::Frame`] when polars refuses the table.
    pub fn frame(&self) -> Result<DataFrame, Error> {
        let numbers = |name: &str, pick: fn(&ContractValue) -> f64| {
            frames::numbers(name, self.rows.iter().map(|value| Some(pick(value))))
        };
        frames::frame(vec![
            frames::texts("cohort", self.rows.iter().map(|value| value.cohort.as_str())),
            frames::counts("customers_left", self.rows.iter().map(|value| value.customers)),
            frames::counts("renewals_made", self.rows.iter().map(|value| u64::from(value.renewals))),
            numbers("new_sbg", |value| value.new),
            numbers("new_constant_rate", |value| value.new_constant),
            numbers("left_sbg", |value| value.sbg),
            numbers("left_bdw", |value| value.bdw),
            numbers("left_constant_rate", |value| value.constant),
            numbers("all_left_sbg", |value| value.sbg * value.customers as f64),
            numbers("all_left_constant_rate", |value| value.constant * value.customers as f64),
        ])
    }
}

impl ContractFits {
    /// Retention by sBG and the errors after the fit, a cohort each.
    pub fn tests(&self) -> Vec<CohortTest> {
        self.fits.iter().map(ContractFit::test).collect()
    }
}

impl fmt::Display for ContractFits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lines: Vec<String> = self.tests().iter().map(ToString::to_string).collect();
        lines.extend(self.fits.iter().map(ContractFit::verdict));
        f.write_str(&lines.join("\n"))
    }
}
