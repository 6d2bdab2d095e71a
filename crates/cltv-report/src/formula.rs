//! The executive summary of the formula workflow: one value from averages, and how far it goes.

use crate::page::page;
use crate::{Caveat, ReportError};
use serde::Serialize;

const TEMPLATE: &str = include_str!("../templates/formula_summary.md.j2");

/// A group of customers as the formula and the model see it.
#[derive(Debug, Clone, Serialize)]
pub struct ComparedLine {
    /// The group: "2 purchases".
    pub name: String,
    /// Customers in it.
    pub customers: u64,
    /// Mean value by the formula.
    pub formula: f64,
    /// Mean value by the probabilistic model.
    pub model: f64,
}

/// The figures of the page.
#[derive(Debug, Clone, Serialize)]
pub struct FormulaSummary {
    /// The data's name.
    pub source: String,
    /// The currency's sign.
    pub currency: String,
    /// Customers.
    pub customers: usize,
    /// The formula's period: "quarter".
    pub period: String,
    /// Whole periods that the averages are made of.
    pub periods: usize,
    /// Average order value.
    pub order_value: f64,
    /// Orders in a period in which a customer buys.
    pub frequency: f64,
    /// Share of those who bought in a period that buy in the next.
    pub retention: f64,
    /// Share of spending that is kept.
    pub margin: f64,
    /// Discount rate a period.
    pub discount: f64,
    /// Value of a customer without a horizon.
    pub value: f64,
    /// What one step of each input is worth, a sentence each.
    pub steps: Vec<String>,
    /// Months of the comparison.
    pub horizon_months: u32,
    /// Value of all customers by the formula, within the horizon.
    pub formula_total: f64,
    /// The same by the model.
    pub model_total: f64,
    /// The groups.
    pub groups: Vec<ComparedLine>,
    /// What else to know.
    pub caveats: Vec<Caveat>,
}

impl FormulaSummary {
    /// The page as Markdown.
    ///
    /// # Errors
    /// When the template meets a value it cannot show.
    pub fn to_markdown(&self) -> Result<String, ReportError> {
        page(TEMPLATE, &self.currency, self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_is_there() {
        let summary = FormulaSummary {
            source: "cdnow".into(),
            currency: "$".into(),
            customers: 2357,
            period: "quarter".into(),
            periods: 6,
            order_value: 35.28,
            frequency: 1.4,
            retention: 0.28,
            margin: 0.5,
            discount: 0.024,
            value: 9.31,
            steps: vec!["One point more of retention is worth 0.50 a customer.".into()],
            horizon_months: 6,
            formula_total: 12_000.0,
            model_total: 30_000.0,
            groups: vec![ComparedLine {
                name: "1 purchase".into(),
                customers: 1400,
                formula: 9.0,
                model: 3.0,
            }],
            caveats: vec![Caveat { text: "One rate for all.".into() }],
        };
        let text = summary.to_markdown().unwrap();
        for part in [
            "$9.31",
            "28%",
            "One point more of retention",
            "$12,000",
            "60% below",
            "| 1 purchase | 1,400 | $9.00 | $3.00 |",
            "One rate for all.",
        ] {
            assert!(text.contains(part), "{part} is missing in\n{text}");
        }
    }
}
