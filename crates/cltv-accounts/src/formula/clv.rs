//! The formula at one set of averages.

use serde::Serialize;

use super::curve::check_curve;
use super::error::FormulaError;
use super::input::FormulaInput;

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
            (FormulaInput::Margin, cltv_protocol::parameters::FORMULA_MARGIN.allow(margin)),
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
    /// curve replaces the retention rate.
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

    /// One of the five inputs.
    #[must_use]
    pub fn input(&self, input: FormulaInput) -> f64 {
        match input {
            FormulaInput::OrderValue => self.order_value,
            FormulaInput::Frequency => self.frequency,
            FormulaInput::Margin => self.margin,
            FormulaInput::Retention => self.retention,
            FormulaInput::Discount => self.discount,
        }
    }

    /// The same with one input changed.
    ///
    /// # Errors
    /// [`FormulaError::OutOfBounds`] for a value outside its bounds.
    pub fn with(&self, input: FormulaInput, value: f64) -> Result<Self, FormulaError> {
        let at = |which| if which == input { value } else { self.input(which) };
        Self::new(
            at(FormulaInput::OrderValue),
            at(FormulaInput::Frequency),
            at(FormulaInput::Margin),
            at(FormulaInput::Retention),
            at(FormulaInput::Discount),
        )
    }

    /// AOV · frequency · margin: what a customer brings in a period, in money.
    #[must_use]
    pub fn period_margin(&self) -> f64 {
        self.order_value * self.frequency * self.margin
    }

    pub(super) fn gap(&self) -> Result<f64, FormulaError> {
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
