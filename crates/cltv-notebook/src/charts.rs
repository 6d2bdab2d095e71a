//! The workflow's charts: each takes what the notebook holds and gives a chart that shows and saves itself.
//!
//! A chart that the data cannot make says why it was skipped, such as charts of money without amounts.

mod accounts;
mod fits;
mod formula;
mod models;
mod purchases;
mod values;

use cltv_models::CustomerIds;
use cltv_plots::Texts;

pub use crate::figure::Figure;
pub use accounts::{
    account_concentration, account_values, actual_and_predicted, best_predictions, expense_forecast,
    income_and_value, leverage, ltv_to_cac, normal_quantiles, residuals_and_fitted, volatility_map,
};
pub use fits::{
    cumulative_tracking, expected_purchases_matrix, holdout_by_frequency, incremental_tracking,
    p_alive_matrix, repeat_purchases, spend_density,
};
pub use formula::{retention_curve, value_by_quarter, value_sensitivity};
pub use models::{
    contract_retention, contract_survival, decile_calibration, interval_methods, model_totals,
    opportunities_alive, opportunities_expected, opportunity_counts, posterior_cloud, purchase_regularity,
    residual_lifetime, rolling_backtest, total_value, value_intervals,
};
pub use purchases::{
    cohort_retention, concentration, customer_timelines, frequency, monetary, purchases_over_time, recency,
    rfm_heatmap, segment_overview,
};
pub use values::{clv_by_p_alive, clv_distribution, value_by_segment_and_tier, value_by_tier};

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
