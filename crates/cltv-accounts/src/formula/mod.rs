//! Customer value from averages: order value, frequency, margin, retention, discount.
//!
//! ```text
//! CLV = AOV · frequency · margin · r / (1 + d − r)
//! ```
//! with r the share of customers who stay from one period to the next and d the discount rate of a
//! period. Frequency, r and d must be of the same period, mostly a year. It is the sum
//! Σ AOV · frequency · margin · (r / (1 + d))^t over t = 1, 2, …: money comes at the end of each
//! period from those who are still there, and the sale that won the customer is not in it.
//!
//! # References
//! - Gupta, S. and Lehmann, D. R. (2003). Customers as assets. *Journal of Interactive Marketing*
//!   17(1), 9-24: the multiple r / (1 + i − r), and its sensitivity to retention.
//! - Fader, P. S. and Hardie, B. G. S. (2010). Customer-base valuation in a contractual setting: the
//!   perils of ignoring heterogeneity. *Marketing Science* 29(1), 85-93: when it misleads.

mod averages;
mod classroom;
mod segments;
mod sensitivity;

use serde::Serialize;

pub use averages::{Averages, RetentionPeriod, averages_of_orders};
pub use classroom::{CLASSROOM_DISCOUNT, ClassroomCustomer, classroom};
pub use segments::{
    Duplicates, QuantileCut, SEGMENT_NAMES, SegmentRow, SegmentTable, qcut, quantile_linear,
    quartile_segments,
};
pub use sensitivity::{CurvePoint, FormulaInput, Sensitivity, SensitivityRow};

/// What the formula cannot be computed from.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum FormulaError {
    /// An input outside its bounds.
    #[error("{name} is {value}, but it must be {bound}")]
    OutOfBounds {
        /// The input.
        name: &'static str,
        /// What was given.
        value: f64,
        /// What it must be, and how it is written.
        bound: &'static str,
    },
    /// A value without limit: retention at or above 1 + discount.
    #[error(
        "retention {retention} with discount {discount} has no finite value: retention must be below 1 + discount = {}; raise the discount, lower the retention, or sum over a finite horizon with value_over",
        1.0 + discount
    )]
    NoFiniteValue {
        /// The retention rate.
        retention: f64,
        /// The discount rate.
        discount: f64,
    },
    /// A retention curve that cannot be.
    #[error(
        "the retention curve is {value} in period {period}, {problem}; each entry is the share of the first customers still there, from 1 down to 0"
    )]
    BadCurve {
        /// The period, counted from 1.
        period: usize,
        /// The entry.
        value: f64,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A list without numbers.
    #[error("there are no {what}; give at least {least}")]
    TooFew {
        /// What is missing.
        what: &'static str,
        /// The smallest number that works.
        least: usize,
    },
    /// A number that is not one.
    #[error("{what} {value} in row {row} is not a finite number; remove the row or give its value")]
    NotFinite {
        /// What the number is.
        what: &'static str,
        /// The row, counted from 1.
        row: usize,
        /// The number.
        value: f64,
    },
    /// Quantiles that coincide.
    #[error(
        "{bins} bins cannot be cut: quantiles {lower} and {upper} of them are both {edge}, because too many values are equal; ask for fewer bins, or drop the duplicate edges"
    )]
    DuplicateEdges {
        /// The bins asked for.
        bins: usize,
        /// The lower of the quantiles, counted from 0.
        lower: usize,
        /// The upper one.
        upper: usize,
        /// Their common value.
        edge: f64,
    },
    /// Columns of unequal length.
    #[error("{column} has {found} rows but customers has {expected}; every order needs all three")]
    LengthMismatch {
        /// The column that differs.
        column: &'static str,
        /// Its length.
        found: usize,
        /// The number of customers.
        expected: usize,
    },
    /// A curve or a grid that runs backwards.
    #[error(
        "the curve of {input} runs from {from} to {to} in {points} points; it needs from below to and at least 2 points"
    )]
    BadGrid {
        /// The input varied.
        input: FormulaInput,
        /// Where it starts.
        from: f64,
        /// Where it ends.
        to: f64,
        /// The points.
        points: usize,
    },
    /// Orders that lie in one period.
    #[error(
        "all orders are in period {period}, so there is no period to return in; use shorter periods, or give the retention rate yourself"
    )]
    OnePeriod {
        /// That period.
        period: i64,
    },
}

/// The averages of a customer base, and what follows from them.
///
/// # Examples
/// ```
/// use cltv_accounts::formula::ClvFormula;
/// let averages = ClvFormula::new(100.0, 4.0, 0.25, 0.8, 0.10)?;
/// assert!((averages.value()? - 100.0 * 0.8 / 0.3).abs() < 1e-9);
/// assert!(averages.value_over(5) < averages.value()?);
/// assert!(ClvFormula::new(100.0, 4.0, 0.25, 1.2, 0.10).is_err());
/// # Ok::<(), cltv_accounts::formula::FormulaError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ClvFormula {
    /// Average order value (AOV), in money.
    pub order_value: f64,
    /// Orders a customer and period.
    pub frequency: f64,
    /// Share of revenue that is value.
    pub margin: f64,
    /// Share of customers who stay from one period to the next, in [0, 1].
    pub retention: f64,
    /// Discount rate a period.
    pub discount: f64,
}

impl ClvFormula {
    /// Checks the averages: order value and frequency at least 0, margin at most 1 (negative where
    /// orders lose money), retention in [0, 1], discount above −1.
    ///
    /// # Errors
    /// [`FormulaError::OutOfBounds`], with the name, the value and the bound.
    pub fn new(
        order_value: f64,
        frequency: f64,
        margin: f64,
        retention: f64,
        discount: f64,
    ) -> Result<Self, FormulaError> {
        let formula = Self { order_value, frequency, margin, retention, discount };
        for (input, ok) in [
            (FormulaInput::OrderValue, order_value >= 0.0),
            (FormulaInput::Frequency, frequency >= 0.0),
            (FormulaInput::Margin, margin <= 1.0),
            (FormulaInput::Retention, (0.0..=1.0).contains(&retention)),
            (FormulaInput::Discount, discount > -1.0),
        ] {
            let value = formula.input(input);
            if !(ok && value.is_finite()) {
                let (name, bound) = (input.name(), input.bound());
                return Err(FormulaError::OutOfBounds { name, value, bound });
            }
        }
        Ok(formula)
    }

    /// The value of a customer without a horizon, AOV · frequency · margin · r / (1 + d − r), in money.
    ///
    /// # Errors
    /// [`FormulaError::NoFiniteValue`] unless r < 1 + d.
    pub fn value(&self) -> Result<f64, FormulaError> {
        Ok(self.period_margin() * (self.retention / self.gap()?))
    }

    /// The value over the first `periods` periods, AOV · frequency · margin · Σ (r / (1 + d))^t for
    /// t = 1 to `periods`, in money; finite for every retention.
    #[must_use]
    pub fn value_over(&self, periods: u32) -> f64 {
        let kept = self.retention / (1.0 + self.discount);
        let terms = f64::from(periods);
        let multiple = if kept == 1.0 {
            terms
        } else if kept == 0.0 {
            0.0
        } else {
            kept * (terms * kept.ln()).exp_m1() / (kept - 1.0)
        };
        self.period_margin() * multiple
    }

    /// The value under any retention curve, AOV · frequency · margin · Σ S(t) / (1 + d)^t, in money;
    /// `survival[t - 1]` is S(t), the share of customers still there at the end of period t. The
    /// curve takes the place of the retention rate.
    ///
    /// # Errors
    /// [`FormulaError::TooFew`] for an empty curve, [`FormulaError::BadCurve`] for entries outside
    /// [0, 1] or above the one before.
    ///
    /// # Examples
    /// A curve that flattens is worth more than the rate it begins with:
    /// ```
    /// use cltv_accounts::formula::{ClvFormula, survival_curve};
    /// let averages = ClvFormula::new(100.0, 1.0, 1.0, 0.6, 0.10)?;
    /// let flattening = survival_curve(&[0.6, 0.8, 0.9])?;
    /// assert!(averages.value_by_curve(&flattening)? > averages.value_over(3));
    /// # Ok::<(), cltv_accounts::formula::FormulaError>(())
    /// ```
    pub fn value_by_curve(&self, survival: &[f64]) -> Result<f64, FormulaError> {
        check_curve(survival)?;
        let (mut factor, mut sum) = (1.0, 0.0);
        for share in survival {
            factor /= 1.0 + self.discount;
            sum += share * factor;
        }
        Ok(self.period_margin() * sum)
    }

    /// AOV · frequency · margin: what a customer brings in a period, in money.
    #[must_use]
    pub fn period_margin(&self) -> f64 {
        self.order_value * self.frequency * self.margin
    }

    fn gap(&self) -> Result<f64, FormulaError> {
        let gap = 1.0 + self.discount - self.retention;
        if gap > 0.0 {
            return Ok(gap);
        }
        Err(FormulaError::NoFiniteValue { retention: self.retention, discount: self.discount })
    }
}

impl std::fmt::Display for ClvFormula {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Order value {:.2}, {:.3} orders a period, margin {:.1}%, retention {:.1}%, discount {:.1}%: ",
            self.order_value,
            self.frequency,
            100.0 * self.margin,
            100.0 * self.retention,
            100.0 * self.discount
        )?;
        match self.value() {
            Ok(value) => write!(f, "a customer is worth {value:.2}."),
            Err(error) => write!(f, "{error}."),
        }
    }
}

/// The curve S(t) = r_1 · r_2 · … · r_t from the retention rates of the periods.
///
/// # Errors
/// [`FormulaError::TooFew`] without rates, [`FormulaError::OutOfBounds`] for a rate outside [0, 1].
pub fn survival_curve(rates: &[f64]) -> Result<Vec<f64>, FormulaError> {
    if rates.is_empty() {
        return Err(FormulaError::TooFew { what: "retention rates", least: 1 });
    }
    if let Some(&value) = rates.iter().find(|rate| !(0.0..=1.0).contains(*rate)) {
        let (name, bound) = (FormulaInput::Retention.name(), FormulaInput::Retention.bound());
        return Err(FormulaError::OutOfBounds { name, value, bound });
    }
    let mut share = 1.0;
    Ok(rates
        .iter()
        .map(|rate| {
            share *= rate;
            share
        })
        .collect())
}

fn check_curve(survival: &[f64]) -> Result<(), FormulaError> {
    if survival.is_empty() {
        return Err(FormulaError::TooFew { what: "entries in the retention curve", least: 1 });
    }
    let mut before = 1.0;
    for (k, &value) in survival.iter().enumerate() {
        let problem = if !(0.0..=1.0).contains(&value) {
            "outside [0, 1]"
        } else if value > before {
            "more than in the period before"
        } else {
            before = value;
            continue;
        };
        return Err(FormulaError::BadCurve { period: k + 1, value, problem });
    }
    Ok(())
}
