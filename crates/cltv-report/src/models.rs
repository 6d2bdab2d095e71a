//! The page of the workflow `models`: which purchase model, and how certain the value is.

use crate::ReportError;
use crate::numbers::{fixed, whole};
use crate::page::page;
use minijinja::context;
use serde::Serialize;
use std::fmt;

/// One model in the comparison.
#[derive(Debug, Clone, Serialize)]
pub struct ComparedModel {
    /// The model.
    pub name: String,
    /// Its BIC on the calibration.
    pub bic: f64,
    /// Root mean squared error a customer, in the holdout.
    pub rmse: f64,
    /// Purchases expected of all customers in the holdout.
    pub expected: f64,
    /// Lower end of their interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Whether it passes its audits.
    pub trusted: bool,
}

/// Where the interval of a customer's value lies beside the cost of a contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// The whole interval is above the cost.
    Above,
    /// The expected value is above the cost, the lower end is not.
    ExpectedAbove,
    /// Only the upper end is above the cost.
    UpperEndAbove,
    /// The whole interval is below the cost.
    Below,
}

impl Verdict {
    /// All verdicts, the surest first.
    pub const ALL: [Verdict; 4] =
        [Verdict::Above, Verdict::ExpectedAbove, Verdict::UpperEndAbove, Verdict::Below];

    /// The verdict in words.
    ///
    /// ```
    /// assert_eq!(cltv_report::Verdict::Above.name(), "surely worth more");
    /// ```
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Above => "surely worth more",
            Verdict::ExpectedAbove => "probably",
            Verdict::UpperEndAbove => "possibly",
            Verdict::Below => "surely not",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl Serialize for Verdict {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// Customers with the same verdict.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CampaignLine {
    /// Where the interval of their values lies beside the cost.
    pub verdict: Verdict,
    /// Customers.
    pub customers: usize,
    /// Their expected value.
    pub value: f64,
    /// The cost of contacting them.
    pub cost: f64,
}

/// The regularity of purchases.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct RegularityLine {
    /// The order k of Erlang interpurchase times; none where nobody bought three times.
    pub order: Option<f64>,
    /// Customers with two interpurchase times.
    pub customers: usize,
}

impl fmt::Display for RegularityLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(order) = self.order else {
            return f
                .write_str("Nobody bought three times, so the regularity of purchases cannot be estimated.");
        };
        write!(
            f,
            "The first two interpurchase times of {} customers fit an Erlang distribution of order {}: 1 means random timing, 2 and more regular purchases, below 1 bursts.",
            whole(self.customers as f64),
            fixed(order, 2)
        )
    }
}

/// The facts of the page.
#[derive(Debug, Clone, Serialize)]
pub struct ModelsSummary {
    /// The data's name.
    pub source: String,
    /// The currency's sign.
    pub currency: String,
    /// Customers.
    pub customers: usize,
    /// The holdout in words: "39 weeks".
    pub holdout: String,
    /// Purchases made in it.
    pub actual: u64,
    /// Level of the intervals.
    pub level: f64,
    /// The models.
    pub models: Vec<ComparedModel>,
    /// Which model to use and which not to trust: the comparison's own sentences.
    pub advice: Vec<String>,
    /// How regular purchases are.
    pub regularity: RegularityLine,
    /// The purchase model that the value is by.
    pub value_model: String,
    /// Months ahead.
    pub horizon_months: u32,
    /// Value of all customers; none without amounts.
    pub value: Option<f64>,
    /// Its interval from draws around the fits.
    pub value_low: Option<f64>,
    /// Upper end.
    pub value_high: Option<f64>,
    /// The interval from the full posteriors; none without amounts.
    pub posterior_low: Option<f64>,
    /// Upper end.
    pub posterior_high: Option<f64>,
    /// What a contact costs.
    pub contact_cost: f64,
    /// Customers by whether they are worth one.
    pub campaign: Vec<CampaignLine>,
}

/// What the page cannot show.
const CAVEATS: [&str; 3] = [
    "Intervals of the holdout include parameter uncertainty and the randomness of purchases; those of the value include parameter uncertainty only, because a budget depends on expected values.",
    "No interval includes model error. A season, a price or a campaign that is not in the past data shifts all models at once.",
    "One holdout is one sample of the market; the backtest in notebook 06 repeats it from several days.",
];

impl ModelsSummary {
    /// The page as Markdown.
    ///
    /// # Errors
    /// [`ReportError::Template`] when the template meets a value it cannot show.
    pub fn to_markdown(&self) -> Result<String, ReportError> {
        let template = include_str!("../templates/models_summary.md.j2");
        let more = context! { regularity => self.regularity.to_string() };
        page(template, &self.currency, self, &CAVEATS.map(str::to_owned), more)
    }
}
