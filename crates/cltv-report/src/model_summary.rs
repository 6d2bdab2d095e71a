//! `model_summary.json`: what was fitted on what, and whether it can be trusted.

use crate::ReportError;
use cltv_models::Audit;
use serde::ser::{Serialize, SerializeMap, Serializer};

/// The data a run was made on.
#[derive(Debug, Clone, serde::Serialize)]
pub struct DataEntry {
    /// Customers with at least one purchase.
    pub customers: usize,
    /// Rows after cleaning.
    pub rows: usize,
    /// Purchases: rows merged by customer and grain.
    pub purchases: usize,
    /// The unit of time of all parameters.
    pub time_unit: String,
    /// The period within which rows are one purchase.
    pub grain: String,
    /// The last day of the calibration period, ISO.
    pub calibration_end: String,
    /// The last day observed, ISO.
    pub observation_end: String,
}

/// The version of the file's form: 2 names the models, which version 1 had in its keys.
pub const VERSION: u32 = 2;

/// One fitted model: its name, its parameters by name, and the properties of its fit.
#[derive(Debug, Clone)]
pub struct FitEntry {
    /// The model's name: "bg_nbd", "gamma_gamma".
    pub model: String,
    /// Parameter names and values, in the model's order.
    pub parameters: Vec<(String, f64)>,
    /// The unpenalised log-likelihood, summed, in the data's own unit.
    pub log_likelihood: f64,
    /// Standard errors by parameter; none when the fit does not determine them.
    pub std_errors: Option<Vec<(String, f64)>>,
    /// 95% intervals by parameter, the lower and the upper end; none when the fit does not determine
    /// them.
    pub intervals: Option<Vec<(String, [f64; 2])>>,
    /// Whether the data determine all parameters.
    pub identified: bool,
}

impl Serialize for FitEntry {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("model", &self.model)?;
        for (name, value) in &self.parameters {
            map.serialize_entry(name, value)?;
        }
        map.serialize_entry("log_likelihood", &self.log_likelihood)?;
        map.serialize_entry("std_errors", &self.std_errors.as_ref().map(|errors| Named(errors)))?;
        map.serialize_entry("intervals", &self.intervals.as_ref().map(|ends| Named(ends)))?;
        map.serialize_entry("identified", &self.identified)?;
        map.end()
    }
}

/// Names and values as an object, in their order.
struct Named<'a, T>(&'a [(String, T)]);

impl<T: Serialize> Serialize for Named<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

/// The models fitted on one period.
#[derive(Debug, Clone, serde::Serialize)]
pub struct PeriodEntry {
    /// The purchase model.
    pub purchases: FitEntry,
    /// The spend model; none without amounts.
    pub spend: Option<FitEntry>,
}

/// How the calibration fit did on purchases it had not seen.
#[derive(Debug, Clone, serde::Serialize)]
pub struct HoldoutEntry {
    /// The holdout's length in time units.
    pub periods: f64,
    /// Repeat purchases that were made.
    pub actual_purchases: u64,
    /// Repeat purchases that were expected.
    pub expected_purchases: f64,
    /// Lower end of the interval of the purchases, from parameters and chance.
    pub expected_low: f64,
    /// Upper end.
    pub expected_high: f64,
    /// Level of the interval.
    pub level: f64,
    /// Whether it covers the purchases made.
    pub inside_interval: bool,
    /// Mean absolute error over customers, in purchases.
    pub mae: f64,
    /// Root of the mean squared error over customers, in purchases.
    pub rmse: f64,
}

/// What all customers together are worth.
#[derive(Debug, Clone, serde::Serialize)]
pub struct ValueEntry {
    /// Months ahead.
    pub horizon_months: u32,
    /// Annual discount rate.
    pub discount_annual: f64,
    /// Share of spend that is kept.
    pub margin: f64,
    /// The value; none without amounts.
    pub clv: Option<f64>,
    /// Lower end of its interval; none where a fit is not identified.
    pub clv_low: Option<f64>,
    /// Upper end.
    pub clv_high: Option<f64>,
    /// Purchases expected of all customers within the horizon.
    pub purchases: f64,
    /// Lower end of their prediction interval, which contains parameter uncertainty and the customers' chance.
    pub purchases_low: f64,
    /// Upper end.
    pub purchases_high: f64,
    /// Level of the intervals.
    pub level: f64,
    /// Draws of the parameters that the interval of the value is made of.
    pub draws: usize,
    /// Their seed.
    pub seed: u64,
}

/// One audit.
#[derive(Debug, Clone, serde::Serialize)]
pub struct AuditEntry {
    /// The audit.
    pub name: String,
    /// ok, note or warning.
    pub level: String,
    /// The figure that decides the level.
    pub figure: f64,
    /// The finding in words.
    pub message: String,
}

impl From<&Audit> for AuditEntry {
    fn from(audit: &Audit) -> Self {
        AuditEntry {
            name: audit.name.to_string(),
            level: audit.level.to_string(),
            figure: audit.figure,
            message: audit.message.clone(),
        }
    }
}

/// The content of `model_summary.json`.
#[derive(Debug, Clone, serde::Serialize)]
pub struct ModelSummary {
    /// [`VERSION`].
    pub version: u32,
    /// The purchase model's name: "bg_nbd".
    pub model: String,
    /// The data.
    pub data: DataEntry,
    /// Fitted until the calibration end.
    pub calibration: PeriodEntry,
    /// Fitted on everything.
    pub full: PeriodEntry,
    /// The value of all customers.
    pub value: ValueEntry,
    /// The test on the holdout.
    pub holdout: HoldoutEntry,
    /// All audits.
    pub audits: Vec<AuditEntry>,
}

impl ModelSummary {
    /// The summary as indented JSON with a final newline.
    ///
    /// # Errors
    /// When a figure is not finite.
    pub fn to_json(&self) -> Result<String, ReportError> {
        // JSON has no form for a number that is not finite; serde would write null silently.
        if let Some(name) = self.not_finite() {
            return Err(ReportError::Json { reason: format!("{name} is not finite") });
        }
        let text = serde_json::to_string_pretty(self)
            .map_err(|error| ReportError::Json { reason: error.to_string() })?;
        Ok(text + "\n")
    }

    fn not_finite(&self) -> Option<String> {
        let fits = [&self.calibration, &self.full]
            .into_iter()
            .flat_map(|period| std::iter::once(&period.purchases).chain(period.spend.iter()));
        let fitted = fits.flat_map(|fit| {
            let model = fit.model.as_str();
            let errors = fit.std_errors.iter().flatten();
            let ends = fit.intervals.iter().flatten().flat_map(|(name, ends)| ends.map(|end| (name, end)));
            let numbers = fit.parameters.iter().chain(errors).map(|(name, v)| (name, *v)).chain(ends);
            let numbers = numbers.map(move |(name, v)| (format!("{model}'s {name}"), v));
            numbers.chain([(format!("{model}'s log-likelihood"), fit.log_likelihood)])
        });
        let holdout = &self.holdout;
        let tested = [
            holdout.periods,
            holdout.expected_purchases,
            holdout.expected_low,
            holdout.expected_high,
            holdout.mae,
            holdout.rmse,
        ];
        let worth = [self.value.clv, self.value.clv_low, self.value.clv_high].into_iter().flatten();
        fitted
            .chain(tested.map(|v| ("a figure of the holdout".to_owned(), v)))
            .chain(worth.map(|v| ("a figure of the value".to_owned(), v)))
            .chain(self.audits.iter().map(|a| (format!("the audit {}", a.name), a.figure)))
            .find_map(|(name, value)| (!value.is_finite()).then_some(name))
    }
}
