//! The predictive distribution of the time to the next purchase.

use super::Predictive;
use crate::base::error::InputError;
use crate::fit::fitted::check_units;
use crate::numeric::roots::rising_root;
use crate::purchases::predictions::PurchasePredictions;
use crate::summary::history::History;
use crate::summary::rfm::RfmSummary;

/// Accuracy of a quantile of the time, relative.
const ACCURACY: f64 = 1e-10;

impl<P: PurchasePredictions> Predictive<P> {
    /// S(t): P(no purchase in (T, T + t] | x, t_x, T), the survival function of the time to the next
    /// purchase. It falls from 1 to [`Predictive::p_never`], not to 0.
    #[must_use]
    pub fn no_purchase_within(&self, history: History, t: f64) -> f64 {
        if t == f64::INFINITY {
            return self.p_never(history);
        }
        self.mean(|params| params.pmf_future(history, 0, t))
    }

    /// The time t after T with P(a purchase in (T, T + t]) = `share`, in the model's unit; infinite where
    /// the customer makes a further purchase with a lower probability, NaN for a share outside (0, 1) or a
    /// history that cannot be.
    ///
    /// Solves [`Predictive::p_return`] for ln t to 10 digits.
    ///
    /// # Examples
    /// ```
    /// use cltv_models::{BgNbdParams, History, Predictive, TimeUnit};
    /// let predictive =
    ///     Predictive::at(BgNbdParams::new(0.243, 4.414, 0.793, 2.426, TimeUnit::Week)?);
    /// let history = History::try_new(2, 30.43, 38.86)?;
    /// let median = predictive.next_purchase_quantile(history, 0.5);
    /// assert!((predictive.p_return(history, median) - 0.5).abs() < 1e-9);
    /// assert!((predictive.no_purchase_within(history, median) - 0.5).abs() < 1e-9);
    /// // With a probability of 27% the customer has dropped out and never buys again.
    /// assert!((predictive.p_never(history) - 0.2734).abs() < 1e-4);
    /// assert_eq!(predictive.next_purchase_quantile(history, 0.9), f64::INFINITY);
    /// # Ok::<(), cltv_models::InputError>(())
    /// ```
    #[must_use]
    pub fn next_purchase_quantile(&self, history: History, share: f64) -> f64 {
        let ever = self.p_return(history, f64::INFINITY);
        if !(share > 0.0 && share < 1.0) || ever.is_nan() {
            return f64::NAN;
        }
        if share >= ever {
            return f64::INFINITY;
        }
        let start = ((history.T + 1.0) / (history.x as f64 + 1.0)).ln();
        let root = rising_root(start, 1.0, ACCURACY, |y| self.p_return(history, y.exp()) - share);
        root.map_or(f64::INFINITY, f64::exp)
    }

    /// [`Predictive::next_purchase_quantile`] of every customer of a summary, in row order.
    ///
    /// # Errors
    /// [`InputError::UnitMismatch`] for a summary in another unit, [`InputError::BadOption`] for a share
    /// outside (0, 1).
    pub fn next_purchase_quantile_all(&self, rfm: &RfmSummary, share: f64) -> Result<Vec<f64>, InputError> {
        for params in &self.draws {
            check_units(params.unit(), rfm.unit())?;
        }
        if !(share > 0.0 && share < 1.0) {
            let bound = "between 0 and 1, such as 0.5 for the median";
            return Err(InputError::BadOption { name: "share", value: share, bound });
        }
        Ok(rfm.patterns().map(|history| self.next_purchase_quantile(history, share)))
    }
}
