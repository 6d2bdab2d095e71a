//! Audits of the data and of the fits, in every run.

use crate::choice::Choice;
use crate::data::Data;
use crate::error::Error;
use crate::models::fits::Models;
use crate::progress::working;
use cltv_models::audit::{
    GrainForecast, PurchaseCounts, dropout_identified, grain_sensitivity, item_rows, left_censored_panel,
    parameters_identified, purchase_regularity, repeats_within_grain, small_sample, spend_boundary,
    spend_frequency_correlation, time_unit_sensitivity,
};
use cltv_models::{
    Audit, AuditLevel, DAYS_PER_MONTH, Grain, PurchaseFit, PurchasePredictions, RfmSummary, TimeUnit,
};
use cltv_purchases::{Purchases, Split};
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
        Ok(Audits { list: self.audits_of(&split.calibration)? })
    }

    /// Audits of the panel as a whole, and of the summary that the calibration is fitted on.
    fn audits_of(&self, summary: &RfmSummary) -> Result<Vec<Audit>, Error> {
        let counts = self.purchase_counts()?;
        let intervals = self.first_two_intervals(summary.grain())?;
        let mut list = vec![item_rows(counts), repeats_within_grain(summary), small_sample(summary)];
        list.extend(left_censored_panel(&self.first_purchases_by_month()?));
        list.extend(purchase_regularity(&intervals));
        list.extend(spend_frequency_correlation(summary));
        Ok(list)
    }

    /// Rows and purchase days until the observation's end.
    fn purchase_counts(&self) -> Result<PurchaseCounts, Error> {
        let of = |days: &Purchases| {
            let rows = |rows: &mut dyn Iterator<Item = u32>| rows.map(u64::from).sum::<u64>();
            let all = rows(&mut days.rows.iter().copied());
            [all, days.len() as u64, rows(&mut days.rows.iter().copied().filter(|&n| n > 1))]
        };
        let blocks = self.purchases.of_purchases(Grain::Day, self.periods.observation_end, of)?;
        let [rows, purchases, rows_sharing_a_day] =
            [0, 1, 2].map(|at: usize| blocks.iter().map(|block| block[at]).sum());
        // Lines of an order are one row since the cleaning.
        let orders = self.purchases.has_orders().then_some(rows);
        Ok(PurchaseCounts { rows, purchases, orders, rows_sharing_a_day })
    }

    fn first_purchases_by_month(&self) -> Result<Vec<u64>, Error> {
        let days = (self.periods.observation_end - self.periods.start).num_days() as f64;
        let mut counts = vec![0; (days / DAYS_PER_MONTH) as usize + 1];
        for birth in self.purchases.tracking(&self.periods, Grain::Day, false)?.births {
            let month = (birth.day - self.periods.start).num_days() as f64 / DAYS_PER_MONTH;
            counts[month as usize] += birth.customers;
        }
        Ok(counts)
    }

    /// Days between a customer's first and second, and second and third purchase.
    pub(crate) fn first_two_intervals(&self, grain: Grain) -> Result<Vec<(f64, f64)>, Error> {
        let end = self.periods.observation_end;
        Ok(self.purchases.of_purchases(grain, end, first_two_intervals)?.concat())
    }
}

fn first_two_intervals(purchases: &Purchases) -> Vec<(f64, f64)> {
    let days = |from: usize| f64::from(purchases.day[from + 1] - purchases.day[from]);
    let several = purchases.by_customer().filter(|own| own.len() > 2);
    several.map(|own| (days(own.start), days(own.start + 1))).collect()
}

/// All audits of a run: of the data, of the calibration fit, and of the fit on everything.
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
    let mut list = data.audits_of(&split.calibration)?;
    list.push(of_calibration(identified(fit)));
    list.push(of_all_data(identified(&models.purchases)));
    list.extend(models.spend.model().map(spend_boundary));
    list.extend(other_grain(data, split, fit)?);
    list.extend(other_unit(split, fit));
    Ok(Audits { list })
}

/// An audit that names the fit it is about: the one on the calibration, which the holdout tests.
fn of_calibration(audit: Audit) -> Audit {
    let name = match audit.name {
        "dropout_identified" => "dropout_identified_in_calibration",
        _ => "parameters_identified_in_calibration",
    };
    Audit { name, message: format!("Fit on the calibration: {}", audit.message), ..audit }
}

/// An audit that names the fit it is about: the one on all data, which values rest on.
fn of_all_data(audit: Audit) -> Audit {
    Audit { message: format!("Fit on all data: {}", audit.message), ..audit }
}

/// Whether dropout is identified; of a model without dropout, whether all its parameters are.
fn identified(fit: &PurchaseFit) -> Audit {
    dropout_identified(fit).unwrap_or_else(|| parameters_identified(fit))
}

/// Purchases expected of all calibration customers in the holdout.
fn expected(fit: &PurchaseFit, calibration: &RfmSummary, duration: f64) -> Result<f64, Error> {
    Ok(fit.expected_purchases_all(calibration, duration)?.iter().sum())
}

/// The forecast of the holdout at the grain in use and at another one, each against the purchases of its own grain; spend
/// does not count.
fn other_grain(data: &Data, split: &Split, fit: &PurchaseFit) -> Result<Option<Audit>, Error> {
    let grain = split.calibration.grain();
    let other = if grain == Grain::Day { Grain::Week } else { Grain::Day };
    let unit = split.calibration.unit();
    let there = data.purchases.without_amounts().split(&data.periods, unit, other)?;
    let Ok(other_fit) = fit.model().fit(&there.calibration) else { return Ok(None) };
    let forecast = |split: &Split, fit: &PurchaseFit| -> Result<GrainForecast, Error> {
        Ok(GrainForecast {
            grain: split.calibration.grain(),
            expected: expected(fit, &split.calibration, split.duration)?,
            actual: split.actual_purchases(),
        })
    };
    Ok(Some(grain_sensitivity(forecast(split, fit)?, forecast(&there, &other_fit)?)))
}

/// The same answer must come out whatever the unit of time.
fn other_unit(split: &Split, fit: &PurchaseFit) -> Option<Audit> {
    let unit = if fit.unit() == TimeUnit::Day { TimeUnit::Week } else { TimeUnit::Day };
    let there = split.calibration.to_unit(unit);
    let other = fit.model().fit(&there).ok()?;
    Some(time_unit_sensitivity(fit, &other))
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
