//! Target leakage: features that are known only once the target is known.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use super::regression_data::{Feature, FeatureValues, RegressionData};
use crate::numeric::{correlation, rank_correlation, sum_of_squared_deviations};
use crate::text::{aligned, named};

/// Share of the target explained by one feature from which it is suspicious.
pub const SUSPICIOUS_FROM: f64 = 0.80;
/// Share from which it is a leak: it nearly determines the target.
pub const LEAK_FROM: f64 = 0.95;

/// How strongly a feature alone explains the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LeakageLevel {
    /// Below the threshold of suspicion.
    Ok,
    /// It may be known only after the target.
    Suspicious,
    /// It nearly determines the target.
    Leak,
}

named!(LeakageLevel, "leakage level", Ok => "ok", Suspicious => "suspicious", Leak => "leak");

/// One feature alone against the target.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LeakageRow {
    /// The feature.
    pub feature: String,
    /// Share of the target's variation that it explains alone: squared correlation of a numeric
    /// feature; η² of a categorical one, adjusted for its number of levels.
    pub explained: f64,
    /// Squared rank correlation (Spearman), which detects any increasing function of the target; NaN
    /// for a categorical feature.
    pub rank_explained: f64,
    /// By the larger of both: from 0.80 suspicious, from 0.95 a leak.
    pub level: LeakageLevel,
}

impl LeakageRow {
    fn of(feature: &Feature, target: &[f64]) -> Self {
        let (explained, rank_explained) = match &feature.values {
            FeatureValues::Numeric(values) => {
                (correlation(values, target).powi(2), rank_correlation(values, target).powi(2))
            }
            FeatureValues::Categorical(values) => (adjusted_eta(values, target), f64::NAN),
        };
        let level = match explained.max(rank_explained) {
            most if most >= LEAK_FROM => LeakageLevel::Leak,
            most if most >= SUSPICIOUS_FROM => LeakageLevel::Suspicious,
            _ => LeakageLevel::Ok,
        };
        Self { feature: feature.name.clone(), explained, rank_explained, level }
    }

    /// A sentence for a suspicious feature or a leak.
    #[must_use]
    pub fn sentence(&self) -> Option<String> {
        let most = 100.0 * self.explained.max(self.rank_explained);
        match self.level {
            LeakageLevel::Ok => None,
            LeakageLevel::Suspicious => Some(format!(
                "{} alone explains {most:.1}% of the target, at or above the {:.0}% from which a feature is suspicious: make sure that it is known before the value is.",
                self.feature,
                100.0 * SUSPICIOUS_FROM
            )),
            LeakageLevel::Leak => Some(format!(
                "{} alone explains {most:.1}% of the target, at or above the {:.0}% from which it is a leak: put it in drop_columns unless it is known before the value.",
                self.feature,
                100.0 * LEAK_FROM
            )),
        }
    }
}

/// Every feature alone against the target, the strongest first.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LeakageReport {
    /// One row a feature.
    pub rows: Vec<LeakageRow>,
}

impl LeakageReport {
    /// The names of features that nearly determine the target.
    #[must_use]
    pub fn leaks(&self) -> Vec<String> {
        let leaks = self.rows.iter().filter(|row| row.level == LeakageLevel::Leak);
        leaks.map(|row| row.feature.clone()).collect()
    }
}

impl fmt::Display for LeakageReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let share = |value: f64| if value.is_nan() { "-".into() } else { format!("{:.1}", 100.0 * value) };
        let rows = self.rows.iter().map(|row| {
            vec![row.feature.clone(), share(row.explained), share(row.rank_explained), row.level.to_string()]
        });
        writeln!(f, "{}", aligned(&["feature", "explains %", "by rank %", "level"], rows))?;
        let mut sentences = self.rows.iter().filter_map(LeakageRow::sentence).peekable();
        if sentences.peek().is_none() {
            return write!(f, "No feature alone explains {:.0}% of the target.", 100.0 * SUSPICIOUS_FROM);
        }
        f.write_str(&sentences.collect::<Vec<_>>().join("\n"))
    }
}

impl RegressionData {
    /// Whether a feature nearly determines the target, over all rows.
    ///
    /// # Examples
    /// ```
    /// use cltv_accounts::regression::{Feature, RegressionData};
    /// let value: Vec<f64> = (1..30).map(|k| f64::from(k * k % 17)).collect();
    /// let tenure = (1..30).map(|k| f64::from(k % 7)).collect();
    /// let invoiced = value.iter().map(|v| (0.1 * v).exp()).collect();
    /// let features = vec![Feature::numeric("tenure", tenure), Feature::numeric("invoiced", invoiced)];
    /// let report = RegressionData::new("ltv", value, features)?.leakage();
    /// assert_eq!(report.leaks(), ["invoiced"]);
    /// # Ok::<(), cltv_accounts::regression::RegressionError>(())
    /// ```
    #[must_use]
    pub fn leakage(&self) -> LeakageReport {
        let row = |feature| LeakageRow::of(feature, self.target());
        let mut rows: Vec<LeakageRow> = self.features().iter().map(row).collect();
        rows.sort_by(|a, b| b.explained.max(b.rank_explained).total_cmp(&a.explained.max(a.rank_explained)));
        LeakageReport { rows }
    }
}

/// 1 − (1 − η²)(n − 1) / (n − levels), at least 0.
fn adjusted_eta(categories: &[String], target: &[f64]) -> f64 {
    let mut groups: BTreeMap<&String, Vec<f64>> = BTreeMap::new();
    for (category, value) in categories.iter().zip(target) {
        groups.entry(category).or_default().push(*value);
    }
    let (n, levels, all) = (target.len() as f64, groups.len() as f64, sum_of_squared_deviations(target));
    let within: f64 = groups.values().map(|group| sum_of_squared_deviations(group)).sum();
    if all > 0.0 && n > levels { (1.0 - within / all * (n - 1.0) / (n - levels)).max(0.0) } else { 0.0 }
}
