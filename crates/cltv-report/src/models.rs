//! The executive summaries of the workflows on models: which one, contracts, and opportunities.

use crate::page::page;
use crate::{Caveat, ReportError};
use serde::Serialize;

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

/// What a contact is worth for a group of customers.
#[derive(Debug, Clone, Serialize)]
pub struct CampaignLine {
    /// How sure it is that they are worth more than the contact.
    pub verdict: String,
    /// Customers.
    pub customers: usize,
    /// Their expected value.
    pub value: f64,
    /// The cost of contacting them.
    pub cost: f64,
}

/// The figures of the page of the workflow `models`.
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
    /// Which model to use and which not to trust, a sentence each.
    pub advice: Vec<String>,
    /// How regular purchases are, in a sentence.
    pub regularity: String,
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
    /// What else to know.
    pub caveats: Vec<Caveat>,
}

impl ModelsSummary {
    /// The page as Markdown.
    ///
    /// # Errors
    /// When the template meets a value it cannot show.
    pub fn to_markdown(&self) -> Result<String, ReportError> {
        page(include_str!("../templates/models_summary.md.j2"), &self.currency, self)
    }
}

/// A cohort of customers under contract.
#[derive(Debug, Clone, Serialize)]
pub struct CohortLine {
    /// Its name.
    pub name: String,
    /// Customers at its start.
    pub customers: u64,
    /// Those still there.
    pub left: u64,
    /// Renewals that each of them made.
    pub renewals: u32,
    /// Share that renews the first time, by the model.
    pub first: f64,
    /// Share that renews the next time, by the model.
    pub next: f64,
    /// Value of a new customer's renewals.
    pub new_value: f64,
    /// Value of one who is still there.
    pub value: f64,
    /// The same by one constant rate.
    pub constant: f64,
}

/// The figures of the page of the workflow `contracts`.
#[derive(Debug, Clone, Serialize)]
pub struct ContractsSummary {
    /// The data's name.
    pub source: String,
    /// The currency's sign.
    pub currency: String,
    /// The time from one renewal to the next.
    pub period: String,
    /// What a customer pays a period.
    pub payment: f64,
    /// Discount a year.
    pub discount_annual: f64,
    /// The last renewal that the models were fitted on.
    pub fitted_until: u32,
    /// The cohorts.
    pub cohorts: Vec<CohortLine>,
    /// Value of all customers who are still there, by the model.
    pub total: f64,
    /// The same by one constant rate.
    pub constant_total: f64,
    /// How the models did on renewals they had not seen, a sentence each.
    pub tests: Vec<String>,
    /// What else to know.
    pub caveats: Vec<Caveat>,
}

impl ContractsSummary {
    /// The page as Markdown.
    ///
    /// # Errors
    /// When the template meets a value it cannot show.
    pub fn to_markdown(&self) -> Result<String, ReportError> {
        page(include_str!("../templates/contracts_summary.md.j2"), &self.currency, self)
    }
}

/// Customers with one history of opportunities.
#[derive(Debug, Clone, Serialize)]
pub struct HistoryLine {
    /// The history in words: "4 of 6, the last at 5".
    pub history: String,
    /// Customers.
    pub customers: u64,
    /// P(alive).
    pub p_alive: f64,
    /// Purchases expected of one.
    pub expected: f64,
    /// Purchases expected of all of them.
    pub together: f64,
}

/// The figures of the page of the workflow `discrete`.
#[derive(Debug, Clone, Serialize)]
pub struct OpportunitiesSummary {
    /// The data's name.
    pub source: String,
    /// What is bought: "donation".
    pub thing: String,
    /// Customers.
    pub customers: u64,
    /// Customers expected to be alive.
    pub alive: f64,
    /// Opportunities ahead.
    pub ahead: u64,
    /// Purchases expected of all customers.
    pub expected: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Level of the interval.
    pub level: f64,
    /// The histories that bring most.
    pub histories: Vec<HistoryLine>,
    /// What else to know.
    pub caveats: Vec<Caveat>,
}

impl OpportunitiesSummary {
    /// The page as Markdown.
    ///
    /// # Errors
    /// When the template meets a value it cannot show.
    pub fn to_markdown(&self) -> Result<String, ReportError> {
        page(include_str!("../templates/opportunities_summary.md.j2"), "", self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caveats() -> Vec<Caveat> {
        vec![Caveat { text: "Past prices hold.".into() }]
    }

    fn has(text: &str, parts: &[&str]) {
        for part in parts {
            assert!(text.contains(part), "{part} is missing in\n{text}");
        }
    }

    fn models(value: Option<f64>) -> ModelsSummary {
        ModelsSummary {
            source: "a|b <i>".into(),
            currency: "$".into(),
            customers: 2357,
            holdout: "39 weeks".into(),
            actual: 1882,
            level: 0.95,
            models: vec![ComparedModel {
                name: "Pareto/NBD".into(),
                bic: 19_221.0,
                rmse: 1.6012,
                expected: 1740.2,
                low: 1590.0,
                high: 1900.0,
                trusted: true,
            }],
            advice: vec!["Use Pareto/NBD.".into()],
            regularity: "Purely random.".into(),
            horizon_months: 6,
            value,
            value_low: value.map(|v| 0.9 * v),
            value_high: value.map(|v| 1.1 * v),
            posterior_low: value.map(|v| 0.88 * v),
            posterior_high: value.map(|v| 1.12 * v),
            contact_cost: 10.0,
            campaign: vec![CampaignLine {
                verdict: "probably".into(),
                customers: 40,
                value: 900.0,
                cost: 400.0,
            }],
            caveats: caveats(),
        }
    }

    #[test]
    fn the_page_of_models_says_which_and_how_sure() {
        let text = models(Some(37_000.0)).to_markdown().unwrap();
        has(
            &text,
            &[
                "Use Pareto/NBD.",
                "a\\|b &lt;i&gt;",
                "$33,300 to $40,700",
                "$32,560 to $41,440",
                "1,590 to 1,900",
                "| probably | 40 | $900.00 | $400.00 |",
                "Past prices hold.",
            ],
        );
        let bare = models(None).to_markdown().unwrap();
        assert!(!bare.contains('$') && bare.contains("no amounts"), "{bare}");
    }

    #[test]
    fn the_page_of_contracts_compares_with_one_rate() {
        let mut summary = ContractsSummary {
            source: "sbg_cohorts".into(),
            currency: "$".into(),
            period: "year".into(),
            payment: 100.0,
            discount_annual: 0.1,
            fitted_until: 5,
            cohorts: vec![CohortLine {
                name: "regular".into(),
                customers: 1000,
                left: 241,
                renewals: 7,
                first: 0.627,
                next: 0.92,
                new_value: 250.0,
                value: 640.0,
                constant: 300.0,
            }],
            total: 154_240.0,
            constant_total: 72_300.0,
            tests: vec!["Survival was missed by 1%.".into()],
            caveats: caveats(),
        };
        has(
            &summary.to_markdown().unwrap(),
            &[
                "$154,240",
                "$72,300",
                "53.1% less",
                "| regular | 1,000 | 241 |",
                "62.7%",
                "Survival was missed",
                "it gives the base too little",
            ],
        );
        summary.constant_total = 160_000.0;
        let more = summary.to_markdown().unwrap();
        assert!(more.contains("3.7% more") && !more.contains("too little"), "{more}");
    }

    #[test]
    fn the_page_of_opportunities_has_its_interval() {
        let summary = OpportunitiesSummary {
            source: "donations".into(),
            thing: "donation".into(),
            customers: 11_104,
            alive: 5_000.0,
            ahead: 5,
            expected: 12_345.6,
            low: 12_000.0,
            high: 12_700.0,
            level: 0.95,
            histories: vec![HistoryLine {
                history: "6 of 6".into(),
                customers: 1203,
                p_alive: 1.0,
                expected: 3.75,
                together: 4511.0,
            }],
            caveats: caveats(),
        };
        has(
            &summary.to_markdown().unwrap(),
            &["12,346 donations", "12,000 to 12,700", "| 6 of 6 | 1,203 | 100% | 3.75 | 4,511 |"],
        );
    }
}
