//! The questions that no fit asks of its data, asked for every run.

use crate::Error;
use crate::fits::Models;
use crate::load::Data;
use crate::progress::working;
use cltv_models::audit::{
    PurchaseCounts, dropout_identified, grain_sensitivity, item_rows, left_censored_panel,
    purchase_regularity, repeats_within_grain, small_sample, spend_boundary, spend_frequency_correlation,
    time_unit_sensitivity,
};
use cltv_models::{Audit, AuditLevel, BgNbd, DAYS_PER_MONTH, Fitted, Grain, RfmSummary, TimeUnit};
use cltv_purchases::Split;
use std::collections::BTreeSet;
use std::fmt;

/// The answers, in the order in which they were asked.
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
    pub fn audits(&self, grain: &str) -> Result<Audits, Error> {
        let split = self.split(TimeUnit::Week.name(), grain)?;
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
/// # Errors
/// [`Error::Data`] when the data cannot be split at another grain; a fit that fails at another
/// grain or unit only leaves its audit out.
pub fn audit(data: &Data, split: &Split, fit: &Fitted<BgNbd>, models: &Models) -> Result<Audits, Error> {
    working("Auditing the fits", || all(data, split, fit, models))
}

fn all(data: &Data, split: &Split, fit: &Fitted<BgNbd>, models: &Models) -> Result<Audits, Error> {
    let mut list = data.audits_of(&split.calibration);
    // The worse of both fits is the one to know of.
    let dropout = [fit, &models.purchases].map(|fit| dropout_identified(&fit.clone().into()));
    list.extend(dropout.into_iter().flatten().max_by_key(|audit| audit.level));
    list.extend(models.spend.model().map(spend_boundary));
    list.extend(other_grain(data, split, fit)?);
    list.extend(other_unit(split, fit));
    Ok(Audits { list })
}

/// The holdout's expected purchases at another grain.
fn other_grain(data: &Data, split: &Split, fit: &Fitted<BgNbd>) -> Result<Option<Audit>, Error> {
    let grain = split.calibration.grain();
    let other = if grain == Grain::Day { Grain::Week } else { Grain::Day };
    let there = data.purchases.split(&data.periods, split.calibration.unit(), other)?;
    let Ok(other_fit) = BgNbd::default().fit(&there.calibration) else { return Ok(None) };
    let expected = |fit: &Fitted<BgNbd>, split: &Split| -> f64 {
        split.calibration.histories().into_iter().map(|h| fit.expected_purchases(h, split.duration)).sum()
    };
    Ok(Some(grain_sensitivity(
        "purchases expected in the holdout",
        grain.name(),
        expected(fit, split),
        other.name(),
        expected(&other_fit, &there),
    )))
}

/// The same parameters must come out whatever the unit of time.
fn other_unit(split: &Split, fit: &Fitted<BgNbd>) -> Option<Audit> {
    let unit = if fit.unit() == TimeUnit::Day { TimeUnit::Week } else { TimeUnit::Day };
    let other = BgNbd::default().fit(&split.calibration.to_unit(unit)).ok()?;
    Some(time_unit_sensitivity(&fit.clone().into(), &other.into()))
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
