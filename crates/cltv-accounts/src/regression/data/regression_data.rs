//! Named columns, and the design matrix made of them.

use std::collections::BTreeSet;

use super::error::RegressionError;

/// Levels that a categorical feature may always have.
const LEVELS_ALLOWED: usize = 50;

/// A column's values.
#[derive(Debug, Clone, PartialEq)]
pub enum FeatureValues {
    /// Numbers, in any unit.
    Numeric(Vec<f64>),
    /// Names of categories.
    Categorical(Vec<String>),
}

/// A named column that may explain the target.
#[derive(Debug, Clone, PartialEq)]
pub struct Feature {
    /// Its name.
    pub name: String,
    /// Its values, one for each account.
    pub values: FeatureValues,
}

impl Feature {
    /// A column of numbers.
    #[must_use]
    pub fn numeric(name: &str, values: Vec<f64>) -> Self {
        Self { name: name.to_owned(), values: FeatureValues::Numeric(values) }
    }

    /// A column of categories.
    #[must_use]
    pub fn categorical(name: &str, values: Vec<String>) -> Self {
        Self { name: name.to_owned(), values: FeatureValues::Categorical(values) }
    }

    fn len(&self) -> usize {
        match &self.values {
            FeatureValues::Numeric(values) => values.len(),
            FeatureValues::Categorical(values) => values.len(),
        }
    }

    fn check(&self) -> Result<(), RegressionError> {
        let column = || self.name.clone();
        match &self.values {
            FeatureValues::Numeric(values) => check_finite(&self.name, values),
            FeatureValues::Categorical(values) => {
                if let Some(row) = values.iter().position(|value| value.trim().is_empty()) {
                    return Err(RegressionError::EmptyCategory { column: column(), row: row + 1 });
                }
                let (rows, levels) = (values.len(), levels(values).len());
                let most = most_levels(rows);
                if levels > most {
                    return Err(RegressionError::TooManyLevels { column: column(), levels, rows, most });
                }
                Ok(())
            }
        }
    }

    /// Its columns in the design: itself, or an indicator for each level but the first.
    fn encoded(&self) -> Vec<(String, Vec<f64>)> {
        match &self.values {
            FeatureValues::Numeric(values) => vec![(self.name.clone(), values.clone())],
            FeatureValues::Categorical(values) => levels(values)
                .into_iter()
                .skip(1)
                .map(|level| {
                    let indicator = values.iter().map(|value| f64::from(u8::from(value == level)));
                    (format!("{}_{level}", self.name), indicator.collect())
                })
                .collect(),
        }
    }
}

/// Levels that a categorical feature may have; more of them name accounts.
pub(crate) fn most_levels(rows: usize) -> usize {
    LEVELS_ALLOWED.max(rows / 10)
}

fn levels(values: &[String]) -> BTreeSet<&String> {
    values.iter().collect()
}

fn check_finite(column: &str, values: &[f64]) -> Result<(), RegressionError> {
    match values.iter().position(|value| !value.is_finite()) {
        None => Ok(()),
        Some(k) => {
            Err(RegressionError::NotFinite { column: column.to_owned(), row: k + 1, value: values[k] })
        }
    }
}

/// A target, its features, and their design matrix.
///
/// Columns of the design are in the order of `pandas.get_dummies(drop_first=True)`: numeric features
/// first, then an indicator `feature_level` for each level of each categorical feature but the first,
/// levels sorted by code point. The first level is what the others are compared with.
///
/// # Examples
/// ```
/// use cltv_accounts::regression::{Feature, RegressionData};
/// let plan = ["Pro", "Basic", "Plus"].map(str::to_owned).to_vec();
/// let data = RegressionData::new(
///     "ltv",
///     vec![30.0, 10.0, 20.0],
///     vec![Feature::categorical("plan", plan), Feature::numeric("tenure", vec![3.0, 1.0, 2.0])],
/// )?;
/// assert_eq!(data.design_names(), ["tenure", "plan_Plus", "plan_Pro"]);
/// # Ok::<(), cltv_accounts::regression::RegressionError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct RegressionData {
    target_name: String,
    target: Vec<f64>,
    features: Vec<Feature>,
    names: Vec<String>,
    columns: Vec<Vec<f64>>,
}

impl RegressionData {
    /// Checks the columns and encodes them.
    ///
    /// # Errors
    /// [`RegressionError`] naming the column, the row and the remedy: columns of unequal length,
    /// numbers that are not finite, empty categories, names that occur twice, or a categorical column
    /// with more than 50 levels and more than a tenth of the rows (it would be an account's name).
    pub fn new(target_name: &str, target: Vec<f64>, features: Vec<Feature>) -> Result<Self, RegressionError> {
        let target_name = target_name.to_owned();
        if features.is_empty() {
            return Err(RegressionError::NoFeatures { target: target_name });
        }
        check_finite(&target_name, &target)?;
        for feature in &features {
            let (found, expected) = (feature.len(), target.len());
            if found != expected {
                let column = feature.name.clone();
                return Err(RegressionError::LengthMismatch { column, found, expected });
            }
            feature.check()?;
        }
        let numeric = |feature: &&Feature| matches!(feature.values, FeatureValues::Numeric(_));
        let (first, then): (Vec<&Feature>, Vec<&Feature>) = features.iter().partition(numeric);
        let (names, columns): (Vec<_>, Vec<_>) =
            first.into_iter().chain(then).flat_map(Feature::encoded).unzip();
        let mut seen = BTreeSet::from([&target_name]);
        if let Some(column) = names.iter().find(|name| !seen.insert(name)) {
            return Err(RegressionError::DuplicateColumn { column: column.clone() });
        }
        Ok(Self { target_name, target, features, names, columns })
    }

    /// The number of accounts.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.target.len()
    }

    /// The target's name.
    #[must_use]
    pub fn target_name(&self) -> &str {
        &self.target_name
    }

    /// The target, one value for each account.
    #[must_use]
    pub fn target(&self) -> &[f64] {
        &self.target
    }

    /// The features as given.
    #[must_use]
    pub fn features(&self) -> &[Feature] {
        &self.features
    }

    /// The columns of the design, without the intercept.
    #[must_use]
    pub fn design_names(&self) -> &[String] {
        &self.names
    }

    pub(crate) fn columns(&self) -> &[Vec<f64>] {
        &self.columns
    }

    /// The design and the target at some rows.
    pub(crate) fn at(&self, rows: &[usize]) -> Result<(Vec<Vec<f64>>, Vec<f64>), RegressionError> {
        if let Some(row) = rows.iter().find(|row| **row >= self.rows()) {
            return Err(RegressionError::RowOutside { row: row + 1, rows: self.rows() });
        }
        let pick = |values: &Vec<f64>| rows.iter().map(|&row| values[row]).collect();
        Ok((self.columns.iter().map(pick).collect(), pick(&self.target)))
    }

    /// The same with the logarithm of the target.
    pub(crate) fn logged(&self) -> Result<Self, RegressionError> {
        let count = self.target.iter().filter(|value| **value <= 0.0).count();
        if count > 0 {
            let smallest = self.target.iter().copied().fold(f64::INFINITY, f64::min);
            let target = self.target_name.clone();
            return Err(RegressionError::LogOfNonPositive { target, count, smallest });
        }
        let target = self.target.iter().map(|value| value.ln()).collect();
        Ok(Self { target, ..self.clone() })
    }
}
