//! The predictive distributions of a fit.

use crate::error::Error;
use cltv_models::{DrawPlan, FitError, ParameterDraws, Predictive, PurchaseFit, RfmSummary};

/// Customers above whom fewer draws are made.
const MANY: usize = 100_000;

/// The distributions of a purchase fit.
pub(crate) struct Distributions {
    /// They themselves.
    pub(crate) predictive: Predictive<<PurchaseFit as ParameterDraws>::Params>,
    /// Whether parameter uncertainty is in them.
    pub(crate) with_parameters: bool,
}

impl Distributions {
    /// Over draws of the parameters; at the estimates where the data do not identify the parameters.
    ///
    /// Of more than 100,000 customers 20 draws are made: parameter uncertainty is then small beside a customer's own
    /// chance, and its part in the standard deviation of a total is known to about 16%.
    pub(crate) fn of(fit: &PurchaseFit, history: &RfmSummary) -> Result<Distributions, Error> {
        let count = if history.len() > MANY { 20 } else { 200 };
        match Predictive::over(fit, &DrawPlan { count, ..DrawPlan::default() }) {
            Ok(predictive) => Ok(Distributions { predictive, with_parameters: true }),
            Err(FitError::NotIdentified { .. }) => {
                Ok(Distributions { predictive: Predictive::at(fit.center_params()), with_parameters: false })
            }
            Err(error) => Err(error.into()),
        }
    }
}
