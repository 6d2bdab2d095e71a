//! Regression of the target on the columns of the accounts.

use crate::accounts::load::Crm;
use crate::choice::Choice;
use crate::error::Error;
use crate::progress::working;
use cltv_accounts::DesignRules;
use cltv_accounts::regression::{
    CrossValidation, Folds, LeakageReport, LinearFit, ModelComparison, ModelPredictions, MultiplicativeFit,
    RegressionData, RegressionSummary, Split, SplitRule,
};
use cltv_report::numbers::whole;
use std::fmt;

/// A target with its features, and what was left out.
#[derive(Debug, Clone)]
pub struct Design {
    /// Target and features.
    pub data: RegressionData,
    /// What was left out or made, and why.
    pub notes: Vec<String>,
    /// The accounts' ids, in the order of the rows.
    pub ids: Vec<String>,
    rows: Vec<u32>,
}

impl Crm {
    /// The target with all columns that may explain it.
    ///
    /// `drop_columns` lists names, with commas between them, or semicolons where a name contains a comma.
    /// Empty, it drops `churned` from the embedded workbook (known only once an account has left) and
    /// nothing elsewhere. Months of spending give way to features of the first `feature_months`; 0
    /// keeps them.
    ///
    /// # Errors
    /// [`Error::Regression`] for a dropped column that is not there, or features that cannot be.
    ///
    /// # Examples
    /// ```
    /// use cltv_workflow::*;
    /// let book = load_crm(&CrmInput::new("crm_accounts"))?;
    /// let design = book.design("", 12)?;
    /// assert_eq!(design.ids.len(), book.table.len());
    /// # Ok::<(), cltv_workflow::Error>(())
    /// ```
    pub fn design(&self, drop_columns: &str, feature_months: usize) -> Result<Design, Error> {
        let drop_columns =
            if drop_columns.trim().is_empty() && self.simulated { "churned" } else { drop_columns };
        let rules = DesignRules {
            target: self.target.clone(),
            id: self.columns.id.clone(),
            drop: names(drop_columns),
            feature_months,
            columns: self.columns.clone(),
        };
        let made = cltv_accounts::design(&self.table, &rules)?;
        Ok(Design { data: made.data, notes: made.notes, ids: self.ids(), rows: self.table.rows.clone() })
    }
}

fn names(list: &str) -> Vec<String> {
    let between = if list.contains(';') { ';' } else { ',' };
    list.split(between).map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

impl Design {
    /// Whether a feature alone nearly determines the target.
    ///
    /// # Examples
    /// ```
    /// use cltv_workflow::*;
    /// let book = load_crm(&CrmInput::new("crm_accounts"))?;
    /// let design = book.design("", 12)?;
    /// assert!(!design.leakage().rows.is_empty());
    /// # Ok::<(), cltv_workflow::Error>(())
    /// ```
    pub fn leakage(&self) -> LeakageReport {
        self.data.leakage()
    }

    /// Training rows and test rows; `split` is "sklearn" (the rows that scikit-learn's
    /// `train_test_split` takes) or "own".
    ///
    /// # Errors
    /// [`Error::Regression`] for another word, a share that leaves a side empty, or a seed that
    /// scikit-learn would not take.
    ///
    /// # Examples
    /// ```
    /// use cltv_workflow::*;
    /// let book = load_crm(&CrmInput::new("crm_accounts"))?;
    /// let design = book.design("", 12)?;
    /// let parts = design.split("sklearn", 0.20, 42)?;
    /// assert_eq!(parts.test.len(), parts.train.len() / 4);
    /// # Ok::<(), cltv_workflow::Error>(())
    /// ```
    pub fn split(&self, split: impl Choice<SplitRule>, test_share: f64, seed: u64) -> Result<Split, Error> {
        let rule = split.chosen()?;
        Ok(rule.split(self.data.rows(), test_share, seed)?)
    }

    /// Least squares on the training rows, measured on both sides of the split.
    ///
    /// # Errors
    /// [`Error::Regression`], such as too few rows for the columns.
    ///
    /// # Examples
    /// ```
    /// use cltv_workflow::*;
    /// let book = load_crm(&CrmInput::new("crm_accounts"))?;
    /// let design = book.design("", 12)?;
    /// let parts = design.split("sklearn", 0.20, 42)?;
    /// assert!(design.fit(&parts)?.test.r2 > 0.5);
    /// # Ok::<(), cltv_workflow::Error>(())
    /// ```
    pub fn fit(&self, parts: &Split) -> Result<LinearFit, Error> {
        Ok(self.data.fit(parts)?)
    }

    /// The multiplicative model on the training rows: predictions above 0, coefficients that multiply.
    ///
    /// # Errors
    /// [`Error::Regression`], such as a target that adds up to no more than 0.
    ///
    /// # Examples
    /// ```
    /// use cltv_workflow::*;
    /// let book = load_crm(&CrmInput::new("crm_accounts"))?;
    /// let design = book.design("", 12)?;
    /// let parts = design.split("sklearn", 0.20, 42)?;
    /// assert!(design.fit_multiplicative(&parts)?.test.n > 0);
    /// # Ok::<(), cltv_workflow::Error>(())
    /// ```
    pub fn fit_multiplicative(&self, parts: &Split) -> Result<MultiplicativeFit, Error> {
        Ok(self.data.fit_multiplicative(parts)?)
    }

    /// Least squares by five folds of the training rows, shuffled by the seed.
    ///
    /// # Errors
    /// [`Error::Regression`], such as too few rows for the folds.
    ///
    /// # Examples
    /// ```
    /// use cltv_workflow::*;
    /// let book = load_crm(&CrmInput::new("crm_accounts"))?;
    /// let design = book.design("", 12)?;
    /// let parts = design.split("sklearn", 0.20, 42)?;
    /// assert_eq!(design.folds(&parts, 42)?.folds.len(), 5);
    /// # Ok::<(), cltv_workflow::Error>(())
    /// ```
    pub fn folds(&self, parts: &Split, seed: u64) -> Result<CrossValidation, Error> {
        Ok(self.data.cross_validate(&parts.train, &five(seed))?)
    }

    /// Least squares, ridge, lasso, a log target and the multiplicative model beside each other.
    ///
    /// # Errors
    /// [`Error::Regression`]: what any of the fits refuses.
    pub fn compare(&self, parts: &Split, seed: u64) -> Result<ModelComparison, Error> {
        let what = format!("Comparing models on {} accounts", whole(parts.train.len() as f64));
        working(&what, || Ok(self.data.compare_models(parts, &five(seed))?))
    }

    /// The model with the lowest error over the folds, and what it predicts of all rows.
    ///
    /// # Errors
    /// As [`Design::compare`].
    ///
    /// # Examples
    /// ```
    /// use cltv_workflow::*;
    /// let book = load_crm(&CrmInput::new("crm_accounts"))?;
    /// let design = book.design("", 12)?;
    /// let parts = design.split("sklearn", 0.20, 42)?;
    /// let best = design.best(&parts, &design.compare(&parts, 42)?)?;
    /// assert_eq!(best.values.len(), design.ids.len());
    /// # Ok::<(), cltv_workflow::Error>(())
    /// ```
    pub fn best(&self, parts: &Split, comparison: &ModelComparison) -> Result<Best, Error> {
        let ModelPredictions { summary, values, .. } = self.data.fit_best(parts, comparison)?;
        let pick = |of: &[f64]| parts.test.iter().map(|&row| of[row]).collect();
        let (test_actual, test_predicted) = (pick(self.data.target()), pick(&values));
        Ok(Best {
            summary,
            values,
            test_actual,
            test_predicted,
            negative_predictions: comparison.negative_predictions.clone(),
        })
    }

    /// The names of rows, by their places.
    pub fn names_of(&self, rows: &[usize]) -> Vec<String> {
        rows.iter().map(|&row| self.ids.get(row).cloned().unwrap_or_else(|| format!("row {row}"))).collect()
    }
}

fn five(seed: u64) -> Folds {
    // Folds need no agreement with another program beyond 32 bits.
    Folds { count: 5, seed: Some(seed as u32) }
}

impl fmt::Display for Design {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "Target {} in {} rows, explained by {} features in {} columns of the design:",
            self.data.target_name(),
            whole(self.rows.len() as f64),
            self.data.features().len(),
            self.data.design_names().len()
        )?;
        writeln!(f, "{}.", self.data.design_names().join(", "))?;
        f.write_str(&self.notes.join("\n"))
    }
}

/// The model that folds of the training rows chose, and its predictions.
#[derive(Debug, Clone)]
pub struct Best {
    /// The model in figures.
    pub summary: RegressionSummary,
    /// Its prediction for each row, in the design's order.
    pub values: Vec<f64>,
    /// Actual values of the test rows.
    pub test_actual: Vec<f64>,
    /// Its predictions of them.
    pub test_predicted: Vec<f64>,
    /// A sentence where the linear model predicts amounts below 0 for more rows than have one.
    pub negative_predictions: Option<String>,
}

impl Best {
    /// Rows for which it predicts an amount below 0.
    pub fn below_zero(&self) -> usize {
        self.values.iter().filter(|value| **value < 0.0).count()
    }
}

impl fmt::Display for Best {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let below = match self.below_zero() {
            0 => "none".to_owned(),
            below => whole(below as f64),
        };
        let rows = whole(self.values.len() as f64);
        write!(f, "{}\nOf {rows} predictions, {below} are below zero.", self.summary)?;
        self.negative_predictions.iter().try_for_each(|note| write!(f, "\n{note}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_columns_take_commas_or_semicolons() {
        assert_eq!(names(" a, b ,,"), ["a", "b"]);
        assert_eq!(names("Income, yearly; b"), ["Income, yearly", "b"]);
        assert!(names("").is_empty());
    }
}
