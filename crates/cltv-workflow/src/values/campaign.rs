//! Whether a contact is worth its cost, by the intervals of values.

use crate::values::score::Scores;
use cltv_report::numbers::{percent, whole};
use cltv_report::{CampaignLine, Verdict};
use std::fmt;

/// Customers by where the interval of their value lies beside the cost of a contact.
#[derive(Debug, Clone, PartialEq)]
pub struct Campaign {
    /// The cost of a contact.
    pub cost: f64,
    /// The groups, the surest first.
    pub groups: Vec<CampaignLine>,
    /// Level of the intervals.
    pub level: f64,
}

impl Scores {
    /// Sorts customers by where their value's interval lies beside a cost; none without intervals.
    ///
    /// # Examples
    /// ```
    /// use cltv_models::ValuePlan;
    /// use cltv_workflow::{Input, fit_models, load, score};
    /// let history = load(&Input::new("cdnow"))?.summary("week", "day")?;
    /// let scores = score(&history, &fit_models(&history, "bg_nbd")?, &ValuePlan::new(6, 0.10, 1.0)?)?;
    /// let campaign = scores.campaign(10.0).unwrap();
    /// assert_eq!(campaign.groups.iter().map(|group| group.customers).sum::<usize>(), 2357);
    /// # Ok::<(), cltv_workflow::Error>(())
    /// ```
    pub fn campaign(&self, cost: f64) -> Option<Campaign> {
        let (clv, (low, high)) = (self.clv()?, self.clv_interval()?);
        let level = self.total_interval()?.draws.level;
        let empty = |verdict| CampaignLine { verdict, customers: 0, value: 0.0, cost: 0.0 };
        let mut groups = Verdict::ALL.map(empty);
        for ((&value, &low), &high) in clv.iter().zip(low).zip(high) {
            let group = &mut groups[verdict(low, value, high, cost) as usize];
            group.customers += 1;
            group.value += value;
            group.cost += cost;
        }
        Some(Campaign { cost, groups: groups.into(), level })
    }
}

fn verdict(low: f64, value: f64, high: f64, cost: f64) -> Verdict {
    match () {
        () if low > cost => Verdict::Above,
        () if value > cost => Verdict::ExpectedAbove,
        () if high > cost => Verdict::UpperEndAbove,
        () => Verdict::Below,
    }
}

impl fmt::Display for Campaign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Customers worth more than a contact that costs {}, by the {} interval of their value:",
            self.cost,
            percent(self.level)
        )?;
        for group in &self.groups {
            write!(
                f,
                "\n- {}: {} customers, expected value {}, cost {}",
                group.verdict,
                whole(group.customers as f64),
                whole(group.value),
                whole(group.cost)
            )?;
        }
        f.write_str(".")
    }
}

#[cfg(test)]
mod tests {
    use crate::data::{Input, load};
    use crate::models::fit_models;
    use crate::values::score;
    use cltv_models::ValuePlan;

    #[test]
    fn every_customer_is_in_one_group_of_a_campaign() {
        let history = load(&Input::default()).unwrap().summary("week", "day").unwrap();
        let models = fit_models(&history, "bg_nbd").unwrap();
        let scores = score(&history, &models, &ValuePlan::new(6, 0.10, 1.0).unwrap()).unwrap();
        let total = scores.total_interval().unwrap().value;
        assert!(total.low < total.estimate && total.estimate < total.high);
        assert!((total.estimate - scores.total_value().unwrap()).abs() < 1e-6 * total.estimate);
        let campaign = scores.campaign(10.0).unwrap();
        let customers: usize = campaign.groups.iter().map(|group| group.customers).sum();
        let value: f64 = campaign.groups.iter().map(|group| group.value).sum();
        assert_eq!(customers, 2357);
        assert!((value - total.estimate).abs() < 1e-6 * value);
        assert!(campaign.groups[0].value > campaign.groups[0].cost);
        assert!(campaign.groups[3].value < campaign.groups[3].cost);
    }
}
