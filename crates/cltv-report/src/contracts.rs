//! The page of the workflow `contracts`: what customers under contract are worth.

use crate::ReportError;
use crate::numbers::percent;
use crate::page::page;
use minijinja::context;
use serde::Serialize;
use std::fmt;

/// A cohort of customers under contract.
#[derive(Debug, Clone, Serialize)]
pub struct CohortLine {
    /// Its name.
    pub name: String,
    /// Customers at its start.
    pub customers: u64,
    /// Those still under contract.
    pub left: u64,
    /// Renewals that each of them made.
    pub renewals: u32,
    /// Share that renews the first time, by the model.
    pub first: f64,
    /// Share that renews the next time, by the model.
    pub next: f64,
    /// Value of a new customer's renewals.
    pub new_value: f64,
    /// Value of one who is still under contract.
    pub value: f64,
    /// The same by one constant rate.
    pub constant: f64,
}

/// Mean absolute error of survival over the renewals after the fit, by model.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct SurvivalError {
    /// Of the shifted beta-geometric model.
    pub sbg: f64,
    /// Of the beta-discrete-Weibull model.
    pub bdw: f64,
    /// Of one constant rate.
    pub constant: f64,
}

/// Retention of a cohort by sBG, and how the models did on renewals after the fit.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CohortTest {
    /// The cohort.
    pub cohort: String,
    /// Share that renews the first time, by sBG.
    pub first: f64,
    /// Share that renews at the last renewal observed, by sBG.
    pub last: f64,
    /// The last renewal observed.
    pub renewal: u32,
    /// Errors after the fit; none where it used all renewals.
    pub error: Option<SurvivalError>,
}

impl fmt::Display for CohortTest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (first, last) = (percent(self.first), percent(self.last));
        write!(
            f,
            "{}: by sBG {first} of new customers renew the first time and {last} at renewal {}; ",
            self.cohort, self.renewal
        )?;
        match self.error {
            Some(SurvivalError { sbg, bdw, constant }) => write!(
                f,
                "in the renewals after the fit the mean absolute error of survival was {} (sBG), {} (BdW) and {} (constant rate).",
                percent(sbg),
                percent(bdw),
                percent(constant)
            ),
            None => f.write_str("no renewal was held out to test the fit."),
        }
    }
}

/// The facts of the page.
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
    /// Value of all customers still under contract, by the model.
    pub total: f64,
    /// The same by one constant rate.
    pub constant_total: f64,
    /// How the models did on renewals after the fit.
    pub tests: Vec<CohortTest>,
}

/// What the page cannot show.
const CAVEATS: [&str; 3] = [
    "Values cover the customers known now, from their next renewal on: no future customers, no change of price.",
    "sBG, the model of these values, assumes that each customer's churn probability is constant. Minimum terms or a new competitor change it.",
    "Distant renewals are extrapolated: no customer was observed that long.",
];

impl ContractsSummary {
    /// The page as Markdown.
    ///
    /// # Errors
    /// [`ReportError::Template`] when the template meets a value it cannot show.
    pub fn to_markdown(&self) -> Result<String, ReportError> {
        let template = include_str!("../templates/contracts_summary.md.j2");
        let tests: Vec<String> = self.tests.iter().map(ToString::to_string).collect();
        page(template, &self.currency, self, &CAVEATS.map(str::to_owned), context! { tests })
    }
}
