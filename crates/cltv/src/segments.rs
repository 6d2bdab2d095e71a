//! Value tiers crossed with RFM segments: who matters, who is slipping away, what to do.

use crate::score::{Score, Scores};
use crate::{Error, frames};
use cltv_purchases::{RfmTable, SegmentFigures};
use cltv_models::{IntervalEstimate, ValuePlan};
use cltv_report::numbers::whole;
use polars::prelude::DataFrame;
use std::collections::BTreeMap;
use std::fmt;

/// The value tier of a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tier {
    /// Spent much, but is probably gone.
    AtRisk,
    /// The top 20% by CLV of the others.
    High,
    /// The next 30%.
    Medium,
    /// The rest.
    Low,
}

impl Tier {
    /// All tiers, from the most valuable to the least, those at risk first.
    pub const ALL: [Tier; 4] = [Tier::AtRisk, Tier::High, Tier::Medium, Tier::Low];

    /// The tier's name in tables and files.
    pub fn name(self) -> &'static str {
        match self {
            Tier::AtRisk => "At-risk",
            Tier::High => "High",
            Tier::Medium => "Medium",
            Tier::Low => "Low",
        }
    }

    /// The kind of action, and the action in a sentence.
    pub fn action(self) -> (&'static str, &'static str) {
        match self {
            Tier::AtRisk => (
                "reactivation",
                "Win them back, best value at risk first; never spend more on one than what is at risk.",
            ),
            Tier::High => {
                ("retention", "Keep them: service, early access, a person to talk to. No discounts needed.")
            }
            Tier::Medium => (
                "upsell and cross-sell",
                "Raise order value and frequency with what similar buyers bought next.",
            ),
            Tier::Low => {
                ("spend", "Automated contact only; acquire no more customers of this kind at a loss.")
            }
        }
    }
}

impl fmt::Display for Tier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A scored customer with segment and tier.
#[derive(Debug, Clone, PartialEq)]
pub struct Customer {
    /// What is expected of the customer.
    pub score: Score,
    /// The RFM segment.
    pub rfm_segment: String,
    /// The value tier.
    pub tier: Tier,
    /// What the customer spent so far; purchases so far without amounts.
    pub past: f64,
}

/// All customers with their segments and tiers.
#[derive(Debug, Clone)]
pub struct Customers {
    /// One a customer, in the order of the scores.
    pub customers: Vec<Customer>,
    /// The RFM segments and their actions, in the order of the segment table.
    pub segments: Vec<SegmentFigures>,
    /// The plan the scores were made by.
    pub plan: ValuePlan,
    /// The value of all customers with its interval, and the interval's level; none where the scores
    /// have no intervals.
    pub total: Option<(IntervalEstimate, f64)>,
    /// P(alive) below which a customer with past spend in the upper half is at risk.
    pub at_risk_below: f64,
}

/// The figures of a group of customers.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupFigures {
    /// The group's name.
    pub name: String,
    /// Its customers.
    pub customers: usize,
    /// Their mean P(alive); 0 for an empty group.
    pub p_alive: f64,
    /// Purchases expected of them within the horizon.
    pub expected_purchases: f64,
    /// Their value within the horizon; none without amounts.
    pub clv: Option<f64>,
    /// Their value at risk; none without amounts.
    pub value_at_risk: Option<f64>,
    /// The kind of action.
    pub action: String,
    /// The action in a sentence.
    pub advice: String,
}

/// Crosses scores with RFM segments and puts every customer into a value tier.
///
/// At-risk is who has P(alive) below `at_risk_below` and past spend in the upper half (above the
/// median customer's). Of the others the top 20% by CLV are High, the next 30% Medium, the rest
/// Low; at equal CLV the smaller customer id goes first. Without amounts, purchases take the
/// place of spend and expected purchases that of CLV.
///
/// # Errors
/// [`Error::NotAShare`] for an `at_risk_below` outside 0 to 1, [`Error::DifferentCustomers`] when
/// scores and RFM table were made from different data.
pub fn segment(scores: &Scores, rfm: &RfmTable, at_risk_below: f64) -> Result<Customers, Error> {
    if !(0.0..=1.0).contains(&at_risk_below) {
        return Err(Error::NotAShare { name: "at_risk_below", value: at_risk_below });
    }
    let by_id: BTreeMap<&str, _> = rfm.rows.iter().map(|row| (row.customer_id.as_str(), row)).collect();
    let differ = |id: &str| Error::DifferentCustomers {
        what: "The scores",
        other: "the RFM table",
        id: id.to_owned(),
    };
    let mut customers = Vec::with_capacity(scores.customers.len());
    for score in &scores.customers {
        let row = by_id.get(score.customer_id.as_str()).ok_or_else(|| differ(&score.customer_id))?;
        customers.push(Customer {
            score: score.clone(),
            rfm_segment: row.segment.clone(),
            tier: Tier::Low,
            past: row.monetary_total.unwrap_or(row.frequency as f64),
        });
    }
    if rfm.rows.len() != customers.len() {
        let scored: std::collections::BTreeSet<&str> =
            customers.iter().map(|c| c.score.customer_id.as_str()).collect();
        let extra = rfm.rows.iter().find(|row| !scored.contains(row.customer_id.as_str()));
        return Err(differ(extra.map_or("", |row| &row.customer_id)));
    }
    assign_tiers(&mut customers, at_risk_below);
    let total = scores.intervals.as_ref().map(|intervals| (intervals.total, intervals.plan.level));
    Ok(Customers { customers, segments: rfm.segments(), plan: scores.plan, total, at_risk_below })
}

fn assign_tiers(customers: &mut [Customer], at_risk_below: f64) {
    let half = median(customers.iter().map(|c| c.past).collect());
    let mut others: Vec<usize> = Vec::new();
    for (i, customer) in customers.iter_mut().enumerate() {
        if customer.score.p_alive < at_risk_below && customer.past > half {
            customer.tier = Tier::AtRisk;
        } else {
            others.push(i);
        }
    }
    let worth = |i: usize| customers[i].score.clv.unwrap_or(customers[i].score.expected_purchases);
    others.sort_by(|&i, &j| {
        worth(j)
            .total_cmp(&worth(i))
            .then_with(|| customers[i].score.customer_id.cmp(&customers[j].score.customer_id))
    });
    let (high, medium) = (share_of(others.len(), 20), share_of(others.len(), 50));
    for (rank, i) in others.into_iter().enumerate() {
        customers[i].tier = match rank {
            rank if rank < high => Tier::High,
            rank if rank < medium => Tier::Medium,
            _ => Tier::Low,
        };
    }
}

/// A percentage of a count, rounded to the nearest customer, in whole numbers.
fn share_of(count: usize, percent: usize) -> usize {
    (count * percent + 50) / 100
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let n = values.len();
    match n {
        0 => 0.0,
        n if n % 2 == 1 => values[n / 2],
        n => (values[n / 2 - 1] + values[n / 2]) / 2.0,
    }
}

impl Customers {
    /// The rows of `clv_results.csv`.
    ///
    /// # Errors
    /// [`Error::Frame`] when polars refuses the table.
    pub fn frame(&self) -> Result<DataFrame, Error> {
        frames::customers(&self.customers)
    }

    /// Whether there are amounts.
    pub fn has_amounts(&self) -> bool {
        self.customers.iter().all(|c| c.score.clv.is_some())
    }

    /// The figures of each tier, empty ones included.
    pub fn tier_figures(&self) -> Vec<GroupFigures> {
        let tiers = Tier::ALL.iter();
        tiers
            .map(|&tier| {
                let (action, advice) = tier.action();
                self.figures(tier.name(), action, advice, |c| c.tier == tier)
            })
            .collect()
    }

    /// The figures of each RFM segment, in the order of the segment table.
    pub fn segment_figures(&self) -> Vec<GroupFigures> {
        self.segments
            .iter()
            .map(|s| self.figures(&s.segment, &s.action, &s.advice, |c| c.rfm_segment == s.segment))
            .collect()
    }

    pub(crate) fn figures(
        &self,
        name: &str,
        action: &str,
        advice: &str,
        belongs: impl Fn(&Customer) -> bool,
    ) -> GroupFigures {
        let own: Vec<&Score> = self.customers.iter().filter(|c| belongs(c)).map(|c| &c.score).collect();
        let money = |of: fn(&Score) -> Option<f64>| match self.has_amounts() {
            // An empty sum is -0 in Rust; nobody's value is 0.
            true => own.iter().map(|s| of(s)).sum::<Option<f64>>().map(|sum| sum + 0.0),
            false => None,
        };
        let alive: f64 = own.iter().map(|s| s.p_alive).sum();
        GroupFigures {
            name: name.to_owned(),
            customers: own.len(),
            p_alive: if own.is_empty() { 0.0 } else { alive / own.len() as f64 },
            expected_purchases: own.iter().map(|s| s.expected_purchases).sum::<f64>() + 0.0,
            clv: money(|s| s.clv),
            value_at_risk: money(|s| s.value_at_risk),
            action: action.to_owned(),
            advice: advice.to_owned(),
        }
    }

    /// The tiers as a table.
    ///
    /// # Errors
    /// [`Error::Frame`] when polars refuses the table.
    pub fn tiers(&self) -> Result<DataFrame, Error> {
        self.group_frame("value_tier", &self.tier_figures())
    }

    /// Customers of each segment in each tier, with their value.
    ///
    /// # Errors
    /// [`Error::Frame`] when polars refuses the table.
    pub fn segments_by_tier(&self) -> Result<DataFrame, Error> {
        let names: Vec<&str> = self.segments.iter().map(|s| s.segment.as_str()).collect();
        let mut columns = vec![frames::texts("rfm_segment", names.iter().copied())];
        for tier in Tier::ALL {
            let count = |name: &&str| {
                self.customers.iter().filter(|c| c.tier == tier && c.rfm_segment == **name).count()
            };
            columns.push(frames::counts(tier.name(), names.iter().map(|name| count(name) as u64)));
        }
        frames::frame(columns)
    }

    /// What to do, where, and how much is at risk: a row a segment.
    ///
    /// # Errors
    /// [`Error::Frame`] when polars refuses the table.
    pub fn actions(&self) -> Result<DataFrame, Error> {
        let figures = self.segment_figures();
        let spend =
            |name: &str| self.segments.iter().find(|s| s.segment == name).map_or("", |s| s.spend.as_str());
        frames::frame(vec![
            frames::texts("rfm_segment", figures.iter().map(|g| g.name.as_str())),
            frames::counts("customers", figures.iter().map(|g| g.customers as u64)),
            frames::numbers("value_at_risk", figures.iter().map(|g| g.value_at_risk)),
            frames::texts("action", figures.iter().map(|g| g.action.as_str())),
            frames::texts("advice", figures.iter().map(|g| g.advice.as_str())),
            frames::texts("spend", figures.iter().map(|g| spend(&g.name))),
        ])
    }

    /// The rows of `segment_summary.csv`: every tier, then every RFM segment.
    ///
    /// # Errors
    /// [`Error::Frame`] when polars refuses the table.
    pub fn summary(&self) -> Result<DataFrame, Error> {
        let (tiers, segments) = (self.tier_figures(), self.segment_figures());
        let kinds = tiers.iter().map(|_| "value_tier").chain(segments.iter().map(|_| "rfm_segment"));
        let mut columns = vec![frames::texts("grouping", kinds)];
        columns.extend(self.group_columns("group", &[tiers.clone(), segments.clone()].concat()));
        frames::frame(columns)
    }

    fn group_frame(&self, name: &str, groups: &[GroupFigures]) -> Result<DataFrame, Error> {
        frames::frame(self.group_columns(name, groups))
    }

    fn group_columns(&self, name: &str, groups: &[GroupFigures]) -> Vec<polars::prelude::Column> {
        let all = self.customers.len().max(1) as f64;
        vec![
            frames::texts(name, groups.iter().map(|g| g.name.as_str())),
            frames::counts("customers", groups.iter().map(|g| g.customers as u64)),
            frames::numbers("share_of_customers", groups.iter().map(|g| Some(g.customers as f64 / all))),
            frames::numbers("mean_p_alive", groups.iter().map(|g| (g.customers > 0).then_some(g.p_alive))),
            frames::numbers("expected_purchases", groups.iter().map(|g| Some(g.expected_purchases))),
            frames::numbers("clv", groups.iter().map(|g| g.clv)),
            frames::numbers("value_at_risk", groups.iter().map(|g| g.value_at_risk)),
            frames::texts("action", groups.iter().map(|g| g.action.as_str())),
            frames::texts("advice", groups.iter().map(|g| g.advice.as_str())),
        ]
    }
}

impl fmt::Display for Customers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<String> =
            self.tier_figures().iter().map(|g| format!("{} {}", whole(g.customers as f64), g.name)).collect();
        write!(
            f,
            "{} customers in value tiers: {} (at risk: P(alive) below {} with past spend in the upper half).",
            whole(self.customers.len() as f64),
            parts.join(", "),
            self.at_risk_below
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn customer(id: &str, p_alive: f64, clv: f64, past: f64) -> Customer {
        Customer {
            score: Score {
                customer_id: id.into(),
                frequency: 1,
                t_x: 1.0,
                age: 2.0,
                monetary: Some(past),
                p_alive,
                expected_purchases: 1.0,
                expected_spend: Some(1.0),
                clv: Some(clv),
                clv_low: Some(0.5 * clv),
                clv_high: Some(2.0 * clv),
                value_at_risk: Some(0.0),
            },
            rfm_segment: "Champions".into(),
            tier: Tier::Low,
            past,
        }
    }

    #[test]
    fn at_risk_needs_both_a_low_p_alive_and_past_spend_in_the_upper_half() {
        let mut customers = vec![
            customer("a", 0.1, 5.0, 100.0),
            customer("b", 0.1, 5.0, 1.0),
            customer("c", 0.9, 5.0, 100.0),
            customer("d", 0.9, 5.0, 2.0),
        ];
        assign_tiers(&mut customers, 0.5);
        assert_eq!(customers[0].tier, Tier::AtRisk);
        assert!(customers[1..].iter().all(|c| c.tier != Tier::AtRisk));
    }

    #[test]
    fn the_others_are_cut_at_20_and_50_percent_of_themselves() {
        let mut customers: Vec<Customer> =
            (0..100).map(|i| customer(&format!("{i:03}"), 0.9, f64::from(i), f64::from(i))).collect();
        assign_tiers(&mut customers, 0.5);
        let count = |tier| customers.iter().filter(|c| c.tier == tier).count();
        assert_eq!([count(Tier::High), count(Tier::Medium), count(Tier::Low)], [20, 30, 50]);
        assert_eq!(customers[99].tier, Tier::High);
        assert_eq!(customers[50].tier, Tier::Medium);
        assert_eq!(customers[49].tier, Tier::Low);
    }

    #[test]
    fn equal_values_are_ordered_by_id_so_that_runs_agree() {
        let mut customers: Vec<Customer> =
            ["d", "b", "a", "c", "e"].map(|id| customer(id, 0.9, 1.0, 1.0)).into();
        assign_tiers(&mut customers, 0.5);
        let high: Vec<&str> =
            customers.iter().filter(|c| c.tier == Tier::High).map(|c| c.score.customer_id.as_str()).collect();
        assert_eq!(high, ["a"]);
    }
}
