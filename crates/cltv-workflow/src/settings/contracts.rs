//! Customers under contract: cohorts read from a file, and their fits.

use crate::choice::setters;
use crate::data::counts::Counts;
use crate::error::Error;
use crate::frames;
use crate::settings::contract_fits::{ContractFit, ContractFits};
use cltv_models::{BetaDiscreteWeibull, Cohort, ContractCohorts, ShiftedBetaGeometric, TimeUnit};
use cltv_tables::words::shown;
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
/// [`Error::File`] for a file or column that cannot be read, [`Error::Counts`] for a customer who left
/// after T or customers of one cohort with other T, [`Error::Input`] for an unknown period.
///
/// # Examples
/// ```
/// use cltv_workflow::*;
/// let contracts = load_contracts(&ContractInput::new("sbg_cohorts"))?;
/// assert_eq!(contracts.names(), ["highend", "regular"]);
/// # Ok::<(), cltv_workflow::Error>(())
/// ```
pub fn load_contracts(input: &ContractInput) -> Result<Contracts, Error> {
    let period: TimeUnit = input.period.parse()?;
    let embedded = (EMBEDDED, include_str!("../../../../data/sbg_cohorts.csv"));
    let columns = [
        ("cohort_column", input.cohort_column.as_str()),
        ("left_column", &input.left_column),
        ("seen_column", &input.seen_column),
    ];
    let mut table = Counts::read(&input.contracts, embedded, &columns)?;
    let (left, seen) = (table.counts(&input.left_column)?, table.periods(&input.seen_column)?);
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
        let problem = format!(
            "customers of the cohort {} were seen for different times; make a cohort of each",
            shown(name)
        );
        return Err(Error::Counts { source_name: table.source.clone(), problem });
    }
    // Who was left at renewal t had left after it: all members less those who left until then.
    let mut left_at = vec![0_u64; seen as usize + 1];
    members.iter().for_each(|(left, _)| left_at[*left as usize] += 1);
    let mut alive = Vec::with_capacity(seen as usize);
    let mut still = members.len() as u64;
    for left in &left_at[..seen as usize] {
        still -= left;
        alive.push(still);
    }
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
                    let before = t.checked_sub(1).filter(|&before| cohort.alive[before] > 0);
                    let renewed = before.map(|before| share(t, before));
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
    ///
    /// # Examples
    /// ```
    /// use cltv_workflow::*;
    /// let contracts = load_contracts(&ContractInput::new("sbg_cohorts"))?;
    /// assert_eq!(contracts.fit(5)?.frame()?.height(), 2 * 3);
    /// # Ok::<(), cltv_workflow::Error>(())
    /// ```
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
        let (renewed, due): (u64, u64) = (seen[1..].iter().sum(), seen[..renewals].iter().sum());
        Ok(ContractFit {
            cohort: cohort.name.clone(),
            alive: cohort.alive.clone(),
            fitted_until: renewals as u32,
            sbg: ShiftedBetaGeometric::default().fit(&data)?,
            bdw: BetaDiscreteWeibull::default().fit(&data)?,
            constant: renewed as f64 / due as f64,
        })
    }
}

impl fmt::Display for Contracts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.source, self.cohorts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_t_of_1e15_takes_neither_time_nor_memory() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("contracts.csv");
        std::fs::write(&path, "cohort,recency,T\na,1,1000000000000000\na,5,1000000000000000\n").unwrap();
        let error = load_contracts(&ContractInput::new(path.display())).unwrap_err().to_string();
        assert!(error.contains("line 2") && error.contains("more than the 10,000 periods"), "{error}");
        std::fs::write(&path, "cohort,recency,T\na,1,3\na,3,3\na,2,3\na,3,3\n").unwrap();
        let contracts = load_contracts(&ContractInput::new(path.display())).unwrap();
        assert_eq!(contracts.cohorts.cohorts()[0].alive, [4, 3, 2]);
    }

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
    fn there_is_no_retention_after_the_last_customer_has_left() {
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
