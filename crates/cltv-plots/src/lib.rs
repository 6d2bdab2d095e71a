//! Charts of the customer-lifetime-value workflow, in plotly, one function each.
//!
//! Every function takes plain numbers and texts, checks them, and returns a [`Chart`], which has
//! - the values it shows ([`Chart::data`]), as a text table or csv,
//! - how it is read ([`Chart::how_to_read`]) and its key figure in one sentence
//!   ([`Chart::text_summary`]),
//! - how to show itself in a notebook ([`Chart::show`]) and as a page that needs no network
//!   ([`Chart::html_page`]).
//!
//! A chart of any number of customers stays small: above 5,000 rows, those close together share a mark,
//! long series are added up, and a sentence in the chart says so ([`Chart::note`]).
//!
//! All charts share one theme. What has a colour of its own also has a pattern, a dash or a symbol of
//! its own. Names and customer ids are always shown as the text they are, never as markup.
//!
//! # Examples
//! ```
//! let chart = cltv_plots::clv_distribution(&[3.2, 18.0, 44.5, 7.1], 6, "$")?;
//! println!("{}", chart.text_summary());
//! let page = chart.html_page(cltv_plots::PLOTLY_FILE);
//! assert!(page.contains("plotly.min.js"));
//! # Ok::<(), cltv_plots::PlotError>(())
//! ```

mod bins;
mod calendar;
mod chart;
mod charts;
mod check;
mod concentration;
mod data;
mod display;
mod error;
mod html;
mod library;
mod own;
mod picture;
mod reduce;
mod scale;
mod text;
mod texts;
mod theme;
mod trace;

pub use chart::Chart;
pub use charts::account_values::account_value_distribution;
pub use charts::actual_and_predicted::actual_and_predicted;
pub use charts::backtest::{OriginTotal, rolling_backtest};
pub use charts::channels::{ChannelRatio, ltv_to_cac};
pub use charts::clv::clv_distribution;
pub use charts::clv_by_p_return::clv_by_p_return;
pub use charts::cohort_retention::{CohortTable, cohort_retention};
pub use charts::concentration::{account_value_concentration, concentration_curve};
pub use charts::contracts::{
    ContractCurve, ContractCurves, contract_retention, contract_survival, residual_lifetime,
};
pub use charts::customer_timelines::{CustomerTimeline, MAX_TIMELINES, customer_timelines};
pub use charts::decile_calibration::{Tenth, decile_calibration};
pub use charts::distributions::{frequency_distribution, monetary_distribution, recency_distribution};
pub use charts::expense_forecast::{ExpenseFan, expense_forecast};
pub use charts::holdout_by_frequency::{FrequencyGroup, holdout_by_frequency};
pub use charts::income_and_value::income_and_value;
pub use charts::interval_methods::{MethodInterval, interval_methods};
pub use charts::leverage::leverage;
pub use charts::matrices::{HistoryGrid, expected_purchases_matrix, p_alive_matrix};
pub use charts::model_totals::{ModelTotal, model_totals};
pub use charts::opportunities::{
    OpportunityCell, OpportunityGrid, opportunities_alive, opportunities_expected,
};
pub use charts::posterior_cloud::posterior_cloud;
pub use charts::purchases_over_time::{PeriodTotals, purchases_over_time};
pub use charts::quantiles::normal_quantiles;
pub use charts::quarters::{QuarterValue, value_by_quarter};
pub use charts::regularity::purchase_regularity;
pub use charts::repeat_purchases::{opportunity_counts, repeat_purchases};
pub use charts::residuals::residuals_and_fitted;
pub use charts::retention_curve::retention_curve;
pub use charts::rfm_heatmap::{RfmCell, rfm_heatmap};
pub use charts::segment_overview::{SegmentTotal, segment_overview};
pub use charts::sensitivity::{SensitivityBar, value_sensitivity};
pub use charts::spend_density::spend_density;
pub use charts::tracking::{Tracking, cumulative_tracking, incremental_tracking};
pub use charts::value_bars::{GroupValue, SegmentTierValue, value_by_group, value_by_segment_and_tier};
pub use charts::value_draws::total_value_draws;
pub use charts::value_intervals::value_intervals;
pub use charts::volatility::volatility_map;
pub use concentration::{Concentration, ConcentrationCurve, ConcentrationError, concentration_of};
pub use data::{ChartData, Column, Values};
pub use display::show_bundle;
pub use error::PlotError;
pub use html::{LOADER_MARKER, script_text, unique_id};
pub use library::{PLOTLY_FILE, plotly_js, plotly_loader_html};
pub use own::{Along, Measure, Names, OwnChart, OwnKind, Together, Unit};
pub use texts::Texts;
