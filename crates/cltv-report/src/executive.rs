//! `executive_summary.md`: one page for the people who decide.

use crate::numbers::{percent, whole};
use crate::page::page;
use crate::{AuditEntry, ReportError, sources};
use minijinja::context;
use minijinja::value::{Serde, Value};
use serde::Serialize;

const TEMPLATE: &str = include_str!("../templates/executive_summary.md.j2");

/// One row of the tables of tiers and of segments.
#[derive(Debug, Clone, Serialize)]
pub struct SegmentLine {
    /// The tier's or the segment's name.
    pub name: String,
    /// Customers in it.
    pub customers: usize,
    /// Their mean probability of at least one purchase within the horizon.
    pub p_return: f64,
    /// Purchases expected of them within the horizon.
    pub expected_purchases: f64,
    /// Their value within the horizon; none without amounts.
    pub value: Option<f64>,
    /// What contacting each of them once is expected to add; none without amounts, or where the data do not identify
    /// dropout.
    pub winback_value: Option<f64>,
    /// The tier with the most customers of a segment, as "High (85%)"; empty for a tier.
    pub main_tier: String,
    /// What to do; empty for a segment of the default table.
    pub action: String,
}

/// The holdout test.
#[derive(Debug, Clone, Serialize)]
pub struct HoldoutLine {
    /// The length, as "39 weeks".
    pub length: String,
    /// Repeat purchases made.
    pub actual: f64,
    /// Repeat purchases expected.
    pub expected: f64,
    /// Lower end of the interval of the purchases.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Whether the interval covers those made.
    pub inside: bool,
    /// Mean absolute error by customer.
    pub mae: f64,
    /// Root of the mean squared error by customer.
    pub rmse: f64,
}

/// A forecast for the horizon at an earlier date, and what happened.
#[derive(Debug, Clone, Serialize)]
pub struct EarlierLine {
    /// The date, ISO.
    pub date: String,
    /// Customers known then.
    pub customers: usize,
    /// Purchases expected of them.
    pub expected: f64,
    /// Lower end of the prediction interval of their purchases.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Purchases made.
    pub made: f64,
    /// Customers expected to buy at least once.
    pub returning: f64,
    /// Customers who did.
    pub returned: usize,
}

/// The facts of an executive summary.
#[derive(Debug, Clone, Serialize)]
pub struct ExecutiveSummary {
    /// The data's name.
    pub source: String,
    /// The purchase model's name: "BG/NBD".
    pub model: String,
    /// Customers.
    pub customers: usize,
    /// Customers who bought once.
    pub one_time_customers: usize,
    /// Their mean probability of at least one purchase within the horizon.
    pub one_time_p_return: f64,
    /// Whether the model lets customers drop out before a second purchase.
    pub one_time_dropout: bool,
    /// Purchases.
    pub purchases: usize,
    /// Rows read from the file.
    pub rows_read: usize,
    /// Rows left out in cleaning.
    pub rows_left_out: usize,
    /// What looks wrong in the data and was left as it is, in sentences; they stand below the headline.
    pub warnings: Vec<String>,
    /// First day, ISO.
    pub first_day: String,
    /// Last day observed, ISO.
    pub observation_end: String,
    /// The currency's sign.
    pub currency: String,
    /// Months ahead.
    pub horizon_months: u32,
    /// Annual discount rate.
    pub discount_annual: f64,
    /// Share of spend that is kept.
    pub margin: f64,
    /// Value of all customers within the horizon; none without amounts.
    pub value: Option<f64>,
    /// Lower end of the interval of that value; none without one.
    pub value_low: Option<f64>,
    /// Upper end.
    pub value_high: Option<f64>,
    /// Level of all intervals.
    pub level: f64,
    /// Purchases expected of all customers within the horizon.
    pub expected_purchases: f64,
    /// Both ends of the prediction interval of these purchases, by the model.
    pub purchases_interval: [f64; 2],
    /// Whether parameter uncertainty is in that interval; it is not where the data do not identify the parameters.
    pub with_parameters: bool,
    /// The same after the errors of earlier forecasts; none where they change nothing.
    pub purchases_recalibrated: Option<[f64; 2]>,
    /// Customers expected to buy at least once within the horizon: the sum of those probabilities.
    pub returning: f64,
    /// The share of contacted customers, of those who have dropped out, who are assumed to start to buy again.
    pub winback_success: f64,
    /// Share of past revenue (of purchases without amounts) of the top 20% of customers.
    pub top_share_past: f64,
    /// Gini coefficient of the same.
    pub gini: f64,
    /// Share of the expected value (of expected purchases without amounts) of the top 20%.
    pub top_share_ahead: f64,
    /// Value tiers.
    pub tiers: Vec<SegmentLine>,
    /// RFM segments, by value.
    pub segments: Vec<SegmentLine>,
    /// Sentences about actions of the user's segment table that the tiers contradict.
    pub contradictions: Vec<String>,
    /// The holdout test.
    pub holdout: HoldoutLine,
    /// Forecasts for the horizon at earlier dates, the oldest first.
    pub earlier: Vec<EarlierLine>,
    /// What they say about this forecast, in sentences.
    pub earlier_findings: Vec<String>,
    /// All audits.
    pub audits: Vec<AuditEntry>,
}

impl ExecutiveSummary {
    /// The summary as Markdown.
    ///
    /// # Errors
    /// [`ReportError::Template`] when the template meets a value it cannot show.
    pub fn to_markdown(&self) -> Result<String, ReportError> {
        let warnings: Vec<&AuditEntry> = self.audits.iter().filter(|a| a.level == "warning").collect();
        let miss = self.holdout.expected / self.holdout.actual - 1.0;
        let more = context! {
            has_value => self.value.is_some(),
            has_interval => self.value_low.is_some() && self.value_high.is_some(),
            miss => miss.abs(),
            miss_known => self.holdout.actual > 0.0,
            too_high => miss > 0.0,
            has_winback => self.has_winback(),
            has_actions => self.segments.iter().any(|segment| !segment.action.is_empty()),
            warnings => Value::from(Serde(warnings)),
            source => sources::of(&self.model),
        };
        page(TEMPLATE, &self.currency, self, &self.caveats(), more)
    }

    fn caveats(&self) -> Vec<String> {
        let mut texts = vec![self.scope(), self.one_time_buyers()];
        texts.push(
            "The models include no season, price or campaign; they assume that past purchase behaviour continues."
                .to_owned(),
        );
        if self.value_low.is_some() {
            texts.push(
                "The interval of the value is one of an expectation: it reflects parameter uncertainty only."
                    .to_owned(),
            );
        }
        texts.push(format!(
            "The model's prediction intervals contain {}, but not the error of the model, which the holdout test and the earlier forecasts show.",
            match self.with_parameters {
                true => "parameter uncertainty and chance",
                false => "chance alone, because the data do not identify the parameters",
            }
        ));
        if self.purchases_recalibrated.is_some() {
            texts.push(
                "The errors of earlier forecasts correct the interval of all purchases only; values, tiers and figures of single customers are the model's own."
                    .to_owned(),
            );
        }
        if !self.holdout.inside {
            texts.push(
                "The purchases made in the holdout lie outside the model's interval. The model is overconfident here; treat its intervals as lower bounds on the uncertainty."
                    .to_owned(),
            );
        }
        if self.value.is_some() {
            texts.push(
                "Spend per purchase is assumed to be independent of purchase frequency; the audit of their correlation tests this."
                    .to_owned(),
            );
        }
        if self.value.is_some() && !self.has_winback() {
            texts.push(
                "There are no win-back values: the data or the model do not show when customers drop out."
                    .to_owned(),
            );
        }
        if self.rows_left_out > 0 {
            texts.push(format!(
                "{} of {} rows were left out in cleaning; notebook 01_eda lists them with the reasons.",
                whole(self.rows_left_out as f64),
                whole(self.rows_read as f64)
            ));
        }
        texts
    }

    fn scope(&self) -> String {
        format!(
            "{} the {} customers known on {}: no future customers, nothing after {} months.",
            if self.value.is_some() { "The value covers" } else { "The expected purchases cover" },
            whole(self.customers as f64),
            self.observation_end,
            self.horizon_months
        )
    }

    fn one_time_buyers(&self) -> String {
        let share = percent(self.one_time_customers as f64 / self.customers.max(1) as f64);
        let mut text = format!(
            "{} customers ({share}) bought once; {} of them are expected to buy again within {} months.",
            whole(self.one_time_customers as f64),
            percent(self.one_time_p_return),
            self.horizon_months
        );
        if self.has_winback() && !self.one_time_dropout {
            text.push_str(&format!(
                " {} allows no dropout before a second purchase, so it gives them no win-back value.",
                self.model
            ));
        }
        text
    }

    fn has_winback(&self) -> bool {
        self.tiers.iter().any(|tier| tier.winback_value.is_some())
    }
}
