//! Histories of customers who may buy at given opportunities: a purchase or none at each.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::base::error::InputError;
use crate::base::units::TimeUnit;
use crate::base::words::grouped;
use crate::fit::model::FitData;

/// Most opportunities of one customer, so that no sum over them is endless.
const MOST_OPPORTUNITIES: u64 = 100_000;

/// One customer's history of opportunities, such as yearly donations or events attended.
///
/// ```
/// use cltv_models::OpportunityHistory;
/// let history = OpportunityHistory::try_new(4, 5, 6)?;
/// assert_eq!((history.x, history.t_x, history.n), (4, 5, 6));
/// assert!(OpportunityHistory::try_new(4, 3, 6).is_err());
/// # Ok::<(), cltv_models::InputError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct OpportunityHistory {
    /// Frequency: opportunities with a purchase, the acquisition not counted.
    pub x: u64,
    /// Recency: the last opportunity with a purchase, counted from 1; 0 without one.
    pub t_x: u64,
    /// Opportunities since the acquisition.
    pub n: u64,
}

impl OpportunityHistory {
    /// Checks that a history can be.
    ///
    /// # Errors
    /// [`InputError::BadOpportunities`] when x > t_x, t_x > n, x = 0 with t_x > 0 or the other way
    /// round, or n above 100,000.
    pub fn try_new(x: u64, t_x: u64, n: u64) -> Result<Self, InputError> {
        let history = Self { x, t_x, n };
        match history.problem() {
            None => Ok(history),
            Some(problem) => Err(InputError::BadOpportunities { x, t_x, n, problem }),
        }
    }

    /// Whether such a history can be; predictions for one that cannot are NaN.
    #[must_use]
    pub fn is_possible(&self) -> bool {
        self.problem().is_none()
    }

    fn problem(&self) -> Option<&'static str> {
        let Self { x, t_x, n } = *self;
        let checks = [
            (t_x > n, "the last purchase is after the last opportunity"),
            (x > t_x, "there are more purchases than opportunities up to the last one"),
            ((x == 0) != (t_x == 0), "t_x is 0 exactly for customers without a purchase"),
            (n > MOST_OPPORTUNITIES, "there can be at most 100,000 opportunities"),
        ];
        checks.into_iter().find_map(|(bad, problem)| bad.then_some(problem))
    }
}

/// The histories of all customers by opportunity: what BG/BB is fitted on.
///
/// Equal histories are kept once, with their number of customers.
///
/// # Examples
/// ```
/// use cltv_models::{OpportunityHistory, OpportunitySummary, TimeUnit};
/// let cells = vec![
///     (OpportunityHistory::try_new(0, 0, 6)?, 3464),
///     (OpportunityHistory::try_new(6, 6, 6)?, 1203),
/// ];
/// let summary = OpportunitySummary::from_cells(TimeUnit::Year, cells)?;
/// assert_eq!(summary.customers(), 4667);
/// assert!(summary.to_string().starts_with("4,667 customers, 74% without a purchase"));
/// # Ok::<(), cltv_models::InputError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpportunitySummary {
    period: TimeUnit,
    cells: Vec<(OpportunityHistory, u64)>,
}

impl OpportunitySummary {
    /// One history a customer; `period` is the time from one opportunity to the next.
    ///
    /// # Errors
    /// As [`OpportunitySummary::from_cells`].
    pub fn try_new(period: TimeUnit, histories: Vec<OpportunityHistory>) -> Result<Self, InputError> {
        Self::from_cells(period, histories.into_iter().map(|history| (history, 1)).collect())
    }

    /// Histories with their numbers of customers.
    ///
    /// # Errors
    /// [`InputError::NoCustomers`], or [`InputError::BadOpportunities`] for the first history that
    /// cannot be.
    pub fn from_cells(
        period: TimeUnit,
        mut cells: Vec<(OpportunityHistory, u64)>,
    ) -> Result<Self, InputError> {
        for (history, _) in &cells {
            OpportunityHistory::try_new(history.x, history.t_x, history.n)?;
        }
        cells.retain(|(_, customers)| *customers > 0);
        if cells.is_empty() {
            return Err(InputError::NoCustomers);
        }
        cells.sort_by_key(|(history, _)| (history.x, history.t_x, history.n));
        cells.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            kept.1 += if same { next.1 } else { 0 };
            same
        });
        Ok(Self { period, cells })
    }

    /// The time from one opportunity to the next.
    #[must_use]
    pub fn period(&self) -> TimeUnit {
        self.period
    }

    /// Distinct histories with their numbers of customers, sorted by x, t_x and n.
    #[must_use]
    pub fn cells(&self) -> &[(OpportunityHistory, u64)] {
        &self.cells
    }

    /// Number of customers.
    #[must_use]
    pub fn customers(&self) -> u64 {
        self.cells.iter().map(|(_, customers)| customers).sum()
    }

    /// Purchases of all customers together.
    #[must_use]
    pub fn purchases(&self) -> u64 {
        self.cells.iter().map(|(history, customers)| history.x * customers).sum()
    }

    /// Customers with at least one purchase.
    #[must_use]
    pub fn repeat_customers(&self) -> u64 {
        self.cells.iter().filter(|(history, _)| history.x > 0).map(|(_, customers)| customers).sum()
    }
}

impl FitData for OpportunitySummary {
    fn unit(&self) -> TimeUnit {
        self.period
    }
}

impl fmt::Display for OpportunitySummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (n, repeat) = (self.customers(), self.repeat_customers());
        let fewest = self.cells.iter().map(|(history, _)| history.n).min().unwrap_or(0);
        let most = self.cells.iter().map(|(history, _)| history.n).max().unwrap_or(0);
        write!(
            f,
            "{} customers, {:.0}% without a purchase, the others with {}, at {fewest} to {most} opportunities, one a {}.",
            grouped(n),
            100.0 * (n - repeat) as f64 / n as f64,
            grouped(self.purchases()),
            self.period
        )
    }
}
