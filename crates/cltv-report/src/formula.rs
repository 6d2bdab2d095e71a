//! The page of the workflow `formula`: one value from averages, and what it leaves out.

use crate::ReportError;
use crate::numbers::{money, percent};
use crate::page::page;
use minijinja::value::Value;
use serde::Serialize;

const TEMPLATE: &str = include_str!("../templates/formula_summary.md.j2");

/// A group of customers by the formula and by the model.
#[derive(Debug, Clone, PartialEq, Serialize)]
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

/// The last point of the retention curve.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct LastRetention {
    /// Periods after the first purchase.
    pub periods: usize,
    /// Share of customers who buy then.
    pub observed: f64,
    /// The same by the constant rate.
    pub constant: f64,
}

/// The facts of the page.
#[derive(Debug, Clone, Serialize)]
pub struct FormulaSummary {
    /// The data's name.
    pub source: String,
    /// The currency's sign.
    pub currency: String,
    /// The purchase model that the formula is compared with.
    pub model: String,
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
    /// Margin of an active customer a period.
    pub period_margin: f64,
    /// Value of a customer without a horizon.
    pub value: f64,
    /// The change in value for one step of each input: the formula's own sentences.
    pub steps: Vec<String>,
    /// The end of the retention curve; none without one.
    pub last_retention: Option<LastRetention>,
    /// Months that the formula's whole periods make.
    pub formula_months: u32,
    /// Months of the model's horizon.
    pub model_months: u32,
    /// Value of all customers by the formula, within the horizon.
    pub formula_total: f64,
    /// The same by the model.
    pub model_total: f64,
    /// The groups.
    pub groups: Vec<ComparedLine>,
}

impl FormulaSummary {
    /// The page as Markdown.
    ///
    /// # Errors
    /// [`ReportError::Template`] when the template meets a value it cannot show.
    pub fn to_markdown(&self) -> Result<String, ReportError> {
        page(TEMPLATE, &self.currency, self, &self.caveats(), Value::UNDEFINED)
    }

    fn caveats(&self) -> Vec<String> {
        let period = &self.period;
        let mut texts = vec![
            format!(
                "A customer who skips a {period} counts as lost, and as new on return. With periods shorter than the usual time between purchases, retention and value are too low."
            ),
            "The formula uses one retention rate for all customers. Where retention differs among customers, it undervalues them (Fader and Hardie 2010).".to_owned(),
            format!(
                "The formula values an active customer ({} a {period}); applied to the whole list it counts inactive customers as well.",
                money(&self.currency, self.period_margin)
            ),
        ];
        if let Some(LastRetention { periods, observed, constant }) = self.last_retention {
            texts.push(format!(
                "{periods} {period}s after the first purchase {} of the customers buy; by the constant rate {} would.",
                percent(observed),
                percent(constant)
            ));
        }
        if self.formula_months != self.model_months {
            texts.push(format!(
                "The comparison covers {} months by the formula and {} by the model, because the horizon is not a whole number of {period}s.",
                self.formula_months, self.model_months
            ));
        }
        texts
    }
}
