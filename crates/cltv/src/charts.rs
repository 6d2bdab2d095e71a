//! The workflow's charts: each takes what the notebook holds and gives a chart that shows and saves itself.
//!
//! A chart that the data cannot make says why it was skipped, such as charts of money without amounts.

mod accounts;
mod fits;
mod formula;
mod models;
mod purchases;
mod values;

pub use accounts::{
    account_concentration, account_forecast, account_values, actual_and_predicted, best_predictions,
    expense_forecast, income_and_value, leverage, ltv_to_cac, normal_quantiles, residuals_and_fitted,
    volatility_map,
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

use crate::fits::NO_AMOUNTS;
use crate::{Error, display, frames};
use cltv_purchases::Outputs;
use cltv_plots::{Chart, PLOTLY_FILE, Values, plotly_js};
use polars::prelude::{Column, DataFrame};
use std::fmt;

/// A chart, or the sentence that says why there is none.
#[derive(Debug, Clone)]
pub struct Figure {
    chart: Result<Chart, &'static str>,
}

impl Figure {
    fn drawn(chart: Chart) -> Figure {
        Figure { chart: Ok(chart) }
    }

    /// No chart, with the sentence that says why.
    fn skipped(reason: &'static str) -> Figure {
        Figure { chart: Err(reason) }
    }

    fn without_amounts() -> Figure {
        Figure::skipped(NO_AMOUNTS)
    }

    /// The chart, if there is one.
    pub fn chart(&self) -> Option<&Chart> {
        self.chart.as_ref().ok()
    }

    /// Exactly the values shown, as a frame; an empty one when the chart was skipped.
    ///
    /// # Errors
    /// [`Error::Frame`] when polars refuses the columns.
    pub fn data(&self) -> Result<DataFrame, Error> {
        let columns = self.chart.iter().flat_map(|chart| chart.data().columns()).map(|column| {
            let name = column.name().into();
            match column.values() {
                Values::Numbers(values) => Column::new(name, values.clone()),
                Values::Integers(values) => Column::new(name, values.clone()),
                Values::Text(values) => Column::new(name, values.clone()),
                _ => Column::new_empty(name, &polars::prelude::DataType::String),
            }
        });
        frames::frame(columns.collect())
    }

    /// Writes the chart to `visualizations/<name>.html` in the outputs, plotly.js once beside it.
    ///
    /// # Errors
    /// [`Error::Data`] when the folder cannot be written.
    pub fn save(self, out: &Outputs) -> Result<Figure, Error> {
        if let Ok(chart) = &self.chart {
            if !out.folder().join("visualizations").join(PLOTLY_FILE).is_file() {
                out.write_text(&format!("visualizations/{PLOTLY_FILE}"), plotly_js())?;
            }
            out.write_text(&format!("visualizations/{}.html", chart.name()), &chart.html_page(PLOTLY_FILE))?;
        }
        Ok(self)
    }

    /// Shows the chart now, before the cell ends.
    pub fn show(&self) {
        match &self.chart {
            Ok(chart) => chart.show(),
            Err(reason) => display::emit(&[("text/plain", (*reason).to_owned())]),
        }
    }

    /// Shows the chart as a cell's last line.
    pub fn evcxr_display(&self) {
        self.show();
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.chart {
            Ok(chart) => write!(f, "{chart}"),
            Err(reason) => f.write_str(reason),
        }
    }
}
