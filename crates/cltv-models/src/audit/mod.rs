//! Audits of data and fits: each gives a level, a figure and a sentence.
//!
//! A fit that converged can still be meaningless. Every audit compares one figure with documented
//! thresholds: below the first it is `Ok`, from it on a `Note`, from the second on a `Warning`.

mod data;
mod fits;
mod holdout;
mod joins;

use std::fmt;

use serde::Serialize;

pub use data::{
    CENSORED_NOTE, CENSORED_WARNING, CORRELATION_NOTE, CORRELATION_WARNING, ITEM_ROWS_NOTE,
    ITEM_ROWS_WARNING, MIN_FIRST_PURCHASES, MIN_INTERVALS, PurchaseCounts, REGULARITY_NOTE,
    REGULARITY_WARNING, SMALL_SAMPLE_NOTE, SMALL_SAMPLE_WARNING, WITHIN_GRAIN_NOTE, WITHIN_GRAIN_WARNING,
    item_rows, left_censored_panel, purchase_regularity, repeats_within_grain, small_sample, spearman,
    spend_frequency_correlation,
};
pub use fits::{
    DROPOUT_NOTE, DROPOUT_WARNING, GRAIN_NOTE, GRAIN_WARNING, GrainForecast, PENALTY_NOTE, PENALTY_WARNING,
    SPEND_MEAN_BELOW, SPEND_NOTE, SPEND_WARNING, TIME_UNIT_NOTE, TIME_UNIT_WARNING, dropout_identified,
    grain_sensitivity, penalty_decides, spend_boundary, time_unit_sensitivity,
};

pub use holdout::{
    HOLDOUT_NOTE, HOLDOUT_WARNING, IDENTIFIED_NOTE, IDENTIFIED_WARNING, holdout_total, parameters_identified,
};
pub use joins::{
    OrderAmounts, REPEATED_AMOUNTS_NOTE, REPEATED_AMOUNTS_WARNING, TOTAL_NOTE, TOTAL_WARNING,
    money_reconciles, money_summed_twice,
};

use crate::fit::fitted::Fitted;
use crate::registry::PurchaseFit;
use crate::spend::gamma_gamma::GammaGamma;
use crate::summary::rfm::RfmSummary;

/// The severity of an audit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum AuditLevel {
    /// Nothing to worry about.
    Ok,
    /// Worth knowing; the results can be used.
    Note,
    /// The results should not be used before this is understood.
    Warning,
}

impl AuditLevel {
    /// `"ok"`, `"note"` or `"warning"`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Note => "note",
            Self::Warning => "warning",
        }
    }

    /// The level of a figure that is worse when it is higher.
    fn from_high(figure: f64, note: f64, warning: f64) -> Self {
        if figure >= warning || figure.is_nan() {
            Self::Warning
        } else if figure >= note {
            Self::Note
        } else {
            Self::Ok
        }
    }
}

impl fmt::Display for AuditLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The result of one audit.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Audit {
    /// The audit: `"spend_frequency_correlation"`.
    pub name: &'static str,
    /// The severity.
    pub level: AuditLevel,
    /// The figure that the thresholds are for; always finite.
    pub figure: f64,
    /// The result in words, with the figure, the threshold and what to do.
    pub message: String,
}

impl fmt::Display for Audit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.level, self.message)
    }
}

/// The audits that need nothing but a summary and its fits.
///
/// The others need counts or other fits: [`item_rows`], [`left_censored_panel`],
/// [`purchase_regularity`], [`grain_sensitivity`], [`time_unit_sensitivity`], [`penalty_decides`],
/// [`money_summed_twice`], [`money_reconciles`]; [`crate::compare`] runs
/// [`parameters_identified`] and [`holdout_total`] for every model of purchases.
#[must_use]
pub fn model_audits(
    rfm: &RfmSummary,
    purchases: &PurchaseFit,
    spend: Option<&Fitted<GammaGamma>>,
) -> Vec<Audit> {
    let mut audits = vec![small_sample(rfm), repeats_within_grain(rfm)];
    audits.extend(dropout_identified(purchases));
    audits.extend(spend_frequency_correlation(rfm));
    audits.extend(spend.map(spend_boundary));
    audits
}
