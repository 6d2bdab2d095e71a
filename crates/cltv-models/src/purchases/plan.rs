//! How far ahead values look, and how they are discounted.

use cltv_protocol::parameters::{DISCOUNT_ANNUAL, HORIZON_MONTHS, MARGIN};
use serde::Serialize;

use crate::base::error::InputError;

/// How far ahead to look, and what a purchase then is worth today.
///
/// # Examples
/// ```
/// use cltv_models::ValuePlan;
/// let plan = ValuePlan::new(6, 0.10, 1.0)?;
/// assert!((plan.monthly_rate() - 0.007974).abs() < 1e-6);
/// assert!(ValuePlan::new(6, 10.0, 1.0).is_err());
/// # Ok::<(), cltv_models::InputError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ValuePlan {
    /// Months to look ahead, of 30.4375 days each.
    pub horizon_months: u32,
    /// Discount rate a year, as a fraction: 0.10 is 10%.
    pub discount_annual: f64,
    /// Share of revenue that is value, in (0, 1].
    pub margin: f64,
}

impl ValuePlan {
    /// Checks a plan.
    ///
    /// # Errors
    /// [`InputError::BadOption`] for a horizon outside 1..=600 months, a discount outside
    /// [0, 1) or a margin outside (0, 1].
    pub fn new(horizon_months: u32, discount_annual: f64, margin: f64) -> Result<Self, InputError> {
        let plan = Self { horizon_months, discount_annual, margin };
        plan.check()?;
        Ok(plan)
    }

    pub(crate) fn check(&self) -> Result<(), InputError> {
        let bad = |name, value, bound| Err(InputError::BadOption { name, value, bound });
        let months = f64::from(self.horizon_months);
        if !HORIZON_MONTHS.allow(months) {
            return bad("horizon_months", months, "between 1 and 600 months");
        }
        if !DISCOUNT_ANNUAL.allow(self.discount_annual) {
            let bound = "a fraction a year of at least 0 and below 1, such as 0.10 for 10%";
            return bad("discount_annual", self.discount_annual, bound);
        }
        if !MARGIN.allow(self.margin) {
            let bound = "a share of revenue above 0 and at most 1, such as 0.3";
            return bad("margin", self.margin, bound);
        }
        Ok(())
    }

    /// The discount rate a month, (1 + annual)^(1/12) − 1.
    #[must_use]
    pub fn monthly_rate(&self) -> f64 {
        (self.discount_annual.ln_1p() / 12.0).exp_m1()
    }
}
