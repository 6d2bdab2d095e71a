//! MBG/NBD: the BG/NBD in which a customer may also drop out right after the first purchase.
//!
//! While alive, a customer buys as a Poisson process with rate λ; after each purchase, the first
//! one included, the customer drops out with probability p. Over customers λ ~ Gamma(r, α) and
//! p ~ Beta(a, b), independently. So a customer without repeat purchases may be gone.
//!
//! # References
//! - Batislam, Denizel & Filiztekin (2007), Empirical validation and comparison of models for
//!   customer base analysis, International Journal of Research in Marketing 24(3), 201-209.
//! - Wagner & Hoppe (2008), Erratum on the MBG/NBD model, International Journal of Research in
//!   Marketing 25(3), 225-226.

use serde::{Deserialize, Serialize};

use crate::base::error::InputError;
use crate::base::units::TimeUnit;
use crate::fit::macros::{fitted_by_likelihood, parameters};
use crate::fit::model::{FitOptions, Parameter, Sample};
use crate::models::beta_geometric::{BetaGeometric, dropout_starts};
use crate::purchases::model::HistoryModel;
use crate::purchases::process::PurchaseParameters;
use crate::purchases::rows::HistoryRow;
use crate::summary::rfm::RfmSummary;

/// The first chance to drop out is right after the first purchase.
const CHANCES_AT_START: f64 = 1.0;

/// The MBG/NBD model before its fit.
///
/// # Examples
/// ```
/// use cltv_models::{MbgNbd, MbgNbdParams, History, TimeUnit, simulate_histories, summary_of};
/// let truth = MbgNbdParams::new(0.8, 6.0, 0.9, 2.5, TimeUnit::Week)?;
/// let histories = simulate_histories(&truth, &vec![52.0; 2000], 7);
/// let rfm = summary_of(TimeUnit::Week, &histories, None)?;
/// let fit = MbgNbd::default().fit(&rfm)?;
/// assert!(fit.identified());
/// assert!(fit.p_alive(History::try_new(0, 0.0, 52.0)?) < 0.9);
/// println!("{fit}");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct MbgNbd {
    options: FitOptions,
}

fitted_by_likelihood!(MbgNbd, RfmSummary, "r, α, a and b");

impl HistoryModel for MbgNbd {
    type Params = MbgNbdParams;
    type Process = BetaGeometric;
    const NAME: &'static str = "MBG/NBD";
    const KEY: &'static str = "mbg_nbd";
    const DROPOUT_PARAMETERS: &'static [&'static str] = &["a", "b"];
    const PARAMETERS: &'static [Parameter] = MbgNbdParams::PARAMETERS;

    fn options(&self) -> FitOptions {
        self.options
    }

    fn starts(&self, sample: &Sample<HistoryRow>) -> Vec<Vec<f64>> {
        dropout_starts(sample)
    }

    fn process(&self, theta: &[f64]) -> BetaGeometric {
        BetaGeometric::new(theta, CHANCES_AT_START)
    }

    fn params(&self, theta: &[f64], unit: TimeUnit) -> Result<MbgNbdParams, InputError> {
        MbgNbdParams::from_theta(theta, unit)
    }
}

parameters! {
    /// MBG/NBD parameters, fitted or published: all predictions are here.
    ///
    /// They are methods of [`PurchasePredictions`](crate::PurchasePredictions), which has to be imported:
    /// - likelihood: Γ(r+x)/Γ(r) α^r B(a, b+x+1)/B(a, b) [(α+T)^−(r+x) + a/(b+x) (α+t_x)^−(r+x)];
    /// - P(alive | x, t_x, T) = 1 / (1 + a/(b+x) · ((α+T)/(α+t_x))^(r+x)), below 1 for x = 0 too;
    /// - a customer alive at T is a new customer of the BG/NBD with r + x, α + T, a, b + x + 1, and
    ///   a new customer is alive after the first purchase with probability b / (a + b); PMF and
    ///   expectations are those of the BG/NBD with these parameters.
    ///
    /// # Examples
    /// ```
    /// use cltv_models::{History, MbgNbdParams, PurchasePredictions, TimeUnit};
    /// let params = MbgNbdParams::new(0.525, 6.183, 0.891, 1.614, TimeUnit::Week)?;
    /// assert!((params.p_alive(History::try_new(2, 30.43, 38.86)?) - 0.7062).abs() < 1e-4);
    /// assert!((params.p_alive(History::try_new(0, 0.0, 38.86)?) - 0.3897).abs() < 1e-4);
    /// # Ok::<(), cltv_models::InputError>(())
    /// ```
    pub struct MbgNbdParams of "MBG/NBD" {
        /// Shape of the purchase rates.
        r: shape,
        /// Scale of the purchase rates, in time units.
        alpha: scale,
        /// First shape of the dropout probabilities.
        a: shape,
        /// Second shape of the dropout probabilities.
        b: shape,
    }
}

impl MbgNbdParams {
    /// Mean dropout probability after a purchase, a / (a + b).
    #[must_use]
    pub fn mean_dropout(&self) -> f64 {
        self.a / (self.a + self.b)
    }
}

impl PurchaseParameters for MbgNbdParams {
    type Process = BetaGeometric;

    fn time_unit(&self) -> TimeUnit {
        self.unit
    }

    fn process(&self) -> BetaGeometric {
        MbgNbd::default().process(&self.theta())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numeric::special::ln_beta;
    use crate::purchases::predictions::PurchasePredictions;
    use crate::summary::history::History;
    use approx::assert_relative_eq;
    use statrs::function::gamma::ln_gamma;

    /// The formulas of the comment above, written out.
    #[test]
    fn predictions_are_the_formulas_of_the_paper() {
        let (r, alpha, a, b) = (0.6, 5.0, 0.8, 2.4);
        let params = MbgNbdParams::new(r, alpha, a, b, TimeUnit::Week).unwrap();
        for (x, t_x, end) in [(0_u64, 0.0, 30.0), (1, 3.0, 30.0), (4, 20.0, 21.0)] {
            let n = x as f64;
            let dropped_out = a / (b + n) * f64::powf(alpha + t_x, -(r + n));
            let alive = f64::powf(alpha + end, -(r + n));
            let shared =
                ln_gamma(r + n) - ln_gamma(r) + r * alpha.ln() + ln_beta(a, b + n + 1.0) - ln_beta(a, b);
            let history = History::try_new(x, t_x, end).unwrap();
            let likelihood = shared + (alive + dropped_out).ln();
            assert_relative_eq!(params.history_log_likelihood(history), likelihood, max_relative = 1e-11);
            let p_alive = alive / (alive + dropped_out);
            assert_relative_eq!(params.p_alive(history), p_alive, max_relative = 1e-12);
        }
    }
}
