//! The sensitivity of the value to each input.

use std::fmt;

use serde::Serialize;

use super::clv::ClvFormula;
use super::error::FormulaError;
use super::input::FormulaInput;
use crate::text::{aligned, figure};

/// The effect of changing one input.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SensitivityRow {
    /// The input moved.
    pub input: FormulaInput,
    /// Where it is.
    pub at: f64,
    /// The partial derivative ∂CLV/∂input, in money by unit of the input.
    pub derivative: f64,
    /// Percent of value by percent of the input, ∂CLV/∂input · input / CLV; NaN without value.
    pub elasticity: f64,
    /// Where it is moved: one point (rates) or one percent (amounts) up, or down where up cannot be.
    pub moved_to: f64,
    /// Value there minus value here, in money; not the derivative, but the difference.
    pub change: f64,
    /// The change as a share of the value; NaN without value.
    pub change_share: f64,
}

impl SensitivityRow {
    /// "One point more of retention (80.0% to 81.0%) is worth 12.50 a customer, +4.5%."
    #[must_use]
    pub fn sentence(&self) -> String {
        let step = self.input.step_name();
        let direction = if self.moved_to < self.at { "less" } else { "more" };
        let show = |value: f64| match self.input {
            FormulaInput::OrderValue | FormulaInput::Frequency => figure(value),
            _ => format!("{:.1}%", 100.0 * value),
        };
        let verb = if self.change < 0.0 { "costs" } else { "is worth" };
        format!(
            "O{} {direction} of {} ({} to {}) {verb} {:.2} a customer, {:+.1}% of the value.",
            &step[1..],
            self.input,
            show(self.at),
            show(self.moved_to),
            self.change.abs(),
            100.0 * self.change_share
        )
    }
}

/// The sensitivity of the value to each input, at one point.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Sensitivity {
    /// The inputs.
    pub at: ClvFormula,
    /// Their value, in money.
    pub value: f64,
    /// A row for each input.
    pub rows: Vec<SensitivityRow>,
}

impl fmt::Display for Sensitivity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let header = ["input", "at", "moved to", "value change", "change %", "derivative", "elasticity"];
        let rows = self.rows.iter().map(|row| {
            vec![
                row.input.to_string(),
                figure(row.at),
                figure(row.moved_to),
                format!("{:+.2}", row.change),
                format!("{:+.1}", 100.0 * row.change_share),
                figure(row.derivative),
                format!("{:.2}", row.elasticity),
            ]
        });
        f.write_str(&aligned(&header, rows))?;
        for row in &self.rows {
            write!(f, "\n{}", row.sentence())?;
        }
        Ok(())
    }
}

/// One point of a curve of value against an input.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct CurvePoint {
    /// The input.
    pub at: f64,
    /// The value there, in money; NaN where it has no bound.
    pub value: f64,
}

impl ClvFormula {
    /// ∂CLV/∂input. With k = AOV · frequency · margin: k (1 + d) / (1 + d − r)² for retention,
    /// −k r / (1 + d − r)² for discount, and CLV over the input for the three factors of k.
    ///
    /// # Errors
    /// [`FormulaError::NoFiniteValue`] unless r < 1 + d.
    pub fn derivative(&self, input: FormulaInput) -> Result<f64, FormulaError> {
        let gap = self.gap()?;
        let multiple = self.retention / gap;
        let k = self.period_margin();
        Ok(match input {
            FormulaInput::OrderValue => self.frequency * self.margin * multiple,
            FormulaInput::Frequency => self.order_value * self.margin * multiple,
            FormulaInput::Margin => self.order_value * self.frequency * multiple,
            FormulaInput::Retention => k * (1.0 + self.discount) / (gap * gap),
            FormulaInput::Discount => -k * self.retention / (gap * gap),
        })
    }

    /// What one point of retention, discount or margin, and one percent of order value or frequency,
    /// is worth.
    ///
    /// # Errors
    /// [`FormulaError::NoFiniteValue`] unless r < 1 + d.
    ///
    /// # Examples
    /// ```
    /// use cltv_accounts::formula::ClvFormula;
    /// let sensitivity = ClvFormula::new(100.0, 4.0, 0.25, 0.8, 0.10)?.sensitivity()?;
    /// let sentence = "One point more of retention (80.0% to 81.0%) is worth 12.64 a customer, +4.7% of the value.";
    /// assert_eq!(sensitivity.rows[0].sentence(), sentence);
    /// # Ok::<(), cltv_accounts::formula::FormulaError>(())
    /// ```
    pub fn sensitivity(&self) -> Result<Sensitivity, FormulaError> {
        let value = self.value()?;
        let rows = FormulaInput::ALL.iter().map(|&input| self.row(input, value)).collect::<Result<_, _>>()?;
        Ok(Sensitivity { at: *self, value, rows })
    }

    fn row(&self, input: FormulaInput, value: f64) -> Result<SensitivityRow, FormulaError> {
        let at = self.input(input);
        let derivative = self.derivative(input)?;
        let there = |moved_to: f64| {
            let moved = self.with(input, moved_to)?;
            Ok::<_, FormulaError>((moved_to, moved.value()?))
        };
        let step = input.step(at);
        let (moved_to, moved) = there(at + step).or_else(|_| there(at - step))?;
        let share = |part: f64| if value == 0.0 { f64::NAN } else { part / value };
        let change = moved - value;
        Ok(SensitivityRow {
            input,
            at,
            derivative,
            elasticity: share(derivative * at),
            moved_to,
            change,
            change_share: share(change),
        })
    }

    /// Value against one input, the others unchanged, at evenly spaced points with both ends.
    ///
    /// # Errors
    /// [`FormulaError::BadGrid`] unless `from` < `to` and there are two points or more;
    /// [`FormulaError::OutOfBounds`] for ends outside the input's bounds.
    pub fn curve(
        &self,
        input: FormulaInput,
        from: f64,
        to: f64,
        points: usize,
    ) -> Result<Vec<CurvePoint>, FormulaError> {
        if points < 2 || from.partial_cmp(&to) != Some(std::cmp::Ordering::Less) {
            return Err(FormulaError::BadGrid { input, from, to, points });
        }
        let step = (to - from) / (points - 1) as f64;
        (0..points)
            .map(|k| {
                let at = if k + 1 == points { to } else { from + step * k as f64 };
                Ok(CurvePoint { at, value: self.with(input, at)?.value().unwrap_or(f64::NAN) })
            })
            .collect()
    }
}
