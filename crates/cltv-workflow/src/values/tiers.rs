//! Value tiers: the choices behind them, and the tier of each customer.

use std::fmt;

use cltv_report::Tier;
use cltv_report::numbers::percent;

use crate::error::Error;

/// The choices behind tiers and win-back values.
///
/// # Examples
/// ```
/// let rules = cltv_workflow::TierRules::default();
/// assert_eq!((rules.at_risk_below, rules.winback_success), (0.3, 0.05));
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TierRules {
    /// P(at least one purchase within the horizon) below which a good customer is at risk.
    pub at_risk_below: f64,
    /// The share of contacted customers, of those who have dropped out, who start to buy again.
    pub winback_success: f64,
}

impl Default for TierRules {
    fn default() -> Self {
        TierRules { at_risk_below: 0.3, winback_success: 0.05 }
    }
}

impl fmt::Display for TierRules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "At risk: bought again, past spend in the upper half, and a chance below {} to buy within the horizon. Of contacted customers who have dropped out, {} start to buy again.",
            percent(self.at_risk_below),
            percent(self.winback_success)
        )
    }
}

impl TierRules {
    /// # Errors
    /// [`Error::NotAShare`] for a figure outside 0 to 1.
    pub(super) fn check(&self) -> Result<(), Error> {
        for (name, value) in
            [("at_risk_below", self.at_risk_below), ("winback_success", self.winback_success)]
        {
            if !(0.0..=1.0).contains(&value) {
                return Err(Error::NotAShare { name, value });
            }
        }
        Ok(())
    }
}

/// The tier of each customer; customers are in the order of their ids, which decides between equal values.
pub(super) fn tiers(worth: &[f64], at_risk: impl Fn(usize) -> bool) -> Vec<Tier> {
    let mut tiers = vec![Tier::AtRisk; worth.len()];
    let mut others: Vec<u32> = (0..worth.len() as u32).filter(|&i| !at_risk(i as usize)).collect();
    others.sort_by(|&i, &j| worth[j as usize].total_cmp(&worth[i as usize]).then(i.cmp(&j)));
    let (high, medium) = (share_of(others.len(), 20), share_of(others.len(), 50));
    for (rank, i) in others.into_iter().enumerate() {
        tiers[i as usize] = match rank {
            rank if rank < high => Tier::High,
            rank if rank < medium => Tier::Medium,
            _ => Tier::Low,
        };
    }
    tiers
}

/// A percentage of a count, rounded to the nearest customer, in whole numbers.
fn share_of(count: usize, percent: usize) -> usize {
    (count * percent + 50) / 100
}

pub(super) fn median(values: &[f64]) -> f64 {
    let mut values = values.to_vec();
    values.sort_unstable_by(f64::total_cmp);
    let n = values.len();
    match n {
        0 => 0.0,
        n if n % 2 == 1 => values[n / 2],
        n => (values[n / 2 - 1] + values[n / 2]) / 2.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_others_are_cut_at_20_and_50_percent_of_themselves() {
        let worth: Vec<f64> = (0..100).map(f64::from).collect();
        let found = tiers(&worth, |_| false);
        let count = |tier| found.iter().filter(|found| **found == tier).count();
        assert_eq!([count(Tier::High), count(Tier::Medium), count(Tier::Low)], [20, 30, 50]);
        assert_eq!([found[99], found[50], found[49]], [Tier::High, Tier::Medium, Tier::Low]);
        assert_eq!(tiers(&worth, |i| i == 3)[3], Tier::AtRisk);
    }

    #[test]
    fn equal_values_are_in_the_order_of_the_ids_so_that_runs_agree() {
        let found = tiers(&[1.0; 5], |_| false);
        assert_eq!(found.iter().filter(|tier| **tier == Tier::High).count(), 1);
        assert_eq!(found[0], Tier::High);
    }
}
