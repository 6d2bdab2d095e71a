//! One customer's purchase history.

use serde::{Deserialize, Serialize};

use crate::base::error::InputError;

/// One customer's purchase history as the models see it; times in the model's unit.
///
/// ```
/// use cltv_models::History;
/// let history = History::try_new(2, 30.43, 38.86)?;
/// assert_eq!(history.x, 2);
/// assert!(History::try_new(2, 40.0, 38.86).is_err());
/// # Ok::<(), cltv_models::InputError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[allow(non_snake_case)]
pub struct History {
    /// Frequency: repeat purchases, the first one not counted.
    pub x: u64,
    /// Recency: age at the last purchase, 0 without repeat purchases.
    pub t_x: f64,
    /// Age: time from the first purchase to the end of the observation.
    pub T: f64,
}

impl History {
    /// Checks that a history can be.
    ///
    /// # Errors
    /// [`InputError::BadHistory`] when times are negative or not finite, when t_x > T,
    /// when x = 0 with t_x > 0 or when x > 0 with t_x = 0.
    pub fn try_new(x: u64, t_x: f64, age: f64) -> Result<Self, InputError> {
        let history = Self { x, t_x, T: age };
        match history.problems().into_iter().next() {
            None => Ok(history),
            Some(problem) => Err(InputError::BadHistory { x, t_x, age, problem }),
        }
    }

    /// Whether such a history can be; predictions for one that cannot are NaN.
    #[must_use]
    pub fn is_possible(&self) -> bool {
        let times = self.t_x.is_finite() && self.T.is_finite() && self.t_x >= 0.0;
        times && self.t_x <= self.T && (self.x == 0) == (self.t_x == 0.0)
    }

    /// What is wrong with a history that cannot be.
    pub(crate) fn problems(&self) -> Vec<String> {
        if self.is_possible() {
            return Vec::new();
        }
        let (x, t_x, age) = (self.x, self.t_x, self.T);
        let checks = [
            (!t_x.is_finite() || t_x < 0.0, format!("t_x = {t_x} must be a finite number, 0 or more")),
            (!age.is_finite() || age < 0.0, format!("T = {age} must be a finite number, 0 or more")),
            (t_x > age, format!("t_x = {t_x} is after the end of the observation, T = {age}")),
            (x == 0 && t_x > 0.0, format!("x = 0 but t_x = {t_x}; without repeat purchases t_x is 0")),
            (
                x > 0 && t_x == 0.0,
                format!(
                    "x = {x} but t_x = 0; purchases in the first period count as one, so merge the rows by the grain first"
                ),
            ),
        ];
        checks.into_iter().filter_map(|(bad, problem)| bad.then_some(problem)).collect()
    }
}
