//! One file a chart, or a pair that belongs together.

pub(crate) mod clv;
pub(crate) mod clv_by_p_alive;
pub(crate) mod cohort_retention;
pub(crate) mod concentration;
pub(crate) mod customer_timelines;
pub(crate) mod distributions;
pub(crate) mod holdout_by_frequency;
pub(crate) mod matrices;
pub(crate) mod purchases_over_time;
pub(crate) mod repeat_purchases;
pub(crate) mod rfm_heatmap;
pub(crate) mod segment_overview;
pub(crate) mod spend_density;
pub(crate) mod tracking;
pub(crate) mod value_bars;
