//! `executive_summary.md`: one page for the people who decide.

use crate::page::engine;
use crate::{AuditEntry, ReportError};
use minijinja::context;
use minijinja::value::{Serde, Value};
use serde::Serialize;

const TEMPLATE: &str = include_str!("../templates/executive_summary.md.j2");

/// One row of the segment table.
#[derive(Debug, Clone, Serialize)]
pub struct SegmentLine {
    /// The tier's or the segment's name.
    pub name: String,
    /// Customers in it.
    pub customers: usize,
    /// Their mean probability of being alive.
    pub p_alive: f64,
    /// Purchases expected of them within the horizon.
    pub expected_purchases: f64,
    /// Their value within the horizon; none without amounts.
    pub value: Option<f64>,
    /// What would be there were they all alive, minus what is expected; none without amounts.
    pub value_at_risk: Option<f64>,
    /// What to do.
    pub action: String,
}

/// The holdout test in a line.
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
    /// Whether the interval holds those made.
    pub inside: bool,
    /// Mean absolute error by customer.
    pub mae: f64,
    /// Root of the mean squared error by customer.
    pub rmse: f64,
}

/// Something a reader must know before using a number.
#[derive(Debug, Clone, Serialize)]
pub struct Caveat {
    /// One sentence.
    pub text: String,
}

/// The figures of an executive summary.
#[derive(Debug, Clone, Serialize)]
pub struct ExecutiveSummary {
    /// The data's name.
    pub source: String,
    /// Customers.
    pub customers: usize,
    /// Purchases.
    pub purchases: usize,
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
    /// Customers expected to be still alive: the sum of P(alive).
    pub alive: f64,
    /// Revenue observed; none without amounts.
    pub revenue: Option<f64>,
    /// Share of past revenue (of purchases without amounts) of the top 20% of customers.
    pub top_share_past: f64,
    /// Gini coefficient of the same.
    pub gini: f64,
    /// Share of the coming value (of expected purchases without amounts) of the top 20%.
    pub top_share_ahead: f64,
    /// Value tiers.
    pub tiers: Vec<SegmentLine>,
    /// RFM segments, by value.
    pub segments: Vec<SegmentLine>,
    /// The holdout test.
    pub holdout: HoldoutLine,
    /// All audits.
    pub audits: Vec<AuditEntry>,
    /// What else to know.
    pub caveats: Vec<Caveat>,
}

impl ExecutiveSummary {
    /// The summary as Markdown.
    ///
    /// # Errors
    /// When the template meets a value it cannot show.
    pub fn to_markdown(&self) -> Result<String, ReportError> {
        render(self).map_err(|error| ReportError::Template { reason: error.to_string() })
    }
}

fn render(summary: &ExecutiveSummary) -> Result<String, minijinja::Error> {
    let warnings: Vec<&AuditEntry> = summary.audits.iter().filter(|a| a.level == "warning").collect();
    let miss = summary.holdout.expected / summary.holdout.actual - 1.0;
    engine(TEMPLATE, &summary.currency)?.get_template("page")?.render(context! {
        s => Value::from(Serde(summary)),
        has_value => summary.value.is_some(),
        has_interval => summary.value_low.is_some() && summary.value_high.is_some(),
        miss => miss.abs(),
        miss_known => summary.holdout.actual > 0.0,
        too_high => miss > 0.0,
        warnings => Value::from(Serde(warnings)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(name: &str, value: Option<f64>) -> SegmentLine {
        SegmentLine {
            name: name.into(),
            customers: 10,
            p_alive: 0.5,
            expected_purchases: 3.25,
            value,
            value_at_risk: value.map(|v| v / 2.0),
            action: "Call them.".into(),
        }
    }

    fn summary(value: Option<f64>) -> ExecutiveSummary {
        ExecutiveSummary {
            source: "a|b <script>".into(),
            customers: 2357,
            purchases: 6696,
            first_day: "1997-01-01".into(),
            observation_end: "1998-06-30".into(),
            currency: "$".into(),
            horizon_months: 6,
            discount_annual: 0.1,
            margin: 1.0,
            value,
            value_low: value.map(|v| 0.9 * v),
            value_high: value.map(|v| 1.1 * v),
            level: 0.95,
            expected_purchases: 1234.5,
            alive: 1000.0,
            revenue: value,
            top_share_past: 0.6,
            gini: 0.55,
            top_share_ahead: 0.7,
            tiers: vec![line("High", value)],
            segments: vec![line("Champions", value)],
            holdout: HoldoutLine {
                length: "39 weeks".into(),
                actual: 1882.0,
                expected: 1653.4,
                low: 1500.2,
                high: 1812.6,
                inside: false,
                mae: 0.79,
                rmse: 1.6,
            },
            audits: vec![AuditEntry {
                name: "sample".into(),
                level: "warning".into(),
                figure: 3.0,
                message: "Only 3 repeat customers.".into(),
            }],
            caveats: vec![Caveat { text: "Past prices hold.".into() }],
        }
    }

    #[test]
    fn every_part_is_there() {
        let text = summary(Some(71_234.6)).to_markdown().unwrap();
        for part in [
            "$71,235",
            "95% interval $64,111 to $78,358",
            "(95% interval 1,500 to 1,813)",
            "outside that interval",
            "2,357",
            "39 weeks",
            "12.1%",
            "Champions",
            "Only 3 repeat customers.",
            "Past prices hold.",
        ] {
            assert!(text.contains(part), "{part} is missing in\n{text}");
        }
    }

    #[test]
    fn hostile_names_stay_text() {
        let text = summary(Some(1.0)).to_markdown().unwrap();
        assert!(!text.contains("<script>"));
        assert!(text.contains("a\\|b &lt;script&gt;"));
    }

    #[test]
    fn without_amounts_no_money_is_named() {
        let text = summary(None).to_markdown().unwrap();
        assert!(!text.contains('$'), "{text}");
        assert!(text.contains("no amounts"));
    }
}
