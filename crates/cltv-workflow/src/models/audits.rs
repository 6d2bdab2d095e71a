//! Audits of the data and of the fits, in every run.
//!
//! `purchase_counts`, `first_purchases_by_month` and `first_two_intervals` iterate over rows or customers.

use crate::choice::Choice;
use crate::data::Data;
use crate::error::Error;
use crate::models::fits::Models;
use crate::progress::working;
use cltv_models::audit::{
    PurchaseCounts, TIME_UNIT_NOTE, TIME_UNIT_WARNING, dropout_identified, grain_sensitivity, item_rows,
    left_censored_panel, purchase_regularity, repeats_within_grain, small_sample, spend_boundary,
    spend_frequency_correlation, time_unit_sensitivity,
};
use cltv_models::{
    Audit, AuditLevel, DAYS_PER_MONTH, Grain, PurchaseFit, PurchasePredictions, RfmSummary, TimeUnit,
};
use cltv_purchases::Split;
use std::collections::BTreeSet;
use std::fmt;

/// The audits of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Audits {
    /// Each with a level, a figure and a sentence.
    pub list: Vec<Audit>,
}

impl Data {
    /// The audits that need no fit.
    ///
    /// # Errors
    /// As [`Data::split`].
    ///
    /// # Examples
    /// ```
    /// use cltv_workflow::{Input, load};
    /// let audits = load(&Input::new("cdnow"))?.audits("day")?;
    /// assert!(audits.list.iter().any(|audit| audit.name == "small_sample"));
    /// # Ok::<(), cltv_workflow::Error>(())
    /// ```
    pub fn audits(&self, grain: impl Choice<Grain>) -> Result<Audits, Error> {
        let split = self.split(TimeUnit::Week, grain)?;
        Ok(Audits { list: self.audits_of(&split.calibration) })
    }

    /// Audits of the panel as a whole, and of the summary that the calibration is fitted on.
    fn audits_of(&self, summary: &RfmSummary) -> Vec<Audit> {
        let mut list =
            vec![item_rows(self.purchase_counts()), repeats_within_grain(summary), small_sample(summary)];
        list.extend(left_censored_panel(&self.first_purchases_by_month(summary.grain())));
        list.extend(purchase_regularity(&self.first_two_intervals(summary.grain())));
        list.extend(spend_frequency_correlation(summary));
        list
    }

    fn purchase_counts(&self) -> PurchaseCounts {
        let (mut days, mut sharing) = (0, 0);
        for customer in self.purchases.purchases(Grain::Day, self.periods.observation_end) {
            days += customer.purchases.len() as u64;
            sharing +=
                customer.purchases.iter().map(|p| p.rows).filter(|&rows| rows > 1).sum::<usize>() as u64;
        }
        let seen = || self.purchases.rows().iter().filter(|row| row.date <= self.periods.observation_end);
        let orders: BTreeSet<(&str, &str)> =
            seen().filter_map(|row| Some((row.customer_id.as_str(), row.order.as_deref()?))).collect();
        PurchaseCounts {
            rows: seen().count() as u64,
            purchases: days,
            orders: self.purchases.has_orders().then_some(orders.len() as u64),
            rows_sharing_a_day: sharing,
        }
    }

    fn first_purchases_by_month(&self, grain: Grain) -> Vec<u64> {
        let days = (self.periods.observation_end - self.periods.start).num_days() as f64;
        let mut counts = vec![0; (days / DAYS_PER_MONTH) as usize + 1];
        for customer in self.purchases.purchases(grain, self.periods.observation_end) {
            let month = (customer.first() - self.periods.start).num_days() as f64 / DAYS_PER_MONTH;
            counts[month as usize] += 1;
        }
        counts
    }

    /// Days between a customer's first and second, and second and third purchase.
    pub(crate) fn first_two_intervals(&self, grain: Grain) -> Vec<(f64, f64)> {
        let days = |from: &cltv_purchases::Purchase, to: &cltv_purchases::Purchase| {
            (to.date - from.date).num_days() as f64
        };
        self.purchases
            .purchases(grain, self.periods.observation_end)
            .iter()
            .filter_map(|customer| match customer.purchases.as_slice() {
                [first, second, third, ..] => Some((days(first, second), days(second, third))),
                _ => None,
            })
            .collect()
    }
}

/// All audits of a run: of the data, of the calibration fit, and of the fit on everything.
///
/// Two audits depend on the model. BG/NBD: whether a and b are identified, and whether the parameters are the
/// same in another time unit. Other models: whether all parameters are identified, and whether the purchases
/// expected in the holdout are the same in another time unit.
///
/// # Errors
/// [`Error::Data`] when the data cannot be split at another grain; a fit that fails at another
/// grain or unit only leaves its audit out.
///
/// # Examples
/// ```
/// use cltv_workflow::{Input, audit, choose_model, fit_models, load};
/// let data = load(&Input::new("cdnow"))?;
/// let split = data.split("week", "day")?;
/// let model = choose_model(&data, &split, "bg_nbd")?;
/// let fit = model.fit(&split.calibration)?;
/// let audits = audit(&data, &split, &fit, &fit_models(&data.summary("week", "day")?, &model)?)?;
/// assert_eq!(audits.warnings(), 0);
/// # Ok::<(), cltv_workflow::Error>(())
/// ```
pub fn audit(data: &Data, split: &Split, fit: &PurchaseFit, models: &Models) -> Result<Audits, Error> {
    working("Auditing the fits", || all(data, split, fit, models))
}

fn all(data: &Data, split: &Split, fit: &PurchaseFit, models: &Models) -> Result<Audits, Error> {
    let mut list = data.audits_of(&split.calibration);
    // The worse of both fits is reported.
    let dropout = [identified(fit), identified(&models.purchases)];
    list.extend(dropout.into_iter().max_by_key(|audit| audit.level));
    list.extend(models.spend.model().map(spend_boundary));
    list.extend(other_grain(data, split, fit)?);
    list.extend(other_unit(split, fit));
    Ok(Audits { list })
}

fn identified(fit: &PurchaseFit) -> Audit {
    match fit {
        PurchaseFit::BgNbd(fit) => dropout_identified(fit),
        other => other.parameters_identified(),
    }
}

/// Purchases expected of all calibration customers in the holdout.
fn expected(fit: &PurchaseFit, split: &Split) -> f64 {
    let histories = split.calibration.histories().into_iter();
    histories.map(|history| fit.expected_purchases(history, split.duration)).sum()
}

/// The holdout's expected purchases at another grain.
fn other_grain(data: &Data, split: &Split, fit: &PurchaseFit) -> Result<Option<Audit>, Error> {
    let grain = split.calibration.grain();
    let other = if grain == Grain::Day { Grain::Week } else { Grain::Day };
    let there = data.purchases.split(&data.periods, split.calibration.unit(), other)?;
    let Ok(other_fit) = fit.model().fit(&there.calibration) else { return Ok(None) };
    Ok(Some(grain_sensitivity(
        "purchases expected in the holdout",
        grain.name(),
        expected(fit, split),
        other.name(),
        expected(&other_fit, &there),
    )))
}

/// The same answer must come out whatever the unit of time.
fn other_unit(split: &Split, fit: &PurchaseFit) -> Option<Audit> {
    let unit = if fit.unit() == TimeUnit::Day { TimeUnit::Week } else { TimeUnit::Day };
    let there = split.calibration.to_unit(unit);
    let other = fit.model().fit(&there).ok()?;
    if let (PurchaseFit::BgNbd(fit), PurchaseFit::BgNbd(other)) = (fit, &other) {
        return Some(time_unit_sensitivity(fit, other));
    }
    let duration = split.duration * fit.unit().days() / unit.days();
    let histories = there.histories().into_iter();
    let expected_there: f64 = histories.map(|history| other.expected_purchases(history, duration)).sum();
    Some(unit_audit(fit, expected(fit, split), unit, expected_there))
}

/// [`time_unit_sensitivity`] for a model other than BG/NBD, by its purchases expected in the holdout.
fn unit_audit(fit: &PurchaseFit, here: f64, unit: TimeUnit, there: f64) -> Audit {
    let figure = (there / here - 1.0).abs().min(1e6);
    let level = match figure {
        figure if figure < TIME_UNIT_NOTE => AuditLevel::Ok,
        figure if figure < TIME_UNIT_WARNING => AuditLevel::Note,
        _ => AuditLevel::Warning,
    };
    let advice = match level {
        AuditLevel::Ok => "as it must be",
        _ => {
            "which the unit alone cannot cause: times were rounded, or one of the fits is not at its optimum"
        }
    };
    Audit {
        name: "time_unit",
        level,
        figure,
        message: format!(
            "{} fitted in {}s and in {unit}s expects purchases in the holdout that differ by {:.4}% (a note from {:.2}% on), {advice}.",
            fit.name(),
            fit.unit(),
            100.0 * figure,
            100.0 * TIME_UNIT_NOTE
        ),
    }
}

impl Audits {
    /// How many are warnings.
    pub fn warnings(&self) -> usize {
        self.list.iter().filter(|audit| audit.level == AuditLevel::Warning).count()
    }
}

impl fmt::Display for Audits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for audit in &self.list {
            writeln!(f, "{audit}")?;
        }
        match self.warnings() {
            0 => write!(f, "No warning."),
            1 => write!(f, "One warning: understand it before you use the results."),
            n => write!(f, "{n} warnings: understand them before you use the results."),
        }
    }
}
