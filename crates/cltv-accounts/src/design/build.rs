//! The design of a regression from a prepared table: which columns are features, and which are left out.

use super::rules::DesignRules;
use crate::accounts::Accounts;
use crate::regression::{Feature, RegressionData, RegressionError, most_levels};
use crate::table::{AccountTable, Column, Values};
use crate::text::{count, counted, quoted};

/// A target with its features, and what was left out.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Design {
    /// Target and features.
    pub data: RegressionData,
    /// What was left out or made, and why, one sentence each.
    pub notes: Vec<String>,
}

/// Takes the features out of a prepared table.
///
/// Left out are the columns in `drop`, the id, days, and texts with so many values that they identify
/// accounts. Months of spending are replaced by features of the first `feature_months`; where these
/// cannot be made, the months stay. Everything else is a feature: numbers and flags (0 and 1) as they
/// are, texts as categories.
///
/// # Errors
/// [`RegressionError::Table`] for a target or a dropped column that is not there, or a target that is
/// no number; else as [`RegressionData::new`].
///
/// # Examples
/// ```
/// use cltv_accounts::{AccountTable, Column, DesignRules, design};
/// let columns = vec![
///     Column::texts("account_id", ["A", "B", "C"]),
///     Column::texts("region", ["North", "South", "North"]),
///     Column::numbers("income", [5.0, 6.0, 7.0]),
///     Column::numbers("ltv", [90.0, 80.0, 10.0]),
/// ];
/// let table = AccountTable::new("crm.xlsx", columns)?;
/// let rules = DesignRules { target: "ltv".into(), ..DesignRules::default() };
/// assert_eq!(design(&table, &rules)?.data.design_names(), ["income", "region_South"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn design(table: &AccountTable, rules: &DesignRules) -> Result<Design, RegressionError> {
    let target = table.all_numbers(&rules.target)?;
    let (made, mut notes) = history(table, rules);
    for name in rules.drop.iter().filter(|name| !made.has(name)) {
        table.find(name)?;
    }
    let table = made;
    let mut left_out = LeftOut::default();
    let mut features = Vec::new();
    for column in table.columns.iter().filter(|column| column.name != rules.target) {
        if let Some(values) = left_out.feature_of(column, rules) {
            features.push(values);
        }
    }
    notes.extend(left_out.sentences());
    Ok(Design { data: RegressionData::new(&rules.target, target, features)?, notes })
}

/// The table with its months replaced by features, where these can be made.
fn history(table: &AccountTable, rules: &DesignRules) -> (AccountTable, Vec<String>) {
    let months = table.months(&rules.columns.months);
    if months.is_empty() || rules.feature_months == 0 {
        return (table.clone(), Vec::new());
    }
    let made =
        Accounts::of(table, &rules.columns).and_then(|all| all.with_features(table, rules.feature_months));
    match made {
        Ok(mut made) => {
            made.columns.retain(|column| !months.iter().any(|(_, name)| *name == column.name));
            let (first, last) = (&months[0].1, &months[months.len() - 1].1);
            let note = format!(
                "The {} from {first} to {last} are replaced by features of the first {}.",
                counted(months.len(), "month"),
                count(rules.feature_months.min(months.len()))
            );
            (made, vec![note])
        }
        Err(error) => {
            let note =
                format!("The months of spending stay as they are, because no features can be made: {error}.");
            (table.clone(), vec![note])
        }
    }
}

/// The names of columns that are no features, by reason.
#[derive(Debug, Default)]
struct LeftOut {
    dropped: Vec<String>,
    names: Vec<String>,
    days: Vec<String>,
}

impl LeftOut {
    /// The column as a feature, unless it is left out.
    fn feature_of(&mut self, column: &Column, rules: &DesignRules) -> Option<Feature> {
        let name = &column.name;
        if rules.drop.contains(name) {
            self.dropped.push(name.clone());
            return None;
        }
        if *name == rules.id {
            self.names.push(name.clone());
            return None;
        }
        match &column.values {
            Values::Number(values) => Some(Feature::numeric(name, filled(values))),
            Values::Flag(values) => {
                let numbers: Vec<Option<f64>> = values.iter().map(|flag| flag.map(f64::from)).collect();
                Some(Feature::numeric(name, filled(&numbers)))
            }
            Values::Text(values) => {
                let texts: Vec<String> = values.iter().map(|text| text.clone().unwrap_or_default()).collect();
                if names_accounts(&texts) {
                    self.names.push(name.clone());
                    return None;
                }
                Some(Feature::categorical(name, texts))
            }
            Values::Date(_) => {
                self.days.push(name.clone());
                None
            }
        }
    }

    fn sentences(&self) -> Vec<String> {
        let all = [
            (&self.dropped, "because drop_columns lists them"),
            (&self.names, "because they identify accounts"),
            (&self.days, "because dates are not numeric; add a column with the time since then"),
        ];
        let sentence = |(names, why): &(&Vec<String>, &str)| format!("Left out {why}: {}.", quoted(names));
        all.iter().filter(|(names, _)| !names.is_empty()).map(sentence).collect()
    }
}

/// A missing number is none; the regression names its column and row.
fn filled(values: &[Option<f64>]) -> Vec<f64> {
    values.iter().map(|value| value.unwrap_or(f64::NAN)).collect()
}

fn names_accounts(texts: &[String]) -> bool {
    let levels: std::collections::BTreeSet<&String> = texts.iter().collect();
    levels.len() > most_levels(texts.len())
}
