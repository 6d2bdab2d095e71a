//! Features that know too much: what to look at before a value is explained by them.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::stats::{correlation, mean, rank_correlation};
use crate::table::{AccountTable, Values};
use crate::table_error::TableError;
use crate::words::percent;

/// From this share of the target's variance on, one feature alone explains too much.
const TOO_MUCH: f64 = 0.9;
/// From this rank correlation on, a feature orders the accounts as the target does.
const SAME_ORDER: f64 = 0.98;

/// How closely one feature alone goes with the target.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct LeakageInput {
    /// The feature's column.
    pub feature: String,
    /// Share of the target's variance that it explains alone: the squared correlation of numbers,
    /// the share between levels (eta squared) of categories.
    pub explained: f64,
    /// Spearman's rank correlation; `None` for categories.
    pub rank_correlation: Option<f64>,
    /// Whether it is to be dropped or explained before it is used.
    pub suspicious: bool,
    /// Why, in a sentence.
    pub sentence: String,
}

/// How closely each column alone goes with the target, closest first.
///
/// A column is suspicious when it explains 90 % of the target's variance, orders the accounts
/// as the target does (rank correlation 0.98), has a word of the target's name in its own, or is
/// named in `known_afterwards`: what is known only once the value is known cannot predict it.
///
/// # Errors
/// [`TableError::UnknownColumn`] or [`TableError::WrongKind`] for the target.
///
/// # Examples
/// ```
/// use cltv_revops::{AccountTable, Column, Values, leakage};
/// let numbers = |name: &str, values: [f64; 4]| Column::new(name, Values::Number(values.map(Some).to_vec()));
/// let table = AccountTable::new("in memory", vec![
///     numbers("value", [10.0, 20.0, 40.0, 30.0]),
///     numbers("invoiced", [10.1, 20.0, 39.9, 30.2]),
///     numbers("age", [3.0, 9.0, 4.0, 1.0]),
/// ])?;
/// let found = leakage(&table, "value", &[])?;
/// assert!(found[0].feature == "invoiced" && found[0].suspicious && !found[1].suspicious);
/// # Ok::<(), cltv_revops::TableError>(())
/// ```
pub fn leakage(
    table: &AccountTable,
    target: &str,
    known_afterwards: &[String],
) -> Result<Vec<LeakageInput>, TableError> {
    let values = table.numbers(target)?;
    let mut found = Vec::new();
    for column in table.columns.iter().filter(|column| column.name != target) {
        let measured = match &column.values {
            Values::Number(_) | Values::Flag(_) => numeric(&table.numbers(&column.name)?, &values),
            Values::Text(levels) => (between(levels, &values), None),
            Values::Date(_) => continue,
        };
        let afterwards = known_afterwards.contains(&column.name);
        found.push(judge(&column.name, measured, target, afterwards));
    }
    found.sort_by(|a, b| b.explained.total_cmp(&a.explained));
    Ok(found)
}

fn numeric(feature: &[Option<f64>], target: &[Option<f64>]) -> (f64, Option<f64>) {
    let (x, y): (Vec<f64>, Vec<f64>) = feature.iter().zip(target).filter_map(|(x, y)| (*x).zip(*y)).unzip();
    (correlation(&x, &y).powi(2), Some(rank_correlation(&x, &y)))
}

/// Eta squared; 0 for a column whose levels are all different, such as names.
fn between(levels: &[Option<String>], target: &[Option<f64>]) -> f64 {
    let mut groups: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for (level, value) in levels.iter().zip(target) {
        if let (Some(level), Some(value)) = (level, value) {
            groups.entry(level).or_default().push(*value);
        }
    }
    let all: Vec<f64> = groups.values().flatten().copied().collect();
    let (centre, total) = (mean(&all), all.iter().map(|v| (v - mean(&all)).powi(2)).sum::<f64>());
    // Levels of one row each "explain" everything.
    if 2 * groups.len() > all.len() || total <= 0.0 {
        return 0.0;
    }
    groups.values().map(|group| group.len() as f64 * (mean(group) - centre).powi(2)).sum::<f64>() / total
}

fn judge(
    feature: &str,
    (explained, rank): (f64, Option<f64>),
    target: &str,
    afterwards: bool,
) -> LeakageInput {
    let words = |name: &str| -> Vec<String> {
        name.to_lowercase()
            .split(|c: char| !c.is_alphanumeric())
            .filter(|w| w.len() > 2)
            .map(String::from)
            .collect()
    };
    let shared = words(feature).into_iter().find(|word| words(target).contains(word));
    let same_order = rank.is_some_and(|rank| rank.abs() >= SAME_ORDER);
    let reason = if afterwards {
        Some("is known only once the value is known".to_owned())
    } else if explained >= TOO_MUCH {
        Some(format!("explains {} of the target's variance alone", percent(explained)))
    } else if same_order {
        Some("orders the accounts as the target does".to_owned())
    } else {
        shared.map(|word| format!("has {word:?} in its name, as the target {target:?} has"))
    };
    let sentence = match &reason {
        Some(reason) => format!("{feature} {reason}: drop it, unless it is known beforehand."),
        None => format!("{feature} explains {} of the target's variance alone.", percent(explained)),
    };
    LeakageInput {
        feature: feature.to_owned(),
        explained,
        rank_correlation: rank,
        suspicious: reason.is_some(),
        sentence,
    }
}
