//! Histories and mean spends with the number of customers that have each, as a database counts them.

use crate::base::error::InputError;
use crate::base::units::TimeUnit;
use crate::summary::history::History;

/// Distinct histories, each with the number of customers that have it.
///
/// Models whose likelihood depends on x, t_x and T only are fitted on it as on a summary with a row for each customer:
/// its memory does not grow with the customers.
///
/// # Examples
/// ```
/// use cltv_models::{CountedHistories, History, TimeUnit};
/// let history = |x, t_x| History { x, t_x, T: 38.86 };
/// let counted = CountedHistories::try_new(TimeUnit::Week, vec![(history(2, 30.43), 3), (history(0, 0.0), 7)])?;
/// assert_eq!((counted.customers(), counted.len(), counted.repeat_purchases()), (10, 2, 6));
/// # Ok::<(), cltv_models::InputError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct CountedHistories {
    unit: TimeUnit,
    rows: Vec<(History, u64)>,
}

impl CountedHistories {
    /// Checks histories, and sorts them by x, t_x and T.
    ///
    /// # Errors
    /// [`InputError::NoCustomers`], or [`InputError::BadHistory`] with the first history that cannot be.
    pub fn try_new(unit: TimeUnit, mut rows: Vec<(History, u64)>) -> Result<Self, InputError> {
        rows.retain(|(_, customers)| *customers > 0);
        if rows.is_empty() {
            return Err(InputError::NoCustomers);
        }
        for (history, _) in &rows {
            History::try_new(history.x, history.t_x, history.T)?;
        }
        let order = |(one, _): &(History, u64), (two, _): &(History, u64)| {
            one.x.cmp(&two.x).then(one.t_x.total_cmp(&two.t_x)).then(one.T.total_cmp(&two.T))
        };
        rows.sort_unstable_by(order);
        rows.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            kept.1 += if same { next.1 } else { 0 };
            same
        });
        Ok(Self { unit, rows })
    }

    /// The unit of t_x and T.
    #[must_use]
    pub fn unit(&self) -> TimeUnit {
        self.unit
    }

    /// The histories with their numbers of customers, by x, t_x and T.
    #[must_use]
    pub fn rows(&self) -> &[(History, u64)] {
        &self.rows
    }

    /// Number of distinct histories.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Always false: no history at all is refused.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Number of customers.
    #[must_use]
    pub fn customers(&self) -> u64 {
        self.rows.iter().map(|(_, customers)| customers).sum()
    }

    /// Customers with a repeat purchase.
    #[must_use]
    pub fn repeat_customers(&self) -> u64 {
        self.rows.iter().filter(|(history, _)| history.x > 0).map(|(_, customers)| customers).sum()
    }

    /// Repeat purchases of all customers together.
    #[must_use]
    pub fn repeat_purchases(&self) -> u64 {
        self.rows.iter().map(|(history, customers)| history.x * customers).sum()
    }
}

/// Mean spends a repeat purchase with the number of customers that have each, by x.
///
/// # Examples
/// ```
/// use cltv_models::CountedSpend;
/// let spend = CountedSpend::try_new(vec![(2, 21.5, 3), (1, 10.0, 40)])?;
/// assert_eq!(spend.customers(), 43);
/// assert!(CountedSpend::try_new(vec![(0, 21.5, 3)]).is_err());
/// # Ok::<(), cltv_models::InputError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct CountedSpend {
    rows: Vec<(u32, f64, u64)>,
}

impl CountedSpend {
    /// Checks triples of x, mean spend and number of customers, and sorts them.
    ///
    /// # Errors
    /// [`InputError::BadOption`] where x is 0 or a mean spend is not positive and finite.
    pub fn try_new(mut rows: Vec<(u32, f64, u64)>) -> Result<Self, InputError> {
        for &(x, spend, _) in &rows {
            if x == 0 || !spend.is_finite() || spend <= 0.0 {
                return Err(InputError::BadOption {
                    name: "mean spend",
                    value: spend,
                    bound: "a positive number of customers with a repeat purchase; leave the others out",
                });
            }
        }
        rows.sort_unstable_by(|one, two| one.0.cmp(&two.0).then(one.1.total_cmp(&two.1)));
        Ok(Self { rows })
    }

    /// The triples, by x and mean spend.
    #[must_use]
    pub fn rows(&self) -> &[(u32, f64, u64)] {
        &self.rows
    }

    /// Number of customers.
    #[must_use]
    pub fn customers(&self) -> u64 {
        self.rows.iter().map(|(_, _, customers)| customers).sum()
    }
}
