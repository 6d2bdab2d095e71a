//! A summary with the characteristics of its customers.

use super::table::Covariates;
use crate::base::error::InputError;
use crate::base::units::TimeUnit;
use crate::fit::model::FitData;
use crate::summary::rfm::RfmSummary;

/// A summary with the characteristics of its customers, in the same order.
#[derive(Debug, Clone, PartialEq)]
pub struct CovariateSummary {
    rfm: RfmSummary,
    covariates: Covariates,
}

impl CovariateSummary {
    /// Puts both together.
    ///
    /// # Errors
    /// [`InputError::LengthMismatch`] without one value of every characteristic a customer.
    pub fn try_new(rfm: RfmSummary, covariates: Covariates) -> Result<Self, InputError> {
        let (found, expected) = (covariates.rows().unwrap_or(rfm.len()), rfm.len());
        if found != expected {
            return Err(InputError::LengthMismatch { column: "covariates", found, expected });
        }
        Ok(Self { rfm, covariates })
    }

    /// The histories.
    #[must_use]
    pub fn rfm(&self) -> &RfmSummary {
        &self.rfm
    }

    /// The characteristics.
    #[must_use]
    pub fn covariates(&self) -> &Covariates {
        &self.covariates
    }
}

impl FitData for CovariateSummary {
    fn unit(&self) -> TimeUnit {
        self.rfm.unit()
    }
}
