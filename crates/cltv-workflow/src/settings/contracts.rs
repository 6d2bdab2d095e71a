//! Customers under contract: cohorts, what each model says of renewals, and what that is worth.

use crate::choice::setters;
use crate::data::counts::{Counts, period_rate};
use crate::error::Error;
use crate::frames;
use cltv_models::{BetaDiscreteWeibull, Cohort, ContractCohorts, Fitted, ShiftedBetaGeometric, TimeUnit};
use cltv_report::{CohortTest, SurvivalError};
use polars::prelude::DataFrame;
use std::collections::BTreeMap;
use std::fmt;

/// The name of the embedded cohorts.
const EMBEDDED: &str = "sbg_cohorts";

/// The parameters of reading contracts, by their own names; each has a setter of its name.
///
/// A row is a customer: the cohort, the renewals they could have made and one more (T), and the renewal at
/// which they left; T itself for one who is still there.
///
/// # Examples
/// ```
/// use cltv_workflow::{ContractInput, load_contracts};
/// let contracts = load_contracts(&ContractInput::new("sbg_cohorts").period("year"))?;
/// assert_eq!(contracts.names(), ["highend", "regular"]);
/// # Ok::<(), cltv_workflow::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct ContractInput {
    /// `sbg_cohorts`, the embedded ones, or a csv, xlsx, xls or ods file.
    pub contracts: String,
    /// The column with the cohort.
    pub cohort_column: String,
    /// The column with the renewal at which the customer left, from 1.
    pub left_column: String,
    /// The column with T.
    pub seen_column: String,
    /// The time from one renewal to the next: day, week, month or year.
    pub period: String,
}

impl Default for ContractInput {
    /// The embedded cohorts.
    fn default() -> Self {
        let text = |value: &str| value.to_owned();
        ContractInput {
            contracts: text(EMBEDDED),
            cohort_column: text("cohort"),
            left_column: text("recency"),
            seen_column: text("T"),
            period: text("year"),
        }
    }
}

impl ContractInput {
    /// The embedded cohorts or a file, with the default columns.
    pub fn new(contracts: impl ToString) -> ContractInput {
        ContractInput { contracts: contracts.to_string(), ..ContractInput::default() }
    }
}

setters! {
    ContractInput:
    /// Sets [`ContractInput::cohort_column`].
    cohort_column,
    /// Sets [`ContractInput::left_column`].
    left_column,
    /// Sets [`ContractInput::seen_column`].
    seen_column,
    /// Sets [`ContractInput::period`].
    period,
}

/// Cohorts of customers under contract.
#[derive(Debug, Clone)]
pub struct Contracts {
    /// The file.
    pub source: String,
    /// The cohorts, by name.
    pub cohorts: ContractCohorts,
}

/// Reads customers and counts, by cohort, who was left after each renewal.
///
/// # Errors
/// [`Error::Table`] for a file or column that cannot be read, [`Error::Counts`] for a customer who left
/// after T or customers of one cohort with other T, [`Error::Input`] for an unknown period.
pub fn load_contracts(input: &ContractInput) -> Result<Contracts, Error> {
    let period: TimeUnit = input.period.parse()?;
    let embedded = (EMBEDDED, include_str!("../../../../data/sbg_cohorts.csv"));
    let table = Counts::read(&input.contracts, embedded)?;
    let (left, seen) = (table.counts(&input.left_column)?, table.counts(&input.seen_column)?);
    let mut members: BTreeMap<String, Vec<(u64, u64)>> = BTreeMap::new();
    for (row, name) in table.names(&input.cohort_column)?.into_iter().enumerate() {
        if !(1..=seen[row]).contains(&left[row]) {
            return Err(table.bad(
                row,
                format!(
                    "{} is {} with a {} of {}; it must lie from 1 to that",
                    input.left_column, left[row], input.seen_column, seen[row]
                ),
            ));
        }
        members.entry(name).or_default().push((left[row], seen[row]));
    }
    let cohorts = members.iter().map(|(name, members)| cohort(&table, name, members));
    let cohorts = cohorts.collect::<Result<Vec<Cohort>, Error>>()?;
    Ok(Contracts { source: table.source, cohorts: ContractCohorts::try_new(period, cohorts)? })
}

fn cohort(table: &Counts, name: &str, members: &[(u64, u64)]) -> Result<Cohort, Error> {
    let seen = members[0].1;
    if members.iter().any(|(_, other)| *other != seen) {
        let problem =
            format!("customers of the cohort {name} were seen for different times; make a cohort of each");
        return Err(Error::Counts { source_name: table.source.clone(), problem });
    }
    let alive: Vec<u64> =
        (0..seen).map(|t| members.iter().filter(|(left, _)| *left > t).count() as u64).collect();
    Ok(Cohort::new(name, &alive))
}

impl Contracts {
    /// The cohorts' names.
    pub fn names(&self) -> Vec<String> {
        self.cohorts.cohorts().iter().map(|cohort| cohort.name.clone()).collect()
    }

    /// Customers left after each renewal, a row a cohort and renewal; no retention where nobody was
    /// left.
    ///
    /// # Errors
    /// [`Error::Frame`] when polars refuses the table.
    pub fn frame(&self) -> Result<DataFrame, Error> {
        let rows: Vec<(&str, u64, u64, f64, Option<f64>)> = self
            .cohorts
            .cohorts()
            .iter()
            .flat_map(|cohort| {
                let share = |t: usize, of: usize| cohort.alive[t] as f64 / cohort.alive[of] as f64;
                (0..cohort.alive.len()).map(move |t| {
                    let asked = t.checked_sub(1).filter(|&before| cohort.alive[before] > 0);
                    let renewed = asked.map(|before| share(t, before));
                    (cohort.name.as_str(), t as u64, cohort.alive[t], share(t, 0), renewed)
                })
            })
            .collect();
        frames::frame(vec![
            frames::texts("cohort", rows.iter().map(|row| row.0)),
            frames::counts("renewal", rows.iter().map(|row| row.1)),
            frames::counts("customers", rows.iter().map(|row| row.2)),
            frames::numbers("survival", rows.iter().map(|row| Some(row.3))),
            frames::numbers("retention", rows.iter().map(|row| row.4)),
        ])
    }

    /// Fits both models and one constant rate to each cohort alone, on its first `fit_renewals` renewals.
    ///
    /// # Errors
    /// [`Error::Counts`] when a cohort has not so many renewals, [`Error::Fit`] when nobody left.
    pub fn fit(&self, fit_renewals: u32) -> Result<ContractFits, Error> {
        let fits = self.cohorts.cohorts().iter().map(|cohort| self.fit_one(cohort, fit_renewals as usize));
        Ok(ContractFits { fits: fits.collect::<Result<_, Error>>()?, period: self.cohorts.period() })
    }

    fn fit_one(&self, cohort: &Cohort, renewals: usize) -> Result<ContractFit, Error> {
        if renewals == 0 || renewals >= cohort.alive.len() {
            return Err(Error::Counts {
                source_name: self.source.clone(),
                problem: format!(
                    "fit_renewals is {renewals}, but the cohort {} was seen for {} renewals; fit on 1 to {} of them",
                    cohort.name,
                    cohort.alive.len() - 1,
                    cohort.alive.len() - 1
                ),
            });
        }
        let seen = &cohort.alive[..=renewals];
        let data = ContractCohorts::try_new(self.cohorts.period(), vec![Cohort::new(&cohort.name, seen)])?;
        let (stayed, asked): (u64, u64) = (seen[1..].iter().sum(), seen[..renewals].iter().sum());
        Ok(ContractFit {
            cohort: cohort.name.clone(),
            alive: cohort.alive.clone(),
            fitted_until: renewals as u32,
            sbg: ShiftedBetaGeometric::default().fit(&data)?,
            bdw: BetaDiscreteWeibull::default().fit(&data)?,
            constant: stayed as f64 / asked as f64,
        })
    }
}

impl fmt::Display for Contracts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.source, self.cohorts)
    }
}

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
    log_likelihood: Option<f64>,
    bic: Option<f64>,
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

    /// What the table of fits says of each.
    fn rows(&self) -> [FitRow; 3] {
        let [sbg, bdw, constant] = self.errors();
        let row = |which: usize, parameters: String, figures: Option<(f64, f64)>, error| FitRow {
            model: CONTRACT_MODELS[which],
            parameters: parameters.split(" (").next().unwrap_or_default().to_owned(),
            log_likelihood: figures.map(|(log_likelihood, _)| log_likelihood),
            bic: figures.map(|(_, bic)| bic),
            error,
        };
        [
            row(0, self.sbg.params().to_string(), Some((self.sbg.log_likelihood(), self.sbg.bic())), sbg),
            row(1, self.bdw.params().to_string(), Some((self.bdw.log_likelihood(), self.bdw.bic())), bdw),
            row(2, format!("r = {:.4}", self.constant), None, constant),
        ]
    }

    /// How far each lies from the observed survival after the fit, on average.
    fn errors(&self) -> [Option<f64>; 3] {
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
            numbers("log_likelihood", |row| row.log_likelihood),
            numbers("bic", |row| row.bic),
            numbers("mean_error", |row| row.error),
        ])
    }

    /// Survival observed and by each model up to `renewals`, a row a cohort and renewal.
    ///
    /// # Errors
    /// [`Error::Frame`] when polars refuses the table.
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
    /// [`Error::NoDiscount`] for a discount that is not above 0 and at most 1: where retention differs enough
    /// among customers, the payments of the loyal ones have no finite sum without one.
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
        let lines: Vec<String> = self.tests().iter().map(ToString::to_string).collect();
        f.write_str(&lines.join("\n"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Counts of Fader and Hardie (2007), table 1; alpha and beta are refits (golden `computed/sbg`).
    #[test]
    fn the_embedded_cohorts_are_those_of_the_paper() {
        let contracts = load_contracts(&ContractInput::default()).unwrap();
        let cohorts = contracts.cohorts.cohorts();
        assert_eq!(cohorts[0].alive, [1000, 869, 743, 653, 593, 551, 517, 491]);
        assert_eq!(cohorts[1].alive, [1000, 631, 468, 382, 326, 289, 262, 241]);
        let fits = contracts.fit(7).unwrap();
        let (high, regular) = (fits.fits[0].sbg.params(), fits.fits[1].sbg.params());
        for (found, expected) in [
            (high.alpha(), 0.668_088_4),
            (high.beta(), 3.806_095_4),
            (regular.alpha(), 0.704_077_3),
            (regular.beta(), 1.182_043),
        ] {
            assert!((found / expected - 1.0).abs() < 1e-5, "{found} {expected}");
        }
        assert!((fits.fits[1].sbg.log_likelihood() + 1_680.265_188).abs() < 1e-4);
    }

    #[test]
    fn a_constant_rate_is_too_low_for_those_who_stayed() {
        let fits = load_contracts(&ContractInput::default()).unwrap().fit(5).unwrap();
        for fit in &fits.fits {
            let [sbg, bdw, constant] = fit.errors().map(|error| error.unwrap());
            assert!(
                sbg < 0.02 && bdw < 0.02 && constant > 3.0 * sbg.max(bdw),
                "{}: {sbg} {bdw} {constant}",
                fit.cohort
            );
        }
        // Without discount and heterogeneity the sum is r / (1 - r).
        let fit = &fits.fits[1];
        assert!((fit.residual(3, 0.0)[2] - fit.constant / (1.0 - fit.constant)).abs() < 1e-12);
        let values = fits.values(100.0, 0.10).unwrap();
        assert!(values.rows.iter().all(|value| value.sbg > value.constant && value.sbg > value.new));
        assert_eq!(values.frame().unwrap().shape(), (2, 10));
        for discount in [0.0, 10.0] {
            let error = fits.values(100.0, discount).unwrap_err().to_string();
            assert!(error.contains("above 0"), "{error}");
        }
    }

    #[test]
    fn a_fit_on_everything_has_nothing_to_be_tested_on() {
        let contracts = load_contracts(&ContractInput::default()).unwrap();
        let some = contracts.fit(5).unwrap().to_string();
        assert!(some.contains("at renewal 7; in the renewals after the fit"), "{some}");
        let all = contracts.fit(7).unwrap().to_string();
        assert!(all.contains("no renewal was held out") && !all.contains("mean absolute error"), "{all}");
    }

    #[test]
    fn nobody_is_asked_after_the_last_has_left() {
        let cohorts = vec![Cohort::new("short", &[10, 4, 0, 0])];
        let cohorts = ContractCohorts::try_new(TimeUnit::Year, cohorts).unwrap();
        let frame = Contracts { source: "x".to_owned(), cohorts }.frame().unwrap();
        let retention: Vec<Option<f64>> = frame.column("retention").unwrap().f64().unwrap().iter().collect();
        assert_eq!(retention, [None, Some(0.4), Some(0.0), None]);
    }

    #[test]
    fn more_renewals_than_were_seen_are_refused() {
        let contracts = load_contracts(&ContractInput::default()).unwrap();
        let error = contracts.fit(8).unwrap_err().to_string();
        assert!(error.contains("fit_renewals is 8") && error.contains("1 to 7"), "{error}");
        let input = ContractInput::default().cohort_column("kind");
        assert!(load_contracts(&input).unwrap_err().to_string().contains("kind"));
    }
}
