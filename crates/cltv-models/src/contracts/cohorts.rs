//! Cohorts of customers under contract: how many are left after each period.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::base::error::InputError;
use crate::base::units::TimeUnit;
use crate::base::words::grouped;
use crate::fit::model::FitData;

/// Customers acquired together, counted at their start and after each chance to renew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cohort {
    /// The cohort's name.
    pub name: String,
    /// Customers at the start, after the first renewal, after the second, and so on.
    pub alive: Vec<u64>,
}

impl Cohort {
    /// A cohort from its counts.
    #[must_use]
    pub fn new(name: &str, alive: &[u64]) -> Self {
        Self { name: name.to_owned(), alive: alive.to_vec() }
    }

    fn problems(&self) -> Vec<String> {
        let Self { name, alive } = self;
        let mut problems = Vec::new();
        if alive.len() < 2 {
            problems.push(format!(
                "cohort {name} has {} counts; give the customers at the start and after at least one period",
                alive.len()
            ));
        }
        if alive.first() == Some(&0) {
            problems.push(format!("cohort {name} starts with 0 customers"));
        }
        for (period, pair) in alive.windows(2).enumerate() {
            if pair[1] > pair[0] {
                problems.push(format!(
                    "cohort {name} grows from {} to {} customers in period {}; count only those who never left",
                    pair[0],
                    pair[1],
                    period + 1
                ));
            }
        }
        problems
    }
}

/// The cohorts that contract models are fitted on, together.
///
/// # Examples
/// ```
/// use cltv_models::{Cohort, ContractCohorts, TimeUnit};
/// let regular = Cohort::new("regular", &[1000, 631, 468, 382, 326, 289, 262, 241]);
/// let cohorts = ContractCohorts::try_new(TimeUnit::Year, vec![regular])?;
/// assert_eq!(cohorts.customers(), 1000);
/// assert!(ContractCohorts::try_new(TimeUnit::Year, vec![Cohort::new("odd", &[10, 12])]).is_err());
/// # Ok::<(), cltv_models::InputError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContractCohorts {
    period: TimeUnit,
    cohorts: Vec<Cohort>,
}

impl ContractCohorts {
    /// Checks and keeps cohorts; `period` is the time from one renewal to the next.
    ///
    /// # Errors
    /// [`InputError::NoCustomers`] without cohorts, [`InputError::BadCohorts`] with every count
    /// that cannot be.
    pub fn try_new(period: TimeUnit, cohorts: Vec<Cohort>) -> Result<Self, InputError> {
        if cohorts.is_empty() {
            return Err(InputError::NoCustomers);
        }
        let problems: Vec<String> = cohorts.iter().flat_map(Cohort::problems).collect();
        if problems.is_empty() {
            return Ok(Self { period, cohorts });
        }
        Err(InputError::BadCohorts { problems })
    }

    /// The time from one renewal to the next.
    #[must_use]
    pub fn period(&self) -> TimeUnit {
        self.period
    }

    /// The cohorts.
    #[must_use]
    pub fn cohorts(&self) -> &[Cohort] {
        &self.cohorts
    }

    /// Customers of all cohorts at their starts.
    #[must_use]
    pub fn customers(&self) -> u64 {
        self.cohorts.iter().map(|cohort| cohort.alive[0]).sum()
    }

    /// Customers of all cohorts that were lost.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.cohorts.iter().map(|cohort| cohort.alive[0] - cohort.alive[cohort.alive.len() - 1]).sum()
    }

    /// The observed share of customers left after each period, over all cohorts seen that long.
    #[must_use]
    pub fn survival(&self) -> Vec<f64> {
        let periods = self.cohorts.iter().map(|cohort| cohort.alive.len()).max().unwrap_or(0);
        let share = |period: usize| {
            let seen = self.cohorts.iter().filter(|cohort| cohort.alive.len() > period);
            let (left, start) =
                seen.fold((0, 0), |sum, cohort| (sum.0 + cohort.alive[period], sum.1 + cohort.alive[0]));
            left as f64 / start as f64
        };
        (0..periods).map(share).collect()
    }
}

impl FitData for ContractCohorts {
    fn unit(&self) -> TimeUnit {
        self.period
    }
}

impl fmt::Display for ContractCohorts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let periods = self.cohorts.iter().map(|cohort| cohort.alive.len() - 1).max().unwrap_or(0);
        write!(
            f,
            "{} customers in {} cohorts, seen for up to {periods} {}s; {} of them left.",
            grouped(self.customers()),
            self.cohorts.len(),
            self.period,
            grouped(self.lost())
        )
    }
}
