//! How much of the spend comes from how few customers.

use std::fmt;

use polars::prelude::DataFrame;

use crate::error::DataError;
use crate::frame;

/// Points of the curve that are kept for a chart; more cannot be seen.
const POINTS: usize = 200;

/// The Lorenz curve of what customers spent, with the Gini coefficient and the top fifth's share.
///
/// With values in rising order, L(k / n) is the part of the total that the k smallest hold;
/// Gini = 2 sum(i v_i) / (n sum(v_i)) - (n + 1) / n, 0 when all are equal. The top 20%'s share is
/// 1 - L(0.8), interpolated between customers.
///
/// # Examples
/// ```
/// use cltv_data::Concentration;
/// let even = Concentration::of(&[5.0; 10]);
/// assert!(even.gini.abs() < 1e-12 && (even.top_20_share - 0.2).abs() < 1e-12);
/// let one = Concentration::of(&[0.0, 0.0, 0.0, 0.0, 8.0]);
/// assert!((one.gini - 0.8).abs() < 1e-12);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Concentration {
    /// Customers counted.
    pub customers: usize,
    /// What they add up to.
    pub total: f64,
    /// Gini coefficient.
    pub gini: f64,
    /// Part of the total that the 20% with the highest values hold.
    pub top_20_share: f64,
    /// The curve: part of the customers, part of the total, both from 0 to 1.
    pub points: Vec<(f64, f64)>,
}

impl Concentration {
    /// The concentration of values that are 0 or more, one a customer: spend, or purchases.
    #[must_use]
    pub fn of(values: &[f64]) -> Self {
        let mut sorted: Vec<f64> = values.iter().map(|value| value.max(0.0)).collect();
        sorted.sort_by(f64::total_cmp);
        let mut cumulative = vec![0.0];
        for value in &sorted {
            cumulative.push(cumulative[cumulative.len() - 1] + value);
        }
        let total = cumulative[sorted.len()];
        let curve = Curve { cumulative, total };
        Self {
            customers: sorted.len(),
            total,
            gini: gini(&sorted, total),
            top_20_share: 1.0 - curve.at(0.8),
            points: curve.points(),
        }
    }

    /// The curve as a table: `customers_share`, `value_share`.
    ///
    /// # Errors
    /// [`DataError::Frame`] if polars refuses the table.
    pub fn frame(&self) -> Result<DataFrame, DataError> {
        frame::frame(vec![
            frame::numbers("customers_share", self.points.iter().map(|point| point.0)),
            frame::numbers("value_share", self.points.iter().map(|point| point.1)),
        ])
    }
}

fn gini(sorted: &[f64], total: f64) -> f64 {
    let n = sorted.len() as f64;
    if total <= 0.0 {
        return 0.0;
    }
    let weighted: f64 = sorted.iter().zip(1..).map(|(value, i)| f64::from(i) * value).sum();
    2.0 * weighted / (n * total) - (n + 1.0) / n
}

struct Curve {
    cumulative: Vec<f64>,
    total: f64,
}

impl Curve {
    /// L at a part of the customers; the diagonal when nothing was spent.
    fn at(&self, part: f64) -> f64 {
        if self.total <= 0.0 {
            return part;
        }
        let place = part * (self.cumulative.len() - 1) as f64;
        let below = place.floor() as usize;
        let above = (below + 1).min(self.cumulative.len() - 1);
        let step = self.cumulative[above] - self.cumulative[below];
        (self.cumulative[below] + place.fract() * step) / self.total
    }

    fn points(&self) -> Vec<(f64, f64)> {
        let n = (self.cumulative.len() - 1).clamp(1, POINTS);
        let part = |i: usize| i as f64 / n as f64;
        (0..=n).map(|i| (part(i), self.at(part(i)))).collect()
    }
}

impl fmt::Display for Concentration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "The top 20% of {} hold {:.1}% of the total; the Gini coefficient is {:.3}.",
            crate::words::counted(self.customers, "customer"),
            100.0 * self.top_20_share,
            self.gini
        )
    }
}
