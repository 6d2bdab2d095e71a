//! Whether a contact is worth its cost, by the intervals of values.

use crate::values::score::Scores;
use cltv_report::numbers::{percent, whole};
use std::fmt;

/// What a contact that costs this much is worth, by how sure that is.
#[derive(Debug, Clone, PartialEq)]
pub struct Campaign {
    /// The cost of a contact.
    pub cost: f64,
    /// The groups, the surest first.
    pub groups: Vec<CampaignGroup>,
    /// Level of the intervals.
    pub level: f64,
}

/// Customers whose value compares alike with the cost.
#[derive(Debug, Clone, PartialEq)]
pub struct CampaignGroup {
    /// "surely worth more", "probably", "possibly" or "surely not".
    pub verdict: &'static str,
    /// Customers in it.
    pub customers: usize,
    /// Their expected value.
    pub value: f64,
    /// Contacting all of them.
    pub cost: f64,
}

impl Scores {
    /// Sorts customers by where their value's interval lies beside a cost; none without intervals.
    pub fn campaign(&self, cost: f64) -> Option<Campaign> {
        let level = self.intervals.as_ref()?.plan.level;
        let verdict = |low: f64, value: f64, high: f64| match () {
            () if low > cost => 0,
            () if value > cost => 1,
            () if high > cost => 2,
            () => 3,
        };
        let names = ["surely worth more", "probably", "possibly", "surely not"];
        let mut groups = names.map(|verdict| CampaignGroup { verdict, customers: 0, value: 0.0, cost: 0.0 });
        for score in &self.customers {
            let (Some(low), Some(value), Some(high)) = (score.clv_low, score.clv, score.clv_high) else {
                continue;
            };
            let group = &mut groups[verdict(low, value, high)];
            group.customers += 1;
            group.value += value;
            group.cost += cost;
        }
        Some(Campaign { cost, groups: groups.into(), level })
    }
}

impl fmt::Display for Campaign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "A contact costs {} and a customer's value has a {} interval:",
            self.cost,
            percent(self.level)
        )?;
        for group in &self.groups {
            write!(
                f,
                "\n- {}: {} customers, expected to bring {} for a cost of {}",
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
        let data = load(&Input::default()).unwrap();
        let history = data.summary("week", "day").unwrap();
        let models = fit_models(&history).unwrap();
        let scores = score(&models, &history, &ValuePlan::new(6, 0.10, 1.0).unwrap()).unwrap();
        let total = scores.total_interval().unwrap();
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
