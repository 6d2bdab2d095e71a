//! Statistics that several folders share: means, spreads, moments, correlations, quantiles.

mod quantile;
mod stats;

pub(crate) use quantile::{quantile, quantile_of_sorted};
pub(crate) use stats::{
    correlation, deviation, kurtosis, mean, rank_correlation, skewness, sum_of_squared_deviations,
};
