//! Tukey's fences, on the scale on which a column is less skewed.

use super::report::ColumnReport;
use crate::numeric::quantile;

/// Columns with no more different values than this are codes or counts without outliers.
const FEW_VALUES: usize = 10;

/// The limits between which values are kept as they are.
pub(crate) struct Limits {
    low: f64,
    high: f64,
    logarithmic: bool,
}

pub(crate) fn limits(values: &[Option<f64>], fence: f64) -> Option<Limits> {
    let mut present: Vec<f64> = values.iter().flatten().copied().collect();
    present.sort_by(f64::total_cmp);
    let mut distinct = present.clone();
    distinct.dedup();
    if fence <= 0.0 || distinct.len() <= FEW_VALUES {
        return None;
    }
    let logs: Vec<f64> = present.iter().map(|value| value.ln()).collect();
    let logarithmic = present[0] > 0.0 && skew(&logs) < skew(&present);
    let (low, high) = fences(if logarithmic { &logs } else { &present }, fence)?;
    let back = |limit: f64| if logarithmic { limit.exp() } else { limit };
    Some(Limits { low: back(low), high: back(high), logarithmic })
}

/// Both fences; `None` when half of the values are one.
fn fences(values: &[f64], fence: f64) -> Option<(f64, f64)> {
    let (lower, upper) = (quantile(values, 0.25), quantile(values, 0.75));
    let range = upper - lower;
    (range > 0.0).then_some((lower - fence * range, upper + fence * range))
}

/// The absolute value of Bowley's skewness by the deciles, which outliers do not affect.
fn skew(values: &[f64]) -> f64 {
    let [low, middle, high] = [0.1, 0.5, 0.9].map(|share| quantile(values, share));
    if high > low { ((high + low - 2.0 * middle) / (high - low)).abs() } else { 0.0 }
}

impl Limits {
    pub(crate) fn apply(&self, values: &mut [Option<f64>], report: &mut ColumnReport) {
        report.limits = Some([self.low, self.high]);
        report.logarithmic = self.logarithmic;
        for value in values.iter_mut().flatten() {
            if *value < self.low {
                report.raised += 1;
            } else if *value > self.high {
                report.lowered += 1;
            }
            *value = value.clamp(self.low, self.high);
        }
    }
}
