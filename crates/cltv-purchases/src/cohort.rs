//! Cohorts by the month of the first purchase, and who is still there k months later.

use std::collections::BTreeMap;
use std::fmt;

use chrono::NaiveDate;
use cltv_models::Grain;
use polars::prelude::DataFrame;

use crate::columns::{counts, reals, wholes};
use crate::error::DataError;
use crate::frame;
use crate::periods::Periods;
use crate::plan::queries;
use crate::transactions::Transactions;
use cltv_plan::periods::{next_period, period_of};
use cltv_protocol::text::{count, counted};

/// The customers who first bought in one calendar month.
///
/// Index k of the vectors is the k-th calendar month after the first one, 0 the month itself.
/// Months that the observation's end cuts or does not reach are `None`; month 0 always counts.
#[derive(Debug, Clone, PartialEq)]
pub struct Cohort {
    /// First day of the month.
    pub month: NaiveDate,
    /// Customers of the cohort.
    pub customers: u64,
    /// How many of them bought in month k.
    pub active: Vec<Option<u64>>,
    /// Their part of the cohort, 0 to 1.
    pub retention: Vec<Option<f64>>,
    /// What they spent in month k; all `None` without amounts.
    pub revenue: Vec<Option<f64>>,
}

impl Cohort {
    /// The month as "1997-01".
    #[must_use]
    pub fn label(&self) -> String {
        self.month.format("%Y-%m").to_string()
    }
}

/// Cohorts by month of the first purchase, in the order of time.
///
/// # Examples
/// ```
/// use cltv_purchases::{Cleaning, Source};
/// let cdnow = Source::new("cdnow").read()?.clean(&Cleaning::default())?.transactions;
/// let cohorts = cdnow.cohorts(&cdnow.periods("", "")?)?;
/// assert_eq!(cohorts.cohorts.len(), 3);
/// assert_eq!(cohorts.cohorts[0].retention[0], Some(1.0));
/// # Ok::<(), cltv_purchases::DataError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct CohortTable {
    /// The last day that was observed.
    pub observation_end: NaiveDate,
    /// The cohorts; months without new customers are left out.
    pub cohorts: Vec<Cohort>,
}

#[derive(Debug, Clone, Default)]
struct Tally {
    customers: u64,
    active: BTreeMap<usize, u64>,
    revenue: BTreeMap<usize, f64>,
}

impl Transactions {
    /// Retention and revenue by month of the first purchase, until the observation's end.
    ///
    /// # Errors
    /// [`DataError::Frame`] if polars refuses the table.
    pub fn cohorts(&self, periods: &Periods) -> Result<CohortTable, DataError> {
        let end = periods.observation_end;
        let plan = queries::cohorts(end.to_epoch_days(), self.has_amounts());
        let cells = self.summed(&plan, &["cohort", "age"])?;
        let revenue = if self.has_amounts() { reals(&cells, "revenue")? } else { vec![0.0; cells.height()] };
        let months = wholes(&cells, "cohort")?.into_iter().zip(wholes(&cells, "age")?);
        let mut tallies: BTreeMap<NaiveDate, Tally> = BTreeMap::new();
        for ((month, age), (active, revenue)) in
            months.zip(counts(&cells, "active")?.into_iter().zip(revenue))
        {
            let first =
                NaiveDate::from_ymd_opt((month.div_euclid(12)) as i32, month.rem_euclid(12) as u32 + 1, 1);
            let tally = tallies.entry(first.unwrap_or_default()).or_default();
            let age = usize::try_from(age).unwrap_or(0);
            // Everybody of a cohort has a row in its first month.
            tally.customers += if age == 0 { active } else { 0 };
            tally.active.insert(age, active);
            tally.revenue.insert(age, revenue);
        }
        let cohorts =
            tallies.into_iter().map(|(month, tally)| tally.cohort(month, end, self.has_amounts())).collect();
        Ok(CohortTable { observation_end: end, cohorts })
    }
}

impl Tally {
    fn cohort(self, month: NaiveDate, end: NaiveDate, has_amounts: bool) -> Cohort {
        let months = months_between(month, end) + 1;
        let whole =
            |k: usize| k + 1 < months || next_period(end, Grain::Month) == end.succ_opt().unwrap_or(end);
        let seen: Vec<bool> = (0..months).map(|k| k == 0 || whole(k)).collect();
        let at = |k: usize| self.active.get(&k).copied().unwrap_or(0);
        let spent = |k: usize| self.revenue.get(&k).copied().unwrap_or(0.0);
        let share = |k: usize| at(k) as f64 / self.customers as f64;
        let cells = || seen.iter().enumerate().map(|(k, &seen)| seen.then_some(k));
        Cohort {
            month,
            customers: self.customers,
            active: cells().map(|k| k.map(at)).collect(),
            retention: cells().map(|k| k.map(share)).collect(),
            revenue: cells().map(|k| k.filter(|_| has_amounts).map(spent)).collect(),
        }
    }
}

fn months_between(from: NaiveDate, to: NaiveDate) -> usize {
    usize::try_from(period_of(to, Grain::Month) - period_of(from, Grain::Month)).unwrap_or(0)
}

impl CohortTable {
    /// The longest cohort's number of months, month 0 counted.
    #[must_use]
    pub fn months(&self) -> usize {
        self.cohorts.iter().map(|cohort| cohort.active.len()).max().unwrap_or(0)
    }

    /// The cohorts' months as "1997-01".
    #[must_use]
    pub fn labels(&self) -> Vec<String> {
        self.cohorts.iter().map(Cohort::label).collect()
    }

    /// Retention as a matrix of cohorts by months, `None` where nothing was observed.
    #[must_use]
    pub fn retention(&self) -> Vec<Vec<Option<f64>>> {
        self.matrix(|cohort| &cohort.retention)
    }

    /// Revenue as a matrix of cohorts by months, `None` where nothing was observed.
    #[must_use]
    pub fn revenue(&self) -> Vec<Vec<Option<f64>>> {
        self.matrix(|cohort| &cohort.revenue)
    }

    fn matrix(&self, of: fn(&Cohort) -> &Vec<Option<f64>>) -> Vec<Vec<Option<f64>>> {
        let months = self.months();
        let row = |cohort| {
            let mut row: Vec<Option<f64>> = of(cohort).clone();
            row.resize(months, None);
            row
        };
        self.cohorts.iter().map(row).collect()
    }

    /// The table, one row a cohort and month: `cohort`, `customers`, `month`, `active`,
    /// `retention`, `revenue`.
    ///
    /// # Errors
    /// [`DataError::Frame`] if polars refuses the table.
    pub fn frame(&self) -> Result<DataFrame, DataError> {
        let cells: Vec<(&Cohort, usize)> = self
            .cohorts
            .iter()
            .flat_map(|cohort| (0..cohort.active.len()).map(move |k| (cohort, k)))
            .collect();
        frame::frame(vec![
            frame::texts("cohort", cells.iter().map(|(cohort, _)| cohort.label())),
            frame::counts("customers", cells.iter().map(|(cohort, _)| cohort.customers)),
            frame::counts("month", cells.iter().map(|(_, k)| *k as u64)),
            frame::counts("active", cells.iter().map(|(cohort, k)| cohort.active[*k])),
            frame::numbers("retention", cells.iter().map(|(cohort, k)| cohort.retention[*k])),
            frame::numbers("revenue", cells.iter().map(|(cohort, k)| cohort.revenue[*k])),
        ])
    }
}

impl fmt::Display for CohortTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let customers: u64 = self.cohorts.iter().map(|cohort| cohort.customers).sum();
        write!(
            f,
            "{} of {} customers, observed until {}",
            counted(self.cohorts.len(), "monthly cohort"),
            count(usize::try_from(customers).unwrap_or(usize::MAX)),
            self.observation_end
        )?;
        match self.later_retention() {
            Some((k, share)) => write!(
                f,
                "; after {} {:.0}% of them bought in the month.",
                counted(k, "month"),
                100.0 * share
            ),
            None => f.write_str("."),
        }
    }
}

impl CohortTable {
    /// Retention after six months, or after the last month that all cohorts have seen.
    fn later_retention(&self) -> Option<(usize, f64)> {
        let seen = |k: usize| self.cohorts.iter().all(|c| matches!(c.active.get(k), Some(Some(_))));
        let k = (1..=6).rev().find(|&k| seen(k))?;
        let active: u64 = self.cohorts.iter().filter_map(|c| c.active[k]).sum();
        let customers: u64 = self.cohorts.iter().map(|c| c.customers).sum();
        Some((k, active as f64 / customers as f64))
    }
}
