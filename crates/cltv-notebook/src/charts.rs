//! The workflow's charts: each takes results of the workflow and returns a chart that shows and saves itself.
//!
//! A chart that is not possible with the data is skipped with a reason, such as charts of money without
//! amounts.

mod accounts;
mod contracts;
mod fits;
mod formula;
mod models;
mod opportunities;
mod purchases;
mod values;

use cltv_models::CustomerIds;
use cltv_plots::Texts;

pub use crate::figure::Figure;
pub use accounts::{
    account_concentration, account_values, actual_and_predicted, best_predictions, expense_forecast,
    income_and_value, leverage, ltv_to_cac, normal_quantiles, residuals_and_fitted, volatility_map,
};
pub use contracts::{contract_retention, contract_survival, residual_lifetime};
pub use fits::{
    cumulative_tracking, expected_purchases_matrix, holdout_by_frequency, incremental_tracking,
    p_alive_matrix, repeat_purchases, spend_density,
};
pub use formula::{retention_curve, value_by_quarter, value_sensitivity};
pub use models::{
    decile_calibration, interval_methods, model_totals, posterior_cloud, purchase_regularity,
    rolling_backtest, total_value, value_intervals,
};
pub use opportunities::{opportunities_alive, opportunities_expected, opportunity_counts};
pub use purchases::{
    cohort_retention, concentration, customer_timelines, frequency, monetary, purchases_over_time, recency,
    rfm_heatmap, segment_overview,
};
pub use values::{clv_by_p_return, clv_distribution, value_by_segment_and_tier, value_by_tier};

/// The ids of a summary's customers, as charts take them.
struct Ids<'a>(&'a CustomerIds);

impl Texts for Ids<'_> {
    fn rows(&self) -> usize {
        self.0.len()
    }

    fn text(&self, row: usize) -> &str {
        self.0.own(row).unwrap_or_default()
    }
}
